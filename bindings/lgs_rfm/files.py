"""CSV files, dumps of PostgreSQL and Parquet files, told by content; compressed ones too."""

from __future__ import annotations

import gzip
import itertools
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any, BinaryIO, cast

from . import _core
from .errors import ColumnError, LinesError
from .frames import Fed, Reader, needed_columns

__all__ = ["FileInput", "TextOptions"]

Progress = Callable[[int, int | None], None]

_FRONT = 1 << 12  # bytes looked at to tell what a file is
_ROWS = 1 << 18  # of Parquet, read at a time: enough for a few threads
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"

_DECIMALS = (".", ",")
_DATE_ORDERS = (None, "mdy", "dmy")
_BAD_LINES = ("error", "skip")


@dataclass(frozen=True)
class TextOptions:
    """How CSV and dumps are read; see `read_lines`."""

    delimiter: str | None = None
    decimal: str = "."
    date_order: str | None = None
    bad_lines: str = "error"
    table: str | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("decimal", self.decimal, _DECIMALS),
            ("date_order", self.date_order, _DATE_ORDERS),
            ("bad_lines", self.bad_lines, _BAD_LINES),
        ):
            if value not in allowed:
                raise ValueError(f"{name}={value!r} is not one of {', '.join(map(repr, allowed))}")
        one = self.delimiter is None or (len(self.delimiter) == 1 and self.delimiter.isascii())
        if not one or self.delimiter in ('"', "\n", "\r"):
            raise ValueError(f"delimiter={self.delimiter!r} is not one character such as ',', ';', '\\t' or '|'")
        if self.threads is not None and self.threads < 1:
            raise ValueError(f"threads={self.threads!r} is not 1 or more")


class FileInput:
    """One file; ``"-"`` is standard input."""

    kind = "table"

    def __init__(
        self, path: str | PathLike[str], progress: Progress | None = None, options: TextOptions | None = None
    ) -> None:
        self._path = path
        self._progress = progress
        self._options = options or TextOptions()

    @property
    def name(self) -> str:
        """What messages call the file."""
        return "standard input" if self._path == "-" else str(self._path)

    @property
    def once(self) -> bool:
        """Whether the file is a pipe."""
        return self._path == "-" or not os.path.isfile(self._path)

    def feed(self, reader: Reader, columns: dict[str, str]) -> Fed:
        """Give the file's lines to the reader; ids come out as integers where all of them are."""
        try:
            if self._path == "-":
                return self._feed(sys.stdin.buffer, None, None, reader, columns)
            path = os.fsdecode(self._path)
            with open(path, "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):  # a pipe: what was read of it cannot be read again
                    return self._feed(file, None, None, reader, columns)
                return self._feed(file, path, status.st_size, reader, columns)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{self.name}: cannot be decompressed: {error}") from error
        except (LinesError, ColumnError, TypeError, ValueError) as error:
            error.args = (f"{self.name}: {error.args[0]}",)
            raise

    def _feed(self, file: BinaryIO, path: str | None, size: int | None, reader: Reader, columns: dict[str, str]) -> Fed:
        """Read what the content says; `path` is None where the file can only be read once, from front to end."""
        front = file.read(_FRONT)
        stream = _Joined(front, file)
        if front.startswith(_PARQUET):
            return self._parquet(path or stream, size, reader, columns)
        if front.startswith((_GZIP, _ZSTD)):
            unpacked = _unpacked(stream, zipped=front.startswith(_GZIP))
            return self._text(unpacked.read, self._compressed_progress(stream, size), reader, columns)
        if b"\0" in front:  # a spreadsheet, UTF-16
            raise ValueError("is neither Parquet nor CSV in UTF-8; save it as one of these")
        return self._text(path or stream.read, self._progress, reader, columns)

    def _text(
        self,
        source: str | Callable[[int], bytes],
        progress: Progress | None,
        reader: Reader,
        columns: dict[str, str],
    ) -> Fed:
        given = self._options
        ignored = _core.add_csv(
            reader,
            source,
            columns,
            delimiter=given.delimiter,
            decimal=given.decimal,
            date_order=given.date_order,
            bad_lines=given.bad_lines,
            table=given.table,
            threads=given.threads,
            progress=progress,
        )
        return Fed(ignored)

    def _compressed_progress(self, stream: _Joined, size: int | None) -> Progress | None:
        """Progress by what was read of the compressed file, whose size is known."""
        heard = self._progress
        if heard is None:
            return None
        return lambda done, total: heard(stream.done, size)

    def _parquet(self, source: str | _Joined, size: int | None, reader: Reader, columns: dict[str, str]) -> Fed:
        pa = _pyarrow("Parquet")
        import pyarrow.parquet as pq

        whole = pa.py_buffer(source.read()) if isinstance(source, _Joined) else source

        def opened(**how: Any) -> Any:
            return pq.ParquetFile(pa.BufferReader(whole) if isinstance(source, _Joined) else whole, **how)

        try:
            with opened() as front:
                metadata, schema = front.metadata, front.schema_arrow
            positions, ignored = needed_columns(schema.names, reader, columns)
            needed = {ours: schema.names[at] for ours, at in positions.items()}
            with opened(metadata=metadata, read_dictionary=_dictionaries(metadata, schema, needed)) as parquet:
                rows, total = 0, max(metadata.num_rows, 1)
                for batch in _batches(pa, parquet, needed):
                    reader.add_stream(batch, {ours: ours for ours in needed})
                    rows += batch.num_rows
                    if self._progress is not None:
                        self._progress(rows * (size or 0) // total, size)
                return Fed(ignored)
        except pa.ArrowInvalid as error:
            raise ValueError(str(error)) from None


class _Joined:
    """A file whose front was read already, as readers of the standard library and PyArrow want one."""

    closed = False

    def __init__(self, front: bytes, file: BinaryIO) -> None:
        self._front = front
        self._file = file
        self.done = 0

    def read(self, count: int = -1) -> bytes:
        if not self._front:
            data = self._file.read(count)
        elif count < 0:
            data, self._front = self._front + self._file.read(), b""
        else:
            data, self._front = self._front[:count], self._front[count:]
        self.done += len(data)
        return data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Leave the file to whoever opened it."""
        self.closed = True


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError(f"reading {what} needs PyArrow, which is not installed: pip install lgs_rfm[io]") from error
    return pa


def _unpacked(stream: _Joined, *, zipped: bool) -> Any:
    """Return a file of the content."""
    if zipped:
        return gzip.GzipFile(fileobj=cast(BinaryIO, stream), mode="rb")
    pa = _pyarrow("zstd")
    return pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")


def _dictionaries(metadata: Any, schema: Any, needed: dict[str, str]) -> list[str]:
    """Return the needed columns of text that the file holds as dictionaries: they are quicker to read so."""
    if metadata.num_row_groups == 0:
        return []
    chunks = [metadata.row_group(0).column(i) for i in range(metadata.num_columns)]
    encoded = {chunk.path_in_schema for chunk in chunks if any("DICTIONARY" in each for each in chunk.encodings)}
    return sorted({name for name in needed.values() if name in encoded and "string" in str(schema.field(name).type)})


def _row_groups(metadata: Any) -> Iterator[list[int]]:
    """Yield the numbers of a file's row groups, as many together as make a batch."""
    together: list[int] = []
    rows = 0
    for group in range(metadata.num_row_groups):
        together.append(group)
        rows += metadata.row_group(group).num_rows
        if rows >= _ROWS:
            yield together
            together, rows = [], 0
    if together:
        yield together


def _batches(pa: Any, parquet: Any, needed: dict[str, str]) -> Iterator[Any]:
    """Yield record batches under our names, first one without rows."""

    def renamed(batch: Any) -> Any:
        return pa.record_batch([batch.column(theirs) for theirs in needed.values()], names=list(needed))

    yield renamed(pa.RecordBatch.from_pylist([], schema=parquet.schema_arrow))
    names = list(dict.fromkeys(needed.values()))
    # Some row groups at a time: PyArrow keeps what it read of the others to the end.
    read = itertools.chain.from_iterable(
        parquet.iter_batches(batch_size=_ROWS, row_groups=groups, columns=names)
        for groups in _row_groups(parquet.metadata)
    )
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as ahead:  # the next batch is read while this one is summed up
        coming = ahead.submit(next, read, None)
        while (batch := coming.result()) is not None:
            coming = ahead.submit(next, read, None)
            yield renamed(batch)
