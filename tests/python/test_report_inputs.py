"""What a report makes of its input: columns that are not there, streams, pipes, copies, kinds of frame, few lines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from report_files import OWN, Page, content, everything, headings, read, shop, table

FROM_LINES = {"products", "services", "segment_products", "countries"}


@pytest.fixture(scope="module")
def given() -> pd.DataFrame:
    return shop().drop(columns=OWN)


@pytest.fixture(scope="module")
def folder(given: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lgs.report(given, tmp_path_factory.mktemp("sections") / "report").parent


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lgs_rfm._report_pictures.pictures", lambda *_, **__: {})


# ---- what is left out


def test_ledger_has_no_products(given: pd.DataFrame, folder: Path, tmp_path: Path, undrawn: None) -> None:
    lgs.report(lgs.Ledger.from_lines(given), tmp_path)
    assert not headings(tmp_path) & {"products", "countries"}
    assert headings(tmp_path) >= {"returning", "movement"}
    names = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert names == {path.stem for path in (folder / "tables").iterdir()} - FROM_LINES
    for name in names:
        assert (tmp_path / "tables" / f"{name}.csv").read_bytes() == (folder / "tables" / f"{name}.csv").read_bytes()
    assert content(tmp_path)["notes"] == content(folder)["notes"]
    assert all(row["products"] == [] for row in content(tmp_path)["segments"])


@pytest.mark.parametrize(
    ("columns", "missing", "sections"),
    [
        (["Description"], ["description"], {"countries"}),
        (["StockCode"], ["stock_code"], {"countries"}),
        (["Country"], ["country"], {"products"}),
        (["StockCode", "Description", "Country"], ["stock_code", "country"], set()),
    ],
    ids=lambda value: None,
)
def test_columns_that_are_not_there(
    columns: list[str], missing: list[str], sections: set[str], given: pd.DataFrame, tmp_path: Path, undrawn: None
) -> None:
    frame = given.drop(columns=columns)
    for number, source in enumerate((frame, pl.from_pandas(frame), lgs.read_lines(csv_file(frame, tmp_path)))):
        out = tmp_path / str(number)
        lgs.report(source, out)
        assert headings(out) & {"products", "countries"} == sections
        assert [words.rpartition(" ")[2] for words in content(out)["left_out"]] == [f"{name}." for name in missing]
        assert all(words in Page(out).text for words in content(out)["left_out"])


def csv_file(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "lines.csv"
    frame.to_csv(path, index=False)
    return path


def test_column_under_another_name(given: pd.DataFrame, folder: Path, tmp_path: Path, undrawn: None) -> None:
    frame = given.rename(columns={"StockCode": "artikel", "Country": "land"})
    lgs.report(lgs.Lines(frame, columns={"stock_code": "artikel", "country": "land"}), tmp_path)
    for name in FROM_LINES:
        assert (tmp_path / "tables" / f"{name}.csv").read_bytes() == (folder / "tables" / f"{name}.csv").read_bytes()


def test_names_that_cannot_be_read_are_told(given: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    frame = given.assign(Description=given["InvoiceDate"])
    lgs.report(frame, tmp_path)
    assert "Products and countries are left out, since these columns cannot be read" in " ".join(
        content(tmp_path)["notes"]
    )
    assert not headings(tmp_path) & {"products", "countries"}
    assert headings(tmp_path) >= {"returning", "movement"}


def test_stream_that_is_read_once(given: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    whole = pa.Table.from_pandas(given)
    lgs.report(whole.to_reader(max_chunksize=500), tmp_path / "stream")
    lgs.report(whole, tmp_path / "table")
    assert "this input can be read once only" in Page(tmp_path / "stream").text
    assert content(tmp_path / "stream")["headline"] == content(tmp_path / "table")["headline"]
    assert headings(tmp_path / "table") - headings(tmp_path / "stream") == {"products", "countries"}


class Once:
    """An object that gives its rows the first time, and none after that."""

    def __init__(self, whole: pa.Table) -> None:
        self.parts = [whole, whole.slice(0, 0)]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.parts.pop(0).__arrow_c_stream__(requested_schema)


def test_foreign_stream_that_is_read_once(given: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    lgs.report(Once(pa.Table.from_pandas(given)), tmp_path)
    assert "this input can be read once only" in Page(tmp_path).text
    assert not headings(tmp_path) & {"products", "countries"}


def test_pipes(given: pd.DataFrame, folder: Path, tmp_path: Path) -> None:
    path = csv_file(given, tmp_path)
    command = [sys.executable, "-m", "lgs_rfm.cli", "report", "--out"]
    run = subprocess.run(
        [*command, str(tmp_path / "pipe"), "-"], input=path.read_bytes(), capture_output=True, check=True
    )
    assert (run.stderr, content(tmp_path / "pipe")["headline"]) == (b"", content(folder)["headline"])
    assert "this input can be read once only" in Page(tmp_path / "pipe").text
    os.mkfifo(tmp_path / "fifo")
    feeder = threading.Thread(target=lambda: (tmp_path / "fifo").write_bytes(path.read_bytes()), daemon=True)
    feeder.start()
    subprocess.run([*command, str(tmp_path / "named"), str(tmp_path / "fifo")], timeout=120, check=True)
    feeder.join(10)
    assert everything(tmp_path / "named") == everything(tmp_path / "pipe")
    subprocess.run([*command, str(tmp_path / "file"), str(path)], check=True)
    for name in FROM_LINES:
        own = (tmp_path / "file" / "tables" / f"{name}.csv").read_bytes()
        assert own == (folder / "tables" / f"{name}.csv").read_bytes()


# ---- copies, order, kinds of frame


def twice(given: pd.DataFrame) -> pd.DataFrame:
    given = given.sort_values("InvoiceDate", kind="stable")
    return pd.concat([given, given.tail(300)])


def test_warned_once(given: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        lgs.report(twice(given), tmp_path)
    assert len([one for one in heard if issubclass(one.category, lgs.QualityWarning)]) == 1
    assert [one.filename for one in heard] == [__file__]


def test_copies_are_dropped_everywhere(given: pd.DataFrame, tmp_path: Path, undrawn: None) -> None:
    once = given.sort_values("InvoiceDate", kind="stable")
    cut = once["InvoiceDate"].iloc[-300]  # whole invoices only: a part of one is no copy
    copied = pd.concat([once, once[once["InvoiceDate"] >= cut]])
    lgs.report(once, tmp_path / "once")
    lgs.report(lgs.Lines(copied, copies="drop"), tmp_path / "drop")
    assert content(tmp_path / "drop")["reading"]["dropped_lines"] > 250
    for path in (tmp_path / "once" / "tables").iterdir():
        assert (tmp_path / "drop" / "tables" / path.name).read_bytes() == path.read_bytes(), path.name
    gross = sum(float(r["gross"]) for n in ("products", "services") for r in read(tmp_path / f"drop/tables/{n}.csv"))
    assert gross == pytest.approx(content(tmp_path / "drop")["headline"]["gross"], abs=1e-6)


def test_same_bytes_from_every_kind_and_order(given: pd.DataFrame, folder: Path, tmp_path: Path) -> None:
    lgs.report(given, tmp_path / "again")
    lgs.report(pl.from_pandas(given), tmp_path / "polars")
    lgs.report(pa.Table.from_pandas(given, preserve_index=False), tmp_path / "arrow")
    wanted = everything(folder)
    for name in ("again", "polars", "arrow"):
        assert everything(tmp_path / name) == wanted, name
    mixed = given.sample(frac=1.0, random_state=1)
    lgs.report(mixed, tmp_path / "mixed")
    for path in (folder / "tables").iterdir():
        assert (tmp_path / "mixed" / "tables" / path.name).read_bytes() == path.read_bytes(), path.name


# ---- little or nothing


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 40])
def test_few_lines(rows: int, given: pd.DataFrame, tmp_path: Path) -> None:
    frame = given.head(rows) if rows < 40 else given.head(rows).assign(**{"Customer ID": np.nan})
    lgs.report(frame, tmp_path)
    page = Page(tmp_path)
    assert not page.open
    assert not re.search(r"\b(nan|None|NaT|inf)\b", page.text)
    assert "movement" not in headings(tmp_path)
    assert ("returning" in headings(tmp_path)) == bool(content(tmp_path)["headline"]["customers"])


def test_missing_codes_and_countries(tmp_path: Path, undrawn: None) -> None:
    frame = shop(lines=300).drop(columns=OWN)
    frame.loc[frame.index % 3 == 0, ["StockCode", "Description", "Country"]] = None
    frame.loc[frame["StockCode"] == "21001", "Description"] = None
    lgs.report(frame, tmp_path)
    text = Page(tmp_path).text
    assert "(no country)" in text
    assert "21001" in [cells[0] for cells in table(tmp_path, "products")]
    assert not re.search(r"\b(nan|None|NaT)\b", text)
