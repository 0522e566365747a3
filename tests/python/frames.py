"""The same lines in every kind of frame, and any result back as plain Python values."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import reference
from lgs_rfm.moments import CALENDAR_STEPS
from totals_reference import ShopLine

Columns = Mapping[str, Sequence[Any]]

# The routes of the contract; each builder takes lists of Python values with None for missing.
KINDS = ("pandas", "pandas-object", "polars", "arrow", "numpy-text", "numpy-object")


def make(kind: str, columns: Columns, chunk: int = 3) -> Any:
    """A frame of this kind. Arrow tables get chunks of `chunk` rows."""
    return _MAKERS[kind](columns, chunk)


def _is_moment(values: Sequence[Any]) -> bool:
    known = [v for v in values if v is not None]
    return bool(known) and all(isinstance(v, dt.datetime) for v in known)


def _is_number(values: Sequence[Any]) -> bool:
    known = [v for v in values if v is not None]
    return bool(known) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)


def _numpy(values: Sequence[Any], *, text: bool) -> np.ndarray:
    if _is_moment(values):
        return np.array(["NaT" if v is None else v for v in values], dtype="datetime64[us]")
    if _is_number(values) and None not in values:
        return np.array(values)
    if values and all(isinstance(v, bool) for v in values):
        return np.array(values)
    if text and values:
        return np.array(["" if v is None else str(v) for v in values])
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _chunked(values: Sequence[Any], chunk: int) -> pa.ChunkedArray:
    whole = pa.array(values, type=pa.timestamp("us") if _is_moment(values) else None)
    return pa.chunked_array([whole[i : i + chunk] for i in range(0, len(values), chunk)], type=whole.type)


def _uniform(values: Sequence[Any]) -> Sequence[Any]:
    """Typed frames hold one type: ints beside texts become text, which is the same id."""
    if any(isinstance(v, str) for v in values):
        return [None if v is None else str(v) for v in values]
    return values


def _pandas_object(columns: Columns, _: int) -> pd.DataFrame:
    frame = pd.DataFrame({n: pd.Series(list(v), dtype=object) for n, v in columns.items()})
    for name, values in columns.items():
        if _is_moment(values):
            frame[name] = _numpy(values, text=False)
        elif _is_number(values) and None not in values:
            frame[name] = frame[name].infer_objects()
    return frame


_MAKERS: dict[str, Any] = {
    "pandas": lambda c, _: pd.DataFrame({n: list(_uniform(v)) for n, v in c.items()}),
    "pandas-object": _pandas_object,
    "polars": lambda c, _: pl.DataFrame({n: list(_uniform(v)) for n, v in c.items()}),
    "arrow": lambda c, chunk: pa.table({n: _chunked(_uniform(v), chunk) for n, v in c.items()}),
    "numpy-text": lambda c, _: {n: _numpy(v, text=True) for n, v in c.items()},
    "numpy-object": lambda c, _: {n: _numpy(v, text=False) for n, v in c.items()},
}


# ---- results back


def names_of(frame: Any) -> list[str]:
    if isinstance(frame, dict):
        return list(frame)
    if isinstance(frame, pa.Table):
        return list(frame.column_names)
    return list(frame.columns)


def values_of(frame: Any, name: str) -> list[Any]:
    """One column as Python values: None for missing, moments in microseconds, months and other periods as dates."""
    column = frame[name]
    if isinstance(frame, pa.Table):
        values = column.to_pylist()
    elif isinstance(frame, pl.DataFrame):
        values = column.to_list()
    elif isinstance(frame, pd.DataFrame) and not np.issubdtype(getattr(column.dtype, "type", object), np.datetime64):
        values = [None if _missing(v) else v for v in column.tolist()]
    else:
        array = np.asarray(column)
        if array.dtype.kind == "M":
            array = array.astype("datetime64[us]")
        values = [v.decode() if isinstance(v, bytes) else v for v in array.tolist()]
    if name in ("month", "period", "cohort"):
        return [v.date() if isinstance(v, dt.datetime) else v for v in values]
    return [_plain(v) for v in values]


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> Any:
    if _missing(value):
        return None
    if isinstance(value, dt.datetime):
        return reference.micros(value)
    return value


def rows_of(frame: Any) -> list[dict[str, Any]]:
    names = names_of(frame)
    columns = [values_of(frame, n) for n in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def length_of(frame: Any) -> int:
    return len(next(iter(frame.values()))) if isinstance(frame, dict) else len(frame)


# ---- lines of the reference to columns


def columns_of(lines: Sequence[reference.Line]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "invoice": [x.invoice for x in lines],
        "quantity": [x.quantity for x in lines],
        "invoice_date": [reference.moment_of(x.moment) for x in lines],
        "unit_price": [reference.money(x.price) for x in lines],
        "customer_id": [x.customer for x in lines],
    }
    if lines and all(x.invoice is None for x in lines):
        del columns["invoice"]
    return columns


def shop_columns_of(lines: Sequence[ShopLine]) -> dict[str, list[Any]]:
    return columns_of(lines) | {
        "stock_code": [x.code for x in lines],
        "description": [x.description for x in lines],
        "country": [x.country for x in lines],
        "channel": [x.channel for x in lines],
    }


def shop_of(lines: Sequence[ShopLine], kind: str = "numpy-object") -> Any:
    return make(kind, shop_columns_of(lines))


def shown(frame: Any, *keys: str) -> list[dict[str, Any]]:
    """Rows of a result on totals as the reference has them: ids in their one form, periods as dates, 0.0 as 0."""
    rows = rows_of(frame)
    for row in rows:
        for name in keys:
            value = row[name]
            if name in CALENDAR_STEPS:
                us = reference.micros(dt.datetime.combine(value, dt.time())) if isinstance(value, dt.date) else value
                row[name] = reference.moment_of(us).date()
            else:
                row[name] = reference.canonical_id(value)
    return rows


def bytes_of(made: lgs.Totals) -> bytes:
    return made._native.to_bytes()


def as_money(millionths: int) -> Decimal:
    """Exact money as the decimal results give it: six places."""
    return (Decimal(millionths) / reference.MILLION).quantize(Decimal("0.000001"))


MONEY = {"gross", "net", "sales", "monetary", "amount", "deductions"}


def expected_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of the reference as the float results show them."""
    for row in rows:
        yield {n: reference.money(v) if n in MONEY else v for n, v in row.items()}


# ---- the real lines by every route, and ledgers


def as_route(frame: pd.DataFrame, route: str) -> Any:
    """The five columns as another kind of frame, none of them through the library."""
    if route == "pandas":
        return frame
    if route == "pandas-object":
        out = frame.copy()
        out["Invoice"] = pd.Series(frame["Invoice"].tolist(), dtype=object, index=frame.index)
        ids = frame["Customer ID"]
        out["Customer ID"] = pd.Series(
            [None if v != v else str(int(v)) for v in ids.tolist()], dtype=object, index=frame.index
        )
        return out
    if route == "polars":
        return pl.from_pandas(frame, nan_to_null=True)
    if route == "arrow":
        table = pa.Table.from_pandas(frame, preserve_index=False)
        # Chunks of an odd length, so that runs of one invoice cross their borders.
        return pa.concat_tables(table.slice(i, 99_991) for i in range(0, table.num_rows, 99_991))
    if route == "numpy-text":
        return {
            "Invoice": np.array(frame["Invoice"].tolist()),
            "Quantity": frame["Quantity"].to_numpy(),
            "InvoiceDate": frame["InvoiceDate"].to_numpy(),
            "Price": frame["Price"].to_numpy(),
            "Customer ID": np.array(["" if v != v else str(int(v)) for v in frame["Customer ID"].tolist()]),
        }
    assert route == "numpy-object"
    # As a spreadsheet reader gives it: numbers where the cell looks like one, texts elsewhere.
    mixed = np.empty(len(frame), dtype=object)
    mixed[:] = [int(v) if v.isdigit() else v for v in frame["Invoice"].tolist()]
    return {
        "Invoice": mixed,
        "Quantity": frame["Quantity"].to_numpy().astype("int64"),
        "InvoiceDate": frame["InvoiceDate"].to_numpy().astype("datetime64[ns]"),
        "Price": frame["Price"].to_numpy(),
        "Customer ID": frame["Customer ID"].to_numpy(),
    }


def quiet_ledger(frame: Any, **options: Any) -> lgs.Ledger:
    """A ledger without the warning about copies, which has its own test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lgs.QualityWarning)
        return lgs.Ledger.from_lines(frame, **options)


def saved_bytes(book: lgs.Ledger) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.lgs"
        book.save(path)
        return path.read_bytes()


def book_of(lines: Sequence[reference.Line], kind: str = "numpy-object") -> lgs.Ledger:
    return quiet_ledger(make(kind, columns_of(lines)))
