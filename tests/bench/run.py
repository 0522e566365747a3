"""Times the library beside its peers, alternating in one process, answers compared before anything is timed.

Figures are medians; on a busy machine only the ratios mean something. Data: the real lines when LGS_RFM_DATA is set,
else the demo shop; scale N puts N copies of them end to end, with shifted invoice and customer numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
import peers

COLUMNS = ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]
AS_OF = np.datetime64("2012-01-01", "us")


def lines(scale: int) -> pd.DataFrame:
    """Return the lines as a pandas frame of five columns, in the order of the input."""
    folder = os.environ.get("LGS_RFM_DATA")
    if folder:
        frame = pd.read_parquet(Path(folder) / "online_retail_II.parquet")
    else:
        frame = lgs.demo_lines(customers=5_000, seed=1, frame="pandas")
        frame.columns = [
            "Invoice",
            "StockCode",
            "Description",
            "Quantity",
            "InvoiceDate",
            "Price",
            "Customer ID",
            "Country",
        ]
    frame = frame[["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]]
    if scale == 1:
        return frame.reset_index(drop=True)
    letter = frame["Invoice"].str.extract(r"^(\D*)", expand=False)
    number = frame["Invoice"].str.extract(r"(\d+)$", expand=False).astype("int64")
    span, people = int(number.max()) + 1, int(frame["Customer ID"].max()) + 1
    copies = [
        frame.assign(
            **{"Invoice": letter + (number + i * span).astype("str"), "Customer ID": frame["Customer ID"] + i * people}
        )
        for i in range(scale)
    ]
    return pd.concat(copies, ignore_index=True)


def objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with invoices as Python strings, as older pandas holds them: one object a run of rows."""
    codes, distinct = pd.factorize(frame["Invoice"])
    return frame.assign(Invoice=pd.Series(np.array(distinct.tolist(), dtype=object)[codes], dtype=object))


def race(contestants: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return median seconds; the contestants take turns, so that a slow moment of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            if turn > 0:  # the first turn warms caches and pools
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def rfm_race(frame: pd.DataFrame, rounds: int) -> dict[str, dict[str, float]]:
    """Lines to segments: whole calls on the frame that a user has, conversion in and result out included."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    polars = pl.from_arrow(arrow)
    old = objects(frame)
    ours = lambda data: lambda: lgs.rfm(data, as_of="2012-01-01")  # noqa: E731
    pairs = {
        "pandas frame": {"lgs_rfm": ours(frame), "pandas": lambda: peers.rfm_pandas(frame, AS_OF)},
        "pandas frame, object ids": {"lgs_rfm": ours(old), "pandas": lambda: peers.rfm_pandas(old, AS_OF)},
        "Polars frame": {
            "lgs_rfm": ours(polars),
            "polars": lambda: peers.rfm_polars(polars, AS_OF),
            "duckdb": lambda: peers.rfm_duckdb(arrow, AS_OF),
        },
    }
    expected = peers.canonical(peers.rfm_pandas(frame, AS_OF))
    results = {}
    for name, contestants in pairs.items():
        for who, run in contestants.items():
            peers.check_equal(who, peers.canonical(run()), expected)
        results[name] = race(contestants, rounds)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1, choices=(1, 10, 100))
    parser.add_argument("--rounds", type=int, default=7, help="timed turns of each contestant; default 7")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    warnings.simplefilter("ignore", lgs.QualityWarning)
    frame = lines(options.scale)
    source = "real lines" if os.environ.get("LGS_RFM_DATA") else "demo shop"
    print(f"RFM with scores and segments, {source} x{options.scale}: {len(frame):,} lines; medians of {options.rounds}")
    results = rfm_race(frame, options.rounds)
    print(f"{'input':<26} {'who':<9} {'ms':>9} {'times lgs_rfm':>14}")
    for name, times in results.items():
        for who, seconds in times.items():
            print(f"{name:<26} {who:<9} {1e3 * seconds:>9.1f} {seconds / times['lgs_rfm']:>14.1f}")
    if options.json:
        machine = {
            "processors": len(os.sched_getaffinity(0)),
            "machine": platform.machine(),
            "python": platform.python_version(),
        }
        facts = {"source": source, "scale": options.scale, "lines": len(frame), "seconds": results, **machine}
        options.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
