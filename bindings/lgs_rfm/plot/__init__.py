"""Pictures of the ledger's tables and of the segments, drawn with matplotlib.

Every function takes the ledger (or the scored frame), or the frame that its method returns, of any kind:
pandas, Polars, PyArrow, a dict of numpy arrays or an ``lgs_rfm.Table``. Every function takes ``ax=None`` and
returns the Axes it drew on. Nothing here calls ``pyplot.show`` or changes matplotlib's settings.

matplotlib is an optional dependency: ``pip install lgs_rfm[plot]``.
"""

from __future__ import annotations

from ._amounts import amounts
from ._cohorts import cohorts
from ._concentration import pareto
from ._migration import migration
from ._months import growth, monthly, orders, sales, users
from ._segments import rfm_grid, segments

__all__ = [
    "amounts",
    "cohorts",
    "growth",
    "migration",
    "monthly",
    "orders",
    "pareto",
    "rfm_grid",
    "sales",
    "segments",
    "users",
]
