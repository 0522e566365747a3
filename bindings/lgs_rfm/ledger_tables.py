"""The tables of a ledger: what the ledger alone can answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _core
from ._lazy import np
from .frames import IdType, kind_named
from .moments import Moment, Window, micros_of, window_micros
from .returning_tables import ReturningTables
from .scoring import Scorer, SegmentRules
from .snapshots import basis_of, native_snapshot_scorer, native_snapshots
from .table import Table

__all__ = ["LedgerTables", "check_money"]

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
        native = self._native.invoices(None if customer is None else _id_text(customer), money == "decimal")
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

    def snapshots(
        self,
        *,
        every: str = "month",
        window: Window = None,
        scorer: Scorer | None = None,
        rules: SegmentRules | None = None,
        refit: bool = False,
        basis: str = "purchases",
        since: Moment = None,
        until: Moment = None,
        frame: str | None = None,
        money: str = "float",
    ) -> Any:
        """Return customers, scores and segments as of the end of each month, or of other periods, in one pass.

        The snapshot at t is that of the lines before t, as of t: the customers of
        ``book.between(None, t).customers(as_of=t)``.

        Parameters
        ----------
        every : {"day", "week", "month", "quarter", "year"}
            The periods whose ends are taken; weeks begin on Monday.
        window : str or timedelta, optional
            Only lines after ``t - window`` count, such as ``"365d"``.
        scorer : Scorer, optional
            A fitted scorer is applied as it is. One that is not fitted says with which bins and ties to learn. Default:
            the bins of the rules, ``ties="together"``.
        rules : SegmentRules, optional
            Default: the standard ten segments.
        refit : bool
            False: cut points are learnt once, so that a customer moves only by what it does; see `snapshot_scorer`.
            True: at each snapshot.
        basis : {"purchases", "net", "all"}
            As for `customers`.
        since, until : str, date, datetime, Timestamp or datetime64, optional
            Only snapshots with since <= t <= until; the learnt cut points stay the same. Default: from the end of the
            first line's period to the end of the last line's. A later `until` adds snapshots after that.
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            snapshot (t), customer_id, recency, frequency, monetary, first_date, last_date, r_score, f_score, m_score,
            segment, step_gross (of the customer's purchase lines in the one period that ends at t, whatever the basis
            and window). With ``refit=True`` also previous (the snapshot before it that has customers; missing at the
            first) and old_cuts_segment (the segment by the cut points of that one). By snapshot, then by customer; a
            customer without a counted line has no row.

        Raises
        ------
        ValueError
            An option is wrong, scorer and rules differ in bins, or a fitted scorer is given with ``refit=True``.

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=200, seed=1))
        >>> snapshots = book.snapshots(frame="numpy", since="2011-01-01", until="2011-03-31")
        >>> sorted(set(snapshots["snapshot"].astype(str)))[0][:10]
        '2011-01-01'
        """
        options = (every, window, basis, since, until)
        return self._give(native_snapshots(self._native, *options, refit, scorer, rules), frame, money)

    def snapshot_scorer(
        self,
        *,
        every: str = "month",
        window: Window = None,
        scorer: Scorer | None = None,
        rules: SegmentRules | None = None,
        basis: str = "purchases",
    ) -> Scorer:
        """Return the scorer that `snapshots` learns once with the same options, fitted.

        It is learnt from the first snapshot with customers that sees a whole window, or 365 days without one: t -
        window is not before the midnight of the first line's day. Where there is no such one, from the last with
        customers.

        Parameters
        ----------
        every, window, scorer, rules, basis
            As for `snapshots`. A fitted scorer comes back as it is.

        Returns
        -------
        Scorer

        Raises
        ------
        ValueError
            An option is wrong, or there are no customers to learn from.

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=200, seed=1))
        >>> book.snapshot_scorer()
        Scorer(bins=5, ties='together')
        """
        return native_snapshot_scorer(self._native, every, window, basis, scorer, rules)

    def _customer_options(
        self, as_of: Moment, basis: str, window: Window
    ) -> tuple[int | None, _core.Basis, int | None]:
        """Return checked options in native form."""
        return micros_of(as_of, "as_of"), basis_of(basis), window_micros(window)

    def _give(self, native: _core.Table, frame: str | None, money: str = "float") -> Any:
        """Return a native table as the asked kind of frame, ids in the type they came in."""
        check_money(money)
        kind = kind_named(frame or self._kind or "table")
        native.give_ids_as_text([name for name, id_type in self._ids.items() if id_type.text])
        ids = self._ids if kind.name == self._kind else {}
        return kind.from_table(Table(native, exact=money == "decimal"), ids, fresh=True)


def check_money(money: str) -> None:
    """Refuse any other way to give money."""
    if money not in _MONEY:
        raise ValueError(f"money={money!r} is not one of {', '.join(map(repr, _MONEY))}")


def _id_text(value: Any) -> str:
    """Return an id as text; whole floats are integers."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value)
