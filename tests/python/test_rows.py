"""Rows by position and columns side by side, of native tables and of every kind of frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from frames import KINDS, make, names_of, rows_of
from lgs_rfm import _core
from lgs_rfm.frames import Category, kind_named, kind_of
from lgs_rfm.frames._numpy import native_column
from lgs_rfm.frames._rows import canonical_ids, id_order, native_table

COLUMNS: dict[str, list[Any]] = {"id": [7, 8, 9], "name": ["a", None, "c"], "real": [0.5, 1.5, 2.5]}


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "numpy-text"])
def test_rows_of_every_kind_of_frame(kind: str) -> None:
    frame = make(kind, COLUMNS)
    of = kind_of(frame)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
    missing = dict.fromkeys(COLUMNS)
    for positions in ([], [2, 0, 2], [1, -1], [-1]):
        taken = of.take(frame, np.array(positions, dtype=np.int64))
        assert rows_of(taken) == [missing if at < 0 else rows[at] for at in positions]
        other = of.of_columns({"more": np.arange(len(positions))})
        both = of.beside(of.only(taken, ["real", "id"]), other)
        assert names_of(both) == ["real", "id", "more"]


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy", "table"])
def test_columns_become_frames(kind: str) -> None:
    objects = np.array([3, None, "x"], dtype=object)
    columns = {
        "id": np.array([5, 6, 7]),
        "at": np.array(["2011-01-01T10:00", "NaT", "2011-01-02"], "datetime64[us]"),
        "real": np.array([0.5, np.nan, -1.0]),
        "whole": np.array([1, None, 2], dtype=object),
        "mixed": objects,
        "group": Category(np.array([1, -1, 0], dtype=np.int32), ["a", "b"]),
    }
    rows = rows_of(kind_named(kind).of_columns(columns, ["id"]))
    assert [row["id"] for row in rows] == [5, 6, 7]
    assert [row["at"] is None for row in rows] == [False, True, False]
    assert [row["real"] for row in rows] == [0.5, None, -1.0]
    assert [row["whole"] for row in rows] == [1, None, 2]
    assert [None if row["mixed"] is None else str(row["mixed"]) for row in rows] == ["3", None, "x"]
    assert [row["group"] for row in rows] == ["b", None, "a"]


def test_canonical_ids() -> None:
    mixed = native_column(np.array([13085, "13085", "007", 2.0, None, " "], dtype=object))
    assert canonical_ids(mixed, "customer_id") == [13085, 13085, "007", 2, None, None]
    assert sorted(["b", 10, "a", 9, "\udcff"], key=id_order) == [9, 10, "a", "b", "\udcff"]  # type: ignore[type-var]


def test_native_tables_refuse_what_does_not_fit() -> None:
    table = native_table({"a": np.array([1, 2]), "b": np.array(["x", "y"])})
    with pytest.raises(ValueError, match=r"row 2 is not in a table of 2 rows; give 0 to rows - 1, or -1"):
        _core.rows(table, np.array([0, 2]))
    with pytest.raises(ValueError, match="row -2 is not in a table"):
        _core.rows(table, np.array([-2]))
    with pytest.raises(KeyError, match="c"):
        _core.columns(table, ["a", "c"])
    three = native_table({"c": np.array([1, 2, 3])})
    with pytest.raises(ValueError, match="column c has 3 rows, the table has 2"):
        _core.beside(table, three)
    with pytest.raises(ValueError, match="mask of column b has 3 rows, the table has 2"):
        _core.with_missing(table, "b", np.zeros(3, dtype=bool))
    with pytest.raises(ValueError, match=r"when.*1\.5"):
        _core.with_ids(table, "when", native_column(np.array([1.5, 2.0])))
