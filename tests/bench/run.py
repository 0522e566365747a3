"""Times the library beside its peers: each in a process of its own, in turns, answers compared first.

Figures are medians; on a busy machine only the ratios mean something. Data: the real lines when LGS_RFM_DATA is set,
else the demo shop; scale N puts N copies of them end to end, with other invoice and customer numbers. Exit code: 1 when
an answer differs or somebody fails; a library that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import machine
import output
import race
from cases import CASES, Plan, make
from datasets import MAX_SHUFFLED, Source

_ROUNDS = {1: 9, 10: 7, 100: 3}
_BYTES_A_LINE = 150  # what a library holds and needs for one line, roughly


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=1, choices=tuple(_ROUNDS), help="copies of the lines; default 1")
    parser.add_argument(
        "--only", nargs="+", choices=tuple(CASES), metavar="NAME", help="cases, of: " + ", ".join(CASES)
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=min(2, len(os.sched_getaffinity(0))),
        help="of each library, which is pinned to as many processors; default 2",
    )
    parser.add_argument("--rounds", type=int, help="timed turns of each contestant; default 9, at scale 10 7, at 100 3")
    parser.add_argument("--customers", type=int, default=5_000, help="of the demo shop; default 5000")
    parser.add_argument("--json", type=Path, help="write all figures here too")
    parser.add_argument("--plot", type=Path, help="draw the ratios into this file (PNG, SVG or PDF)")
    parser.add_argument(
        "--cache",
        type=Path,
        help="folder of the files that are made; default: in XDG_CACHE_HOME, else in the temporary folder",
    )
    options = parser.parse_args(arguments)
    if not 1 <= options.threads <= len(os.sched_getaffinity(0)):
        parser.error(f"--threads {options.threads}: this process has {len(os.sched_getaffinity(0))} processors")
    return options


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()) / "lgs_rfm-bench"


def _suits(name: str, scale: int) -> bool:
    return scale <= MAX_SHUFFLED or "shuffled" not in name


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    source = Source(os.environ.get("LGS_RFM_DATA"), options.customers, options.scale)
    plan = Plan(source, options.cache or _cache(), options.threads)
    rounds = options.rounds or _ROUNDS[options.scale]
    bandwidth = machine.read_bandwidth(options.threads)
    facts = machine.facts()
    print(
        f"{facts['processor']}, {facts['processors']} processors, {facts['memory_gb']} GB; revision {facts['revision']}"
    )
    print(f"{source.name} x{source.scale}, {options.threads} threads, medians of {rounds} rounds")
    print(f"memory is read at {bandwidth / 1e9:.1f} GB/s now\n", flush=True)
    cases: dict[str, Any] = {}
    versions: dict[str, str] = {}
    for name in options.only or CASES:
        if not _suits(name, options.scale):
            print(f"{name}: not at scale {options.scale}\n")
            continue
        # Asked again at each case, and the best kept: another program may have been reading at the first time.
        bandwidth = max(bandwidth, machine.read_bandwidth(options.threads))
        case = make(name, plan)
        needed = case.lines * _BYTES_A_LINE * len({runner.library for runner in case.runners})
        cases[name] = race.run(case, rounds, together=needed < machine.available_bytes())
        versions.update(cases[name].pop("versions"))
        print(output.table(name, cases[name], bandwidth), flush=True)
    print(output.summary(cases))
    print(f"memory is read at {bandwidth / 1e9:.1f} GB/s at best")
    print("; ".join(f"{library} {version}" for library, version in sorted(versions.items())))
    results = {
        "source": source.name,
        "scale": source.scale,
        "threads": options.threads,
        "rounds": rounds,
        "read_bandwidth": bandwidth,
        "machine": facts,
        "versions": versions,
        "environment": {k: v for k, v in os.environ.items() if k.startswith("LGS_RFM_") and k != "LGS_RFM_DATA"},
        "cases": cases,
    }
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        output.plot(results, options.plot)
    wrong = output.troubles(cases)
    for line in wrong:
        print(f"not right: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
