"""Small and extreme inputs, each with a defined result."""

from __future__ import annotations

import datetime as dt
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pytest
import reference
from frames import KINDS, book_of, columns_of, length_of, make, names_of, rows_of, values_of
from reference import DAY, Line

T = reference.micros("2011-05-04T12:30:00")
TABLES = {
    "invoices": "invoice kind customer_id customers first_moment last_moment lines purchase_lines quantity gross net",
    "monthly": "month yyyymm orders cancelled placed sale_invoices adjustments sales growth "
    "active_users new_users existing_users",
    "customers": "customer_id recency frequency monetary first_date last_date",
    "quality": "name lines invoices amount",
    "amount_summary": "quantile cutoff count min max mean median mode mode_count",
}


def one(**changes: Any) -> Line:
    values = {"invoice": 489434, "customer": 12346, "moment": T, "quantity": 2, "price": 1_250_000} | changes
    return Line(**values)


def scored(book: lgs.Ledger, **options: Any) -> list[dict[str, Any]]:
    table = book.customers()
    return rows_of(lgs.Scorer(**options).fit(table).assign(table))


# ---- empty and nearly empty


@pytest.mark.parametrize("kind", KINDS)
def test_no_lines(kind: str) -> None:
    whole = make(kind, columns_of([one(invoice="C1")]))
    empty = {n: v[:0] for n, v in whole.items()} if isinstance(whole, dict) else whole[:0]
    book = lgs.Ledger.from_lines(empty)
    for method, names in TABLES.items():
        table = getattr(book, method)()
        assert names_of(table) == names.split()
        if method in ("invoices", "monthly", "customers"):
            assert length_of(table) == 0
    assert all(r["lines"] == 0 for r in rows_of(book.quality()))
    assert all(r["count"] == 0 for r in rows_of(book.amount_summary()))
    assert book == lgs.Ledger()


def test_empty_ledger_tables() -> None:
    book = lgs.Ledger()
    for method in ("invoices", "monthly", "customers"):
        assert len(getattr(book, method)()) == 0


def test_one_line() -> None:
    book = book_of([one()])
    assert rows_of(book.customers()) == [
        {
            "customer_id": 12346,
            "recency": 0,
            "frequency": 1,
            "monetary": 2.5,
            "first_date": T,
            "last_date": T,
        }
    ]
    (month,) = rows_of(book.monthly())
    assert (month["orders"], month["sales"], month["growth"], month["new_users"]) == (1, 2.5, None, 1)
    (row,) = rows_of(book.amount_summary(quantiles=(0.85,)))
    assert [row[n] for n in ("cutoff", "count", "min", "max", "mean", "median", "mode", "mode_count")] == [
        2.5, 1, 2.5, 2.5, 2.5, 2.5, 2.5, 1
    ]  # fmt: skip


@pytest.mark.parametrize("ties", ["first", "together"])
def test_one_customer_scores(ties: str) -> None:
    """All cuts equal the only value, which is not above any of them: the lowest, and for recency the highest."""
    (row,) = scored(book_of([one()]), ties=ties)
    assert (row["r_score"], row["f_score"], row["m_score"]) == (5, 1, 1)


@pytest.mark.parametrize("ties", ["first", "together"])
@pytest.mark.parametrize("people", [2, 3, 4])
def test_more_bins_than_customers(ties: str, people: int) -> None:
    lines = [one(invoice=i, customer=i, moment=T + i * DAY, price=i * 1_000_000) for i in range(1, people + 1)]
    rows = scored(book_of(lines), ties=ties, bins=10)
    wanted = reference.scores(reference.customers(lines), (10, 10, 10), ties)
    assert [(r["r_score"], r["f_score"], r["m_score"]) for r in rows] == wanted


@pytest.mark.parametrize("ties", ["first", "together"])
def test_constant_columns(ties: str) -> None:
    lines = [one(invoice=i, customer=i) for i in range(10)]
    rows = scored(book_of(lines), ties=ties)
    assert {(r["r_score"], r["m_score"]) for r in rows} == {(5, 1)}
    by_id = [r["f_score"] for r in rows]
    assert by_id == ([1, 1, 2, 2, 3, 3, 4, 4, 5, 5] if ties == "first" else [1] * 10)


def test_all_lines_cancelled() -> None:
    lines = [one(invoice=f"C{i}", quantity=-1, customer=i) for i in range(4)]
    book = book_of(lines)
    assert len(values_of(book.customers(), "customer_id")) == 0
    (month,) = rows_of(book.monthly())
    assert (month["orders"], month["cancelled"], month["placed"], month["sales"]) == (4, 4, -4, -5.0)
    assert month["active_users"] == 4
    assert all(r["count"] == 0 for r in rows_of(book.amount_summary()))
    everything = rows_of(book.customers(basis="all"))
    assert [(r["frequency"], r["monetary"]) for r in everything] == [(1, -1.25)] * 4
    with pytest.raises(ValueError, match=r"no customers|no rows"):
        lgs.Scorer().fit(book.customers())


def test_rfm_without_customers() -> None:
    frame = make("pandas", {
        "invoice": [1], "quantity": [1], "invoice_date": [dt.datetime(2011, 1, 1)], "unit_price": [1.0],
        "customer_id": np.array([np.nan]),
    })  # fmt: skip
    book = lgs.Ledger.from_lines(frame)
    assert len(book.customers()) == 0
    (month,) = rows_of(book.monthly())
    assert (month["orders"], month["active_users"]) == (1, 0)


def test_no_customer_column() -> None:
    frame = make("polars", {
        "invoice": [1, 2], "quantity": [1, 3], "invoice_date": [dt.datetime(2011, 1, 1)] * 2, "unit_price": [1.0, 2.0],
    })  # fmt: skip
    book = lgs.Ledger.from_lines(frame)
    assert (length_of(book.customers()), length_of(book.invoices())) == (0, 2)


# ---- columns left out


def test_no_invoice_column() -> None:
    frame = make("pandas", {
        "invoice_date": [dt.datetime(2011, 1, d) for d in (1, 1, 2, 2, 2)],
        "quantity": [1] * 5, "unit_price": [1.0] * 5, "customer_id": ["a", "a", "a", None, None],
    })  # fmt: skip
    book = lgs.Ledger.from_lines(frame)
    table = book.invoices()
    assert values_of(table, "invoice") == [None] * 3
    assert sorted(zip(values_of(table, "lines"), values_of(table, "customers"), strict=True)) == [
        (1, 1),
        (2, 0),
        (2, 1),
    ]
    assert set(values_of(table, "kind")) == {"sale"}
    (row,) = rows_of(book.customers())
    assert (row["customer_id"], row["frequency"], row["monetary"]) == ("a", 2, 3.0)


def test_amount_instead_of_quantity_and_price() -> None:
    frame = make("polars", {
        "invoice": [1, 1, "C2"], "invoice_date": [dt.datetime(2011, 1, 1)] * 3, "customer_id": [7, 7, 7],
        "amount": [10.5, 0.0, -3.25],
    })  # fmt: skip
    book = lgs.Ledger.from_lines(frame)
    first, second = rows_of(book.invoices())
    assert (first["gross"], first["purchase_lines"], first["lines"], first["quantity"]) == (10.5, 1, 2, 0)
    assert (second["kind"], second["net"]) == ("cancellation", -3.25)
    (row,) = rows_of(book.customers(basis="net"))
    assert (row["frequency"], row["monetary"]) == (1, 7.25)


def test_amount_wins_over_the_price() -> None:
    frame = make("pandas", {
        "invoice": [1], "quantity": [4], "invoice_date": [dt.datetime(2011, 1, 1)], "unit_price": [2.0],
        "amount": [7.0], "customer_id": [1],
    })  # fmt: skip
    assert values_of(lgs.Ledger.from_lines(frame).invoices(), "net") == [7.0]


# ---- time


def test_months_without_lines_are_zeros() -> None:
    lines = [one(), one(invoice=2, moment=reference.micros("2011-08-01"), price=5_000_000)]
    may, june, july, august = rows_of(book_of(lines).monthly())
    assert (june["yyyymm"], july["yyyymm"]) == (201106, 201107)
    for gap in (june, july):
        assert not any(gap[n] for n in ("orders", "cancelled", "placed", "sales", "active_users", "new_users"))
    assert (may["growth"], june["growth"], july["growth"], august["growth"]) == (None, -1.0, None, None)
    assert (august["new_users"], august["existing_users"]) == (0, 1)


def test_a_line_at_as_of_counts_and_a_later_one_does_not() -> None:
    lines = [one(), one(invoice=2, moment=T + 1)]
    book = book_of(lines)
    assert values_of(book.customers(as_of="2011-05-04T12:30:00"), "frequency") == [1]
    assert values_of(book.customers(as_of="2011-05-04 12:30:00.000001"), "frequency") == [2]
    assert values_of(book.customers(as_of="2011-05-04T12:29:59.999999"), "frequency") == []


def test_the_window_is_open_at_its_start() -> None:
    lines = [one(), one(invoice=2, moment=T + DAY)]
    book = book_of(lines)
    at = "2011-05-05T12:30:00"
    assert values_of(book.customers(as_of=at, window="1d"), "frequency") == [1]
    assert values_of(book.customers(as_of=at, window=dt.timedelta(days=1, microseconds=1)), "frequency") == [2]


def test_recency_is_whole_days() -> None:
    book = book_of([one()])
    for as_of, days in {"2011-05-05T12:29:59": 0, "2011-05-05T12:30:00": 1, "2011-05-11T12:30": 7}.items():
        assert values_of(book.customers(as_of=as_of), "recency") == [days]
