"""Features of customers for models, and what to suggest to them: functions of lines, as of a moment."""

from __future__ import annotations

from typing import Any

from . import _core
from ._totals import Totals
from .ledger import Ledger
from .lines import Lines
from .moments import Moment, micros_of

__all__ = ["features", "suggestions"]


def features(lines: Any, *, as_of: Moment = None, frame: str | None = None, money: str = "float") -> Any:
    """Return one row per customer for models; nothing after `as_of` is in it.

    Parameters
    ----------
    lines : frame or Lines
        The invoice lines; they are read twice.
    as_of : str, date, datetime, Timestamp or datetime64, optional
        A line at this moment counts. Default: midnight after the day of the last line.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind that the lines came in.
    money : {"float", "decimal"}
        As for `Ledger.invoices`.

    Returns
    -------
    frame
        Customers with a purchase line, in id order: customer_id, recency, frequency, monetary, first_date, last_date
        (as `Ledger.customers` has them for purchases), age (whole days since the first purchase), gap_mean and gap_std
        (mean and standard deviation, with n - 1, of the days between consecutive days with a purchase; missing with
        fewer than one and two gaps), invoices_30d, gross_30d, invoices_90d, gross_90d, invoices_365d, gross_365d (of
        purchase lines after as_of less so many days), average_invoice (monetary / frequency), return_rate (returned /
        bought units), products (distinct ones bought, services left out), favourite_product (on most of the customer's
        purchase invoices; then the higher gross, then the lower code), country (likewise).

    Raises
    ------
    ValueError
        The lines can be read only once, as those of a stream or a pipe.
    LinesError, ColumnError, TypeError
        As `Ledger.from_lines` says; customer_id, stock_code and country are needed.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> table = lgs.features(lgs.demo_lines(customers=100, seed=1, frame="numpy"), as_of="2011-06-01")
    >>> bool((table["gross_30d"] <= table["gross_90d"]).all())
    True
    """
    once = ValueError("lines can be read only once, and features reads them twice; give a frame or files")
    if isinstance(lines, Lines) and any(each.once for each in lines._inputs):
        raise once
    book = Ledger.from_lines(lines)
    moment = micros_of(as_of, "as_of")
    if moment is None:
        moment = book._native.default_as_of()
    by = Totals(["customer_id", "stock_code", "country"])._add(lines, moment, warn=False)
    if book.reading.lines != by.reading.lines:
        raise once
    by_product = by._native.folded(["customer_id", "stock_code"])
    by_country = by._native.folded(["customer_id", "country"])
    native = _core.features(book._native, by_product, by_country, moment)
    ids = dict(by._ids)
    if "stock_code" in ids:
        ids["favourite_product"] = ids["stock_code"]
    return Totals._of(by._native, by._kind, ids).give(native, frame, money)


def suggestions(lines: Any, *, as_of: Moment = None, min_invoices: int = 20, frame: str | None = None) -> Any:
    """Say for each customer which product to write about.

    Parameters
    ----------
    lines : frame or Lines
        The invoice lines.
    as_of : str, date, datetime, Timestamp or datetime64, optional
        Later lines are left out. Default: none.
    min_invoices : int
        Fewest sale invoices on which two products were bought together, for one to be suggested with the other.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind that the lines came in.

    Returns
    -------
    frame
        Customers who bought a product (services left out), in id order: customer_id, favourite_product (as in
        `features`), suggested_product (of the products bought together with the favourite the one with the highest
        confidence that the customer has not bought; missing where there is none).

    Raises
    ------
    ValueError
        `min_invoices` is below 1.
    LinesError, ColumnError, TypeError
        As `Ledger.from_lines` says; customer_id and stock_code are needed.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> shop = lgs.demo_lines(customers=200, seed=1, frame="numpy")
    >>> found = lgs.suggestions(shop, min_invoices=5)
    >>> bool((found["favourite_product"] != found["suggested_product"]).all())
    True
    """
    by = Totals(["customer_id", "stock_code"])._add(lines, micros_of(as_of, "as_of"))
    native = _core.suggestions(by._native, int(min_invoices))
    ids = dict(by._ids)
    if "stock_code" in ids:
        ids |= {name: ids["stock_code"] for name in ("favourite_product", "suggested_product")}
    return Totals._of(by._native, by._kind, ids).give(native, frame, "float")
