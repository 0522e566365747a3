"""Answers of all libraries in one form, an Arrow table in the order of the key, and their comparison."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from definitions import ANSWERS

_TYPES = {"int": pa.int64(), "float": pa.float64(), "text": pa.string(), "moment": pa.timestamp("us")}
_RELATIVE = 1e-9  # adding doubles in another order
_ABSOLUTE = 1e-6  # where amounts cancel: the smallest unit that the library knows


def to_arrow(result: Any) -> pa.Table:
    """Return a frame of any library as an Arrow table."""
    if isinstance(result, pa.Table):
        return result
    # Only a library that is loaded can have made the result.
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(result, pandas.DataFrame):
        return pa.Table.from_pandas(result, preserve_index=False)
    if polars is not None and isinstance(result, polars.DataFrame):
        return result.to_arrow()
    return pa.table(result)


def _as_type(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind == "moment" and pa.types.is_integer(column.type):  # chDB gives seconds since 1970
        column = column.cast(pa.int64()).cast(pa.timestamp("s"))
    if kind == "int" and pa.types.is_decimal(column.type):  # DuckDB's sums of integers
        column = column.cast(pa.decimal128(38, 0))
    return column.cast(_TYPES[kind])


def canonical(kind: str, result: Any) -> pa.Table:
    """Return the columns of an answer, in its types, in the order of the key. A refused cast raises ArrowInvalid."""
    table = to_arrow(result)
    if kind == "read":
        names = [name for name in table.column_names if name.lower() == "quantity"]
        return pa.table({"rows": [table.num_rows], "quantity": [pc.sum(table[names[0]]).as_py()]})
    if kind == "pairs":  # the order of a pair is each library's own
        both = [table[name].cast(pa.string()) for name in ("product_a", "product_b")]
        ordered = [pc.min_element_wise(*both), pc.max_element_wise(*both)]
        table = table.append_column("pair", pc.binary_join_element_wise(*ordered, "|"))
    columns = {name: _as_type(table[name], each) for name, each in ANSWERS[kind].items()}
    return pa.table(columns).sort_by(next(iter(columns))).combine_chunks()


def _close(got: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    close: np.ndarray[Any, Any] = np.abs(got - expected) <= np.maximum(_RELATIVE * np.abs(expected), _ABSOLUTE)
    return close


def _scores_close(got: pa.Table, expected: pa.Table) -> bool:
    """Tell whether m_score differs only for amounts at a cut, which rounding of sums may put on either side."""
    amounts, scores = expected["monetary"].to_numpy(), expected["m_score"].to_numpy()
    differ = np.flatnonzero(got["m_score"].to_numpy() != scores)
    at_cut = np.zeros(len(differ), bool)
    for score in np.unique(scores):
        for edge in (amounts[scores == score].max(), amounts[scores == score].min()):
            at_cut |= _close(amounts[differ], edge)
    return bool(at_cut.all())


def check_same(who: str, kind: str, got: pa.Table, expected: pa.Table) -> None:
    """Raise AssertionError when an answer differs from the expected one; the message names the column."""
    if got.num_rows != expected.num_rows:
        raise AssertionError(f"{who}: {kind} has {got.num_rows:,} rows, not {expected.num_rows:,}")
    for name in expected.column_names:
        if pa.types.is_floating(expected[name].type):
            same = bool(_close(got[name].to_numpy(), expected[name].to_numpy()).all())
        elif name == "m_score":
            same = _scores_close(got, expected)
        else:
            same = got[name].equals(expected[name])
        if not same:
            raise AssertionError(f"{who}: {kind} differs in {name}")
