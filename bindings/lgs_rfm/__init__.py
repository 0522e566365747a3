"""Invoice lines to customer segments: exact, fast, at home in pandas, Polars, Arrow and C++.

A name's module is imported when the name is first used, so that a program pays for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import plot
    from ._campaign import campaign
    from ._concentration import concentration
    from ._core import __version__
    from ._explain import explain
    from ._features import features, suggestions
    from ._migration import migration
    from ._products import bought_together, countries, products, segment_products
    from ._report import report
    from ._totals import Totals, totals
    from .analysis import rfm, segment_summary
    from .demo import demo_lines
    from .effect import detectable_effect, uplift
    from .errors import ColumnError, LinesError, NotFittedError, QualityWarning
    from .ledger import Ledger, merge
    from .lines import Lines, ReadingReport, SkippedLine, read_lines
    from .scoring import Scorer, SegmentRules
    from .table import Table

__all__ = [
    "ColumnError",
    "Ledger",
    "Lines",
    "LinesError",
    "NotFittedError",
    "QualityWarning",
    "ReadingReport",
    "Scorer",
    "SegmentRules",
    "SkippedLine",
    "Table",
    "Totals",
    "__version__",
    "bought_together",
    "campaign",
    "concentration",
    "countries",
    "demo_lines",
    "detectable_effect",
    "explain",
    "features",
    "merge",
    "migration",
    "plot",
    "products",
    "read_lines",
    "report",
    "rfm",
    "segment_products",
    "segment_summary",
    "suggestions",
    "totals",
    "uplift",
]

# Where the imports above find each name. A module called like a function of it has a leading underscore: importing
# a module makes it an attribute of the package, in place of the function.
_MODULES = {
    "_campaign": ("campaign",),
    "_concentration": ("concentration",),
    "_core": ("__version__",),
    "_explain": ("explain",),
    "_features": ("features", "suggestions"),
    "_migration": ("migration",),
    "_products": ("bought_together", "countries", "products", "segment_products"),
    "_report": ("report",),
    "_totals": ("Totals", "totals"),
    "analysis": ("rfm", "segment_summary"),
    "demo": ("demo_lines",),
    "effect": ("detectable_effect", "uplift"),
    "errors": ("ColumnError", "LinesError", "NotFittedError", "QualityWarning"),
    "ledger": ("Ledger", "merge"),
    "lines": ("Lines", "ReadingReport", "SkippedLine", "read_lines"),
    "scoring": ("Scorer", "SegmentRules"),
    "table": ("Table",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "plot":
        return import_module(".plot", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value  # found without coming here from now on
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
