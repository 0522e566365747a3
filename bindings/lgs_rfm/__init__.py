"""Invoice lines to customer segments: exact, fast, at home in pandas, Polars, Arrow and C++."""

from __future__ import annotations

from . import plot
from ._core import __version__
from .analysis import rfm, segment_summary
from .campaign import campaign
from .concentration import concentration
from .demo import demo_lines
from .effect import detectable_effect, uplift
from .errors import ColumnError, LinesError, NotFittedError, QualityWarning
from .explain import explain
from .features import features, suggestions
from .ledger import Ledger, merge
from .lines import Lines, ReadingReport, SkippedLine, read_lines
from .migration import migration
from .products import bought_together, countries, products, segment_products
from .report import report
from .scoring import Scorer, SegmentRules
from .table import Table
from .totals import Totals, totals

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
