"""The sentences of the report: headline figures, what stands out, captions. Computed from the tables, never fixed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ._lazy import np
from .frames._values import Columns

__all__ = [
    "captions",
    "day",
    "findings",
    "headline",
    "money",
    "month",
    "notes",
    "percent",
    "plural",
    "quality_words",
    "whole",
]

_DASH = "\u2013"  # for a missing figure

# Spelt here: the names of strftime follow the machine's language.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def whole(value: float | None) -> str:
    """Format a count or an amount without decimals; a missing one as a dash.

    >>> whole(1234567.6), whole(float("nan")), whole(None)
    ('1,234,568', '–', '–')
    """
    return _DASH if value is None or not math.isfinite(value) else _minus(f"{value:,.0f}")


def _minus(text: str) -> str:
    """Write the minus of a number as a minus, not as a hyphen, and no minus before zero."""
    return text.replace("-", "\u2212") if text.strip("-0.,% ") else text.lstrip("-")


def money(value: float | None) -> str:
    """Format an amount with two decimals; a missing one as a dash."""
    return _DASH if value is None or not math.isfinite(value) else _minus(f"{value:,.2f}")


def percent(ratio: float | None, digits: int = 1) -> str:
    """Format a ratio as percent; a missing one as a dash.

    >>> percent(0.2571), percent(None)
    ('25.7 %', '–')
    >>> percent(-0.0001), whole(-1234)
    ('0.0 %', '−1,234')
    """
    return _DASH if ratio is None or not math.isfinite(ratio) else _minus(f"{100 * ratio:.{digits}f} %")


def plural(count: int, word: str) -> str:
    """Write a count with its word.

    >>> plural(1, "day"), plural(1200, "day")
    ('1 day', '1,200 days')
    """
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def day(moment: np.datetime64) -> str:
    """Write the day of a moment in words.

    >>> import numpy as np
    >>> day(np.datetime64("2011-12-09T12:50"))
    '9 December 2011'
    """
    date = moment.astype("datetime64[D]").item()
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year:04d}"


def month(moment: np.datetime64) -> str:
    """Write the month of a moment in words."""
    return day(moment).split(" ", 1)[1]


_QUALITY = {
    "all": "All lines",
    "sales": "On sale invoices",
    "cancellations": "On cancellations",
    "adjustments": "On adjustments",
    "no_prefix": "Invoice number without a prefix",
    "purchases": "Purchase lines",
    "unknown_customer": "No customer",
    "zero_price": "Price of zero",
    "negative_price": "Price below zero",
    "odd_quantity": "Quantity against the kind of invoice",
    "zero_quantity": "Quantity of zero",
}


def quality_words(name: str) -> str:
    """Write the name of a quality count in words."""
    return _QUALITY.get(name, name.replace("_", " ").capitalize())


def headline(invoices: Columns, segments: Columns, quality: Columns) -> dict[str, Any]:
    """Return the headline figures, missing ones as None."""
    row = {name: i for i, name in enumerate(quality["name"].tolist())}
    net = np.asarray(invoices["net"], np.float64)
    positive = net[net > 0]
    kinds = [str(kind) for kind in invoices["kind"].tolist()]
    frequency = np.asarray(segments["frequency"])
    lines = int(np.sum(invoices["lines"]))
    return {
        "sales": math.fsum(net.tolist()),
        "gross": math.fsum(np.asarray(invoices["gross"], np.float64).tolist()),
        "invoices": len(net),
        "sale_invoices": kinds.count("sale"),
        "cancellations": kinds.count("cancellation"),
        "invoices_above_zero": len(positive),
        "median_invoice": float(np.median(positive)) if len(positive) else None,
        "lines": lines,
        "unknown_customer_lines": int(quality["lines"][row["unknown_customer"]]),
        "invoices_without_prefix": int(quality["invoices"][row["no_prefix"]]),
        "customers": len(frequency),
        "bought_once": int(np.sum(frequency == 1)),
    }


def findings(
    figures: Mapping[str, Any], segments: Columns, summary: Columns, monthly: Columns, partial: bool, amount: str
) -> list[str]:
    """Return what stands out, a sentence each; no sentence where the data do not carry one."""
    said: list[str] = []
    n = figures["customers"]
    if not n:
        return _year_on_year(monthly, partial)
    monetary = np.sort(np.asarray(segments["monetary"], np.float64))[::-1]
    total = math.fsum(monetary.tolist())
    shares = np.asarray(summary["gross_share"], np.float64)
    if total > 0 and len(shares) > 1:
        top = int(np.nanargmax(shares))
        said.append(
            f"{summary['segment'][top]} are {percent(float(summary['share'][top]), 0)} of the customers and bring "
            f"{percent(float(shares[top]), 0)} of {amount}."
        )
    if n >= 20 and total > 0:
        best = -(-n // 10)
        said.append(
            f"The best tenth of the customers ({best:,} of {n:,}) bring "
            f"{percent(math.fsum(monetary[:best].tolist()) / total, 0)} of {amount}."
        )
    said += _slipping(segments, total, amount)
    said.append(f"{percent(figures['bought_once'] / n, 0)} of the customers have bought once only.")
    said += _year_on_year(monthly, partial)
    return said


def _slipping(segments: Columns, total: float, amount: str) -> list[str]:
    """Return the sentence on the two standard segments of good customers who stay away."""
    away = np.isin(np.array([str(name) for name in segments["segment"].tolist()]), ["At Risk", "Can't Lose"])
    if not away.any() or total <= 0:
        return []
    lost = math.fsum(np.asarray(segments["monetary"], np.float64)[away].tolist())
    quiet = float(np.median(np.asarray(segments["recency"])[away]))
    return [
        f"At Risk and Can't Lose, {int(away.sum()):,} customers who used to order often, stand for "
        f"{percent(lost / total, 0)} of {amount}; half of them have been silent for more than {quiet:,.0f} days."
    ]


def _year_on_year(monthly: Columns, partial: bool) -> list[str]:
    """Return the sentence on the last complete month against the same month one year before."""
    last = len(monthly["month"]) - (2 if partial else 1)
    if last < 12 or not monthly["sales"][last - 12] > 0:
        return []
    now, before = float(monthly["sales"][last]), float(monthly["sales"][last - 12])
    change = now / before - 1
    return [
        f"Sales of {month(monthly['month'][last])}, the last complete month, were {whole(now)}: "
        f"{percent(abs(change))} {'more' if change >= 0 else 'less'} than in {month(monthly['month'][last - 12])}."
    ]


def notes(figures: Mapping[str, Any], reading: Any, until: np.datetime64 | None, partial: bool) -> list[str]:
    """Return what a reader must know before trusting the figures."""
    said: list[str] = []
    if reading is not None and reading.copied_invoices and not reading.dropped_lines:
        said.append(
            f"{reading.copied_invoices:,} invoices ({reading.copied_lines:,} lines) are in the input twice and are "
            "counted twice: orders and sales of their months are too high. Reading the input with the option copies "
            "set to “drop” counts them once."
        )
    elif reading is not None and reading.copied_invoices:
        said.append(
            f"{reading.copied_invoices:,} invoices were in the input twice; their {reading.dropped_lines:,} copied "
            "lines were left out."
        )
    if reading is not None and reading.lines and not reading.copies_judged:
        said.append("Whether invoices are in the input twice could not be judged: its rows are not in order of time.")
    if figures["invoices"] and figures["invoices_without_prefix"] == figures["invoices"]:
        said.append(
            "No invoice number has a prefix: when cancellations and adjustments are in the input, they count as sales."
        )
    if partial and until is not None:
        said.append(f"{month(until)} is not complete: the lines end on {day(until)}. It is hatched in the pictures.")
    if figures["lines"] and figures["unknown_customer_lines"]:
        said.append(
            f"{percent(figures['unknown_customer_lines'] / figures['lines'])} of the lines have no customer: "
            "they count for orders and sales, not for customers and segments."
        )
    return said


def captions(monthly: Columns, amounts: Columns, partial: bool) -> dict[str, str]:
    """Return a sentence under each picture of amounts and months: what it says."""
    said = {"amounts_all": "", "amounts": "", "orders": "", "sales": "", "growth": "", "active": "", "users": ""}
    for i, quantile in enumerate(amounts["quantile"].tolist()):
        if amounts["count"][i]:
            key = "amounts_all" if quantile == 1.0 else "amounts"
            said[key] = (
                f"Median {money(float(amounts['median'][i]))}, mean {money(float(amounts['mean'][i]))}, largest "
                f"{money(float(amounts['max'][i]))}; most frequent amount {money(float(amounts['mode'][i]))} "
                f"({int(amounts['mode_count'][i]):,} times)."
            )
    complete = len(monthly["month"]) - (1 if partial else 0)
    if complete < 2:
        return said
    months = monthly["month"][:complete]
    sales = monthly["sales"][:complete]
    high, low = int(np.argmax(sales)), int(np.argmin(sales))
    said["sales"] = (
        f"Highest in {month(months[high])} ({whole(float(sales[high]))}), lowest in {month(months[low])} "
        f"({whole(float(sales[low]))})."
    )
    orders, cancelled = int(np.sum(monthly["orders"])), int(np.sum(monthly["cancelled"]))
    said["orders"] = (
        f"{percent(cancelled / orders if orders else None)} of all invoices are cancellations; most orders were placed "
        f"in {month(months[int(np.argmax(monthly['placed'][:complete]))])}."
    )
    ratios = np.asarray(monthly["growth"][:complete], np.float64)
    if np.isfinite(ratios).any():
        best, worst = int(np.nanargmax(ratios)), int(np.nanargmin(ratios))
        said["growth"] = (
            f"Best month against the one before: {month(months[best])} ({percent(float(ratios[best]))}); worst: "
            f"{month(months[worst])} ({percent(float(ratios[worst]))})."
        )
    active, new = monthly["active_users"][:complete], monthly["new_users"][:complete]
    peak = int(np.argmax(active))
    said["active"] = (
        f"On average {whole(float(np.mean(active)))} customers are active in a month; most in "
        f"{month(months[peak])} ({int(active[peak]):,})."
    )
    if complete > 12 and np.sum(active[-12:]):
        said["users"] = (
            f"In the last twelve complete months {percent(float(np.sum(new[-12:]) / np.sum(active[-12:])))} of the "
            "active customers were new. In the first months everybody looks new."
        )
    return said
