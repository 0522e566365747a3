"""CSV text: what each kind of value becomes, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from lgs_rfm.csvfile import guarded, replace_csv, write_csv


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
    assert guarded(text) == "'" + text
    out = io.StringIO()
    write_csv(out, {"text": np.array([text], dtype=object)})
    assert list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [["text"], ["'" + text]]


@pytest.mark.parametrize("text", ["-5", "+1.5", "-1e6", "A=B", ""])
def test_plain_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


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
