"""The picture of how much few customers bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._concentration import amounts_of, check_share, fewest, gini_of
from .._lazy import np
from ._style import BLUE, INK, LIGHT, MUTED, ORANGE, dress, new_axes, no_data, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 2_000


def pareto(
    source: object,
    *,
    by: str = "customer_id",
    value: str = "monetary",
    reach: float = 0.8,
    what: str = "customers",
    amount: str = "gross",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw what share of an amount the largest customers, or the largest of anything, bring together.

    The curve goes from the largest to the smallest; the further it is from the straight line, on which all would be
    equal, the more the amount is concentrated. Turned by half a turn it is the Lorenz curve.

    Parameters
    ----------
    source : frame or Ledger
        As for `lgs_rfm.concentration`.
    by, value : str
        As for `lgs_rfm.concentration`.
    reach : float, 0 < reach <= 1
        The share of the amount whose fewest keys are marked.
    what, amount : str
        What to call the keys and the amount.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: one that says the marked share.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `reach` is out of range.
    ColumnError, LinesError
        As `lgs_rfm.concentration` says.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> matplotlib.use("Agg")
    >>> customers = {"customer_id": np.arange(4), "monetary": np.array([10.0, 70.0, 0.0, 20.0])}
    >>> pareto(customers).get_title(loc="left")
    '50 % of the customers bring 80 % of gross'
    """
    check_share("reach", reach)
    amounts, _ = amounts_of(source, by, value)
    ax = new_axes(ax)
    total, size = sum(amounts), len(amounts)
    if not total:
        return no_data(ax, title or f"Shares of {amount}", f"no {what} with an amount above zero")
    count = fewest(amounts, reach)
    share = count / size
    ends = np.unique(np.linspace(0, size, min(size, _MOST_POINTS) + 1).round().astype(np.int64))
    together = np.concatenate([[0.0], np.cumsum(np.array(amounts, dtype=np.float64))])
    ax.fill_between(ends / size, together[ends] / total, ends / size, color=LIGHT, alpha=0.45, linewidth=0)
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.plot(ends / size, together[ends] / total, color=BLUE, linewidth=2.0)
    mark = float(together[count] / total)
    ax.plot([share, share, 0], [0, mark, mark], color=ORANGE, linewidth=1.2)
    ax.plot([share], [mark], marker="o", markersize=5, color=ORANGE)
    ax.annotate(
        f"{percent(share)} of the {what}\n{percent(mark)} of {amount}",
        (share, mark if share < 0.6 else 0.2),  # where neither the curve nor the straight line runs
        xytext=(10, -6) if share < 0.6 else (-10, 0),
        textcoords="offset points",
        ha="left" if share < 0.6 else "right",
        va="top",
        color=INK,
        fontsize=9,
    )
    ax.text(0.98, 0.05, f"Gini {gini_of(amounts):.2f}", transform=ax.transAxes, ha="right", color=MUTED, fontsize=9)
    dress(
        ax,
        title or f"{percent(share)} of the {what} bring {percent(reach)} of {amount}",
        xlabel=f"share of {what}, largest first",
        ylabel=f"share of {amount}",
    )
    ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    ax.set_xticks(ticks, [percent(tick) for tick in ticks])
    ax.set_yticks(ticks, [percent(tick) for tick in ticks])
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.02)
    return ax
