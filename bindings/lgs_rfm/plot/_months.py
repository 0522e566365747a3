"""Pictures of the monthly table: orders, sales, growth, users."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._lazy import np
from ..frames._values import Columns
from ._style import BLUE, LIGHT, MUTED, ORANGE, dress, legend, new_axes, no_data, numbers_on, take

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WHAT = "the ledger, or the frame of Ledger.monthly()"
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _rows(source: object, needed: tuple[str, ...], until: object) -> tuple[Columns, int | None]:
    """Return the monthly columns and the position of the month that is not observed to its last day, if any."""
    columns = take(source, "monthly", ("month", *needed), _WHAT)
    if until is None and callable(getattr(source, "invoices", None)):
        moments = take(source, "invoices", ("last_moment",), "the ledger")["last_moment"]
        until = moments.max() if len(moments) else None
    if until is None or not len(columns["month"]):
        return columns, None
    day = np.datetime64(until, "D")  # type: ignore[call-overload]  # text, date, datetime and datetime64 all do
    last = columns["month"].astype("datetime64[M]")[-1]
    whole = (day + 1).astype("datetime64[M]") > last
    return columns, None if whole else len(columns["month"]) - 1


def _month_ticks(ax: Axes, months: np.ndarray[Any, Any]) -> None:
    """Name the months under the bars: all of up to 13, then every third, then the Januaries; the year once."""
    stamps = months.astype("datetime64[M]").astype(np.int64)
    step = 1 if len(stamps) <= 13 else 3 if len(stamps) <= 60 else 12
    shown = [i for i, stamp in enumerate(stamps) if stamp % step == 0]
    labels = []
    year = None
    for i in shown:
        own = 1970 + int(stamps[i]) // 12
        name = _NAMES[int(stamps[i]) % 12]
        labels.append(name if own == year else f"{name}\n{own}")
        year = own
    ax.set_xticks(shown, labels)
    ax.set_xlim(-0.7, len(stamps) - 0.3)


def _bars(
    ax: Axes,
    heights: np.ndarray[Any, Any],
    colour: str | list[str],
    partial: int | None,
    *,
    label: str = "",
    offset: float = 0.0,
    width: float = 0.8,
    bottom: np.ndarray[Any, Any] | None = None,
) -> None:
    """Draw one bar a month; the month that is not complete is hatched."""
    bars = ax.bar(
        np.arange(len(heights)) + offset, heights, width=width, color=colour, label=label or None, bottom=bottom
    )
    if partial is not None:
        bar = bars[partial]
        bar.set_edgecolor("white")
        bar.set_linewidth(0.0)
        bar.set_hatch("/////")


def _finish(ax: Axes, columns: Columns, partial: int | None, entries: int) -> None:
    """Ticks, the zero line, the legend and its word on the hatched month."""
    from matplotlib.patches import Patch

    _month_ticks(ax, columns["month"])
    low, high = ax.get_ylim()
    if low < 0 < high:
        ax.spines["bottom"].set_visible(False)
        ax.axhline(0.0, color=MUTED, linewidth=0.8)
    handles, labels = ax.get_legend_handles_labels()
    if partial is not None:
        handles.append(Patch(facecolor=MUTED, edgecolor="white", hatch="/////", linewidth=0.0))
        labels.append("month not complete")
        entries += 1
    if entries:
        legend(ax, handles[-entries:], labels[-entries:])


def orders(
    source: object, *, until: object = None, ax: Axes | None = None, title: str = "Placed and cancelled orders by month"
) -> Axes:
    """Draw the placed and the cancelled orders of each month, side by side.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the frame of ``Ledger.monthly()``, of any kind.
    until : str, date, datetime or datetime64, optional
        The last moment that the data cover. When it is not the last day of the last month, that month is hatched as
        not complete. Default: the ledger's last line; with a frame, nothing is hatched.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str
        The title.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    placed = orders - 2 x cancelled: a cancellation is no order and undoes one.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> matplotlib.use("Agg")
    >>> months = {
    ...     "month": np.array(["2011-10-01", "2011-11-01"], "datetime64[s]"),
    ...     "placed": np.array([1500, 2200]),
    ...     "cancelled": np.array([200, 300]),
    ... }
    >>> ax = orders(months, until="2011-11-09")
    >>> ax.get_title(loc="left")
    'Placed and cancelled orders by month'
    """
    columns, partial = _rows(source, ("placed", "cancelled"), until)
    ax = new_axes(ax)
    if not len(columns["month"]):
        return no_data(ax, title, "no months")
    _bars(ax, columns["placed"], BLUE, partial, label="placed", offset=-0.2, width=0.4)
    _bars(ax, columns["cancelled"], ORANGE, partial, label="cancelled", offset=0.2, width=0.4)
    dress(ax, title, ylabel="invoices")
    numbers_on(ax, whole=True)
    _finish(ax, columns, partial, 2)
    return ax


def sales(source: object, *, until: object = None, ax: Axes | None = None, title: str = "Sales by month") -> Axes:
    """Draw the sales of each month: the net amount of all lines, returns taken off.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the frame of ``Ledger.monthly()``, of any kind.
    until : str, date, datetime or datetime64, optional
        The last moment that the data cover (see `orders`).
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str
        The title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    columns, partial = _rows(source, ("sales",), until)
    ax = new_axes(ax)
    if not len(columns["month"]):
        return no_data(ax, title, "no months")
    _bars(ax, columns["sales"], BLUE, partial)
    dress(ax, title, ylabel="sales")
    numbers_on(ax)
    _finish(ax, columns, partial, 0)
    return ax


def growth(
    source: object, *, until: object = None, ax: Axes | None = None, title: str = "Growth of sales on the month before"
) -> Axes:
    """Draw the growth of sales from each month to the next, in percent.

    The first month, and a month after one without positive sales, has no growth and no bar.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the frame of ``Ledger.monthly()``, of any kind.
    until : str, date, datetime or datetime64, optional
        The last moment that the data cover (see `orders`).
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str
        The title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    from matplotlib.ticker import PercentFormatter

    columns, partial = _rows(source, ("growth",), until)
    ax = new_axes(ax)
    ratios = np.asarray(columns["growth"], dtype=np.float64)
    if not np.isfinite(ratios).any():
        return no_data(ax, title, "no month has a month with sales before it")
    _bars(ax, np.nan_to_num(ratios), [ORANGE if ratio < 0 else BLUE for ratio in ratios], partial)
    dress(ax, title, ylabel="change")
    ax.yaxis.set_major_formatter(
        PercentFormatter(xmax=1.0, symbol=" %", decimals=0 if np.nanmax(abs(ratios)) > 0.05 else 1)
    )
    _finish(ax, columns, partial, 0)
    return ax


def users(
    source: object, *, split: bool = True, until: object = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw the active customers of each month, by default split into new and existing ones.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the frame of ``Ledger.monthly()``, of any kind.
    split : bool
        True: new customers (first line in that month) stacked on existing ones. False: all active customers.
    until : str, date, datetime or datetime64, optional
        The last moment that the data cover (see `orders`).
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: one that says what is shown.

    Returns
    -------
    matplotlib.axes.Axes
    """
    columns, partial = _rows(source, ("active_users", "new_users", "existing_users"), until)
    ax = new_axes(ax)
    title = title or ("New and existing customers by month" if split else "Active customers by month")
    if not len(columns["month"]):
        return no_data(ax, title, "no months")
    if split:
        existing = columns["existing_users"]
        _bars(ax, existing, BLUE, partial, label="existing")
        _bars(ax, columns["new_users"], LIGHT, partial, label="new", bottom=existing)
    else:
        _bars(ax, columns["active_users"], BLUE, partial)
    dress(ax, title, ylabel="customers")
    numbers_on(ax, whole=True)
    _finish(ax, columns, partial, 2 if split else 0)
    return ax


_PICTURES: dict[str, Callable[..., Axes]] = {"sales": sales, "orders": orders, "growth": growth, "users": users}


def monthly(
    source: object, *, show: str = "sales", until: object = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw one picture of the monthly table.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the frame of ``Ledger.monthly()``, of any kind.
    show : {"sales", "orders", "growth", "users"}
        Which picture: each is also a function of its own, with the same name.
    until : str, date, datetime or datetime64, optional
        The last moment that the data cover (see `orders`).
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: the picture's own.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `show` is none of the four, or the frame lacks a column.
    """
    if show not in _PICTURES:
        raise ValueError(f"show={show!r} is not one of {', '.join(map(repr, _PICTURES))}")
    options = {} if title is None else {"title": title}
    return _PICTURES[show](source, until=until, ax=ax, **options)
