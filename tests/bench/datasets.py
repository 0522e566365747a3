"""The lines of the benchmark, as files: the real ones or the demo shop, some copies of them, in every form of file.

Files are kept in the cache folder from run to run, and are made aside and renamed, so that none is ever half done.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import lgs_rfm as lgs
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from definitions import AS_OF

COLUMNS = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
NEEDED = ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]
SEED = 1
MAX_SHUFFLED = 10  # copies: a shuffle holds all lines in memory

# How each kind of CSV file differs from the plain one, which is as the public file: comma, LF, quotes where needed,
# customers as 13085.0. With a decimal comma they are whole numbers.
CSV_KINDS: dict[str, dict[str, object]] = {
    "plain": {},
    "quoted": {"quote_style": "always"},
    "crlf": {"line_terminator": "\r\n"},
    "semicolon": {"separator": ";", "decimal_comma": True},
    "shuffled": {},
}


@dataclass(frozen=True)
class Source:
    """Which lines: the folder of the real ones, or else how many customers the demo shop has; and how many copies."""

    folder: str | None
    customers: int
    scale: int

    @property
    def name(self) -> str:
        return "real lines" if self.folder else f"demo shop of {self.customers:,} customers"


def _lines(source: Source) -> pl.DataFrame:
    """Return one copy of the lines, in the order of the input."""
    if source.folder:
        frame = pl.read_parquet(Path(source.folder) / "online_retail_II.parquet")
    else:
        frame = lgs.demo_lines(customers=source.customers, seed=SEED, frame="polars")
        frame = frame.rename(dict(zip(frame.columns, COLUMNS, strict=True)))
    whole = {"Quantity": pl.Int32, "Customer ID": pl.Int32}  # one type for both sources
    return frame.select(
        pl.col(name).cast(whole.get(name, frame.schema[name] if frame.schema[name].is_numeric() else pl.String))
        if name != "InvoiceDate"
        else pl.col(name).cast(pl.Datetime("us"))
        for name in COLUMNS
    )


def _copies(source: Source) -> Iterator[pl.DataFrame]:
    """Yield the copies: invoice and customer numbers go on where the last copy's ended, so lengths hardly grow."""
    frame = _lines(source)
    frame = frame.with_columns(
        letter=pl.col("Invoice").str.extract(r"^(\D*)"), number=pl.col("Invoice").str.extract(r"(\d+)$").cast(pl.Int64)
    )
    invoices = frame.select(pl.col("number").max() - pl.col("number").min() + 1).item()
    people = frame.select(pl.col("Customer ID").max() - pl.col("Customer ID").min() + 1).item()
    for i in range(source.scale):
        yield frame.with_columns(
            pl.concat_str("letter", (pl.col("number") + i * invoices).cast(pl.String)).alias("Invoice"),
            pl.col("Customer ID") + i * people,
        ).select(COLUMNS)


@contextmanager
def _made(path: Path) -> Iterator[Path]:
    """Give a name aside, and rename it when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.part")
    try:
        yield aside
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


def _shuffled(source: Source) -> pl.DataFrame:
    if source.scale > MAX_SHUFFLED:
        raise ValueError(f"shuffled rows are made up to scale {MAX_SHUFFLED}")
    return pl.concat(list(_copies(source))).sample(fraction=1, shuffle=True, seed=SEED)


def _short(field: pa.Field) -> pa.Field:
    """Return text with offsets of 32 bits, as Parquet files are read by most."""
    return field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field


def _place(source: Source, cache: Path, name: str) -> Path:
    return cache / f"{'real' if source.folder else f'demo-{source.customers}'}-x{source.scale}" / name


def parquet(source: Source, cache: Path, *, shuffled: bool = False) -> Path:
    """Return the Parquet file of all eight columns, a row group a copy; made when it is not there."""
    path = _place(source, cache, "shuffled.parquet" if shuffled else "lines.parquet")
    if not path.exists():
        with _made(path) as aside:
            parts = iter([_shuffled(source)]) if shuffled else _copies(source)
            writer = None
            for part in parts:
                table = part.to_arrow(compat_level=pl.CompatLevel.oldest())
                table = table.cast(pa.schema([_short(each) for each in table.schema]))
                writer = writer or pq.ParquetWriter(aside, table.schema)
                writer.write_table(table)
            assert writer is not None
            writer.close()
    return path


def csv(source: Source, cache: Path, kind: str = "plain") -> Path:
    """Return the CSV file of a kind of CSV_KINDS; made when it is not there."""
    path = _place(source, cache, f"{kind}.csv")
    if not path.exists():
        with _made(path) as aside, aside.open("wb") as file:
            parts = iter([_shuffled(source)]) if kind == "shuffled" else _copies(source)
            for i, part in enumerate(parts):
                customers = pl.Int32 if kind == "semicolon" else pl.Float64
                part.with_columns(pl.col("Customer ID").cast(customers)).write_csv(
                    file,
                    include_header=i == 0,
                    datetime_format="%Y-%m-%d %H:%M:%S",
                    **CSV_KINDS[kind],
                )
    return path


def customers(source: Source, cache: Path, copies: int) -> Path:
    """Return a Parquet file of customers: those of one copy of the lines, `copies` times under other numbers."""
    one = Source(source.folder, source.customers, 1)
    path = _place(one, cache, f"customers-x{copies}.parquet")
    if not path.exists():
        lines = lgs.Lines(pl.read_parquet(parquet(one, cache), columns=NEEDED), copies="drop")
        book = lgs.Ledger.from_lines(lines)
        table = book.customers(as_of=AS_OF).select("customer_id", "recency", "frequency", "monetary")
        span = int(table["customer_id"].max()) + 1
        many = pl.concat(table.with_columns(pl.col("customer_id") + i * span) for i in range(copies))
        with _made(path) as aside:
            many.write_parquet(aside)
    return path


def line_bytes(path: Path) -> int:
    """Return the bytes of the five columns in memory, as Arrow holds them: text, offsets, numbers, bits of validity."""
    numbers = 4 + 4 + 8 + 8 + 4  # offset, quantity, moment, price, customer
    text = pl.scan_parquet(path).select(pl.col("Invoice").str.len_bytes().sum()).collect().item()
    return int(text) + rows(path) * numbers + rows(path) // 8


def rows(path: Path) -> int:
    """Return the lines of a Parquet file."""
    return int(pq.ParquetFile(path).metadata.num_rows)


def buyers(path: Path) -> int:
    """Return how many customers of a Parquet file of lines have bought something."""
    bought = pl.scan_parquet(path).filter((pl.col("Quantity") > 0) & (pl.col("Price") > 0))
    return int(bought.select(pl.col("Customer ID").drop_nulls().n_unique()).collect().item())
