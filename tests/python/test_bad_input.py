"""Each refusal: the class, and a message of one line that names column, row, value and remedy."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from frames import KINDS, make, saved_bytes

ROWS = 10
BAD = 7  # in the third chunk of three rows
DAY = dt.datetime(2011, 5, 4, 12, 30)


def good() -> dict[str, list[Any]]:
    return {
        "invoice": [f"C{489434 + i}" for i in range(ROWS)],
        "quantity": list(range(1, ROWS + 1)),
        "invoice_date": [DAY + dt.timedelta(hours=i) for i in range(ROWS)],
        "unit_price": [1.25 + i for i in range(ROWS)],
        "customer_id": [12346 + i for i in range(ROWS)],
    }


def with_bad(column: str, value: Any, row: int = BAD, **more: Any) -> dict[str, list[Any]]:
    columns = good() | more
    columns[column] = list(columns[column])
    columns[column][row] = value
    return columns


def refused(frame: Any, error: type[Exception], *parts: str) -> str:
    """The message of the refusal: one line, with every part in it. A ledger that was there is not changed."""
    book = lgs.Ledger.from_lines(make("arrow", good()))
    before = saved_bytes(book)
    with pytest.raises(error) as caught:
        book.add(frame)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert re.search(part, message), f"{part!r} is not in {message!r}"
    assert saved_bytes(book) == before
    return message


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


# ---- values, on every route


@pytest.mark.parametrize(
    ("column", "value", "parts"),
    [
        ("unit_price", float("inf"), ["inf"]),
        ("unit_price", float("-inf"), ["-inf"]),
        ("unit_price", 1e300, [r"1e\+?300"]),
        ("quantity", 2**31, ["2147483648"]),
        ("quantity", -(2**31), ["-2147483648"]),
        ("invoice_date", dt.datetime(1399, 12, 31, 23, 59, 59), ["1399", "1400"]),
    ],
    ids=str,
)
def test_out_of_range(kind: str, column: str, value: Any, parts: list[str]) -> None:
    frame = make(kind, with_bad(column, value))
    refused(frame, lgs.LinesError, column, rf"row {BAD}\b", *parts)


@pytest.mark.parametrize("value", [2.5, float("inf"), float("nan")], ids=str)
@pytest.mark.parametrize("kind", ["pandas", "numpy-text", "arrow", "polars"])
def test_fractional_quantity(kind: str, value: float) -> None:
    columns = with_bad("quantity", value, quantity=[float(i) for i in range(ROWS)])
    shown = "missing" if value != value else str(value)
    refused(make(kind, columns), lgs.LinesError, "quantity", rf"row {BAD}\b", f"{shown}|nan|NaN")


@pytest.mark.parametrize("column", ["invoice", "customer_id"])
@pytest.mark.parametrize("kind", ["pandas", "numpy-text", "numpy-object", "arrow", "polars"])
def test_fractional_id(kind: str, column: str) -> None:
    columns = with_bad(column, 13085.5, **{column: [float(13000 + i) for i in range(ROWS)]})
    refused(make(kind, columns), lgs.LinesError, column, rf"row {BAD}\b", r"13085\.5")


def test_infinite_id() -> None:
    columns = with_bad("customer_id", float("inf"), customer_id=[1.0] * ROWS)
    refused(make("numpy-text", columns), lgs.LinesError, "customer_id", rf"row {BAD}\b", "inf")


def test_float_id_beyond_exact_integers() -> None:
    columns = with_bad("customer_id", 2.0**53, customer_id=[1.0] * ROWS)
    refused(make("numpy-text", columns), lgs.LinesError, "customer_id", rf"row {BAD}\b", "9007199254740992|9.007")


@pytest.mark.parametrize("column", ["invoice", "quantity", "invoice_date", "unit_price"])
@pytest.mark.parametrize("kind", ["pandas", "pandas-object", "polars", "arrow", "numpy-object"])
def test_missing(kind: str, column: str) -> None:
    frame = make(kind, with_bad(column, None))
    refused(frame, lgs.LinesError, column, rf"row {BAD}\b", "missing|null|NaN|nan|None|NaT")


@pytest.mark.parametrize("blank", ["", "   "])
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text", "numpy-object"])
def test_blank_invoice(kind: str, blank: str) -> None:
    refused(make(kind, with_bad("invoice", blank)), lgs.LinesError, "invoice", rf"row {BAD}\b", "missing|blank|empty")


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text"])
def test_nan_price(kind: str) -> None:
    refused(make(kind, with_bad("unit_price", float("nan"))), lgs.LinesError, "unit_price", rf"row {BAD}\b")


def test_missing_customer_is_allowed(kind: str) -> None:
    columns = with_bad("customer_id", None)
    if kind == "numpy-text":
        columns["customer_id"] = [None if v is None else str(v) for v in columns["customer_id"]]
    book = lgs.Ledger.from_lines(make(kind, columns))
    assert book.reading.lines == ROWS


def test_amount_that_overflows(kind: str) -> None:
    columns = with_bad("unit_price", 9_000_000.0)
    columns["quantity"][BAD] = 2**31 - 1
    refused(make(kind, columns), lgs.LinesError, r"\bamount\b", rf"row {BAD}\b")


@pytest.mark.parametrize("text", ["05/04/2011", "2011-13-01", "2011-02-30", "yesterday", "2011-05-04 25:00", ""])
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text", "numpy-object"])
def test_text_that_is_no_moment(kind: str, text: str) -> None:
    columns = with_bad("invoice_date", text, invoice_date=["2011-05-04T12:30:00"] * ROWS)
    refused(make(kind, columns), lgs.LinesError, "invoice_date", rf"row {BAD}\b", re.escape(text) or "missing|empty")


# ---- types


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("quantity", ["1"] * ROWS),
        ("quantity", [DAY] * ROWS),
        ("unit_price", [True, False] * (ROWS // 2)),
        ("unit_price", [DAY] * ROWS),
        ("invoice_date", [1.5] * ROWS),
        ("invoice_date", [20110504] * ROWS),
        ("customer_id", [True, False] * (ROWS // 2)),
        ("invoice", [DAY] * ROWS),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v[0]).__name__,
)
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text"])
def test_wrong_type(kind: str, column: str, values: list[Any]) -> None:
    refused(make(kind, good() | {column: values}), TypeError, column)


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("invoice", [1], "list"),
        ("customer_id", dt.date(2011, 1, 1), "2011-01-01|date"),
        ("quantity", "three", "three|str"),
        ("unit_price", "1.25x", r"1\.25x|str"),
        ("invoice_date", 5, "int|5"),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["pandas-object", "numpy-object"])
def test_wrong_object_in_an_object_column(kind: str, column: str, value: Any, shown: str) -> None:
    columns = good() | {column: [None if column == "customer_id" else v for v in good()[column]]}
    columns[column][BAD] = value
    message = refused(make(kind, columns), (TypeError, lgs.LinesError), column, shown)  # type: ignore[arg-type]
    assert f"row {BAD}" in message


@pytest.mark.parametrize("frame", [None, 5, "retail", [1, 2], object()], ids=repr)
def test_not_a_frame(frame: Any) -> None:
    refused(frame, TypeError, type(frame).__name__)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_time_zone(kind: str) -> None:
    zone = pa.array([DAY] * ROWS, pa.timestamp("us", tz="Europe/London"))
    table = make("arrow", good()).set_column(2, "invoice_date", pa.chunked_array([zone]))
    frame = {"pandas": table.to_pandas, "polars": lambda: pl.from_arrow(table), "arrow": lambda: table}[kind]()
    refused(frame, (TypeError, lgs.LinesError), "invoice_date", "Europe/London", "tz_localize")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_utc_is_taken_as_it_is(kind: str) -> None:
    plain = make("arrow", good())
    moments = plain["invoice_date"].cast(pa.timestamp("us", tz="UTC"))
    table = plain.set_column(2, "invoice_date", moments)
    frame = {"pandas": table.to_pandas, "polars": lambda: pl.from_arrow(table), "arrow": lambda: table}[kind]()
    assert lgs.Ledger.from_lines(frame) == lgs.Ledger.from_lines(plain)


# ---- columns


@pytest.mark.parametrize("column", ["invoice_date", "quantity", "unit_price"])
def test_missing_column(kind: str, column: str) -> None:
    frame = make(kind, {n: v for n, v in good().items() if n != column})
    message = refused(frame, lgs.ColumnError, column, r"columns=|columns")
    assert not message.startswith("'"), "a KeyError shows its message quoted"


def test_column_error_is_a_key_error() -> None:
    assert issubclass(lgs.ColumnError, KeyError)
    assert issubclass(lgs.LinesError, ValueError)
    assert issubclass(lgs.NotFittedError, ValueError)


def test_two_columns_for_one_name(kind: str) -> None:
    frame = make(kind, good() | {"Invoice": good()["invoice"]})
    refused(frame, lgs.ColumnError, "Invoice", "invoice", "columns")


def test_two_spellings_for_one_name() -> None:
    frame = make("pandas", good() | {"CustomerID": good()["customer_id"]})
    refused(frame, lgs.ColumnError, "CustomerID", "customer_id")


def test_same_name_twice() -> None:
    frame = make("pandas", good())
    frame.columns = ["invoice", "quantity", "invoice_date", "unit_price", "invoice"]
    refused(frame, lgs.ColumnError, "invoice")


def test_renamed_column_that_is_not_there(kind: str) -> None:
    frame = make(kind, good())
    refused(lgs.Lines(frame, columns={"invoice": "belegnr"}), lgs.ColumnError, "belegnr", "invoice")


def test_unknown_name_in_columns() -> None:
    frame = make("pandas", good())
    with pytest.raises((ValueError, lgs.ColumnError), match=r"rechnung.*invoice"):
        lgs.Ledger.from_lines(lgs.Lines(frame, columns={"rechnung": "invoice"}))


def test_unequal_lengths() -> None:
    frame = make("numpy-text", good())
    frame["customer_id"] = frame["customer_id"][:-3]
    refused(frame, lgs.LinesError, "length", "customer_id", "10", "7")


def test_two_dimensional_column() -> None:
    frame = make("numpy-text", good())
    frame["unit_price"] = np.ones((ROWS, 2))
    refused(frame, (TypeError, lgs.LinesError), "unit_price", "2|dimension")  # type: ignore[arg-type]


# ---- the lowest row, then column order


def test_lowest_row_comes_first(kind: str) -> None:
    columns = with_bad("invoice_date", dt.datetime(1399, 1, 1), row=4)
    columns["unit_price"][3] = float("inf")
    columns["quantity"][8] = 2**31
    refused(make(kind, columns), lgs.LinesError, "unit_price", r"row 3\b")


def test_column_order_within_a_row(kind: str) -> None:
    columns = with_bad("unit_price", float("inf"), row=5)
    columns["quantity"][5] = 2**31
    columns["invoice_date"][5] = dt.datetime(1399, 1, 1)
    # The order of our names: invoice, quantity, invoice_date, unit_price, customer_id.
    refused(make(kind, columns), lgs.LinesError, "quantity", r"row 5\b")


@pytest.mark.parametrize("size", [1, 2, 4096, 100_000])
def test_rows_count_over_chunks_and_blocks(size: int) -> None:
    rows = 20_000
    table = pa.table(
        {
            "invoice": pa.array(np.arange(rows)),
            "quantity": pa.array(np.ones(rows, "int32")),
            "invoice_date": pa.array(np.full(rows, np.datetime64("2011-01-01", "us"))),
            "unit_price": pa.array(np.where(np.arange(rows) == 16_389, np.inf, 1.0)),
        }
    )
    chunks = pa.concat_tables(table.slice(at, size) for at in range(0, rows, size))
    refused(chunks, lgs.LinesError, "unit_price", r"row 16,?389\b")
    refused(pa.RecordBatchReader.from_batches(chunks.schema, chunks.to_batches()), lgs.LinesError, r"16,?389\b")


def test_decimal_objects_that_are_no_number() -> None:
    prices = [Decimal("1.25")] * ROWS
    prices[BAD] = Decimal("NaN")
    refused(make("pandas-object", good() | {"unit_price": prices}), lgs.LinesError, "unit_price", rf"row {BAD}\b")


# ---- options


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda b: lgs.Lines({}, copies="maybe"), ["copies", "maybe", "keep", "drop", "error"]),
        (lambda b: b.customers(basis="gross"), ["basis", "gross", "purchases", "net", "all"]),
        (lambda b: b.customers(window="a year"), ["window", "a year", "365d"]),
        (lambda b: b.customers(window="-3d"), ["window", "-3d"]),
        (lambda b: b.customers(as_of="soon"), ["as_of", "soon"]),
        (lambda b: b.monthly(frame="excel"), ["frame", "excel", "pandas", "polars"]),
        (lambda b: b.monthly(money="cents"), ["money", "cents", "decimal"]),
        (lambda b: b.amount_summary(quantiles=(1.5,)), ["quantiles", r"1\.5"]),
        (lambda b: b.amount_summary(quantiles=(float("nan"),)), ["quantiles", "nan"]),
        (lambda b: lgs.Scorer(ties="last").fit(b.customers()), ["ties", "last", "first", "together"]),
        (lambda b: lgs.Scorer(bins=1).fit(b.customers()), ["bins", "1", "2", "10"]),
        (lambda b: lgs.Scorer(bins=11).fit(b.customers()), ["bins", "11", "2", "10"]),
        (lambda b: lgs.Ledger(prefixes={"C": "return"}), ["prefixes", "return", "cancellation"]),
        (lambda b: b.between("2012-01-01", "2011-01-01"), ["since", "until"]),
    ],
    ids=str,
)
def test_wrong_option(call: Any, parts: list[str]) -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    with pytest.raises(ValueError, match=parts[0]) as caught:
        call(book)
    for part in parts:
        assert re.search(part, str(caught.value)), f"{part!r} is not in {caught.value}"
    assert "\n" not in str(caught.value)


def test_options_are_keyword_only() -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    for call in (lambda: book.customers("2012-01-01"), lambda: lgs.Scorer(5), lambda: lgs.demo_lines(10)):
        with pytest.raises(TypeError):
            call()  # type: ignore[no-untyped-call]


def test_replace_refuses_lines_outside() -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    before = saved_bytes(book)
    with pytest.raises(lgs.LinesError, match=r"invoice_date.*row 0\b.*2011-05-04"):
        book.replace(make("pandas", good()), since="2011-06-01", until="2011-07-01")
    assert saved_bytes(book) == before


def test_ledgers_of_other_prefixes_do_not_merge() -> None:
    other = lgs.Ledger(prefixes={"S": "cancellation"})
    with pytest.raises(ValueError, match=r"prefixes|configuration"):
        lgs.merge([lgs.Ledger.from_lines(make("pandas", good())), other])


# ---- files


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "no such book.lgs"
    with pytest.raises(FileNotFoundError, match="no such book"):
        lgs.Ledger.load(path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        lgs.Ledger.from_csv(tmp_path / "nothing.csv")
    with pytest.raises(FileNotFoundError, match=r"nothing\.parquet"):
        lgs.Ledger.from_parquet(tmp_path / "nothing.parquet")


def test_files_that_are_not_ours(tmp_path: Path) -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    whole = saved_bytes(book)
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 0x10
    for number, wrong in enumerate([b"", b"Invoice,Quantity\n", whole[:-1], whole[: len(whole) // 2], bytes(flipped)]):
        path = tmp_path / f"wrong{number}.lgs"
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match=f"wrong{number}.lgs"):
            lgs.Ledger.load(path)


def test_save_into_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        lgs.Ledger().save(tmp_path / "nowhere" / "book.lgs")


def test_read_lines_of_other_files(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\x00\x01\x02")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        lgs.Ledger.from_lines(lgs.read_lines(path))


def test_unfitted() -> None:
    customers = pd.DataFrame({"customer_id": [1], "recency": [1], "frequency": [1], "monetary": [1.0]})
    for use in ("transform", "assign"):
        with pytest.raises(lgs.NotFittedError, match="call fit first"):
            getattr(lgs.Scorer(), use)(customers)
    with pytest.raises(lgs.NotFittedError, match="call fit first"):
        lgs.Scorer().to_json()
