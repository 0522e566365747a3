"""The tables about returning customers, written from the definitions with plain pandas over the raw lines.

`line_frame` and `real_frame` give the lines in one form: order (what makes two lines one invoice), kind, customer
(a number in id order, -1 when missing), moment (microseconds), bought, amount and gross (millionths).
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pandas as pd
import reference
from reference import DAY, MILLION, Line

Row = dict[str, Any]
EPOCH = dt.date(1970, 1, 1)


def as_text(us: int | None) -> str | None:
    return None if us is None else reference.moment_of(us).isoformat()


def one(customer: object, moment: str, quantity: int = 1, invoice: object = None, price: int = 1_000_000) -> Line:
    return Line(invoice, customer, reference.micros(moment), quantity, price)  # type: ignore[arg-type]


def line_frame(lines: Sequence[Line]) -> tuple[pd.DataFrame, list[reference.Id]]:
    ids = sorted({x.customer for x in lines} - {None}, key=reference.id_order)
    orders = {order: i for i, order in enumerate(dict.fromkeys(x.order for x in lines))}
    frame = pd.DataFrame(
        {
            "order": [orders[x.order] for x in lines],
            "kind": [reference.kind_of(x.invoice) for x in lines],
            "customer": [-1 if x.customer is None else ids.index(x.customer) for x in lines],
            "moment": [x.moment for x in lines],
            "bought": [x.bought for x in lines],
            "amount": [x.amount for x in lines],
        }
    )
    return _with_gross(frame), ids


def real_frame(real: pd.DataFrame) -> tuple[pd.DataFrame, list[reference.Id]]:
    amount = real["Quantity"].astype("int64") * (real["Price"] * 1e6).round().astype("int64")
    customers = sorted(int(v) for v in real["Customer ID"].dropna().unique())
    codes = real["Customer ID"].map({float(c): i for i, c in enumerate(customers)}).fillna(-1).astype("int64")
    frame = pd.DataFrame(
        {
            "order": pd.factorize(real["Invoice"])[0],
            "kind": real["Invoice"].str[0].map(reference.KINDS).fillna("sale").to_numpy(),
            "customer": codes.to_numpy(),
            "moment": real["InvoiceDate"].astype("datetime64[us]").astype("int64").to_numpy(),
            "bought": ((real["Quantity"] > 0) & (amount > 0)).to_numpy(),
            "amount": amount.to_numpy(),
        }
    )
    return _with_gross(frame), list(customers)


def _with_gross(frame: pd.DataFrame) -> pd.DataFrame:
    frame["gross"] = frame["amount"].where(frame["bought"], 0)
    frame["day"] = frame["moment"] // DAY
    return frame


def date_of(day: int) -> dt.date:
    return EPOCH + dt.timedelta(days=int(day))


# ---- periods


def start_of(day: dt.date, every: str) -> dt.date:
    return {
        "day": day,
        "week": day - dt.timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }[every]


def label_of(start: dt.date, every: str) -> str:
    year, week, _ = start.isocalendar()
    return {
        "day": start.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{start:%Y-%m}",
        "quarter": f"{start.year}-Q{(start.month + 2) // 3}",
        "year": str(start.year),
    }[every]


def label_before(start: dt.date, every: str) -> str:
    """The label of the same period one year before; it may be one that does not exist."""
    label = label_of(start, every)
    return f"{int(label[:4]) - 1}{label[4:]}"


def periods(frame: pd.DataFrame, every: str) -> list[Row]:
    starts = {day: start_of(date_of(day), every) for day in frame["day"].unique()}
    frame = frame.assign(start=frame["day"].map(starts))
    first_start = frame[frame["customer"] >= 0].groupby("customer")["start"].min()
    groups = dict(tuple(frame.groupby("start")))
    rows: list[Row] = []
    sales_by_label: dict[str, int] = {}
    at = min(starts.values(), default=None)
    while at is not None and at <= max(starts.values()):
        figures = _figures(groups[at], first_start, at) if at in groups else dict.fromkeys(_FIGURES, 0)
        if not figures["purchase_invoices"]:
            figures["average_invoice"] = None
        sales = figures["sales"]
        before = rows[-1]["sales"] if rows else None
        year_ago = sales_by_label.get(label_before(at, every))
        growth = {"growth": _ratio(sales, before), "growth_year": _ratio(sales, year_ago)}
        row = {"period": at, "label": label_of(at, every), **figures, **growth}
        rows.append({name: row[name] for name in _COLUMNS})
        sales_by_label[rows[-1]["label"]] = sales
        at = start_of(
            at + dt.timedelta(days={"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[every]), every
        )
    return rows


_FIGURES = (
    *("orders", "cancelled", "placed", "sale_invoices", "adjustments", "sales", "active_users", "new_users"),
    *("existing_users", "purchase_invoices", "average_invoice", "known_orders", "unknown_orders", "known_sales"),
    "unknown_sales",
)
_COLUMNS = ("period", "label", *_FIGURES[:6], "growth", "growth_year", *_FIGURES[6:])


def _figures(here: pd.DataFrame, first_start: pd.Series, start: dt.date) -> Row:
    """What the lines of one period add up to."""
    by_kind = here.drop_duplicates("order")["kind"].value_counts()
    orders, cancelled, sales = here["order"].nunique(), int(by_kind.get("cancellation", 0)), int(here["amount"].sum())
    known = here[here["customer"] >= 0]
    users = known["customer"].unique()
    new = int((first_start.loc[users] == start).sum())
    bought = here[here["bought"]]
    purchases = bought["order"].nunique()
    return {
        "orders": orders,
        "cancelled": cancelled,
        "placed": orders - 2 * cancelled,
        "sale_invoices": int(by_kind.get("sale", 0)),
        "adjustments": int(by_kind.get("adjustment", 0)),
        "sales": sales,
        "active_users": len(users),
        "new_users": new,
        "existing_users": len(users) - new,
        "purchase_invoices": purchases,
        "average_invoice": float(Fraction(int(bought["amount"].sum()), purchases * MILLION)) if purchases else None,
        "known_orders": known["order"].nunique(),
        "unknown_orders": orders - known["order"].nunique(),
        "known_sales": int(known["amount"].sum()),
        "unknown_sales": sales - int(known["amount"].sum()),
    }


def _ratio(sales: int, before: int | None) -> float | None:
    return None if before is None or before <= 0 else float(Fraction(sales, before) - 1)


# ---- cohorts and returning customers


def month_number(day: int) -> int:
    date = date_of(day)
    return date.year * 12 + date.month - 1


def month_start(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def observed(frame: pd.DataFrame, until: int | None) -> tuple[pd.DataFrame, int]:
    """The lines before `until`, and `until` itself: by default midnight after the last line's day."""
    if until is None:
        until = (int(frame["day"].max()) + 1) * DAY
    frame = frame[frame["moment"] < until]
    months = {day: month_number(day) for day in frame["day"].unique()}
    return frame.assign(month=frame["day"].map(months).astype("int64")), until


def cohorts(frame: pd.DataFrame, measure: str, until: int | None = None) -> list[Row]:
    """The long form, without averages."""
    if frame.empty:
        return []
    frame, until = observed(frame, until)
    if frame.empty:
        return []
    last = month_number((until - 1) // DAY)
    partial = until < (month_start(last + 1) - EPOCH).days * DAY
    frame = frame[frame["customer"] >= 0]
    first = frame[frame["bought"]].groupby("customer")["month"].min()
    frame = frame[frame["customer"].isin(first.index)]
    frame = frame.assign(cohort=frame["customer"].map(first).astype("int64"))
    bought = frame[frame["bought"]]
    values = {
        "customers": bought.groupby(["cohort", "month"])["customer"].nunique(),
        "invoices": bought.groupby(["cohort", "month"])["order"].nunique(),
        "gross": bought.groupby(["cohort", "month"])["amount"].sum(),
        "net": frame.groupby(["cohort", "month"])["amount"].sum(),
    }[measure].to_dict()
    rows = []
    for cohort, size in sorted(first.value_counts().items()):
        base = int(values[cohort, cohort])
        for month in range(cohort, last + 1):
            value = int(values.get((cohort, month), 0))
            rows.append(
                {
                    "cohort": month_start(cohort),
                    "size": int(size),
                    "month_number": month - cohort,
                    "month": month_start(month),
                    "value": value,
                    "retention": float(Fraction(value, base)) if base > 0 else None,
                    "partial": int(partial and month == last),
                    "left_censored": int(cohort == first.min()),
                }
            )
    return rows


def cohort_averages(rows: list[Row]) -> list[Row]:
    """The average rows of the long form, from its other rows."""
    bases = {row["cohort"]: row["value"] for row in rows if row["month_number"] == 0}
    averages = []
    for k in range(1 + max((row["month_number"] for row in rows), default=-1)):
        complete = [row for row in rows if row["month_number"] == k and not row["partial"]]
        value, base = sum(row["value"] for row in complete), sum(bases[row["cohort"]] for row in complete)
        averages.append(
            {
                "cohort": None,
                "size": sum(row["size"] for row in complete),
                "month_number": k,
                "month": None,
                "value": value,
                "retention": float(Fraction(value, base)) if base > 0 else None,
                "partial": 0,
                "left_censored": None,
            }
        )
    return averages


def purchase_days(frame: pd.DataFrame) -> dict[int, list[int]]:
    bought = frame[frame["bought"] & (frame["customer"] >= 0)]
    return {int(c): sorted({int(d) for d in days}) for c, days in bought.groupby("customer")["day"]}


def returning(frame: pd.DataFrame, days: Sequence[int], until: int | None = None) -> list[Row]:
    if frame.empty:
        return []
    frame, until = observed(frame, until)
    if frame.empty:
        return []
    last_day = (until - 1) // DAY
    bought = frame[frame["bought"]]
    known = bought[bought["customer"] >= 0]
    first = known.groupby("customer")["month"].min()
    is_new = known["customer"].map(first) == known["month"]
    lost: dict[tuple[int, int], int] = defaultdict(int)
    won: dict[tuple[int, int], int] = defaultdict(int)
    for own in purchase_days(frame).values():
        for d in days:
            for day, following in zip(own, [*own[1:], math.inf], strict=True):
                if following >= day + d + 1 and day + d + 1 <= last_day:
                    lost[d, month_number(day + d + 1)] += 1
                if following != math.inf and following - day > d:
                    won[d, month_number(int(following))] += 1
    rows = []
    for month in range(int(frame["month"].min()), month_number(last_day) + 1):
        of_month = known["month"] == month
        rows.append(
            {
                "month": month_start(month),
                "new_buyers": known[of_month & is_new]["customer"].nunique(),
                "returning_buyers": known[of_month & ~is_new]["customer"].nunique(),
                "new_gross": int(known[of_month & is_new]["amount"].sum()),
                "returning_gross": int(known[of_month & ~is_new]["amount"].sum()),
                "unknown_gross": int(bought[(bought["customer"] < 0) & (bought["month"] == month)]["amount"].sum()),
                **{f"lost_{d}": lost[d, month] for d in days},
                **{f"won_back_{d}": won[d, month] for d in days},
            }
        )
    return rows


# ---- repeat purchases


def repeat_rate(frame: pd.DataFrame, count: str) -> Row:
    bought = frame[frame["bought"] & (frame["customer"] >= 0)]
    times = bought.groupby("customer")["order" if count == "invoices" else "day"].nunique()
    again = int((times >= 2).sum())
    return {
        "customers": len(times),
        "repeat_customers": again,
        "repeat_rate": again / len(times) if len(times) else None,
    }


def days_between(frame: pd.DataFrame, quantiles: Sequence[float]) -> list[Row]:
    gaps = [b - a for own in purchase_days(frame).values() for a, b in itertools.pairwise(own)]
    if not gaps:
        return []
    series = pd.Series(gaps)
    common = {
        "gaps": len(gaps),
        "customers": sum(len(own) > 1 for own in purchase_days(frame).values()),
        "mean": series.mean(),
        "std": series.std() if len(gaps) > 1 else None,
    }
    return [{"quantile": q, "days": series.quantile(q), **common} for q in quantiles]


def gaps_by_customer(frame: pd.DataFrame, ids: list[reference.Id]) -> list[Row]:
    rows = []
    for customer, own in sorted(purchase_days(frame).items()):
        gaps = pd.Series([b - a for a, b in itertools.pairwise(own)], dtype="float64")
        rows.append(
            {
                "customer_id": ids[customer],
                "purchase_days": len(own),
                "gaps": len(gaps),
                "mean": gaps.mean() if len(gaps) else None,
                "std": gaps.std() if len(gaps) > 1 else None,
                "shortest": gaps.min() if len(gaps) else None,
                "longest": gaps.max() if len(gaps) else None,
            }
        )
    return rows


def second_purchase(frame: pd.DataFrame, count: str, until: int | None = None) -> list[Row]:
    if frame.empty:
        return []
    frame, until = observed(frame, until)
    last_day = (until - 1) // DAY
    bought = frame[frame["bought"] & (frame["customer"] >= 0)]
    unit = "order" if count == "invoices" else "day"
    first_moments = bought.groupby(["customer", unit])["moment"].min()
    times: list[tuple[int, bool]] = []
    for _, moments in first_moments.groupby(level="customer"):
        days = [int(m) // DAY for m in sorted(moments)]
        times.append((days[1] - days[0], True) if len(days) > 1 else (last_day - days[0], False))
    rows, survival, summed = [], 1.0, 0.0
    for time in sorted({t for t, _ in times}):
        at_risk = sum(t >= time for t, _ in times)
        events = sum(t == time and again for t, again in times)
        survival *= 1 - events / at_risk
        if events < at_risk:
            summed += events / (at_risk * (at_risk - events))
        alive = events < at_risk
        rows.append(
            {
                "time": time,
                "at_risk": at_risk,
                "events": events,
                "censored": sum(t == time and not again for t, again in times),
                "survival": survival,
                "std_error": survival * math.sqrt(summed) if alive else None,
            }
        )
    return rows
