"""How customers move from segment to segment between snapshots."""

from __future__ import annotations

from typing import Any

from . import _core
from ._lazy import np
from .errors import ColumnError
from .frames import Category, Kind, categories_of, kind_named, kind_of
from .frames._values import Array, append
from .scoring import SegmentRules
from .table import Table

__all__ = ["migration"]

NO_SEGMENT = "(no segment)"
NONE = "(none)"
_NEEDED = ("snapshot", "customer_id", "last_date", "segment", "step_gross")
_CAUSES = ("bought", "time_passed", "cut_points", "both")
_NEVER = -(2**63)


def migration(snapshots: Any, *, each: bool = False, frame: str | None = None) -> Any:
    """Count how customers move from segment to segment between neighbouring snapshots, and why.

    Parameters
    ----------
    snapshots : frame
        What `Ledger.snapshots` gives, or some of its snapshots, whole. Neighbours are those next to each other in the
        frame. A snapshot without any customer has no rows and is not seen.
    each : bool
        False: all pairs of neighbours together. True: each pair by itself.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `snapshots`.

    Returns
    -------
    frame
        One row a pair of segments between which a customer moved, or stayed where both are one; in rule order. With
        ``each=True`` also before and after, the two snapshots, first.

        from, to : the segments at the earlier and at the later snapshot. ``"(none)"``: no customer then: who came, came
        from there, and who left, as a window can make it, went there. ``"(no segment)"``: scores that no rule takes.
        customers; share (of the customers in `from`, 0..1).
        gross_before, gross_after : the customers' step_gross at the earlier and at the later snapshot: what they bought
        in the one step before, and after, the earlier snapshot. 0 for customers that are not there.
        stays, mean_stay, censored_stays : stays in `from`, as numbers of neighbouring snapshots. With other segments in
        `to`, those that ended by this move; in the row of those who stayed, those that still go on at the last
        snapshot. A stay that goes on from the first snapshot began nobody knows when: it is counted as censored, and
        left out of stays and mean_stay (missing without any). None is counted from ``"(none)"``.
        bought, time_passed, cut_points, both : customers by what moved them. With the old cut points the new values
        give another segment, the one of `to`: bought, when there was a counted line since the earlier snapshot, else
        time passed. Only the cut points gave another one: cut points. Each of the two did something: both. Who came
        bought, who left did so by time. 0 where from and to are one.

    Raises
    ------
    ColumnError
        A column is missing.
    ValueError
        A customer has two rows in one snapshot; a frame made with ``refit=True`` skips a snapshot.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> book = lgs.Ledger.from_lines(lgs.demo_lines(customers=200, seed=1))
    >>> moves = lgs.migration(book.snapshots(frame="numpy"))
    >>> moved = moves["from"] != moves["to"]
    >>> causes = moves["bought"] + moves["time_passed"] + moves["cut_points"] + moves["both"]
    >>> bool((causes[moved] == moves["customers"][moved]).all() and (causes[~moved] == 0).all())
    True
    """
    kind = kind_of(snapshots)
    for name in _NEEDED:
        if name not in kind.names(snapshots):
            raise ColumnError(f"column {name} is missing; give a frame such as Ledger.snapshots returns")
    grid = _Grid(kind, snapshots)
    columns = _counted(grid, each)
    native = _core.Table()
    if each:
        before = columns.pop("before")
        native = _core.with_moments(native, "before", grid.moments[before])
        native = _core.with_moments(native, "after", grid.moments[before + 1])
    return kind_named(frame or kind.name).from_table(Table(append(native, columns)), {})


class _Grid:
    """Snapshots as tables of customers (rows) by moments (columns): segment codes, gross, last dates.

    The last two codes stand for no segment and for no customer.
    """

    def __init__(self, kind: Kind, snapshots: Any) -> None:
        names = categories_of(snapshots, "segment")
        if kind.name == "numpy" and set(names) <= set(standard := SegmentRules.standard().names):
            names = standard
        self.names = [*names, NO_SEGMENT, NONE]
        stamps = _micros(kind, snapshots, "snapshot")
        self.moments, when = np.unique(stamps, return_inverse=True)
        who, customers = _numbered(kind.to_numpy(snapshots, "customer_id"))
        shape = (customers, len(self.moments))
        if len(np.unique(who * max(shape[1], 1) + when)) != len(who):
            raise ValueError("snapshots: a customer has two rows in one snapshot; give each snapshot once")

        def spread(values: Array, missing: Any) -> Array:
            table = np.full(shape, missing, dtype=values.dtype)
            table[who, when] = values
            return table

        self.segment = spread(self._codes(kind, snapshots, "segment"), len(self.names) - 1)
        self.gross = spread(_whole_millionths(kind.to_numpy(snapshots, "step_gross")), 0)
        self.last = spread(_micros(kind, snapshots, "last_date"), _NEVER)
        self.by_old_cuts = self.segment
        if "old_cuts_segment" in kind.names(snapshots):
            self._check_previous(_micros(kind, snapshots, "previous"), when)
            self.by_old_cuts = spread(self._codes(kind, snapshots, "old_cuts_segment"), len(self.names) - 1)

    def _codes(self, kind: Kind, snapshots: Any, name: str) -> Array:
        position = {segment: at for at, segment in enumerate(self.names)}
        unknown = position[NO_SEGMENT]
        values = kind.to_numpy(snapshots, name).tolist()
        return np.array([position.get(value, unknown) for value in values], dtype=np.int64)

    def _check_previous(self, previous: Array, when: Array) -> None:
        """Refuse neighbours whose old cut points are not those of the earlier one."""
        wanted = self.moments[np.maximum(when - 1, 0)]
        wrong = np.flatnonzero((when > 0) & (previous != wanted))
        if len(wrong):
            moment = _core.format_moment(int(previous[wrong[0]]))
            raise ValueError(
                f"snapshots: made with refit=True, but the snapshot of {moment} is left out, whose cut points are "
                "needed; give all snapshots between, or make them with refit=False"
            )


def _micros(kind: Kind, frame: Any, name: str) -> Array:
    return kind.to_numpy(frame, name).astype("datetime64[us]").astype(np.int64)


def _numbered(ids: Array) -> tuple[Array, int]:
    """Return ids as numbers from 0, and how many there are. Numbers and text may be mixed."""
    if ids.dtype.kind == "O":
        seen: dict[Any, int] = {}
        return np.array([seen.setdefault(value, len(seen)) for value in ids.tolist()], dtype=np.int64), len(seen)
    distinct, numbers = np.unique(ids, return_inverse=True)
    return numbers.astype(np.int64), len(distinct)


def _whole_millionths(amounts: Array) -> Array:
    """Return amounts as whole millionths: int64 when no sum can leave it, else Python integers."""
    if amounts.dtype.kind != "O":
        scaled = np.rint(np.asarray(amounts, dtype=np.float64) * 1e6)
        if float(np.abs(scaled).sum()) < 2.0**62:
            return scaled.astype(np.int64)
        amounts = scaled
        return np.array([int(value) for value in amounts.tolist()], dtype=object)
    return np.array([int(value * 1_000_000) for value in amounts.tolist()], dtype=object)


def _causes(grid: _Grid, before: Array, after: Array) -> Array:
    """Return for each customer and pair the number of the cause, -1 for who stays."""
    none = len(grid.names) - 1
    by_old = grid.by_old_cuts[:, 1:]
    moved, by_itself, by_cuts = before != after, by_old != before, by_old != after
    bought = grid.last[:, 1:] >= grid.moments[:-1]
    cause = np.select([by_itself & by_cuts, by_cuts], [3, 2], np.where(bought, 0, 1))
    cause = np.where(before == none, 0, np.where(after == none, 1, cause))
    return np.where(moved, cause, -1)


def _stays(segment: Array) -> tuple[Array, Array]:
    """Return how many snapshots each stay has lasted at each snapshot, and whether its beginning was seen."""
    length = np.ones(segment.shape, dtype=np.int64)
    seen = np.zeros(segment.shape, dtype=bool)
    for at in range(1, segment.shape[1]):
        goes_on = segment[:, at] == segment[:, at - 1]
        length[:, at] += np.where(goes_on, length[:, at - 1], 0)
        seen[:, at] = ~goes_on | seen[:, at - 1]
    return length, seen


def _counted(grid: _Grid, each: bool) -> dict[str, Any]:
    """Return the columns of the result."""
    kinds = len(grid.names)
    none = kinds - 1
    before, after = grid.segment[:, :-1], grid.segment[:, 1:]
    there = (before != none) | (after != none)
    pair = np.broadcast_to(np.arange(before.shape[1]), before.shape)[there] if each else 0
    cell = (pair * kinds + before[there]) * kinds + after[there]
    cells, row = np.unique(cell, return_inverse=True)
    rows = len(cells)

    def counts(which: Array) -> Array:
        return np.bincount(row[which[there]], minlength=rows).astype(np.int64)

    def sums(amounts: Array) -> Array:
        totals = np.zeros(rows, dtype=amounts.dtype)
        np.add.at(totals, row, amounts[there])
        return np.array([int(total) / 1_000_000 for total in totals.tolist()], dtype=np.float64)

    length, seen = _stays(grid.segment)
    at_last = np.zeros(before.shape, dtype=bool)
    at_last[:, -1:] = True
    ends = (before != none) & ((before != after) | at_last)
    # Who stays to the last snapshot has been there for it too.
    lasted = np.where(before == after, length[:, 1:], length[:, :-1])
    whole = ends & seen[:, :-1]
    stays = counts(whole)
    total = np.bincount(row[whole[there]], weights=lasted[there][whole[there]], minlength=rows)
    customers = np.bincount(row, minlength=rows).astype(np.int64)
    cause = _causes(grid, before, after)
    sources = cells // kinds
    _, source = np.unique(sources, return_inverse=True)
    columns: dict[str, Any] = {"before": sources // kinds} if each else {}
    columns |= {
        "from": Category((sources % kinds).astype(np.int32), grid.names),
        "to": Category((cells % kinds).astype(np.int32), grid.names),
        "customers": customers,
        "share": customers / np.bincount(source, weights=customers)[source] if rows else np.zeros(0),
        "gross_before": sums(grid.gross[:, :-1]),
        "gross_after": sums(grid.gross[:, 1:]),
        "stays": stays,
        "mean_stay": np.where(stays > 0, total / np.maximum(stays, 1), np.nan),
        "censored_stays": counts(ends & ~seen[:, :-1]),
    }
    columns |= {name: counts(cause == number) for number, name in enumerate(_CAUSES)}
    return columns
