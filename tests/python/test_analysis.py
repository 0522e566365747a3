"""The one call from lines to segments, what belongs to the reading of an input, and the made-up shop."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pytest
import reference
import strategies
from frames import book_of, columns_of, expected_rows, make, quiet_ledger, rows_of, saved_bytes, values_of
from hypothesis import given
from hypothesis import strategies as st
from reference import DAY, Line, micros

START = micros("2011-03-01")
# Fifty customers; customer c buys c % 7 + 1 times. In no order of time.
LINES = [
    Line(c * 100 + n, c, START + (c + 40 * n) * DAY, 1 + n, (c % 13 + 1) * 250_000)
    for c in range(50)
    for n in range(c % 7 + 1)
]


@pytest.fixture
def frame() -> pd.DataFrame:
    return make("pandas", columns_of(LINES))


def ordered(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda x: x.moment)


# ---- rfm


@pytest.mark.parametrize(("as_of", "basis", "window"), [(None, "purchases", None), ("2011-06-01", "net", "60d")])
def test_rfm_is_the_steps_in_one(frame: pd.DataFrame, as_of: Any, basis: str, window: Any) -> None:
    customers = quiet_ledger(frame).customers(as_of=as_of, basis=basis, window=window)
    steps = lgs.SegmentRules.standard().assign(lgs.Scorer().fit(customers).assign(customers))
    one = lgs.rfm(frame, as_of=as_of, basis=basis, window=window)
    pd.testing.assert_frame_equal(one, steps)
    pd.testing.assert_frame_equal(lgs.rfm(quiet_ledger(frame), as_of=as_of, basis=basis, window=window), steps)


def test_rfm_columns(frame: pd.DataFrame) -> None:
    assert list(lgs.rfm(quiet_ledger(frame)).columns) == [
        *("customer_id", "recency", "frequency", "monetary", "first_date", "last_date"),
        *("r_score", "f_score", "m_score", "segment"),
    ]


def test_rfm_with_own_scorer_and_rules(frame: pd.DataFrame) -> None:
    scorer = lgs.Scorer(bins=3, ties="together")
    rules = lgs.SegmentRules([("Recent", {"r": (3, 3)}), ("Other", {"r": (1, 2)})], bins=3)
    segments = lgs.rfm(quiet_ledger(frame), scorer=scorer, rules=rules)
    assert set(segments["segment"]) == {"Recent", "Other"}
    with pytest.raises(lgs.NotFittedError):
        scorer.to_json()
    with pytest.raises(ValueError, match="bins"):
        lgs.rfm(quiet_ledger(frame), scorer=scorer)


def test_rfm_of_nobody() -> None:
    lines = [Line("C1", 5, START, -1, 10**6), Line(2, None, START, 1, 10**6)]
    for kind in ("pandas", "polars", "arrow", "numpy-object"):
        segments = lgs.rfm(make(kind, columns_of(lines)))
        assert rows_of(segments) == []
        rows = rows_of(lgs.segment_summary(segments))
        assert [r["customers"] for r in rows] == [0] * 10


# ---- the reading of an input


def test_warning_once_and_at_the_caller() -> None:
    doubled = ordered(LINES) * 2
    with pytest.warns(lgs.QualityWarning, match="copies|more than once") as caught:
        lgs.rfm(make("pandas", columns_of(doubled)))
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_a_warning_made_an_error_changes_nothing() -> None:
    book = book_of(LINES)
    before = saved_bytes(book)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(lgs.QualityWarning):
            book.add(make("pandas", columns_of(ordered(LINES) * 2)))
    assert saved_bytes(book) == before


def test_two_inputs_are_judged_apart() -> None:
    once = make("pandas", columns_of(ordered(LINES)))
    book = lgs.Ledger.from_lines(once)
    book.add(once)
    assert (book.reading.copies_judged, book.reading.copied_invoices) == (True, 0)
    assert sum(values_of(book.invoices(), "lines")) == 2 * len(LINES)


def test_more_than_a_hundred_epochs_are_not_judged() -> None:
    one, other = Line(1, 5, START, 1, 10**6), Line(2, 5, START + DAY, 1, 10**6)
    for pairs, judged in ((100, True), (101, False)):
        reading = book_of([one, other] * pairs).reading
        assert reading.copies_judged is judged
        assert reading.copied_invoices == (2 if judged else None)
        assert reading.copied_lines == (2 * (pairs - 1) if judged else None)


def test_reading_is_of_the_last_input_and_not_saved() -> None:
    book = book_of(LINES)
    assert book.reading.lines == len(LINES)
    book.add(make("pandas", columns_of(LINES[:3])))
    assert book.reading.lines == 3
    assert pickle.loads(pickle.dumps(book)).reading.lines == 0


# ---- one customer's invoices, prefixes


@given(strategies.lines(), st.sampled_from([c for c in strategies.CUSTOMERS if c is not None]))
def test_invoices_of_a_customer(lines: list[Line], customer: reference.Id) -> None:
    theirs = {x.invoice for x in lines if x.customer == customer}
    wanted = list(expected_rows(reference.invoices([x for x in lines if x.invoice in theirs])))
    book = book_of(lines)
    assert rows_of(book.invoices(customer=customer)) == wanted
    if isinstance(customer, int):
        assert rows_of(book.invoices(customer=str(customer))) == wanted
        assert rows_of(book.invoices(customer=float(customer))) == wanted


def test_own_prefixes() -> None:
    lines = [Line("S1", 5, START, -1, 10**6), Line("C2", 5, START, 1, 10**6), Line("B3", 5, START, 1, 10**6)]
    prefixes = {"S": "cancellation", "B": "adjustment"}
    book = lgs.Ledger.from_lines(make("polars", columns_of(lines)), prefixes=prefixes)
    kinds = dict(zip(values_of(book.invoices(), "invoice"), values_of(book.invoices(), "kind"), strict=True))
    assert kinds == {"S1": "cancellation", "C2": "sale", "B3": "adjustment"}
    assert book != quiet_ledger(make("polars", columns_of(lines)))
    again = pickle.loads(pickle.dumps(book))
    assert rows_of(again.add(make("polars", columns_of(lines))).monthly())[0]["cancelled"] == 1


def test_masked_arrays() -> None:
    columns = make("numpy-text", columns_of(LINES[:4])) | {
        "customer_id": np.ma.MaskedArray([5, 6, 5, 7], mask=[False, True, False, False])
    }
    table = lgs.Ledger.from_lines(columns).customers()
    assert values_of(table, "customer_id") == [5, 7]


# ---- the made-up shop


def test_demo_lines_are_the_same_each_time() -> None:
    first, again, other = (lgs.demo_lines(customers=60, seed=s) for s in (4, 4, 5))
    assert isinstance(first, pd.DataFrame)
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)
    polars = lgs.demo_lines(customers=60, seed=4, frame="polars")
    assert isinstance(polars, pl.DataFrame)
    assert polars.columns == [
        *("invoice", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id", "country")
    ]
    assert quiet_ledger(polars) == quiet_ledger(first)


def test_demo_shop_has_what_a_shop_has() -> None:
    book = quiet_ledger(lgs.demo_lines(customers=300, seed=1))
    found = {r["name"]: r["lines"] for r in rows_of(book.quality())}
    for name in ("cancellations", "adjustments", "unknown_customer", "zero_price", "odd_quantity"):
        assert found[name] > 0, name
    months = rows_of(book.monthly())
    assert len(months) >= 12
    assert all(m["sales"] > 0 for m in months)
    assert len(book.customers()) > 200


@pytest.mark.parametrize(("option", "value"), [("customers", 0), ("customers", -1), ("seed", -1)])
def test_demo_options(option: str, value: int) -> None:
    with pytest.raises(ValueError, match=rf"{option}.*{value}"):
        lgs.demo_lines(**{option: value})
