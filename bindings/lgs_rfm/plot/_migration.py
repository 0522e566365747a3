"""The picture of moves between segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._lazy import np
from .._migration import migration as moves_of
from ..frames import categories_of, columns_of
from ._style import INK, dress, new_axes, no_data, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WHAT = "the ledger, the frame of Ledger.snapshots(), or that of lgs_rfm.migration()"


def migration(source: object, *, show: str = "share", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw from which segment to which the customers move from one snapshot to the next.

    Parameters
    ----------
    source : Ledger or frame
        The ledger (monthly snapshots), the frame of ``Ledger.snapshots()``, or that of ``lgs_rfm.migration()``, of any
        kind.
    show : {"share", "customers"}
        What the cells tell: the share of the customers of their row's segment, or how many. A pair of snapshots counts
        as many times as there are pairs.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure.
    title : str, optional
        The title. Default: one that says what the cells tell.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `show` is neither of the two, or the frame lacks a column.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> matplotlib.use("Agg")
    >>> moves = {
    ...     "from": np.array(["Champions", "Champions"]),
    ...     "to": np.array(["Champions", "At Risk"]),
    ...     "customers": np.array([30, 10]),
    ... }
    >>> [text.get_text() for text in migration(moves).texts]
    ['75 %', '25 %']
    """
    if show not in ("share", "customers"):
        raise ValueError(f"show={show!r} is not one of 'share', 'customers'")
    names, counts = _matrix(source)
    title = title or ("Where customers go" if show == "share" else "Customers") + " from one snapshot to the next"
    side = max(len(names), 4)
    ax = new_axes(ax, (2.2 + 0.55 * side, 1.9 + 0.42 * side))
    if not counts.sum():
        return no_data(ax, title, "no two snapshots with customers")
    of_row = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(of_row, 1)
    _draw_cells(ax, counts, shares, show)
    place = np.arange(len(names)) + 0.5
    dress(ax, title, grid="no")
    ax.set_xticks(place, names, rotation=40, ha="left", rotation_mode="anchor")
    ax.set_yticks(place, names)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlim(-0.02, len(names) + 0.02)  # room for the frames at the edge
    ax.set_ylim(len(names) + 0.02, -0.02)
    ax.tick_params(labelsize=9, labelcolor=INK)
    ax.set_ylabel("from")
    ax.set_xlabel("to")
    return ax


def _matrix(source: Any) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Return the segments that occur, in rule order, and the customers by from (rows) and to."""
    make = getattr(source, "snapshots", None)
    frame = make(frame="numpy") if callable(make) else source
    columns = columns_of(frame)
    if "from" not in columns and "snapshot" in columns:
        frame = moves_of(frame)
        columns = columns_of(frame)
    for name in ("from", "to", "customers"):
        if name not in columns:
            raise ValueError(f"plot: the frame has no column {name!r}; give {_WHAT}")
    before, after = columns["from"].tolist(), columns["to"].tolist()
    seen = {*before, *after}
    names = [name for name in categories_of(frame, "from") if name in seen]
    names += [name for name in categories_of(frame, "to") if name in seen and name not in names]
    place = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, ([place[name] for name in before], [place[name] for name in after]), columns["customers"])
    return names, counts


def _draw_cells(ax: Axes, counts: np.ndarray[Any, Any], shares: np.ndarray[Any, Any], show: str) -> None:
    """Colour each cell by its share of the row, write its value into it, and frame those who stay."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    # Not darker than this at the top: the numbers must stay readable on every cell.
    ramp = LinearSegmentedColormap.from_list("lgs", ["#ffffff", "#bcd8ee", "#5b9bd0"])
    ax.pcolormesh(shares, cmap=ramp, vmin=0.0, vmax=1.0, edgecolors="#e3e8ee", linewidth=0.4)
    for (row, col), count in np.ndenumerate(counts):
        if count:
            share = float(shares[row, col])
            text = f"{count:,}" if show == "customers" else "<0.1 %" if share < 0.0005 else percent(share)
            ax.text(col + 0.5, row + 0.5, text, ha="center", va="center", color=INK, fontsize=8)
        if row == col:
            ax.add_patch(Rectangle((col, row), 1, 1, fill=False, edgecolor=INK, linewidth=1.2))
