"""The figures published for the real data, from every kind of frame."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
from frames import as_route, quiet_ledger, rows_of, values_of

AS_OF = "2012-01-01"
SEGMENTS = {
    "Hibernating": 1522,
    "Loyal Customers": 1147,
    "Champions": 852,
    "At Risk": 750,
    "Potential Loyalists": 713,
    "About to Sleep": 388,
    "Need Attention": 269,
    "Promising": 110,
    "Can't Lose": 71,
    "New Customers": 56,
}


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=0)


def exactly(text: str) -> Decimal:
    return Decimal(text)


@pytest.fixture(scope="module")
def real_customers(real_book: lgs.Ledger) -> Any:
    return real_book.customers(as_of=AS_OF)


def test_monthly(real_book: lgs.Ledger, expected: dict[str, Any]) -> None:
    months = rows_of(real_book.monthly())
    published = expected["monthly"]
    assert len(months) == len(published) == 25
    for row, known in zip(months, published, strict=True):
        assert row["yyyymm"] == known["yyyymm"]
        assert row["month"] == dt.date(known["yyyymm"] // 100, known["yyyymm"] % 100, 1)
        for ours, theirs in {
            "orders": "total_orders",
            "cancelled": "cancelled",
            "placed": "placed",
            "active_users": "active_users",
            "new_users": "new_users",
            "existing_users": "existing_users",
        }.items():
            assert row[ours] == known[theirs], (known["yyyymm"], ours)
        assert row["sale_invoices"] + row["cancelled"] + row["adjustments"] == row["orders"]
        if known["growth_pct"] is None:
            assert row["growth"] is None
        else:
            assert row["growth"] * 100 == pytest.approx(known["growth_pct"], rel=0, abs=5.1e-7)


def test_monthly_sales_are_exact(real_book: lgs.Ledger, expected: dict[str, Any]) -> None:
    exact = values_of(real_book.monthly(money="decimal"), "sales")
    assert exact == [exactly(m["sales_exact"]) for m in expected["monthly"]]
    floats = values_of(real_book.monthly(), "sales")
    assert floats == [float(m["sales_exact"]) for m in expected["monthly"]]


@pytest.mark.parametrize(("q", "block"), [(1.0, "positive"), (0.85, "first85")])
def test_invoice_amount(real_book: lgs.Ledger, expected: dict[str, Any], q: float, block: str) -> None:
    known = expected["invoice_amount"][block]
    (row,) = rows_of(real_book.amount_summary(quantiles=(q,)))
    assert row["count"] == known["count"]
    assert row["mode_count"] == known["mode_count_float"]
    for exact in ("min", "max", "median", "mode"):
        assert row[exact] == known[exact]
    assert row["mean"] == near(known["mean"])
    cutoff = expected["invoice_amount"]["positive"]["max" if q == 1.0 else "q85"]
    assert row["cutoff"] == near(cutoff)
    assert row["quantile"] == q
    # The kept invoices, by the cut-off itself, have the published exact sum.
    nets = values_of(real_book.invoices(money="decimal"), "net")
    kept = [n for n in nets if n > 0 and float(n) <= row["cutoff"]]
    assert (len(kept), sum(kept)) == (known["count"], exactly(known["sum_exact"]))


def test_default_quantiles_are_all_and_85(pandas_book: lgs.Ledger) -> None:
    assert values_of(pandas_book.amount_summary(), "quantile") == [1.0, 0.85]


def test_rfm_totals(real_book: lgs.Ledger, real_customers: Any, expected: dict[str, Any]) -> None:
    known = expected["rfm_purchases_as_of_2012_01_01"]
    assert len(values_of(real_customers, "customer_id")) == known["customers"]
    assert sum(values_of(real_customers, "recency")) == known["sum_recency"]
    assert sum(values_of(real_customers, "frequency")) == known["sum_frequency"]
    exact = values_of(real_book.customers(as_of=AS_OF, money="decimal"), "monetary")
    assert sum(exact) == exactly(known["sum_monetary_exact"])
    assert values_of(real_customers, "monetary") == [float(m) for m in exact]


def test_quintile_edges(real_customers: Any, expected: dict[str, Any]) -> None:
    known = expected["rfm_purchases_as_of_2012_01_01"]["quintile_edges"]
    cuts = lgs.Scorer().fit(real_customers).cuts_
    for name in ("recency", "monetary"):
        assert list(cuts[name]) == near(known[name][1:-1])
        values = values_of(real_customers, name)
        assert [min(values), max(values)] == [known[name][0], known[name][-1]]
    # Ranks count from one; the cut of the rule "first" is the customer at the rank rounded down.
    pairs = sorted(
        zip(values_of(real_customers, "frequency"), map(int, values_of(real_customers, "customer_id")), strict=True)
    )
    ranks = [pairs.index((f, int(c))) + 1 for f, c in cuts["frequency"]]
    assert ranks == [int(edge) for edge in known["frequency_rank"][1:-1]]


def test_scores(real_customers: Any, expected: dict[str, Any]) -> None:
    known = expected["rfm_purchases_as_of_2012_01_01"]
    scored = lgs.Scorer().fit_transform(real_customers)
    columns = {d: values_of(scored, f"{d}_score") for d in "rfm"}
    for dimension, counts in known["score_counts"].items():
        assert {str(s): columns[dimension].count(s) for s in range(1, 6)} == counts
    triples = list(zip(*columns.values(), strict=True))
    assert triples.count((5, 5, 5)) == known["score_555"]
    assert triples.count((1, 1, 1)) == known["score_111"]


def test_first_customers(real_frame: Any, expected: dict[str, Any]) -> None:
    with pytest.warns(lgs.QualityWarning):
        rows = rows_of(lgs.rfm(real_frame, as_of=AS_OF))
    for row, known in zip(rows, expected["rfm_purchases_as_of_2012_01_01"]["head"], strict=False):
        assert int(row["customer_id"]) == known["customer"]
        for name in ("recency", "frequency", "monetary", "segment"):
            assert row[name] == known[name]
        assert "".join(str(row[f"{d}_score"]) for d in "rfm") == known["rfm_score"]


@pytest.mark.parametrize("as_of", [AS_OF, None])
def test_segments(real_book: lgs.Ledger, as_of: str | None) -> None:
    scored = lgs.Scorer().fit(customers := real_book.customers(as_of=as_of)).assign(customers)
    names = values_of(lgs.SegmentRules.standard().assign(scored), "segment")
    assert {name: names.count(name) for name in SEGMENTS} == SEGMENTS
    assert len(names) == sum(SEGMENTS.values())


def test_segment_summary(real_book: lgs.Ledger, real_customers: Any, expected: dict[str, Any]) -> None:
    known = expected["rfm_purchases_as_of_2012_01_01"]
    rules = lgs.SegmentRules.standard()
    rows = rows_of(lgs.segment_summary(rules.assign(lgs.Scorer().fit(real_customers).assign(real_customers))))
    assert {r["segment"]: r["customers"] for r in rows} == SEGMENTS
    total = exactly(known["sum_monetary_exact"])
    for row in rows:
        block = known["segments"][row["segment"]]
        assert row["share"] * 100 == pytest.approx(block["share_pct"], abs=1e-6)
        for mean in ("recency_mean", "frequency_mean", "monetary_mean"):
            assert row[mean] == pytest.approx(block[mean], abs=1e-6)
        gross = exactly(block["monetary_sum_exact"])
        assert row["gross"] == near(float(gross))
        assert row["gross_share"] == near(float(gross / total))


def test_dataset(real_book: lgs.Ledger, expected: dict[str, Any]) -> None:
    known = expected["dataset"]
    table = real_book.invoices(money="decimal")
    kinds = values_of(table, "kind")
    assert len(kinds) == known["invoices"]
    assert kinds.count("cancellation") == known["invoices_C"]
    assert kinds.count("adjustment") == known["invoices_A"]
    assert kinds.count("sale") == known["invoices_numeric"]
    lines = values_of(table, "lines")
    assert sum(lines) == known["rows"]
    assert sum(n for n, kind in zip(lines, kinds, strict=True) if kind == "cancellation") == known["lines_C"]
    assert sum(values_of(table, "net")) == exactly(known["total_revenue_exact"])
    first, last = (pd.Timestamp(known[n]).value // 1000 for n in ("first_date", "last_date"))
    assert (min(values_of(table, "first_moment")), max(values_of(table, "last_moment"))) == (first, last)
    everyone = real_book.customers(basis="all")
    assert len(values_of(everyone, "customer_id")) == known["customers"]


def test_quality(real_book: lgs.Ledger, expected: dict[str, Any]) -> None:
    known = expected["dataset"]
    lines = {r["name"]: r["lines"] for r in rows_of(real_book.quality())}
    assert lines["unknown_customer"] == known["null_customer"]
    assert lines["zero_price"] == known["rows_price_zero"]
    assert lines["negative_price"] == known["rows_price_negative"]
    assert lines["odd_quantity"] == 3458


def test_line_counts_of_the_dataset(real_book: lgs.Ledger, expected: dict[str, Any]) -> None:
    known = expected["dataset"]
    table = real_book.invoices()
    owners, bought = values_of(table, "customer_id"), values_of(table, "purchase_lines")
    known_bought = sum(n for n, owner in zip(bought, owners, strict=True) if owner not in (None, ""))
    assert known_bought == known["rows_known_qty_and_amount_positive"]
    lines = {r["name"]: r["lines"] for r in rows_of(real_book.quality())}
    assert known["rows"] - lines["unknown_customer"] == known["rows_with_customer"]
    # Negative are the lines of cancellations but one, and the odd lines but that one.
    assert known["lines_C"] + lines["odd_quantity"] - 2 == known["rows_qty_negative"]


def test_net_basis(real_book: lgs.Ledger) -> None:
    monetary = values_of(real_book.customers(as_of=AS_OF, basis="net"), "monetary")
    assert sum(m <= 0 for m in monetary) == 41


def test_copies_are_reported(real_frame: Any, expected: dict[str, Any]) -> None:
    overlap = expected["dataset"]["sheet_overlap"]
    with pytest.warns(lgs.QualityWarning, match="1,?088") as caught:
        book = lgs.Ledger.from_lines(real_frame)
    assert len(caught) == 1
    reading = book.reading
    assert reading.copies_judged
    assert (reading.copied_invoices, reading.copied_lines) == (overlap["invoices"], overlap["rows"])
    assert (reading.lines, reading.dropped_lines) == (expected["dataset"]["rows"], 0)
    assert "1,088" in str(reading) or "1088" in str(reading)


def test_copies_are_found_on_reversed_rows(real_lines: pd.DataFrame, expected: dict[str, Any]) -> None:
    overlap = expected["dataset"]["sheet_overlap"]
    reading = quiet_ledger(real_lines.iloc[::-1]).reading
    assert (reading.copied_invoices, reading.copied_lines) == (overlap["invoices"], overlap["rows"])


def test_copies_are_not_judged_on_shuffled_rows(real_lines: pd.DataFrame) -> None:
    order = np.random.default_rng(7).permutation(len(real_lines))
    reading = quiet_ledger(real_lines.iloc[order]).reading
    assert not reading.copies_judged
    assert (reading.copied_invoices, reading.copied_lines) == (None, None)
    assert "not judged" in str(reading)


def test_copies_dropped(route: str, real_frame: Any, expected: dict[str, Any]) -> None:
    overlap = expected["dataset"]["sheet_overlap"]
    book = quiet_ledger(lgs.Lines(real_frame, copies="drop"))
    months = rows_of(book.monthly(money="decimal"))
    (december,) = [m for m in months if m["yyyymm"] == 201012]
    assert december["sales"] == exactly(overlap["sales_201012_without_overlap"])
    assert book.reading.dropped_lines == overlap["rows"]
    assert sum(values_of(book.invoices(), "lines")) == expected["dataset"]["rows"] - overlap["rows"]
    kept = exactly(overlap["sales_201012_as_is"]) - exactly(overlap["amount_exact"])
    assert december["sales"] == kept


def test_copies_refused(real_lines: pd.DataFrame) -> None:
    with pytest.raises(lgs.LinesError, match=r"1,?088.*copies"):
        lgs.Ledger.from_lines(lgs.Lines(real_lines, copies="error"))


def test_routes_agree_to_the_byte(real_lines: pd.DataFrame) -> None:
    books = [quiet_ledger(as_route(real_lines, r)) for r in ("pandas", "numpy-object", "arrow")]
    assert books[0] == books[1] == books[2]
