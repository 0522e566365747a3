"""How an input is read: said once in `Lines`, done by `read_inputs`."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, NamedTuple, Protocol

from . import _core
from .errors import QualityWarning
from .files import FileInput, TextOptions
from .frames import Fed, IdType, Reader, kind_of

__all__ = ["Lines", "ReadingReport", "SkippedLine", "read_lines"]

_COPIES = ("keep", "drop", "error")
DEFAULT_PREFIXES = {"C": "cancellation", "A": "adjustment"}


class _Input(Protocol):
    """One input: rows in one order, in which copies are looked for."""

    def feed(self, reader: Reader, columns: dict[str, str]) -> Fed: ...

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def once(self) -> bool:
        """Whether it is known that the rows can be read only once."""


@dataclass(frozen=True)
class _FrameInput:
    frame: Any
    name = ""
    once = False

    def feed(self, reader: Reader, columns: dict[str, str]) -> Fed:
        return kind_of(self.frame).feed(self.frame, reader, columns)

    @property
    def kind(self) -> str:
        return kind_of(self.frame).name


class Lines:
    """Invoice lines and how to read them. Every function of the library takes a frame or one of these.

    Parameters
    ----------
    frame : frame
        pandas, Polars (lazy too) or PyArrow, a dict of one-dimensional numpy arrays, or any object with
        ``__arrow_c_stream__`` or ``__arrow_c_array__``. It is read in place and never changed.
    columns : mapping of str to str, optional
        Our column names to yours, such as ``{"invoice": "belegnr"}``, for names that are not found by themselves. Ours
        are invoice, stock_code, description, quantity, invoice_date, unit_price, customer_id, country and amount.
    copies : {"keep", "drop", "error"}
        What to do with invoices that the input holds more than once: count them all, keep the first, or refuse.

    Raises
    ------
    TypeError
        `frame` is no frame.
    ValueError
        `copies` is none of the three.

    Examples
    --------
    >>> import numpy as np
    >>> import lgs_rfm as lgs
    >>> lines = lgs.Lines(
    ...     {"belegnr": np.array([1]), "quantity": np.array([2]), "price": np.array([1.5]),
    ...      "invoice_date": np.array(["2011-01-05"], "datetime64[s]")},
    ...     columns={"invoice": "belegnr"},
    ... )
    >>> lgs.Ledger.from_lines(lines).monthly()["sales"]
    array([3.])
    """

    def __init__(self, frame: Any, *, columns: Mapping[str, str] | None = None, copies: str = "keep") -> None:
        kind_of(frame)
        self._set([_FrameInput(frame)], columns, copies)

    def _set(self, inputs: Sequence[_Input], columns: Mapping[str, str] | None, copies: str) -> None:
        if copies not in _COPIES:
            raise ValueError(f"copies={copies!r} is not one of {', '.join(map(repr, _COPIES))}")
        self._inputs = list(inputs)
        self.columns = dict(columns or {})
        self.copies = copies

    def __repr__(self) -> str:
        return f"Lines({len(self._inputs)} input(s), columns={self.columns!r}, copies={self.copies!r})"


def read_lines(
    paths: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    columns: Mapping[str, str] | None = None,
    copies: str = "keep",
    delimiter: str | None = None,
    decimal: str = ".",
    date_order: str | None = None,
    bad_lines: str = "error",
    table: str | None = None,
    threads: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Lines:
    r"""Describe the lines of files; they are read when a ledger is made of them.

    Parameters
    ----------
    paths : path or sequence of paths
        CSV, a plain dump by pg_dump, Parquet, and gzip or zstd of text, told by content; ``"-"`` is standard input.
        Each file is one input.
    columns, copies
        As for `Lines`.
    delimiter : str, optional
        One character. Default: found from the header among comma, semicolon, tab and ``|``.
    decimal : {".", ","}
        The point of the numbers.
    date_order : {None, "mdy", "dmy"}
        The order of month and day in dates such as ``12/1/2010 8:26``. Default: found, where a value proves it.
    bad_lines : {"error", "skip"}
        Refuse a file with a line that cannot be read, or leave such lines out and count them in
        ``book.reading.skipped_lines``.
    table : str, optional
        Which table of a dump. Default: the one whose columns are ours.
    threads : int, optional
        How many to read text with. Default: as many as the process may use. The result never depends on it.
    progress : callable, optional
        Called with the bytes read so far and the bytes there are, None where that is unknown. May raise, which ends
        the reading.

    Returns
    -------
    Lines

    Raises
    ------
    FileNotFoundError
        A file is not there. The message names it.
    ValueError
        An option is none of the allowed ones.
    ImportError
        PyArrow, which reads Parquet and zstd, is missing: ``pip install lgs_rfm[io]``. Raised when they are read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import lgs_rfm as lgs
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "retail.csv"
    >>> size = path.write_text("invoice,quantity,invoice_date,unit_price\n7,2,2011-01-05 08:26,1.5\n")
    >>> lgs.Ledger.from_lines(lgs.read_lines(path)).monthly()["sales"]
    array([3.])
    """
    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    for path in several:
        if path != "-" and not os.path.exists(path):
            raise FileNotFoundError(f"there is no file {str(path)!r}; correct the path")
    options = TextOptions(delimiter, decimal, date_order, bad_lines, table, threads)
    lines = Lines.__new__(Lines)
    lines._set([FileInput(path, progress, options) for path in several], columns, copies)
    return lines


class SkippedLine(NamedTuple):
    """A line of a text file that was left out because it cannot be read."""

    file: str
    line: int  # of the file, from 1
    offset: int  # byte of the file
    text: str  # its front
    reason: str


@dataclass(frozen=True)
class ReadingReport:
    """What reading the last input found. It depends on the order of the rows and is not saved with a ledger.

    Attributes
    ----------
    lines : int
        Rows read.
    copies_judged : bool
        False when dates go up and down more than 100 times, so that a copy cannot be told.
    copied_invoices, copied_lines : int or None
        Invoices that occur again, and the lines of their copies; None when not judged.
    dropped_lines : int
        Lines left out by ``copies="drop"``.
    rounded_prices, floored_dates : int
        Lines whose price had more than six decimals, whose date was finer than a microsecond.
    ignored_columns : tuple of str
        Columns of the input that are none of ours.
    skipped_lines : int
        Lines of text files left out by ``bad_lines="skip"``.
    skipped : tuple of SkippedLine
        The first ten of them: file, line (from 1), offset (byte), text (its front) and reason.
    """

    lines: int = 0
    copies_judged: bool = True
    copied_invoices: int | None = 0
    copied_lines: int | None = 0
    dropped_lines: int = 0
    rounded_prices: int = 0
    floored_dates: int = 0
    ignored_columns: tuple[str, ...] = ()
    skipped_lines: int = 0
    skipped: tuple[SkippedLine, ...] = ()

    def __str__(self) -> str:
        copies = "copied invoices: not judged (rows are in no order of time)"
        if self.copied_invoices is not None and self.copied_lines is not None:
            copies = f"copied invoices: {self.copied_invoices:,} ({self.copied_lines:,} lines)"
        facts = [
            f"lines: {self.lines:,}",
            copies,
            f"dropped lines: {self.dropped_lines:,}",
            f"rounded prices: {self.rounded_prices:,}",
            f"floored dates: {self.floored_dates:,}",
            "ignored columns: " + (", ".join(self.ignored_columns) or "none"),
            f"skipped lines: {self.skipped_lines:,}",
        ]
        return "; ".join(facts)


@dataclass
class Reading:
    """Inputs that were read and are in no ledger, or in no totals, yet."""

    results: list[Any]
    report: ReadingReport
    kind: str
    ids: dict[str, IdType] = field(default_factory=dict)


def read_inputs(lines: Any, reader_for: Callable[[_core.Copies], Reader]) -> Reading:
    """Read a frame or Lines, each input with a reader of its own; nothing is added to anything."""
    if not isinstance(lines, Lines):
        lines = Lines(lines)
    results = []
    ignored: list[str] = []
    ids: dict[str, IdType] = {}
    for each in lines._inputs:
        reader = reader_for(getattr(_core.Copies, lines.copies))
        fed = each.feed(reader, lines.columns)
        results.append(reader.finish())
        ignored += [name for name in fed.ignored if name not in ignored]
        ids = ids or fed.ids
    names = [each.name for each in lines._inputs]
    report = _combined(names, [each.report for each in results], tuple(ignored))
    kind = lines._inputs[0].kind if lines._inputs else "table"
    return Reading(results, report, kind, ids)


def _combined(names: Sequence[str], reports: Sequence[_core.Report], ignored: tuple[str, ...]) -> ReadingReport:
    skipped = [SkippedLine(name, *line) for name, report in zip(names, reports, strict=True) for line in report.skipped]
    judged = all(report.copies_judged for report in reports)
    return ReadingReport(
        lines=sum(report.lines for report in reports),
        copies_judged=judged,
        copied_invoices=sum(report.copied_invoices for report in reports) if judged else None,
        copied_lines=sum(report.copied_lines for report in reports) if judged else None,
        dropped_lines=sum(report.dropped_lines for report in reports),
        rounded_prices=sum(report.rounded_prices for report in reports),
        floored_dates=sum(report.floored_dates for report in reports),
        ignored_columns=ignored,
        skipped_lines=sum(report.skipped_lines for report in reports),
        skipped=tuple(skipped[:10]),
    )


def warn_of(report: ReadingReport, copies: str) -> None:
    """Warn once per input of what deserves a look, at the caller's line outside this package."""
    facts = []
    if report.copied_invoices and copies == "keep":
        facts.append(
            f"{report.copied_invoices:,} invoices ({report.copied_lines:,} lines) are in the input more than once and "
            'count as often; Lines(..., copies="drop") keeps the first'
        )
    if report.rounded_prices:
        facts.append(f"{report.rounded_prices:,} prices have more than six decimals and were rounded to millionths")
    if report.skipped_lines:
        facts.append(
            f"{report.skipped_lines:,} lines cannot be read and were skipped; .reading.skipped shows the first ones"
        )
    if not facts:
        return
    level = 1
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__package__ or "lgs_rfm"):
        frame = frame.f_back
        level += 1
    for fact in facts:
        warnings.warn(fact, QualityWarning, stacklevel=level)
