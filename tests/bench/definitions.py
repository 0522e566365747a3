"""What every contestant computes: names and types of the answers, the moment, the segments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

AS_OF = np.datetime64("2012-01-01", "us")
DAY_MICROS = 86_400_000_000

# Columns of the lines in memory, under short names; customers are whole numbers where the library's form has a missing
# integer, and doubles with NaN in pandas, as it reads them.
LINES = {
    "Invoice": "invoice",
    "Quantity": "quantity",
    "InvoiceDate": "moment",
    "Price": "price",
    "Customer ID": "customer",
}

# What totals need besides.
PRODUCT_LINES = {**LINES, "StockCode": "stock_code", "Country": "country"}

_TOTALS = {
    "lines": "int",
    "purchase_lines": "int",
    "quantity": "int",
    "invoices": "int",
    "customers": "int",
    "bought": "int",
    "gross": "float",
    "net": "float",
    "first_moment": "moment",
    "last_moment": "moment",
}
MIN_INVOICES = 20  # with both products of a pair

# Answers by kind; the first column is the key. "float" is compared to 1e-9 of the value, all else exactly.
_RFM = {"customer_id": "int", "recency": "int", "frequency": "int", "monetary": "float"}
_SCORES = {"r_score": "int", "f_score": "int", "m_score": "int"}
ANSWERS: dict[str, dict[str, str]] = {
    "rfm": _RFM,
    "scores": {"customer_id": "int", "monetary": "float", **_SCORES},
    "whole": {**_RFM, **_SCORES, "segment": "text"},
    # Only this much of our invoice table is asked of the peers: no distinct customers, no gross, no kind.
    "invoices": {
        "invoice": "text",
        "customer_id": "int",
        "first_moment": "moment",
        "lines": "int",
        "quantity": "int",
        "net": "float",
    },
    "monthly": {
        "yyyymm": "int",
        "orders": "int",
        "cancelled": "int",
        "sales": "float",
        "active_users": "int",
        "new_users": "int",
    },
    "users": {"yyyymm": "int", "sales": "float", "active_users": "int", "new_users": "int"},
    "read": {"rows": "int", "quantity": "int"},
    # Only this much of our totals is asked of the peers: no returns, no write-offs, no prices.
    "by_product": {"stock_code": "text", **_TOTALS},
    "by_country": {"country": "text", **_TOTALS},
    "pairs": {"pair": "text", "invoices": "int"},
}

SEGMENTS = {
    (r, f): name
    for name, rs, fs in (
        ("Hibernating", (1, 2), (1, 2)),
        ("At Risk", (1, 2), (3, 4)),
        ("Can't Lose", (1, 2), (5,)),
        ("About to Sleep", (3,), (1, 2)),
        ("Need Attention", (3,), (3,)),
        ("Loyal Customers", (3, 4), (4, 5)),
        ("Promising", (4,), (1,)),
        ("New Customers", (5,), (1,)),
        ("Potential Loyalists", (4, 5), (2, 3)),
        ("Champions", (5,), (4, 5)),
    )
    for r in rs
    for f in fs
}


@dataclass(frozen=True)
class Setup:
    """What a worker holds before anything is timed.

    `lines`, `customers`: Parquet files that are read into the library's own form. `form`: which one, where a library
    has several. `copies`: sizes of ledgers to hold, in copies of the lines. `products`: hold product and country, too.
    """

    threads: int
    lines: Path | None = None
    customers: Path | None = None
    form: str = ""
    copies: tuple[int, ...] = ()
    scratch: Path | None = None
    products: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the lines, under short names."""
        return PRODUCT_LINES if self.products else LINES
