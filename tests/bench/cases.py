"""The cases of the benchmark: who runs what on which data. Files are made when a case that needs them is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
from datasets import Source
from definitions import Setup
from race import Case, Runner

SETS = ("avx2", "scalar")  # what LGS_RFM_INSTRUCTION_SET forces
SCORED_CUSTOMERS = 588_000
_ONE_COPY_AT_MOST = 10  # scale above which pandas and PyArrow, which copy all lines, are left out


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    source: Source
    cache: Path
    threads: int

    @property
    def large(self) -> bool:
        return self.source.scale > _ONE_COPY_AT_MOST

    def one(self) -> Plan:
        """Return the plan for one copy of the lines."""
        return replace(self, source=replace(self.source, scale=1))


def _memory(plan: Plan, *, shuffled: bool = False, products: bool = False) -> tuple[Setup, dict[str, Any]]:
    path = datasets.parquet(plan.source, plan.cache, shuffled=shuffled)
    return Setup(plan.threads, lines=path, products=products), {
        "lines": datasets.rows(path),
        "bytes": datasets.line_bytes(path),
    }


def _peers(plan: Plan, query: str, setup: Setup, kinds: tuple[str, ...], names: str) -> list[Runner]:
    left_out = ("pandas", "pyarrow") if plan.large else ()
    return [Runner(name, name, query, setup, kinds=kinds) for name in names.split() if name not in left_out]


ALL = "polars duckdb chdb pyarrow pandas"


def _from_lines(
    query: str, title: str, peers: str = ALL, *, shuffled: bool = False, products: bool = False
) -> Callable[[Plan], Case]:
    def make(plan: Plan) -> Case:
        setup, work = _memory(plan, shuffled=shuffled, products=products)
        runners = [
            Runner("lgs_rfm", "lgs", query, setup, kinds=(query,)),
            *_peers(plan, query, setup, (query,), peers),
        ]
        return Case("", title, tuple(runners), **work)

    return make


def _months(kind: str, title: str) -> Callable[[Plan], Case]:
    """Ours when the ledger stands, peers from the lines."""

    def make(plan: Plan) -> Case:
        setup, work = _memory(plan)
        ours = Runner("lgs_rfm", "lgs", "monthly", replace(setup, copies=(1,)), kinds=(kind,))
        peers = _peers(plan, kind, setup, (kind,), "polars duckdb chdb pandas")
        return Case("", title, (ours, *peers), lines=work["lines"])

    return make


def _all(plan: Plan) -> Case:
    setup, work = _memory(plan)
    kinds = ("invoices", "monthly", "rfm")
    runners = [Runner("lgs_rfm", "lgs", "all", setup, kinds=kinds)]
    for peer in _peers(plan, "all", setup, kinds, "polars duckdb chdb pandas"):
        runners.append(peer)
        if peer.library != "pandas":
            runners.append(replace(peer, label=f"{peer.label}, entries first", query="all_from_entries"))
    return Case("", "invoices, months and customers from the lines together", tuple(runners), **work)


def _whole(form: str, title: str, peers: str) -> Callable[[Plan], Case]:
    def make(plan: Plan) -> Case:
        setup, work = _memory(plan)
        ours = Runner("lgs_rfm", "lgs", "whole", replace(setup, form=form), kinds=("whole",))
        theirs = replace(setup, form=form) if form == "object" else setup
        return Case("", title, (ours, *_peers(plan, "whole", theirs, ("whole",), peers)), **work)

    return make


def _sets(plan: Plan) -> Case:
    setup, work = _memory(plan)
    runners = [Runner("lgs_rfm", "lgs", "rfm", setup, kinds=("rfm",))]
    if plan.threads > 1:
        runners.append(replace(runners[0], label="lgs_rfm, one thread", setup=replace(setup, threads=1)))
    runners += [
        replace(runners[0], label=f"lgs_rfm, {name}", env=(("LGS_RFM_INSTRUCTION_SET", name),)) for name in SETS
    ]
    return Case("", "customers from lines: one thread, and each instruction set forced", tuple(runners), **work)


def _file_work(plan: Plan, path: Path) -> dict[str, int]:
    return {"lines": datasets.rows(datasets.parquet(plan.source, plan.cache)), "bytes": path.stat().st_size}


def _csv(plan: Plan) -> Case:
    setup = Setup(plan.threads)
    path = datasets.csv(plan.source, plan.cache)
    ours = Runner("lgs_rfm", "lgs", "csv", setup, {"path": path}, ("rfm", "read"))
    runners = [
        ours,
        *(replace(ours, label=f"lgs_rfm, {name}", env=(("LGS_RFM_INSTRUCTION_SET", name),)) for name in SETS),
        replace(ours, label="lgs_rfm, to customers", query="csv_rfm", kinds=("rfm",)),
        Runner("pyarrow.csv, reads only", "pyarrow", "read_csv", setup, {"path": path}, ("read",)),
        Runner("polars, reads only", "polars", "read_csv", setup, {"path": path}, ("read",)),
        Runner("polars, to customers", "polars", "csv_rfm", setup, {"path": path}, ("rfm",)),
        Runner("duckdb, to customers", "duckdb", "csv_rfm", setup, {"path": path}, ("rfm",)),
        Runner("chdb, to customers", "chdb", "csv_rfm", setup, {"path": path}, ("rfm",)),
        Runner("pandas, reads only", "pandas", "read_csv", setup, {"path": path}, ("read",)),
    ]
    if plan.large:  # frames of eight columns, some of them text, do not fit
        runners = [each for each in runners if each.label not in ("pandas, reads only", "polars, reads only")]
    return Case("", "CSV file to ledger", tuple(runners), **_file_work(plan, path))


_OUR_OPTIONS = {"semicolon": {"decimal": ","}}
_ARROW_OPTIONS = {"semicolon": {"delimiter": ";", "decimal_point": ","}}
_POLARS_OPTIONS = {"semicolon": {"separator": ";", "decimal_comma": True}}
_DUCKDB_OPTIONS = {"semicolon": {"delim": ";", "decimal_separator": ","}}


def _csv_kind(kind: str, title: str) -> Callable[[Plan], Case]:
    def make(plan: Plan) -> Case:
        setup = Setup(plan.threads)
        path = datasets.csv(plan.source, plan.cache, kind)
        plain = datasets.csv(plan.source, plan.cache)
        runners = (
            Runner("lgs_rfm", "lgs", "csv", setup, {"path": path, **_OUR_OPTIONS.get(kind, {})}, ("rfm", "read")),
            Runner("lgs_rfm, plain file", "lgs", "csv", setup, {"path": plain}, ("rfm", "read")),
            Runner(
                "pyarrow.csv, reads only",
                "pyarrow",
                "read_csv",
                setup,
                {"path": path, **_ARROW_OPTIONS.get(kind, {})},
                ("read",),
            ),
            Runner(
                "polars, to customers",
                "polars",
                "csv_rfm",
                setup,
                {"path": path, **_POLARS_OPTIONS.get(kind, {})},
                ("rfm",),
            ),
            Runner(
                "duckdb, to customers",
                "duckdb",
                "csv_rfm",
                setup,
                {"path": path, **_DUCKDB_OPTIONS.get(kind, {})},
                ("rfm",),
            ),
        )
        return Case("", title, runners, **_file_work(plan, path))

    return make


def _parquet(plan: Plan) -> Case:
    setup = Setup(plan.threads)
    path = {"path": datasets.parquet(plan.source, plan.cache)}
    runners = [
        Runner("lgs_rfm", "lgs", "parquet", setup, path, ("rfm",)),
        Runner("polars", "polars", "parquet_rfm", setup, path, ("rfm",)),
        Runner("duckdb", "duckdb", "parquet_rfm", setup, path, ("rfm",)),
        Runner("chdb", "chdb", "parquet_rfm", setup, path, ("rfm",)),
        Runner("pyarrow, reads only", "pyarrow", "read_parquet", setup, path, ("read",)),
    ]
    if not plan.large:
        runners.append(Runner("pandas, reads only", "pandas", "read_parquet", setup, path, ("read",)))
    return Case("", "Parquet file to customers", tuple(runners), **_file_work(plan, path["path"]))


def _update(plan: Plan) -> Case:
    sizes = (1, 10, 100) if plan.large else (1, 10)
    setup = Setup(plan.threads, lines=datasets.parquet(plan.one().source, plan.cache), copies=sizes)
    runners = tuple(
        Runner(f"lgs_rfm, ledger x{size}", "lgs", "update", setup, {"count": size}, ("updated",)) for size in sizes
    )
    return Case("", "one day of lines added to a ledger", runners)


def _save(plan: Plan) -> Case:
    setup = replace(_memory(plan)[0], copies=(1,), scratch=plan.cache)
    runners = (
        Runner("lgs_rfm, save", "lgs", "save", setup, kinds=("saved",)),
        Runner("lgs_rfm, load", "lgs", "load", setup, kinds=("loaded",)),
    )
    return Case("", "save and load a ledger, in memory where there is room", runners)


def _scoring(plan: Plan) -> Case:
    one = datasets.parquet(plan.one().source, plan.cache)
    people = datasets.buyers(one)
    copies = max(1, round(SCORED_CUSTOMERS / people)) if people > 1000 else 1  # a tiny shop stays tiny
    path = datasets.customers(plan.source, plan.cache, copies)
    setup = Setup(plan.threads, customers=path)
    runners = (
        Runner("lgs_rfm", "lgs", "scores", setup, kinds=("scores",)),
        Runner("lgs_rfm, pandas frame", "lgs", "scores", replace(setup, form="pandas"), kinds=("scores",)),
        *(Runner(name, name, "scores", setup, kinds=("scores",)) for name in ALL.split()),
    )
    return Case("", f"three scores of {datasets.rows(path):,} customers", runners)


def _alone(plan: Plan, label: str) -> Setup:
    """Return a setup that no other runner has, so that the peak of memory is told for each."""
    return Setup(plan.threads, form=label)


def _process(plan: Plan) -> Case:
    path = datasets.csv(plan.source, plan.cache)
    runners = [
        Runner(label, "process", "rfm", _alone(plan, label), {"program": program, "path": path}, ("whole",))
        for label, program in (
            ("lgs_rfm", "lgs-rfm"),
            ("duckdb", "rfm_duckdb.py"),
            ("pandas", "rfm_pandas.py"),
        )
        if not (plan.large and label == "pandas")
    ]
    return Case("", "whole process: lgs-rfm rfm FILE", tuple(runners), **_file_work(plan, path))


def _import(plan: Plan) -> Case:
    names = ("numpy", "pandas", "polars", "duckdb", "pyarrow")
    words = {"lgs_rfm": "import numpy, lgs_rfm", "nothing": "", **{name: f"import {name}" for name in names}}
    runners = tuple(
        Runner(
            f"{label}, import" if label == "lgs_rfm" else label,
            "process",
            "python",
            _alone(plan, label),
            {"code": code},
            kinds,
        )
        for label, code, kinds in (
            (label, word, ("light",) if label == "lgs_rfm" else ()) for label, word in words.items()
        )
    )
    return Case("", "a process that imports numpy and lgs_rfm, or something else", runners)


CASES: dict[str, Callable[[Plan], Case]] = {
    "rfm": _from_lines("rfm", "customers from lines in memory, no scores"),
    "invoices": _from_lines("invoices", "invoice table from lines in memory"),
    "monthly": _months("monthly", "months with orders and users: ours from the ledger, peers from lines"),
    "users": _months("users", "months with sales and users alone: ours as above"),
    "all": _all,
    "products": _from_lines(
        "by_product", "totals by product from lines in memory", "polars duckdb chdb pandas", products=True
    ),
    "countries": _from_lines(
        "by_country", "totals by country from lines in memory", "polars duckdb chdb pandas", products=True
    ),
    "pairs": _from_lines(
        "pairs", "pairs of products on the same invoices, from lines in memory", "polars duckdb chdb", products=True
    ),
    "shuffled": _from_lines("rfm", "customers from shuffled lines in memory", shuffled=True),
    "sets": _sets,
    "whole-pandas": _whole("pandas", "lgs.rfm from the pandas frame, result included", "pandas"),
    "whole-object": _whole("object", "lgs.rfm from the pandas frame with text as Python objects", "pandas"),
    "whole-polars": _whole("polars", "lgs.rfm from the Polars frame, result included", "polars duckdb chdb"),
    "whole-arrow": _whole("arrow", "lgs.rfm from the Arrow table, result included", "polars duckdb chdb pyarrow"),
    "csv": _csv,
    "csv-quoted": _csv_kind("quoted", "CSV file to ledger, all values quoted"),
    "csv-crlf": _csv_kind("crlf", "CSV file to ledger, lines end with CR LF"),
    "csv-semicolon": _csv_kind("semicolon", "CSV file to ledger, semicolons and decimal commas"),
    "csv-shuffled": _csv_kind("shuffled", "CSV file to ledger, rows shuffled"),
    "parquet": _parquet,
    "update": _update,
    "save": _save,
    "scoring": _scoring,
    "process": _process,
    "import": _import,
}


def make(name: str, plan: Plan) -> Case:
    """Return a case, its files made. Raises ValueError for one that does not go with the scale."""
    return replace(CASES[name](plan), name=name)
