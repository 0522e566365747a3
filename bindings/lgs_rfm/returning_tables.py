"""The tables of a ledger that tell who comes back: periods, cohorts, returning customers, time between purchases."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from . import _core
from .moments import CALENDAR_STEPS, Moment, micros_of

__all__ = ["ReturningTables"]

_MEASURES = ("customers", "invoices", "gross", "net")
_FORMS = ("wide", "long")
_SHOWN = ("retention", "value")
_UNITS = ("invoices", "days")


class ReturningTables:
    """The methods of `Ledger` about customers that return."""

    _native: _core.Ledger

    @abstractmethod
    def _give(self, native: _core.Table, frame: str | None, money: str = "float") -> Any: ...

    def periods(self, *, every: str = "month", frame: str | None = None, money: str = "float") -> Any:
        """Return orders, sales, growth and users by day, week, month, quarter or year.

        Parameters
        ----------
        every : {"month", "day", "week", "quarter", "year"}
            The step of the calendar. Weeks are those of ISO 8601, from Monday.
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            period (its first day), label (``"2011-12-09"``, ``"2011-W49"``, ``"2011-12"``, ``"2011-Q4"``,
            ``"2011"``), orders, cancelled, placed, sale_invoices, adjustments, sales and growth as `monthly` has them,
            growth_year (against the same date, ISO week, month or quarter one year before; missing where there is none
            or its sales are <= 0), active_users, new_users, existing_users, purchase_invoices (with a purchase line in
            the period), average_invoice (gross / purchase_invoices: the average order value, before returns; missing
            where there is none), known_orders (with a line of a known customer), unknown_orders, known_sales,
            unknown_sales. Periods without a line are rows of zeros.

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
        >>> weeks = book.periods(every="week", frame="numpy")
        >>> bool((weeks["orders"] == weeks["known_orders"] + weeks["unknown_orders"]).all())
        True
        """
        _one_of("every", every, CALENDAR_STEPS)
        return self._give(_core.periods(self._native, _core.Step[every]), frame, money)

    def cohorts(
        self,
        *,
        measure: str = "customers",
        form: str = "wide",
        show: str = "retention",
        average: bool | None = None,
        until: Moment = None,
        frame: str | None = None,
        money: str = "float",
    ) -> Any:
        """Return what became of the customers by the calendar month of their first purchase.

        Parameters
        ----------
        measure : {"customers", "invoices", "gross", "net"}
            What is followed: customers with a purchase line in the month, distinct invoices with such a line, the sum
            of these lines, or the sum of all lines of the cohort's customers.
        form : {"wide", "long"}
            A row per cohort and a column per month number, or a row per cell.
        show : {"retention", "value"}
            What the cells of the wide form tell: the measure's ratio to its value in month 0, or the measure itself.
        average : bool, optional
            Whether to end with the weighted average: over the cohorts for which the month is observed to its last day,
            the sum of the measure / the sum of its values in month 0. Default: in the wide form that shows retention.
        until : str, date, datetime, Timestamp or datetime64, optional
            The end of what is observed: lines from this moment on are left out, so ``"2011-12-01"`` means all of
            November and no more. Default: midnight after the day of the last line.
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            Wide: cohort (first day of the month), size (customers), left_censored (1 for the first cohort, which holds
            customers that may have bought before the first line), partial_month (the month number that is not observed
            to its last day, missing where all are), month_0, month_1 and so on, missing where not observed yet. The
            average is the last row: its cohort is missing, its size is that of all cohorts.

            Long: cohort, size, month_number, month (first day), value, retention (missing where month 0 is <= 0, which
            only a net can be), partial (1 where the month is not observed to its last day), left_censored. The averages
            are the last rows: cohort, month and left_censored are missing, size and value are sums over the cohorts
            that count.

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
        >>> wide = book.cohorts(frame="numpy")
        >>> list(wide)[:6]
        ['cohort', 'size', 'left_censored', 'partial_month', 'month_0', 'month_1']
        >>> bool((wide["month_0"] == 1).all())
        True
        """
        _one_of("measure", measure, _MEASURES)
        _one_of("form", form, _FORMS)
        _one_of("show", show, _SHOWN)
        wide, values = form == "wide", show == "value"
        if average is None:
            average = wide and not values
        elif average and wide and values:
            raise ValueError("average=True goes with show='retention' or form='long'; values have no common month 0")
        native = _core.cohorts(
            self._native, _core.Measure[measure], micros_of(until, "until"), wide, values, bool(average)
        )
        return self._give(native, frame, money)

    def returning(
        self,
        *,
        days: Iterable[int] = (30, 60, 90),
        until: Moment = None,
        frame: str | None = None,
        money: str = "float",
    ) -> Any:
        """Return new, returning, lost and won back customers by calendar month, from purchase lines alone.

        Parameters
        ----------
        days : iterable of int
            The thresholds, each 1 or more: a customer is lost after so many days without a purchase.
        until : str, date, datetime, Timestamp or datetime64, optional
            The end of what is observed, as for `cohorts`. Default: midnight after the day of the last line.
        frame, money
            As for `invoices`.

        Returns
        -------
        frame
            month (its first day), new_buyers (first purchase in it), returning_buyers (the others who bought),
            new_gross, returning_gross, unknown_gross (lines without a customer), and for each threshold d lost_d
            (customers whose last purchase day + d + 1 is in the month, with no purchase in between, and is observed)
            and won_back_d (purchase days more than d days after the one before). Over all months lost - won back = the
            customers lost at the end.

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
        >>> months = book.returning(days=(45,), frame="numpy")
        >>> list(months)[-2:]
        ['lost_45', 'won_back_45']
        >>> bool(months["new_buyers"].sum() == len(book.customers(frame="numpy")["customer_id"]))
        True
        """
        native = _core.returning(self._native, _whole_days(days), micros_of(until, "until"))
        return self._give(native, frame, money)

    def repeat_rate(self, *, count: str = "invoices", frame: str | None = None) -> Any:
        """Return how many of the buyers bought more than once.

        Parameters
        ----------
        count : {"invoices", "days"}
            What one purchase is: an invoice with a purchase line of the customer, or a day with one.
        frame
            As for `invoices`.

        Returns
        -------
        frame
            One row: customers (known, with a purchase), repeat_customers (with two or more), repeat_rate (their ratio;
            missing when there is no buyer).

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
        >>> repeat = book.repeat_rate(frame="numpy")
        >>> bool(repeat["repeat_rate"][0] == repeat["repeat_customers"][0] / repeat["customers"][0])
        True
        """
        _one_of("count", count, _UNITS)
        return self._give(_core.repeat_rate(self._native, _core.Unit[count]), frame)

    def days_between(
        self,
        *,
        per_customer: bool = False,
        quantiles: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
        frame: str | None = None,
    ) -> Any:
        """Return the days between consecutive days with a purchase, of all customers together or of each.

        Parameters
        ----------
        per_customer : bool
            False: quantiles of all gaps together. True: a row per customer; `quantiles` are not looked at.
        quantiles : sequence of float, each 0..1
            By linear interpolation, as for `amount_summary`.
        frame
            As for `invoices`.

        Returns
        -------
        frame
            Of all: quantile, days (its value), and in each row the same gaps (their number), customers (with a gap),
            mean and std (sample standard deviation; missing for one gap). No rows when there is no gap.

            Per customer, in id order, all known buyers: customer_id, purchase_days, gaps (purchase_days - 1), mean,
            std (missing below two gaps), shortest, longest (missing, like mean, without a gap).

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
        >>> pooled, each = book.days_between(frame="numpy"), book.days_between(per_customer=True, frame="numpy")
        >>> bool(pooled["gaps"][0] == each["gaps"].sum())
        True
        """
        if per_customer:
            return self._give(_core.days_between_by_customer(self._native), frame)
        return self._give(_core.days_between(self._native, [float(q) for q in quantiles]), frame)

    def second_purchase(self, *, count: str = "invoices", until: Moment = None, frame: str | None = None) -> Any:
        """Estimate the time from the first to the second purchase, by Kaplan and Meier.

        Parameters
        ----------
        count : {"invoices", "days"}
            What a second purchase is, as for `repeat_rate`: another invoice, so that the time may be 0 days, or a
            purchase on another day.
        until : str, date, datetime, Timestamp or datetime64, optional
            The end of what is observed, as for `cohorts`. Default: midnight after the day of the last line.
        frame
            As for `invoices`.

        Returns
        -------
        frame
            One row per number of days at which someone bought again or ceased to be observed: time (whole days after
            the day of the first purchase), at_risk (customers with one purchase so far and still observed), events
            (second purchases), censored (one-time buyers whose observation ends), survival (estimated share that has
            not bought again by the end of that day), std_error (Greenwood's, of survival; missing where that is 0).

        Notes
        -----
        One-time buyers are censored on the last observed day. Kaplan and Meier, "Nonparametric estimation from
        incomplete observations", J. Amer. Statist. Assoc. 53 (1958); Greenwood, "The natural duration of cancer",
        Reports on Public Health and Medical Subjects 33 (1926).

        Examples
        --------
        >>> import lgs_rfm as lgs
        >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=100, seed=1))
        >>> curve = book.second_purchase(frame="numpy")
        >>> bool(curve["events"].sum() == book.repeat_rate(frame="numpy")["repeat_customers"][0])
        True
        """
        _one_of("count", count, _UNITS)
        native = _core.second_purchase(self._native, _core.Unit[count], micros_of(until, "until"))
        return self._give(native, frame)


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{option}={value!r} is not one of {', '.join(map(repr, allowed))}")


def _whole_days(days: Any) -> list[int]:
    """Return thresholds as integers; refuse what is none."""
    given = list(days) if isinstance(days, Iterable) and not isinstance(days, str) else [days]
    try:
        whole = [operator.index(each) for each in given]
    except TypeError:
        raise TypeError(
            f"days={days!r} holds something that is no integer; give whole days such as (30, 60, 90)"
        ) from None
    for each in whole:
        if not 1 <= each <= 1_000_000:
            raise ValueError(f"days={days!r}: {each} is outside 1 to 1,000,000; give whole days such as (30, 60, 90)")
    return whole
