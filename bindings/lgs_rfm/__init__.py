"""Invoice lines to customer segments: exact, fast, at home in pandas, Polars, Arrow and C++."""

from __future__ import annotations

from . import plot
from ._core import __version__
from .analysis import rfm, segment_summary
from .demo import demo_lines
from .errors import ColumnError, LinesError, NotFittedError, QualityWarning
from .explain import explain
from .ledger import Ledger, merge
from .lines import Lines, ReadingReport, SkippedLine, read_lines
from .migration import migration
from .report import report
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
    "__version__",
    "demo_lines",
    "explain",
    "merge",
    "migration",
    "plot",
    "read_lines",
    "report",
    "rfm",
    "segment_summary",
]
