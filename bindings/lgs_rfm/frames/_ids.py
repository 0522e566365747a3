"""Ids of customers from frames and from whatever else holds some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import _core
from ..errors import ColumnError, LinesError
from . import Kind, kind_of
from ._numpy import native_column
from ._pandas import native_series
from ._rows import Id, canonical_ids


def collected(frame: Any, option: str) -> Any:
    """Return a frame that can be read column by column: lazy ones, readers and other Arrow sources are read.

    Raises
    ------
    TypeError
        It is no frame, or one that neither PyArrow nor Polars is there to read; the message names the option.
    """
    if type(frame).__name__ == "LazyFrame":
        frame = frame.collect()
    elif hasattr(frame, "read_all"):  # a reader of Arrow
        frame = frame.read_all()
    elif not _is_frame(frame) and hasattr(frame, "__arrow_c_stream__") and hasattr(frame, "columns"):
        frame = _through_arrow(frame)
    if not _is_frame(frame):
        raise TypeError(
            f"{option}: {type(frame).__name__} is no frame; give a pandas, Polars or PyArrow frame, a dict of numpy "
            "arrays or an lgs_rfm.Table"
        )
    return frame


def _is_frame(value: Any) -> bool:
    from ..table import Table

    try:
        kind = kind_of(value)
    except TypeError:
        return False
    return isinstance(value, Table) or kind.name == "numpy" or (kind.name != "table" and hasattr(value, "columns"))


def _through_arrow(source: Any) -> Any:
    """Return what another library gives away as Arrow, such as a relation of DuckDB, as a frame that has columns."""
    try:
        import pyarrow as pa

        return pa.table(source)
    except ImportError:
        pass
    try:
        import polars as pl

        return pl.DataFrame(source)
    except ImportError:
        return source


def unique_ids(kind: Kind, frame: Any, option: str, *, missing: bool = False) -> list[Id]:
    """Return the canonical ids of the column customer_id, each there once; missing ones only where allowed.

    Raises
    ------
    LinesError
        An id is missing or there twice.
    ColumnError
        There is no such column.
    """
    if "customer_id" not in kind.names(frame):
        raise ColumnError(
            f"{option}: column customer_id is missing; the frame has {', '.join(map(str, kind.names(frame)))}"
        )
    ids = canonical_ids(kind.id_column(frame, "customer_id"), "customer_id")
    seen: dict[Id, int] = {}
    for row, one in enumerate(ids):
        if one is None:
            if not missing:
                raise LinesError(f"{option}: column customer_id, row {row}: the id is missing; leave the row out")
        elif (first := seen.setdefault(one, row)) != row:
            raise LinesError(
                f"{option}: column customer_id, row {row}: {one} is in row {first} already; give one row per customer"
            )
    return ids


def id_column_of(value: Any, option: str) -> list[Id]:
    """Return canonical ids of a frame's customer_id, or of a list, set, array or Series of ids."""
    value = value.collect() if type(value).__name__ == "LazyFrame" else value
    series = hasattr(value, "to_frame")  # of pandas or Polars; a frame has no such method
    if not series and (_is_frame(value) or hasattr(value, "columns") or hasattr(value, "read_all")):
        value = collected(value, option)
        kind = kind_of(value)
        if "customer_id" not in kind.names(value):
            raise ColumnError(
                f"{option}: column customer_id is missing; the frame has {', '.join(map(str, kind.names(value)))}"
            )
        return canonical_ids(kind.id_column(value, "customer_id"), "customer_id")
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        raise TypeError(f"{option}: {value!r} has type {type(value).__name__}; give a list of ids or a frame")
    if series and type(value).__module__.partition(".")[0] == "pandas":
        column = native_series(value.to_series() if hasattr(value, "to_series") else value)
    elif hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        column = _core.Column.from_arrow(value)
    elif hasattr(value, "dtype"):
        column = native_column(value)
    else:
        ids: list[Any] = list(value) if isinstance(value, Iterable) else []
        if not ids:
            return []
        column = native_column(ids)
    return canonical_ids(column, option)
