"""Rule tables: names, gaps, overlaps, dead rules, and the summary against a pandas groupby."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import pandas as pd
import pytest
import reference
from frames import length_of, make, names_of, rows_of, values_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import customer_tables

NAMES = lgs.SegmentRules.standard().names


def codes(bins: int = 5, kind: str = "pandas") -> Any:
    """A scored frame with every code once."""
    grid = list(product(range(1, bins + 1), repeat=3))
    return make(
        kind,
        {
            "customer_id": list(range(len(grid))),
            "recency": [1] * len(grid),
            "frequency": [1] * len(grid),
            "monetary": [1.5] * len(grid),
            "r_score": [g[0] for g in grid],
            "f_score": [g[1] for g in grid],
            "m_score": [g[2] for g in grid],
        },
    )


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text"])
def test_the_standard_table(kind: str) -> None:
    segments = lgs.SegmentRules.standard().assign(frame := codes(kind=kind))
    assert names_of(segments) == [*names_of(frame), "segment"]
    for row in rows_of(segments):
        assert row["segment"] == reference.segment(row["r_score"], row["f_score"])


def test_the_standard_table_has_nothing_wrong() -> None:
    assert length_of(lgs.SegmentRules.standard().check()) == 0


def problems(rules: lgs.SegmentRules) -> list[dict[str, Any]]:
    table = rules.check()
    assert names_of(table) == ["problem", "r", "f", "m", "rules"]
    return rows_of(table)


def test_gaps_are_listed_and_give_a_missing_segment() -> None:
    rules = lgs.SegmentRules([("Low", {"r": (1, 2)}), ("High", {"r": (3, 3), "f": (1, 3)})], bins=3)
    assert problems(rules) == []
    rules = lgs.SegmentRules([("Low", {"r": (1, 2)}), ("High", {"r": (3, 3), "f": (1, 2)})], bins=3)
    found = problems(rules)
    assert {row["problem"] for row in found} == {"gap"}
    assert {(row["r"], row["f"]) for row in found} == {(3, 3)}
    rows = rows_of(rules.assign(codes(3)))
    missing = {(r["r_score"], r["f_score"], r["m_score"]) for r in rows if r["segment"] is None}
    assert missing == {(3, 3, m) for m in (1, 2, 3)}


def test_overlaps_are_listed_and_refused() -> None:
    rules = lgs.SegmentRules([("One", {"r": (1, 2)}), ("Two", {"r": (2, 3), "f": (2, 3)})], bins=3)
    found = [row for row in problems(rules) if row["problem"] == "overlap"]
    assert {(row["r"], row["f"]) for row in found} == {(2, 2), (2, 3)}
    assert all("One" in row["rules"] and "Two" in row["rules"] for row in found)
    with pytest.raises(ValueError, match=r"overlap.*One.*Two") as caught:
        rules.assign(codes(3))
    assert "\n" not in str(caught.value)


def test_rules_that_never_match_are_dead() -> None:
    """A rule under others can never be the only one; one outside of the bins never matches at all."""
    rules = lgs.SegmentRules([("All", {}), ("Never", {"r": (4, 5)})], bins=3)
    dead = [row for row in problems(rules) if row["problem"] == "dead"]
    assert [row["rules"] for row in dead] == ["Never"]


@pytest.mark.parametrize("score", ["r_score", "f_score", "m_score"])
def test_scores_above_the_bins_are_refused(score: str) -> None:
    frame = codes(3)
    frame.loc[5, score] = 4
    rules = lgs.SegmentRules([("All", {})], bins=3)
    with pytest.raises(ValueError, match=f"{score}.*bins"):
        rules.assign(frame)


def test_scores_below_one_are_refused() -> None:
    frame = codes(3)
    frame.loc[5, "f_score"] = 0
    with pytest.raises(ValueError, match=r"f_score.*row 5"):
        lgs.SegmentRules([("All", {})], bins=3).assign(frame)


def test_rfm_compares_the_bins_of_scorer_and_rules() -> None:
    with pytest.raises(ValueError, match=r"bins.*10|10.*bins"):
        lgs.rfm(lgs.demo_lines(customers=30, seed=1), scorer=lgs.Scorer(bins=10))


def test_scores_must_be_there() -> None:
    with pytest.raises(lgs.ColumnError, match="f_score"):
        lgs.SegmentRules.standard().assign(codes().drop(columns="f_score"))


def test_rules_over_money() -> None:
    rules = lgs.SegmentRules([("Big", {"m": (5, 5)}), ("Small", {"m": (1, 4)})], bins=5)
    rows = rows_of(rules.assign(codes()))
    assert all((r["segment"] == "Big") == (r["m_score"] == 5) for r in rows)


@pytest.mark.parametrize(
    ("rules", "part"),
    [
        ([("A", {"r": (0, 5)})], "r.*0"),
        ([("A", {"r": (3, 2)})], "r.*3.*2"),
        ([("A", {"x": (1, 2)})], "x.*r, f"),
        ([("", {"r": (1, 2)})], "name"),
        ([("A", {"r": 3.5})], "r"),
    ],
    ids=str,
)
def test_rules_that_make_no_sense(rules: Any, part: str) -> None:
    with pytest.raises((ValueError, TypeError), match=part):
        lgs.SegmentRules(rules, bins=5)


def test_one_name_for_two_rules() -> None:
    rules = lgs.SegmentRules([("Edge", {"r": (1, 1)}), ("Middle", {"r": (2, 2)}), ("Edge", {"r": (3, 3)})], bins=3)
    segments = rules.assign(codes(3))
    assert list(segments["segment"].cat.categories) == ["Edge", "Middle"]
    assert all((r["segment"] == "Middle") == (r["r_score"] == 2) for r in rows_of(segments))


def test_json_round_trip(tmp_path: Path) -> None:
    for rules in (
        lgs.SegmentRules.standard(),
        lgs.SegmentRules([('Zoë "x"', {"r": (1, 2), "m": (2, 3)}), ("Rest", {"r": (3, 3)})], bins=3),
    ):
        text = rules.to_json()
        again = lgs.SegmentRules.from_json(text)
        assert again.to_json() == text
        rules.save(tmp_path / "rules.json")
        loaded = lgs.SegmentRules.load(tmp_path / "rules.json")
        assert loaded.to_json() == text
        assert json.loads((tmp_path / "rules.json").read_text()) == json.loads(text)
        bins = 5 if "Champions" in text else 3
        assert rows_of(loaded.assign(codes(bins))) == rows_of(rules.assign(codes(bins)))


@pytest.mark.parametrize("text", ["", "{}", "[]", "rules", '{"rules": 1}'])
def test_other_json_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="segment rule"):
        lgs.SegmentRules.from_json(text)
    (tmp_path / "rules.json").write_text(text)
    with pytest.raises(ValueError, match=r"rules\.json"):
        lgs.SegmentRules.load(tmp_path / "rules.json")


def test_standard_names() -> None:
    assert sorted(NAMES) == sorted(name for name, _, _ in reference.STANDARD_RULES)


def test_segments_are_categories_in_rule_order() -> None:
    frame = codes().iloc[:3]
    column = lgs.SegmentRules.standard().assign(frame)["segment"]
    assert list(column.cat.categories) == NAMES


# ---- the summary


@given(customer_tables(min_size=1, max_size=30), st.sampled_from(["first", "together"]))
def test_summary_equals_a_groupby(table: list[dict[str, Any]], ties: str) -> None:
    frame = pd.DataFrame([r | {"monetary": reference.money(r["monetary"])} for r in table])
    segments = lgs.SegmentRules.standard().assign(lgs.Scorer(ties=ties).fit(frame).assign(frame))
    rows = rows_of(lgs.segment_summary(segments))
    assert [r["segment"] for r in rows] == NAMES
    exact = {r["customer_id"]: r["monetary"] for r in table}
    total = sum(exact.values())
    groups = dict(list(segments.groupby("segment", observed=False)))
    for row in rows:
        group = groups[row["segment"]]
        gross = sum(exact[c] for c in group["customer_id"])
        assert row["customers"] == len(group)
        assert row["share"] == pytest.approx(len(group) / len(segments))
        assert row["gross"] == reference.money(gross)
        assert row["gross_share"] == pytest.approx(gross / total if total else 0)
        for column in ("recency", "frequency", "monetary"):
            for how in ("mean", "median"):
                value = row[f"{column}_{how}"]
                if len(group) == 0:
                    assert value is None
                else:
                    assert value == pytest.approx(getattr(group[column], how)(), abs=1e-9, rel=1e-9)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text"])
def test_summary_of_every_kind_of_frame(kind: str) -> None:
    segments = lgs.SegmentRules.standard().assign(codes(kind=kind))
    summary = lgs.segment_summary(segments)
    assert isinstance(summary, type(segments))
    assert names_of(summary) == [
        "segment", "customers", "share", "gross", "gross_share", "recency_mean", "recency_median",
        "frequency_mean", "frequency_median", "monetary_mean", "monetary_median",
    ]  # fmt: skip
    counts = dict(zip(values_of(summary, "segment"), values_of(summary, "customers"), strict=True))
    assert counts == {
        name: 5 * sum(reference.segment(r, f) == name for r in range(1, 6) for f in range(1, 6)) for name in NAMES
    }


def test_summary_of_no_customers() -> None:
    rows = rows_of(lgs.segment_summary(lgs.SegmentRules.standard().assign(codes().iloc[:0])))
    assert [r["customers"] for r in rows] == [0] * 10


def test_customers_without_a_segment_are_left_out() -> None:
    rules = lgs.SegmentRules([("Low", {"r": (1, 1)})], bins=2)
    (row,) = rows_of(lgs.segment_summary(rules.assign(codes(2))))
    assert (row["segment"], row["customers"], row["share"], row["gross"]) == ("Low", 4, 1.0, 6.0)
