"""pandas frames, read column by column through numpy, so without PyArrow too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import _core
from .._lazy import np
from ._base import Fed, Kind, Reader, feed_columns
from ._numpy import cast_ids, id_type, native_column
from ._rows import whole_with_gaps
from ._values import Array, Category, IdType, filled, parts_of

if TYPE_CHECKING:
    from ..table import Table


def native_series(series: Any) -> _core.Column:
    """Return a Series as a native column: in place for numpy and Arrow memory, else through objects."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return native_column(series.to_numpy())
    array = series.array
    if hasattr(array, "codes") and hasattr(array, "categories"):
        return _core.Column.from_codes(np.asarray(array.codes), native_series(array.categories.to_series()))
    if hasattr(dtype, "tz"):
        if str(dtype.tz) in ("UTC", "Etc/UTC", "GMT"):
            return native_column(series.dt.tz_localize(None).to_numpy())
        return native_column(series.astype(object).to_numpy())  # objects carry the zone into the message
    if getattr(dtype, "storage", "") == "pyarrow" or hasattr(dtype, "pyarrow_dtype"):
        return _core.Column.from_arrow(array.__arrow_array__())
    if hasattr(dtype, "numpy_dtype"):  # masked integers and floats
        return native_column(np.ma.MaskedArray(array.to_numpy(dtype.numpy_dtype, na_value=0), mask=array.isna()))
    return native_column(series.to_numpy(dtype=object))


class PandasKind(Kind):
    """pandas.DataFrame."""

    name = "pandas"

    def feed(self, frame: Any, reader: Reader, columns: dict[str, str]) -> Fed:
        names = list(frame.columns)
        by_name = frame.columns.is_unique  # much quicker than by position
        series = {}

        def native_at(at: int) -> _core.Column:
            series[at] = frame[names[at]] if by_name else frame.iloc[:, at]
            return native_series(series[at])

        return feed_columns(
            [str(name) for name in names],
            reader,
            columns,
            native_at,
            lambda at, column: self._id_type(series[at].dtype, column),
        )

    @staticmethod
    def _id_type(dtype: Any, column: _core.Column) -> IdType:
        if isinstance(dtype, np.dtype):
            return id_type(dtype, column)
        if hasattr(dtype, "categories"):  # later lines may bring ids that are no category, so their type comes back
            return PandasKind._id_type(dtype.categories.dtype, column)
        if getattr(dtype, "kind", "O") == "f":
            return IdType()
        return IdType(column.holds_text, dtype)

    def names(self, frame: Any) -> list[str]:
        return list(frame.columns)

    def to_numpy(self, frame: Any, name: str) -> Array:
        series = frame[name]
        if isinstance(series.dtype, np.dtype):
            array: Array = series.to_numpy()
            return array
        if series.dtype.kind in "iufb":
            missing = bool(series.isna().any())
            numbers: Array = (
                series.to_numpy("float64", na_value=np.nan) if missing else series.to_numpy(series.dtype.numpy_dtype)
            )
            return numbers
        values = series.astype(object)
        plain: Array = values.where(series.notna(), None).to_numpy(dtype=object)
        return plain

    def id_column(self, frame: Any, name: str) -> _core.Column:
        return native_series(frame[name])

    def categories(self, frame: Any, name: str) -> list[str]:
        dtype = frame[name].dtype
        return [str(v) for v in dtype.categories] if hasattr(dtype, "categories") else super().categories(frame, name)

    def from_table(self, table: Table, ids: dict[str, IdType], *, fresh: bool = False) -> Any:
        import pandas as pd

        data = {}
        for name in table.columns:
            dtype = ids[name].dtype if name in ids else None
            text = _arrow_text(table, name, dtype)
            if text is not None:
                data[name] = text
                continue
            mixed = isinstance(dtype, np.dtype) and dtype.kind == "O"
            kind, values, mask = parts_of(table._native, name, exact=table._exact, mixed_ids=mixed, writable=fresh)
            if isinstance(values, Category):
                data[name] = _categorical(values)
            elif kind == "id":
                data[name] = _ids(values, mask, dtype)
            elif kind == "text":
                data[name] = pd.Series(values, dtype="str" if _has_str_dtype() else object)
            else:
                data[name] = filled(kind, values, mask)
        return pd.DataFrame(data, copy=False if fresh else None)

    def with_columns(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        return frame.assign(**self._series(frame, columns))

    def like(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        import pandas as pd

        return pd.DataFrame(self._series(frame, columns), index=frame.index, copy=False)

    def take(self, frame: Any, positions: Array) -> Any:
        gaps = bool((positions < 0).any())
        if gaps:  # whole numbers stay whole, yes and no stay so, beside values that are missing
            kinds = {"i": "Int64", "u": "UInt64", "b": "boolean"}
            types = {n: t.kind for n, t in frame.dtypes.items() if isinstance(t, np.dtype) and t.kind in kinds}
            frame = frame.astype({name: kinds[kind] for name, kind in types.items()})
        frame = frame.reset_index(drop=True)
        return (frame.reindex(positions) if gaps else frame.take(positions)).reset_index(drop=True)

    def only(self, frame: Any, names: list[str]) -> Any:
        return frame[names]

    def beside(self, frame: Any, other: Any) -> Any:
        import pandas as pd

        return pd.concat([frame, other], axis=1)

    def of_columns(self, columns: dict[str, Array | Category], ids: Iterable[str] = ()) -> Any:
        import pandas as pd

        data = self._series(None, columns)
        for name, column in columns.items():
            if not isinstance(column, Category) and whole_with_gaps(column):
                data[name] = pd.array(column, dtype="Int64")
        return pd.DataFrame(data)

    @staticmethod
    def _series(frame: Any, columns: dict[str, Array | Category]) -> dict[str, Any]:
        return {name: _categorical(data) if isinstance(data, Category) else data for name, data in columns.items()}


# Dtypes made before: making one takes pandas longer than filling a column with it.
_dtypes: dict[tuple[str, ...], Any] = {}
_MOST_DTYPES = 16


def _categorical(data: Category) -> Any:
    import pandas as pd

    names = tuple(data.names)
    dtype = _dtypes.get(names)
    if dtype is None:
        dtype = pd.CategoricalDtype(data.names)
        if len(_dtypes) < _MOST_DTYPES:
            _dtypes[names] = dtype
    return pd.Categorical.from_codes(data.codes, dtype=dtype)


class _ArrowText:
    """A column of text on its way through Arrow."""

    def __init__(self, capsules: tuple[object, object]) -> None:
        self._capsules = capsules

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._capsules


def _arrow_text(table: Table, name: str, dtype: Any) -> Any:
    """Return a column of text in the type it came in, None where pandas does not hold that type in Arrow's memory."""
    import pandas as pd

    if dtype is None and _has_str_dtype():
        dtype = pd.StringDtype(na_value=np.nan)
    if getattr(dtype, "storage", None) != "pyarrow":
        return None
    capsules = table._native.arrow_text(name)
    if capsules is None:
        return None
    import pyarrow as pa

    return pd.array(pa.array(_ArrowText(capsules)), dtype=dtype)


def _has_str_dtype() -> bool:
    """Tell whether pandas is 3 or newer, whose columns of text have a type of their own."""
    import pandas as pd

    return int(pd.__version__.split(".")[0]) >= 3


def _ids(values: Array, mask: Array | None, dtype: Any) -> Any:
    """Return ids in the type they came in; integers with gaps are nullable Int64, and new text is pandas' own."""
    import pandas as pd

    if dtype is None:
        dtype = values.dtype if values.dtype.kind == "i" else ("str" if _has_str_dtype() else object)
    if values.dtype.kind == "i" and mask is not None:
        whole: Any = pd.array(values, dtype="Int64")
        whole[mask] = pd.NA
        values = whole
        if isinstance(dtype, np.dtype) and dtype.kind in "iu":
            return whole
    elif isinstance(dtype, np.dtype):
        return cast_ids(values, dtype if dtype.kind in "iuO" else None)
    elif dtype == values.dtype:
        return values
    try:
        return pd.Series(values).astype(dtype)
    except (ValueError, TypeError, OverflowError):
        return pd.Series(values)  # an id came later that the first frame's type cannot hold
