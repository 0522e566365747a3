"""Products, countries, products of segments and pairs: against the plain reference, and the real figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
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
from frames import KINDS, make, names_of, rows_of, shop_of, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from totals_reference import ShopLine

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

SERVICES = st.sampled_from([False, True, "only"])
TOPS = st.sampled_from([None, 0, 1, 3, 100])


# ---- against the reference


@settings(max_examples=50)
@given(strategies.shop_lines(), SERVICES, TOPS, st.sampled_from(KINDS))
def test_products(lines: list[ShopLine], services: bool | str, top: int | None, kind: str) -> None:
    seen = lgs.products(shop_of(lines, kind), services=services, top=top)
    assert shown(seen, "stock_code", "description") == ref.products(lines, services)[:top]


@settings(max_examples=50)
@given(strategies.shop_lines(invoices=[None]))
def test_products_without_numbers(lines: list[ShopLine]) -> None:
    assert shown(lgs.products(shop_of(lines)), "stock_code", "description") == ref.products(lines)


@settings(max_examples=50)
@given(strategies.shop_lines(), st.sampled_from([None, "month", "week"]), st.sampled_from(KINDS))
def test_countries(lines: list[ShopLine], every: str | None, kind: str) -> None:
    keys = ["country"] if every is None else ["country", every]
    assert shown(lgs.countries(shop_of(lines, kind), every=every), *keys) == ref.countries(lines, every)


@settings(max_examples=50)
@given(
    strategies.shop_lines(max_size=60),
    st.sampled_from([0, 1, 2, 3]),
    SERVICES,
    TOPS,
    st.sampled_from(["pandas", "arrow"]),
)
def test_segment_products(lines: list[ShopLine], least: int, services: bool | str, top: int | None, kind: str) -> None:
    called = {12346: "B", 12347: "A", 9: "A", "a": "B", -3: None, "nobody": "C"}
    frame = make(kind, {"customer_id": list(called), "segment": list(called.values())})
    seen = lgs.segment_products(shop_of(lines), frame, min_customers=least, services=services, top=top)
    wanted = ref.segment_products(lines, called, ["B", "A", "C"], least, services)
    if top is not None:
        wanted = [row for i, row in enumerate(wanted) if sum(r["segment"] == row["segment"] for r in wanted[:i]) < top]
    assert shown(seen, "stock_code", "description") == wanted


@settings(max_examples=50)
@given(strategies.shop_lines(max_size=60), st.sampled_from([1, 2, 3]), SERVICES, st.booleans(), st.sampled_from(KINDS))
def test_bought_together(lines: list[ShopLine], least: int, services: bool | str, numbered: bool, kind: str) -> None:
    if not numbered:
        lines = [ShopLine(None, *(getattr(x, n) for n in list(x.__dataclass_fields__)[1:])) for x in lines]
    seen = lgs.bought_together(shop_of(lines, kind), min_invoices=least, services=services)
    assert shown(seen, "product_a", "product_b") == ref.bought_together(lines, least, services)


# ---- laws: the order of lines, and totals made before

KEYED = ("stock_code", "description", "country", "product_a", "product_b")


def as_shown(frame: Any) -> list[dict[str, Any]]:
    return shown(frame, *(name for name in KEYED if name in names_of(frame)))


def pairs_of(lines: Any) -> Any:
    return lgs.bought_together(lines, min_invoices=1)


@settings(max_examples=25)
@given(strategies.shop_lines(max_size=40), st.randoms(use_true_random=False))
def test_order_changes_nothing(lines: list[ShopLine], random: Any) -> None:
    mixed = lines[:]
    random.shuffle(mixed)
    for ask in (lgs.products, lgs.countries, pairs_of):
        assert as_shown(ask(shop_of(mixed))) == as_shown(ask(shop_of(lines)))


@settings(max_examples=25)
@given(strategies.shop_lines(max_size=40), strategies.shop_lines(max_size=40))
def test_totals_serve_as_lines(a: list[ShopLine], b: list[ShopLine]) -> None:
    by = ["country", "stock_code", "month", "description"]
    made = lgs.totals(shop_of(a), by).merge(lgs.totals(shop_of(b), by))
    together = shop_of(a + b)
    for ask in (lgs.products, lgs.countries, pairs_of, lambda x: lgs.countries(x, every="month")):
        assert as_shown(ask(made)) == as_shown(ask(together))


# ---- the real data


@pytest.fixture(scope="module")
def prepared(real: pd.DataFrame) -> pd.DataFrame:
    return ref.prepared(real)


def test_real_best_seller(real: pd.DataFrame) -> None:
    table = lgs.products(real)
    best = table.sort_values("quantity", ascending=False).iloc[0]
    assert best["stock_code"] == "84077"
    assert best["description"] == "WORLD WAR 2 GLIDERS ASSTD DESIGNS"
    assert (best["quantity"], best["bought"], best["returned_units"]) == (108_545, 110_138, 1_704)
    given = real[(real["StockCode"] == "84077") & (real["Quantity"] > 0) & (real["Price"] == 0)]
    assert given["Quantity"].sum() == 111
    assert table["gross"].is_monotonic_decreasing
    assert table["running_share"].iloc[-1] == 1.0


def test_real_products(real: pd.DataFrame, prepared: pd.DataFrame) -> None:
    table = lgs.products(real, services=True)
    wanted = ref.real_totals(prepared, ["stock_code"])
    assert len(table) == len(wanted)
    wanted = wanted.loc[table["stock_code"].astype(object).tolist()]
    for name in ("lines", "quantity", "bought", "returned_units", "written_off", "invoices", "buyers"):
        assert table[name].tolist() == wanted[name].tolist(), name
    for name in ("gross", "net", "returned"):
        assert table[name].tolist() == [reference.money(int(v)) for v in wanted[name].tolist()], name
    text = prepared[prepared["description"].notna()]
    counts = text.groupby(["stock_code", "description"]).size().reset_index(name="n")
    first = counts.sort_values(["stock_code", "n", "description"], ascending=[True, False, True])
    names = first.drop_duplicates("stock_code").set_index("stock_code")["description"].to_dict()
    seen = [None if v != v else v for v in table["description"].astype(object).tolist()]
    assert [str(v) for v in seen] == [str(names.get(code)) for code in table["stock_code"].tolist()]


def test_real_countries(real: pd.DataFrame, prepared: pd.DataFrame) -> None:
    table = lgs.countries(real)
    assert len(table) == 43
    assert "Unspecified" in table["country"].tolist()
    net = dict(zip(table["country"].tolist(), table["net"].tolist(), strict=True))
    for name, value in {"United Kingdom": 16_382_583.897, "EIRE": 615_519.550, "Netherlands": 548_524.950}.items():
        assert net[name] == pytest.approx(value, abs=0.0005)
    assert table["gross_share"].sum() == pytest.approx(1)
    known = prepared[prepared["customer_id"].notna()].groupby("country")
    per = (known["amount"].sum() / 1e6 / known["customer_id"].nunique()).to_dict()
    for name, value in zip(table["country"], table["net_per_customer"], strict=True):
        assert np.isnan(value) if name not in per else value == pytest.approx(per[name])


def test_real_pairs(real: pd.DataFrame, prepared: pd.DataFrame) -> None:
    table = lgs.bought_together(real, min_invoices=1, frame="numpy")
    assert int(table["invoices"].sum()) == 47_540_771
    bought = prepared[prepared["purchase"] & ~prepared["cancelled"] & ~prepared["adjusting"]]
    baskets = bought.groupby("invoice")["stock_code"].unique()
    assert len(baskets) == 40_076
    assert np.allclose(table["support"], table["invoices"] / 40_076, rtol=1e-15)
    # counted one by one for the products of a few codes
    chosen = {"85123A", "22423", "85099B", "84879", "20725", "POST", "21212", "M"}
    both = Counter(
        pair
        for basket in baskets
        for pair in combinations(
            sorted(chosen.intersection(basket), key=lambda c: ref.key_order(reference.canonical_id(c))), 2
        )
    )
    within = np.isin(table["product_a"], list(chosen)) & np.isin(table["product_b"], list(chosen))
    seen = {
        (str(a), str(b)): int(n)
        for a, b, n in zip(
            table["product_a"][within], table["product_b"][within], table["invoices"][within], strict=True
        )
    }
    assert seen == dict(both)
    few = lgs.bought_together(real, min_invoices=500, frame="numpy")
    assert len(few["invoices"]) == int((table["invoices"] >= 500).sum())
    assert few["product_a"].tolist() == table["product_a"][: len(few["product_a"])].tolist()


def test_real_segments(real: pd.DataFrame, prepared: pd.DataFrame) -> None:
    segments = lgs.rfm(real, as_of="2012-01-01")
    table = lgs.segment_products(real, segments, top=5)
    assert set(table.groupby("segment", observed=True).size()) == {5}
    buying = prepared[prepared["purchase"] & prepared["customer_id"].notna()]
    label = dict(zip(segments["customer_id"].tolist(), segments["segment"].tolist(), strict=True))
    buying = buying.assign(segment=[label[int(c)] for c in buying["customer_id"].tolist()])
    size = buying.groupby("segment")["customer_id"].nunique()
    everyone = buying["customer_id"].nunique()
    assert everyone == len(segments)
    for row in rows_of(table):
        mine = buying[buying["stock_code"] == str(row["stock_code"])]
        of = mine[mine["segment"] == row["segment"]]["customer_id"].nunique()
        assert row["customers"] == of >= 20
        assert row["share"] == pytest.approx(of / size[row["segment"]], rel=1e-15)
        assert row["share_of_all"] == pytest.approx(mine["customer_id"].nunique() / everyone, rel=1e-15)
        assert row["lift"] == pytest.approx(row["share"] / row["share_of_all"], rel=1e-15)


# ---- kinds, types, options


SHOP: dict[str, list[Any]] = {
    "invoice": ["1", "1", "2", "2"],
    "stock_code": ["85048", "22423", "85048", "22423"],
    "description": ["MUG", "CAT", "MUG", "CAT"],
    "quantity": [1, 2, 3, 4],
    "invoice_date": [reference.moment_of(reference.micros("2011-01-05"))] * 4,
    "unit_price": [1.5, 2.5, 1.5, 2.5],
    "customer_id": ["10", "10", "20", "20"],
    "country": ["UK", "UK", "EIRE", "EIRE"],
}
SEGMENTS = {"customer_id": ["10", "20"], "segment": ["A", "B"]}
TYPES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table, "numpy": dict, "table": lgs.Table}


def ask_all() -> list[Callable[..., Any]]:
    return [
        lgs.products,
        lgs.countries,
        lambda lines, **more: lgs.bought_together(lines, min_invoices=1, **more),
        lambda lines, **more: lgs.segment_products(lines, make("pandas", SEGMENTS), min_customers=1, **more),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_out(kind: str) -> None:
    for ask in ask_all():
        own = ask(make(kind, SHOP))
        assert isinstance(own, TYPES[kind.partition("-")[0]])
        for frame, made in TYPES.items():
            other = ask(make(kind, SHOP), frame=frame)
            assert isinstance(other, made)
            assert names_of(other) == names_of(own)
            keys = [n for n in ("stock_code", "product_a", "product_b") if n in names_of(own)]
            assert shown(other, *keys) == shown(own, *keys)


def test_ids_come_back_as_they_came() -> None:
    frame = pd.DataFrame(SHOP)
    for ask in ask_all():
        table = ask(frame)
        for name in ("stock_code", "product_a", "product_b"):
            if name in table:
                assert set(table[name].tolist()) <= {"85048", "22423"}, "text that became numbers"
    numbers = frame.astype({"stock_code": "int32"})
    assert str(lgs.products(numbers)["stock_code"].dtype) == "int32"
    pairs = lgs.bought_together(numbers, min_invoices=1)
    assert str(pairs["product_a"].dtype) == str(pairs["product_b"].dtype) == "int32"
    table = lgs.products(pa.Table.from_pandas(frame))
    assert pa.types.is_string(table["stock_code"].type) or pa.types.is_large_string(table["stock_code"].type)


def test_money() -> None:
    table = lgs.products(make("arrow", SHOP), money="decimal")
    assert str(table["gross"].type) == "decimal128(38, 6)"
    assert [str(v) for v in lgs.countries(make("arrow", SHOP), money="decimal")["net"].to_pylist()] == [
        "14.500000",
        "6.500000",
    ]


def test_other_labels() -> None:
    labels = pd.DataFrame({"customer_id": ["10", "20"], "tier": pd.Categorical(["lo", "hi"], ["hi", "lo", "mid"])})
    table = lgs.segment_products(pd.DataFrame(SHOP), labels, label="tier", min_customers=1)
    assert table["tier"].tolist() == ["hi", "hi", "lo", "lo"]
    assert list(table["tier"].cat.categories) == ["hi", "lo", "mid"]
    made = lgs.totals(pd.DataFrame(SHOP), ["tier", "stock_code", "description"], labels=labels)
    assert rows_of(lgs.segment_products(made, label="tier", min_customers=1)) == rows_of(table)
    assert len(lgs.segment_products(pd.DataFrame(SHOP), labels, label="tier")) == 0


def test_saved_totals_answer(tmp_path: Path) -> None:
    frame = pd.DataFrame(SHOP)
    lgs.totals(frame, ["stock_code", "description", "country"]).save(tmp_path / "x.tot")
    loaded = lgs.Totals.load(tmp_path / "x.tot")
    assert isinstance(lgs.products(loaded), lgs.Table)
    assert rows_of(lgs.countries(loaded)) == rows_of(lgs.countries(frame))


# ---- what is refused


@pytest.mark.parametrize("services", ["none", None, "all", []])
def test_bad_services(services: Any) -> None:
    frame = pd.DataFrame(SHOP)
    for ask in (lgs.products, lgs.bought_together):
        with pytest.raises(
            ValueError, match=re.escape(f"services={services!r}") + " is not one of False, True, 'only'"
        ):
            ask(frame, services=services)


def test_bad_options() -> None:
    frame = pd.DataFrame(SHOP)
    with pytest.raises(ValueError, match="top=-1 is below 0"):
        lgs.products(frame, top=-1)
    with pytest.raises(ValueError, match="every='fortnight' is not one of 'day', 'week', 'month', 'quarter', 'year'"):
        lgs.countries(frame, every="fortnight")
    with pytest.raises(ValueError, match="min_invoices: 0 is not 1 or more"):
        lgs.bought_together(frame, min_invoices=0)
    for ask, name in ((lgs.products, "top"), (lgs.bought_together, "min_invoices")):
        for wrong in (2.0, "2"):
            with pytest.raises(TypeError, match=f"{name}={wrong!r} is no whole number"):
                ask(frame, **{name: wrong})
        assert len(ask(frame, **{name: np.int64(2)})) == len(ask(frame, **{name: 2}))
    assert len(lgs.products(frame, top=2**70)) == 2
    assert len(lgs.bought_together(frame, min_invoices=2**70)) == 0
    with pytest.raises(TypeError, match="min_customers='x' is no whole number"):
        lgs.segment_products(frame, pd.DataFrame(SEGMENTS), min_customers="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="label='lift' is a column of the result; rename yours"):
        lgs.segment_products(frame, pd.DataFrame(SEGMENTS), label="lift")
    with pytest.raises(ValueError, match="segments are given beside totals"):
        lgs.segment_products(lgs.totals(frame, "country"), pd.DataFrame(SEGMENTS))
    with pytest.raises(ValueError, match="segments is missing; give a frame such as rfm returns"):
        lgs.segment_products(frame)
    with pytest.raises(ValueError, match="names no column of labels"):
        lgs.segment_products(frame, pd.DataFrame(SEGMENTS), label="tier")
    with pytest.raises(ValueError, match="frame='excel'"):
        lgs.products(frame, frame="excel")
    with pytest.raises(ValueError, match="money='euro'"):
        lgs.countries(frame, money="euro")


def test_totals_by_other_keys() -> None:
    made = lgs.totals(pd.DataFrame(SHOP), "month")
    for ask in (lgs.products, lgs.countries, lgs.bought_together, lgs.segment_products):
        with pytest.raises(ValueError, match="is none of these totals' keys, which are month"):
            ask(made)
    plain = lgs.totals(pd.DataFrame(SHOP | {"segment": ["A", "A", "B", "B"]}), ["segment", "stock_code", "description"])
    with pytest.raises(ValueError, match="the totals' first key is no label of customers"):
        lgs.segment_products(plain)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_columns(kind: str) -> None:
    for name, ask in (
        ("stock_code", lgs.products),
        ("description", lgs.products),
        ("country", lgs.countries),
        ("stock_code", lgs.bought_together),
        ("customer_id", lambda lines: lgs.segment_products(lines, make("pandas", SEGMENTS))),
    ):
        with pytest.raises(lgs.ColumnError, match=f"column {name} is missing"):
            ask(make(kind, {n: v for n, v in SHOP.items() if n != name}))
