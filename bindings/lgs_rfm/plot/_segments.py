"""Pictures of the segments: shares of customers and of gross, and the grid of recency by frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._lazy import np
from ..frames import categories_of
from ._style import BLUE, INK, LIGHT, MUTED, dress, new_axes, no_data, percent, take

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NONE = "(no segment)"
_WHAT = "the frame of lgs_rfm.rfm() or SegmentRules.assign()"


def _texts(column: np.ndarray[Any, Any]) -> list[str]:
    """Return the segment names, a missing one (None or NaN) as a name of its own."""
    return [name if isinstance(name, str) and name else _NONE for name in column.tolist()]


def _shares(source: object) -> tuple[list[str], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return names, customers and gross by segment, from customers or from a summary of them."""
    columns = take(source, "", ("segment",), _WHAT)
    texts = _texts(columns["segment"])
    if "customers" in columns and "gross" in columns:
        return texts, np.asarray(columns["customers"], np.int64), np.asarray(columns["gross"], np.float64)
    if "monetary" not in columns:
        raise ValueError(f"plot: the frame has no column 'monetary'; give {_WHAT}, or that of segment_summary()")
    names = list(categories_of(source, "segment"))
    names += [name for name in dict.fromkeys(texts) if name not in names]
    place = {name: i for i, name in enumerate(names)}
    index = np.array([place[text] for text in texts], dtype=np.int64)
    counts = np.bincount(index, minlength=len(names))
    gross = np.bincount(index, weights=np.asarray(columns["monetary"], np.float64), minlength=len(names))
    return names, counts, gross


def segments(
    source: object, *, order: str = "gross", amount: str = "gross", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw each segment's share of the customers beside its share of the gross amount.

    Parameters
    ----------
    source : frame
        The frame of ``lgs_rfm.rfm()`` or ``SegmentRules.assign()`` (a row per customer), or that of
        ``lgs_rfm.segment_summary()``, of any kind.
    order : {"gross", "rules"}
        Largest gross first, or the order of the rule table.
    amount : str
        What to call the amount: "gross" for the basis "purchases", "net" for the two others.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: one that says what is shown.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `order` is neither of the two, or the frame lacks a column.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> matplotlib.use("Agg")
    >>> summary = {
    ...     "segment": np.array(["Champions", "Hibernating"]),
    ...     "customers": np.array([10, 30]),
    ...     "gross": np.array([900.0, 100.0]),
    ... }
    >>> [text.get_text() for text in segments(summary).get_yticklabels()]
    ['Champions', 'Hibernating']
    """
    if order not in ("gross", "rules"):
        raise ValueError(f"order={order!r} is not one of 'gross', 'rules'")
    names, counts, gross = _shares(source)
    title = title or f"Share of customers and of {amount}"
    ax = new_axes(ax, (6.0, 0.9 + 0.42 * max(len(names), 4)))
    if not counts.sum():
        return no_data(ax, title, "no customers")
    if order == "gross":
        rank = np.lexsort((np.arange(len(names)), -counts, -gross))
        names, counts, gross = [names[i] for i in rank], counts[rank], gross[rank]
    total = gross.sum()
    of_customers = counts / counts.sum()
    of_gross = gross / total if total > 0 else np.zeros(len(names))
    place = np.arange(len(names))
    for offset, values, colour, label in (
        (-0.19, of_customers, LIGHT, "share of customers"),
        (0.19, of_gross, BLUE, f"share of {amount}"),
    ):
        bars = ax.barh(place + offset, values, height=0.36, color=colour, label=label)
        ax.bar_label(bars, [percent(value) for value in values], padding=3, fontsize=8, color=INK)
    ax.set_yticks(place, names)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    dress(ax, title, grid="none")
    ax.tick_params(axis="y", labelsize=9.5, labelcolor=INK)
    ax.set_xticks([])
    ax.axvline(0.0, color=MUTED, linewidth=0.8)
    ax.legend(loc="lower right", frameon=False, fontsize=9, labelcolor=INK, handlelength=1.2)
    return ax


def rfm_grid(
    source: object,
    *,
    show: str = "customers",
    bins: int | tuple[int, int] | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw recency score by frequency score: a number in each cell, the segments outlined and named.

    Parameters
    ----------
    source : frame
        The frame of ``lgs_rfm.rfm()`` or ``SegmentRules.assign()``, of any kind. Without a column ``segment``
        (the frame of ``Scorer.assign()``) nothing is outlined.
    show : {"customers", "gross"}
        What the cells tell: the number of customers, or their share of the gross amount.
    bins : int or pair of int, optional
        The number of scores, or those of recency and of frequency. Default: the highest score that occurs.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: one that says what the cells tell.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `show` is neither of the two, a score is above `bins`, or the frame lacks a column.

    Notes
    -----
    When rules use M as well, one cell can hold several segments: it then counts to the one with most customers.
    """
    if show not in ("customers", "gross"):
        raise ValueError(f"show={show!r} is not one of 'customers', 'gross'")
    needed = ("r_score", "f_score") + (("monetary",) if show == "gross" else ())
    columns = take(source, "", needed, _WHAT)
    r = np.asarray(columns["r_score"], np.int64)
    f = np.asarray(columns["f_score"], np.int64)
    seen = (int(r.max(initial=1)), int(f.max(initial=1)))
    rows, cols = seen if bins is None else (bins, bins) if isinstance(bins, int) else bins
    if seen[0] > rows or seen[1] > cols:
        raise ValueError(f"bins={bins!r} is below the highest score, {max(seen)}")
    ax = new_axes(ax, (6.0, 5.0))
    title = title or ("Customers" if show == "customers" else "Share of gross") + " by recency and frequency score"
    if not len(r):
        return no_data(ax, title, "no customers")
    cell = (r - 1) * cols + (f - 1)
    weights = None if show == "customers" else np.asarray(columns["monetary"], np.float64)
    values = np.bincount(cell, weights=weights, minlength=rows * cols).astype(np.float64).reshape(rows, cols)
    if show == "gross":
        values = values / values.sum() if values.sum() > 0 else np.zeros((rows, cols))
    _draw_cells(ax, values, show)
    if "segment" in columns:
        _draw_regions(ax, _majority(_texts(columns["segment"]), cell, rows, cols))
    dress(
        ax, title, xlabel="frequency score (right: more invoices)", ylabel="recency score (up: more recent)", grid="no"
    )
    ax.set_xticks(np.arange(cols) + 0.5, [str(i + 1) for i in range(cols)])
    ax.set_yticks(np.arange(rows) + 0.5, [str(i + 1) for i in range(rows)])
    return ax


def _draw_cells(ax: Axes, values: np.ndarray[Any, Any], show: str) -> None:
    """Colour each cell by its value and write the value into it."""
    from matplotlib.colors import LinearSegmentedColormap

    # Not darker than this at the top: black outlines and names must stay readable on every cell.
    ramp = LinearSegmentedColormap.from_list("lgs", ["#f4f8fb", "#bcd8ee", "#5b9bd0"])
    ax.pcolormesh(values, cmap=ramp, vmin=0, vmax=max(float(values.max()), 1e-12), edgecolors="white", linewidth=0.4)
    for (row, col), value in np.ndenumerate(values):
        text = f"{value:,.0f}" if show == "customers" else percent(float(value))
        ax.text(col + 0.5, row + 0.36, text, ha="center", va="center", color=INK, fontsize=11)


def _majority(texts: list[str], cell: np.ndarray[Any, Any], rows: int, cols: int) -> list[list[str]]:
    """Return the most frequent segment of each cell, alphabetically first on a tie, "" for an empty cell."""
    names, index = np.unique(np.array(texts), return_inverse=True)
    counts = np.bincount(cell * len(names) + index, minlength=rows * cols * len(names)).reshape(-1, len(names))
    best = [str(names[i]) if row[i] else "" for row, i in zip(counts, counts.argmax(axis=1), strict=True)]
    return [best[row * cols : (row + 1) * cols] for row in range(rows)]


def _draw_regions(ax: Axes, grid: list[list[str]]) -> None:
    """Outline each connected region of one segment and write its name once, along its top row."""
    rows, cols = len(grid), len(grid[0])
    done: set[tuple[int, int]] = set()
    for row in reversed(range(rows)):
        for col in range(cols):
            if not grid[row][col] or (row, col) in done:
                continue
            region = _connected(grid, row, col)
            done |= region
            right = col
            while (row, right + 1) in region:
                right += 1
            name = grid[row][col]
            if right == col:
                name = name.replace(" ", "\n")
            ax.text(
                (col + right + 1) / 2,
                row + 0.93,
                name,
                ha="center",
                va="top",
                color=INK,
                fontsize=8,
                fontweight="bold",
                linespacing=0.95,
            )
            for y, x in region:
                for other, xs, ys in (
                    ((y, x - 1), (x, x), (y, y + 1)),
                    ((y, x + 1), (x + 1, x + 1), (y, y + 1)),
                    ((y - 1, x), (x, x + 1), (y, y)),
                    ((y + 1, x), (x, x + 1), (y + 1, y + 1)),
                ):
                    if other not in region:
                        ax.plot(xs, ys, color=INK, linewidth=1.3, solid_capstyle="projecting", clip_on=False)


def _connected(grid: list[list[str]], row: int, col: int) -> set[tuple[int, int]]:
    """Return the cells of the same name that hang together with (row, col)."""
    found = {(row, col)}
    queue = [(row, col)]
    while queue:
        y, x = queue.pop()
        for near in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            inside = 0 <= near[0] < len(grid) and 0 <= near[1] < len(grid[0])
            if inside and near not in found and grid[near[0]][near[1]] == grid[row][col]:
                found.add(near)
                queue.append(near)
    return found
