"""CSV text: what each kind of value becomes, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import lgs_rfm as lgs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lgs_rfm.csvfile import replace_csv, write_csv


def read_back(texts: list[str]) -> list[str]:
    out = io.StringIO()
    write_csv(out, {"text": np.array(texts, dtype=object)})
    name, *rows = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert name == ["text"]
    return ["".join(row) for row in rows]


def test_csv_cells() -> None:
    columns = {
        "id": np.array([3, -4]),
        "text": np.array(["=1+1", 'two, "three"']),
        "object": np.array([None, "-5"], dtype=object),
        "amount": np.array([-0.1, np.nan]),
        "at": np.array(["2011-12-09T12:50:00.5", "NaT"], "datetime64[us]"),
        "day": np.array(["2011-12-09", "NaT"], "datetime64[s]"),
        "flag": np.array([True, False]),
    }
    out = io.StringIO()
    write_csv(out, columns)
    assert out.getvalue().splitlines() == [
        "id,text,object,amount,at,day,flag",
        "3,'=1+1,,-0.1,2011-12-09 12:50:00.500000,2011-12-09,True",
        '-4,"two, ""three""",-5,,,,False',
    ]
    out = io.StringIO()
    write_csv(out, columns, guard=False)
    assert "3,=1+1," in out.getvalue()
    with pytest.raises(ValueError, match="columns differ in length: a 1, b 2"):
        write_csv(out, {"a": np.zeros(1), "b": np.zeros(2)})


@pytest.mark.parametrize("text", ["=A1", "+cmd|x", "-2+3", "@sum", "\tx", "\rx"])
def test_formulas_are_neutralised(text: str) -> None:
    assert read_back([text]) == ["'" + text]


@pytest.mark.parametrize("text", ["-5", "+1.5", "-1e6", "+2.50E-7", "A=B", "5-", ""])
def test_plain_text_is_left_alone(text: str) -> None:
    assert read_back([text]) == [text]


@pytest.mark.parametrize("text", ["-", "+1.", "-.5", "-1e", "-1e+", "-5 ", "-1.5.2", "+1e5x"])
def test_what_only_begins_like_a_number_is_no_number(text: str) -> None:
    assert read_back([text]) == ["'" + text]


@given(st.lists(st.floats()), st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_numbers_are_those_of_python(reals: list[float], integers: list[int]) -> None:
    out = io.StringIO()
    write_csv(out, {"x": np.array(reals, dtype=np.float64)})
    assert out.getvalue().split("\n")[1:-1] == ["" if x != x else repr(x) for x in reals]
    out = io.StringIO()
    write_csv(out, {"n": np.array(integers, dtype=np.int64)})
    assert out.getvalue().split("\n")[1:-1] == [str(n) for n in integers]


@given(st.lists(st.datetimes(datetime(1400, 1, 1)) | st.datetimes().map(lambda at: at.replace(microsecond=0))))
def test_moments_are_those_of_python(moments: list[datetime]) -> None:
    out = io.StringIO()
    write_csv(out, {"at": np.array(moments, dtype="datetime64[us]")})
    form = "microseconds" if any(at.microsecond for at in moments) else "seconds"
    assert out.getvalue().split("\n")[1:-1] == [at.isoformat(" ", form) for at in moments]


def test_tables_are_written_as_they_are() -> None:
    """A table's amounts are exact, and whole ones read as amounts; its ids, months and missing values as elsewhere."""
    lines = {
        "invoice": np.array(["1", "C2", "=3"]),
        "quantity": np.array([1, -1, 3]),
        "invoice_date": np.array(["2011-01-05T08:26", "2011-02-01", "2011-04-30T23:59:59"], "datetime64[s]"),
        "unit_price": np.array([0.1, 2.0, 3002399751.580331]),
        "customer_id": np.array([5.0, np.nan, 5.0]),
    }
    book = lgs.Ledger.from_lines(lines)
    out = io.StringIO()
    write_csv(out, book.invoices(frame="table"))
    header, *rows = out.getvalue().splitlines()
    assert header.startswith("invoice,kind,customer_id,customers,first_moment,")
    assert [row.split(",") for row in rows] == [
        ["1", "sale", "5", "1", "2011-01-05 08:26:00", "2011-01-05 08:26:00", "1", "1", "1", "0.1", "0.1"],
        ["'=3", "sale", "5", "1", *["2011-04-30 23:59:59"] * 2, "1", "1", "3", *["9007199254.740993"] * 2],
        ["C2", "cancellation", "", "0", *["2011-02-01 00:00:00"] * 2, "1", "0", "-1", "0.0", "-2.0"],
    ]
    out = io.StringIO()
    write_csv(out, book.monthly(frame="table"))
    assert [row.split(",")[0] for row in out.getvalue().splitlines()[1:]] == [f"2011-0{m}-01" for m in range(1, 5)]


def test_any_text_survives_the_csv() -> None:
    texts = ["", "a,b", 'say "x"', "two\nlines", "cr\rin", "Zo\u00eb", " blank ", "'", "a" * 500]
    out = io.StringIO(newline="")
    write_csv(out, {"n,": np.arange(len(texts)), "text": np.array(texts, dtype=object)})
    rows = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert rows == [["n,", "text"], *([str(i), text] for i, text in enumerate(texts))]


def test_long_columns_keep_their_rows_together() -> None:
    n = 200_001
    out = io.StringIO()
    write_csv(out, {"a": np.arange(n), "b": np.arange(n).astype(str), "c": np.arange(n) / 2})
    rows = out.getvalue().splitlines()
    assert len(rows) == n + 1
    assert rows[131_073] == "131072,131072,65536.0"


def test_files_are_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    replace_csv(path, {"id": np.array([1])})
    assert path.read_bytes() == b"id\n1\n"
    with pytest.raises(UnicodeEncodeError):
        replace_csv(path, {"id": np.array([1, 2]), "name": np.array(["a", "\udcff"])})
    assert path.read_bytes() == b"id\n1\n"
    replace_csv(str(path), {"id": np.array([2])})
    assert path.read_bytes() == b"id\n2\n"
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]
