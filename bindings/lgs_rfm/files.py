"""CSV and Parquet files as record batches, through PyArrow (extra ``io``)."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from . import _core
from .errors import ColumnError, LinesError
from .frames import Fed

__all__ = ["FileInput"]

Progress = Callable[[int, int | None], None]

# All columns come as text, which keeps ids and moments as they stand; these become doubles, whose decimals the core
# takes exactly.
_CSV_NUMBERS = ("quantity", "unit_price", "amount")
_CSV_MISSING = ("", "NULL", "null", "NaN", "nan")  # as databases and pandas write it; "NA" may be an id
_FRONT = 1 << 16  # bytes looked at before reading: the header row must lie within


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
        except (LinesError, ColumnError, TypeError, ValueError) as error:
            error.args = (f"{name}: {error.args[0]}",)
            raise

    def _feed(self, file: _Counted, reader: _core.Reader, columns: dict[str, str]) -> Fed:
        front = file.peek(_FRONT)
        if front.startswith(b"PAR1"):
            batches = _parquet(file, columns)
        elif b"\0" in front:  # a spreadsheet, a compressed file, UTF-16
            raise ValueError("is neither Parquet nor CSV in UTF-8; save it as one of these")
        else:
            batches = _csv(file, front, columns)
        ignored = next(batches)
        for batch in batches:
            reader.add_stream(batch, {ours: ours for ours in batch.schema.names})
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
        if count < 0:
            data, self._front = self._front + self._file.read(), b""
        elif self._front:
            data, self._front = self._front[:count], self._front[count:]
        else:
            data = self._file.read(count)
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


def _renamed(batch: Any, needed: dict[str, str]) -> Any:
    """Return the record batch under our names."""
    import pyarrow as pa

    return pa.record_batch([batch.column(theirs) for theirs in needed.values()], names=list(needed))


def _csv(file: _Counted, front: bytes, columns: dict[str, str]) -> Iterator[Any]:
    """Yield the ignored names, then the batches under our names; the first has no rows."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    text = io.StringIO(front.decode("utf-8-sig", errors="replace"), newline="")
    names = next((row for row in csv.reader(text) if row), None)
    if names is None:
        raise ValueError("is empty; give a header row and lines")
    needed, ignored = _needed(names, columns)
    if any("\ufffd" in theirs for theirs in needed.values()):
        raise ValueError("the header is not in UTF-8; save the file in UTF-8")
    yield ignored
    yield pa.record_batch(
        [pa.array([], pa.float64() if ours in _CSV_NUMBERS else pa.string()) for ours in needed], names=list(needed)
    )
    if not text.read(1):  # no line after the header
        return
    wanted = list(dict.fromkeys(needed.values()))
    batches = pacsv.open_csv(
        pa.PythonFile(file, mode="r"),
        read_options=pacsv.ReadOptions(block_size=1 << 22),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.string()),
            null_values=list(_CSV_MISSING),
            strings_can_be_null=True,
        ),
    )
    row = 0
    for batch in batches:
        yield _typed(_renamed(batch, needed), row)
        row += batch.num_rows


def _typed(batch: Any, row: int) -> Any:
    """Return a batch of text with its numbers as numbers; `row` is the position of its first row in the file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = batch.columns
    for i, ours in enumerate(batch.schema.names):
        if ours in _CSV_NUMBERS:
            arrays[i] = _numbers(arrays[i], ours, row)
        elif ours == "customer_id":  # 13085.0, as pandas writes ids that have gaps, is 13085
            arrays[i] = pc.replace_substring_regex(arrays[i], r"^(-?[0-9]+)\.0+$", r"\1")
    return pa.record_batch(arrays, names=batch.schema.names)


def _numbers(texts: Any, name: str, row: int) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    for each in (texts, pc.utf8_trim_whitespace(texts)):
        try:
            return pc.cast(each, pa.float64())
        except pa.ArrowInvalid:
            continue
    row, text = next((row + at, text) for at, text in enumerate(texts.to_pylist()) if not _is_number(text))
    error = LinesError(f"column {name}, row {row}: '{text}' is no number; write it such as 1234.50")
    error.column, error.row, error.value = name, row, text
    raise error


def _is_number(text: str | None) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.cast(pa.scalar((text or "0").strip()), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _parquet(file: _Counted, columns: dict[str, str]) -> Iterator[Any]:
    """Yield the ignored names, then the batches under our names; the first has no rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parquet = pq.ParquetFile(pa.BufferReader(file.read()))
    needed, ignored = _needed(parquet.schema_arrow.names, columns)
    yield ignored
    yield _renamed(pa.RecordBatch.from_pylist([], schema=parquet.schema_arrow), needed)
    for batch in parquet.iter_batches(columns=list(dict.fromkeys(needed.values()))):
        yield _renamed(batch, needed)
