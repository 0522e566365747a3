"""`Table`: what a ledger from files or from disk gives back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from frames import columns_of, make, names_of, rows_of, saved_bytes, values_of
from reference import DAY, Line, micros

START = micros("2011-03-01")
LINES = [Line(489434 + i, None if i % 4 == 0 else 12346 + i % 3, START + i * DAY, i % 4 - 1, 10**6) for i in range(40)]


@pytest.fixture
def arrow() -> pa.Table:
    return make("arrow", columns_of(LINES))


@pytest.fixture
def table(arrow: pa.Table, tmp_path: Path) -> lgs.Table:
    lgs.Ledger.from_lines(arrow).save(tmp_path / "book.lgs")
    return lgs.Ledger.load(tmp_path / "book.lgs").customers()


def test_loaded_ledgers_give_tables(table: lgs.Table, arrow: pa.Table) -> None:
    wanted = lgs.Ledger.from_lines(arrow).customers()
    assert isinstance(table, lgs.Table)
    assert len(table) == wanted.num_rows == 3
    assert list(table.columns) == wanted.column_names
    for name in wanted.column_names:
        column = table[name]
        assert isinstance(column, np.ndarray)
        assert column.tolist() == wanted[name].to_numpy().tolist()
    with pytest.raises(KeyError, match="colour"):
        table["colour"]


def test_ids_of_a_file_are_integers_when_all_are(tmp_path: Path) -> None:
    for customers, kind in (([5, 6, 5], "i"), ([5, "x", 5], "TUO")):
        lines = [Line(i, c, START, 1, 10**6) for i, c in enumerate(customers)]
        lgs.Ledger.from_lines(make("arrow", columns_of(lines))).save(tmp_path / "book.lgs")
        table = lgs.Ledger.load(tmp_path / "book.lgs").customers()
        assert table["customer_id"].dtype.kind in kind
        assert table.to_polars()["customer_id"].dtype == (pl.Int64 if kind == "i" else pl.String)


def test_conversions(table: lgs.Table) -> None:
    frames: dict[type, Any] = {
        pd.DataFrame: table.to_pandas(),
        pl.DataFrame: table.to_polars(),
        pa.Table: table.to_arrow(),
    }
    for kind, frame in frames.items():
        assert isinstance(frame, kind)
        assert names_of(frame) == list(table.columns)
        assert rows_of(frame) == rows_of(table.to_arrow())


def test_arrow_interface(table: lgs.Table) -> None:
    assert pa.table(table).equals(table.to_arrow())
    assert pl.DataFrame(table).equals(table.to_polars())


def test_arrow_ids_leave_as_a_consumer_asks(table: lgs.Table) -> None:
    """Where a requested schema names them; all else, and what does not fit, stays as it is."""
    natural = table.to_arrow()
    assert natural.schema.field("customer_id").type == pa.int64()

    def asked(*fields: tuple[str, pa.DataType]) -> pa.Table:
        return pa.RecordBatchReader.from_stream(table, schema=pa.schema(fields)).read_all()

    narrow = asked(("recency", pa.int32()), ("customer_id", pa.int32()))
    assert narrow.schema.field("customer_id").type == pa.int32()
    assert narrow.schema.field("recency").type == pa.int64()
    assert rows_of(narrow) == rows_of(natural)
    assert asked(("customer_id", pa.string())).equals(natural)
    assert asked(("nothing", pa.int32())).equals(natural)


def test_repr(table: lgs.Table) -> None:
    html = table._repr_html_()
    assert "<table" in html
    assert "12347" in html
    assert "monetary" in html
    assert "12347" in repr(table)
    assert "\n" in repr(table)


def test_html_escapes_texts(tmp_path: Path) -> None:
    lines = [Line(1, "<b>&", START, 1, 10**6)]
    lgs.Ledger.from_lines(make("arrow", columns_of(lines))).save(tmp_path / "book.lgs")
    html = lgs.Ledger.load(tmp_path / "book.lgs").customers()._repr_html_()
    assert "<b>&" not in html
    assert "&lt;b&gt;&amp;" in html


def test_a_table_goes_through_the_scorer(table: lgs.Table) -> None:
    scored = lgs.Scorer(bins=3).fit(table).assign(table)
    assert isinstance(scored, lgs.Table)
    again = lgs.Scorer(bins=3).fit_transform(table.to_pandas())
    assert scored["r_score"].tolist() == again["r_score"].tolist()
    rules = lgs.SegmentRules([("All", {})], bins=3)
    summary = lgs.segment_summary(rules.assign(scored))
    assert isinstance(summary, lgs.Table)
    assert (summary["segment"].tolist(), summary["customers"].tolist()) == (["All"], [3])


# ---- files


@pytest.fixture
def files(arrow: pa.Table, tmp_path: Path) -> dict[str, Path]:
    paths = {"csv": tmp_path / "retail.csv", "parquet": tmp_path / "retail.parquet"}
    pyarrow.csv.write_csv(arrow, paths["csv"])
    pyarrow.parquet.write_table(arrow, paths["parquet"])
    return paths


@pytest.mark.parametrize("layout", [{}, {"use_dictionary": False}, {"row_group_size": 7}, {"row_group_size": 40_000}])
def test_parquet_of_any_layout(layout: dict[str, Any], tmp_path: Path) -> None:
    """With and without dictionaries, in row groups of any size."""
    lines = lgs.demo_lines(customers=700, seed=3, frame="arrow").slice(
        0, 100 if layout.get("row_group_size") == 7 else None
    )
    pyarrow.parquet.write_table(lines, tmp_path / "lines.parquet", **layout)
    seen: list[int] = []
    book = lgs.Ledger.from_lines(
        lgs.read_lines(tmp_path / "lines.parquet", progress=lambda done, total: seen.append(done))
    )
    assert book == lgs.Ledger.from_lines(lines)
    assert seen == sorted(seen)
    assert seen[-1] == (tmp_path / "lines.parquet").stat().st_size


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_file_doors(files: dict[str, Path], arrow: pa.Table, kind: str) -> None:
    wanted = saved_bytes(lgs.Ledger.from_lines(arrow))
    path = files[kind]
    door = getattr(lgs.Ledger, f"from_{kind}")
    for book in (
        door(path),
        door(str(path)),
        lgs.Ledger.from_lines(lgs.read_lines(path)),
        lgs.Ledger.from_lines(lgs.read_lines([path])),
    ):
        assert saved_bytes(book) == wanted
        assert isinstance(book.monthly(), lgs.Table)
    assert isinstance(lgs.rfm(lgs.read_lines(path)), lgs.Table)


def test_a_list_of_paths_is_one_input_a_file(files: dict[str, Path], arrow: pa.Table) -> None:
    """The same file twice is two inputs: nothing is a copy, everything counts twice."""
    book = lgs.Ledger.from_lines(lgs.read_lines([files["csv"], files["parquet"]]))
    assert saved_bytes(book) == saved_bytes(lgs.Ledger.from_lines(arrow).add(arrow))


def test_files_by_content(files: dict[str, Path], tmp_path: Path) -> None:
    for kind, path in files.items():
        renamed = tmp_path / f"{kind}.data"
        renamed.write_bytes(path.read_bytes())
        lines = lgs.read_lines(renamed)
        assert sum(values_of(lgs.Ledger.from_lines(lines).invoices(), "lines")) == len(LINES)


def test_csv_keeps_ids_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "retail.csv"
    path.write_text(
        "Invoice,Quantity,InvoiceDate,Price,Customer ID\n"
        "489434,1,2011-01-01 10:00:00,1.10,007\n"
        "489435,2,2011-01-02 10:00:00,0.1,7\n"
        '489435,2,2011-01-02 10:00:00,0.2,"Zo\u00eb, Inc."\n'
        "489436,2,2011-01-03 10:00:00,0.3,\n",
        encoding="utf-8",
    )
    book = lgs.Ledger.from_csv(path)
    assert values_of(book.customers(), "customer_id") == ["7", "007", "Zo\u00eb, Inc."]
    assert [str(v) for v in values_of(book.customers(money="decimal", frame="arrow"), "monetary")] == [
        "0.200000", "1.100000", "0.400000"
    ]  # fmt: skip
