"""With numpy and nothing else: import, the example of the README on arrays, the demo shop."""

from __future__ import annotations

import importlib.util
import pickle
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pytest


def lines(text: bool = False) -> dict[str, np.ndarray]:
    """Six invoices of three customers in two months, worked out by hand below."""
    customers: list[Any] = ["ann", "ann", "bob", "", "cy", "cy", "ann"]
    invoices: list[Any] = ["1001", "1001", "1002", "1003", "1004", "C1005", "1006"]
    mixed = {"customer_id": customers, "invoice": invoices}
    if text:
        ids = {n: np.array(v) for n, v in mixed.items()}
    else:
        ids = {n: np.array([int(x) if x.isdigit() else x or None for x in v], dtype=object) for n, v in mixed.items()}
    days = ["2011-01-03", "2011-01-03", "2011-01-10", "2011-01-20", "2011-02-01", "2011-02-02", "2011-02-05"]
    return ids | {
        "quantity": np.array([2, 1, 3, 1, 4, -1, 1]),
        "invoice_date": np.array([f"{d}T10:00:00" for d in days], dtype="datetime64[s]"),
        "unit_price": np.array([0.1, 0.2, 1.5, 9.99, 2.5, 2.5, 7.0]),
    }


@pytest.mark.parametrize("name", ["pandas", "pyarrow", "polars", "matplotlib", "jinja2"])
def test_this_environment_is_minimal(name: str) -> None:
    assert importlib.util.find_spec(name) is None


@pytest.mark.parametrize("text", [True, False], ids=["texts", "objects"])
def test_monthly(text: bool) -> None:
    months = lgs.Ledger.from_lines(lines(text)).monthly()
    assert isinstance(months, dict)
    assert months["month"].tolist() == np.array(["2011-01-01", "2011-02-01"], "datetime64[s]").tolist()
    assert months["yyyymm"].tolist() == [201101, 201102]
    assert months["orders"].tolist() == [3, 3]
    assert months["cancelled"].tolist() == [0, 1]
    assert months["placed"].tolist() == [3, 1]
    assert months["sales"].tolist() == [14.89, 14.5]
    assert months["active_users"].tolist() == [2, 2]
    assert months["new_users"].tolist() == [2, 1]
    assert np.isnan(months["growth"][0])
    assert months["growth"][1] == pytest.approx(14.5 / 14.89 - 1)


@pytest.mark.parametrize("text", [True, False], ids=["texts", "objects"])
def test_rfm(text: bool) -> None:
    result = lgs.rfm(lines(text), as_of="2011-02-06")
    assert result["customer_id"].tolist() == ["ann", "bob", "cy"]
    assert result["recency"].tolist() == [0, 26, 4]
    assert result["frequency"].tolist() == [2, 1, 1]
    assert result["monetary"].tolist() == [7.4, 4.5, 10.0]
    for score in ("r_score", "f_score", "m_score"):
        assert result[score].dtype == np.int64
        assert set(result[score].tolist()) <= {1, 2, 3, 4, 5}
    # Three values and five bins: the cuts are at 4/5, 8/5, ... of the way between their neighbours.
    assert result["r_score"].tolist() == [5, 1, 3]
    assert result["m_score"].tolist() == [3, 1, 5]


def test_ledger_on_disk(tmp_path: Path) -> None:
    book = lgs.Ledger.from_lines(lines())
    assert book == lgs.Ledger.from_lines(lines(text=True))
    book.save(tmp_path / "book.lgs")
    loaded = lgs.Ledger.load(tmp_path / "book.lgs")
    assert loaded == book == pickle.loads(pickle.dumps(book))
    table = loaded.customers()
    assert len(table) == 3
    assert table["customer_id"].tolist() == ["ann", "bob", "cy"]
    assert "<table" in table._repr_html_()


def test_scorer_and_rules() -> None:
    customers = lgs.Ledger.from_lines(lines()).customers(as_of="2011-02-06")
    scorer = lgs.Scorer(bins=2).fit(customers)
    scored = lgs.Scorer.from_json(scorer.to_json()).assign(customers)
    rules = lgs.SegmentRules([("Recent", {"r": (2, 2)}), ("Quiet", {"r": (1, 1)})], bins=2)
    segments = rules.assign(scored)
    assert segments["segment"].tolist() == ["Recent", "Quiet", "Recent"]
    assert lgs.segment_summary(segments)["customers"].tolist() == [2, 1]


def test_demo_lines() -> None:
    shop = lgs.demo_lines(customers=50, seed=3)
    again = lgs.demo_lines(customers=50, seed=3)
    book = lgs.Ledger.from_lines(shop)
    assert book == lgs.Ledger.from_lines(again)
    assert 0 < len(book.customers(frame="numpy")["customer_id"]) <= 50


@pytest.mark.parametrize(("frame", "package"), [("pandas", "pandas"), ("polars", "polars"), ("arrow", "pyarrow")])
def test_what_is_missing_is_named(frame: str, package: str) -> None:
    with pytest.raises(ImportError, match=package):
        lgs.Ledger.from_lines(lines()).monthly(frame=frame)


def test_plots_say_what_to_install() -> None:
    with pytest.raises(ImportError, match="matplotlib"):
        lgs.plot.monthly(lgs.Ledger.from_lines(lines()))


def test_refusals_need_nothing_else() -> None:
    bad = lines()
    bad["unit_price"][3] = np.nan
    with pytest.raises(lgs.LinesError, match=r"unit_price.*row 3\b"):
        lgs.Ledger.from_lines(bad)
