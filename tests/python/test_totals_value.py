"""Totals as a value: kinds and types, own columns, labels, copies, and what is refused."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
import strategies
from frames import KINDS, bytes_of, make, names_of, rows_of, shop_columns_of, shop_of, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from totals_reference import ShopLine

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")


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
    assert made["month"].astype(str).tolist() == [
        f"{day}T00:00:00" for day in ("2011-02-01", "2011-01-01", "2011-02-01")
    ]
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
        ("lines", "by: totals have a column lines of their own; rename yours to total by it"),
        (["country", "net"], "by: totals have a column net of their own"),
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
    for by in (5, None):
        with pytest.raises(TypeError, match=f"by={by} is neither a name nor a sequence of names"):
            lgs.totals(small, by)  # type: ignore[arg-type]
    assert lgs.totals(small, (name for name in ("country", "month"))).by == ("country", "month")
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
    with pytest.raises(lgs.ColumnError, match="column own is there twice; rename one"):
        lgs.totals(frame, "own")


@pytest.mark.parametrize("kind", ["pandas", "pandas-object", "polars", "arrow", "numpy-object"])
def test_a_customer_without_a_label(kind: str, small: pd.DataFrame) -> None:
    frame = make(kind, {"customer_id": ["10", "20", "30"], "segment": ["A", None, "B"]})
    table = lgs.totals(small, "segment", labels=frame).table()
    assert [(row["segment"], row["lines"]) for row in rows_of(table)] == [("A", 3), (None, 1)]


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
