"""The figures as text and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TROUBLES = ("missing", "wrong", "failed")
_NO_PEERS = ("nothing", "numpy")  # parts of what we need ourselves, shown to be subtracted


def _number(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def table(name: str, case: dict[str, Any], bandwidth: float) -> str:
    """Return a case as an aligned table; "times" is a runner's time over the first runner's."""
    rows = [["", "ms", "times", "ns/line", "GB/s", "of read", "MB held", "MB peak"]]
    notes = []
    base = next(iter(case["runners"].values())).get("seconds")
    for label, figures in case["runners"].items():
        trouble = next((kind for kind in _TROUBLES if kind in figures), None)
        if trouble:
            notes.append(f"  {label}: {trouble}: {figures[trouble]}")
            continue
        seconds = figures["seconds"]
        size = figures.get("bytes", case["bytes"])
        rows.append(
            [
                label,
                _number(1e3 * seconds, 2),
                _number(seconds / base if base else None, 2),
                _number(1e9 * seconds / case["lines"] if case["lines"] else None, 2),
                _number(size / seconds / 1e9 if size else None, 2),
                f"{100 * size / seconds / bandwidth:.0f} %" if size else "",
                _number(figures["held_mb"], 0),
                _number(figures["peak_mb"], 0),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = [f"{name}: {case['title']}" + (f" ({case['lines']:,} lines)" if case["lines"] else "")]
    text += ["  " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]
    return "\n".join(text + notes) + "\n"


def ratios(case: dict[str, Any]) -> dict[str, float]:
    """Return how many times our time each other library takes; empty when we or all of them did not run."""
    runners = case["runners"]
    ours = next(iter(runners.values())).get("seconds")
    others = {
        who: figures["seconds"]
        for who, figures in runners.items()
        if "seconds" in figures and not who.startswith("lgs_rfm") and who not in _NO_PEERS
    }
    return {who: seconds / ours for who, seconds in others.items()} if ours else {}


def summary(cases: dict[str, Any]) -> str:
    """Return one row per case: our time, and how many times it the best peer and pandas take."""
    rows = [["", "ms", "best peer", "times", "pandas"]]
    for name, case in cases.items():
        times = ratios(case)
        ours = next(iter(case["runners"].values())).get("seconds")
        if not times or ours is None:
            continue
        best = min(times, key=lambda who: times[who])
        pandas = next((ratio for who, ratio in times.items() if who.startswith("pandas")), None)
        rows.append([name, _number(1e3 * ours, 2), best, _number(times[best]), _number(pandas)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = (0, 2)
    lines = [
        "  ".join(
            cell.ljust(w) if i in left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(lines)


def troubles(cases: dict[str, Any]) -> list[str]:
    """Return what makes the run a failure: wrong answers and failures; only peers may be missing."""
    return [
        f"{name}, {label}: {figures[kind]}"
        for name, case in cases.items()
        for label, figures in case["runners"].items()
        for kind in _TROUBLES
        if kind in figures and (kind != "missing" or label.startswith("lgs_rfm"))
    ]


def plot(results: dict[str, Any], path: Path) -> None:
    """Draw how many times our time each library takes, a row per case, on a logarithmic axis."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    cases = {name: times for name, case in results["cases"].items() if (times := ratios(case))}
    libraries = list(dict.fromkeys(who.split(",")[0].split(".")[0] for times in cases.values() for who in times))
    markers = dict(zip(libraries, "osD^vPX*", strict=False))
    colours = {library: f"C{i}" for i, library in enumerate(libraries)}
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.34 * max(len(cases), 1)), layout="constrained")
    for row, times in enumerate(cases.values()):
        axes.plot([1, max(times.values())], [row, row], color="0.85", zorder=1)
        for who, ratio in times.items():
            library = who.split(",")[0].split(".")[0]
            face = "white" if "," in who else colours[library]  # a variant, or other work than the whole
            axes.plot(ratio, row, markers[library], color=colours[library], markerfacecolor=face, zorder=2)
    for library in libraries:
        axes.plot([], [], markers[library], color=colours[library], label=library)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_yticks(range(len(cases)), list(cases))
    axes.invert_yaxis()
    axes.set_xlabel("time, in multiples of lgs_rfm's (hollow: see the table for what is done)")
    axes.set_title(f"{results['source']} x{results['scale']}, {results['threads']} threads")
    if libraries:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
