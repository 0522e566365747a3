"""Dicts of numpy arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import _core
from .._lazy import np
from ._base import Fed, Kind, Reader, feed_columns
from ._rows import native_table, picked, whole_with_gaps
from ._values import Array, Category, IdType, append, array_of, objects, parts_of

if TYPE_CHECKING:
    from ..table import Table

_NATIVE_UNITS = ("s", "ms", "us", "ns")


def native_column(values: Any) -> _core.Column:
    """Return any one-dimensional array as a native column: viewed where numpy's type is one of ours."""
    mask = None
    if isinstance(values, np.ma.MaskedArray):
        values, mask = values.data, np.ma.getmaskarray(values)
    array = np.asarray(values)
    if array.dtype.kind == "U" and not isinstance(values, np.ndarray) and any(not isinstance(v, str) for v in values):
        array = objects(list(values))  # a list of mixed values: numpy would turn all of them into text
    if array.dtype.kind == "T":
        array = array.astype(object)
    if array.dtype.kind == "M" and np.datetime_data(array.dtype)[0] not in _NATIVE_UNITS:
        array = array.astype("datetime64[s]")
    return _core.Column.from_numpy(array, mask)


def id_type(dtype: np.dtype[Any], column: _core.Column) -> IdType:
    """Tell how ids of this dtype come back: floats as int64, objects as objects, anything else as it was."""
    if dtype.kind == "O":
        return IdType(column.holds_text and not column.holds_numbers, dtype)
    return IdType(dtype.kind in "UST", None if dtype.kind == "f" else dtype)


def cast_ids(array: Array, dtype: Any) -> Array:
    """Return ids in the type they came in, or as they are when they do not fit it."""
    if dtype is None or array.dtype == dtype or None in array.tolist():
        return array
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        fits = array.dtype.kind == "i" and (not len(array) or limits.min <= array.min() <= array.max() <= limits.max)
        return array.astype(dtype) if fits else array
    if dtype.kind == "S":
        return (
            np.array([str(v).encode("utf-8", "surrogateescape") for v in array.tolist()], dtype="S")
            if len(array)
            else array.astype("S1")
        )
    if dtype.kind == "U":
        return np.array([str(v) for v in array.tolist()], dtype=str)
    return array.astype(dtype)


class NumpyKind(Kind):
    """A dict of names to arrays."""

    name = "numpy"

    def feed(self, frame: Any, reader: Reader, columns: dict[str, str]) -> Fed:
        names = [str(name) for name in frame]
        values = list(frame.values())
        return feed_columns(
            names,
            reader,
            columns,
            lambda at: native_column(values[at]),
            lambda at, column: id_type(np.asarray(values[at]).dtype, column),
        )

    def names(self, frame: Any) -> list[str]:
        return list(frame)

    def to_numpy(self, frame: Any, name: str) -> Array:
        return np.asarray(frame[name])

    def id_column(self, frame: Any, name: str) -> _core.Column:
        return native_column(frame[name])

    def from_table(self, table: Table, ids: dict[str, IdType], *, fresh: bool = False) -> dict[str, Array]:
        result = {}
        for name in table.columns:
            dtype = ids[name].dtype if name in ids else None
            mixed = dtype is not None and dtype.kind == "O"
            array = array_of(table._native, name, exact=table._exact, mixed_ids=mixed)
            result[name] = np.array(cast_ids(array, dtype))  # a copy: the caller may write into it
        return result

    def take(self, frame: Any, positions: Array) -> dict[str, Array]:
        return {name: picked(self.to_numpy(frame, name), positions) for name in frame}

    def only(self, frame: Any, names: list[str]) -> dict[str, Array]:
        return {name: frame[name] for name in names}

    def beside(self, frame: Any, other: Any) -> dict[str, Array]:
        return {**frame, **other}

    def of_columns(self, columns: dict[str, Array | Category], ids: Iterable[str] = ()) -> dict[str, Array]:
        made = self.like(None, columns)
        return {name: data.astype(np.float64) if whole_with_gaps(data) else data for name, data in made.items()}

    def with_columns(self, frame: Any, columns: dict[str, Array | Category]) -> dict[str, Array]:
        return {**frame, **self.like(frame, columns)}

    def like(self, frame: Any, columns: dict[str, Array | Category]) -> dict[str, Array]:
        return {name: data.texts() if isinstance(data, Category) else data for name, data in columns.items()}


class TableKind(Kind):
    """Our own table; also what other Arrow sources get back."""

    name = "table"

    def feed(self, frame: Any, reader: Reader, columns: dict[str, str]) -> Fed:
        ignored, text = reader.add_stream(frame, columns)
        return Fed(ignored, {name: IdType(True) for name in text})

    def names(self, frame: Any) -> list[str]:
        return list(frame.columns)

    def to_numpy(self, frame: Any, name: str) -> Array:
        array: Array = frame[name]
        return array

    def id_column(self, frame: Any, name: str) -> _core.Column:
        return native_column(frame[name])

    def categories(self, frame: Any, name: str) -> list[str]:
        _, data, _ = parts_of(frame._native, name, exact=False)
        return data.names if isinstance(data, Category) else super().categories(frame, name)

    def from_table(self, table: Table, ids: dict[str, IdType], *, fresh: bool = False) -> Table:
        return table

    def take(self, frame: Any, positions: Array) -> Table:
        from ..table import Table

        return Table(_core.rows(frame._native, positions), exact=frame._exact)

    def only(self, frame: Any, names: list[str]) -> Table:
        from ..table import Table

        return Table(_core.columns(frame._native, names), exact=frame._exact)

    def beside(self, frame: Any, other: Any) -> Table:
        from ..table import Table

        return Table(_core.beside(frame._native, other._native), exact=frame._exact)

    def of_columns(self, columns: dict[str, Array | Category], ids: Iterable[str] = ()) -> Table:
        from ..table import Table

        return Table(native_table(columns, ids))

    def with_columns(self, frame: Any, columns: dict[str, Array | Category]) -> Table:
        from ..table import Table

        return Table(append(frame._native, columns), exact=frame._exact)

    def like(self, frame: Any, columns: dict[str, Array | Category]) -> Table:
        from ..table import Table

        return Table(append(_core.Table(), columns))
