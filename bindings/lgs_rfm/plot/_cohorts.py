"""The picture of the cohorts: retention by month of first purchase and month number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import np
from ..frames._values import Array
from ._style import INK, MUTED, dress, new_axes, no_data, percent, take

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WHAT = "the ledger, or the wide frame of Ledger.cohorts() that shows retention"
_TITLES = {
    "customers": "Retention by month of first purchase",
    "invoices": "Invoices kept, by month of first purchase",
    "gross": "Gross kept, by month of first purchase",
    "net": "Net kept, by month of first purchase",
}
_GAP = 0.6  # rows between the cohorts and their average
_EDGE, _HATCH = "#c3ccd6", "/////"  # of the month that is not complete
_MOST_NUMBERS = 40  # rows and columns, beyond which numbers in cells cannot be read


def cohorts(
    source: object,
    *,
    measure: str = "customers",
    numbers: bool | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the retention of each cohort as a heatmap, month number by month number, with the weighted average below.

    The month that is not observed to its last day, a diagonal of the picture, is hatched and lighter. A star marks the
    first cohort, which holds customers that may have bought before the data begin.

    Parameters
    ----------
    source : Ledger or frame
        The ledger, or the wide frame of ``Ledger.cohorts()`` that shows retention, of any kind.
    measure : {"customers", "invoices", "gross", "net"}
        What is followed (see ``Ledger.cohorts``). With a frame it only chooses the title.
    numbers : bool, optional
        Whether each cell says its retention in percent. Default: up to 40 rows and columns.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure, larger for more cohorts.
    title : str, optional
        The title. Default: one that says what is followed.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `measure` is none of the four, or the frame lacks a column.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> matplotlib.use("Agg")
    >>> frame = {
    ...     "cohort": np.array(["2011-10-01", "2011-11-01", "NaT"], "datetime64[s]"),
    ...     "size": np.array([40, 50, 90]),
    ...     "left_censored": np.array([1.0, 0.0, np.nan]),
    ...     "partial_month": np.array([1.0, 0.0, np.nan]),
    ...     "month_0": np.array([1.0, 1.0, 1.0]),
    ...     "month_1": np.array([0.25, np.nan, np.nan]),
    ... }
    >>> ax = cohorts(frame)
    >>> ax.get_title(loc="left")
    'Retention by month of first purchase'
    """
    if measure not in _TITLES:
        raise ValueError(f"measure={measure!r} is not one of {', '.join(map(repr, _TITLES))}")
    make = getattr(source, "cohorts", None)
    frame = make(measure=measure, frame="numpy") if callable(make) else source
    columns = take(frame, "", ("cohort", "size", "left_censored", "partial_month", "month_0"), _WHAT)
    title = title or _TITLES[measure]
    months = [name for name in columns if name.startswith("month_") and name[6:].isdecimal()]
    values = np.array([np.asarray(columns[name], np.float64) for name in months]).T
    rows = len(values)
    ax = new_axes(ax, (max(6.0, 2.2 + 0.42 * len(months)), max(3.6, 1.6 + 0.3 * rows)))
    if not rows:
        return no_data(ax, title, "no customers with a purchase")
    starts = np.asarray(columns["cohort"]).astype("datetime64[M]")
    is_average = np.isnat(starts)
    tops = np.arange(rows) + _GAP * is_average
    partial = _partial(values.shape, columns["partial_month"])
    colours = _colours(values, partial)
    _draw_cells(ax, values, tops, colours, partial)
    if numbers is None:
        numbers = max(rows, len(months)) <= _MOST_NUMBERS
    if numbers:
        _write_numbers(ax, values, tops, colours, _font(rows, len(months)))
    first = np.nan_to_num(np.asarray(columns["left_censored"], np.float64)) > 0
    labels = _labels(starts, np.asarray(columns["size"]), first)
    dress(ax, title, ylabel="first purchase, customers", xlabel="months after the first purchase", grid="none")
    ax.set_yticks(tops + 0.5, labels)
    ax.set_xticks(np.arange(len(months)) + 0.5, [name[6:] for name in months])
    size = _font(rows, len(months))
    ax.tick_params(axis="y", labelsize=size + 1, labelcolor=INK)
    ax.tick_params(axis="x", labelsize=size + 1)
    ax.set_xlim(0, len(months))
    ax.set_ylim(float(tops[-1]) + 1, 0)
    _explain(ax, any_partial=bool(partial.any()), any_first=bool(first.any()))
    return ax


def _labels(starts: Array, sizes: Array, first: Array) -> list[str]:
    """Return month and size of each row, padded with blanks as wide as digits so that the sizes stand in a column."""
    texts = [f"{size:,}" for size in sizes.tolist()]
    width = max(map(len, texts))
    names = [
        "average" if np.isnat(start) else f"{start}{'*' if star else ''}"
        for start, star in zip(starts, first, strict=True)
    ]
    blanks = [(width - len(text)) * "\u2007" for text in texts]
    return [f"{name}   {blank}{text}" for name, blank, text in zip(names, blanks, texts, strict=True)]


def _font(rows: int, months: int) -> float:
    """Return the size of the numbers: readable with two years of months, larger with fewer."""
    return float(np.clip(10.5 - 0.14 * max(rows, months), 5.0, 9.0))


def _partial(shape: tuple[int, ...], partial_month: Array) -> Array:
    """Return which cells are of a month that is not observed to its last day."""
    month = np.asarray(partial_month, np.float64)
    is_partial: Array = np.arange(shape[1])[None, :] == month[:, None]
    return is_partial


def _colours(values: Array, partial: Array) -> Array:
    """Return red, green and blue of each cell; month 0, always 100 %, is grey and does not stretch the scale."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    ramp = LinearSegmentedColormap.from_list("lgs", ["#f4f8fb", "#bcd8ee", "#5b9bd0", "#1f5f99"])
    later = values[:, 1:][np.isfinite(values[:, 1:]) & ~partial[:, 1:]]
    scale = Normalize(0.0, float(np.quantile(later, 0.99)) if len(later) and later.max() > 0 else 1.0, clip=True)
    colours = np.asarray(ramp(scale(np.nan_to_num(values))))[..., :3]
    colours[:, 0] = (0.93, 0.94, 0.95)
    return np.where(partial[..., None], 0.5 + 0.5 * colours, colours)


def _draw_cells(ax: Axes, values: Array, tops: Array, colours: Array, partial: Array) -> None:
    """Draw the cells that are observed; those of a month that is not complete are hatched."""
    from matplotlib.collections import PolyCollection

    for which, edge, hatch in ((~partial, "white", None), (partial, _EDGE, _HATCH)):
        row, col = np.nonzero(np.isfinite(values) & which)
        if len(row):
            corners = [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for x, y in zip(col, tops[row], strict=True)]
            ax.add_collection(
                PolyCollection(corners, facecolors=colours[row, col], edgecolors=edge, linewidths=0.5, hatch=hatch)
            )


def _write_numbers(ax: Axes, values: Array, tops: Array, colours: Array, size: float) -> None:
    """Write whole percents into the cells, white on dark ones."""
    dark = colours @ (0.299, 0.587, 0.114) < 0.55
    for row, col in zip(*np.nonzero(np.isfinite(values)), strict=True):
        text = percent(float(values[row, col])) if size >= 8 else f"{100 * values[row, col]:.0f}"
        at = (col + 0.5, float(tops[row]) + 0.52)
        ax.text(*at, text, ha="center", va="center", fontsize=size, color="white" if dark[row, col] else INK)


def _explain(ax: Axes, *, any_partial: bool, any_first: bool) -> None:
    """Say below the axes what star and hatching mean."""
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    handles = []
    if any_partial:
        handles.append(Patch(facecolor="#f4f8fb", edgecolor=_EDGE, hatch=_HATCH, label="month not complete"))
    if any_first:
        handles.append(Patch(facecolor="none", edgecolor="none", label="* may have bought before the data begin"))
    if handles:
        ax.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            bbox_transform=ax.transAxes + ScaledTranslation(0.0, -0.5, ax.figure.dpi_scale_trans),  # inches
            ncols=2,
            frameon=False,
            fontsize=8.5,
            labelcolor=MUTED,
            handlelength=1.4,
            borderaxespad=0.0,
        )
