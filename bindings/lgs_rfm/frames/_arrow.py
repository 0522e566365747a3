"""PyArrow tables, record batches and readers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import _core
from ._base import Fed, Kind, Reader, feed_columns, id_columns, needed_columns
from ._rows import same_typed
from ._values import Array, Category, IdType, objects

if TYPE_CHECKING:
    from ..table import Table


class ArrowKind(Kind):
    """pyarrow.Table, RecordBatch, RecordBatchReader. Results are tables."""

    name = "arrow"

    def feed(self, frame: Any, reader: Reader, columns: dict[str, str]) -> Fed:
        names = self.names(frame)
        schema = frame.schema

        def id_type(at: int, text: bool) -> IdType:
            dtype = schema.field(at).type
            return IdType(text, None if str(dtype) in ("double", "float", "halffloat") else dtype)

        if hasattr(frame, "column"):  # lies in memory, its chunks too
            return feed_columns(
                names,
                reader,
                columns,
                lambda at: _core.Column.from_arrow(frame.column(at)),
                lambda at, column: id_type(at, column.holds_text),
            )
        positions, ignored = needed_columns(names, reader, columns)
        _, text = reader.add_stream(frame, {ours: names[at] for ours, at in positions.items()})
        return Fed(ignored, {ours: id_type(positions[ours], ours in text) for ours in id_columns(positions)})

    def names(self, frame: Any) -> list[str]:
        return list(frame.schema.names)

    def to_numpy(self, frame: Any, name: str) -> Array:
        column = frame[name]
        if str(column.type).startswith(("dictionary", "decimal", "string", "large_string")):
            return objects(column.to_pylist())
        array: Array = column.to_numpy() if hasattr(column, "chunks") else column.to_numpy(zero_copy_only=False)
        return array

    def id_column(self, frame: Any, name: str) -> _core.Column:
        return _core.Column.from_arrow(frame[name])

    def categories(self, frame: Any, name: str) -> list[str]:
        column = frame[name]
        chunks = column.chunks if hasattr(column, "chunks") else [column]
        if chunks and hasattr(chunks[0], "dictionary"):
            return [str(v) for v in chunks[0].dictionary.to_pylist()]
        return super().categories(frame, name)

    def from_table(self, table: Table, ids: dict[str, IdType], *, fresh: bool = False) -> Any:
        import pyarrow as pa

        wanted = pa.schema(
            [(name, ids[name].dtype) for name in table.columns if name in ids and ids[name].dtype is not None]
        )
        result = pa.RecordBatchReader.from_stream(table, schema=wanted).read_all()
        for field in wanted:
            at = result.schema.get_field_index(field.name)
            if result.schema.field(at).type == field.type:
                continue
            # An id that came later may not fit the first frame's type: the column then stays as it is.
            with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
                result = result.set_column(at, field.name, result.column(at).cast(field.type))
        return result

    def with_columns(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        added = self.like(frame, columns)
        for name in added.column_names:
            at = frame.schema.get_field_index(name)
            column = added.column(name)
            frame = frame.append_column(name, column) if at < 0 else frame.set_column(at, name, column)
        return frame

    def take(self, frame: Any, positions: Array) -> Any:
        import pyarrow as pa

        frame = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
        return frame.take(pa.array(positions, mask=positions < 0))

    def only(self, frame: Any, names: list[str]) -> Any:
        return frame.select(names)

    def beside(self, frame: Any, other: Any) -> Any:
        for name in other.column_names:
            frame = frame.append_column(name, other.column(name))
        return frame

    def of_columns(self, columns: dict[str, Array | Category], ids: Iterable[str] = ()) -> Any:
        objects = {n: d for n, d in columns.items() if not isinstance(d, Category) and d.dtype.kind == "O"}
        return self.like(None, {**columns, **{name: same_typed(data) for name, data in objects.items()}})

    def like(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        import pyarrow as pa

        arrays = {}
        for name, data in columns.items():
            if isinstance(data, Category):
                codes = pa.array(data.codes, mask=data.codes < 0)
                arrays[name] = pa.DictionaryArray.from_arrays(codes, pa.array(data.names), ordered=True)
            else:
                arrays[name] = pa.array(data)
        return pa.table(arrays)
