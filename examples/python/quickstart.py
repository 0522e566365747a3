"""From invoice lines to named segments, on plain numpy arrays: no other package is needed."""

import lgs_rfm as lgs
import numpy as np

lines = {
    "invoice": np.array(["1001", "1001", "1002", "1003", "C1004", "1005", "1006", "1007"]),
    "customer_id": np.array([10, 10, 20, 30, 20, 10, 30, 40]),
    "quantity": np.array([12, 6, 2, 24, -1, 10, 4, 96]),
    "unit_price": np.array([2.55, 3.39, 7.65, 1.25, 7.65, 2.10, 4.95, 0.85]),
    "invoice_date": np.array(
        [
            "2011-01-05 10:00",
            "2011-01-05 10:00",
            "2011-02-11 09:30",
            "2011-03-20 14:05",
            "2011-03-21 08:00",
            "2011-11-30 16:20",
            "2011-12-01 11:10",
            "2011-12-09 12:50",
        ],
        dtype="datetime64[s]",
    ),
}

book = lgs.Ledger.from_lines(lines)
print(book)

months = book.monthly()
for month, orders, sales in zip(months["yyyymm"], months["orders"], months["sales"], strict=True):
    print(month, orders, f"{sales:.2f}")

segments = lgs.rfm(book, as_of="2012-01-01")
for customer, r, f, m, segment in zip(
    *(segments[name] for name in ("customer_id", "r_score", "f_score", "m_score", "segment")), strict=True
):
    print(customer, r, f, m, segment)
