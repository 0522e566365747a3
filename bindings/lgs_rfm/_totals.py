"""Totals of lines by any columns: a value that is added to, merged and saved as a ledger is."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from typing import Any, Self

from . import _core
from ._lazy import np
from .errors import ColumnError
from .frames import IdType, categories_of, kind_named, kind_of
from .ledger_tables import check_money
from .lines import DEFAULT_PREFIXES, Lines, ReadingReport, read_inputs, warn_of
from .moments import CALENDAR_STEPS
from .table import Table

__all__ = ["Totals", "totals"]


class Totals:
    """Totals of invoice lines by one or several keys.

    Lines added in any order, in batches of any size, and totals merged in any order give the same totals, bit for bit.
    Distinct invoices and customers are counted exactly, also after merging. A call that raises changes nothing.

    Parameters
    ----------
    by : str or sequence of str
        One to eight keys, each ``"invoice"``, ``"stock_code"``, ``"description"``, ``"customer_id"``, ``"country"``; a
        calendar step: ``"day"``, ``"week"`` (ISO, from Monday), ``"month"``, ``"quarter"``, ``"year"``; the label
        column of `labels`; or the exact name of another column of the lines that holds text or integers.
    labels : frame, optional
        Customers with a label, such as the segments that `rfm` gives: customer_id and the column that `by` names, each
        customer once. Lines of other customers and of none have a missing label.
    prefixes : mapping of str to str, optional
        As for `Ledger`.

    Raises
    ------
    ValueError
        `by` names no key, too many, one twice, a column of amounts, or one called as a column of the result; labels
        name a customer twice.
    ColumnError
        The labels have no customer_id.

    Attributes
    ----------
    by : tuple of str
        The keys.
    reading : ReadingReport
        What reading the last input found. Not saved.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> shop = lgs.demo_lines(customers=100, seed=1, frame="numpy")
    >>> by_country = lgs.totals(shop, by="country")
    >>> bool((by_country["gross"] >= by_country["net"]).all())
    True
    """

    def __init__(
        self, by: str | Sequence[str], *, labels: Any = None, prefixes: Mapping[str, str] | None = None
    ) -> None:
        names = _names(by)
        self._set(
            _core.Totals(names, dict(DEFAULT_PREFIXES if prefixes is None else prefixes), labels_of(labels, names))
        )

    def _set(self, native: _core.Totals, kind: str | None = None, ids: dict[str, IdType] | None = None) -> None:
        self._native = native
        self._kind = kind  # of the frame that came in first
        self._ids = ids or {}
        self._table: Table | None = None
        self._lock = threading.Lock()
        self.reading = ReadingReport()

    @classmethod
    def _of(cls, native: _core.Totals, kind: str | None = None, ids: dict[str, IdType] | None = None) -> Self:
        made = cls.__new__(cls)
        made._set(native, kind, ids)
        return made

    @property
    def by(self) -> tuple[str, ...]:
        """The keys."""
        return tuple(self._native.by)

    def add(self, lines: Any) -> Self:
        """Add the lines of a frame or Lines, and return the totals.

        Raises
        ------
        LinesError, ColumnError, TypeError
            As `Ledger.from_lines` says; the columns of the keys are needed, too.
        ValueError
            The labels were not saved with the totals; total the new lines apart and merge.
        """
        return self._add(lines, None)

    def _add(self, lines: Any, until: int | None, *, warn: bool = True) -> Self:
        base = self._native
        reading = read_inputs(lines, lambda copies: _core.TotalsReader(base, copies, until))
        if warn:
            warn_of(reading.report, lines.copies if isinstance(lines, Lines) else "keep")
        with self._lock:
            native = self._native
            for made in reading.results:
                native = native.added(made)
            if self._kind is None:
                self._kind, self._ids = reading.kind, reading.ids
            self._native, self._table = native, None
            self.reading = reading.report
        return self

    def merge(self, other: Totals) -> Self:
        """Add the lines of other totals, and return these. Raises ValueError when keys, labels or prefixes differ."""
        with self._lock:
            self._native, self._table = self._native.merged(other._native), None
            if self._kind is None:
                self._kind, self._ids = other._kind, other._ids
        return self

    def fold(self, by: str | Sequence[str]) -> Totals:
        """Return the totals by some of the keys only, without reading the lines again.

        Raises
        ------
        ValueError
            A name is none of the keys.
        """
        return Totals._of(self._native.folded(_names(by)), self._kind, self._ids)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the totals to a file, whole or not at all. Equal totals give equal bytes. Raises OSError."""
        from pathlib import Path

        self._native.save(Path(path))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read saved totals. Raises FileNotFoundError, and ValueError for a file that holds none or is damaged."""
        from pathlib import Path

        if not Path(path).exists():
            raise FileNotFoundError(f"there are no totals {fspath(path)!r}; correct the path")
        return cls._of(_core.Totals.load(Path(path)))

    def table(self, *, frame: str | None = None, money: str = "float") -> Any:
        """Return the totals, a row for each combination of the keys' values that occurs, in their order.

        Parameters
        ----------
        frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
            The kind of frame. Default: the kind that the lines came in.
        money : {"float", "decimal"}
            As for `Ledger.invoices`.

        Returns
        -------
        frame
            The keys (missing values last; steps of the calendar as their first day), lines, purchase_lines, quantity
            (net units), invoices and customers (distinct), purchase_invoices and buyers (those with a purchase line),
            bought (units of purchase lines), returned_units (on cancellations), written_off (units of other lines below
            zero without an amount), gross, returned, adjusted, other_deductions, net, known_net (of lines with a
            customer), price_min and price_max (of purchase lines; missing without any, and where amounts were given
            for prices), first_moment, last_moment.
        """
        return self.give(self._native.table(), frame, money)

    def give(self, native: _core.Table, frame: str | None, money: str) -> Any:
        """Return a native table made of these totals as the asked kind of frame, ids in the type they came in."""
        check_money(money)
        kind = kind_named(frame or self._kind or "table")
        native.give_ids_as_text([name for name, id_type in self._ids.items() if id_type.text])
        ids = self._ids if kind.name == self._kind else {}
        return kind.from_table(Table(native, exact=money == "decimal"), ids, fresh=True)

    # ---- read as a table

    def _as_table(self) -> Table:
        if self._table is None:
            self._table = self.give(self._native.table(), "table", "float")
        return self._table

    @property
    def columns(self) -> list[str]:
        """The names of the table's columns."""
        return self._as_table().columns

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        """Return a column of the table as a numpy array."""
        return self._as_table()[name]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._native)

    def __bool__(self) -> bool:
        """Return True: totals are totals, empty ones too."""
        return True

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._as_table().__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """Return the table as a pandas frame."""
        return self.table(frame="pandas")

    def to_polars(self) -> Any:
        """Return the table as a Polars frame."""
        return self.table(frame="polars")

    def to_arrow(self) -> Any:
        """Return the table as a PyArrow table."""
        return self.table(frame="arrow")

    def _repr_html_(self) -> str:
        return self._as_table()._repr_html_()

    def __repr__(self) -> str:
        return f"Totals(by {', '.join(self.by)}: {len(self):,} rows)"

    def __eq__(self, other: object) -> bool:
        return self._native.equals(other._native) if isinstance(other, Totals) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # they can change

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._native.to_bytes(), self._kind, self._ids)


def totals(
    lines: Any, by: str | Sequence[str], *, labels: Any = None, prefixes: Mapping[str, str] | None = None
) -> Totals:
    """Total invoice lines by any columns, in one pass.

    Parameters
    ----------
    lines : frame or Lines
        See `Lines` for what is taken.
    by, labels, prefixes
        As for `Totals`.

    Returns
    -------
    Totals
        A value that can be added to, merged and saved; ``.table()`` is a frame of the kind that came in.

    Raises
    ------
    LinesError, ColumnError, TypeError, ValueError
        As `Totals` and `Ledger.from_lines` say.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> shop = lgs.demo_lines(customers=100, seed=1, frame="numpy")
    >>> by_month = lgs.totals(shop, by=["country", "month"])
    >>> by_month.fold("month")["net"].tolist() == lgs.Ledger.from_lines(shop).monthly()["sales"].tolist()
    True
    """
    return Totals(by, labels=labels, prefixes=prefixes).add(lines)


def labels_of(labels: Any, by: Sequence[str]) -> _core.Labels | None:
    """Return the label column that `by` names in native form; None without one."""
    if labels is None:
        return None
    kind = kind_of(labels)
    names = [str(name) for name in kind.names(labels)]
    if "customer_id" not in names:
        raise ColumnError("column customer_id is missing in labels; give a frame such as rfm returns")
    ours = (*_core.LINE_COLUMNS, *CALENDAR_STEPS)
    wanted = [name for name in by if name in names and name not in ours]
    if len(wanted) != 1:
        problem = (
            "names no column of labels" if not wanted else f"names several columns of labels ({', '.join(wanted)})"
        )
        raise ValueError(f"by={list(by)!r} {problem}; name one, such as 'segment'")
    known = categories_of(labels, wanted[0])
    place = {name: at for at, name in enumerate(known)}
    codes = [place.get(str(value), -1) for value in kind.to_numpy(labels, wanted[0]).tolist()]
    return _core.Labels(wanted[0], kind.id_column(labels, "customer_id"), np.array(codes, dtype=np.int32), known)


def _names(by: str | Iterable[str]) -> list[str]:
    if isinstance(by, str):
        return [by]
    if not isinstance(by, Iterable):
        raise TypeError(f"by={by!r} is neither a name nor a sequence of names")
    return [str(name) for name in by]


def _unpickled(data: bytes, kind: str | None, ids: dict[str, IdType]) -> Totals:
    return Totals._of(_core.Totals.from_bytes(data), kind, ids)
