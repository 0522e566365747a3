"""The whole analysis in one call, and its summary by segment."""

from __future__ import annotations

from typing import Any

from . import _core
from ._lazy import np
from .errors import ColumnError
from .frames import Category, categories_of, kind_of
from .frames._values import append
from .ledger import Ledger
from .moments import Moment, Window
from .scoring import Scorer, SegmentRules
from .snapshots import check_bins
from .table import Table

__all__ = ["rfm", "segment_summary"]


def rfm(
    lines: Any,
    *,
    as_of: Moment = None,
    basis: str = "purchases",
    window: Window = None,
    scorer: Scorer | None = None,
    rules: SegmentRules | None = None,
    frame: str | None = None,
) -> Any:
    """Compute customers, their scores and segments from invoice lines.

    Parameters
    ----------
    lines : frame, Lines or Ledger
        The invoice lines, or a ledger made from them.
    as_of, basis, window
        As for `Ledger.customers`.
    scorer : Scorer, optional
        A fitted scorer is applied as it is, not fitted again; one that is not fitted is fitted on these customers and
        left as it was. Default: the bins of the rules.
    rules : SegmentRules, optional
        Default: the standard ten segments.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind that the lines came in.

    Returns
    -------
    frame
        customer_id, recency, frequency, monetary, first_date, last_date, r_score, f_score, m_score, segment: what
        ``rules.assign(scorer.assign(book.customers()))`` gives. No rows when there are no customers.

    Raises
    ------
    ValueError
        Scorer and rules differ in bins, or an option is wrong.
    LinesError, ColumnError, TypeError
        As `Ledger.from_lines` says.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> segments = lgs.rfm(lgs.demo_lines(customers=200, seed=1), frame="numpy")
    >>> list(segments)[-4:]
    ['r_score', 'f_score', 'm_score', 'segment']
    """
    book = lines if isinstance(lines, Ledger) else Ledger.from_lines(lines)
    rules = rules or SegmentRules.standard()
    scorer = scorer or Scorer(bins=rules.bins)
    check_bins(scorer, rules)
    options = book._customer_options(as_of, basis, window)
    native = _core.rfm(book._native, *options, scorer._native, scorer._check()[1], rules._native)
    return book._give(native, frame)


def segment_summary(segments: Any, *, frame: str | None = None) -> Any:
    """Summarise customers by segment, in rule order; an empty segment is a row of zeros.

    Parameters
    ----------
    segments : frame
        With segment, recency, frequency and monetary, as `rfm` gives it. Customers without a segment are left out.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `segments`.

    Returns
    -------
    frame
        segment, customers, share (of customers, 0..1), gross (sum of monetary, exact), gross_share, and mean and median
        of recency, frequency and monetary (missing for an empty segment).

    Raises
    ------
    ColumnError
        A column is missing.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> segments = lgs.rfm(lgs.demo_lines(customers=200, seed=1), frame="numpy")
    >>> int(lgs.segment_summary(segments)["customers"].sum()) == len(segments["segment"])
    True
    """
    kind = kind_of(segments)
    for name in ("segment", "recency", "frequency", "monetary"):
        if name not in kind.names(segments):
            raise ColumnError(f"column {name} is missing; give a frame such as rfm returns")
    names = categories_of(segments, "segment")
    if kind.name == "numpy" and set(names) <= set(standard := SegmentRules.standard().names):
        names = standard  # a plain array does not know the segments without a customer
    position = {name: at for at, name in enumerate(names)}
    codes = np.array([position.get(name, -1) for name in kind.to_numpy(segments, "segment").tolist()], dtype=np.int32)
    known = int((codes >= 0).sum())
    money = _millionths(kind.to_numpy(segments, "monetary"))
    sums = [sum(money[codes == at].tolist()) for at in range(len(names))]
    total = sum(sums)
    customers = np.bincount(codes[codes >= 0], minlength=len(names))
    columns: dict[str, Any] = {
        "segment": Category(np.arange(len(names), dtype=np.int32), names),
        "customers": customers.astype(np.int64),
        "share": customers / max(known, 1),
        "gross": np.array([value / 1_000_000 for value in sums], dtype=np.float64),
        "gross_share": np.array([value / total if total else 0.0 for value in sums], dtype=np.float64),
    }
    for name in ("recency", "frequency", "monetary"):
        values = np.asarray(kind.to_numpy(segments, name), dtype=np.float64)
        groups = [values[codes == at] for at in range(len(names))]
        means = [value / max(count, 1) / 1e6 for value, count in zip(sums, customers.tolist(), strict=True)]
        if name != "monetary":
            means = [group.mean() if len(group) else np.nan for group in groups]
        columns[f"{name}_mean"] = np.where(customers > 0, means, np.nan)
        columns[f"{name}_median"] = np.array([np.median(group) if len(group) else np.nan for group in groups])
    from .frames import kind_named

    result = kind_named(frame or kind.name).from_table(Table(append(_core.Table(), columns)), {})
    return result


def _millionths(monetary: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return amounts as whole millionths in Python integers, so that their sums are exact."""
    if monetary.dtype.kind == "O":  # Decimal
        return np.array([int(value * 1_000_000) for value in monetary.tolist()], dtype=object)
    return np.array([int(value) for value in np.rint(monetary * 1e6).tolist()], dtype=object)
