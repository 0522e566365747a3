"""Tables about returning customers: every kind of frame, exact money, laws of the ledger, wrong options."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pytest
import reference
import strategies
from frames import KINDS, book_of, columns_of, make, names_of, quiet_ledger, rows_of, saved_bytes, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Line
from reference_returning import as_text, one

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

STEPS = ("day", "week", "month", "quarter", "year")
CALLS: dict[str, dict[str, Any]] = {
    "periods": {"every": "week"},
    "cohorts": {},
    "returning": {"days": (7, 45)},
    "repeat_rate": {},
    "days_between": {},
    "second_purchase": {},
}


def tables(book: lgs.Ledger, **options: Any) -> dict[str, Any]:
    found = {name: getattr(book, name)(**more, **options) for name, more in CALLS.items()}
    found["cohorts long"] = book.cohorts(form="long", average=True, measure="net", **options)
    found["cohorts value"] = book.cohorts(show="value", measure="gross", **options)
    found["by customer"] = book.days_between(per_customer=True, **options)
    return found


@pytest.fixture(scope="module")
def some_lines() -> list[Line]:
    rng = random.Random(5)
    return [
        one(rng.choice([None, *range(20)]), f"2011-0{rng.randrange(1, 8)}-{rng.randrange(1, 28):02}", invoice=i // 2)
        for i in range(300)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame(some_lines: list[Line], kind: str) -> None:
    wanted = {name: rows_of(table) for name, table in tables(book_of(some_lines)).items()}
    frame = make(kind, columns_of(some_lines))
    for name, table in tables(quiet_ledger(frame)).items():
        assert type(table) is type(frame), name
        seen = rows_of(table)
        if name == "by customer":
            seen = [row | {"customer_id": reference.canonical_id(row["customer_id"])} for row in seen]
        assert seen == wanted[name], name
    for name, table in tables(quiet_ledger(frame), frame="table").items():
        assert isinstance(table, lgs.Table)
        assert list(table.to_arrow().column_names) == names_of(table) == list(wanted[name][0])


def test_money_may_be_exact(pandas_book: lgs.Ledger) -> None:
    for table, name in (
        (pandas_book.periods(every="year", money="decimal"), "sales"),
        (pandas_book.periods(every="year", money="decimal"), "known_sales"),
        (pandas_book.returning(money="decimal"), "unknown_gross"),
        (pandas_book.cohorts(measure="gross", show="value", money="decimal"), "month_0"),
    ):
        assert all(isinstance(v, Decimal) for v in values_of(table, name))
    exact = pandas_book.periods(every="quarter", money="decimal")
    assert sum(values_of(exact, "sales")) == Decimal("19287250.568")
    split = zip(*(values_of(exact, n) for n in ("sales", "known_sales", "unknown_sales")), strict=True)
    assert all(whole == known + unknown for whole, known, unknown in split)


@settings(max_examples=40)
@given(strategies.lines(min_size=2, max_size=40), st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_and_cuts_change_nothing(lines: list[Line], rng: Any, parts: int) -> None:
    book = book_of(lines)
    shuffled = lines[:]
    rng.shuffle(shuffled)
    pieces = [shuffled[i::parts] for i in range(parts)]
    merged = lgs.merge([book_of(piece) for piece in pieces if piece])
    assert saved_bytes(merged) == saved_bytes(book)
    for name, table in tables(book, frame="arrow").items():
        assert tables(merged, frame="arrow")[name].equals(table), name


@settings(max_examples=40)
@given(strategies.lines(max_size=40), strategies.moments)
def test_until_is_a_cut(lines: list[Line], until: int) -> None:
    """What `until` leaves out, `between` leaves out too; the end of observation given, nothing else differs."""
    book, cut = book_of(lines), book_of(lines).between(until=as_text(until))
    for name in ("cohorts", "returning", "second_purchase"):
        assert rows_of(getattr(book, name)(until=as_text(until))) == rows_of(getattr(cut, name)(until=as_text(until)))


@settings(max_examples=40)
@given(strategies.lines(max_size=40))
def test_sums_do_not_depend_on_the_step(lines: list[Line]) -> None:
    tables_by_step = [rows_of(book_of(lines).periods(every=every, money="decimal")) for every in STEPS]
    for name in ("sales", "known_sales", "unknown_sales", "new_users"):
        assert len({sum(row[name] for row in rows) for rows in tables_by_step}) == 1, name
    gross = sum(values_of(book_of(lines).invoices(money="decimal"), "gross"))
    months = rows_of(book_of(lines).returning(money="decimal"))
    assert sum(r["new_gross"] + r["returning_gross"] + r["unknown_gross"] for r in months) == gross


# ---- wrong options


@pytest.mark.parametrize(
    ("call", "options", "kind", "message"),
    [
        ("periods", {"every": "fortnight"}, ValueError, "every='fortnight' is not one of 'day', 'week', 'month'"),
        ("cohorts", {"measure": "sales"}, ValueError, "measure='sales' is not one of 'customers', 'invoices'"),
        ("cohorts", {"form": "tall"}, ValueError, "form='tall' is not one of 'wide', 'long'"),
        ("cohorts", {"show": "both"}, ValueError, "show='both' is not one of 'retention', 'value'"),
        ("cohorts", {"show": "value", "average": True}, ValueError, "average=True goes with show='retention'"),
        ("cohorts", {"until": "soon"}, ValueError, "until: moment 'soon' is not ISO 8601"),
        ("cohorts", {"money": "cents"}, ValueError, "money='cents'"),
        ("returning", {"days": (0,)}, ValueError, "0 is outside 1 to 1,000,000"),
        ("returning", {"days": (30, 30)}, ValueError, "days: 30 is given twice; give it once"),
        ("returning", {"days": (1.5,)}, TypeError, "days=.* holds something that is no integer"),
        ("returning", {"days": "30"}, TypeError, "days='30' holds something that is no integer"),
        ("repeat_rate", {"count": "orders"}, ValueError, "count='orders' is not one of 'invoices', 'days'"),
        ("second_purchase", {"count": "orders"}, ValueError, "count='orders' is not one of 'invoices', 'days'"),
        ("days_between", {"quantiles": (2,)}, ValueError, "quantiles: 2.* is outside 0 to 1"),
        ("repeat_rate", {"frame": "csv"}, ValueError, "frame='csv'"),
    ],
)
def test_wrong_options(call: str, options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        getattr(lgs.Ledger(), call)(**options)
    assert "\n" not in str(caught.value)


def test_one_threshold_and_numpy_integers() -> None:
    book = book_of([one(1, "2011-01-03")])
    assert "lost_30" in names_of(book.returning(days=30))  # type: ignore[arg-type]
    assert "lost_7" in names_of(book.returning(days=np.array([7])))
