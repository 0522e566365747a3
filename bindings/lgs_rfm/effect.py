"""What a campaign can tell: the smallest effect that its size finds, and the effect that it had."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from . import _core
from ._intervals import inverse_normal, newcombe, normal_quantile, welch
from ._lazy import np
from .errors import ColumnError
from .frames import Kind, kind_named, kind_of
from .frames._ids import collected, unique_ids
from .frames._rows import Id, native_table
from .frames._values import objects
from .ledger import Ledger
from .moments import Moment, micros_of
from .table import Table

__all__ = ["detectable_effect", "uplift"]

GROUPS = ["contact", "holdout"]
BASE_RATES = (0.01, 0.05, 0.1, 0.2)
_DAY = 86_400_000_000
_MILLION = 1_000_000

Row = dict[str, Any]


def detectable_effect(
    campaign: Any = None,
    *,
    contact: int | None = None,
    holdout: int | None = None,
    base_rate: float | Sequence[float] = BASE_RATES,
    spread: float | None = None,
    power: float = 0.8,
    frame: str | None = None,
) -> Any:
    """Tell before a campaign how large its effect must be to be found with a list of this size.

    An effect of this size, if it is there, is found at the two-sided level of 5 % with the probability `power`. A
    smaller one may be there and still not be told from chance.

    Parameters
    ----------
    campaign : frame, optional
        With customer_id and group, as `campaign` gives it. Or give `contact` and `holdout`.
    contact, holdout : int, optional
        The number of customers in each group.
    base_rate : float or sequence of float, each 0 <= rate < 1
        Response rates to expect without the campaign.
    spread : float, optional
        The standard deviation of the gross per customer to expect in the window. Default: that of `monetary` in the
        campaign, where there is one; it is over a customer's whole time, so rather too large for a short window.
    power : float, 0.5 <= power < 1
        The probability of finding the effect.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `campaign`, ``"table"`` without one.

    Returns
    -------
    frame
        measure (a row ``response_rate`` per base rate, then ``gross_per_customer``), contact, holdout (customers),
        base_rate (missing for gross), spread (standard deviation of one customer's value), effect (the smallest
        difference found, contact minus holdout), effect_in_spreads. Missing: a group below 2, an effect that would take
        the rate above 1, a spread that is not known.

    Raises
    ------
    ValueError
        Neither or both of `campaign` and the two sizes are given, or an option is out of its range.
    LinesError, ColumnError
        The campaign's frame lacks a column, or a customer is there twice.

    Notes
    -----
    By the normal approximation; for rates the test of two proportions with a pooled variance under no difference, as in
    Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions" (2003), chapter 4, without a correction for
    continuity.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> found = lgs.detectable_effect(contact=900, holdout=100, base_rate=0.1, frame="numpy")
    >>> found["effect"].round(4).tolist(), found["effect_in_spreads"].round(4).tolist()
    ([0.1102, nan], [0.3674, 0.2953])
    """
    rates = [float(base_rate)] if isinstance(base_rate, int | float | np.number) else [float(x) for x in base_rate]
    for rate in rates:
        if not 0 <= rate < 1:
            raise ValueError(f"base_rate={rate!r} is not allowed; give a rate from 0 to below 1")
    if not 0.5 <= power < 1:
        raise ValueError(f"power={power!r} is not allowed; give a probability from 0.5 to below 1")
    if spread is not None and not (spread >= 0 and math.isfinite(spread)):
        raise ValueError(f"spread={spread!r} is not allowed; give a standard deviation of 0 or more")
    if (campaign is None) == (contact is None and holdout is None):
        raise ValueError("detectable_effect: give either a campaign, or contact and holdout")
    if campaign is not None:
        campaign = collected(campaign, "campaign")
        kind = kind_of(campaign)
        _, held = _assigned(kind, campaign)
        contact, holdout = int((~held).sum()), int(held.sum())
        if spread is None and "monetary" in kind.names(campaign):
            spread = spread_of(kind, campaign, range(len(held)))
        frame = frame or kind.name
    for option, size in (("contact", contact), ("holdout", holdout)):
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 0:
            raise ValueError(f"{option}={size!r} is not allowed; give a number of customers")
    rows = effect_rows(int(contact or 0), int(holdout or 0), rates=rates, spread=spread, power=power)
    return _frame_of(rows, frame or "table")


def effect_rows(
    contact: int,
    holdout: int,
    *,
    rates: Sequence[float] = BASE_RATES,
    spread: float | None = None,
    power: float = 0.8,
) -> list[Row]:
    """Return the rows of `detectable_effect`; the spread of gross may be unknown."""
    rows = []
    for rate in rates:
        one = math.sqrt(rate * (1 - rate))
        effect = _rate_effect(contact, holdout, rate, power) if min(contact, holdout) >= 2 else math.nan
        rows.append(
            _effect_row("response_rate", contact, holdout, rate, one, effect, effect / one if one else math.nan)
        )
    units = math.nan
    if min(contact, holdout) >= 2:
        units = (normal_quantile() + inverse_normal(power)) * math.sqrt(1 / contact + 1 / holdout)
    known = math.nan if spread is None else float(spread)
    rows.append(_effect_row("gross_per_customer", contact, holdout, math.nan, known, units * known, units))
    return rows


def _effect_row(
    measure: str, contact: int, holdout: int, rate: float, spread: float, effect: float, units: float
) -> Row:
    return {
        "measure": measure,
        "contact": contact,
        "holdout": holdout,
        "base_rate": rate,
        "spread": spread,
        "effect": effect,
        "effect_in_spreads": units,
    }


def _rate_effect(contact: int, holdout: int, rate: float, power: float) -> float:
    """Return the smallest rise of a rate that is found; NaN when none is."""
    level, strength = normal_quantile(), inverse_normal(power)

    def short(rise: float) -> float:
        """How far the rise falls short of what is needed. Concave and not below 0 at 0, so it is 0 once."""
        other = min(rate + rise, 1.0)
        pooled = (contact * other + holdout * rate) / (contact + holdout)
        apart = other * (1 - other) / contact + rate * (1 - rate) / holdout
        together = pooled * (1 - pooled) * (1 / contact + 1 / holdout)
        return level * math.sqrt(together) + strength * math.sqrt(apart) - rise

    low, high = 0.0, 1 - rate
    if short(high) > 0:
        return math.nan
    while low < (middle := (low + high) / 2) < high:
        # Half a step above 0 the need is always larger than the rise, also where no one would respond by himself.
        low, high = (middle, high) if short(middle) > 0 else (low, middle)
    return high


def spread_of(kind: Kind, customers: Any, rows: Sequence[int]) -> float | None:
    """Return the standard deviation (over n - 1) of monetary at these rows; None below two."""
    if len(rows) < 2:
        return None
    money = np.asarray(kind.to_numpy(customers, "monetary"), dtype=np.float64)[np.array(rows, dtype=np.int64)].tolist()
    mean = math.fsum(money) / len(money)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in money) / (len(money) - 1))


def uplift(campaign: Any, ledger: Ledger, *, start: Moment, days: int = 60, frame: str | None = None) -> Any:
    """Compare the purchases of the contacted with those of the held out, in the days after a campaign.

    Everyone on the list counts as assigned, whether the message arrived or not; who bought nothing counts as 0.

    Parameters
    ----------
    campaign : frame
        With customer_id and group (``"contact"`` or ``"holdout"``), as `campaign` gives it; also as read from its CSV.
    ledger : Ledger
        Of the lines of the window, and others. Purchase lines count.
    start : str, date, datetime, Timestamp or datetime64
        The first moment of the window; a date means its first instant.
    days : int
        The length of the window, at least 1: from `start` to before `start` + `days`.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `campaign`.

    Returns
    -------
    frame
        measure, contact, holdout, difference (contact - holdout), low, high (the 95 % interval of the difference),
        contact_customers, holdout_customers. Rows: ``response_rate`` (customers with a purchase / customers; Newcombe's
        interval), ``invoices_per_customer`` and ``gross_per_customer`` (means; Welch's interval), ``incremental_gross``
        (gross of the contacted, what it would have been at the held out's mean, and the difference: that of
        gross_per_customer x contacted, as are low and high). A group below 2 has no figure, and then there is no
        difference; where neither group varies, Welch's interval is missing.

    Raises
    ------
    ValueError
        The window is not fully within the days of the ledger's lines, or an option or a group is wrong.
    LinesError, ColumnError
        A customer is missing or there twice, a column is missing.

    Notes
    -----
    Money is added up exactly, so the figures depend neither on the order of rows nor on the kind of frame. Welch's
    interval is for large groups: where few customers bring most of the gross and only a tenth is held out, it covers
    the difference in fewer than 95 of 100 campaigns; hold out more. The page of definitions has figures.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=500, seed=1))
    >>> segments = lgs.rfm(book, as_of="2011-10-01", frame="numpy")
    >>> mailing = lgs.campaign(segments, "Champions", name="autumn", as_of="2011-10-01", holdout=0.5)
    >>> effect = lgs.uplift(mailing, book, start="2011-10-01", days=60)
    >>> effect["measure"].tolist()
    ['response_rate', 'invoices_per_customer', 'gross_per_customer', 'incremental_gross']
    >>> bool(((effect["low"] < 0) & (effect["high"] > 0)).all())  # nobody was written to: there is no effect
    True
    """
    if not isinstance(ledger, Ledger):
        raise TypeError(f"ledger has type {type(ledger).__name__}; give a Ledger of the lines")
    if isinstance(days, bool) or not isinstance(days, int | np.integer) or not 1 <= days <= 36_500:
        raise ValueError(f"days={days!r} is not allowed; give a whole number of days, 1 or more")
    begin = micros_of(start, "start")
    if begin is None:
        raise ValueError("start=None is not allowed; give the day on which the campaign went out")
    end = begin + int(days) * _DAY
    _check_observed(ledger, begin, end, start, int(days))
    campaign = collected(campaign, "campaign")
    kind = kind_of(campaign)
    ids, held = _assigned(kind, campaign)
    invoices, gross = _purchases(ledger, begin, end)
    groups = [[one for one, out in zip(ids, held.tolist(), strict=True) if out == side] for side in (False, True)]
    return _frame_of(_uplift_rows(groups, invoices, gross), frame or kind.name)


def _check_observed(ledger: Ledger, begin: int, end: int, start: Moment, days: int) -> None:
    """Refuse a window that the ledger's lines do not cover."""
    bounds = ledger._native.moment_bounds()
    if bounds is None:
        raise ValueError("uplift: the ledger is empty; add the lines of the window")
    first, last = bounds
    after = (last // _DAY + 1) * _DAY
    if end > after:
        raise ValueError(
            f"start={start!r}, days={days}: the window ends at {_core.format_moment(end)}, but the ledger's last line "
            f"is of {_core.format_moment(last)}; add the lines up to then, or give fewer days"
        )
    if begin < first // _DAY * _DAY:
        raise ValueError(
            f"start={start!r}: the window begins before the ledger's first line of {_core.format_moment(first)}; add "
            "the lines since then, or give a later start"
        )


def _assigned(kind: Kind, campaign: Any) -> tuple[list[Id], np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return who is on the list, and who of them is held out."""
    ids = unique_ids(kind, campaign, "campaign")
    if "group" not in kind.names(campaign):
        raise ColumnError("campaign: column group is missing; give a frame such as campaign returns")
    groups = kind.to_numpy(campaign, "group").tolist()
    for row, group in enumerate(groups):
        if group not in GROUPS:
            raise ValueError(f"campaign: column group, row {row}: {group!r} is not one of 'contact', 'holdout'")
    return ids, np.array([group == "holdout" for group in groups], dtype=bool)


def _purchases(ledger: Ledger, begin: int, end: int) -> tuple[dict[Id, int], dict[Id, int]]:
    """Return invoices and gross (millionths) in the window by customer."""
    table = ledger._native.between(begin, end).customers(None, _core.Basis.purchases, None)
    _, ids, _, _ = table.column("customer_id", False, True)
    names = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
    invoices = np.asarray(table.column("frequency")[1]).tolist()
    gross = [int(value * _MILLION) for value in table.column("monetary", True)[1]]
    return dict(zip(names, invoices, strict=True)), dict(zip(names, gross, strict=True))


def _uplift_rows(groups: list[list[Id]], invoices: dict[Id, int], gross: dict[Id, int]) -> list[Row]:
    """Return the rows of `uplift` for the contacted and the held out."""
    sizes = [len(group) for group in groups]
    orders = [[invoices[one] for one in group if one in invoices] for group in groups]
    money = [[gross[one] for one in group if one in gross] for group in groups]
    buyers = [len(values) for values in orders]
    enough = min(sizes) >= 2

    def row(measure: str, values: tuple[float, float], difference: float, interval: tuple[float, float]) -> Row:
        contact, holdout = (v if size >= 2 else math.nan for v, size in zip(values, sizes, strict=True))
        return {
            "measure": measure,
            "contact": contact,
            "holdout": holdout,
            "difference": difference if enough else math.nan,
            "low": interval[0],
            "high": interval[1],
            "contact_customers": sizes[0],
            "holdout_customers": sizes[1],
        }

    unknown = (math.nan, math.nan)
    rates = (_ratio(buyers[0], sizes[0]), _ratio(buyers[1], sizes[1]))
    interval = newcombe(buyers[0], sizes[0], buyers[1], sizes[1]) if enough else unknown
    rows = [row("response_rate", rates, rates[0] - rates[1], interval)]
    for measure, values, unit in (("invoices_per_customer", orders, 1), ("gross_per_customer", money, _MILLION)):
        means = tuple(_ratio(sum(v), size * unit) for v, size in zip(values, sizes, strict=True))
        low, high = welch(values[0], sizes[0], values[1], sizes[1]) if enough else unknown
        difference = means[0] - means[1]
        rows.append(row(measure, (means[0], means[1]), difference, (low / unit, high / unit)))
    contacted, last = sizes[0], rows[-1]
    expected = _ratio(sum(money[1]) * contacted, sizes[1] * _MILLION)
    rows.append(
        row(
            "incremental_gross",
            (sum(money[0]) / _MILLION, expected),
            last["difference"] * contacted,
            (last["low"] * contacted, last["high"] * contacted),
        )
    )
    return rows


def _ratio(value: int, by: int) -> float:
    return value / by if by else math.nan


def plain_rows(rows: list[Row]) -> list[Row]:
    """Return rows as JSON can hold them: None for what is missing."""
    return [{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()} for row in rows]


def _frame_of(rows: list[Row], frame: str) -> Any:
    """Return rows as a frame; NaN is missing."""
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        columns[name] = objects(values) if isinstance(values[0], str) else np.array(values)
    return kind_named(frame).from_table(Table(native_table(columns)), {})
