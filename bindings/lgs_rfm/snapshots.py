"""Customers at many moments in one pass: the options of `Ledger.snapshots` checked and handed to the native part."""

from __future__ import annotations

from . import _core
from .moments import CALENDAR_STEPS, Moment, Window, micros_of, window_micros
from .scoring import Scorer, SegmentRules

__all__ = ["basis_of", "check_bins", "native_snapshot_scorer", "native_snapshots"]

_BASES = ("purchases", "net", "all")


def basis_of(basis: str) -> _core.Basis:
    """Return a basis in native form. Raises ValueError for any other."""
    if basis not in _BASES:
        raise ValueError(f"basis={basis!r} is not one of {', '.join(map(repr, _BASES))}")
    return _core.Basis[basis]


def check_bins(scorer: Scorer, rules: SegmentRules) -> None:
    """Refuse a scorer and rules for different bins."""
    by_dimension = scorer._check()[0]
    if by_dimension != rules._native.bins:
        raise ValueError(
            f"scorer has bins={scorer.bins!r} but rules have bins={rules.bins!r}; make both for the same bins"
        )


def _scoring(scorer: Scorer | None, rules: SegmentRules | None) -> tuple[Scorer, SegmentRules]:
    """Return what scores snapshots: by default the rules' bins, and equal frequencies together."""
    rules = rules or SegmentRules.standard()
    scorer = scorer or Scorer(bins=rules.bins, ties="together")
    check_bins(scorer, rules)
    return scorer, rules


def _native_options(every: str, window: Window, basis: str) -> tuple[_core.Step, int | None, _core.Basis]:
    if every not in CALENDAR_STEPS:
        raise ValueError(f"every={every!r} is not one of {', '.join(map(repr, CALENDAR_STEPS))}")
    return _core.Step[every], window_micros(window), basis_of(basis)


def native_snapshots(
    book: _core.Ledger,
    every: str,
    window: Window,
    basis: str,
    since: Moment,
    until: Moment,
    refit: bool,
    scorer: Scorer | None,
    rules: SegmentRules | None,
) -> _core.Table:
    """Return the table of `Ledger.snapshots`. Raises ValueError for a wrong option."""
    options = _native_options(every, window, basis)
    start, end = micros_of(since, "since"), micros_of(until, "until")
    if start is not None and end is not None and end < start:
        raise ValueError(f"since={since!r} is after until={until!r}; give the earlier moment first")
    scorer, rules = _scoring(scorer, rules)
    if refit and scorer._native is not None:
        raise ValueError(
            "refit=True learns cut points at each snapshot, but scorer is fitted; give one that is not, or refit=False"
        )
    return _core.snapshots(book, *options, start, end, bool(refit), scorer._native, scorer._check()[1], rules._native)


def native_snapshot_scorer(
    book: _core.Ledger,
    every: str,
    window: Window,
    basis: str,
    scorer: Scorer | None,
    rules: SegmentRules | None,
) -> Scorer:
    """Return the scorer of `Ledger.snapshot_scorer`. Raises ValueError for a wrong option, and for no customers."""
    options = _native_options(every, window, basis)
    scorer, _ = _scoring(scorer, rules)
    if scorer._native is not None:
        return scorer
    bins, ties = scorer._check()
    native = _core.snapshot_scorer(book, *options, bins, ties)
    if native is None:
        raise ValueError("snapshot_scorer: there are no customers to learn cut points from; add lines first")
    fitted = Scorer(bins=scorer.bins, ties=scorer.ties)
    fitted._native = native
    return fitted
