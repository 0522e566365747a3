"""The tables of a ledger: what the ledger alone can answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core
from .frames import IdType, kind_named
from .moments import Moment, Window, micros_of, window_micros
from .returning_tables import ReturningTables
from .table import Table

__all__ = ["LedgerTables", "check_money"]

_BASES = ("purchases", "net", "all")
_MONEY = ("float", "decimal")


class LedgerTables(ReturningTables):
    """The methods of `Ledger` that give a table."""

    _native: _core.Ledger
    _kind: str | None
    _ids: dict[str, IdType]

    def invoices(self, *, customer: Any = None, frame: str | None = None, money: str = "float") -> Any:
        """Return one row per invoice, in id order.

        Parameters
        ----------
        customer : int or str, optional
            Only invoices with a line of this customer.
        frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
            The kind of frame. Default: the kind that the lines came in.
        money : {"float", "decimal"}
            Money as float64, each the correctly rounded exact sum, or as exact decimals with six places.

        Returns
        -------
        frame
            invoice, kind, customer_id (missing unless exactly one), customers, first_moment, last_moment, lines,
            purchase_lines, quantity, gross, net.
        """
        native = self._native.invoices(None if customer is None else _id_text(customer))
        return self._give(native, frame, money)

    def amount_summary(
        self, *, quantiles: Sequence[float] = (1.0, 0.85), frame: str | None = None, money: str = "float"
    ) -> Any:
        """Summarise the amounts of the invoices with net > 0, up to and including each quantile of them.

        Parameters
        ----------
        quantiles : sequence of float, each 0..1
            By linear interpolation, numpy's default (type 7 of Hyndman and Fan).
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            quantile, cutoff, count, min, max, mean, median, mode (the smallest of the most frequent exact amounts),
            mode_count. No rows when no invoice is positive.
        """
        return self._give(self._native.amount_summary([float(q) for q in quantiles]), frame, money)

    def monthly(self, *, frame: str | None = None, money: str = "float") -> Any:
        """Return orders, cancellations, sales, growth and users by calendar month.

        Parameters
        ----------
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            month (its first day), yyyymm, orders, cancelled, placed (orders - 2 x cancelled), sale_invoices,
            adjustments, sales (net), growth (a ratio; missing in the first month and after sales <= 0), active_users,
            new_users, existing_users. Months without a line are rows of zeros.
        """
        return self._give(self._native.monthly(), frame, money)

    def customers(
        self,
        *,
        as_of: Moment = None,
        basis: str = "purchases",
        window: Window = None,
        frame: str | None = None,
        money: str = "float",
    ) -> Any:
        """Return recency, frequency and monetary per customer as of a moment.

        Parameters
        ----------
        as_of : str, date, datetime, Timestamp or datetime64, optional
            Later lines are left out, a line at this moment counts. Default: midnight after the day of the last line.
        basis : {"purchases", "net", "all"}
            ``"purchases"``: lines with quantity > 0 and amount > 0. ``"net"``: recency and frequency of these, monetary
            net of everything. ``"all"``: every line; cancellations count as invoices.
        window : str or timedelta, optional
            Only lines after ``as_of - window``, such as ``"365d"``.
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            customer_id, recency (whole days since the last counted line), frequency (distinct invoices), monetary,
            first_date, last_date. Missing customers have no row.
        """
        return self._give(self._native.customers(*self._customer_options(as_of, basis, window)), frame, money)

    def quality(self, *, frame: str | None = None, money: str = "float") -> Any:
        """Count what the lines are made of and what is odd about them.

        Returns
        -------
        frame
            name, lines, invoices (with such a line), amount (their net; missing where a ledger does not hold it). Rows:
            all, sales, cancellations, adjustments, no_prefix (invoice numbers that are integers), purchases,
            unknown_customer, zero_price, negative_price, odd_quantity (above 0 on a cancellation, below 0 on a sale),
            zero_quantity.
        """
        return self._give(self._native.quality(), frame, money)

    def _customer_options(
        self, as_of: Moment, basis: str, window: Window
    ) -> tuple[int | None, _core.Basis, int | None]:
        """Return checked options in native form."""
        if basis not in _BASES:
            raise ValueError(f"basis={basis!r} is not one of {', '.join(map(repr, _BASES))}")
        return micros_of(as_of, "as_of"), _core.Basis[basis], window_micros(window)

    def _give(self, native: _core.Table, frame: str | None, money: str = "float") -> Any:
        """Return a native table as the asked kind of frame, ids in the type they came in."""
        check_money(money)
        kind = kind_named(frame or self._kind or "table")
        native = native.with_text_ids([name for name, id_type in self._ids.items() if id_type.text])
        return kind.from_table(Table(native, exact=money == "decimal"), self._ids if kind.name == self._kind else {})


def check_money(money: str) -> None:
    """Refuse any other way to give money."""
    if money not in _MONEY:
        raise ValueError(f"money={money!r} is not one of {', '.join(map(repr, _MONEY))}")


def _id_text(value: Any) -> str:
    """Return an id as text; whole floats are integers."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value)
