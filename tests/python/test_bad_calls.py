"""Refusals of columns, options and files: the message names what is wrong and what is allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
from bad_lines import ROWS, good, refused
from frames import KINDS, make, saved_bytes


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


# ---- columns


@pytest.mark.parametrize("column", ["invoice_date", "quantity", "unit_price"])
def test_missing_column(kind: str, column: str) -> None:
    frame = make(kind, {n: v for n, v in good().items() if n != column})
    message = refused(frame, lgs.ColumnError, column, r"columns=|columns")
    assert not message.startswith("'"), "a KeyError shows its message quoted"


def test_column_error_is_a_key_error() -> None:
    assert issubclass(lgs.ColumnError, KeyError)
    assert issubclass(lgs.LinesError, ValueError)
    assert issubclass(lgs.NotFittedError, ValueError)


def test_two_columns_for_one_name(kind: str) -> None:
    frame = make(kind, good() | {"Invoice": good()["invoice"]})
    refused(frame, lgs.ColumnError, "Invoice", "invoice", "columns")


def test_two_spellings_for_one_name() -> None:
    frame = make("pandas", good() | {"CustomerID": good()["customer_id"]})
    refused(frame, lgs.ColumnError, "CustomerID", "customer_id")


def test_same_name_twice() -> None:
    frame = make("pandas", good())
    frame.columns = ["invoice", "quantity", "invoice_date", "unit_price", "invoice"]
    refused(frame, lgs.ColumnError, "invoice")


def test_renamed_column_that_is_not_there(kind: str) -> None:
    frame = make(kind, good())
    refused(lgs.Lines(frame, columns={"invoice": "belegnr"}), lgs.ColumnError, "belegnr", "invoice")


def test_unknown_name_in_columns() -> None:
    frame = make("pandas", good())
    with pytest.raises((ValueError, lgs.ColumnError), match=r"rechnung.*invoice"):
        lgs.Ledger.from_lines(lgs.Lines(frame, columns={"rechnung": "invoice"}))


def test_unequal_lengths() -> None:
    frame = make("numpy-text", good())
    frame["customer_id"] = frame["customer_id"][:-3]
    refused(frame, lgs.LinesError, "length", "customer_id", "10", "7")


def test_two_dimensional_column() -> None:
    frame = make("numpy-text", good())
    frame["unit_price"] = np.ones((ROWS, 2))
    refused(frame, (TypeError, lgs.LinesError), "unit_price", "2|dimension")  # type: ignore[arg-type]


# ---- options


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda b: lgs.Lines({}, copies="maybe"), ["copies", "maybe", "keep", "drop", "error"]),
        (lambda b: b.customers(basis="gross"), ["basis", "gross", "purchases", "net", "all"]),
        (lambda b: b.customers(window="a year"), ["window", "a year", "365d"]),
        (lambda b: b.customers(window="-3d"), ["window", "-3d"]),
        (lambda b: b.customers(as_of="soon"), ["as_of", "soon"]),
        (lambda b: b.monthly(frame="excel"), ["frame", "excel", "pandas", "polars"]),
        (lambda b: b.monthly(money="cents"), ["money", "cents", "decimal"]),
        (lambda b: b.amount_summary(quantiles=(1.5,)), ["quantiles", r"1\.5"]),
        (lambda b: b.amount_summary(quantiles=(float("nan"),)), ["quantiles", "nan"]),
        (lambda b: lgs.Scorer(ties="last").fit(b.customers()), ["ties", "last", "first", "together"]),
        (lambda b: lgs.Scorer(bins=1).fit(b.customers()), ["bins", "1", "2", "10"]),
        (lambda b: lgs.Scorer(bins=11).fit(b.customers()), ["bins", "11", "2", "10"]),
        (lambda b: lgs.Ledger(prefixes={"C": "return"}), ["prefixes", "return", "cancellation"]),
        (lambda b: b.between("2012-01-01", "2011-01-01"), ["since", "until"]),
    ],
    ids=lambda v: " ".join(v[:2]) if isinstance(v, list) else "",
)
def test_wrong_option(call: Any, parts: list[str]) -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    with pytest.raises(ValueError, match=parts[0]) as caught:
        call(book)
    for part in parts:
        assert re.search(part, str(caught.value)), f"{part!r} is not in {caught.value}"
    assert "\n" not in str(caught.value)


def test_options_are_keyword_only() -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    for call in (lambda: book.customers("2012-01-01"), lambda: lgs.Scorer(5), lambda: lgs.demo_lines(10)):
        with pytest.raises(TypeError):
            call()  # type: ignore[no-untyped-call]


def test_replace_refuses_lines_outside() -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    before = saved_bytes(book)
    with pytest.raises(lgs.LinesError, match=r"invoice_date.*row 0\b.*2011-05-04"):
        book.replace(make("pandas", good()), since="2011-06-01", until="2011-07-01")
    assert saved_bytes(book) == before


def test_ledgers_of_other_prefixes_do_not_merge() -> None:
    other = lgs.Ledger(prefixes={"S": "cancellation"})
    with pytest.raises(ValueError, match=r"prefixes|configuration"):
        lgs.merge([lgs.Ledger.from_lines(make("pandas", good())), other])


# ---- files


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "no such book.lgs"
    with pytest.raises(FileNotFoundError, match="no such book"):
        lgs.Ledger.load(path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        lgs.Ledger.from_csv(tmp_path / "nothing.csv")
    with pytest.raises(FileNotFoundError, match=r"nothing\.parquet"):
        lgs.Ledger.from_parquet(tmp_path / "nothing.parquet")


def test_files_that_are_not_ours(tmp_path: Path) -> None:
    book = lgs.Ledger.from_lines(make("pandas", good()))
    whole = saved_bytes(book)
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 0x10
    for number, wrong in enumerate([b"", b"Invoice,Quantity\n", whole[:-1], whole[: len(whole) // 2], bytes(flipped)]):
        path = tmp_path / f"wrong{number}.lgs"
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match=f"wrong{number}.lgs"):
            lgs.Ledger.load(path)


def test_save_into_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        lgs.Ledger().save(tmp_path / "nowhere" / "book.lgs")


def test_read_lines_of_other_files(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\x00\x01\x02")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        lgs.Ledger.from_lines(lgs.read_lines(path))


def test_unfitted() -> None:
    customers = pd.DataFrame({"customer_id": [1], "recency": [1], "frequency": [1], "monetary": [1.0]})
    for use in ("transform", "assign"):
        with pytest.raises(lgs.NotFittedError, match="call fit first"):
            getattr(lgs.Scorer(), use)(customers)
    with pytest.raises(lgs.NotFittedError, match="call fit first"):
        lgs.Scorer().to_json()
