"""Totals of lines by any columns: against the plain reference, their laws, the real data, files."""

from __future__ import annotations

import copy
import gzip
import io
import itertools
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import reference
import strategies
import totals_reference as ref
from frames import KINDS, bytes_of, make, rows_of, shop_columns_of, shop_of, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from totals_reference import ShopLine

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

BY = st.lists(st.sampled_from(list(ref.KEYS)), min_size=1, max_size=4, unique=True)


# ---- against the reference


@settings(max_examples=60)
@given(strategies.shop_lines(), BY, st.sampled_from(KINDS))
def test_totals(lines: list[ShopLine], by: list[str], kind: str) -> None:
    assert shown(lgs.totals(shop_of(lines, kind), by).table(), *by) == ref.totals(lines, by)


@settings(max_examples=40)
@given(strategies.shop_lines(invoices=[None]), BY.filter(lambda by: "invoice" not in by))
def test_totals_without_numbers(lines: list[ShopLine], by: list[str]) -> None:
    assert shown(lgs.totals(shop_of(lines), by).table(), *by) == ref.totals(lines, by)


@settings(max_examples=40)
@given(strategies.shop_lines(), st.sampled_from(KINDS))
def test_labels(lines: list[ShopLine], kind: str) -> None:
    frame = make(kind, {"customer_id": [12346, 9, "a", "nobody"], "segment": ["A", "B", "C", "B"]})
    called = {12346: "A", 9: "B", "a": "C"}
    rows = rows_of(lgs.totals(shop_of(lines, kind), ["segment", "country"], labels=frame).table())
    wanted = []
    for name in ("A", "B", "C", None):
        part = [x for x in lines if called.get(x.customer) == name]  # type: ignore[call-overload]
        wanted += [{"segment": name} | row for row in ref.totals(part, ["country"])]
    assert [row | {"country": reference.canonical_id(row["country"])} for row in rows] == wanted


@settings(max_examples=40)
@given(strategies.shop_lines())
def test_amount_and_no_quantity(lines: list[ShopLine]) -> None:
    columns = shop_columns_of(lines)
    columns["amount"] = columns.pop("unit_price")
    del columns["quantity"]
    row, *_ = rows_of(lgs.totals(make("numpy-object", columns), "year").table())
    year = [x for x in lines if reference.moment_of(x.moment).year == min(m.month[0] for m in lines)]
    assert row["net"] == reference.money(sum(x.price for x in year))
    assert row["gross"] == reference.money(sum(x.price for x in year if x.price > 0))
    assert row["quantity"] == row["bought"] == row["returned_units"] == 0
    assert row["price_min"] is None
    assert row["price_max"] is None


# ---- laws, to the byte


@settings(max_examples=40)
@given(strategies.shop_lines(max_size=40), BY, st.randoms(use_true_random=False))
def test_order_and_cuts_change_no_byte(lines: list[ShopLine], by: list[str], random: Any) -> None:
    whole = bytes_of(lgs.totals(shop_of(lines), by))
    mixed = lines[:]
    random.shuffle(mixed)
    assert bytes_of(lgs.totals(shop_of(mixed), by)) == whole
    at = sorted(random.randrange(len(lines) + 1) for _ in range(3))
    cut = [lines[a:b] for a, b in itertools.pairwise([0, *at, len(lines)])]
    random.shuffle(cut)
    parts = [lgs.totals(shop_of(part), by) if part else lgs.Totals(by) for part in cut]
    merged, added = lgs.Totals(by), lgs.Totals(by)
    for part, made in zip(cut, parts, strict=True):
        assert merged.merge(made) is merged
        if part:
            assert added.add(shop_of(part)) is added
    assert bytes_of(merged) == bytes_of(added) == whole


@settings(max_examples=40)
@given(strategies.shop_lines(), st.lists(st.sampled_from(list(ref.KEYS)), min_size=2, max_size=5, unique=True))
def test_folding_is_totalling_by_fewer(lines: list[ShopLine], by: list[str]) -> None:
    fine = lgs.totals(shop_of(lines), by)
    for some in (by[:1], by[1:], by[::-1]):
        assert bytes_of(fine.fold(some)) == bytes_of(lgs.totals(shop_of(lines), some))
    assert fine.fold(by[0]).by == (by[0],)


@settings(max_examples=40)
@given(strategies.shop_lines(max_size=12), BY)
def test_every_kind_is_the_same_bytes(lines: list[ShopLine], by: list[str]) -> None:
    first, *rest = [bytes_of(lgs.totals(shop_of(lines, kind), by)) for kind in KINDS]
    assert all(each == first for each in rest)


@settings(max_examples=40)
@given(strategies.shop_lines(), BY)
def test_round_trips(lines: list[ShopLine], by: list[str]) -> None:
    made = lgs.totals(shop_of(lines), by)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "by.tot"
        made.save(str(path))
        assert path.read_bytes() == bytes_of(made)
        loaded = lgs.Totals.load(str(path))
    for other in (loaded, pickle.loads(pickle.dumps(made)), copy.deepcopy(made), copy.copy(made)):
        assert other == made
        assert other.by == made.by == tuple(by)
    assert rows_of(pickle.loads(pickle.dumps(made)).table()) == rows_of(made.table())
    again = copy.copy(made).add(shop_of(lines))
    assert again != made
    assert made != "totals"
    assert made == lgs.totals(shop_of(lines), by), "a copy follows its original"


# ---- the real data


@pytest.fixture(scope="module")
def prepared(real: pd.DataFrame) -> pd.DataFrame:
    return ref.prepared(real)


MONEY = ["gross", "returned", "adjusted", "other_deductions", "net", "known_net", "price_min", "price_max"]


@pytest.mark.parametrize("by", [["country"], ["stock_code"], ["customer_id"], ["country", "month"]])
def test_real_lines(real: pd.DataFrame, prepared: pd.DataFrame, by: list[str]) -> None:
    seen = lgs.totals(real, by).table(frame="pandas").drop(columns=by)
    wanted = ref.real_totals(prepared, by)
    keys = wanted.reset_index()[by]
    ordered = sorted(
        range(len(keys)),
        key=lambda i: [
            (v.value, 0, b"") if isinstance(v, pd.Timestamp) else reference.id_order(reference.canonical_id(v))
            for v in keys.iloc[i]
        ],
    )
    wanted = wanted.iloc[ordered]
    assert list(seen) == list(wanted)
    for name in seen:
        if name in MONEY:
            exact = [None if v != v else reference.money(int(v)) for v in wanted[name].tolist()]
            assert [None if v != v else v for v in seen[name].tolist()] == exact, name
        else:
            assert seen[name].astype(wanted[name].dtype).tolist() == wanted[name].tolist(), name


def test_real_countries(real: pd.DataFrame) -> None:
    made = lgs.totals(real, "country")
    net = dict(zip(made["country"].tolist(), made["net"].tolist(), strict=True))
    assert len(net) == 43
    assert net["United Kingdom"] == pytest.approx(16_382_583.897, abs=0.0005)
    assert net["EIRE"] == pytest.approx(615_519.550, abs=0.0005)
    assert net["Netherlands"] == pytest.approx(548_524.950, abs=0.0005)


def test_real_months_are_the_ledgers(real: pd.DataFrame, pandas_book: lgs.Ledger) -> None:
    made, months = lgs.totals(real, "month"), pandas_book.monthly(frame="numpy")
    assert made["net"].tolist() == months["sales"].tolist()
    assert made["invoices"].tolist() == months["orders"].tolist()
    assert made["customers"].tolist() == months["active_users"].tolist()


@pytest.fixture(scope="module")
def real_whole(real: pd.DataFrame) -> bytes:
    return bytes_of(lgs.totals(real, ["country", "month", "stock_code"]))


def test_real_laws(real: pd.DataFrame, real_whole: bytes) -> None:
    by = ["country", "month", "stock_code"]
    order = np.random.default_rng(3).permutation(len(real))
    assert bytes_of(lgs.totals(real.iloc[order], by)) == real_whole
    cuts = [0, 1, 200_003, 525_461, 700_000, len(real)]
    parts = [lgs.totals(real.iloc[a:b], by) for a, b in itertools.pairwise(cuts)]
    merged = lgs.Totals(by)
    for at in (3, 0, 4, 1, 2):
        merged.merge(parts[at])
    assert bytes_of(merged) == real_whole
    assert bytes_of(merged.fold("country")) == bytes_of(lgs.totals(real, "country"))


def test_real_types(real: pd.DataFrame, real_whole: bytes) -> None:
    table = pa.Table.from_pandas(real, preserve_index=False)
    chunked = pa.concat_tables(table.slice(i, 99_991) for i in range(0, len(real), 99_991))
    columns = {name: chunked[name] for name in chunked.column_names}
    columns["StockCode"] = columns["StockCode"].cast(pa.dictionary(pa.int32(), pa.string()))
    columns["Country"] = columns["Country"].cast(pa.string_view())
    columns["Customer ID"] = columns["Customer ID"].cast(pa.int64())
    columns["Price"] = pc.round(columns["Price"], ndigits=6).cast(pa.decimal128(12, 3))
    by = ["country", "month", "stock_code"]
    for frame in (chunked, pa.table(columns), pl.from_pandas(real, nan_to_null=True)):
        assert bytes_of(lgs.totals(frame, by)) == real_whole


def test_real_without_copies(real: pd.DataFrame) -> None:
    lines = lgs.Lines(real, copies="drop")
    made = lgs.totals(lines, "month")
    assert made.reading.dropped_lines == 22_523
    net = made["net"][made["month"] == np.datetime64("2010-12-01")]
    assert net.tolist() == [pytest.approx(748_957.020, abs=0.0005)]
    kept = lgs.totals(real, "month")
    net = kept["net"][kept["month"] == np.datetime64("2010-12-01")]
    assert net.tolist() == [pytest.approx(1_126_445.470, abs=0.0005)]


# ---- files


@pytest.fixture
def some(real: pd.DataFrame) -> pd.DataFrame:
    return real.iloc[500_000:545_000]


def test_files(some: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by = ["country", "stock_code", "description", "week"]
    wanted = bytes_of(lgs.totals(some, by))
    some.to_csv(tmp_path / "lines.csv", index=False)
    text = (tmp_path / "lines.csv").read_bytes()
    (tmp_path / "lines.csv.gz").write_bytes(gzip.compress(text, 1))
    (tmp_path / "lines.csv.zst").write_bytes(pa.Codec("zstd").compress(text, asbytes=True))
    table = pa.Table.from_pandas(some, preserve_index=False)
    pq.write_table(table, tmp_path / "lines.parquet", row_group_size=9_973)
    for path in sorted(tmp_path.iterdir()):
        assert bytes_of(lgs.totals(lgs.read_lines(path), by)) == wanted, path.name
    assert bytes_of(lgs.totals(lgs.read_lines(tmp_path / "lines.csv", threads=1), by)) == wanted
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert bytes_of(lgs.totals(lgs.read_lines("-"), by)) == wanted
    assert isinstance(lgs.totals(lgs.read_lines(tmp_path / "lines.csv"), by).table(), lgs.Table)


def test_a_folder_of_months_in_any_order(some: pd.DataFrame, tmp_path: Path) -> None:
    paths = []
    for month, part in some.groupby(some["InvoiceDate"].dt.to_period("M"), sort=False):
        paths.append(tmp_path / f"{month}.csv")
        part.to_csv(paths[-1], index=False)
    assert len(paths) > 1
    wanted = bytes_of(lgs.totals(some, ["stock_code", "country"]))
    for order in (paths, paths[::-1]):
        assert bytes_of(lgs.totals(lgs.read_lines(order), ["stock_code", "country"])) == wanted


# ---- inputs that are summed up in several steps, or by several threads


@pytest.mark.parametrize("ordered", [True, False])
def test_more_rows_than_are_held_at_a_time(ordered: bool) -> None:
    """Some four million combinations are summed up before the rest is read, which has other lines of the same."""
    count, again = 4_194_304, 100_000
    rng = np.random.default_rng(7)
    invoice = np.concatenate([np.arange(count), np.arange(0, again * 3, 3), np.arange(count, count + 5)])
    moment = np.arange(len(invoice), dtype="int64") * 1_000_000
    if not ordered:
        rng.shuffle(moment)
    quantity = rng.integers(-2, 5, len(invoice))
    price = rng.integers(0, 1_000, len(invoice))
    lines = {
        "invoice": invoice,
        "quantity": quantity,
        "invoice_date": moment.astype("datetime64[us]"),
        "unit_price": price,
        "customer_id": invoice % 1_000,
    }
    table = lgs.totals(lines, ["invoice"]).table()
    assert np.array_equal(table["invoice"], np.arange(count + 5))
    assert np.array_equal(table["lines"], np.bincount(invoice))
    assert np.array_equal(table["quantity"], np.bincount(invoice, quantity))
    assert np.array_equal(table["net"], np.bincount(invoice, quantity * price))
    assert np.array_equal(table["gross"], np.bincount(invoice, np.where(quantity > 0, quantity * price, 0)))
    assert (table["invoices"] == 1).all()
    assert (table["customers"] == 1).all()
    buying = np.zeros(count + 5, dtype=int)
    buying[invoice[(quantity > 0) & (price > 0)]] = 1
    assert np.array_equal(table["buyers"], buying)
    assert np.array_equal(table["purchase_invoices"], buying)


def test_the_lowest_bad_row_of_several_threads() -> None:
    count = 200_000
    lines = {
        "invoice": np.arange(count),
        "quantity": np.ones(count, dtype=int),
        "invoice_date": np.arange(count).astype("datetime64[s]"),
        "unit_price": np.ones(count),
        "own": np.ones(count),
    }
    for price_at, own_at, named in ((150_000, 40_000, "own, row 40000"), (40_000, 150_000, "unit_price, row 40000")):
        bad = lines | {"unit_price": lines["unit_price"].copy(), "own": lines["own"].copy()}
        bad["unit_price"][price_at] = np.nan
        bad["own"][own_at] = 0.5
        with pytest.raises(lgs.LinesError, match=named):
            lgs.totals(bad, "own")
