"""Cut points and scores against fractions, pandas and their own laws."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pytest
import reference
from frames import columns_of, make, names_of, rows_of, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import customer_tables

TIES = ["first", "together"]
BINS = st.integers(2, 10)
Table = list[dict[str, Any]]


def frame_of(table: Table) -> pd.DataFrame:
    shown = [r | {"monetary": reference.money(r["monetary"])} for r in table]
    return pd.DataFrame(shown, columns=["customer_id", "recency", "frequency", "monetary"])


def triples(scored: Any) -> list[tuple[int, int, int]]:
    return list(zip(*(values_of(scored, f"{d}_score") for d in "rfm"), strict=True))


# ---- against the plain reference


@given(customer_tables(), st.tuples(BINS, BINS, BINS), st.sampled_from(TIES))
def test_scores_equal_the_reference(table: Table, k: tuple[int, int, int], ties: str) -> None:
    bins = dict(zip(("recency", "frequency", "monetary"), k, strict=True))
    scored = lgs.Scorer(bins=bins, ties=ties).fit_transform(frame_of(table))
    assert triples(scored) == reference.scores(table, k, ties)


@given(customer_tables(), BINS)
def test_cuts_equal_exact_interpolation(table: Table, k: int) -> None:
    frame = frame_of(table)
    cuts = lgs.Scorer(bins=k, ties="together").fit(frame).cuts_
    for name in ("recency", "frequency", "monetary"):
        values = sorted(Fraction(v) for v in frame[name].tolist())
        exact = []
        for i in range(1, k):
            position = Fraction((len(values) - 1) * i, k)
            low = values[position.__floor__()]
            high = values[position.__ceil__()]
            exact.append(float(low + (high - low) * (position - position.__floor__())))
        assert list(cuts[name]) == pytest.approx(exact, rel=1e-12, abs=1e-12)


@given(customer_tables(min_size=6), st.integers(2, 6))
def test_pandas_qcut_agrees(table: Table, k: int) -> None:
    """Where pandas can cut at all, and no value lies at a cut by rounding alone, its bins are ours."""
    frame = frame_of(table)
    scored = lgs.Scorer(bins=k, ties="first").fit_transform(frame)
    ranks = frame.sort_values(["frequency", "customer_id"])["frequency"].rank(method="first")
    assert values_of(scored, "f_score") == (pd.qcut(ranks, k, labels=False) + 1).sort_index().tolist()
    for column, score in (("recency", "r_score"), ("monetary", "m_score")):
        edges = np.quantile(frame[column], np.linspace(0, 1, k + 1))
        if (np.diff(edges) <= 0).any() or np.isclose(frame[column].to_numpy()[:, None], edges[None, 1:-1]).any():
            continue
        bins = pd.qcut(frame[column], k, labels=False) + 1
        ours = values_of(scored, score)
        assert ours == (k + 1 - bins if column == "recency" else bins).tolist()


def test_a_value_equal_to_a_cut_is_in_the_lower_bin() -> None:
    table = frame_of([{"customer_id": i, "recency": i, "frequency": i, "monetary": i * 10**6} for i in range(1, 6)])
    scorer = lgs.Scorer(bins=2, ties="together").fit(table)
    assert [list(scorer.cuts_[n]) for n in ("recency", "frequency", "monetary")] == [[3.0]] * 3
    assert triples(scorer.transform(table)) == [(2, 1, 1), (2, 1, 1), (2, 1, 1), (1, 2, 2), (1, 2, 2)]


def test_equal_cuts_leave_scores_unused() -> None:
    table = [{"customer_id": i, "recency": 0, "frequency": 1, "monetary": 10**6} for i in range(20)]
    table[0]["frequency"] = 9
    scored = lgs.Scorer(ties="together").fit_transform(frame_of(table))
    assert set(values_of(scored, "f_score")) == {1, 5}


# ---- laws


@given(customer_tables(), st.sampled_from(TIES), BINS)
def test_fit_then_transform_is_fit_transform(table: Table, ties: str, k: int) -> None:
    frame = frame_of(table)
    fitted = lgs.Scorer(bins=k, ties=ties).fit(frame)
    together = triples(lgs.Scorer(bins=k, ties=ties).fit_transform(frame))
    assert triples(fitted.transform(frame)) == together
    alone = [triples(fitted.transform(frame.iloc[[i]]))[0] for i in range(len(frame))]
    assert alone == together


@pytest.mark.parametrize("ties", TIES)
def test_one_row_at_a_time_on_the_real_data(pandas_book: lgs.Ledger, ties: str) -> None:
    table = pandas_book.customers(as_of="2012-01-01")
    scorer = lgs.Scorer(ties=ties).fit(table)
    together = scorer.transform(table)
    pd.testing.assert_frame_equal(together, lgs.Scorer(ties=ties).fit_transform(table))
    alone = pd.concat([scorer.transform(table.iloc[i : i + 1]) for i in range(len(table))])
    pd.testing.assert_frame_equal(alone, together)


@given(customer_tables(min_size=2), st.sampled_from(TIES), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(table: Table, ties: str, random: Any) -> None:
    shuffled = table[:]
    random.shuffle(shuffled)
    scorer, other = (lgs.Scorer(ties=ties).fit(frame_of(t)) for t in (table, shuffled))
    assert scorer.to_json() == other.to_json()
    by_id = dict(zip([r["customer_id"] for r in shuffled], triples(other.transform(frame_of(shuffled))), strict=True))
    assert [by_id[r["customer_id"]] for r in table] == triples(scorer.transform(frame_of(table)))


@given(customer_tables(min_size=2), customer_tables(), st.sampled_from(TIES))
def test_a_frozen_scorer_judges_others_by_its_own_cuts(table: Table, others: Table, ties: str) -> None:
    scorer = lgs.Scorer(bins=4, ties=ties).fit(frame_of(table))
    before = scorer.to_json()
    scored = rows_of(scorer.assign(frame_of(others)))
    assert scorer.to_json() == before
    recency = reference.cut_points([float(r["recency"]) for r in table], 4)
    monetary = reference.cut_points([reference.money(r["monetary"]) for r in table], 4)
    pairs = reference.first_cuts([(r["frequency"], r["customer_id"]) for r in table], 4)
    plain = reference.cut_points([float(r["frequency"]) for r in table], 4)
    for row in scored:
        assert row["r_score"] == 4 - sum(c < row["recency"] for c in recency)
        assert row["m_score"] == 1 + sum(c < row["monetary"] for c in monetary)
        key = (row["frequency"], reference.id_order(row["customer_id"]))
        below = sum(c < key for c in pairs) if ties == "first" else sum(c < row["frequency"] for c in plain)
        assert row["f_score"] == 1 + below


def test_text_ids_break_ties_by_their_order() -> None:
    ids: list[Any] = ["b", 10, "007", 9, "a", 2]
    frame = pd.DataFrame({"customer_id": pd.Series(ids, dtype=object), "recency": 1, "frequency": 1, "monetary": 1.0})
    table = [{"customer_id": i, "recency": 1, "frequency": 1, "monetary": 10**6} for i in ids]
    scored = lgs.Scorer(bins=3).fit_transform(frame)
    assert values_of(scored, "f_score") == [f for _, f, _ in reference.scores(table, (3, 3, 3))]


# ---- shapes, types and texts


@given(customer_tables(max_size=10), st.sampled_from(["pandas", "polars", "arrow", "numpy-text"]))
@settings(max_examples=20)
def test_every_kind_of_frame(table: Table, kind: str) -> None:
    columns = {n: [r[n] for r in table] for n in ("customer_id", "recency", "frequency")}
    columns["monetary"] = [reference.money(r["monetary"]) for r in table]
    scored = lgs.Scorer().fit_transform(make(kind, columns))
    assert names_of(scored) == ["r_score", "f_score", "m_score"]
    assert triples(scored) == reference.scores(table)


def test_transform_keeps_order_index_and_types() -> None:
    frame = frame_of([{"customer_id": i, "recency": i, "frequency": i, "monetary": i} for i in (3, 1, 2)])
    frame.index = pd.Index(["x", "y", "z"], name="key")
    scored = lgs.Scorer(bins=3).fit_transform(frame)
    pd.testing.assert_index_equal(scored.index, frame.index)
    assert [str(t) for t in scored.dtypes] == ["int64"] * 3
    assigned = lgs.Scorer(bins=3).fit(frame).assign(frame)
    pd.testing.assert_frame_equal(assigned[frame.columns], frame)
    pd.testing.assert_frame_equal(assigned[["r_score", "f_score", "m_score"]], scored)
    assert list(frame.columns) == ["customer_id", "recency", "frequency", "monetary"]


def test_extra_columns_are_kept_by_assign() -> None:
    frame = pl.DataFrame(
        {"name": ["x", "y"], "customer_id": [1, 2], "recency": [1, 2], "frequency": [3, 4], "monetary": [5.0, 6.0]}
    )
    scored = lgs.Scorer(bins=2).fit(frame).assign(frame)
    assert scored.columns == [*frame.columns, "r_score", "f_score", "m_score"]
    assert scored.select(frame.columns).equals(frame)


@pytest.mark.parametrize("ties", TIES)
def test_json_round_trip(tmp_path: Path, ties: str) -> None:
    table = frame_of([
        {"customer_id": i, "recency": i * 3, "frequency": i % 4 + 1, "monetary": i * 1_234_567} for i in range(50)
    ])  # fmt: skip
    scorer = lgs.Scorer(bins={"recency": 3, "frequency": 4, "monetary": 10}, ties=ties).fit(table)
    text = scorer.to_json()
    again = lgs.Scorer.from_json(text)
    assert again.to_json() == text
    json.loads(text)
    assert triples(again.transform(table)) == triples(scorer.transform(table))
    assert again.get_params() == scorer.get_params()
    scorer.save(tmp_path / "cuts.json")
    assert lgs.Scorer.load(tmp_path / "cuts.json").to_json() == text
    assert json.loads((tmp_path / "cuts.json").read_text()) == json.loads(text)


def test_json_keeps_text_ids_and_awkward_numbers() -> None:
    ids = ['a "b"\n', "Zoë", "\\", "007"]
    frame = pd.DataFrame(
        {"customer_id": ids, "recency": [1, 2, 3, 4], "frequency": 1, "monetary": [0.1, 0.2, 0.3, 1e15]}
    )
    scorer = lgs.Scorer(bins=3).fit(frame)
    again = lgs.Scorer.from_json(scorer.to_json())
    assert triples(again.transform(frame)) == triples(scorer.transform(frame))
    for name in ("recency", "monetary"):
        assert list(again.cuts_[name]) == list(scorer.cuts_[name])


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", "not json", '{"bins": 5}'])
def test_other_json_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scorer"):
        lgs.Scorer.from_json(text)
    (tmp_path / "cuts.json").write_text(text)
    with pytest.raises(ValueError, match=r"cuts\.json"):
        lgs.Scorer.load(tmp_path / "cuts.json")
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        lgs.Scorer.load(tmp_path / "none.json")


@pytest.mark.parametrize("column", ["recency", "frequency", "monetary"])
def test_nan_is_refused(column: str) -> None:
    frame = frame_of([{"customer_id": i, "recency": i, "frequency": i, "monetary": i} for i in range(5)])
    bad = frame.astype({column: "float64"})
    bad.loc[3, column] = np.nan
    with pytest.raises(ValueError, match=rf"{column}.*row 3\b"):
        lgs.Scorer().fit(bad)
    with pytest.raises(ValueError, match=rf"{column}.*row 3\b"):
        lgs.Scorer().fit(frame).transform(bad)


def test_zero_rows() -> None:
    frame = frame_of([{"customer_id": i, "recency": i, "frequency": i, "monetary": i} for i in range(5)])
    with pytest.raises(ValueError, match=r"no customers|no rows"):
        lgs.Scorer().fit(frame[:0])
    assert len(lgs.Scorer().fit(frame).transform(frame[:0])) == 0


@pytest.mark.parametrize("column", ["customer_id", "recency", "frequency", "monetary"])
def test_missing_column(column: str) -> None:
    frame = frame_of([{"customer_id": i, "recency": i, "frequency": i, "monetary": i} for i in range(5)])
    with pytest.raises(lgs.ColumnError, match=column):
        lgs.Scorer().fit(frame.drop(columns=column))


def test_scikit_learn_habits() -> None:
    scorer = lgs.Scorer(bins=4, ties="together")
    assert scorer.get_params() == {"bins": 4, "ties": "together"}
    assert "bins=4" in repr(scorer)
    assert "together" in repr(scorer)
    assert list(scorer.get_feature_names_out()) == ["r_score", "f_score", "m_score"]
    assert not hasattr(scorer, "cuts_")
    frame = frame_of([{"customer_id": i, "recency": i, "frequency": i, "monetary": i} for i in range(5)])
    assert scorer.fit(frame) is scorer
    assert set(scorer.cuts_) == {"recency", "frequency", "monetary"}
    assert all(len(c) == 3 for c in scorer.cuts_.values())


def test_scores_of_the_whole_way(pandas_book: lgs.Ledger) -> None:
    """Polars and pandas customers, decimal or float money: the same scores."""
    table = pandas_book.customers()
    pandas_scores = triples(lgs.Scorer().fit_transform(table))
    assert triples(lgs.Scorer().fit_transform(pandas_book.customers(frame="polars"))) == pandas_scores
    assert triples(lgs.Scorer().fit_transform(pandas_book.customers(frame="numpy"))) == pandas_scores


def test_rfm_applies_a_given_scorer() -> None:
    lines = [
        reference.Line(i, i % 17, reference.micros("2011-01-01") + i * reference.DAY, 1 + i % 3, 10**6)
        for i in range(90)
    ]
    old, new = (make("pandas", columns_of(part)) for part in (lines[:60], lines[30:]))
    scorer = lgs.Scorer(ties="together").fit(lgs.Ledger.from_lines(old).customers())
    text = scorer.to_json()
    table = lgs.Ledger.from_lines(new).customers()
    assert triples(lgs.rfm(new, scorer=scorer)) == triples(scorer.transform(table))
    assert scorer.to_json() == text
