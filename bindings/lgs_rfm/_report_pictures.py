"""The report's pictures: drawn without pyplot, as SVG with the same bytes for the same figures."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from . import plot
from ._lazy import np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .frames._values import Columns


class Picture(NamedTuple):
    """One picture of the page: a data address for the image element, its text for those who cannot see it."""

    source: str
    title: str
    caption: str


def _svg(draw: Callable[[Axes], object], size: tuple[float, float]) -> tuple[str, str]:
    """Return the picture as a data address, and its title."""
    import matplotlib
    from matplotlib import style
    from matplotlib.figure import Figure

    # The default style for the time of drawing: the page looks the same whatever the caller has set.
    with style.context("default"), matplotlib.rc_context({"svg.hashsalt": "lgs_rfm", "svg.fonttype": "path"}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        draw(axes)
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
            figure.set_layout_engine("none")  # keeps the places; saving would draw everything twice to find them
        file = io.BytesIO()
        # Without date and creator the bytes depend on the figures alone.
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode("ascii"), axes.get_title(loc="left")


def pictures(
    tables: Mapping[str, Columns],
    segment_names: list[str],
    captions: Mapping[str, str],
    *,
    until: np.datetime64 | None,
    bins: tuple[int, int],
    amount: str,
) -> dict[str, Picture]:
    """Draw all pictures of the report, by name; none for tables without rows."""
    monthly, invoices, customers = tables["monthly"], tables["invoices"], tables["customers"]
    wide, tall = (6.0, 3.5), (6.0, 0.9 + 0.42 * max(len(segment_names), 4))
    plans: dict[str, tuple[Callable[[Axes], object], tuple[float, float]]] = {}
    if len(customers["customer_id"]):
        summary = tables["segment_summary"]
        plans["segments"] = (lambda ax: plot.segments(summary, amount=amount, ax=ax), tall)
        plans["grid"] = (lambda ax: plot.rfm_grid(customers, bins=bins, ax=ax), (6.0, 5.1))
        plans["pareto"] = (lambda ax: plot.pareto(customers, amount=amount, ax=ax), wide)
    cohorts = tables["cohorts"]
    if rows := len(cohorts["cohort"]):
        size = (max(7.0, 2.6 + 0.4 * rows), max(3.0, 1.7 + 0.27 * rows))  # as many months as cohorts
        plans["cohorts"] = (lambda ax: plot.cohorts(cohorts, ax=ax), size)
    if "migration" in tables:
        moves = tables["migration"]
        side = max(len({*moves["from"].tolist(), *moves["to"].tolist()}), 4)
        heading = "Where the customers of a segment went in one month"
        size = (2.4 + 0.58 * side, 1.9 + 0.36 * side)
        plans["migration"] = (lambda ax: plot.migration(moves, ax=ax, title=heading), size)
    if len(monthly["month"]):
        plans["amounts_all"] = (lambda ax: plot.amounts(invoices, quantile=1.0, log=True, ax=ax), wide)
        plans["amounts"] = (lambda ax: plot.amounts(invoices, ax=ax), wide)
        plans["orders"] = (lambda ax: plot.orders(monthly, until=until, ax=ax), wide)
        plans["sales"] = (lambda ax: plot.sales(monthly, until=until, ax=ax), wide)
        plans["growth"] = (lambda ax: plot.growth(monthly, until=until, ax=ax), wide)
        plans["active"] = (lambda ax: plot.users(monthly, split=False, until=until, ax=ax), wide)
        plans["users"] = (lambda ax: plot.users(monthly, until=until, ax=ax), wide)
    drawn = {}
    for name, (draw, size) in plans.items():
        source, title = _svg(draw, size)
        drawn[name] = Picture(source, title, captions.get(name, ""))
    return drawn
