"""Ids, moments and money: one value on every path, and nothing lost on the way."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
from frames import book_of, make, saved_bytes, values_of
from reference import Line

LINE = Line(489434, 12346, reference.micros("2011-05-04T12:30:00"), 2, 1_250_000)

# ---- moments


@pytest.mark.parametrize(
    "as_of",
    [
        "2011-06-01", "2011-06-01T00:00:00Z", dt.date(2011, 6, 1), dt.datetime(2011, 6, 1), pd.Timestamp("2011-06-01"),
        np.datetime64("2011-06-01"), np.datetime64("2011-06-01T00:00:00", "ns"),
    ],
    ids=lambda v: f"{type(v).__name__} {v}",
)  # fmt: skip
def test_ways_to_say_a_moment(as_of: Any) -> None:
    assert values_of(book_of([LINE]).customers(as_of=as_of), "recency") == [27]


@pytest.mark.parametrize("text", ["1400-01-01T00:00:00", "9999-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"])
@pytest.mark.parametrize("kind", ["numpy-object", "polars", "arrow"])
def test_moments_at_the_limits(text: str, kind: str) -> None:
    book = lgs.Ledger.from_lines(
        make(kind, {"invoice": [1], "quantity": [1], "invoice_date": [text], "unit_price": [1.0], "customer_id": [1]})
    )
    assert values_of(book.customers(as_of=text), "last_date") == [reference.micros(text)]
    assert values_of(book.monthly(), "yyyymm") == [int(text[:4] + text[5:7])]


def test_nanoseconds_are_floored_and_counted() -> None:
    moments = np.array(["2011-01-01T00:00:00.000001999", "1969-12-31T23:59:59.999999999"], "datetime64[ns]")
    frame = {
        "invoice": np.array([1, 2]),
        "quantity": np.ones(2, int),
        "invoice_date": moments,
        "unit_price": np.ones(2),
    }
    book = lgs.Ledger.from_lines(frame)
    assert values_of(book.invoices(), "first_moment") == [reference.micros("2011-01-01") + 1, -1]
    assert book.reading.floored_dates == 2


@pytest.mark.parametrize("unit", ["D", "h", "m", "s", "ms", "us", "ns"])
def test_datetime64_units(unit: str) -> None:
    moments = np.array(["2011-05-04"], f"datetime64[{unit}]")
    frame = {"invoice": np.array([1]), "quantity": np.ones(1, int), "invoice_date": moments, "unit_price": np.ones(1)}
    assert values_of(lgs.Ledger.from_lines(frame).invoices(), "first_moment") == [reference.micros("2011-05-04")]


def test_date32_is_its_first_instant() -> None:
    frame = pa.table({"invoice": [1], "quantity": [1], "invoice_date": [dt.date(2011, 5, 4)], "unit_price": [1.0]})
    assert values_of(lgs.Ledger.from_lines(frame).invoices(), "last_moment") == [reference.micros("2011-05-04")]


# ---- ids


def customers_named(ids: Any) -> list[Any]:
    count = len(ids)
    frame = {
        "invoice": np.arange(count),
        "quantity": np.ones(count, "int64"),
        "invoice_date": np.full(count, np.datetime64("2011-01-01", "us")),
        "unit_price": np.ones(count),
        "customer_id": ids,
    }
    return values_of(lgs.Ledger.from_lines(frame).customers(), "customer_id")


def objects(*values: Any) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def test_one_customer_on_every_path() -> None:
    assert customers_named(objects(13085, "13085", 13085.0, np.int32(13085))) in ([13085], ["13085"])
    books = [
        saved_bytes(lgs.Ledger.from_lines(pa.table({
            "invoice": [1, 2], "quantity": [1, 1], "invoice_date": [dt.datetime(2011, 1, 1)] * 2,
            "unit_price": [1.0, 1.0], "customer_id": ids,
        })))
        for ids in (
            pa.array([13085, None]), pa.array([13085.0, float("nan")]), pa.array(["13085", ""]),
            pa.array(["13085", None]).dictionary_encode(), pa.array([13085.0, None], pa.float32()),
            pa.array([13085, None], pa.uint16()), pa.array(["13085", "  "], pa.large_string()),
        )
    ]  # fmt: skip
    assert len(set(books)) == 1


@pytest.mark.parametrize("text", ["007", "+5", "-0", "1.0", " 5", "5 ", "9223372036854775808", "1e3", "0x10"])
def test_text_that_is_not_canonical_stays_text(text: str) -> None:
    assert customers_named(objects(text, "b")) == sorted([text, "b"])
    assert len(customers_named(objects(5, text))) == 2


def test_order_of_ids() -> None:
    mixed = objects("b", 10, "é", "B", -5, 9, "a b", 2**63 - 1, -(2**63))
    assert customers_named(mixed) == [-(2**63), -5, 9, 10, 2**63 - 1, "B", "a b", "b", "é"]


def test_int64_extremes_keep_their_type() -> None:
    ids = np.array([2**63 - 1, -(2**63), 0])
    assert customers_named(ids) == [-(2**63), 0, 2**63 - 1]


def test_unsigned_beyond_int64() -> None:
    assert customers_named(np.array([2**63, 5], "uint64"))[-1] in (2**63, str(2**63))


def test_long_and_unicode_texts() -> None:
    names = ["x" * 5000, "x" * 4999 + "y", "日本橋 三丁目", "Zoë  Müller", "🎁", "a\tb"]
    assert customers_named(np.array(names)) == sorted(names, key=str.encode)
    assert customers_named(objects(*names)) == sorted(names, key=str.encode)


def test_bytes_ids() -> None:
    assert [int(v) for v in customers_named(np.array([b"13085", b"13086", b""]))] == [13085, 13086]


# ---- money


def prices(values: Any) -> tuple[lgs.Ledger, Decimal]:
    frame = {
        "invoice": np.ones(len(values), "int64"),
        "quantity": np.ones(len(values), "int64"),
        "invoice_date": np.full(len(values), np.datetime64("2011-01-01", "us")),
        "unit_price": values,
    }
    book = lgs.Ledger.from_lines(frame)
    (total,) = values_of(book.invoices(money="decimal"), "net")
    return book, Decimal(total)


def test_float_noise_is_not_rounding() -> None:
    book, total = prices(np.array([0.1 + 0.2, 1.1 * 3, 4.35, 0.07 * 100]))
    assert total == Decimal("14.95")
    assert book.reading.rounded_prices == 0


@pytest.mark.parametrize(
    ("price", "kept"),
    [(2.5e-6, "0.000002"), (1.0000005, "1.000001"), (0.1234567, "0.123457"), (1e-9, "0"), (-0.0000019, "-0.000002")],
)
def test_more_than_six_decimals_are_rounded_and_counted(price: float, kept: str) -> None:
    assert reference.is_rounded(price)
    with pytest.warns(lgs.QualityWarning, match="rounded|six"):
        book, total = prices(np.array([price, 1.0]))
    assert total == Decimal(kept) + 1 == Decimal(reference.millionths(price)) / 10**6 + 1
    assert book.reading.rounded_prices == 1


def test_decimals_round_to_even() -> None:
    table = pa.table({
        "invoice": [1, 2, 3], "quantity": [1, 1, 1], "invoice_date": [dt.datetime(2011, 1, 1)] * 3,
        "unit_price": pa.array([Decimal("0.0000005"), Decimal("0.0000015"), Decimal("2.5")], pa.decimal128(20, 7)),
    })  # fmt: skip
    with pytest.warns(lgs.QualityWarning):
        book = lgs.Ledger.from_lines(table)
    assert values_of(book.invoices(money="decimal"), "net") == [Decimal(0), Decimal("0.000002"), Decimal("2.5")]
    assert book.reading.rounded_prices == 2


def test_float32_prices_by_their_shortest_text() -> None:
    book, total = prices(np.array([0.1, 2.55, 1234.56], "float32"))
    assert total == Decimal("1237.21")
    assert book.reading.rounded_prices == 0


def test_money_at_the_limits() -> None:
    top = 2**63 - 1
    frame = pl.DataFrame({
        "invoice": [1, 2, 3], "quantity": [1, 1, 1], "invoice_date": [dt.datetime(2011, 1, 1)] * 3,
        "unit_price": pl.Series([Decimal(top) / 10**6] * 3, dtype=pl.Decimal(20, 6)), "customer_id": [1, 1, 1],
    })  # fmt: skip
    book = lgs.Ledger.from_lines(frame)
    # The sum leaves 64 bits and stays exact.
    assert values_of(book.monthly(money="decimal"), "sales") == [Decimal(3 * top) / 10**6]
    assert values_of(book.monthly(), "sales") == [reference.money(3 * top)]


def test_integer_and_decimal_object_prices() -> None:
    for values in (np.array([1, 2, 3]), objects(Decimal("1"), Decimal("2.00"), Decimal(3))):
        assert prices(values)[1] == 6
