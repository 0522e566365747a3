"""What all pictures share: colours, axes, number formats. Settings are made on one Axes, never on matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._lazy import np
from ..frames import columns_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Blue against orange is told apart with every common colour blindness, dark against light blue also in grey print.
BLUE = "#1f5f99"
LIGHT = "#a9cce8"
ORANGE = "#d9772b"
INK = "#1f2933"
MUTED = "#5f6b78"
GRID = "#e3e8ee"

SIZE = (6.0, 3.6)  # inches: ten-point text stays readable when the picture is shrunk to the width of a phone


def new_axes(ax: Axes | None, size: tuple[float, float] = SIZE) -> Axes:
    """Return `ax`, or the Axes of a new pyplot figure (so that a notebook shows it)."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("lgs_rfm.plot needs matplotlib, which is not installed: pip install lgs_rfm[plot]") from error
    _, made = pyplot.subplots(figsize=size, layout="constrained")
    return made


def dress(ax: Axes, title: str, *, ylabel: str = "", xlabel: str = "", grid: str = "y") -> None:
    """Give `ax` its title and labels, light grid lines on one axis, and no box."""
    ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK, pad=10)
    ax.set_ylabel(ylabel, color=MUTED, fontsize=9)
    ax.set_xlabel(xlabel, color=MUTED, fontsize=9)
    ax.tick_params(which="both", colors=MUTED, labelsize=9, length=0)
    ax.set_axisbelow(True)
    ax.grid(visible=False)
    if grid in ("x", "y"):
        ax.grid(visible=True, axis="x" if grid == "x" else "y", color=GRID, linewidth=0.8)
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    if grid == "y":
        ax.spines["bottom"].set_visible(True)
        ax.spines["bottom"].set_color(MUTED)


def legend(ax: Axes, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Put the legend in one row under the axes, where it covers no figure."""
    ax.legend(
        handles,
        labels,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.17),
        ncols=3,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        handlelength=1.2,
        columnspacing=1.2,
        borderaxespad=0.0,
    )


def no_data(ax: Axes, title: str, text: str) -> Axes:
    """Draw an empty picture that says why it is empty."""
    dress(ax, title, grid="none")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=MUTED, fontsize=10)
    return ax


def number(value: float, _position: int | None = None) -> str:
    """Format a tick: thousands separators, decimals only where the axis is that fine.

    >>> number(1250000.0), number(0.25)
    ('1,250,000', '0.25')
    """
    text = f"{value:,.0f}" if abs(value - round(value)) < 1e-9 * max(1.0, abs(value)) else f"{value:,g}"
    return text.replace("-", "\u2212")


def percent(ratio: float) -> str:
    """Format a share for a label: one decimal below 10 %, none above.

    >>> percent(0.0345), percent(0.682), percent(0.0)
    ('3.5 %', '68 %', '0 %')
    """
    if not np.isfinite(ratio):
        return "\u2013"
    return f"{100 * ratio:.1f} %" if 0 < abs(ratio) < 0.0995 else f"{100 * ratio:.0f} %"


def numbers_on(ax: Axes, axis: str = "y", *, whole: bool = False) -> None:
    """Show thousands separators on the ticks of one axis; `whole` keeps the ticks of counts on whole numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_formatter(FuncFormatter(number))
    if whole:
        target.set_major_locator(MaxNLocator(nbins="auto", integer=True, steps=[1, 2, 2.5, 5, 10]))


def take(source: object, method: str, needed: tuple[str, ...], what: str) -> Mapping[str, np.ndarray[Any, Any]]:
    """Return the columns of `source`: of the frame that its `method` makes, or of itself when it is that frame.

    Raises
    ------
    ValueError
        A needed column is missing; the message says what to give instead.
    """
    make = getattr(source, method, None) if method else None
    columns = columns_of(make(frame="numpy") if callable(make) else source)
    for name in needed:
        if name not in columns:
            raise ValueError(f"plot: the frame has no column {name!r}; give {what}")
    return columns
