"""Totals and what is built on them, from the definitions: sets over raw lines, and pandas over the real ones."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
import reference
from reference import DAY, Id, Line, money

Row = dict[str, Any]


@dataclass(frozen=True)
class ShopLine(Line):
    """A line with what is sold, where to, and a column that is none of the library's."""

    code: Id = None
    description: Id = None
    country: Id = None
    channel: Id = None


def first_day(us: int, step: str) -> dt.date:
    day = reference.moment_of(us).date()
    if step == "week":
        return day - dt.timedelta(days=day.isoweekday() - 1)
    if step == "month":
        return day.replace(day=1)
    if step == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if step == "year" else day


KEYS: dict[str, Callable[[ShopLine], Any]] = {
    "invoice": lambda x: reference.canonical_id(x.invoice),
    "customer_id": lambda x: reference.canonical_id(x.customer),
    "stock_code": lambda x: reference.canonical_id(x.code),
    "description": lambda x: reference.canonical_id(x.description),
    "country": lambda x: reference.canonical_id(x.country),
    "channel": lambda x: reference.canonical_id(x.channel),
    "day": lambda x: first_day(x.moment, "day"),
    "week": lambda x: first_day(x.moment, "week"),
    "month": lambda x: first_day(x.moment, "month"),
    "quarter": lambda x: first_day(x.moment, "quarter"),
    "year": lambda x: first_day(x.moment, "year"),
}


def key_order(value: Any) -> Any:
    return (value.toordinal(), 0, b"") if isinstance(value, dt.date) else reference.id_order(value)


def sums(lines: Sequence[ShopLine]) -> Row:
    """The columns of totals behind the keys."""
    bought = [x for x in lines if x.bought]
    rest = [x for x in lines if not x.bought]
    kinds = {x: reference.kind_of(x.invoice) for x in lines}

    def off(kind: str) -> float:
        return money(-sum(x.amount for x in rest if kinds[x] == kind))

    return {
        "lines": len(lines),
        "purchase_lines": len(bought),
        "quantity": sum(x.quantity for x in lines),
        "invoices": len({x.order for x in lines}),
        "purchase_invoices": len({x.order for x in bought}),
        "customers": len({x.customer for x in lines} - {None}),
        "buyers": len({x.customer for x in bought} - {None}),
        "bought": sum(x.quantity for x in bought),
        "returned_units": -sum(x.quantity for x in lines if kinds[x] == "cancellation" and x.quantity < 0),
        "written_off": -sum(
            x.quantity for x in lines if kinds[x] != "cancellation" and x.quantity < 0 and x.amount == 0
        ),
        "gross": money(sum(x.amount for x in bought)),
        "returned": off("cancellation"),
        "adjusted": off("adjustment"),
        "other_deductions": off("sale"),
        "net": money(sum(x.amount for x in lines)),
        "known_net": money(sum(x.amount for x in lines if x.customer is not None)),
        "price_min": money(min(x.price for x in bought)) if bought else None,
        "price_max": money(max(x.price for x in bought)) if bought else None,
        "first_moment": min(x.moment for x in lines),
        "last_moment": max(x.moment for x in lines),
    }


def grouped(lines: Sequence[ShopLine], by: Sequence[str]) -> dict[tuple[Any, ...], list[ShopLine]]:
    groups: dict[tuple[Any, ...], list[ShopLine]] = defaultdict(list)
    for line in lines:
        groups[tuple(KEYS[name](line) for name in by)].append(line)
    return dict(sorted(groups.items(), key=lambda item: [key_order(v) for v in item[0]]))


def totals(lines: Sequence[ShopLine], by: Sequence[str]) -> list[Row]:
    return [dict(zip(by, key, strict=True)) | sums(group) for key, group in grouped(lines, by).items()]


# ---- products, countries, segments, pairs


def is_service(code: Id) -> bool:
    text = "" if code is None else str(code)
    return not (len(text) >= 5 and all(c in "0123456789" for c in text[:5]))


def ratio(part: float, whole: float) -> float | None:
    return None if whole == 0 else part / whole


def is_shown(code: Id, services: bool | str) -> bool:
    return services is True or is_service(code) == (services == "only")


def description_of(lines: Sequence[ShopLine]) -> Id:
    counts = Counter(KEYS["description"](x) for x in lines)
    counts.pop(None, None)
    return min(counts, key=lambda text: (-counts[text], reference.id_order(text)), default=None)


def products(lines: Sequence[ShopLine], services: bool | str = False) -> list[Row]:
    groups = {code: group for (code,), group in grouped(lines, ["stock_code"]).items() if is_shown(code, services)}
    exact = {code: sum(x.amount for x in group if x.bought) for code, group in groups.items()}
    whole = money(sum(exact.values()))
    rows, running = [], 0
    for code in sorted(groups, key=lambda code: (-exact[code], reference.id_order(code))):
        running += exact[code]
        row = {"stock_code": code, "description": description_of(groups[code]), "service": int(is_service(code))}
        row |= sums(groups[code])
        row["return_rate"] = ratio(row["returned_units"], row["bought"])
        row["gross_share"] = ratio(row["gross"], whole)
        row["running_share"] = ratio(money(running), whole)
        rows.append(row)
    return rows


def countries(lines: Sequence[ShopLine], every: str | None = None) -> list[Row]:
    rows = totals(lines, ["country"] if every is None else ["country", every])
    whole = money(sum(x.amount for x in lines if x.bought))
    for row in rows:
        row["average_invoice"] = ratio(row["gross"], row["purchase_invoices"])
        row["net_per_customer"] = ratio(row["known_net"], row["customers"])
        row["return_rate"] = ratio(row["returned_units"], row["bought"])
        row["gross_share"] = ratio(row["gross"], whole)
    return sorted(rows, key=lambda row: -row["gross"]) if every is None else rows


def segment_products(
    lines: Sequence[ShopLine],
    segments: Mapping[Id, str | None],
    names: Sequence[str],
    min_customers: int = 20,
    services: bool | str = False,
) -> list[Row]:
    buying = [x for x in lines if x.bought and x.customer is not None]
    everyone = {x.customer for x in buying}
    rows = []
    for name in names:
        members = {c for c in everyone if segments.get(c) == name}
        found = []
        for (code,), group in grouped(buying, ["stock_code"]).items():
            customers = {x.customer for x in group}
            own = customers & members
            if len(own) < max(min_customers, 1) or not is_shown(code, services):
                continue
            share, of_all = len(own) / len(members), len(customers) / len(everyone)
            text = description_of([x for x in lines if KEYS["stock_code"](x) == code])
            row = {"segment": name, "stock_code": code, "description": text, "customers": len(own), "share": share}
            found.append(row | {"share_of_all": of_all, "lift": share / of_all})
        rows += sorted(found, key=lambda r: (-r["lift"], -r["customers"], reference.id_order(r["stock_code"])))
    return rows


def bought_together(lines: Sequence[ShopLine], min_invoices: int = 20, services: bool | str = True) -> list[Row]:
    baskets: dict[Any, set[Id]] = defaultdict(set)
    for x in lines:
        if not x.bought or reference.kind_of(x.invoice) != "sale":
            continue
        basket = baskets[x.order]
        code = KEYS["stock_code"](x)
        if code is not None and is_shown(code, services):
            basket.add(code)
    single = Counter(code for basket in baskets.values() for code in basket)
    both = Counter(
        pair for basket in baskets.values() for pair in combinations(sorted(basket, key=reference.id_order), 2)
    )
    order = sorted(both, key=lambda p: (-both[p], reference.id_order(p[0]), reference.id_order(p[1])))
    return [
        {
            "product_a": a,
            "product_b": b,
            "invoices": both[a, b],
            "invoices_a": single[a],
            "invoices_b": single[b],
            "support": both[a, b] / len(baskets),
            "confidence_ab": both[a, b] / single[a],
            "confidence_ba": both[a, b] / single[b],
            "lift": both[a, b] * len(baskets) / (single[a] * single[b]),
        }
        for a, b in order
        if both[a, b] >= min_invoices
    ]


# ---- features


def favourite(lines: Sequence[ShopLine], key: str) -> Id:
    """The value on most purchase invoices, then with the higher gross, then the lower one."""
    groups = {value: group for (value,), group in grouped(lines, [key]).items() if value is not None}
    return min(
        groups,
        key=lambda v: (-len({x.order for x in groups[v]}), -sum(x.amount for x in groups[v]), reference.id_order(v)),
        default=None,
    )


def features(lines: Sequence[ShopLine], as_of: int) -> list[Row]:
    rows = []
    counted = [x for x in lines if x.moment <= as_of]
    for base in reference.customers(list(counted), as_of, "purchases", None):
        all_lines = [x for x in counted if reference.canonical_id(x.customer) == base["customer_id"]]
        mine = [x for x in all_lines if x.bought]
        days = sorted({x.moment // DAY for x in mine})
        gaps = [b - a for a, b in pairwise(days)]
        row: Row = dict(base)
        row["monetary"] = money(row["monetary"])
        row["age"] = (as_of - min(x.moment for x in mine)) // DAY
        row["gap_mean"] = float(np.mean(gaps)) if gaps else None
        row["gap_std"] = float(np.std(gaps, ddof=1)) if len(gaps) > 1 else None
        for days_back in (30, 90, 365):
            recent = [x for x in mine if x.moment > as_of - days_back * DAY]
            row[f"invoices_{days_back}d"] = len({x.order for x in recent})
            row[f"gross_{days_back}d"] = money(sum(x.amount for x in recent))
        row["average_invoice"] = row["monetary"] / row["frequency"]
        whole = sums(all_lines)
        row["return_rate"] = ratio(whole["returned_units"], whole["bought"])
        goods = [x for x in mine if not is_service(KEYS["stock_code"](x))]
        row["products"] = len({KEYS["stock_code"](x) for x in goods})
        row["favourite_product"] = favourite(goods, "stock_code")
        row["country"] = favourite(mine, "country")
        rows.append(row)
    return rows


# ---- the real lines, by pandas


def prepared(real: pd.DataFrame) -> pd.DataFrame:
    """The real lines with what the definitions ask of each; amounts in whole millionths."""
    lines = pd.DataFrame(
        {
            "invoice": real["Invoice"].astype(object),
            "stock_code": real["StockCode"].astype(object),
            "description": real["Description"].astype(object).where(real["Description"].notna(), None),
            "country": real["Country"].astype(object),
            "customer_id": real["Customer ID"],
            "at": real["InvoiceDate"],
            "quantity": real["Quantity"].astype("int64"),
            "price": np.rint(real["Price"].to_numpy() * 1e6).astype("int64"),
        }
    )
    first = lines["invoice"].str[0]
    lines["cancelled"], lines["adjusting"] = first == "C", first == "A"
    lines["amount"] = lines["quantity"] * lines["price"]
    lines["purchase"] = (lines["quantity"] > 0) & (lines["amount"] > 0)
    lines["month"] = lines["at"].dt.to_period("M").dt.start_time
    return lines


def real_totals(lines: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Totals of prepared lines, amounts in millionths, indexed by the keys."""
    use = lines.copy()
    bought, negative = use["purchase"], use["quantity"] < 0
    rest = -use["amount"].where(~bought, 0)
    use["gross"] = use["amount"].where(bought, 0)
    use["bought"] = use["quantity"].where(bought, 0)
    use["returned_units"] = -use["quantity"].where(negative & use["cancelled"], 0)
    use["written_off"] = -use["quantity"].where(negative & ~use["cancelled"] & (use["amount"] == 0), 0)
    use["returned"] = rest.where(use["cancelled"], 0)
    use["adjusted"] = rest.where(use["adjusting"], 0)
    use["other_deductions"] = rest.where(~use["cancelled"] & ~use["adjusting"], 0)
    use["known_net"] = use["amount"].where(use["customer_id"].notna(), 0)
    use["buying_invoice"] = use["invoice"].where(bought)
    use["buyer"] = use["customer_id"].where(bought)
    use["paid"] = use["price"].where(bought)
    groups = use.groupby(by, dropna=False, sort=False)
    return pd.DataFrame(
        {
            "lines": groups.size(),
            "purchase_lines": groups["purchase"].sum(),
            "quantity": groups["quantity"].sum(),
            "invoices": groups["invoice"].nunique(),
            "purchase_invoices": groups["buying_invoice"].nunique(),
            "customers": groups["customer_id"].nunique(),
            "buyers": groups["buyer"].nunique(),
            **{n: groups[n].sum() for n in ("bought", "returned_units", "written_off", "gross", "returned")},
            **{n: groups[n].sum() for n in ("adjusted", "other_deductions")},
            "net": groups["amount"].sum(),
            "known_net": groups["known_net"].sum(),
            "price_min": groups["paid"].min(),
            "price_max": groups["paid"].max(),
            "first_moment": groups["at"].min(),
            "last_moment": groups["at"].max(),
        }
    )
