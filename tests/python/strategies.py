"""Small random lines with everything odd in them: ties, returns, write-offs, shared invoices, missing customers."""

from __future__ import annotations

from typing import Any

import reference
from hypothesis import strategies as st
from reference import DAY, Line
from totals_reference import ShopLine

INVOICES: list[reference.Id] = [489434, 489435, 7, "C489436", "C7", "A563185", "007", "x"]
CUSTOMERS: list[reference.Id] = [None, 12346, 12347, 9, -3, "a", "007", "Zoë"]
START = reference.micros("2011-01-30")

# A grid of moments that meets month ends, a year end and equal moments often, and single microseconds.
moments = st.builds(
    lambda day, us: START + day * DAY + us,
    st.sampled_from([0, 0, 1, 2, 3, 30, 31, 200, 335, 336, 400]),
    st.sampled_from([0, 1, DAY // 2, DAY - 1]),
)
prices = st.one_of(
    st.sampled_from([0, 10_000, 850_000, 2_550_000, -1_000_000, 1, 999_999]),
    st.integers(-5_000_000, 50_000_000),
)


def line(invoices: list[reference.Id], customers: list[reference.Id]) -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        st.sampled_from(invoices),
        st.sampled_from(customers),
        moments,
        st.sampled_from([-12, -1, 0, 1, 1, 2, 3, 12]),
        prices,
    )


def lines(
    min_size: int = 1,
    max_size: int = 30,
    invoices: list[reference.Id] = INVOICES,
    customers: list[reference.Id] = CUSTOMERS,
) -> st.SearchStrategy[list[Line]]:
    return st.lists(line(invoices, customers), min_size=min_size, max_size=max_size)


CODES: list[reference.Id] = [85048, "85048", "85099B", 22423, "POST", "M", None, "00123", "A-LONG-STOCK-CODE"]
DESCRIPTIONS: list[reference.Id] = [None, "MUG", "CAT", "42", "a description of some length", "Tasse ß"]
COUNTRIES: list[reference.Id] = ["United Kingdom", "EIRE", None, "Unspecified"]
CHANNELS: list[reference.Id] = ["web", "shop", None, "7", "a channel with a long name"]


def shop_lines(
    min_size: int = 1,
    max_size: int = 30,
    invoices: list[reference.Id] = INVOICES,
    customers: list[reference.Id] = CUSTOMERS,
) -> st.SearchStrategy[list[ShopLine]]:
    """Lines with products, countries and channels, few of each."""
    one = st.builds(
        lambda line, *more: ShopLine(line.invoice, line.customer, line.moment, line.quantity, line.price, *more),
        line(invoices, customers),
        *(st.sampled_from(values) for values in (CODES, DESCRIPTIONS, COUNTRIES, CHANNELS)),
    )
    return st.lists(one, min_size=min_size, max_size=max_size)


@st.composite
def customer_tables(draw: Any, min_size: int = 1, max_size: int = 40) -> list[dict[str, Any]]:
    """Customer tables with many ties, ids in any order of appearance."""
    count = draw(st.integers(min_size, max_size))
    ids = draw(st.permutations(range(100, 100 + count)))
    small = st.integers(0, 6)
    return [
        {
            "customer_id": i,
            "recency": draw(small) * 7,
            "frequency": 1 + draw(small),
            "monetary": draw(st.one_of(small, st.integers(-10_000, 10**9))) * 10_000,
        }
        for i in ids
    ]
