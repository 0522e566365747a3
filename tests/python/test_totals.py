"""Totals of lines by any columns: against the plain reference, their laws, their value, what is refused."""

from __future__ import annotations

import copy
import gzip
import io
import itertools
import pickle
import sys
import tempfile
import warnings
from collections.abc import Sequence
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
from frames import KINDS, as_route, make, names_of, rows_of, shop_columns_of, shop_of, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from totals_reference import ShopLine

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

BY = st.lists(st.sampled_from(list(ref.KEYS)), min_size=1, max_size=4, unique=True)


def bytes_of(made: lgs.Totals) -> bytes:
    return made._native.to_bytes()


def unnumbered(lines: Sequence[ShopLine]) -> list[ShopLine]:
    return [ShopLine(None, *(getattr(x, n) for n in list(x.__dataclass_fields__)[1:])) for x in lines]


# ---- against the reference


@given(strategies.shop_lines(), BY, st.sampled_from(KINDS))
def test_totals(lines: list[ShopLine], by: list[str], kind: str) -> None:
    assert shown(lgs.totals(shop_of(lines, kind), by).table(), *by) == ref.totals(lines, by)


@given(strategies.shop_lines(invoices=[None]), BY.filter(lambda by: "invoice" not in by))
def test_totals_without_numbers(lines: list[ShopLine], by: list[str]) -> None:
    assert shown(lgs.totals(shop_of(lines), by).table(), *by) == ref.totals(lines, by)


@given(strategies.shop_lines(), st.sampled_from(KINDS))
def test_labels(lines: list[ShopLine], kind: str) -> None:
    known = [12346, 9, "a", "nobody"]
    frame = make(kind, {"customer_id": known, "segment": ["A", "B", None, "B"]})
    called = {12346: "A", 9: "B"}
    rows = rows_of(lgs.totals(shop_of(lines, kind), ["segment", "country"], labels=frame).table())
    wanted = []
    for name in ("A", "B", None):
        part = [x for x in lines if called.get(x.customer) == name]  # type: ignore[call-overload]
        wanted += [{"segment": name} | row for row in ref.totals(part, ["country"])]
    assert [row | {"country": reference.canonical_id(row["country"])} for row in rows] == wanted


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


@given(strategies.shop_lines(), st.lists(st.sampled_from(list(ref.KEYS)), min_size=2, max_size=5, unique=True))
def test_folding_is_totalling_by_fewer(lines: list[ShopLine], by: list[str]) -> None:
    fine = lgs.totals(shop_of(lines), by)
    for some in (by[:1], by[1:], by[::-1]):
        assert bytes_of(fine.fold(some)) == bytes_of(lgs.totals(shop_of(lines), some))
    assert fine.fold(by[0]).by == (by[0],)


@given(strategies.shop_lines(max_size=12), BY)
def test_every_kind_is_the_same_bytes(lines: list[ShopLine], by: list[str]) -> None:
    first, *rest = [bytes_of(lgs.totals(shop_of(lines, kind), by)) for kind in KINDS]
    assert all(each == first for each in rest)


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


def indexed(made: lgs.Totals, by: list[str]) -> pd.DataFrame:
    frame = made.table(frame="pandas")
    return frame.set_index(frame[by[0]].astype(object) if len(by) == 1 else by)


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
    return real.iloc[510_000:545_000]


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


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_own_columns_in_files(suffix: str, tmp_path: Path) -> None:
    lines = ROWS | {"Sales channel": ["web", "shop", "web", None]}
    frame = pd.DataFrame(lines)
    path = tmp_path / f"lines.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)
    made = lgs.totals(lgs.read_lines(path), ["Sales channel", "country"])
    assert bytes_of(made) == bytes_of(lgs.totals(frame, ["Sales channel", "country"]))
    assert made.reading.ignored_columns == ()
    with pytest.raises(lgs.ColumnError, match=rf"lines\.{suffix}: column Channel is missing: the input has no column"):
        lgs.totals(lgs.read_lines(path), "Channel")


# ---- a value


ROWS: dict[str, list[Any]] = {
    "invoice": ["1", "1", "C2", "3"],
    "stock_code": ["85048", "POST", "85048", "22423"],
    "description": ["MUG", "POSTAGE", "MUG", "CAT"],
    "quantity": [2, 1, -1, 4],
    "invoice_date": ["2011-01-03 10:00", "2011-01-03 10:00", "2011-02-01 12:00", "2011-02-03 16:30"],
    "unit_price": [2.5, 10.0, 2.5, 1.25],
    "customer_id": ["10", "10", "10", "20"],
    "country": ["UK", "UK", "UK", "EIRE"],
}


@pytest.fixture
def small() -> pd.DataFrame:
    return pd.DataFrame(ROWS)


def test_reads_as_a_table(small: pd.DataFrame) -> None:
    made = lgs.totals(small, ["country", "month"])
    assert len(made) == 3
    assert made.columns == names_of(made.table())
    assert made["country"].tolist() == ["EIRE", "UK", "UK"]
    assert made["net"].tolist() == [5.0, 15.0, -2.5]
    assert made["month"].tolist() == [np.datetime64(d).item() for d in ("2011-02-01", "2011-01-01", "2011-02-01")]
    assert pa.table(made).to_pylist() == made.to_arrow().to_pylist()
    assert pl.from_dataframe(made.to_arrow()).shape == made.to_polars().shape == made.to_pandas().shape
    assert "EIRE" in made._repr_html_()
    assert repr(made) == "Totals(by country, month: 3 rows)"
    assert made.reading.lines == 4
    empty = lgs.Totals("country")
    assert bool(empty)
    assert len(empty) == 0
    assert empty["net"].tolist() == []
    with pytest.raises(TypeError, match="unhashable"):
        hash(made)
    made.add(small)
    assert made["net"].tolist() == [10.0, 30.0, -5.0], "an old table was kept"
    exact = made.table(frame="arrow", money="decimal")
    assert str(exact["net"].type) == "decimal128(38, 6)"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frame", [None, "pandas", "polars", "arrow", "numpy", "table"])
def test_kinds_out(kind: str, frame: str | None) -> None:
    columns = ROWS | {"invoice_date": [reference.moment_of(reference.micros(v)) for v in ROWS["invoice_date"]]}
    made = lgs.totals(make(kind, columns), ["stock_code", "quarter"])
    types = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table, "numpy": dict, "table": lgs.Table}
    table = made.table(frame=frame)
    assert isinstance(table, types[frame or kind.partition("-")[0]])
    rows = shown(table, "stock_code", "quarter")
    assert [row["stock_code"] for row in rows] == [22423, 85048, "POST"]
    assert [row["net"] for row in rows] == [5.0, 2.5, 10.0]


def test_ids_come_back_as_they_came() -> None:
    numbers = ROWS | {"customer_id": [10.0, 10.0, 10.0, 20.0], "stock_code": [7, 7, 8, 8], "own": ["1", "2", "1", "2"]}
    frame = pd.DataFrame(numbers).astype({"stock_code": "int32"})
    table = lgs.totals(frame, ["customer_id", "stock_code", "own"]).table()
    assert str(table["customer_id"].dtype) == "int64"
    assert str(table["stock_code"].dtype) == "int32"
    assert table["own"].tolist() == ["1", "2", "1", "2"]
    assert table["own"].dtype == frame["own"].dtype
    texts = lgs.totals(pa.table(ROWS), ["customer_id", "stock_code"]).table()
    assert texts["customer_id"].to_pylist() == ["10", "10", "20"]
    assert texts.schema.field("stock_code").type in (pa.string(), pa.large_string())
    joined = frame.merge(table, on=["customer_id", "stock_code", "own"])
    assert len(joined) == len(frame)


def test_own_columns(small: pd.DataFrame) -> None:
    small["Channel"] = ["web", None, "web", "shop"]
    small["5"] = [5, 5, 6, 6]
    table = lgs.totals(small, ["Channel", "5"]).table()
    assert [(r["Channel"], r["5"], r["lines"]) for r in rows_of(table)] == [
        ("shop", 6, 1),
        ("web", 5, 1),
        ("web", 6, 1),
        (None, 5, 1),
    ]
    for kind in ("polars", "arrow", "numpy-object", "numpy-text"):
        frame = make(kind, {n: [None if v != v else v for v in small[n].tolist()] for n in small})
        assert lgs.totals(frame, ["Channel", "5"]) == lgs.totals(small, ["Channel", "5"])


def test_a_column_may_be_ours_and_the_callers(small: pd.DataFrame) -> None:
    renamed = small.rename(columns={"customer_id": "Customer ID", "country": "Land"})
    made = lgs.totals(lgs.Lines(renamed, columns={"country": "Land"}), ["Customer ID", "country", "Land"])
    assert made["Customer ID"].tolist() == ["10", "20"]
    assert made["country"].tolist() == made["Land"].tolist() == ["UK", "EIRE"]
    assert made["customers"].tolist() == [1, 1]
    arrow = pa.Table.from_pandas(renamed)
    again = lgs.totals(lgs.Lines(arrow, columns={"country": "Land"}), ["Customer ID", "country", "Land"])
    assert again == made


def test_labels_from_rfm(small: pd.DataFrame) -> None:
    shop = lgs.demo_lines(customers=200, seed=3, frame="pandas")
    segments = lgs.rfm(shop)
    made = lgs.totals(shop, ["segment"], labels=segments)
    table = made.table()
    names = [name for name in table["segment"].cat.categories]
    assert names == list(segments["segment"].cat.categories)
    counted = segments.groupby("segment", observed=True).size()
    seen = dict(zip(table["segment"], table["buyers"], strict=True))
    assert {k: v for k, v in seen.items() if k == k} == counted.to_dict()
    gross = segments.groupby("segment", observed=True)["monetary"].sum()
    for name, value in zip(table["segment"], table["gross"], strict=True):
        if name == name:
            assert value == pytest.approx(gross[name])
    back = pickle.loads(pickle.dumps(made))
    assert back == made
    with pytest.raises(ValueError, match="saved totals do not keep whose label segment is"):
        back.add(shop)


def test_prefixes(small: pd.DataFrame) -> None:
    made = lgs.totals(small, "country", prefixes={"1": "cancellation"})
    assert made["returned_units"].tolist() == [0, 0], "a number that is an integer has no prefix"
    small["invoice"] = ["K1", "K1", "C2", "3"]
    made = lgs.totals(small, "country", prefixes={"K": "cancellation"})
    assert made["returned_units"].tolist() == [0, 0]
    assert made["other_deductions"].tolist() == [0.0, 2.5]
    with pytest.raises(ValueError, match="differ in keys, labels or prefixes"):
        made.merge(lgs.totals(small, "country"))


# ---- warnings and copies


def overlapping() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines of which the last day is there twice, under another code; and the same without the copy."""
    days = pd.DataFrame(
        {
            "invoice": [str(100 + d) for d in range(8)],
            "stock_code": "11111",
            "description": "",
            "quantity": 1,
            "invoice_date": pd.date_range("2011-01-01", periods=8).astype("datetime64[s]"),
            "unit_price": 1.5,
            "customer_id": 10,
            "country": "UK",
        }
    )
    copied = days.iloc[3:5].assign(stock_code="22222", country="only the copy's")
    return pd.concat([days.iloc[:5], copied, days.iloc[5:]], ignore_index=True), days


@pytest.mark.filterwarnings("default::lgs_rfm.QualityWarning")
def test_copies() -> None:
    lines, once = overlapping()
    with pytest.warns(lgs.QualityWarning, match="2 invoices") as caught:
        made = lgs.totals(lines, ["stock_code", "country"])
    assert len(caught) == 1
    assert made.reading.copied_invoices == 2
    assert len(made) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dropped = lgs.totals(lgs.Lines(lines, copies="drop"), ["stock_code", "country"])
    assert dropped.reading.dropped_lines == 2
    assert bytes_of(dropped) == bytes_of(lgs.totals(once, ["stock_code", "country"]))
    before = bytes_of(made)
    with pytest.raises(lgs.LinesError, match=r"2 invoices \(2 lines\) are in the input twice"):
        made.add(lgs.Lines(lines, copies="error"))
    assert bytes_of(made) == before
    for function in (lgs.products, lgs.countries, lgs.bought_together, lgs.features):
        with pytest.warns(lgs.QualityWarning) as caught:
            function(lines)
        assert len(caught) == 1, function


# ---- what is refused


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ([], "by: 0 keys are given; give one to 8"),
        ([str(i) for i in range(9)], "by: 9 keys are given"),
        (["country", "country"], "by: country is named twice; name it once"),
        ("quantity", "by: lines are not totalled by quantity"),
        ("unit_price", "by: lines are not totalled by unit_price"),
        (["country", "invoice_date"], "by: lines are not totalled by invoice_date; give .* day, week, month"),
    ],
)
def test_bad_keys(small: pd.DataFrame, by: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lgs.totals(small, by)
    with pytest.raises(ValueError, match=message):
        lgs.Totals(by)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_columns(kind: str) -> None:
    for name in ("stock_code", "description", "country", "invoice", "customer_id"):
        frame = make(kind, {n: v for n, v in ROWS.items() if n != name})
        with pytest.raises(lgs.ColumnError, match=f"column {name} is missing") as caught:
            lgs.totals(frame, ["month", name])
        assert "\n" not in str(caught.value)
    with pytest.raises(lgs.ColumnError, match="column Channel is missing: the input has no column of this name"):
        lgs.totals(make(kind, ROWS), "Channel")


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-object"])
def test_values_that_are_no_keys(kind: str) -> None:
    frame = make(kind, ROWS | {"own": [1.0, 2.0, 2.5, 3.5], "country": [1.0, 2.0, 3.0, 0.5]})
    with pytest.raises(lgs.LinesError, match=r"column own, row 2: 2\.5 is fractional; ids are integers or texts"):
        lgs.totals(frame, ["own"])
    with pytest.raises(lgs.LinesError, match=r"column country, row 3: 0\.5 is fractional"):
        lgs.totals(frame, ["country"])
    with pytest.raises(lgs.LinesError, match=r"column own, row 2"):
        lgs.totals(frame, ["country", "own"])


def test_wrong_types(small: pd.DataFrame) -> None:
    small["when"] = pd.to_datetime(small["invoice_date"])
    with pytest.raises(TypeError, match="column when has type"):
        lgs.totals(small, "when")
    with pytest.raises(TypeError, match="is no frame"):
        lgs.totals([1, 2], "country")
    with pytest.raises(ValueError, match="frame='excel'"):
        lgs.totals(small, "country").table(frame="excel")
    with pytest.raises(ValueError, match="money='euro'"):
        lgs.totals(small, "country").table(money="euro")


def test_duplicate_own_columns(small: pd.DataFrame) -> None:
    frame = small.assign(own=1, other=2)
    frame.columns = [*small.columns, "own", "own"]
    with pytest.raises(lgs.ColumnError, match="own.*twice|two of this name"):
        lgs.totals(frame, "own")


def test_bad_labels(small: pd.DataFrame) -> None:
    def totalled(labels: Any, by: Any = "segment") -> None:
        lgs.totals(small, by, labels=labels)

    good = pd.DataFrame({"customer_id": ["10", "20"], "segment": ["A", "B"], "other": ["x", "y"]})
    with pytest.raises(lgs.ColumnError, match="column customer_id is missing in labels"):
        totalled(good.drop(columns="customer_id"))
    with pytest.raises(ValueError, match=r"by=\['country'\] names no column of labels; name one, such as 'segment'"):
        totalled(good, "country")
    with pytest.raises(ValueError, match=r"names several columns of labels \(segment, other\)"):
        totalled(good, ["segment", "other"])
    with pytest.raises(ValueError, match="column customer_id, row 1: 10 has a label already"):
        totalled(good.assign(customer_id=["10", "10"]))
    with pytest.raises(ValueError, match="column customer_id, row 1: the value is missing"):
        totalled(good.assign(customer_id=["10", None]))
    with pytest.raises(TypeError, match="is no frame"):
        totalled(5)


def test_bad_merges_and_folds(small: pd.DataFrame) -> None:
    made = lgs.totals(small, ["country", "month"])
    before = bytes_of(made)
    with pytest.raises(ValueError, match="the totals differ in keys, labels or prefixes"):
        made.merge(lgs.totals(small, "country"))
    with pytest.raises(ValueError, match="stock_code is none of these totals' keys, which are country, month"):
        made.fold("stock_code")
    with pytest.raises(ValueError, match="0 keys"):
        made.fold([])
    assert bytes_of(made) == before


def test_bad_files(small: pd.DataFrame, tmp_path: Path) -> None:
    made = lgs.totals(small, "country")
    with pytest.raises(FileNotFoundError, match=r"nothing\.tot"):
        lgs.Totals.load(tmp_path / "nothing.tot")
    (tmp_path / "other.tot").write_text("Invoice,Quantity\n")
    with pytest.raises(ValueError, match=r"other\.tot: not a readable lgs_rfm file"):
        lgs.Totals.load(tmp_path / "other.tot")
    lgs.Ledger.from_lines(small).save(tmp_path / "book.lgs")
    with pytest.raises(ValueError, match=r"book\.lgs: not a readable lgs_rfm file"):
        lgs.Totals.load(tmp_path / "book.lgs")
    damaged = bytearray(bytes_of(made))
    damaged[-9] ^= 1
    (tmp_path / "damaged.tot").write_bytes(damaged)
    with pytest.raises(ValueError, match="checksum"):
        lgs.Totals.load(tmp_path / "damaged.tot")
    with pytest.raises(OSError, match="cannot write"):
        made.save(tmp_path / "no folder" / "x.tot")


@settings(max_examples=30)
@given(strategies.shop_lines(), st.integers(0, 29))
def test_a_failed_add_changes_nothing(lines: list[ShopLine], at: int) -> None:
    made = lgs.totals(shop_of(lines), ["country", "channel"])
    before = bytes_of(made)
    columns = shop_columns_of(lines)
    columns["unit_price"][at % len(lines)] = float("nan")
    with pytest.raises(lgs.LinesError, match="unit_price"):
        made.add(make("numpy-object", columns))
    assert bytes_of(made) == before
