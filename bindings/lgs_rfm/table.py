"""The frame of results that came from no frame: files, saved ledgers, Arrow sources of other libraries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import _core
from ._lazy import np
from .frames._values import array_of

__all__ = ["Table"]

_SHOWN_ROWS = 10


class Table:
    """Named columns of equal length, read-only. Any library that reads Arrow takes it as it is.

    It has `len`, ``table["column"]`` as a numpy array, the Arrow PyCapsule interface, and a picture of itself in
    notebooks. The library makes tables; there is nothing to construct.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> table = lgs.Ledger().monthly()
    >>> len(table), table.columns[:3]
    (0, ['month', 'yyyymm', 'orders'])
    >>> table["orders"]
    array([], dtype=int64)
    """

    __slots__ = ("_exact", "_native")

    def __init__(self, native: _core.Table, *, exact: bool = False) -> None:
        self._native = native
        self._exact = exact

    @property
    def columns(self) -> list[str]:
        """The names, in order."""
        return self._native.names

    def __len__(self) -> int:
        return len(self._native)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        """Return one column as a numpy array: int64, float64, datetime64, or objects for text and ids that are text.

        Missing values are NaN, NaT or None. Raises KeyError for a name that is not there.
        """
        if name not in self.columns:
            raise KeyError(f"there is no column {name!r}; the columns are {', '.join(self.columns)}")
        return array_of(self._native, name, exact=self._exact)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table away as an Arrow stream of one record batch.

        Where `requested_schema` has a column of the same name, ids leave as string instead of large_string, or as int32
        instead of int64, if they fit; all else stays as it is.
        """
        return self._native.arrow_stream(self._exact, requested_schema)

    def __arrow_c_schema__(self) -> object:
        """Give the schema away."""
        return self._native.arrow_schema(self._exact)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame."""
        from .frames import kind_named

        return kind_named("pandas").from_table(self, {})

    def to_polars(self) -> Any:
        """Return a Polars DataFrame."""
        from .frames import kind_named

        return kind_named("polars").from_table(self, {})

    def to_arrow(self) -> Any:
        """Return a PyArrow Table."""
        from .frames import kind_named

        return kind_named("arrow").from_table(self, {})

    def __repr__(self) -> str:
        rows = [self.columns, *self._head()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*lines, f"[{len(self)} rows x {len(self.columns)} columns]"])

    def _repr_html_(self) -> str:
        import html

        def row(cells: list[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(row(cells, "td") for cells in self._head())
        return (
            f"<table><thead>{row(self.columns, 'th')}</thead><tbody>{body}</tbody></table>"
            f"<p>{len(self)} rows x {len(self.columns)} columns</p>"
        )

    def _head(self) -> list[list[str]]:
        columns = [self[name][:_SHOWN_ROWS] for name in self.columns]
        texts = [["" if value is None or value != value else str(value) for value in column] for column in columns]
        return [list(row) for row in zip(*texts, strict=True)]
