"""Polars frames, through Arrow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import _core
from .._lazy import np
from ._base import Fed, Kind, Reader, feed_columns, needed_columns
from ._rows import same_typed
from ._values import Array, Category, IdType, objects, parts_of

if TYPE_CHECKING:
    from ..table import Table


class PolarsKind(Kind):
    """polars.DataFrame and polars.LazyFrame, which is collected for the needed columns only."""

    name = "polars"

    def feed(self, frame: Any, reader: Reader, columns: dict[str, str]) -> Fed:
        names = self.names(frame)
        if hasattr(frame, "collect"):
            positions, _ = needed_columns(names, reader, columns)
            frame = frame.select({names[at] for at in positions.values()}).collect()

        def id_type(at: int, column: _core.Column) -> IdType:
            dtype = frame[names[at]].dtype
            return IdType(column.holds_text, None if dtype.is_float() else dtype)

        # Column by column: a frame as a whole would align the chunks of all columns first.
        return feed_columns(names, reader, columns, lambda at: _core.Column.from_arrow(frame[names[at]]), id_type)

    def names(self, frame: Any) -> list[str]:
        names: list[str] = frame.collect_schema().names() if hasattr(frame, "collect_schema") else frame.columns
        return names

    def to_numpy(self, frame: Any, name: str) -> Array:
        series = frame[name]
        if series.dtype.is_numeric() and not series.dtype.is_decimal():
            array: Array = series.to_numpy()
            return array
        if series.dtype.is_temporal():
            moments: Array = series.to_numpy()
            return moments
        return objects(series.to_list())

    def id_column(self, frame: Any, name: str) -> _core.Column:
        return _core.Column.from_arrow(frame[name])

    def categories(self, frame: Any, name: str) -> list[str]:
        dtype = frame[name].dtype
        return list(dtype.categories) if hasattr(dtype, "categories") else super().categories(frame, name)

    def from_table(self, table: Table, ids: dict[str, IdType], *, fresh: bool = False) -> Any:
        import polars as pl

        columns = []
        for series in pl.DataFrame(table):
            name = series.name
            if series.dtype == pl.Categorical:
                _, data, _ = parts_of(table._native, name, exact=False)
                assert isinstance(data, Category)
                series = _enum(name, data)
            dtype = ids[name].dtype if name in ids else None
            if dtype is not None and series.dtype != dtype:
                # An id that came later may not fit the first frame's type: the column then stays as it is.
                with contextlib.suppress(pl.exceptions.PolarsError):
                    series = series.cast(dtype)
            columns.append(series)
        return pl.DataFrame(columns)

    def with_columns(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        return frame.with_columns(self.like(frame, columns))

    def take(self, frame: Any, positions: Array) -> Any:
        import polars as pl

        rows = pl.Series(positions, dtype=pl.Int64)
        return pl.DataFrame([series.gather(rows.set(rows < 0, None)) for series in frame])

    def only(self, frame: Any, names: list[str]) -> Any:
        return frame[names]

    def beside(self, frame: Any, other: Any) -> Any:
        return frame.hstack(other)

    def of_columns(self, columns: dict[str, Array | Category], ids: Iterable[str] = ()) -> Any:
        import polars as pl

        plain = {name: data for name, data in columns.items() if isinstance(data, Category) or data.dtype.kind != "O"}
        series = {one.name: one for one in self.like(None, plain)}
        for name, data in columns.items():
            if name not in plain:
                assert not isinstance(data, Category)
                series[name] = pl.Series(name, same_typed(data))
        return pl.DataFrame([series[name] for name in columns])

    def like(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        import polars as pl

        return pl.DataFrame(
            [
                _enum(name, data) if isinstance(data, Category) else pl.Series(name, np.ascontiguousarray(data))
                for name, data in columns.items()
            ]
        )


def _enum(name: str, data: Category) -> Any:
    """Return names of a fixed set as an Enum, from their codes where this Polars can: text takes thrice as long."""
    import polars as pl

    dtype = pl.Enum(data.names)
    if len(data.names) < 255:
        codes = pl.Series(name, data.codes).cast(pl.UInt8, strict=False)  # -1 becomes missing
        if hasattr(codes.cat, "to"):
            return codes.cat.to(dtype)
    return pl.Series(name, data.texts(), dtype=pl.String).cast(dtype)
