"""Columns of native tables as numpy arrays, and the small values that frames are made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .. import _core
from .._lazy import np

Array: TypeAlias = "np.ndarray[Any, Any]"
Columns: TypeAlias = "Mapping[str, np.ndarray[Any, Any]]"  # of one frame, by name


@dataclass(frozen=True)
class IdType:
    """How an id column came in, so that results join back without a cast.

    Attributes
    ----------
    text : bool
        The ids were text, also where all of them are digits.
    dtype : object
        The type in terms of the frame's library; None where int64 or text is right.
    """

    text: bool = False
    dtype: Any = None


@dataclass(frozen=True)
class Category:
    """A column of names from a fixed set: int32 codes, -1 for missing, and all names in order."""

    codes: Array
    names: list[str]

    def texts(self) -> Array:
        """Return the names row by row as objects, None where missing."""
        lookup = np.array([*self.names, None], dtype=object)
        return lookup[self.codes]


def objects(values: list[Any]) -> Array:
    """Return a list as a one-dimensional object array, whatever the values are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def parts_of(
    table: _core.Table, name: str, *, exact: bool, mixed_ids: bool = False, writable: bool = False
) -> tuple[str, Array | Category, Array | None]:
    """Return a column as (kind, data, mask); see `column_to_python` in the bindings for the kinds and `writable`."""
    kind, data, mask, names = table.column(name, exact, mixed_ids, writable)
    if isinstance(data, list):
        return kind, objects(data), mask
    if names is not None:
        return kind, Category(data, list(names)), mask
    if kind == "date":
        data = data.astype("datetime64[s]")
    return kind, data, mask


def array_of(table: _core.Table, name: str, *, exact: bool = False, mixed_ids: bool = False) -> Array:
    """Return a column as one numpy array: missing values are NaN, NaT or None; ids with gaps are objects."""
    kind, data, mask = parts_of(table, name, exact=exact, mixed_ids=mixed_ids)
    return data.texts() if isinstance(data, Category) else filled(kind, data, mask)


def filled(kind: str, data: Array, mask: Array | None) -> Array:
    """Return a column's parts as one array, as `array_of` does."""
    if mask is None:
        return data
    if kind == "id":
        data = data.astype(object)
    if data.dtype.kind in "iuf":
        return np.where(mask, np.nan, data)
    data = data.copy()
    data[mask] = None if data.dtype.kind == "O" else np.datetime64("NaT")
    return data


def append(table: _core.Table, columns: dict[str, Array | Category]) -> _core.Table:
    """Return the native table with these columns more."""
    for name, data in columns.items():
        if isinstance(data, Category):
            table = table.with_categories(name, data.codes, data.names)
        elif data.dtype.kind in "OU":
            table = table.with_texts(name, [str(value) for value in data])
        elif data.dtype.kind in "iu":
            table = table.with_integers(name, data)
        else:
            table = table.with_reals(name, data)
    return table
