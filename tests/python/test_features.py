"""Features of customers: against the plain reference, as of a moment, in every kind of frame."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
import strategies
import totals_reference as ref
from frames import KINDS, make, names_of, shop_of, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import DAY
from totals_reference import ShopLine

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

IDS = ("customer_id", "favourite_product", "country")


def as_text(us: int) -> str:
    return reference.moment_of(us).isoformat()


def near(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        for name in ("gap_mean", "gap_std"):
            row[name] = row[name] and pytest.approx(row[name], rel=1e-12)
    return rows


@settings(max_examples=40)
@given(strategies.shop_lines(max_size=40), strategies.moments, st.sampled_from(KINDS))
def test_features(lines: list[ShopLine], as_of: int, kind: str) -> None:
    seen = shown(lgs.features(shop_of(lines, kind), as_of=as_text(as_of)), *IDS)
    assert seen == near(ref.features(lines, as_of))


@settings(max_examples=40)
@given(strategies.shop_lines(invoices=[None]))
def test_features_without_numbers_as_of_the_default(lines: list[ShopLine]) -> None:
    as_of = (max(x.moment for x in lines) // DAY + 1) * DAY
    assert shown(lgs.features(shop_of(lines)), *IDS) == near(ref.features(lines, as_of))


@settings(max_examples=40)
@given(strategies.shop_lines(max_size=40), strategies.moments, st.randoms(use_true_random=False))
def test_the_future_and_the_order_change_nothing(lines: list[ShopLine], as_of: int, random: Any) -> None:
    past = [x for x in lines if x.moment <= as_of]
    rows = shown(lgs.features(shop_of(lines), as_of=as_text(as_of)), *IDS)
    random.shuffle(past)
    if past:
        assert shown(lgs.features(shop_of(past), as_of=as_text(as_of)), *IDS) == rows
    else:
        assert rows == []


# ---- the real data


@pytest.fixture(scope="module")
def real_features(real: pd.DataFrame) -> pd.DataFrame:
    return lgs.features(real, as_of="2011-06-01")


def test_real_past(real: pd.DataFrame, real_features: pd.DataFrame) -> None:
    past = real[real["InvoiceDate"] <= "2011-06-01"]
    pd.testing.assert_frame_equal(lgs.features(past, as_of="2011-06-01"), real_features)
    order = np.random.default_rng(5).permutation(len(past))
    pd.testing.assert_frame_equal(lgs.features(past.iloc[order], as_of="2011-06-01"), real_features)


def test_real_features(real: pd.DataFrame, real_features: pd.DataFrame, pandas_book: lgs.Ledger) -> None:
    customers = pandas_book.customers(as_of="2011-06-01", frame="pandas")
    pd.testing.assert_frame_equal(real_features[list(customers)], customers)
    assert str(real_features["customer_id"].dtype) == "int64"
    lines = ref.prepared(real)
    lines = lines[(lines["at"] <= "2011-06-01") & lines["customer_id"].notna()]
    bought = lines[lines["purchase"]].assign(day=lines["at"].dt.floor("D"))
    by = real_features.set_index("customer_id")
    days = bought.drop_duplicates(["customer_id", "day"]).sort_values(["customer_id", "day"])
    gaps = days.groupby("customer_id")["day"].diff().dt.days
    for name, wanted in (
        ("gap_mean", gaps.groupby(days["customer_id"]).mean()),
        ("gap_std", gaps.groupby(days["customer_id"]).std()),
    ):
        wanted.index = wanted.index.astype("int64")
        np.testing.assert_allclose(by[name].astype("float64"), wanted.reindex(by.index), rtol=1e-12)
    recent = bought[bought["at"] > pd.Timestamp("2011-06-01") - pd.Timedelta(days=90)]
    wanted = recent.groupby("customer_id")["amount"].sum() / 1e6
    wanted.index = wanted.index.astype("int64")
    np.testing.assert_allclose(by["gross_90d"], wanted.reindex(by.index).fillna(0), rtol=1e-12)
    goods = bought[bought["stock_code"].str.match(r"[0-9]{5}")]
    wanted = goods.groupby("customer_id")["stock_code"].nunique()
    wanted.index = wanted.index.astype("int64")
    assert by["products"].tolist() == wanted.reindex(by.index).fillna(0).astype("int64").tolist()
    each = goods.groupby(["customer_id", "stock_code"]).agg(n=("invoice", "nunique"), gross=("amount", "sum"))
    each = each.reset_index()
    each["order"] = [reference.id_order(reference.canonical_id(c)) for c in each["stock_code"]]
    best = each.sort_values(["n", "gross"], ascending=False, kind="stable")
    best = best.sort_values(["customer_id", "n", "gross", "order"], ascending=[True, False, False, True])
    first = best.drop_duplicates("customer_id").set_index("customer_id")["stock_code"]
    first.index = first.index.astype("int64")
    seen = by["favourite_product"].astype(object)
    assert seen[first.index].tolist() == first.tolist()


# ---- kinds and types


SHOP: dict[str, list[Any]] = {
    "invoice": ["1", "2", "C3", "4"],
    "stock_code": ["85048", "22423", "85048", "POST"],
    "quantity": [4, 2, -1, 1],
    "invoice_date": [
        reference.moment_of(reference.micros(d)) for d in ("2011-01-05", "2011-02-05", "2011-02-06", "2011-03-01")
    ],
    "unit_price": [1.5, 2.5, 1.5, 9.0],
    "customer_id": ["10", "10", "10", "20"],
    "country": ["UK", "EIRE", "UK", None],
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_out(kind: str) -> None:
    types = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table, "numpy": dict, "table": lgs.Table}
    own = lgs.features(make(kind, SHOP))
    assert isinstance(own, types[kind.partition("-")[0]])
    for frame, made in types.items():
        other = lgs.features(make(kind, SHOP), frame=frame)
        assert isinstance(other, made)
        assert names_of(other) == names_of(own)
        assert shown(other, *IDS) == shown(own, *IDS)
    rows = shown(own, *IDS)
    assert [row["favourite_product"] for row in rows] == [85048, None]
    assert [row["country"] for row in rows] == ["UK", None]
    assert [row["return_rate"] for row in rows] == [1 / 6, 0.0]


def test_ids_come_back_as_they_came() -> None:
    frame = pd.DataFrame(SHOP)
    table = lgs.features(frame)
    assert table["customer_id"].tolist() == ["10", "20"]
    assert table["favourite_product"].tolist()[0] == "85048"
    frame = frame.astype({"customer_id": "float64"})
    frame["stock_code"] = np.array([7, 8, 7, 9], dtype="int32")
    assert str(lgs.features(frame)["customer_id"].dtype) == "int64"
    arrow = lgs.features(pa.table(SHOP))
    assert arrow["customer_id"].to_pylist() == ["10", "20"]
    assert arrow["favourite_product"].to_pylist() == ["85048", None]


def test_ties() -> None:
    lines = SHOP | {"invoice": ["1", "1", "C3", "4"], "quantity": [1, 1, -1, 1], "unit_price": [2.5, 2.5, 2.5, 9.0]}
    row, _ = shown(lgs.features(make("pandas", lines)), *IDS)
    assert (row["favourite_product"], row["country"]) == (22423, "EIRE"), "the lower code of equals"
    assert (row["gap_mean"], row["gap_std"]) == (31.0, None)


def test_options_and_money() -> None:
    frame = make("arrow", SHOP)
    table = lgs.features(frame, as_of="2011-02-05", money="decimal")
    assert table.num_rows == 1
    assert [str(v) for v in table["gross_30d"].to_pylist()] == ["5.000000"], "31 days ago is not within 30"
    assert table["gross_90d"].to_pylist()[0] == 11
    assert table["return_rate"].to_pylist() == [0.0]
    assert lgs.features(frame, as_of="2011-01-04").num_rows == 0


def test_copies_are_dropped() -> None:
    days = pd.DataFrame(
        {
            "invoice": [str(100 + d) for d in range(8)],
            "stock_code": "11111",
            "quantity": 1,
            "invoice_date": pd.date_range("2011-01-01", periods=8).astype("datetime64[s]"),
            "unit_price": 1.5,
            "customer_id": 10,
            "country": "UK",
        }
    )
    lines = pd.concat([days.iloc[:5], days.iloc[3:5].assign(stock_code="22222"), days.iloc[5:]], ignore_index=True)
    dropped = lgs.features(lgs.Lines(lines, copies="drop"))
    pd.testing.assert_frame_equal(dropped, lgs.features(days))
    with pytest.raises(lgs.LinesError, match="are in the input twice"):
        lgs.features(lgs.Lines(lines, copies="error"))


def test_files(tmp_path: Path) -> None:
    frame = pd.DataFrame(SHOP)
    frame.to_csv(tmp_path / "lines.csv", index=False)
    frame.to_parquet(tmp_path / "lines.parquet")
    wanted = shown(lgs.features(frame), *IDS)
    for name in ("lines.csv", "lines.parquet"):
        table = lgs.features(lgs.read_lines(tmp_path / name))
        assert isinstance(table, lgs.Table)
        assert shown(table, *IDS) == wanted
    parts = [tmp_path / "2.csv", tmp_path / "1.csv"]
    frame.iloc[2:].to_csv(parts[0], index=False)
    frame.iloc[:2].to_csv(parts[1], index=False)
    assert shown(lgs.features(lgs.read_lines(parts)), *IDS) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_missing_columns(kind: str) -> None:
    for name in ("stock_code", "country", "customer_id"):
        with pytest.raises(lgs.ColumnError, match=f"column {name} is missing"):
            lgs.features(make(kind, {n: v for n, v in SHOP.items() if n != name}))


def test_bad_options(tmp_path: Path) -> None:
    frame = pd.DataFrame(SHOP)
    with pytest.raises(ValueError, match="as_of: moment 'soon' is not ISO 8601"):
        lgs.features(frame, as_of="soon")
    reader = pa.Table.from_pandas(frame).to_reader()
    with pytest.raises(ValueError, match="lines can be read only once, and features reads them several times"):
        lgs.features(reader)
    with pytest.raises(ValueError, match="lines can be read only once"):
        lgs.features(lgs.read_lines("-"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="lines can be read only once"):
        lgs.features(lgs.read_lines(tmp_path / "pipe"))
    with pytest.raises(ValueError, match="frame='excel'"):
        lgs.features(frame, frame="excel")
    with pytest.raises(ValueError, match="money='euro'"):
        lgs.features(frame, money="euro")


@settings(max_examples=10)
@given(strategies.shop_lines())
def test_no_rows_of_unknown_customers(lines: list[ShopLine]) -> None:
    table = lgs.features(shop_of(lines))
    assert None not in [row["customer_id"] for row in shown(table, *IDS)]
