"""Snapshots: what one call gives is what a call for each moment gives, and what the plain reference gives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
import reference
import strategies
from frames import KINDS, book_of, columns_of, make, quiet_ledger, rows_of, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import DAY, Line, micros

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

STEPS = ("day", "week", "month", "quarter", "year")
CUSTOMER = ["customer_id", "recency", "frequency", "monetary", "first_date", "last_date"]
SCORED = [*CUSTOMER, "r_score", "f_score", "m_score", "segment"]


# ---- the plain reference


def period_end(us: int, every: str) -> int:
    """The first instant of the next period."""
    day = reference.moment_of(us).date()
    if every == "day":
        end = day + dt.timedelta(days=1)
    elif every == "week":
        end = day + dt.timedelta(days=7 - day.weekday())
    else:
        months = {"month": 1, "quarter": 3, "year": 12}[every]
        index = (day.year * 12 + day.month - 1) // months * months + months
        end = dt.date(index // 12, index % 12 + 1, 1)
    return micros(dt.datetime.combine(end, dt.time()))


def moments_of(lines: list[Line], every: str) -> list[int]:
    first, last = min(x.moment for x in lines), max(x.moment for x in lines)
    ends = [period_end(first, every)]
    while ends[-1] < period_end(last, every):
        ends.append(period_end(ends[-1], every))
    return ends


def customers_at(lines: list[Line], t: int, basis: str, window: int | None) -> list[dict[str, Any]]:
    before = [x for x in lines if x.moment < t]
    return reference.customers(before, t, basis, window) if before else []


def cuts_of(rows: list[dict[str, Any]], k: int = 5) -> tuple[list[float], ...]:
    return (
        reference.cut_points([float(r["recency"]) for r in rows], k),
        reference.cut_points([float(r["frequency"]) for r in rows], k),
        reference.cut_points([reference.money(r["monetary"]) for r in rows], k),
    )


def scores_by(cuts: tuple[list[float], ...], row: dict[str, Any], k: int = 5) -> tuple[int, int, int]:
    r, f, m = cuts
    return (
        k - sum(c < row["recency"] for c in r),
        1 + sum(c < row["frequency"] for c in f),
        1 + sum(c < reference.money(row["monetary"]) for c in m),
    )


def snapshots_of(
    lines: list[Line], every: str = "month", basis: str = "purchases", window: int | None = None, refit: bool = False
) -> list[dict[str, Any]]:
    moments = moments_of(lines, every)
    tables = {t: customers_at(lines, t, basis, window) for t in moments}
    there = [t for t in moments if tables[t]]
    midnight = min(x.moment for x in lines) // DAY * DAY
    whole = [t for t in there if t - (window or 365 * DAY) >= midnight]
    result = []
    start = None
    cuts = {t: cuts_of(tables[t]) for t in there}
    for t in moments:
        place = there.index(t) if t in there else 0
        previous = there[place - 1] if place else None
        learn = t if refit else (whole or there or [t])[0 if whole else -1]
        for row in tables[t]:
            mine = [x for x in lines if x.customer == row["customer_id"] and x.moment < t]
            scores = scores_by(cuts[learn], row)
            made = {
                "snapshot": t,
                **row,
                "monetary": reference.money(row["monetary"]),
                "r_score": scores[0],
                "f_score": scores[1],
                "m_score": scores[2],
                "segment": reference.segment(scores[0], scores[1]),
                "step_gross": reference.money(
                    sum(x.amount for x in mine if x.bought and (start is None or x.moment >= start))
                ),
            }
            if refit:
                old = scores_by(cuts[previous], row) if previous is not None else scores
                made |= {"previous": previous, "old_cuts_segment": reference.segment(old[0], old[1])}
            result.append(made)
        start = t
    return result


def window_text(window: int | None) -> str | None:
    return None if window is None else f"{window // DAY}d"


# ---- made-up lines


@settings(max_examples=60)
@given(
    strategies.lines(max_size=25),
    st.sampled_from(STEPS[1:]),
    st.sampled_from(["purchases", "net", "all"]),
    st.sampled_from([None, DAY, 20 * DAY, 100 * DAY, 365 * DAY]),
    st.booleans(),
    st.booleans(),
)
def test_snapshots_are_those_of_the_reference(
    lines: list[Line], every: str, basis: str, window: int | None, refit: bool, numbered: bool
) -> None:
    if not numbered:
        lines = [Line(None, x.customer, x.moment, x.quantity, x.price) for x in lines]
    table = book_of(lines).snapshots(every=every, basis=basis, window=window_text(window), refit=refit)
    assert rows_of(table) == snapshots_of(lines, every, basis, window, refit)


def test_daily_snapshots() -> None:
    lines = [Line(1, 5, micros("2011-05-01 12:00"), 1, 10**6), Line(2, 6, micros("2011-05-04"), 1, 10**6)]
    rows = rows_of(book_of(lines).snapshots(every="day", window="48h"))
    assert [(r["snapshot"], r["customer_id"], r["recency"]) for r in rows] == [
        (micros("2011-05-02"), 5, 0),
        (micros("2011-05-03"), 5, 1),
        (micros("2011-05-05"), 6, 1),
    ]


@settings(max_examples=25)
@given(strategies.lines(min_size=2), st.integers(0, 30), st.sampled_from(["month", "week"]), st.booleans())
def test_any_split_and_order_gives_the_same(lines: list[Line], cut: int, every: str, refit: bool) -> None:
    cut = cut % len(lines)
    parts = [book_of(part) for part in (lines[:cut], lines[cut:]) if part]

    def rows(book: lgs.Ledger) -> list[dict[str, Any]]:
        made = rows_of(book.snapshots(every=every, refit=refit, money="decimal"))
        # Parts may bring their ids in another type.
        return [row | {"customer_id": str(row["customer_id"])} for row in made]

    whole = rows(book_of(lines))
    assert rows(lgs.merge(parts[::-1])) == whole
    assert rows(book_of(lines[::-1])) == whole


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame(kind: str) -> None:
    lines = [Line(100 + i, 5 + i % 4, micros("2011-01-03") + 9 * i * DAY, 1 + i % 3, 10**6) for i in range(20)]
    frame = make(kind, columns_of(lines))
    table = quiet_ledger(frame).snapshots()
    assert type(table) is type(frame)
    wanted = snapshots_of(lines)
    seen = [row | {"customer_id": int(row["customer_id"])} for row in rows_of(table)]
    assert seen == wanted


def test_own_rules_scorer_and_bins() -> None:
    lines = [Line(100 + i, i % 9, micros("2011-01-03") + 5 * i * DAY, 1 + i % 3, 10**6) for i in range(60)]
    book = book_of(lines)
    rules = lgs.SegmentRules(
        [("Recent", {"r": (3, 3)}), ("Large", {"r": (1, 2), "m": (2, 2)})],
        bins={"recency": 3, "frequency": 4, "monetary": 2},
    )
    snapshots = book.snapshots(rules=rules, frame="pandas")
    assert list(snapshots["segment"].cat.categories) == ["Recent", "Large"]
    scorer = book.snapshot_scorer(rules=rules)
    assert scorer.get_params() == {"bins": {"recency": 3, "frequency": 4, "monetary": 2}, "ties": "together"}
    assert (scorer.transform(snapshots).to_numpy() == snapshots[["r_score", "f_score", "m_score"]].to_numpy()).all()
    assert snapshots["segment"].isna().any()
    again = book.snapshots(rules=rules, scorer=scorer, frame="pandas")
    pd.testing.assert_frame_equal(again, snapshots)
    first = lgs.Scorer(bins=5)  # not fitted: how to learn
    learnt = book.snapshot_scorer(scorer=first)
    assert learnt.ties == "first"
    assert learnt is not first
    with pytest.raises(lgs.NotFittedError):
        first.to_json()
    assert book.snapshot_scorer(scorer=learnt) is learnt
    with pytest.raises(ValueError, match=r"refit=True.*fitted"):
        book.snapshots(scorer=learnt, refit=True)
    with pytest.raises(ValueError, match="bins"):
        book.snapshots(scorer=learnt, rules=rules)


def test_since_and_until_only_choose() -> None:
    lines = [Line(100 + i, i % 9, micros("2010-01-03") + 13 * i * DAY, 1 + i % 3, 10**6) for i in range(60)]
    book = book_of(lines)
    every = book.snapshots(frame="pandas")
    some = book.snapshots(frame="pandas", since="2010-05-01", until=dt.date(2010, 8, 1))
    assert [str(t)[:10] for t in some["snapshot"].unique()] == ["2010-05-01", "2010-06-01", "2010-07-01", "2010-08-01"]
    wanted = every[every["snapshot"].isin(some["snapshot"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, wanted)
    later = book.snapshots(frame="pandas", until="2012-05-15")
    assert later["snapshot"].max() == pd.Timestamp("2012-05-01")
    pd.testing.assert_frame_equal(later[: len(every)], every)


def test_nobody_and_one() -> None:
    nobody = book_of([Line("C1", 5, micros("2011-05-05"), -1, 10**6)])
    assert rows_of(nobody.snapshots()) == []
    assert rows_of(lgs.Ledger().snapshots(frame="numpy")) == []
    with pytest.raises(ValueError, match=r"snapshot_scorer.*no customers"):
        nobody.snapshot_scorer()
    one = rows_of(book_of([Line(1, 5, micros("2011-05-05"), 1, 10**6)]).snapshots())
    assert [(r["recency"], r["r_score"], r["f_score"], r["m_score"]) for r in one] == [(27, 5, 1, 1)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": "fortnight"}, "every='fortnight' is not one of 'day', 'week'"),
        ({"basis": "some"}, "basis='some'"),
        ({"window": "0d"}, "window='0d'"),
        ({"since": "2012-01-01", "until": "2011-01-01"}, "since='2012-01-01' is after"),
        ({"since": "soon"}, "since: "),
        ({"money": "gold"}, "money='gold'"),
        ({"frame": "sheet"}, "frame='sheet'"),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        book_of([Line(1, 5, micros("2011-05-05"), 1, 10**6)]).snapshots(**options)


# ---- the real data


def one_by_one(book: lgs.Ledger, moments: Any, scorer: lgs.Scorer, **options: Any) -> pd.DataFrame:
    rules = lgs.SegmentRules.standard()
    parts = []
    for t in moments:
        customers = book.between(None, t).customers(as_of=t, **options)
        scored = rules.assign(scorer.assign(customers))
        scored.insert(0, "snapshot", np.full(len(scored), np.datetime64(t, "us")))
        parts.append(scored)
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("options", [{}, {"window": "90d"}, {"basis": "net", "window": "365d"}, {"basis": "all"}])
def test_25_months_are_25_calls(pandas_book: lgs.Ledger, options: dict[str, Any]) -> None:
    snapshots = pandas_book.snapshots(**options)
    moments = snapshots["snapshot"].unique()
    assert len(moments) == 25
    assert (str(moments[0]), str(moments[-1])) == ("2010-01-01 00:00:00", "2012-01-01 00:00:00")
    scorer = pandas_book.snapshot_scorer(**options)
    pd.testing.assert_frame_equal(snapshots[["snapshot", *SCORED]], one_by_one(pandas_book, moments, scorer, **options))


def test_cut_points_are_those_of_the_first_whole_year(pandas_book: lgs.Ledger) -> None:
    t = "2010-12-01"
    wanted = lgs.Scorer(ties="together").fit(pandas_book.between(None, t).customers(as_of=t))
    assert pandas_book.snapshot_scorer().to_json() == wanted.to_json()


def test_exact_money_of_the_real_months(pandas_book: lgs.Ledger) -> None:
    snapshots = pandas_book.snapshots(money="decimal")
    invoices = pandas_book.invoices(money="decimal")
    known = invoices[invoices["customer_id"].notna()]
    month = known["first_moment"].dt.to_period("M")
    sums = known.groupby(month)["gross"].sum()
    by_step = snapshots.groupby("snapshot")["step_gross"].sum()
    assert by_step.tolist() == sums.tolist()
    assert isinstance(values_of(snapshots, "monetary")[0], Decimal)


@pytest.mark.parametrize("every", ["week", "quarter", "year"])
def test_other_steps_of_the_real_data(pandas_book: lgs.Ledger, every: str) -> None:
    snapshots = pandas_book.snapshots(every=every, window="180d", since="2010-11-01")
    scorer = pandas_book.snapshot_scorer(every=every, window="180d")
    moments = snapshots["snapshot"].unique()
    assert len(moments) == {"week": 59, "quarter": 5, "year": 2}[every]
    pd.testing.assert_frame_equal(
        snapshots[["snapshot", *SCORED]], one_by_one(pandas_book, moments, scorer, window="180d")
    )
