"""Questions about products and countries: functions of lines, answered from their totals."""

from __future__ import annotations

from collections.abc import Hashable
from operator import index
from typing import Any

from . import _core
from ._totals import Totals, totals
from .moments import CALENDAR_STEPS

__all__ = ["bought_together", "countries", "products", "segment_products"]

_SHARES = ("share", "share_of_all", "lift")  # of segment_products
_SERVICES = {False: _core.ShownCodes.goods, True: _core.ShownCodes.all, "only": _core.ShownCodes.services}


def products(
    lines: Any,
    *,
    top: int | None = None,
    services: bool | str = False,
    frame: str | None = None,
    money: str = "float",
) -> Any:
    """Rank products by gross.

    Parameters
    ----------
    lines : frame, Lines or Totals
        The invoice lines, or totals by stock_code and description (or by more).
    top : int, optional
        So many rows at most. Default: all.
    services : {False, True, "only"}
        Codes that do not start with five digits are services: postage, fees, manual corrections. Leave them out, show
        them too, or alone.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind that the lines came in.
    money : {"float", "decimal"}
        As for `Ledger.invoices`.

    Returns
    -------
    frame
        The highest gross first: stock_code, description (the most frequent one; of equals the alphabetically first),
        service (0 or 1), the columns of `Totals.table`, return_rate (returned_units / bought; missing when nothing was
        bought), gross_share (of all products that may be shown), running_share (of this row and those before). Lines
        without a code are a row of services.

    Raises
    ------
    ValueError
        An option is wrong, or the totals are by other keys.
    LinesError, ColumnError, TypeError
        As `Ledger.from_lines` says; stock_code and description are needed.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> best = lgs.products(lgs.demo_lines(customers=100, seed=1, frame="numpy"), top=3)
    >>> len(best["stock_code"]), bool(best["gross"][0] >= best["gross"][1])
    (3, True)
    """
    made = _totals_of(lines, ["stock_code", "description"])
    return made.give(_core.products(made._native, _count("top", top), _shown(services)), frame, money)


def countries(lines: Any, *, every: str | None = None, frame: str | None = None, money: str = "float") -> Any:
    """Compare countries.

    Parameters
    ----------
    lines : frame, Lines or Totals
        The invoice lines, or totals by country (and `every`, or by more).
    every : {"day", "week", "month", "quarter", "year"}, optional
        A row for each country and period instead.
    frame, money
        As for `products`.

    Returns
    -------
    frame
        The highest gross first, with `every` by country and period: country, the period's first day, the columns of
        `Totals.table`, average_invoice (gross / purchase_invoices), net_per_customer (known_net / customers),
        return_rate (returned_units / bought) and gross_share (of all rows). A ratio is missing where it would divide by
        zero. "Unspecified" is a country; a missing one has a row of its own.

    Raises
    ------
    ValueError, LinesError, ColumnError, TypeError
        As for `products`; country is needed.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> table = lgs.countries(lgs.demo_lines(customers=100, seed=1, frame="numpy"))
    >>> round(float(table["gross_share"].sum()), 9)
    1.0
    """
    if every is not None and every not in CALENDAR_STEPS:
        raise ValueError(f"every={every!r} is not one of {', '.join(map(repr, CALENDAR_STEPS))}")
    made = _totals_of(lines, ["country"] if every is None else ["country", every])
    return made.give(_core.countries(made._native), frame, money)


def segment_products(
    lines: Any,
    segments: Any = None,
    *,
    label: str = "segment",
    min_customers: int = 20,
    top: int | None = None,
    services: bool | str = False,
    frame: str | None = None,
) -> Any:
    """Find what each segment's customers buy more than others do.

    Parameters
    ----------
    lines : frame, Lines or Totals
        The invoice lines, or totals by the label, stock_code and description.
    segments : frame
        Customers with a label column, as `rfm` gives them. Not needed for totals.
    label : str
        Which column of `segments`.
    min_customers : int
        Fewest customers of the segment who bought a product, for it to have a row.
    top : int, optional
        So many rows a segment at most. Default: all.
    services, frame
        As for `products`.

    Returns
    -------
    frame
        Segments in their order, in each the highest lift first: the label, stock_code, description, customers (of the
        segment, who bought it), share (of its buyers), share_of_all (of all known buyers, who bought it), lift
        (share / share_of_all; above 1: more than others do).

    Raises
    ------
    ValueError, LinesError, ColumnError, TypeError
        As for `products`; customer_id, stock_code and description are needed.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> shop = lgs.demo_lines(customers=300, seed=1, frame="numpy")
    >>> found = lgs.segment_products(shop, lgs.rfm(shop), min_customers=5, top=1)
    >>> bool((found["lift"] > 0).all())
    True
    """
    by = [label, "stock_code", "description"]
    if segments is None and not isinstance(lines, Totals):
        raise ValueError("segments is missing; give a frame such as rfm returns")
    if segments is not None and isinstance(lines, Totals):
        raise ValueError("segments are given beside totals, which have their labels; leave segments out")
    if label in _SHARES:
        raise ValueError(f"label={label!r} is a column of the result; rename yours")
    least = _whole("min_customers", min_customers)
    made = _totals_of(lines, by) if segments is None else totals(lines, by, labels=segments)
    native = _core.segment_products(made._native, least, _count("top", top), _shown(services))
    return made.give(native, frame, "float")


def bought_together(
    lines: Any, *, min_invoices: int = 20, services: bool | str = True, frame: str | None = None
) -> Any:
    """Count which products stand on the same sale invoices, exactly.

    Parameters
    ----------
    lines : frame, Lines or Totals
        The invoice lines, or totals by stock_code (or by more).
    min_invoices : int
        Fewest invoices with both products, for a pair to have a row.
    services, frame
        As for `products`, but that services are shown.

    Returns
    -------
    frame
        The most frequent pair first: product_a and product_b (in the order of codes), invoices (sale invoices with a
        purchase line of both), invoices_a, invoices_b, support (invoices / sale invoices with a purchase line),
        confidence_ab (invoices / invoices_a), confidence_ba, lift (1: as often as by chance). See Agrawal, Imielinski
        and Swami (1993).

    Raises
    ------
    ValueError, LinesError, ColumnError, TypeError
        As for `products`; stock_code is needed.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> pairs = lgs.bought_together(lgs.demo_lines(customers=200, seed=1, frame="numpy"), min_invoices=5)
    >>> bool((pairs["invoices"] >= 5).all())
    True
    """
    made = _totals_of(lines, ["stock_code"])
    native = _core.bought_together(made._native, _whole("min_invoices", min_invoices), _shown(services))
    product = made._ids.get("stock_code")
    if product is None:
        return made.give(native, frame, "float")
    paired = Totals._of(made._native, made._kind, {"product_a": product, "product_b": product})
    return paired.give(native, frame, "float")


def _totals_of(lines: Any, by: list[str]) -> Totals:
    """Return totals by these keys: of the lines, or of totals with more of them."""
    if not isinstance(lines, Totals):
        return totals(lines, by)
    return lines if list(lines.by) == by else lines.fold(by)


def _shown(services: bool | str) -> _core.ShownCodes:
    if not isinstance(services, Hashable) or services not in _SERVICES:
        raise ValueError(f"services={services!r} is not one of False, True, 'only'")
    return _SERVICES[services]


def _count(name: str, value: int | None) -> int | None:
    if value is None:
        return None
    rows = _whole(name, value)
    if rows < 0:
        raise ValueError(f"{name}={value!r} is below 0; give a number of rows")
    return rows


def _whole(name: str, value: Any) -> int:
    try:
        return min(index(value), 2**63 - 1)
    except TypeError:
        raise TypeError(f"{name}={value!r} is no whole number") from None
