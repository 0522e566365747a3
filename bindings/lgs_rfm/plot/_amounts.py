"""The picture of the invoice amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import np
from ._style import BLUE, INK, dress, new_axes, no_data, number, numbers_on, percent, take

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def amounts(
    source: object,
    *,
    quantile: float = 0.85,
    bins: int = 50,
    log: bool = False,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the distribution of the invoice amounts (net > 0), with the median marked.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the frame of ``Ledger.invoices()``, of any kind.
    quantile : float, 0 < quantile <= 1
        Only invoices up to and including this quantile are shown: a few very large ones would hide all others.
    bins : int
        The number of bars, at least 1.
    log : bool
        True: a logarithmic axis of amounts, on which all invoices (``quantile=1.0``) can be seen.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: one that says which invoices are shown.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `quantile` or `bins` is out of range, or the frame has no column ``net``.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> matplotlib.use("Agg")
    >>> ax = amounts({"net": np.array([10.0, 20.0, 30.0, -5.0, 1000.0])}, quantile=0.75, bins=3)
    >>> ax.get_title(loc="left")
    'The smaller 75 % of 4 invoice amounts'
    """
    if not 0 < quantile <= 1:
        raise ValueError(f"quantile={quantile!r} is not in (0, 1]")
    if bins < 1:
        raise ValueError(f"bins={bins!r} is below 1")
    net = np.asarray(
        take(source, "invoices", ("net",), "the ledger, or the frame of Ledger.invoices()")["net"], dtype=np.float64
    )
    net = net[net > 0]
    ax = new_axes(ax)
    if title is None:
        which = f"All {len(net):,}" if quantile == 1 else f"The smaller {percent(quantile)} of {len(net):,}"
        title = f"{which} invoice amounts"
    if not len(net):
        return no_data(ax, title, "no invoice above zero")
    shown = net[net <= np.quantile(net, quantile)]
    if log:
        low, high = shown.min(), max(shown.max(), shown.min() * 10)
        edges = np.geomspace(low, high, bins + 1)
        edges[[0, -1]] = low, high  # geomspace may round an end inwards
        ax.set_xscale("log")
    else:
        edges = np.linspace(0.0, shown.max(), bins + 1)
    counts, _, _ = ax.hist(shown, bins=edges.tolist(), color=BLUE, edgecolor="white", linewidth=0.4)
    ax.set_ylim(0.0, 1.12 * float(np.max(counts)))  # room for the word at the median line
    middle = float(np.median(shown))
    ax.axvline(middle, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    right = np.searchsorted(edges, middle) > bins * 0.6
    ax.annotate(
        f"median {number(round(middle)) if middle >= 100 else f'{middle:,.2f}'}",
        (middle, 0.99),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-6 if right else 6, 0),
        textcoords="offset points",
        ha="right" if right else "left",
        va="top",
        color=INK,
        fontsize=9,
    )
    dress(ax, title, ylabel="invoices", xlabel="invoice amount" + (" (logarithmic)" if log else ""))
    numbers_on(ax, "x")
    numbers_on(ax, "y", whole=True)
    return ax
