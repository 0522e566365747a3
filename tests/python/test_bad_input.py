"""Each refusal of a value or a type: the class, and a message of one line that names column, row, value and remedy."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from bad_lines import BAD, DAY, ROWS, good, refused, with_bad
from frames import KINDS, make, saved_bytes, values_of


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


@pytest.mark.parametrize("frame", [None, 5, "retail", [1, 2], object()], ids=lambda frame: type(frame).__name__)
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


def test_pandas_columns_of_a_kind_we_do_not_read() -> None:
    frame = make("pandas", good())
    for column, values in (
        ("customer_id", pd.arrays.SparseArray(good()["customer_id"])),
        ("invoice_date", pd.period_range("2011-01-01", periods=ROWS)),
        ("unit_price", pd.interval_range(0, ROWS)),
        ("quantity", np.arange(ROWS) * 1j),
    ):
        try:
            seen = saved_bytes(lgs.Ledger.from_lines(frame.assign(**{column: values})))
        except TypeError as error:
            text = str(error)
        else:
            assert seen == saved_bytes(lgs.Ledger.from_lines(frame))
            continue
        assert column in text


def test_bytes_that_are_no_text() -> None:
    """An id is bytes as much as text: what is no UTF-8 comes back as it was."""
    frame = make("numpy-text", good()) | {"customer_id": np.array([b"a\xff"] * ROWS)}
    assert lgs.Ledger.from_lines(frame).customers()["customer_id"].tolist() == [b"a\xff"]


@pytest.mark.parametrize("kind", ["pandas", "pandas-object", "polars", "arrow", "numpy-object"])
def test_all_customers_missing_is_allowed(kind: str) -> None:
    frame = make(kind, good() | {"customer_id": [None] * ROWS})
    book = lgs.Ledger.from_lines(frame)
    assert values_of(book.customers(), "customer_id") == []
    assert values_of(book.monthly(), "active_users") == [0]
