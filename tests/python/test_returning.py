"""Periods, cohorts, returning customers and repeat purchases against plain pandas over the raw lines."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
import reference
import reference_returning as plain
import strategies
from frames import book_of, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import DAY, Line, micros
from reference_returning import as_text, one

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

STEPS = ("day", "week", "month", "quarter", "year")
MEASURES = ("customers", "invoices", "gross", "net")
UNITS = ("invoices", "days")
MONEY = {"sales", "known_sales", "unknown_sales", "new_gross", "returning_gross", "unknown_gross"}
UNTIL = st.one_of(st.none(), strategies.moments)


def same(seen: list[dict[str, Any]], wanted: list[dict[str, Any]], money: set[str] = MONEY) -> None:
    """Row by row; counts, dates and money exactly, ratios and means to twelve digits."""
    assert len(seen) == len(wanted)
    for ours, theirs in zip(seen, wanted, strict=True):
        assert list(ours) == list(theirs)
        for name, value in theirs.items():
            if name in money and value is not None:
                assert ours[name] == reference.money(value), (name, theirs)
            elif isinstance(value, float):
                assert ours[name] == pytest.approx(value, rel=1e-12, abs=1e-12), (name, theirs)
            else:
                assert ours[name] == value, (name, theirs)


def check_all(book: lgs.Ledger, frame: pd.DataFrame, ids: list[reference.Id], until: int | None) -> None:
    for every in STEPS:
        same(rows_of(book.periods(every=every)), plain.periods(frame, every))
    for measure in MEASURES:
        check_cohorts(book, frame, measure, until)
    for days in ((30, 60, 90), (1, 200)):
        same(rows_of(book.returning(days=days, until=as_text(until))), plain.returning(frame, days, until))
    for count in UNITS:
        same(rows_of(book.repeat_rate(count=count)), [plain.repeat_rate(frame, count)])
        seen = rows_of(book.second_purchase(count=count, until=as_text(until)))
        same(seen, plain.second_purchase(frame, count, until))
    same(rows_of(book.days_between()), plain.days_between(frame, (0.1, 0.25, 0.5, 0.75, 0.9)))
    own = rows_of(book.days_between(per_customer=True))
    for row in own:
        row["customer_id"] = reference.canonical_id(row["customer_id"])
    same(own, plain.gaps_by_customer(frame, ids))


def check_cohorts(book: lgs.Ledger, frame: pd.DataFrame, measure: str, until: int | None) -> None:
    money = {"value"} if measure in ("gross", "net") else set()
    wanted = plain.cohorts(frame, measure, until)
    averages = plain.cohort_averages(wanted)
    options: dict[str, Any] = {"measure": measure, "until": as_text(until)}
    same(rows_of(book.cohorts(form="long", **options)), wanted, money)
    same(rows_of(book.cohorts(form="long", average=True, **options)), wanted + averages, money)
    wide = rows_of(book.cohorts(**options))
    same(wide, wide_rows(wanted, averages, "retention"), set())
    values = rows_of(book.cohorts(show="value", **options))
    same(values, wide_rows(wanted, [], "value"), {f"month_{k}" for k in range(1000)} if money else set())


def wide_rows(rows: list[dict[str, Any]], averages: list[dict[str, Any]], show: str) -> list[dict[str, Any]]:
    """The long rows as wide ones, cohort by cohort."""
    longest = 1 + max((row["month_number"] for row in rows), default=-1)
    wide = []
    for cohort, cells in itertools.groupby(rows, key=lambda row: row["cohort"]):
        own = list(cells)
        values = [row[show] for row in own] + [None] * (longest - len(own))
        wide.append(
            {
                "cohort": cohort,
                "size": own[0]["size"],
                "left_censored": own[0]["left_censored"],
                "partial_month": own[-1]["month_number"] if own[-1]["partial"] else None,
                **{f"month_{k}": value for k, value in enumerate(values)},
            }
        )
    if averages:
        last = {"cohort": None, "size": sum(row["size"] for row in wide), "left_censored": None, "partial_month": None}
        wide.append(last | {f"month_{row['month_number']}": row["retention"] for row in averages})
    return wide


# ---- the real data


@pytest.fixture(scope="module")
def real_plain(real_lines: pd.DataFrame) -> tuple[pd.DataFrame, list[reference.Id]]:
    return plain.real_frame(real_lines)


@pytest.mark.parametrize("every", STEPS)
def test_real_periods(pandas_book: lgs.Ledger, real_plain: Any, every: str) -> None:
    same(rows_of(pandas_book.periods(every=every)), plain.periods(real_plain[0], every))


def test_real_months_are_those_of_monthly(real_book: lgs.Ledger) -> None:
    months, periods = rows_of(real_book.monthly()), rows_of(real_book.periods())
    common = [name for name in months[0] if name in periods[0]]
    assert len(common) == 10
    assert [{n: row[n] for n in common} for row in months] == [{n: row[n] for n in common} for row in periods]
    assert [row["label"].replace("-", "") for row in periods] == [str(row["yyyymm"]) for row in months]
    assert [row["period"] for row in periods] == [row["month"] for row in months]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("until", [None, micros("2011-12-01"), micros("2011-06-15T12:00")])
def test_real_cohorts(pandas_book: lgs.Ledger, real_plain: Any, measure: str, until: int | None) -> None:
    check_cohorts(pandas_book, real_plain[0], measure, until)


def test_real_cohorts_by_figures(pandas_book: lgs.Ledger) -> None:
    wide = rows_of(pandas_book.cohorts())
    assert len(wide) == 26
    assert [row["size"] for row in wide[:3]] == [955, 383, 374]
    assert sum(row["size"] for row in wide[:-1]) == wide[-1]["size"] == 5878
    assert [row["left_censored"] for row in wide] == [1] + [0] * 24 + [None]
    assert [row["partial_month"] for row in wide] == [*range(24, -1, -1), None]


def test_real_returning(pandas_book: lgs.Ledger, real_plain: Any) -> None:
    for until in (None, micros("2011-12-01"), micros("2011-06-15T12:00")):
        seen = rows_of(pandas_book.returning(until=as_text(until)))
        same(seen, plain.returning(real_plain[0], (30, 60, 90), until))


@pytest.mark.parametrize("days", [1, 30, 60, 90, 365, 800])
def test_lost_and_won_back_balance(pandas_book: lgs.Ledger, real_lines: pd.DataFrame, days: int) -> None:
    months = pandas_book.returning(days=[days], frame="numpy")
    known = real_lines[real_lines["Customer ID"].notna() & (real_lines["Quantity"] > 0) & (real_lines["Price"] > 0)]
    last = known.groupby("Customer ID")["InvoiceDate"].max().dt.normalize()
    observed = real_lines["InvoiceDate"].max().normalize()
    lost_now = int((last + pd.Timedelta(days=days + 1) <= observed).sum())
    assert months[f"lost_{days}"].sum() - months[f"won_back_{days}"].sum() == lost_now
    assert months["new_buyers"].sum() == len(last)


def test_real_repeat_purchases(pandas_book: lgs.Ledger, real_plain: Any) -> None:
    frame, ids = real_plain
    (repeat,) = rows_of(pandas_book.repeat_rate())
    assert round(repeat["repeat_rate"], 3) == 0.724
    for count in UNITS:
        same(rows_of(pandas_book.repeat_rate(count=count)), [plain.repeat_rate(frame, count)])
        same(rows_of(pandas_book.second_purchase(count=count)), plain.second_purchase(frame, count))
    same(rows_of(pandas_book.days_between()), plain.days_between(frame, (0.1, 0.25, 0.5, 0.75, 0.9)))
    same(rows_of(pandas_book.days_between(per_customer=True)), plain.gaps_by_customer(frame, ids))


def test_second_purchase_ties_to_the_repeat_rate(pandas_book: lgs.Ledger) -> None:
    for count in UNITS:
        curve = pandas_book.second_purchase(count=count, frame="numpy")
        (repeat,) = rows_of(pandas_book.repeat_rate(count=count))
        assert curve["events"].sum() == repeat["repeat_customers"]
        assert curve["at_risk"][0] == repeat["customers"] == curve["events"].sum() + curve["censored"].sum()
        assert (np.diff(curve["survival"]) <= 0).all()
        assert curve["time"][0] == 0  # bought first on the last day
        assert (curve["events"][0] > 0) == (count == "invoices")


def test_real_new_buyers_are_not_new_users(pandas_book: lgs.Ledger) -> None:
    new = pandas_book.returning(frame="numpy")["new_buyers"].sum()
    assert pandas_book.monthly(frame="numpy")["new_users"].sum() == new + 64


# ---- made-up lines


@settings(max_examples=40)
@given(strategies.lines(max_size=40), UNTIL, st.booleans())
def test_everything_on_made_up_lines(lines: list[Line], until: int | None, numbered: bool) -> None:
    if not numbered:
        lines = [Line(None, x.customer, x.moment, x.quantity, x.price) for x in lines]
    frame, ids = plain.line_frame(lines)
    check_all(book_of(lines), frame, ids, until)


@pytest.mark.parametrize("seed", range(3))
def test_everything_on_many_lines(seed: int) -> None:
    rng = random.Random(seed)
    start = micros("2009-12-20")
    invoices = [*(str(n) for n in range(400)), *(f"C{n}" for n in range(60)), "A1", "A2"]
    lines = [
        Line(
            reference.canonical_id(rng.choice(invoices)),
            rng.choice([None, *range(60)]),
            start + rng.randrange(800) * DAY + rng.choice([0, 1, DAY - 1]),
            rng.choice([-3, 0, 1, 1, 1, 2, 12]),
            rng.choice([0, 850_000, 2_550_000, -1_000_000]),
        )
        for _ in range(3000)
    ]
    frame, ids = plain.line_frame(lines)
    check_all(book_of(lines), frame, ids, rng.choice([None, start + 700 * DAY, start + 900 * DAY]))


def test_weeks_are_iso_weeks() -> None:
    dates = ["2009-12-28", "2010-01-03", "2010-01-04", "2010-12-31", "2011-01-02", "2011-01-03"]
    weeks = rows_of(book_of([one(1, date, invoice=i) for i, date in enumerate(dates)]).periods(every="week"))
    filled = {row["label"]: (row["period"], row["orders"]) for row in weeks if row["orders"]}
    assert filled == {
        "2009-W53": (dt.date(2009, 12, 28), 2),
        "2010-W01": (dt.date(2010, 1, 4), 1),
        "2010-W52": (dt.date(2010, 12, 27), 2),
        "2011-W01": (dt.date(2011, 1, 3), 1),
    }
    by_label = {row["label"]: row["growth_year"] for row in weeks}
    assert by_label["2011-W01"] == 0.0
    assert by_label["2010-W52"] is None  # there is no 2009-W52 among the rows


def test_leap_day_and_week_53_have_no_year_before() -> None:
    days = rows_of(book_of([one(1, "2011-02-28"), one(1, "2012-02-28"), one(1, "2012-02-29")]).periods(every="day"))
    growth = {row["label"]: row["growth_year"] for row in days}
    assert growth["2012-02-28"] == 0.0
    assert growth["2012-02-29"] is None
    weeks = rows_of(book_of([one(1, "2014-12-22"), one(1, "2015-12-21"), one(1, "2015-12-28")]).periods(every="week"))
    growth = {row["label"]: row["growth_year"] for row in weeks}
    assert growth["2015-W52"] == 0.0
    assert growth["2015-W53"] is None


def test_average_invoice_leaves_out_write_offs_and_returns() -> None:
    lines = [
        one(1, "2011-01-03", 10, invoice="1"),
        one(1, "2011-01-03", -2, invoice="1"),  # a discount
        one(2, "2011-01-04", 4, invoice="2"),
        one(None, "2011-01-05", -50, invoice="3", price=0),  # stock written off
        one(1, "2011-01-06", -3, invoice="C4"),
    ]
    (row,) = rows_of(book_of(lines).periods())
    assert (row["sale_invoices"], row["purchase_invoices"], row["average_invoice"]) == (3, 2, 7.0)
    assert (row["known_orders"], row["unknown_orders"]) == (3, 1)


def test_lost_on_the_very_day_of_coming_back() -> None:
    # Day 0, then day 31: with a threshold of 30 the customer is lost on day 31 and won back on it; with 31 neither.
    book = book_of([one(1, "2011-01-01"), one(1, "2011-02-01")])
    row = rows_of(book.returning(days=(30, 31)))[1]
    assert (row["lost_30"], row["won_back_30"], row["lost_31"], row["won_back_31"]) == (1, 1, 0, 0)
    later = rows_of(book.returning(days=(30, 31), until="2011-03-06"))  # observed to March 5, 32 days later
    assert [r["lost_31"] for r in later] == [0, 0, 1]
    assert [r["lost_31"] for r in rows_of(book.returning(days=(31,), until="2011-03-05"))] == [0, 0, 0]


def test_a_cohort_is_observed_until_its_last_day() -> None:
    lines = [one(1, "2011-01-10"), one(2, "2011-02-28T23:00")]
    assert [r["partial_month"] for r in rows_of(book_of(lines).cohorts(average=False))] == [None, None]
    cut = rows_of(book_of(lines).cohorts(average=False, until="2011-02-28"))
    assert [(r["size"], r["partial_month"]) for r in cut] == [(1, 1)]
    longer = rows_of(book_of(lines).cohorts(average=False, until="2011-04-01"))
    assert [(r["month_2"], r["partial_month"]) for r in longer] == [(0.0, None), (None, None)]


def test_net_below_zero_has_no_retention() -> None:
    lines = [one(1, "2011-01-10", 1, "1"), one(1, "2011-01-20", -1, "C2"), one(1, "2011-02-20", 1, "3")]
    long = rows_of(book_of(lines).cohorts(measure="net", form="long"))
    assert [(r["value"], r["retention"]) for r in long] == [(0.0, None), (1.0, None)]


def test_returns_before_the_first_purchase_are_in_no_cell() -> None:
    lines = [one(1, "2010-12-20", -5, "C1"), one(1, "2011-01-10", 2, "2")]
    (row,) = rows_of(book_of(lines).cohorts(measure="net", show="value"))
    assert (row["cohort"], row["month_0"], "month_1" in row) == (dt.date(2011, 1, 1), 2.0, False)


def test_an_invoice_of_two_customers_counts_once_in_their_cohort() -> None:
    lines = [one(1, "2011-01-10", 1, "1"), one(2, "2011-01-11", 1, "1"), one(3, "2011-02-11", 1, "1")]
    wide = rows_of(book_of(lines).cohorts(measure="invoices", show="value"))
    assert [(r["size"], r["month_0"]) for r in wide] == [(2, 1), (1, 1)]


def test_kaplan_meier_by_hand() -> None:
    # Times 2, 5 and 5 days; one-time buyers seen for 3 and 9 days.
    lines = [
        *(one(1, "2011-01-01", invoice=11), one(1, "2011-01-03", invoice=12)),
        *(one(2, "2011-01-01", invoice=21), one(2, "2011-01-06", invoice=22)),
        *(one(3, "2011-01-05", invoice=31), one(3, "2011-01-10", invoice=32)),
        *(one(4, "2011-01-07", invoice=41), one(5, "2011-01-01", invoice=51)),
    ]
    curve = rows_of(book_of(lines).second_purchase())
    assert [(r["time"], r["at_risk"], r["events"], r["censored"]) for r in curve] == [
        (2, 5, 1, 0),
        (3, 4, 0, 1),
        (5, 3, 2, 0),
        (9, 1, 0, 1),
    ]
    survival = [0.8, 0.8, 0.8 / 3, 0.8 / 3]
    assert [r["survival"] for r in curve] == pytest.approx(survival)
    greenwood = [1 / 20, 1 / 20, 1 / 20 + 2 / 3, 1 / 20 + 2 / 3]
    assert [r["std_error"] for r in curve] == pytest.approx(
        [s * g**0.5 for s, g in zip(survival, greenwood, strict=True)]
    )


def test_one_invoice_at_two_moments_is_one_purchase() -> None:
    lines = [one(1, "2011-01-01T10:00", invoice=7), one(1, "2011-01-02T10:00", invoice=7)]
    book = book_of(lines)
    assert rows_of(book.repeat_rate())[0]["repeat_customers"] == 0
    assert rows_of(book.repeat_rate(count="days"))[0]["repeat_customers"] == 1
    assert [r["events"] for r in rows_of(book.second_purchase())] == [0]
    assert [r["time"] for r in rows_of(book.second_purchase(count="days"))] == [1]


def test_nothing_and_no_known_customer() -> None:
    empty, unknown = lgs.Ledger(), book_of([one(None, "2011-01-03")])
    for book in (empty, unknown):
        assert len(book.cohorts(frame="table")) == 0
        assert len(book.cohorts(form="long", average=True, frame="table")) == 0
        assert len(book.second_purchase(frame="table")) == 0
        assert len(book.days_between(frame="table")) == 0
        assert len(book.days_between(per_customer=True, frame="table")) == 0
        assert rows_of(book.repeat_rate(frame="numpy")) == [
            {"customers": 0, "repeat_customers": 0, "repeat_rate": None}
        ]
    assert len(empty.periods(frame="table")) == len(empty.returning(frame="table")) == 0
    assert rows_of(unknown.returning(frame="numpy"))[0]["unknown_gross"] == 1.0
    early = book_of([one(1, "2011-01-03")])
    for table in (early.cohorts(until="2011-01-01"), early.returning(until="2011-01-01")):
        assert rows_of(table) == []
    assert rows_of(early.second_purchase(until="2011-01-03")) == []
