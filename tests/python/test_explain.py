"""What is said of one customer comes true when it buys, and when it does not."""

from __future__ import annotations

from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
from frames import book_of, quiet_ledger, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import DAY, Line, micros, moment_of

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

DAY_AS_OF = "2012-01-01"
BY_M = lgs.SegmentRules(
    [("Rich", {"m": (3, 3)}), ("Poor and here", {"m": (1, 2), "r": (2, 3)}), ("Poor", {"m": (1, 1), "r": (1, 1)})],
    bins=3,
)


def one(frame: Any) -> dict[str, Any]:
    (row,) = rows_of(frame)
    return row


def segments_of(rules: lgs.SegmentRules, scorer: lgs.Scorer, **values: Any) -> list[str | None]:
    table = rules.assign(scorer.assign(pd.DataFrame(values)))
    return [name if isinstance(name, str) else None for name in table["segment"]]


def expected(row: dict[str, Any], scorer: lgs.Scorer, rules: lgs.SegmentRules) -> dict[str, Any]:
    """Try one invoice more, then two; one day later, then two."""
    values = {name: row[name] for name in ("customer_id", "recency", "frequency", "monetary")}
    result: dict[str, Any] = {"better_segment": None, "orders_needed": 0, "lower_segment": None, "falls_on": None}
    orders = np.arange(1, 60)
    for more, name in zip(
        orders,
        segments_of(rules, scorer, **values | {"recency": 0, "frequency": values["frequency"] + orders}),
        strict=True,
    ):
        if name not in (None, row["segment"]):
            result |= {"better_segment": name, "orders_needed": more}
            break
    days = np.arange(1, 800)
    later = segments_of(rules, scorer, **values | {"recency": values["recency"] + days})
    for day, name in zip(days, later, strict=True):
        if name != row["segment"]:
            result |= {"lower_segment": name, "falls_on": row["as_of"] + day * DAY}
            break
    return result


def shop(rng: np.random.Generator, customers: int = 25) -> list[Line]:
    lines = []
    for customer in range(customers):
        for n in range(int(rng.integers(1, 7))):
            day = int(rng.integers(0, 300))
            moment = micros("2011-01-01") + day * DAY + int(rng.integers(0, DAY))
            lines.append(Line(1000 * customer + n, customer, moment, 1 + n, int(rng.integers(1, 50)) * 10**6))
    return lines


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.sampled_from(["first", "together"]), st.booleans())
def test_explanations_come_true_by_trying(seed: int, ties: str, by_m: bool) -> None:
    rng = np.random.default_rng(seed)
    rules = BY_M if by_m else lgs.SegmentRules.standard()
    book = book_of(shop(rng))
    customers = book.customers(frame="pandas")
    scorer = lgs.Scorer(bins=rules.bins, ties=ties).fit(customers)
    segments = rules.assign(scorer.assign(customers))
    for at in rng.choice(len(segments), 2, replace=False):
        row = one(lgs.explain(segments, segments["customer_id"][at], scorer=scorer, rules=rules))
        assert row["as_of"] == book._native.default_as_of()
        wanted = expected(row, scorer, rules)
        if row["amount_needed"] is not None:
            assert wanted["better_segment"] is None
            values = {"customer_id": row["customer_id"], "recency": 0, "frequency": row["frequency"] + 1}
            edge = row["monetary"] + row["amount_needed"]
            below, above = segments_of(rules, scorer, **values, monetary=[edge - 0.01, edge + 0.01])
            assert above == row["better_segment"] != row["segment"]
            assert below in (row["segment"], None)
            wanted |= {"better_segment": row["better_segment"], "orders_needed": 1}
        assert {name: row[name] for name in wanted} == wanted


def test_the_ledger_agrees(pandas_book: lgs.Ledger) -> None:
    """Lines are added to the ledger, or time passes, and the segment is the one that was said."""
    rules = lgs.SegmentRules.standard()
    customers = pandas_book.customers(as_of=DAY_AS_OF)
    scorer = lgs.Scorer().fit(customers)
    segments = rules.assign(scorer.assign(customers))
    for name, mine in segments.groupby("segment", observed=True):
        customer = int(mine["customer_id"].iloc[len(mine) // 2])
        row = one(lgs.explain(segments, customer, as_of=DAY_AS_OF))
        assert row["segment"] == name
        if row["better_segment"] is not None:
            bought = [Line(900_000 + i, customer, micros(DAY_AS_OF), 1, 10**6) for i in range(row["orders_needed"])]
            for lines, wanted in ((bought, row["better_segment"]), (bought[1:], name)):
                if not lines:
                    continue
                more = lgs.merge([pandas_book, book_of(lines, "pandas")])
                after = rules.assign(scorer.assign(more.customers(as_of=DAY_AS_OF))).set_index("customer_id")
                assert after.loc[customer, "segment"] == wanted
        else:
            assert row["orders_needed"] == 0
        if row["falls_on"] is not None:
            for as_of, wanted in ((row["falls_on"], row["lower_segment"]), (row["falls_on"] - DAY, name)):
                later = pandas_book.customers(as_of=moment_of(as_of))
                after = rules.assign(scorer.assign(later)).set_index("customer_id")
                assert after.loc[customer, "segment"] == wanted


def test_bins_and_percentiles(pandas_book: lgs.Ledger) -> None:
    segments = lgs.rfm(pandas_book, as_of=DAY_AS_OF)
    for at in (0, 1000, 3333, len(segments) - 1):
        mine = segments.iloc[at]
        row = one(lgs.explain(segments, mine["customer_id"]))
        assert row["as_of"] == micros(DAY_AS_OF)
        for letter, name in zip("rfm", ("recency", "frequency", "monetary"), strict=True):
            assert row[name] == mine[name]
            assert row[f"{letter}_score"] == mine[f"{letter}_score"]
            above, upto = row[f"{letter}_above"], row[f"{letter}_upto"]
            assert above is None or above < mine[name] or letter == "f"
            assert upto is None or mine[name] <= upto
            worse = segments[name] > mine[name] if letter == "r" else segments[name] < mine[name]
            assert row[f"{letter}_percentile"] == pytest.approx(worse.mean())
        assert (row["r_above"] is None) == (mine["r_score"] == 5)
        assert (row["r_upto"] is None) == (mine["r_score"] == 1)
        assert (row["m_upto"] is None) == (mine["m_score"] == 5)


CUSTOMERS: dict[str, Any] = {
    "customer_id": np.array([11, 12, 13, 14, 15]),
    "recency": np.array([5, 40, 90, 200, 300]),
    "frequency": np.array([9, 4, 3, 2, 1]),
    "monetary": np.array([900.0, 80.0, 60.0, 20.0, 10.0]),
    "last_date": np.array(
        ["2011-12-26T10", "2011-11-21T10", "2011-10-02T10", "2011-06-14T10", "2011-03-06T10"], "datetime64[us]"
    ),
}
SCORER = lgs.Scorer(ties="together").fit(CUSTOMERS)


def scored() -> dict[str, Any]:
    return lgs.SegmentRules.standard().assign(SCORER.assign(CUSTOMERS))


@pytest.mark.parametrize(
    ("customer", "sentence"),
    [
        (
            11,
            "Customer 11 is in Champions (R 5, F 5, M 5). Further orders lead to no other segment; without any it "
            "falls to Loyal Customers on 2012-01-30.",
        ),
        (
            13,
            "Customer 13 is in Need Attention (R 3, F 3, M 3). One more order before 2012-02-15 would bring it to "
            "Champions; without any it falls to At Risk on 2012-02-15.",
        ),
        (
            15,
            "Customer 15 is in Hibernating (R 1, F 1, M 1). One more order would bring it to Potential Loyalists; "
            "without any it stays where it is.",
        ),
    ],
)
def test_sentences(customer: int, sentence: str) -> None:
    row = one(lgs.explain(scored(), customer, scorer=SCORER))
    assert row["sentence"] == sentence


def test_sentence_with_an_amount_and_no_segment() -> None:
    segments = BY_M.assign(lgs.Scorer(bins=3, ties="together").fit(CUSTOMERS).assign(CUSTOMERS))
    scorer = lgs.Scorer(bins=3, ties="together").fit(CUSTOMERS)
    row = one(lgs.explain(segments, 12, scorer=scorer, rules=BY_M))
    assert row["segment"] == "Rich"
    row = one(lgs.explain(segments, 13, scorer=scorer, rules=BY_M))
    assert (row["segment"], row["better_segment"], row["orders_needed"]) == ("Poor and here", "Rich", 1)
    assert row["amount_needed"] == pytest.approx(73.333333 - 60)
    assert "One more order of more than 13.33 before" in row["sentence"]
    assert row["lower_segment"] is None
    assert "has no segment on" in row["sentence"]


def test_kinds_of_frame_and_ids(pandas_book: lgs.Ledger) -> None:
    wanted = one(lgs.explain(lgs.rfm(pandas_book), 12347))
    for frame in ("polars", "arrow", "numpy", "table"):
        seen = one(lgs.explain(lgs.rfm(pandas_book, frame=frame), "12347", frame="numpy"))
        assert seen == wanted
    assert type(lgs.explain(lgs.rfm(pandas_book, frame="polars"), 12347.0)).__name__ == "DataFrame"
    texts = {**scored(), "customer_id": np.array(["a", "b", "007", "d", "e"], dtype=object)}
    assert one(lgs.explain(texts, "007", scorer=SCORER))["customer_id"] == "007"


def test_of_a_snapshot(pandas_book: lgs.Ledger) -> None:
    snapshots = pandas_book.snapshots(since="2011-06-01", until="2011-07-01")
    june = snapshots[snapshots["snapshot"] == "2011-06-01"]
    row = one(lgs.explain(june, 12347, scorer=pandas_book.snapshot_scorer()))
    assert row["as_of"] == micros("2011-06-01")
    with pytest.raises(ValueError, match="customer_id=12347 has 2 rows; give the rows of one snapshot"):
        lgs.explain(snapshots, 12347, scorer=pandas_book.snapshot_scorer())


def test_what_is_refused() -> None:
    with pytest.raises(KeyError, match="customer_id=99 is not among the customers; give one of column customer_id"):
        lgs.explain(scored(), 99, scorer=SCORER)
    with pytest.raises(lgs.ColumnError, match="column last_date is missing"):
        lgs.explain({n: c for n, c in scored().items() if n != "last_date"}, 11, scorer=SCORER)
    other = lgs.Scorer(ties="together").fit(CUSTOMERS | {"monetary": CUSTOMERS["monetary"][::-1]})
    changed = scored() | {"m_score": scored()["m_score"][::-1]}
    with pytest.raises(ValueError, match=r"has the scores \[5, 5, 1\] in the frame but \[5, 5, 5\]"):
        lgs.explain(changed, 11, scorer=SCORER)
    with pytest.raises(ValueError, match="bins"):
        lgs.explain(scored(), 11, scorer=other, rules=BY_M)
    with pytest.raises(ValueError, match="as_of=2012-02-01 00:00:00 contradicts the recency of 5 days"):
        lgs.explain(scored(), 11, scorer=SCORER, as_of="2012-02-01")


def test_one_customer_alone() -> None:
    book = quiet_ledger(
        pd.DataFrame(
            {
                "invoice": [1],
                "quantity": [1],
                "invoice_date": pd.to_datetime(["2011-05-05 10:00"]),
                "unit_price": [2.5],
                "customer_id": [7],
            }
        )
    )
    row = one(lgs.explain(lgs.rfm(book), 7))
    assert (row["segment"], row["r_percentile"], row["orders_needed"]) == ("New Customers", 0.0, 1)
    assert row["better_segment"] == "Champions"
    assert row["falls_on"] == row["as_of"] + DAY
