"""Every table of the definitions, written as plainly as Python allows.

Nothing here is fast and nothing comes from the library: money is an int in millionths, positions are
fractions, a group is a dict. The tests compare the library with it on small inputs and on the real data.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

MILLION = 1_000_000
DAY = 86_400 * MILLION  # microseconds
EPOCH = dt.datetime(1970, 1, 1)
KINDS = {"C": "cancellation", "A": "adjustment"}
INT64 = range(-(2**63), 2**63)

Id = int | str | None


# ---- values


def canonical_id(value: object) -> Id:
    """Text that is a canonical decimal int64, and a whole float, are the integer; blank is missing."""
    if value is None:
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str):
        if not value.strip():
            return None
        if re.fullmatch(r"0|-?[1-9][0-9]*", value) and int(value) in INT64:
            return int(value)
        return str(value)
    if isinstance(value, float):
        return None if math.isnan(value) else int(value)
    return int(value)  # type: ignore[call-overload, no-any-return]


def id_order(value: Id) -> tuple[int, int, bytes]:
    """Integers by value, then text by bytes; a missing id last."""
    if value is None:
        return (2, 0, b"")
    return (0, value, b"") if isinstance(value, int) else (1, 0, value.encode())


def micros(moment: dt.datetime | str) -> int:
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def moment_of(us: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=us)


def millionths(price: float | int | str | Decimal) -> int:
    """Decimals and their text to even at the sixth decimal; doubles by one product and one rounding."""
    if isinstance(price, float):
        return round(price * 1e6)
    return int((Decimal(price) * MILLION).to_integral_value(rounding=ROUND_HALF_EVEN))


def is_rounded(price: float) -> bool:
    """Whether reading this double as millionths loses more than the noise of its last bits."""
    product = price * 1e6
    return abs(product - round(product)) > abs(round(product)) * 2.0**-51


def money(amount: int) -> float:
    """Millionths to the nearest double, once."""
    return float(Fraction(amount, MILLION))


# ---- lines


@dataclass(frozen=True)
class Line:
    invoice: Id  # None: an input without invoice numbers
    customer: Id
    moment: int
    quantity: int
    price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.price

    @property
    def bought(self) -> bool:
        return self.quantity > 0 and self.amount > 0

    @property
    def order(self) -> object:
        """What makes two lines one invoice."""
        return ("none", self.customer, self.moment) if self.invoice is None else self.invoice

    @property
    def month(self) -> tuple[int, int]:
        day = moment_of(self.moment)
        return (day.year, day.month)


def kind_of(invoice: Id) -> str:
    return KINDS.get(invoice[0], "sale") if isinstance(invoice, str) else "sale"


def by_order(lines: Iterable[Line]) -> dict[object, list[Line]]:
    groups: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.order].append(line)
    return groups


# ---- tables: lists of dicts, rows sorted by key


def invoices(lines: Sequence[Line]) -> list[dict[str, object]]:
    rows = []
    for group in by_order(lines).values():
        known = {x.customer for x in group if x.customer is not None}
        rows.append(
            {
                "invoice": group[0].invoice,
                "kind": kind_of(group[0].invoice),
                "customer_id": next(iter(known)) if len(known) == 1 else None,
                "customers": len(known),
                "first_moment": min(x.moment for x in group),
                "last_moment": max(x.moment for x in group),
                "lines": len(group),
                "purchase_lines": sum(x.bought for x in group),
                "quantity": sum(x.quantity for x in group),
                "gross": sum(x.amount for x in group if x.bought),
                "net": sum(x.amount for x in group),
            }
        )
    return sorted(rows, key=lambda r: id_order(r["invoice"]))  # type: ignore[arg-type]


def quantile(values: Sequence[float], q: float) -> float:
    """Linear interpolation between the two nearest of the sorted values (R type 7)."""
    ordered = sorted(values)
    h = (len(ordered) - 1) * q
    at = math.floor(h)
    if at == len(ordered) - 1:
        return ordered[at]
    return ordered[at] + (ordered[at + 1] - ordered[at]) * (h - at)


def amount_summary(lines: Sequence[Line], q: float) -> dict[str, object] | None:
    amounts = sorted(r["net"] for r in invoices(lines) if r["net"] > 0)  # type: ignore[type-var, operator]
    if not amounts:
        return None
    cutoff = quantile([money(a) for a in amounts], q)  # type: ignore[arg-type]
    kept: list[int] = [a for a in amounts if money(a) <= cutoff]  # type: ignore[misc, arg-type]
    times = Counter(kept)
    mode = min(times, key=lambda a: (-times[a], a))
    half = len(kept) // 2
    middle = Fraction(kept[half] + kept[half - 1 + len(kept) % 2], 2 * MILLION)
    return {
        "quantile": q,
        "cutoff": cutoff,
        "count": len(kept),
        "min": kept[0],
        "max": kept[-1],
        "mean": float(Fraction(sum(kept), len(kept) * MILLION)),
        "median": float(middle),
        "mode": mode,
        "mode_count": times[mode],
        "sum": sum(kept),
    }


def monthly(lines: Sequence[Line]) -> list[dict[str, object]]:
    if not lines:
        return []
    first_month: dict[Id, tuple[int, int]] = {}
    of_month: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        of_month[line.month].append(line)
        if line.customer is not None:
            first_month[line.customer] = min(first_month.get(line.customer, line.month), line.month)
    rows = []
    (year, month), last = min(of_month), max(of_month)
    previous: int | None = None
    while (year, month) <= last:
        here = of_month.get((year, month), [])
        kinds = Counter(kind_of(g[0].invoice) for g in by_order(here).values())
        users = {x.customer for x in here} - {None}
        new = sum(first_month[c] == (year, month) for c in users)
        sales = sum(x.amount for x in here)
        growth = None if previous is None or previous <= 0 else float(Fraction(sales, previous) - 1)
        orders = sum(kinds.values())
        rows.append(
            {
                "month": dt.date(year, month, 1),
                "yyyymm": year * 100 + month,
                "orders": orders,
                "cancelled": kinds["cancellation"],
                "placed": orders - 2 * kinds["cancellation"],
                "sale_invoices": kinds["sale"],
                "adjustments": kinds["adjustment"],
                "sales": sales,
                "growth": growth,
                "active_users": len(users),
                "new_users": new,
                "existing_users": len(users) - new,
            }
        )
        previous = sales
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return rows


def default_as_of(lines: Sequence[Line]) -> int:
    """Midnight after the day of the last line."""
    return (max(x.moment for x in lines) // DAY + 1) * DAY


def customers(
    lines: Sequence[Line], as_of: int | None = None, basis: str = "purchases", window: int | None = None
) -> list[dict[str, object]]:
    if not lines:
        return []
    as_of = default_as_of(lines) if as_of is None else as_of
    owned: dict[Id, list[Line]] = defaultdict(list)
    for line in lines:
        inside = line.moment <= as_of and (window is None or line.moment > as_of - window)
        if inside and line.customer is not None:
            owned[line.customer].append(line)
    rows = []
    for customer, mine in owned.items():
        counted = mine if basis == "all" else [x for x in mine if x.bought]
        if not counted:
            continue
        summed = mine if basis == "net" else counted
        rows.append(
            {
                "customer_id": customer,
                "recency": (as_of - max(x.moment for x in counted)) // DAY,
                "frequency": len({x.order for x in counted}),
                "monetary": sum(x.amount for x in summed),
                "first_date": min(x.moment for x in counted),
                "last_date": max(x.moment for x in counted),
            }
        )
    return sorted(rows, key=lambda r: id_order(r["customer_id"]))  # type: ignore[arg-type]


# ---- copies: a matter of row order


def copies(lines: Sequence[Line]) -> tuple[int, int] | None:
    """Copied invoices and the lines that repeat them; None when there are too many epochs."""
    steps = [b.moment - a.moment for a, b in itertools.pairwise(lines)]
    falling = sum(s < 0 for s in steps) > sum(s > 0 for s in steps)
    epoch, epochs = 0, [0]
    for step in steps:
        epoch += step > 0 if falling else step < 0
        epochs.append(epoch)
    if epoch + 1 > 100:
        return None
    seen: dict[object, dict[int, Counter[Line]]] = defaultdict(lambda: defaultdict(Counter))
    for number, line in zip(epochs, lines, strict=True):
        if line.invoice is not None:
            seen[line.invoice][number][line] += 1
    found = [list(parts.values()) for parts in seen.values()]
    same = [parts for parts in found if len(parts) >= 2 and all(p == parts[0] for p in parts)]
    return len(same), sum(sum(p.total() for p in parts[1:]) for parts in same)


# ---- scores and segments


def cut_points(values: Sequence[float], k: int) -> list[float]:
    """Cut i at position (n - 1) i / k of the sorted values; never the upper value by rounding alone."""
    ordered = sorted(values)
    cuts = []
    for i in range(1, k):
        at, rest = divmod((len(ordered) - 1) * i, k)
        low = ordered[at]
        high = ordered[at + 1] if rest else low
        cut = low + (high - low) * (rest / k)
        cuts.append(low if cut == high else cut)
    return cuts


def first_cuts(pairs: Iterable[tuple[float, Id]], k: int) -> list[tuple[float, tuple[int, int, bytes]]]:
    """The tie rule of the notebooks: the customer at rank floor(h) of the order (frequency, id)."""
    ordered = sorted((f, id_order(c)) for f, c in pairs)
    return [ordered[(len(ordered) - 1) * i // k] for i in range(1, k)]


def scores(
    table: Sequence[dict[str, object]], k: tuple[int, int, int] = (5, 5, 5), ties: str = "first"
) -> list[tuple[int, int, int]]:
    """(r, f, m) of each row of a customer table, fitted on the same rows."""
    recency = [float(r["recency"]) for r in table]  # type: ignore[arg-type]
    frequency = [float(r["frequency"]) for r in table]  # type: ignore[arg-type]
    monetary = [money(r["monetary"]) for r in table]  # type: ignore[arg-type]
    ids = [r["customer_id"] for r in table]
    r_cuts, m_cuts = cut_points(recency, k[0]), cut_points(monetary, k[2])
    f_rank: list[int]
    if ties == "first":
        pairs = first_cuts(zip(frequency, ids, strict=True), k[1])  # type: ignore[arg-type]
        keys = [(f, id_order(c)) for f, c in zip(frequency, ids, strict=True)]  # type: ignore[arg-type]
        f_rank = [1 + sum(cut < key for cut in pairs) for key in keys]
    else:
        cuts = cut_points(frequency, k[1])
        f_rank = [1 + sum(cut < f for cut in cuts) for f in frequency]
    return [
        (k[0] - sum(c < r for c in r_cuts), f, 1 + sum(c < m for c in m_cuts))
        for r, f, m in zip(recency, f_rank, monetary, strict=True)
    ]


STANDARD_RULES = [
    ("Hibernating", (1, 2), (1, 2)),
    ("At Risk", (1, 2), (3, 4)),
    ("Can't Lose", (1, 2), (5, 5)),
    ("About to Sleep", (3, 3), (1, 2)),
    ("Need Attention", (3, 3), (3, 3)),
    ("Loyal Customers", (3, 4), (4, 5)),
    ("Promising", (4, 4), (1, 1)),
    ("New Customers", (5, 5), (1, 1)),
    ("Potential Loyalists", (4, 5), (2, 3)),
    ("Champions", (5, 5), (4, 5)),
]


def segment(r: int, f: int) -> str:
    (name,) = [n for n, (r0, r1), (f0, f1) in STANDARD_RULES if r0 <= r <= r1 and f0 <= f <= f1]
    return name
