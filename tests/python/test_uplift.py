"""The effect of a campaign: the figures from the raw lines, the intervals by simulation, the smallest effect found."""

from __future__ import annotations

import math
import random
import statistics
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
import reference
from frames import KINDS, book_of, make, names_of, quiet_ledger, rows_of, saved_bytes
from hypothesis import given
from hypothesis import strategies as st
from lgs_rfm._intervals import newcombe, student_quantile
from reference import DAY, Line, micros
from strategies import lines as line_lists

COLUMNS = ["measure", "contact", "holdout", "difference", "low", "high", "contact_customers", "holdout_customers"]
MEASURES = ["response_rate", "invoices_per_customer", "gross_per_customer", "incremental_gross"]
START = micros("2011-03-01")


def expected(groups: dict[reference.Id, str], lines: list[Line], start: int, days: int) -> list[dict[str, Any]]:
    """The definition over the raw lines: no ledger, no exact sums."""
    window = [x for x in lines if start <= x.moment < start + days * DAY and x.bought]
    values: dict[str, dict[str, list[float]]] = {}
    for group in ("contact", "holdout"):
        members = [c for c, g in groups.items() if g == group]
        mine = {c: [x for x in window if x.customer == c] for c in members}
        values[group] = {
            "response_rate": [float(bool(mine[c])) for c in members],
            "invoices_per_customer": [float(len({x.order for x in mine[c]})) for c in members],
            "gross_per_customer": [sum(x.amount for x in mine[c]) / 1e6 for c in members],
        }
    sizes = [len(values[g]["response_rate"]) for g in ("contact", "holdout")]
    rows = []
    for measure in MEASURES[:3]:
        one, two = values["contact"][measure], values["holdout"][measure]
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row |= {"measure": measure, "contact_customers": sizes[0], "holdout_customers": sizes[1]}
        row["contact"] = statistics.fmean(one) if len(one) >= 2 else None
        row["holdout"] = statistics.fmean(two) if len(two) >= 2 else None
        if min(sizes) >= 2:
            row["difference"] = statistics.fmean(one) - statistics.fmean(two)
            if measure == "response_rate":
                row["low"], row["high"] = newcombe(int(sum(one)), sizes[0], int(sum(two)), sizes[1])
            else:
                a, b = statistics.variance(one) / sizes[0], statistics.variance(two) / sizes[1]
                if a + b > 0:
                    df = (a + b) ** 2 / (a**2 / (sizes[0] - 1) + b**2 / (sizes[1] - 1))
                    half = student_quantile(df) * math.sqrt(a + b)
                    row["low"], row["high"] = row["difference"] - half, row["difference"] + half
        rows.append(row)
    total: dict[str, Any] = {**rows[-1], "measure": "incremental_gross"}
    for name in ("contact", "holdout", "difference", "low", "high"):
        total[name] = None if total[name] is None else total[name] * sizes[0]
    return [*rows, total]


def close(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert [list(row) for row in found] == [COLUMNS] * 4
    for row, other in zip(found, wanted, strict=True):
        for name in COLUMNS:
            value = other[name]
            assert row[name] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value), name


def mailing(groups: dict[reference.Id, str], kind: str = "numpy-object") -> Any:
    return make(kind, {"customer_id": list(groups), "group": list(groups.values())})


def year(customers: int = 40, seed: int = 1) -> list[Line]:
    """Lines of a year: some customers have texts for ids, some lines none; cancellations and free units among them."""
    chance = random.Random(seed)
    made = []
    for i in range(customers * 12):
        customer: reference.Id = chance.randrange(customers)
        customer = None if chance.random() < 0.1 else f"K{customer}" if customer % 3 == 0 else customer  # type: ignore[operator]
        invoice = f"C{i // 2}" if chance.random() < 0.15 else i // 2
        quantity = -chance.randrange(1, 5) if isinstance(invoice, str) else chance.randrange(0, 9)
        moment = micros("2011-01-01") + chance.randrange(365) * DAY + chance.randrange(DAY)
        made.append(Line(invoice, customer, moment, quantity, chance.choice([0, 250_000, 1_990_000, 12_345_678])))
    made.append(Line("first", None, micros("2011-01-01"), 1, 1))
    return [*made, Line("last", None, micros("2011-12-31 23:59:59"), 1, 1)]


def grouped(customers: int = 44, seed: int = 2) -> dict[reference.Id, str]:
    """Customers with a side each, some of whom never bought."""
    chance = random.Random(seed)
    return {(f"K{i}" if i % 3 == 0 else i): "holdout" if chance.random() < 0.4 else "contact" for i in range(customers)}


@pytest.mark.parametrize("kind", KINDS)
def test_figures_from_the_lines(kind: str) -> None:
    lines, groups = year(), grouped()
    frame = mailing(groups, kind)
    found = lgs.uplift(frame, book_of(lines), start="2011-03-01", days=45)
    assert isinstance(found, type(frame))
    close(rows_of(found), expected(groups, lines, START, 45))


@pytest.mark.parametrize("days", [1, 60, 306])
@pytest.mark.parametrize("seed", range(4))
def test_windows_and_shops(days: int, seed: int) -> None:
    lines, groups = year(seed=seed), grouped(seed=seed)
    found = lgs.uplift(mailing(groups), book_of(lines), start=np.datetime64("2011-03-01"), days=days)
    close(rows_of(found), expected(groups, lines, START, days))


@given(line_lists(min_size=1, max_size=25), st.integers(0, 7), st.integers(0, 10_000))
def test_figures_of_any_lines(lines: list[Line], size: int, seed: int) -> None:
    """Few lines: ties, groups of nobody, customers without a purchase, invoices over several moments."""
    known = sorted({x.customer for x in lines} - {None}, key=reference.id_order)
    chance = random.Random(seed)
    groups = {c: chance.choice(["contact", "holdout"]) for c in [*known, *(f"none{i}" for i in range(size))]}
    first, last = min(x.moment for x in lines) // DAY, max(x.moment for x in lines) // DAY
    if last - first > 36_000:
        return
    found = lgs.uplift(
        mailing(groups, "pandas"), book_of(lines), start=reference.moment_of(first * DAY), days=last - first + 1
    )
    close(rows_of(found), expected(groups, lines, first * DAY, last - first + 1))


def test_the_window_has_its_first_moment_and_not_its_last() -> None:
    groups: dict[reference.Id, str] = {1: "contact", 2: "contact", 3: "holdout", 4: "holdout"}
    at = {1: "2011-03-01", 2: "2011-03-11", 3: "2011-02-28 23:59:59.999999", 4: "2011-03-10 23:59:59.999999"}
    lines = [Line(i, i, micros(when), 1, 5_000_000) for i, when in at.items()]
    rates = rows_of(lgs.uplift(mailing(groups), book_of(lines), start="2011-03-01", days=10))[0]
    assert (rates["contact"], rates["holdout"]) == (0.5, 0.5)


def test_splits_orders_and_frames_make_no_difference() -> None:
    lines, groups = year(seed=9), grouped(seed=9)
    book = book_of(lines)
    shuffled = random.Random(3).sample(lines, len(lines))
    parts = lgs.merge([book_of(shuffled[i::3]) for i in range(3)])
    assert saved_bytes(parts) == saved_bytes(book)
    turned = dict(random.Random(4).sample(list(groups.items()), len(groups)))
    wanted = rows_of(lgs.uplift(mailing(groups), book, start="2011-03-01", frame="table"))
    for kind in KINDS:
        for result in ("pandas", "polars", "arrow", "numpy", "table"):
            found = lgs.uplift(mailing(turned, kind), parts, start="2011-03-01", frame=result)
            assert names_of(found) == COLUMNS
            assert rows_of(found) == wanted  # to the last bit


def test_a_list_comes_back_from_its_file(tmp_path: Path) -> None:
    book = quiet_ledger(lgs.demo_lines(customers=200, seed=2, frame="pandas"))
    segments = lgs.rfm(book, as_of="2011-10-01")
    path = tmp_path / "list.csv"
    listed = lgs.campaign(segments, "champions", name="n", holdout=0.5, path=path)
    wanted = lgs.uplift(listed, book, start="2011-10-01")
    assert lgs.uplift(pd.read_csv(path), book, start="2011-10-01").equals(wanted)
    assert lgs.uplift(pd.read_csv(path, dtype=str), book, start="2011-10-01").equals(wanted)


def test_figures_of_the_real_lines(pandas_book: lgs.Ledger, real_lines: pd.DataFrame) -> None:
    segments = lgs.rfm(pandas_book, as_of="2011-09-01")
    listed = lgs.campaign(segments, ["Loyal Customers", "Champions"], name="autumn", as_of="2011-09-01", holdout=0.3)
    found = {row["measure"]: row for row in rows_of(lgs.uplift(listed, pandas_book, start="2011-09-01", days=90))}
    bought = real_lines[
        (real_lines["InvoiceDate"] >= "2011-09-01")
        & (real_lines["InvoiceDate"] < "2011-11-30")
        & (real_lines["Quantity"] > 0)
        & (real_lines["Price"] > 0)
    ]
    by = bought.assign(amount=bought["Quantity"] * bought["Price"]).groupby("Customer ID")
    table = listed.set_index("customer_id")[["group"]].join(
        pd.DataFrame({"gross": by["amount"].sum(), "invoices": by["Invoice"].nunique()})
    )
    table = table.assign(response=table["gross"].notna()).fillna({"gross": 0, "invoices": 0})
    names = {"response": "response_rate", "invoices": "invoices_per_customer", "gross": "gross_per_customer"}
    for column, measure in names.items():
        for group in ("contact", "holdout"):
            values = table.loc[table["group"] == group, column].astype(float)
            assert found[measure][group] == pytest.approx(values.mean(), rel=1e-9)
            assert found[measure][f"{group}_customers"] == len(values)
    total = found["incremental_gross"]
    assert total["difference"] == found["gross_per_customer"]["difference"] * total["contact_customers"]
    assert total["contact"] - total["holdout"] == pytest.approx(total["difference"], rel=1e-9)


# ---- the promise of the intervals


def test_without_an_effect_the_intervals_cover_zero() -> None:
    """2,000 campaigns to which nobody reacts: 93 to 97 % of the 95 % intervals cover zero."""
    book = quiet_ledger(lgs.demo_lines(customers=700, seed=5, frame="numpy"))
    segments = lgs.rfm(book, as_of="2011-10-01", frame="numpy")
    window = book.between(since="2011-09-25", until="2011-12-01")
    names = ["Champions", "Loyal Customers", "Potential Loyalists", "At Risk", "Can't Lose"]
    keep = np.isin(segments["segment"], names)
    segments = {name: column[keep] for name, column in segments.items()}
    covered = dict.fromkeys(MEASURES, 0)
    campaigns = 2_000
    for i in range(campaigns):
        listed = lgs.campaign(segments, names, name=f"campaign {i}", holdout=0.4)
        found = lgs.uplift(listed, window, start="2011-10-01", days=60)
        sizes = (int(found["contact_customers"][0]), int(found["holdout_customers"][0]))
        for measure, low, high in zip(found["measure"], found["low"], found["high"], strict=True):
            covered[measure] += bool(low <= 0 <= high)
    assert all(0.93 <= count / campaigns <= 0.97 for count in covered.values()), (covered, sizes)


# ---- where there is little or nothing


def test_small_groups_are_missing() -> None:
    lines = [Line(i, i % 7, micros("2011-03-01") + i * DAY, 1, 5_000_000) for i in range(60)]
    book = book_of(lines)
    for sizes in ((0, 0), (0, 3), (1, 3), (3, 1), (2, 2)):
        groups: dict[reference.Id, str] = {i: "contact" if i < sizes[0] else "holdout" for i in range(sum(sizes))}
        found = rows_of(lgs.uplift(mailing(groups, "pandas"), book, start="2011-03-01"))
        close(found, expected(groups, lines, START, 60))
        for row in found:
            assert (row["contact"] is None, row["holdout"] is None) == (sizes[0] < 2, sizes[1] < 2)
            assert (row["difference"] is None) == (min(sizes) < 2)


def test_nobody_bought() -> None:
    lines = [Line(1, None, START, 1, 5_000_000), Line(2, 9, START + 59 * DAY, 1, 5_000_000)]
    groups: dict[reference.Id, str] = {i: "contact" if i < 5 else "holdout" for i in range(8)}
    rows = rows_of(lgs.uplift(mailing(groups), book_of(lines), start="2011-03-01"))
    assert [row["difference"] for row in rows] == [0.0] * 4
    assert rows[0]["low"] < 0 < rows[0]["high"]
    assert [row["low"] for row in rows[1:]] == [None] * 3  # nothing varies, so nothing tells how much it could


# ---- bad calls


def test_the_window_must_be_observed() -> None:
    groups: dict[reference.Id, str] = {1: "contact", 2: "holdout"}
    lines = [Line(1, 1, micros("2011-03-01 10:00"), 1, 1), Line(2, 1, micros("2011-04-29 00:00"), 1, 1)]
    book = book_of(lines)
    assert len(lgs.uplift(mailing(groups), book, start="2011-03-01", days=60, frame="table")) == 4
    with pytest.raises(ValueError, match=r"days=61: the window ends at 2011-05-01.*last line is of 2011-04-29.*fewer"):
        lgs.uplift(mailing(groups), book, start="2011-03-01", days=61)
    with pytest.raises(ValueError, match=r"begins before the ledger's first line of 2011-03-01.*later start"):
        lgs.uplift(mailing(groups), book, start="2011-02-28", days=10)
    with pytest.raises(ValueError, match="ledger is empty"):
        lgs.uplift(mailing(groups), lgs.Ledger(), start="2011-02-28", days=10)


@pytest.mark.parametrize(
    ("columns", "options", "error", "message"),
    [
        ({}, {"days": 0}, ValueError, "days=0"),
        ({}, {"days": 1.5}, ValueError, r"days=1\.5"),
        ({}, {"start": None}, ValueError, "start=None"),
        ({}, {"start": "soon"}, ValueError, "start: .*soon"),
        ({}, {"frame": "excel"}, ValueError, "frame='excel'"),
        ({"group": ["contact", "control"]}, {}, ValueError, "row 1: 'control' is not one of 'contact', 'holdout'"),
        ({"group": ["contact", None]}, {}, ValueError, "row 1: "),
        ({"customer_id": [7, 7]}, {}, lgs.LinesError, "row 1: 7 is in row 0 already"),
        ({"customer_id": [7, None]}, {}, lgs.LinesError, "row 1: the id is missing"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_calls(columns: Any, options: Any, error: type[Exception], message: str) -> None:
    frame = pd.DataFrame({"customer_id": [1, 2], "group": ["contact", "holdout"], **columns})
    with pytest.raises(error, match=message) as caught:
        lgs.uplift(frame, book_of(year()), **{"start": "2011-03-01", **options})
    assert "\n" not in str(caught.value)


def test_wrong_types_and_columns() -> None:
    frame = mailing({1: "contact"})
    with pytest.raises(TypeError, match="ledger has type dict"):
        lgs.uplift(frame, {}, start="2011-03-01")  # type: ignore[arg-type]
    for name in ("customer_id", "group"):
        with pytest.raises(lgs.ColumnError, match=name):
            lgs.uplift({n: c for n, c in frame.items() if n != name}, book_of(year()), start="2011-03-01")


# ---- the smallest effect that is found


def power_of(contact: int, holdout: int, rate: float, effect: float) -> float:
    """The probability that the z test of two proportions says yes, by the normal approximation."""
    normal = statistics.NormalDist()
    other, pooled = rate + effect, (contact * (rate + effect) + holdout * rate) / (contact + holdout)
    together = math.sqrt(pooled * (1 - pooled) * (1 / contact + 1 / holdout))
    apart = math.sqrt(other * (1 - other) / contact + rate * (1 - rate) / holdout)
    return 1 - normal.cdf((normal.inv_cdf(0.975) * together - effect) / apart)


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("sizes", [(900, 100), (100, 100), (50, 1000), (100_000, 20_000)])
def test_the_effect_has_the_power(sizes: tuple[int, int], rate: float) -> None:
    row, gross = rows_of(lgs.detectable_effect(contact=sizes[0], holdout=sizes[1], base_rate=rate, spread=250.0))
    if row["effect"] is None:
        assert power_of(*sizes, rate, (1 - rate) * (1 - 1e-9)) < 0.8
    else:
        assert power_of(*sizes, rate, row["effect"]) == pytest.approx(0.8, abs=1e-9)
    units = (1.959963984540054 + 0.8416212335729143) * math.sqrt(1 / sizes[0] + 1 / sizes[1])
    assert gross["effect_in_spreads"] == pytest.approx(units, rel=1e-12)
    assert gross["effect"] == pytest.approx(250 * units, rel=1e-12)


def test_published_sample_sizes() -> None:
    """Two groups of 64 find half a standard deviation (Cohen 1988; 63 by the normal approximation); 387 a rise of a
    rate from 50 to 60 % (Fleiss, Levin and Paik 2003, table A.4, before the correction for continuity)."""
    found = lgs.detectable_effect(contact=63, holdout=63, frame="numpy")
    assert round(found["effect_in_spreads"][-1], 2) == 0.5
    (row, _) = rows_of(lgs.detectable_effect(contact=387, holdout=387, base_rate=0.5))
    assert row["effect"] == pytest.approx(0.1, abs=1e-3)


def test_effects_by_simulation() -> None:
    """A list of this size finds the effect that it names in about 80 of 100 campaigns."""
    (row, _) = rows_of(lgs.detectable_effect(contact=2_000, holdout=1_000, base_rate=0.1))
    chance = np.random.default_rng(11)
    hits = chance.binomial(2_000, 0.1 + row["effect"], 4_000)
    others = chance.binomial(1_000, 0.1, 4_000)
    found = [newcombe(int(a), 2_000, int(b), 1_000)[0] > 0 for a, b in zip(hits, others, strict=True)]
    assert 0.77 <= np.mean(found) <= 0.83


@pytest.mark.parametrize("kind", KINDS)
def test_effects_of_a_list(kind: str) -> None:
    money = [5.0, 8.0, 9.5, 100.0, 3.25]
    frame = make(
        kind,
        {
            "customer_id": [1, 2, 3, 4, 5],
            "group": ["contact", "holdout", "contact", "holdout", "contact"],
            "monetary": money,
        },
    )
    found = lgs.detectable_effect(frame, base_rate=[0.1, 0.2])
    assert isinstance(found, type(frame))
    rows = rows_of(found)
    assert [row["measure"] for row in rows] == ["response_rate", "response_rate", "gross_per_customer"]
    assert [row["base_rate"] for row in rows] == [0.1, 0.2, None]
    assert {(row["contact"], row["holdout"]) for row in rows} == {(3, 2)}
    assert rows[-1]["spread"] == pytest.approx(statistics.stdev(money), rel=1e-14)
    assert rows_of(lgs.detectable_effect(frame, spread=2.5))[-1]["spread"] == 2.5


def test_effects_that_cannot_be_told() -> None:
    for sizes in ((0, 0), (1, 50), (50, 1)):
        rows = rows_of(lgs.detectable_effect(contact=sizes[0], holdout=sizes[1]))
        assert [(row["effect"], row["effect_in_spreads"]) for row in rows] == [(None, None)] * 5
    rows = rows_of(lgs.detectable_effect(contact=3, holdout=3, base_rate=0.9))
    assert rows[0]["effect"] is None  # it would take more than everyone
    assert rows[1]["effect"] is None  # the spread is not known


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either a campaign, or contact and holdout"),
        ({"campaign": {}, "contact": 5, "holdout": 5}, "either a campaign, or contact and holdout"),
        ({"contact": 5}, "holdout=None"),
        ({"contact": -1, "holdout": 5}, "contact=-1"),
        ({"contact": 5, "holdout": 1.5}, r"holdout=1\.5"),
        ({"contact": 5, "holdout": 5, "base_rate": 1}, r"base_rate=1\.0"),
        ({"contact": 5, "holdout": 5, "base_rate": [0.1, -0.1]}, r"base_rate=-0\.1"),
        ({"contact": 5, "holdout": 5, "spread": -1}, "spread=-1"),
        ({"contact": 5, "holdout": 5, "power": 1}, "power=1"),
    ],
)
def test_wrong_questions(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lgs.detectable_effect(**options)
