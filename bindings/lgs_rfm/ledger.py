"""The ledger: lines in; its tables are in `ledger_tables`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from os import PathLike, fspath
from typing import Any, Self

from . import _core
from .frames import IdType
from .ledger_tables import LedgerTables
from .lines import DEFAULT_PREFIXES, Lines, Reading, ReadingReport, read_inputs, read_lines, warn_of
from .moments import Moment, micros_of

__all__ = ["Ledger", "merge"]


class Ledger(LedgerTables):
    """One entry per (invoice, customer, moment), made in one pass over the lines; every table is computed from it.

    Lines added in any order, in batches of any size, and ledgers merged in any order give the same ledger, bit for bit.
    A call that raises changes nothing. Threads may read while one adds: they see the ledger as it was.

    Parameters
    ----------
    prefixes : mapping of str to str, optional
        What the first character of an invoice number means: ``"sale"``, ``"cancellation"`` or ``"adjustment"``.
        Default: ``{"C": "cancellation", "A": "adjustment"}``; anything else is a sale. Part of the ledger for good.

    Attributes
    ----------
    reading : ReadingReport
        What reading the last input found. Not saved.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
    >>> months = book.monthly(frame="numpy")
    >>> bool((months["orders"] == months["sale_invoices"] + months["cancelled"] + months["adjustments"]).all())
    True
    """

    def __init__(self, *, prefixes: Mapping[str, str] | None = None) -> None:
        self._set(_core.Ledger(dict(DEFAULT_PREFIXES if prefixes is None else prefixes)))

    def _set(self, native: _core.Ledger, kind: str | None = None, ids: dict[str, IdType] | None = None) -> None:
        self._native = native
        self._kind = kind  # of the frame that came in first; None until one has
        self._ids = ids or {}
        self._lock = threading.Lock()
        self.reading = ReadingReport()

    @classmethod
    def _of(cls, native: _core.Ledger, kind: str | None = None, ids: dict[str, IdType] | None = None) -> Self:
        book = cls.__new__(cls)
        book._set(native, kind, ids)
        return book

    @classmethod
    def from_lines(cls, lines: Any, *, prefixes: Mapping[str, str] | None = None) -> Self:
        """Make a ledger of a frame of lines.

        Parameters
        ----------
        lines : frame or Lines
            See `Lines` for what is taken.
        prefixes : mapping of str to str, optional
            As for `Ledger`.

        Returns
        -------
        Ledger

        Raises
        ------
        LinesError
            A value cannot be read; the message names column, row, value and remedy.
        ColumnError
            A column is missing, or two answer to one name.
        TypeError
            A column's type cannot be read.
        """
        return cls(prefixes=prefixes).add(lines)

    @classmethod
    def from_csv(cls, paths: Any, *, prefixes: Mapping[str, str] | None = None, **options: Any) -> Self:
        """Make a ledger of CSV files; `paths` and `options` are those of `read_lines`."""
        return cls(prefixes=prefixes).add(read_lines(paths, **options))

    @classmethod
    def from_parquet(cls, paths: Any, *, prefixes: Mapping[str, str] | None = None, **options: Any) -> Self:
        """Make a ledger of Parquet files; `paths` and `options` are those of `read_lines`."""
        return cls(prefixes=prefixes).add(read_lines(paths, **options))

    # ---- changing

    def add(self, lines: Any) -> Self:
        """Add the lines of a frame or Lines, and return the ledger. Raises as `from_lines` does."""
        return self._commit(lines, self._read(lines), _core.Ledger.added)

    def replace(self, lines: Any, *, since: Moment = None, until: Moment = None) -> Self:
        """Forget the lines in [since, until), then add these: a refresh that may be run again.

        Parameters
        ----------
        lines : frame or Lines
            Lines of the period alone.
        since, until : str, date, datetime, Timestamp or datetime64, optional
            The period; a bound left out is open.

        Returns
        -------
        Ledger
            This one.

        Raises
        ------
        LinesError
            A line is outside the period, or cannot be read. Nothing is forgotten then.
        """
        start, end = _period(since, until)
        reading = self._read(lines, start, end)

        def change(book: _core.Ledger, entries: _core.Entries) -> _core.Ledger:
            return book.replaced(entries, start, end)

        # Of several inputs the first takes the place of what was there, the others are added to it.
        steps = [change] + [_core.Ledger.added] * (len(reading.results) - 1)
        return self._commit(lines, reading, *steps)

    def _read(self, lines: Any, since: int | None = None, until: int | None = None) -> Reading:
        book = self._native
        return read_inputs(lines, lambda copies: _core.Reader(book, since, until, copies))

    def _commit(
        self, lines: Any, reading: Reading, *steps: Callable[[_core.Ledger, _core.Entries], _core.Ledger]
    ) -> Self:
        warn_of(reading.report, lines.copies if isinstance(lines, Lines) else "keep")
        with self._lock:
            native = self._native
            for i, entries in enumerate(reading.results):
                native = steps[min(i, len(steps) - 1)](native, entries)
            if self._kind is None:
                self._kind, self._ids = reading.kind, reading.ids
            self._native = native
            self.reading = reading.report
        return self

    # ---- other ledgers

    def between(self, since: Moment = None, until: Moment = None) -> Ledger:
        """Return the ledger of the lines in [since, until); a bound left out is open."""
        native = self._native.between(*_period(since, until))
        return Ledger._of(native, self._kind, self._ids)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the ledger to a file, whole or not at all. Equal ledgers give equal bytes. Raises OSError."""
        from pathlib import Path

        self._native.save(Path(path))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a saved ledger.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        ValueError
            The file is no saved ledger, or a damaged one. The message names it.
        """
        from pathlib import Path

        if not Path(path).exists():
            raise FileNotFoundError(f"there is no ledger {fspath(path)!r}; correct the path")
        return cls._of(_core.Ledger.load(Path(path)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._native.to_bytes(), self._kind, self._ids)

    def __eq__(self, other: object) -> bool:
        return self._native.equals(other._native) if isinstance(other, Ledger) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can change

    def __len__(self) -> int:
        """Return the number of entries."""
        return self._native.entry_count()

    def __bool__(self) -> bool:
        """Return True: a ledger is a ledger, an empty one too."""
        return True

    def __repr__(self) -> str:
        bounds = self._native.moment_bounds()
        if bounds is None:
            return "Ledger(empty)"
        return f"Ledger({len(self):,} entries, {' to '.join(map(_core.format_moment, bounds))})"


def merge(ledgers: Iterable[Ledger]) -> Ledger:
    """Return one ledger of the lines of all; the order does not matter. The ledgers stay as they are.

    Raises
    ------
    ValueError
        There is none, or their prefixes differ.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> lines = lgs.demo_lines(customers=50, seed=1, frame="table")
    >>> book = lgs.Ledger.from_lines(lines)
    >>> lgs.merge([book.between(until="2010-12-01"), book.between(since="2010-12-01")]) == book
    True
    """
    several = list(ledgers)
    if not several:
        raise ValueError("merge: there are no ledgers; give at least one")
    first = several[0]
    native = first._native
    for other in several[1:]:
        native = native.merged(other._native)
    filled = next((book for book in several if not book._native.is_empty()), first)
    return Ledger._of(native, filled._kind, filled._ids)


def _period(since: Moment, until: Moment) -> tuple[int | None, int | None]:
    """Return [since, until) in microseconds; refuse one that ends before it starts."""
    start, end = micros_of(since, "since"), micros_of(until, "until")
    if start is not None and end is not None and end < start:
        raise ValueError(f"since={since!r} is after until={until!r}; give the earlier moment first")
    return start, end


def _unpickled(data: bytes, kind: str | None, ids: dict[str, IdType]) -> Ledger:
    return Ledger._of(_core.Ledger.from_bytes(data), kind, ids)
