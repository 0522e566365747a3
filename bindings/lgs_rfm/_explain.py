"""Why one customer is in its segment, and what would move it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import _core
from ._lazy import np
from .errors import ColumnError
from .frames import Category, Kind, kind_named, kind_of
from .frames._values import Array, append, objects
from .moments import Moment, micros_of
from .scoring import DIMENSIONS, SCORES, Scorer, SegmentRules
from .snapshots import check_bins
from .table import Table

__all__ = ["explain"]

_DAY = 86_400_000_000
_NEEDED = ("customer_id", *DIMENSIONS, "last_date", *SCORES)


def explain(
    segments: Any,
    customer_id: Any,
    *,
    scorer: Scorer | None = None,
    rules: SegmentRules | None = None,
    as_of: Moment = None,
    frame: str | None = None,
) -> Any:
    """Say why one customer is in its segment: values, bins, percentiles, the next better segment and the next lower.

    Cut points, and all other customers, stay as they are. Better is the segment that the fewest further invoices reach,
    placed now: they raise the frequency, make the recency 0 and leave the monetary as it is. Where no number of them
    changes the segment and the rules look at M, it is the one that the smallest further amount reaches, with one more
    invoice. Lower is the segment at the first whole day from `as_of` on which the recency alone, with nothing bought,
    has changed the segment. Neither asks for a rank among segments; only for scores that are not lower, or not higher.

    Parameters
    ----------
    segments : frame
        Scored customers, one row each, as `rfm`, `Scorer.assign` or one snapshot of `Ledger.snapshots` gives them.
    customer_id : int or str
        The customer.
    scorer : Scorer, optional
        The fitted one that made the scores, such as `Ledger.snapshot_scorer` returns. Default: one fitted on these
        customers with the bins of the rules, as `rfm` does.
    rules : SegmentRules, optional
        Default: the standard ten segments.
    as_of : str, date, datetime, Timestamp or datetime64, optional
        The moment of which the customers are. Default: that of the column snapshot, else the first midnight, or else
        the first moment, that fits all recencies and last dates.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `segments`.

    Returns
    -------
    frame
        One row: customer_id, as_of, recency, frequency, monetary, r_score, f_score, m_score, segment (missing when no
        rule takes the scores), then, with r, f and m in place of x, x_above and x_upto (the bin: values above the one,
        up to the other; missing at an open end), x_percentile (the share of the customers with a worse value, 0..1),
        then

        better_segment (missing when nothing reaches another one), orders_needed (further invoices; 0 without a better
        segment), amount_needed (the further amount must be above it; missing where invoices do, or nothing does),
        lower_segment and falls_on (a moment; missing when it never falls), sentence (all of it in words).

    Raises
    ------
    KeyError
        There is no such customer.
    ColumnError
        A column is missing.
    ValueError
        The customer has several rows, its scores are not the scorer's, scorer and rules differ in bins, or `as_of`
        contradicts the recency.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> segments = lgs.rfm(lgs.demo_lines(customers=200, seed=1), frame="numpy")
    >>> row = lgs.explain(segments, segments["customer_id"][0])
    >>> row["sentence"][0].startswith(f"Customer {segments['customer_id'][0]} is in ")
    True
    """
    kind = kind_of(segments)
    for name in _NEEDED:
        if name not in kind.names(segments):
            raise ColumnError(f"column {name} is missing; give a frame such as rfm returns")
    rules = rules or SegmentRules.standard()
    if scorer is None:
        scorer = Scorer(bins=rules.bins).fit(segments)
    check_bins(scorer, rules)
    at = _row_of(kind, segments, customer_id)
    customer = _Customer(
        kind.to_numpy(segments, "customer_id")[at], *(float(kind.to_numpy(segments, name)[at]) for name in DIMENSIONS)
    )
    last = _micros(kind, segments, "last_date")
    recency = kind.to_numpy(segments, "recency").astype(np.int64)
    moment = _as_of(kind, segments, as_of, last, recency, at)
    look = _Look(scorer, rules)
    scores, codes = look.at([customer])
    known = [int(kind.to_numpy(segments, name)[at]) for name in SCORES]
    if scores[0] != known:
        raise ValueError(
            f"customer {customer.id} has the scores {known} in the frame but {scores[0]} by the scorer; "
            "give the scorer that made them"
        )
    better, orders, amount = look.better(customer, codes[0])
    lower, days = look.lower(customer, codes[0])
    falls_on = None if days is None else moment + days * _DAY
    names = rules.names
    columns: dict[str, Any] = {}
    for name, value in zip(DIMENSIONS, (customer.recency, customer.frequency, customer.monetary), strict=True):
        column = kind.to_numpy(segments, name)
        whole = column.dtype.kind in "iu"
        columns[name] = np.array([int(value) if whole else value])
    columns |= {name: np.array([score]) for name, score in zip(SCORES, known, strict=True)}
    columns["segment"] = Category(np.array(codes[:1], dtype=np.int32), names)
    for letter, name, (above, upto) in zip("rfm", DIMENSIONS, look.bins(scores[0]), strict=True):
        columns[f"{letter}_above"] = np.array([above])
        columns[f"{letter}_upto"] = np.array([upto])
        values = np.asarray(kind.to_numpy(segments, name), dtype=np.float64)
        worse = values > values[at] if name == "recency" else values < values[at]
        columns[f"{letter}_percentile"] = np.array([worse.sum() / len(values)])
    columns["better_segment"] = Category(np.array([-1 if better is None else better], dtype=np.int32), names)
    columns["orders_needed"] = np.array([orders])
    columns["amount_needed"] = np.array([np.nan if amount is None else amount])
    columns["lower_segment"] = Category(np.array([-1 if lower is None else lower], dtype=np.int32), names)
    native = append(_core.Table(), {"customer_id": _id_array(customer.id)})
    native = append(_core.with_moments(native, "as_of", np.array([moment])), columns)
    never = np.iinfo(np.int64).min
    native = _core.with_moments(native, "falls_on", np.array([never if falls_on is None else falls_on]))
    sentence = _sentence(customer, known, names, codes[0], (better, orders, amount), (lower, falls_on))
    native = append(native, {"sentence": objects([sentence])})
    return kind_named(frame or kind.name).from_table(Table(native), {})


@dataclass(frozen=True)
class _Customer:
    """One customer's values."""

    id: Any
    recency: float
    frequency: float
    monetary: float


class _Look:
    """Scores and segments of a customer as it is and as it might become."""

    def __init__(self, scorer: Scorer, rules: SegmentRules) -> None:
        self.scorer, self.rules = scorer, rules
        cuts = scorer.cuts_
        frequency = [cut if scorer.ties == "together" else cut[0] for cut in cuts["frequency"]]
        self.cuts = {"recency": cuts["recency"], "frequency": np.array(frequency), "monetary": cuts["monetary"]}
        self.uses_m = any("m" in ranges for _, ranges in rules.rules)

    def at(self, customers: list[_Customer]) -> tuple[list[list[int]], list[int]]:
        """Return the scores, and the segments' codes in rule order, -1 where no rule takes the scores."""
        columns = {name: np.array([getattr(each, name) for each in customers]) for name in DIMENSIONS}
        columns["customer_id"] = objects([each.id for each in customers])
        scores = [self.scorer._scores(columns)[name] for name in SCORES]
        codes = self.rules._native.assign(*scores)
        return np.stack(scores, axis=1).tolist(), codes.tolist()

    def first_other(self, customers: list[_Customer], code: int) -> tuple[int, int] | None:
        """Return the position and code of the first that is in a segment, but not in this one."""
        if not customers:
            return None
        _, codes = self.at(customers)
        return next(((i, other) for i, other in enumerate(codes) if other not in (code, -1)), None)

    def better(self, customer: _Customer, code: int) -> tuple[int | None, int, float | None]:
        """Return the next better segment, the invoices it needs, and the amount if it needs one."""
        # The score changes only from one frequency that a cut allows to the next.
        steps = {1} | {
            int(np.floor(cut)) + up - int(customer.frequency) for cut in self.cuts["frequency"] for up in (0, 1)
        }
        orders = sorted(step for step in steps if step >= 1)
        found = self.first_other([self._after(customer, count, customer.monetary) for count in orders], code)
        if found is not None:
            return found[1], orders[found[0]], None
        if not self.uses_m:
            return None, 0, None
        limits = sorted({float(cut) for cut in self.cuts["monetary"] if cut >= customer.monetary})
        richer = [self._after(customer, 1, float(np.nextafter(limit, np.inf))) for limit in limits]
        found = self.first_other(richer, code)
        if found is None:
            return None, 0, None
        return found[1], 1, round(limits[found[0]] - customer.monetary, 6)

    def _after(self, customer: _Customer, orders: int, monetary: float) -> _Customer:
        return _Customer(customer.id, 0.0, customer.frequency + orders, monetary)

    def lower(self, customer: _Customer, code: int) -> tuple[int | None, int | None]:
        """Return the next lower segment (None where no rule takes the scores) and the days until it."""
        later = sorted({int(np.floor(cut)) + 1 for cut in self.cuts["recency"] if cut >= customer.recency})
        if not later:
            return None, None
        _, codes = self.at([_Customer(customer.id, float(day), customer.frequency, customer.monetary) for day in later])
        for day, other in zip(later, codes, strict=True):
            if other != code:
                return None if other < 0 else other, day - int(customer.recency)
        return None, None

    def bins(self, scores: list[int]) -> list[tuple[float, float]]:
        """Return the cut points below and above the bin of each score; NaN at an open end."""
        bins = []
        for name, score in zip(DIMENSIONS, scores, strict=True):
            edges = [np.nan, *self.cuts[name].tolist(), np.nan]
            below = len(edges) - 1 - score if name == "recency" else score - 1
            bins.append((edges[below], edges[below + 1]))
        return bins


def _row_of(kind: Kind, segments: Any, customer_id: Any) -> int:
    """Return the customer's row."""
    wanted = _text(customer_id)
    rows = [at for at, each in enumerate(kind.to_numpy(segments, "customer_id").tolist()) if _text(each) == wanted]
    if not rows:
        raise KeyError(f"customer_id={customer_id!r} is not among the customers; give one of column customer_id")
    if len(rows) > 1:
        raise ValueError(f"customer_id={customer_id!r} has {len(rows)} rows; give the rows of one snapshot")
    return rows[0]


def _text(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return value.decode() if isinstance(value, bytes) else str(value)


def _id_array(value: Any) -> Array:
    return np.array([value], dtype=np.int64) if isinstance(value, int | np.integer) else objects([_text(value)])


def _micros(kind: Kind, frame: Any, name: str) -> Array:
    return kind.to_numpy(frame, name).astype("datetime64[us]").astype(np.int64)


def _as_of(kind: Kind, segments: Any, given: Moment, last: Array, recency: Array, at: int) -> int:
    """Return the moment of which the customers are."""
    moment = micros_of(given, "as_of")
    if moment is None and "snapshot" in kind.names(segments):
        moment = int(_micros(kind, segments, "snapshot")[at])
    if moment is None:
        low, high = int((last + recency * _DAY).max()), int((last + (recency + 1) * _DAY).min())
        midnight = -(-low // _DAY) * _DAY
        moment = midnight if midnight < high else low
    if (moment - int(last[at])) // _DAY != int(recency[at]):
        raise ValueError(
            f"as_of={_core.format_moment(moment)} contradicts the recency of {int(recency[at])} days after "
            f"{_core.format_moment(int(last[at]))}; give the moment of which the customers are"
        )
    return moment


def _sentence(
    customer: _Customer,
    scores: list[int],
    names: list[str],
    code: int,
    better: tuple[int | None, int, float | None],
    lower: tuple[int | None, int | None],
) -> str:
    """Put it into words: what it is, what is better, when it gets worse."""
    marks = ", ".join(f"{letter} {score}" for letter, score in zip("RFM", scores, strict=True))
    is_in = f"is in {names[code]}" if code >= 0 else "is in no segment"
    words = f"Customer {_text(customer.id)} {is_in} ({marks})."
    segment, orders, amount = better
    falls_to, falls_on = lower
    day = None if falls_on is None else _core.format_moment(falls_on)[:10]
    if segment is None:
        words += " Further orders lead to no other segment"
    else:
        more = "One more order" if orders == 1 else f"{orders} more orders"
        more += "" if amount is None else f" of more than {amount:,.2f}"
        words += f" {more}{'' if day is None else f' before {day}'} would bring it to {names[segment]}"
    if day is None:
        return words + "; without any it stays where it is."
    falls = "has no segment" if falls_to is None else f"falls to {names[falls_to]}"
    return words + f"; without any it {falls} on {day}."
