"""CSV and Parquet files as streams of record batches, through PyArrow (extra ``io``)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from . import _core
from .errors import LinesError
from .frames import Fed

__all__ = ["FileInput"]

Progress = Callable[[int, int | None], None]

# Text keeps ids and moments as they stand; numbers are read as doubles, whose decimals the core takes exactly.
_CSV_NUMBERS = ("quantity", "unit_price", "amount")


class FileInput:
    """One CSV or Parquet file, told by content; ``"-"`` is standard input."""

    kind = "table"

    def __init__(self, path: str | PathLike[str], progress: Progress | None = None) -> None:
        self._path = path
        self._progress = progress

    def feed(self, reader: _core.Reader, columns: dict[str, str]) -> Fed:
        """Give the file's batches to the reader; ids come out as integers where all of them are."""
        try:
            import pyarrow as pa
        except ImportError as error:
            raise ImportError("reading files needs PyArrow, which is not installed: pip install lgs_rfm[io]") from error
        name = "standard input" if self._path == "-" else str(self._path)
        try:
            if self._path == "-":
                return self._feed(_Counted(sys.stdin.buffer, None, self._progress), reader, columns)
            with Path(self._path).open("rb") as file:
                size = Path(self._path).stat().st_size
                return self._feed(_Counted(file, size, self._progress), reader, columns)
        except pa.ArrowInvalid as error:
            raise ValueError(f"{name}: {error}") from None
        except LinesError as error:
            error.args = (f"{name}: {error.args[0]}",)
            raise

    def _feed(self, file: _Counted, reader: _core.Reader, columns: dict[str, str]) -> Fed:
        import pyarrow as pa

        batches = _parquet(file, columns) if file.peek(4) == b"PAR1" else _csv(file, columns)
        ignored = next(batches)
        schema = next(batches)
        stream = pa.RecordBatchReader.from_batches(schema, batches)
        reader.add_stream(stream, {ours: ours for ours in schema.names})
        return Fed(ignored)


class _Counted:
    """A binary file that tells how far it was read, and whose front can be looked at before it is read."""

    def __init__(self, file: BinaryIO, size: int | None, progress: Progress | None) -> None:
        self._file = file
        self._size = size
        self._progress = progress
        self._front = b""
        self._done = 0
        self.closed = False

    def peek(self, count: int) -> bytes:
        self._front = self._file.read(count)
        return self._front

    def read(self, count: int = -1) -> bytes:
        front, self._front = self._front, b""
        data = front + self._file.read(count if count < 0 else max(count - len(front), 0))
        self._done += len(data)
        if self._progress is not None:
            self._progress(self._done, self._size)
        return data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def _needed(names: list[str], columns: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return our columns that are there with the file's names for them, and the names that are none of ours."""
    positions, ignored = _core.match_columns(names, columns)
    return {ours: names[at] for ours, at in positions.items() if ours in _core.LEDGER_COLUMNS}, ignored


def _csv(file: _Counted, columns: dict[str, str]) -> Iterator[Any]:
    """Yield the ignored names, the schema, then the batches, with our column names."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv

    lead = bytearray()
    while not lead.endswith(b"\n") and (byte := file.read(1)):
        lead += byte
    header = pacsv.read_csv(pa.BufferReader(bytes(lead)))
    needed, ignored = _needed(header.column_names, columns)
    yield ignored
    types = {theirs: pa.float64() if ours in _CSV_NUMBERS else pa.string() for ours, theirs in needed.items()}
    yield pa.schema([(ours, types[theirs]) for ours, theirs in needed.items()])
    rest = pa.PythonFile(file, mode="r")
    options = pacsv.ConvertOptions(
        include_columns=list(dict.fromkeys(needed.values())), column_types=types, strings_can_be_null=True
    )
    read = pacsv.ReadOptions(column_names=header.column_names, block_size=1 << 22)
    try:
        batches = pacsv.open_csv(rest, read_options=read, convert_options=options)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        raise
    for batch in batches:
        arrays = [batch.column(theirs) for theirs in needed.values()]
        for i, ours in enumerate(needed):
            if ours == "customer_id":  # 13085.0, as pandas writes ids that have gaps, is 13085
                arrays[i] = pc.replace_substring_regex(arrays[i], r"^(-?[0-9]+)\.0+$", r"\1")
        yield pa.record_batch(arrays, names=list(needed))


def _parquet(file: _Counted, columns: dict[str, str]) -> Iterator[Any]:
    """Yield the ignored names, the schema, then the batches, with our column names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = pa.BufferReader(file.read())
    parquet = pq.ParquetFile(data)
    needed, ignored = _needed(parquet.schema_arrow.names, columns)
    yield ignored
    yield pa.schema([parquet.schema_arrow.field(theirs).with_name(ours) for ours, theirs in needed.items()])
    for batch in parquet.iter_batches(columns=list(dict.fromkeys(needed.values()))):
        yield pa.record_batch([batch.column(theirs) for theirs in needed.values()], names=list(needed))
