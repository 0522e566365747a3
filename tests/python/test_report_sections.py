"""The report's sections on products, countries, who comes back and who moves: against plain counts over the lines."""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
from report_files import GOODS, OWN, Page, content, headings, read, shop, table

FROM_LINES = {"products", "services", "segment_products", "countries"}


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return shop()


@pytest.fixture(scope="module")
def given(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.drop(columns=OWN)


@pytest.fixture(scope="module")
def folder(given: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lgs.report(given, tmp_path_factory.mktemp("sections") / "report").parent


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lgs_rfm._report_pictures.pictures", lambda *_, **__: {})


# ---- products and countries


def test_all_sections_are_there(folder: Path) -> None:
    assert headings(folder) >= {"products", "countries", "returning", "movement", "segments", "months"}
    assert len(Page(folder).images) == 12
    assert {path.stem for path in (folder / "tables").iterdir()} >= FROM_LINES
    assert FROM_LINES | {"cohorts", "migration"} <= set(content(folder)["tables"])
    assert content(folder)["left_out"] == []


def test_products(folder: Path, lines: pd.DataFrame) -> None:
    goods = lines[lines["StockCode"].isin(list(GOODS))]
    gross = goods[goods["bought"]].groupby("StockCode")["amount"].sum().sort_values(ascending=False)
    rows = read(folder / "tables" / "products.csv")
    assert [row["stock_code"] for row in rows] == gross.index.tolist()
    assert [float(row["gross"]) for row in rows] == pytest.approx(gross.tolist(), abs=1e-6)
    returned = goods[goods["Invoice"].str.startswith("C") & (goods["Quantity"] < 0)].groupby("StockCode")["Quantity"]
    bought = goods[goods["bought"]].groupby("StockCode")["Quantity"].sum()
    rates = (-returned.sum() / bought).reindex(gross.index)
    assert [float(row["return_rate"]) for row in rows] == pytest.approx(rates.tolist(), rel=1e-12)
    shown = table(folder, "products")
    assert len(shown) == 10
    assert [(cells[0], cells[1]) for cells in shown] == [(GOODS[code], code) for code in gross.index[:10]]
    assert [cells[2] for cells in shown] == [f"{amount:,.0f}" for amount in gross[:10]]
    assert [cells[3] for cells in shown] == [f"{100 * share:.1f} %" for share in gross[:10] / gross.sum()]
    assert [cells[7] for cells in shown] == [f"{100 * rate:.1f} %" for rate in rates[:10]]
    text = Page(folder).text
    half = int((gross.cumsum() / gross.sum() < 0.5).sum()) + 1
    assert f"The ten best of {len(GOODS)} products bring {100 * gross[:10].sum() / gross.sum():.1f} % of" in text
    assert f"half of it comes from {half} products" in text
    services = lines[~lines["StockCode"].isin(list(GOODS)) & lines["bought"]]["amount"].sum()
    words = "2 codes for services (postage, fees, manual corrections) with a gross of"
    assert f"{words} {services:,.0f} are left out here." in text


def test_goods_that_came_back_are_told(tmp_path: Path, undrawn: None) -> None:
    frame = shop().drop(columns=OWN)
    back = frame.head(2).assign(StockCode="99999", Description=" PAPER  BIRD ", Price=9.0, Quantity=[5_000, -4_990])
    back["Invoice"] = ["700000", "C700000"]
    lgs.report(pd.concat([frame, back]), tmp_path)
    assert "PAPER BIRD is no best-seller: most of the units came back." in Page(tmp_path).text


def test_countries(folder: Path, lines: pd.DataFrame) -> None:
    by = lines[lines["bought"]].groupby("Country")
    gross = by["amount"].sum().sort_values(ascending=False)
    invoices = by["Invoice"].nunique()
    known = lines[lines["Customer ID"].notna()].groupby("Country")
    each = known["amount"].sum() / known["Customer ID"].nunique()
    shown = table(folder, "countries")
    assert [cells[0] for cells in shown] == gross.index.tolist()
    for cells in shown:
        name = cells[0]
        assert cells[1:4] == [
            f"{gross[name]:,.0f}",
            f"{100 * gross[name] / gross.sum():.1f} %",
            f"{invoices[name]:,}",
        ]
        assert cells[5] == f"{gross[name] / invoices[name]:,.0f}"
        assert cells[6] == f"{each[name]:,.0f}".replace("-", "\u2212")
    first = gross.index[0]
    assert f"{first} brings {100 * gross.iloc[0] / gross.sum():.0f} % of gross, the other 2" in Page(folder).text


def buyers_by(lines: pd.DataFrame, segments: dict[Any, str]) -> dict[str, dict[str, set[Any]]]:
    found: dict[str, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for row in lines[lines["bought"] & lines["Customer ID"].notna()].itertuples():
        found[segments[row._7]][row.StockCode].add(row._7)
    return found


def test_what_segments_buy(folder: Path, lines: pd.DataFrame, given: pd.DataFrame) -> None:
    scored = lgs.rfm(given)
    segments = dict(zip(scored["customer_id"], scored["segment"], strict=True))
    bought = buyers_by(lines, segments)
    all_buyers = {who for goods in bought.values() for buyers in goods.values() for who in buyers}
    seen = 0
    for row in content(folder)["segments"]:
        goods = bought[row["segment"]]
        members = set().union(*goods.values()) if goods else set()
        lifts: dict[str, tuple[float, float]] = {}
        for code, buyers in goods.items():
            everyone = {who for other in bought.values() for who in other.get(code, ())}
            share = len(buyers) / max(len(members), 1)
            if code in GOODS and len(buyers) >= 20 and share >= 0.05:
                lifts[code] = (share / (len(everyone) / len(all_buyers)), share)
        many = {code: pair for code, pair in lifts.items() if pair[0] >= 1.2}
        order = sorted(many, key=lambda code: -many[code][0]) if many else sorted(lifts, key=lambda c: -lifts[c][1])
        chosen = many or lifts
        wanted = [chosen[code] for code in order[:3]]
        got = [(pick["lift"], pick["share"]) for pick in row["products"]]
        assert [pair[0 if many else 1] for pair in got] == pytest.approx([pair[0 if many else 1] for pair in wanted])
        for pick in row["products"]:
            assert (pick["lift"], pick["share"]) == pytest.approx(lifts[pick["stock_code"]])
            assert pick["description"] == GOODS[pick["stock_code"]]
            assert f"{pick['description']} (" in Page(folder).text
        seen += bool(many)
    assert seen
    assert "They buy more than others do: " in Page(folder).text


# ---- who comes back, who moves


def plain(values: np.ndarray) -> list[Any]:
    return [None if value != value else value for value in values.tolist()]


def test_tables_of_the_ledger(folder: Path, given: pd.DataFrame) -> None:
    book = lgs.Ledger.from_lines(given)
    found = content(folder)["tables"]
    for name in ("returning", "repeat_rate", "second_purchase"):
        wanted = getattr(book, name)(frame="numpy")
        for column, values in wanted.items():
            if values.dtype.kind != "M":
                assert found[name][column] == plain(values), (name, column)
    wide = book.cohorts(frame="numpy")
    assert found["cohorts"]["size"] == wide["size"].tolist()
    assert found["cohorts"]["month_1"] == plain(wide["month_1"])
    few = lgs.concentration(book, frame="numpy")
    assert found["concentration"]["share"] == few["share"].tolist()


def test_returning_words(folder: Path, lines: pd.DataFrame) -> None:
    bought = lines[lines["bought"] & lines["Customer ID"].notna()]
    invoices = bought.groupby("Customer ID")["Invoice"].nunique()
    text = Page(folder).text
    again = int((invoices > 1).sum())
    assert f"{again:,} of {len(invoices):,} customers with a purchase ({100 * again / len(invoices):.0f} %)" in text
    months = bought["InvoiceDate"].dt.to_period("M")
    last = lines["InvoiceDate"].max()
    complete = last.to_period("M") if (last + pd.Timedelta(days=1)).month != last.month else last.to_period("M") - 1
    first = months.groupby(bought["Customer ID"]).min()
    active = set(bought.loc[months == complete, "Customer ID"])
    new = sum(first[who] == complete for who in active)
    assert f"In {complete:%B %Y} {len(active)} customers bought, {new} of them for the first time" in text
    shown = table(folder, "returning")
    assert len(shown) == 13
    row = next(cells for cells in shown if cells[0] == f"{complete:%B %Y}")
    assert row[1:3] == [str(new), str(len(active) - new)]
    days = sorted({(who, day) for who, day in zip(bought["Customer ID"], bought["InvoiceDate"].dt.date, strict=True)})
    by: dict[float, list[Any]] = defaultdict(list)
    for who, day in days:
        by[who].append(day)
    lost = back = 0
    end = last.date()
    for own in by.values():
        for this, following in zip(own, [*own[1:], None], strict=True):
            gone = this + pd.Timedelta(days=91)
            if (following is None or following >= gone) and gone <= end:
                lost += pd.Timestamp(gone).to_period("M") == complete
            if following is not None and (following - this).days > 90:
                back += pd.Timestamp(following).to_period("M") == complete
    assert row[6:8] == [str(lost), str(back)]


@pytest.mark.parametrize("options", [{}, {"as_of": "2011-08-15"}, {"window": "120d"}, {"basis": "all"}])
def test_movement(options: dict[str, Any], lines: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    given = lines.drop(columns=OWN)
    lgs.report(given, tmp_path, **options)
    end = pd.Timestamp(options.get("as_of") or lines["InvoiceDate"].max().normalize() + pd.Timedelta(days=1))
    after = end.to_period("M").to_timestamp()
    before = after - pd.DateOffset(months=1)
    scorer = lgs.Scorer.load(tmp_path / "cuts.json")
    segments, counted = {}, {name: value for name, value in options.items() if name != "as_of"}
    book = lgs.Ledger.from_lines(given)
    for moment in (before, after):
        earlier = book.between(None, str(moment))
        scored = lgs.rfm(earlier, as_of=str(moment), scorer=scorer, **counted)
        segments[moment] = dict(zip(scored["customer_id"], scored["segment"], strict=True))
    wanted = Counter(
        (segments[before].get(who, "(none)"), segments[after].get(who, "(none)"))
        for who in segments[before].keys() | segments[after].keys()
    )
    rows = read(tmp_path / "tables" / "migration.csv")
    assert {(row["from"], row["to"]): int(row["customers"]) for row in rows} == dict(wanted)
    assert {row["after"][:10] for row in rows} == {str(after.date())}
    gross: dict[str, float] = defaultdict(float)
    inside = lines[lines["bought"] & (lines["InvoiceDate"] >= before) & (lines["InvoiceDate"] < after)]
    for row in inside.itertuples():
        if row._7 in segments[after]:
            gross[segments[after][row._7]] += row.amount
    for name, amount in gross.items():
        told = sum(float(row["gross_after"]) for row in rows if row["to"] == name)
        assert told == pytest.approx(amount, abs=1e-6)
    moved = sum(n for (a, b), n in wanted.items() if a != b and "(none)" not in (a, b))
    words = f"{moved:,} of {len(segments[before]):,} customers changed segment"
    text = Page(tmp_path).text
    assert words in text
    day = before - pd.Timedelta(days=1)
    assert f"From the end of {day:%B %Y} to the end of {before:%B %Y}" in text
    assert ("left, since all their purchases are older than the window" in text) == ("window" in options)


def test_money_lost_and_gained(folder: Path) -> None:
    rows = [row for row in read(folder / "tables" / "migration.csv") if row["from"] != row["to"]]
    rows = [row for row in rows if "(none)" not in (row["from"], row["to"])]
    change = {(row["from"], row["to"]): float(row["gross_after"]) - float(row["gross_before"]) for row in rows}
    text = Page(folder).text
    (a, b), (c, d) = min(change, key=lambda pair: change[pair]), max(change, key=lambda pair: change[pair])
    assert re.search(f"Most money was lost with the [0-9,]+ customers who went from {a} to {b}:", text)
    assert re.search(f"Most was gained with the [0-9,]+ customers who went from {c} to {d}:", text)


def test_pictures(folder: Path) -> None:
    alts = " ".join(str(image["alt"]) for image in Page(folder).images)
    for words in ("of the customers bring 80 %", "The largest 1 %", "Retention by month", "went in one month"):
        assert words in alts


# ---- the real shop


def owned_share(goods: pd.DataFrame, rows: list[dict[str, Any]], folder: Path, segment: str) -> pd.Series:
    """How many customers of a segment bought each product, most first."""
    file = next(row["file"] for row in rows if row["segment"] == segment)
    members = {int(row["customer_id"]) for row in read(folder / file)}
    own = goods[goods["Customer ID"].isin(members)]
    return own.groupby(own["StockCode"].astype(str))["Customer ID"].nunique().sort_values(ascending=False)


def test_real_sections(real: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lgs.QualityWarning)
        lgs.report(real, tmp_path)
    amount = (real["Quantity"] * real["Price"]).to_numpy(np.float64)
    bought = real.assign(amount=amount)[(real["Quantity"].to_numpy() > 0) & (amount > 0)]
    code = bought["StockCode"].astype(str)
    goods = bought[code.str.match(r"\d{5}")]
    gross = goods.groupby(goods["StockCode"].astype(str))["amount"].sum().nlargest(10)
    shown = table(tmp_path, "products")
    assert [cells[1] for cells in shown] == gross.index.tolist()
    assert [cells[2] for cells in shown] == [f"{value:,.0f}" for value in gross]
    lands = bought.groupby(bought["Country"].astype(str))["amount"].sum().nlargest(10)
    assert [cells[0] for cells in table(tmp_path, "countries")] == lands.index.tolist()
    found = content(tmp_path)
    assert "PAPER CRAFT , LITTLE BIRDIE" in " ".join(found["sections"]["products"])
    known = bought[bought["Customer ID"].notna()]
    again = int((known.groupby("Customer ID")["Invoice"].nunique() > 1).sum())
    assert f"{again:,} of {known['Customer ID'].nunique():,} customers with a purchase" in Page(tmp_path).text
    assert "From the end of October 2011 to the end of November 2011" in Page(tmp_path).text
    picks = {row["segment"]: row["products"] for row in found["segments"]}
    assert all(len(picks[name]) == 3 for name in ("Champions", "Can't Lose", "Hibernating"))
    assert all(pick["share"] >= 0.05 for chosen in picks.values() for pick in chosen)
    most = owned_share(goods, found["segments"], tmp_path, "Hibernating")
    assert [pick["stock_code"] for pick in picks["Hibernating"]] == most.index[:3].tolist()
    listed = {row["segment"]: read(tmp_path / row["file"]) for row in found["segments"]}
    segments = {int(row["customer_id"]): name for name, rows in listed.items() for row in rows}
    owners = goods[goods["Customer ID"].notna()].drop_duplicates(["Customer ID", "StockCode"])
    owner = owners["Customer ID"].astype(int).map(segments)
    buyers = known["Customer ID"].astype(int).drop_duplicates().map(segments).value_counts()
    for name in ("Champions", "Can't Lose", "Hibernating"):
        for pick in picks[name]:
            of_product = owners["StockCode"].astype(str) == pick["stock_code"]
            share = (of_product & (owner == name)).sum() / buyers[name]
            assert pick["share"] == pytest.approx(share, rel=1e-12)
            assert pick["lift"] == pytest.approx(share / (of_product.sum() / buyers.sum()), rel=1e-12)
