"""Ten good lines, one of them made bad, and what a refusal must look like."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import lgs_rfm as lgs
import pytest
from frames import make, saved_bytes

ROWS = 10
BAD = 7  # in the third chunk of three rows
DAY = dt.datetime(2011, 5, 4, 12, 30)


def good() -> dict[str, list[Any]]:
    return {
        "invoice": [f"C{489434 + i}" for i in range(ROWS)],
        "quantity": list(range(1, ROWS + 1)),
        "invoice_date": [DAY + dt.timedelta(hours=i) for i in range(ROWS)],
        "unit_price": [1.25 + i for i in range(ROWS)],
        "customer_id": [12346 + i for i in range(ROWS)],
    }


def with_bad(column: str, value: Any, row: int = BAD, **more: Any) -> dict[str, list[Any]]:
    columns = good() | more
    columns[column] = list(columns[column])
    columns[column][row] = value
    return columns


def refused(frame: Any, error: type[Exception], *parts: str) -> str:
    """The message of the refusal: one line, with every part in it. A ledger that was there is not changed."""
    book = lgs.Ledger.from_lines(make("arrow", good()))
    before = saved_bytes(book)
    with pytest.raises(error) as caught:
        book.add(frame)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert re.search(part, message), f"{part!r} is not in {message!r}"
    assert saved_bytes(book) == before
    return message
