"""Our calls, as a user writes them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from contestant import Base
from definitions import AS_OF, MIN_INVOICES, Setup


def _frame(path: Path, form: str, columns: list[str]) -> Any:
    """Return the lines in the form that the user has."""
    if form == "pandas":
        import pandas as pd

        return pd.read_parquet(path, columns=columns)
    if form == "object":  # as older pandas holds text: rows that stand together share one Python string
        import pandas as pd

        frame = pd.read_parquet(path, columns=columns)
        codes, distinct = pd.factorize(frame["Invoice"])
        return frame.assign(Invoice=pd.Series(np.array(distinct.tolist(), dtype=object)[codes], dtype=object))
    if form == "polars":
        import polars as pl

        return pl.read_parquet(path, columns=columns).rechunk()
    return pq.read_table(path, columns=columns).combine_chunks()


def _copies(lines: pa.Table, count: int) -> Iterator[pa.Table]:
    """Yield the lines `count` times, customers and invoices under new numbers."""
    if count == 1:
        yield lines
        return
    digits = pc.replace_substring_regex(lines["Invoice"], r"^\D*", "")
    letters = pc.replace_substring_regex(lines["Invoice"], r"\d+$", "")
    numbers = pc.cast(digits, pa.int64())
    span = [pc.max(each).as_py() - pc.min(each).as_py() + 1 for each in (numbers, lines["Customer ID"])]
    for i in range(count):
        shifted = pc.cast(pc.add(numbers, i * span[0]), pa.string())
        copy = lines.set_column(0, "Invoice", pc.binary_join_element_wise(letters, shifted, ""))
        yield copy.set_column(4, "Customer ID", pc.add(lines["Customer ID"].cast(pa.int64()), i * span[1]))


def _next_day(lines: pa.Table) -> pa.Table:
    """Return the lines of the last whole day, moved behind the last one, on invoices of their own."""
    days = pc.floor_temporal(lines["InvoiceDate"], unit="day")
    last = pc.max(pc.filter(days, pc.less(days, pc.max(days))))
    day = lines.filter(pc.equal(days, last))
    moved = pc.add(day["InvoiceDate"], pa.scalar(timedelta(days=30)))
    day = day.set_column(2, "InvoiceDate", moved.cast(pa.timestamp("us")))
    return day.set_column(0, "Invoice", pc.binary_join_element_wise(day["Invoice"], "9", ""))


def _told(same: bool, what: str) -> pa.Table:
    if not same:
        raise AssertionError(f"the {what} ledger differs")
    return pa.table({"same": [True]})


class Contestant(Base):
    modules = ("lgs_rfm", "numpy")

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.work: dict[str, int] = {}
        if setup.lines is not None:
            self._lines = _frame(setup.lines, setup.form, list(setup.columns))
        if setup.customers is not None:
            self._customers = pq.read_table(setup.customers).combine_chunks()
            if setup.form == "pandas":
                self._customers = self._customers.to_pandas()
        self._books = {count: self._book(count) for count in setup.copies}
        self._day = _next_day(self._lines) if len(setup.copies) > 1 else None

    def _book(self, count: int) -> lgs.Ledger:
        book = lgs.Ledger()
        for copy in _copies(self._lines, count):
            book.add(copy)
        return book

    def answer(self, kind: str, result: Any) -> Any:
        if kind == "updated":
            day = lgs.Ledger.from_lines(self._day)
            return _told(any(result == lgs.merge([book, day]) for book in self._books.values()), kind)
        if kind == "saved":
            self.work["bytes"] = result.stat().st_size
            return _told(lgs.Ledger.load(result) == self._books[1], kind)
        if kind == "loaded":
            self.work["bytes"] = self._file().stat().st_size
            return _told(result in self._books.values(), kind)
        if isinstance(result, lgs.Ledger):
            if kind == "read":
                invoices = result.invoices(frame="arrow")
                sums = {"rows": "lines", "quantity": "quantity"}
                return pa.table({name: [int(pc.sum(invoices[ours]).as_py())] for name, ours in sums.items()})
            result = result.customers(as_of=AS_OF, frame="arrow")
        if isinstance(result, pa.Table) and "yyyymm" in result.column_names:  # peers know no months without a line
            result = result.filter(pc.greater(result["orders"], 0))
        return super().answer(kind, result)

    # ---- from memory

    def ledger(self) -> lgs.Ledger:
        return lgs.Ledger.from_lines(self._lines)

    def rfm(self) -> Any:
        return lgs.Ledger.from_lines(self._lines).customers(as_of=AS_OF)

    def invoices(self) -> Any:
        return lgs.Ledger.from_lines(self._lines).invoices()

    def monthly(self) -> Any:
        """Return the months of the ledger that stands."""
        return self._books[1].monthly(frame="arrow")

    def all(self) -> dict[str, Any]:
        book = lgs.Ledger.from_lines(self._lines)
        months = book.monthly(frame="arrow")
        months = months.filter(pc.greater(months["orders"], 0))
        return {"invoices": book.invoices(), "monthly": months, "rfm": book.customers(as_of=AS_OF)}

    def whole(self) -> Any:
        return lgs.rfm(self._lines, as_of=AS_OF)

    def scores(self) -> Any:
        return lgs.Scorer().fit(self._customers).assign(self._customers)

    # ---- products and countries

    def by_product(self) -> Any:
        return lgs.totals(self._lines, by="stock_code").table()

    def by_country(self) -> Any:
        return lgs.totals(self._lines, by="country").table()

    def pairs(self) -> Any:
        return lgs.bought_together(self._lines, min_invoices=MIN_INVOICES)

    # ---- from files

    def csv(self, path: Path, **options: Any) -> lgs.Ledger:
        return lgs.Ledger.from_csv(path, **options)

    def csv_rfm(self, path: Path, **options: Any) -> Any:
        return lgs.Ledger.from_csv(path, **options).customers(as_of=AS_OF, frame="arrow")

    def parquet(self, path: Path) -> Any:
        return lgs.Ledger.from_parquet(path).customers(as_of=AS_OF, frame="arrow")

    # ---- a ledger that stands

    def before_update(self, count: int) -> tuple[lgs.Ledger, int]:
        return lgs.merge([self._books[count]]), count  # a copy, which costs nothing

    def update(self, ready: tuple[lgs.Ledger, int]) -> lgs.Ledger:
        return ready[0].add(self._day)

    def _file(self) -> Path:
        """Return where to save: in memory if there is room, so that the disk and its sync are left aside."""
        memory = Path("/dev/shm")
        free = shutil.disk_usage(memory).free if memory.is_dir() else 0
        place = memory if free > 1 << 30 else self.setup.scratch
        assert place is not None
        return place / f"lgs_rfm-bench-{os.getpid()}.lgs"

    def before_save(self) -> Path:
        path = self._file()
        path.unlink(missing_ok=True)
        return path

    def save(self, ready: Path) -> Path:
        self._books[1].save(ready)
        return ready

    def before_load(self) -> Path:
        return self.save(self.before_save())

    def load(self, ready: Path) -> lgs.Ledger:
        return lgs.Ledger.load(ready)

    def close(self) -> None:
        """Remove what was saved."""
        if self.setup.scratch is not None:
            self._file().unlink(missing_ok=True)
