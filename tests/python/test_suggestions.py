"""Suggestions against pairs and purchases of the real lines, and on the list of a campaign."""

from __future__ import annotations

from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
from frames import rows_of


def bought_by(real: pd.DataFrame) -> dict[int, set[str]]:
    bought = real[(real["Quantity"] > 0) & (real["Price"] > 0) & real["Customer ID"].notna()]
    return {int(customer): set(codes) for customer, codes in bought.groupby("Customer ID")["StockCode"]}


@pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")
def test_real_suggestions(real: pd.DataFrame) -> None:
    found = lgs.suggestions(real)
    bought = bought_by(real)
    pairs = lgs.bought_together(real, services=False)
    turned = pairs.rename(
        columns={
            "product_a": "product_b",
            "product_b": "product_a",
            "confidence_ab": "confidence_ba",
            "confidence_ba": "confidence_ab",
        }
    )
    columns = ["product_a", "product_b", "confidence_ab"]
    partners = pd.concat([pairs[columns], turned[columns]]).sort_values(
        ["confidence_ab", "product_b"], ascending=[False, True], kind="stable"
    )
    by_product = {code: list(group) for code, group in partners.groupby("product_a", sort=False)["product_b"]}
    goods = {
        customer: {code for code in codes if code[:5].isdigit() and len(code) >= 5}
        for customer, codes in bought.items()
    }
    assert found["customer_id"].tolist() == sorted(customer for customer, codes in goods.items() if codes)
    for row in found.itertuples():
        assert row.favourite_product in goods[row.customer_id]
        expected = [code for code in by_product.get(row.favourite_product, []) if code not in bought[row.customer_id]]
        suggested = None if pd.isna(row.suggested_product) else row.suggested_product
        # Codes of one confidence are in the order of ids, which is not that of texts: any of them will do here.
        if suggested != (expected[0] if expected else None):
            confidence = partners[partners["product_a"] == row.favourite_product].set_index("product_b")[
                "confidence_ab"
            ]
            assert confidence[suggested] == confidence[expected[0]]
    features = lgs.features(real)
    merged = found.merge(features[["customer_id", "favourite_product"]], on="customer_id", suffixes=("", "_2"))
    assert (merged["favourite_product"] == merged["favourite_product_2"]).all()


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy", "table"])
def test_on_the_list_of_a_campaign(kind: str) -> None:
    shop = lgs.demo_lines(customers=300, seed=1, frame="pandas")
    segments = lgs.rfm(shop)
    plain = rows_of(lgs.campaign(segments, "Champions", name="spring", frame=kind))
    listed = rows_of(lgs.campaign(segments, "Champions", name="spring", lines=shop, frame=kind))
    known = {row["customer_id"]: row for row in rows_of(lgs.suggestions(shop, frame="numpy"))}
    for before, after in zip(plain, listed, strict=True):
        of: dict[str, Any] = known.get(after["customer_id"], {"favourite_product": None, "suggested_product": None})
        for name in ("favourite_product", "suggested_product"):
            assert after.pop(name) == of[name]
        assert after == before
    own = {"customer_id": np.array([1]), "favourite_product": np.array(["x"])}
    with pytest.raises(ValueError, match="the list has a column favourite_product of its own"):
        lgs.campaign(segments, "Champions", name="spring", lines=shop, attributes=own)


def test_bad_calls() -> None:
    shop = lgs.demo_lines(customers=20, seed=1, frame="numpy")
    with pytest.raises(ValueError, match="min_invoices: 0 is not 1 or more"):
        lgs.suggestions(shop, min_invoices=0)
    del shop["stock_code"]
    with pytest.raises(lgs.ColumnError, match="column stock_code is missing"):
        lgs.suggestions(shop)
