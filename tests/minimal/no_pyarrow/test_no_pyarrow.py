"""With pandas and Polars but without PyArrow: object columns, the ten segments, and the real figures."""

from __future__ import annotations

import importlib.util
import json
import os
import warnings
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pytest

SEGMENTS = {
    "Hibernating": 1522,
    "At Risk": 750,
    "Can't Lose": 71,
    "About to Sleep": 388,
    "Need Attention": 269,
    "Loyal Customers": 1147,
    "Promising": 110,
    "New Customers": 56,
    "Potential Loyalists": 713,
    "Champions": 852,
}


def test_this_environment_has_no_pyarrow() -> None:
    assert importlib.util.find_spec("pyarrow") is None


@pytest.fixture(scope="module")
def folder() -> Path:
    named = os.environ.get("LGS_RFM_DATA")
    if named and (Path(named) / "online_retail_II.parquet").is_file():
        return Path(named)
    reason = "LGS_RFM_DATA does not name a folder with online_retail_II.parquet"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text())


@pytest.fixture(scope="module", params=["pandas object", "pandas str", "polars", "numpy"])
def frame(request: pytest.FixtureRequest, folder: Path) -> Any:
    """The real lines, read by Polars and turned into pandas column by column."""
    read = pl.read_parquet(
        folder / "online_retail_II.parquet", columns=["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]
    )
    if request.param == "polars":
        return read
    invoices = np.empty(len(read), dtype=object)
    invoices[:] = read["Invoice"].to_list()
    columns = {
        "Invoice": invoices,
        "Quantity": read["Quantity"].to_numpy(),
        "InvoiceDate": read["InvoiceDate"].to_numpy(),
        "Price": read["Price"].to_numpy(),
        "Customer ID": read["Customer ID"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
    }
    if request.param == "numpy":
        return columns
    table = pd.DataFrame({n: v for n, v in columns.items() if n != "Invoice"})
    table["Invoice"] = pd.Series(invoices, dtype=object if request.param == "pandas object" else "str")
    return table


@pytest.fixture(scope="module")
def book(frame: Any) -> lgs.Ledger:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lgs.QualityWarning)
        return lgs.Ledger.from_lines(frame)


def test_monthly(book: lgs.Ledger, frame: Any, expected: Any) -> None:
    months = book.monthly()
    assert isinstance(months, type(frame))
    for ours, theirs in {
        "yyyymm": "yyyymm",
        "orders": "total_orders",
        "placed": "placed",
        "active_users": "active_users",
        "new_users": "new_users",
    }.items():
        assert list(months[ours]) == [m[theirs] for m in expected["monthly"]]
    assert list(months["sales"]) == [float(m["sales_exact"]) for m in expected["monthly"]]


def test_customers(book: lgs.Ledger, expected: Any) -> None:
    known = expected["rfm_purchases_as_of_2012_01_01"]
    customers = book.customers(as_of="2012-01-01")
    assert len(customers["customer_id"]) == known["customers"]
    assert sum(customers["recency"]) == known["sum_recency"]
    assert sum(customers["frequency"]) == known["sum_frequency"]
    assert sum(customers["monetary"]) == pytest.approx(float(known["sum_monetary_exact"]), rel=1e-12)


def test_segments(book: lgs.Ledger, frame: Any) -> None:
    customers = book.customers(as_of="2012-01-01")
    segments = lgs.SegmentRules.standard().assign(lgs.Scorer().fit(customers).assign(customers))
    assert isinstance(segments, type(frame))
    summary = lgs.segment_summary(segments)
    assert dict(zip(list(summary["segment"]), list(summary["customers"]), strict=True)) == SEGMENTS


def test_copies(book: lgs.Ledger) -> None:
    assert (book.reading.copied_invoices, book.reading.copied_lines) == (1088, 22523)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_the_example_on_the_demo_shop(kind: str) -> None:
    lines = lgs.demo_lines(customers=200, seed=1, frame=kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lgs.QualityWarning)
        segments = lgs.rfm(lines)
    assert type(segments).__module__.startswith(kind)
    assert sum(lgs.segment_summary(segments)["customers"]) == len(segments)


def test_object_columns_with_everything_in_them() -> None:
    frame = pd.DataFrame(
        {
            "invoice": pd.Series([1001, "C7", "1001", 1002.0], dtype=object),
            "quantity": [2, -1, 3, 4],
            "invoice_date": pd.to_datetime(["2011-01-01", "2011-01-02", "2011-01-01", "2011-01-03"]),
            "unit_price": [0.5, 1.0, 1.5, 2.5],
            "customer_id": pd.Series(["x", None, "x", 7], dtype=object),
        }
    )
    book = lgs.Ledger.from_lines(frame)
    assert list(book.invoices()["lines"]) == [2, 1, 1]
    assert list(book.customers()["customer_id"]) == [7, "x"]
    assert list(book.customers()["monetary"]) == [10.0, 5.5]


def test_arrow_is_named_when_it_is_asked_for() -> None:
    with pytest.raises(ImportError, match=r"(?i)pyarrow"):
        lgs.Ledger().monthly(frame="arrow")


def test_csv_needs_no_arrow_and_parquet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("invoice,quantity,invoice_date,unit_price\n7,2,2011-01-05 08:26,1.5\n")
    assert lgs.Ledger.from_csv(path).monthly()["sales"][0] == 3.0
    path.write_bytes(b"PAR1")
    with pytest.raises(ImportError, match=r"(?i)reading Parquet needs PyArrow"):
        lgs.Ledger.from_parquet(path)
