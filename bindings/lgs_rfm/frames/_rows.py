"""Rows by position, columns side by side, columns made into frames: what functions of a scored frame need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import _core
from .._lazy import np
from ._values import Array, Category, append, objects

# An id as Python holds it in canonical form; None where it is missing.
Id = int | str | None


def canonical_ids(column: _core.Column, name: str) -> list[Id]:
    """Return ids in canonical form: what stands for one id is equal, whatever type it came in.

    Raises
    ------
    LinesError, TypeError
        A value is no id; the message names the column.
    """
    _, data, mask, _ = _core.with_ids(_core.Table(), name, column).column(name, False, True)
    ids: list[Id] = data.tolist() if isinstance(data, np.ndarray) else list(data)
    if mask is not None:
        for at in np.flatnonzero(mask).tolist():
            ids[at] = None
    return ids


def id_bytes(value: Id) -> bytes:
    """Return the text of a canonical id as UTF-8; bytes that were no UTF-8 are the same bytes again."""
    return str(value).encode("utf-8", "surrogateescape")


def id_order(value: Id) -> tuple[bool, int, bytes]:
    """Return the key of the order of ids: integers by value, then text by bytes."""
    return (False, value, b"") if isinstance(value, int) else (True, 0, id_bytes(value))


def native_table(columns: Mapping[str, Array | Category], ids: Iterable[str] = ()) -> _core.Table:
    """Return columns as a native table: NaN, NaT and None are missing; what no column holds becomes text.

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray or Category
        Of equal length.
    ids : iterable of str
        The names of columns of ids.
    """
    from ._numpy import native_column

    table = _core.Table()
    for name, data in columns.items():
        if isinstance(data, Category):
            table = append(table, {name: data})
            continue
        if name in ids:
            column = native_column(data)
            table = _core.with_ids(table, name, column)
            if column.holds_text and not column.holds_numbers:
                table.give_ids_as_text([name])
            continue
        missing = missing_values(data)
        if whole_with_gaps(data):
            table = append(table, {name: np.where(missing, 0, data).astype(np.int64)})
        elif data.dtype.kind == "M":
            micros = data.astype("datetime64[us]").view(np.int64)
            table = _core.with_moments(table, name, micros)
        elif data.dtype.kind in "iuf":
            table = append(table, {name: data})
        else:
            texts = ["" if gone else _text(value) for value, gone in zip(data.tolist(), missing, strict=True)]
            table = append(table, {name: objects(texts)})
        if missing.any():
            table = _core.with_missing(table, name, missing)
    return table


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def same_typed(data: Array) -> Any:
    """Return objects as libraries with typed columns take them: a list, of texts where the types differ."""
    values = [None if gone else value for value, gone in zip(data.tolist(), missing_values(data), strict=True)]
    values = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
    if len({type(value) for value in values} - {type(None)}) > 1:
        values = [None if value is None else _text(value) for value in values]
    return values


def whole_with_gaps(data: Array) -> bool:
    """Tell whether objects are integers of 64 bits, some of them missing."""
    if data.dtype.kind != "O":
        return False
    values = [value for value in data.tolist() if value is not None]
    return bool(values) and all(type(value) is int and -(2**63) <= value < 2**63 for value in values)


def missing_values(data: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell where a column is missing: NaN, NaT, None."""
    if data.dtype.kind in "fM":
        return np.asarray(np.isnan(data) if data.dtype.kind == "f" else np.isnat(data))
    if data.dtype.kind != "O":
        return np.zeros(len(data), dtype=bool)
    return np.array([_is_missing(value) for value in data.tolist()], dtype=bool)


def _is_missing(value: Any) -> bool:
    if value is None or isinstance(value, np.ndarray | list | dict):
        return value is None
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"  # pandas' own, which will not be compared


def picked(data: Array, positions: Array) -> Array:
    """Return the values at these positions; -1 gives NaN, NaT or None."""
    gaps = positions < 0
    if not gaps.any():
        return data[positions]
    if data.dtype.kind in "iu":
        data = data.astype(np.float64)
    elif data.dtype.kind not in "fM":
        data = data.astype(object)
    if not len(data):
        return np.full(len(positions), None if data.dtype.kind == "O" else np.nan).astype(data.dtype)
    result = data[np.where(gaps, 0, positions)]
    result[gaps] = None if data.dtype.kind == "O" else np.array("NaT" if data.dtype.kind == "M" else np.nan, data.dtype)
    return result
