"""Moves between segments: counted customer by customer, and compared with the table."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import lgs_rfm as lgs
import pandas as pd
import pytest
import reference
import strategies
from frames import book_of, columns_of, make, quiet_ledger, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from reference import DAY, Line, micros
from test_snapshots import snapshots_of, window_text

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")

NONE = "(none)"
ORDER = [*lgs.SegmentRules.standard().names, "(no segment)", NONE]
CAUSES = ("bought", "time_passed", "cut_points", "both")


def migration_of(snapshots: list[dict[str, Any]], each: bool = False) -> list[dict[str, Any]]:
    """The table by its definition, from rows of snapshots as dicts."""
    moments = sorted({row["snapshot"] for row in snapshots})
    rows = {(row["customer_id"], row["snapshot"]): row for row in snapshots}
    customers = sorted({row["customer_id"] for row in snapshots}, key=str)
    name = {key: row["segment"] or "(no segment)" for key, row in rows.items()}
    found: dict[Any, dict[str, Any]] = defaultdict(lambda: defaultdict(int) | {"lengths": []})
    for customer in customers:
        for at in range(len(moments) - 1):
            old, new = (customer, moments[at]), (customer, moments[at + 1])
            if old not in rows and new not in rows:
                continue
            a, c = name.get(old, NONE), name.get(new, NONE)
            row = found[(moments[at], moments[at + 1], a, c) if each else (a, c)]
            row["customers"] += 1
            row["gross_before"] += round(rows[old]["step_gross"] * 10**6) if old in rows else 0
            row["gross_after"] += round(rows[new]["step_gross"] * 10**6) if new in rows else 0
            if a != c:
                row[cause(rows, old, new, a, c)] += 1
            last = at == len(moments) - 2
            if a != NONE and (a != c or last):
                end = at + 1 if a == c else at
                begin = end
                while begin > 0 and name.get((customer, moments[begin - 1]), NONE) == a:
                    begin -= 1
                if begin == 0:
                    row["censored_stays"] += 1
                else:
                    row["lengths"].append(end - begin + 1)
    from_size: dict[Any, int] = defaultdict(int)
    for key, row in found.items():
        from_size[key[:-1]] += row["customers"]
    result = []
    for key in sorted(found, key=lambda k: (*k[:-2], ORDER.index(k[-2]), ORDER.index(k[-1]))):
        row = found[key]
        made = {"before": key[0], "after": key[1]} if each else {}
        made |= {
            "from": key[-2],
            "to": key[-1],
            "customers": row["customers"],
            "share": row["customers"] / from_size[key[:-1]],
            "gross_before": reference.money(row["gross_before"]),
            "gross_after": reference.money(row["gross_after"]),
            "stays": len(row["lengths"]),
            "mean_stay": sum(row["lengths"]) / len(row["lengths"]) if row["lengths"] else None,
            "censored_stays": row["censored_stays"],
            **{name: row[name] for name in CAUSES},
        }
        result.append(made)
    return result


def cause(rows: dict[Any, dict[str, Any]], old: Any, new: Any, a: str, c: str) -> str:
    if a == NONE:
        return "bought"
    if c == NONE:
        return "time_passed"
    b = rows[new].get("old_cuts_segment", c) or "(no segment)"
    if a != b and b == c:
        return "bought" if rows[new]["last_date"] >= old[1] else "time_passed"
    return "cut_points" if a == b else "both"


@settings(max_examples=60)
@given(
    strategies.lines(max_size=30),
    st.sampled_from(["week", "month", "quarter", "year"]),
    st.sampled_from(["purchases", "net", "all"]),
    st.sampled_from([None, 20 * DAY, 100 * DAY]),
    st.booleans(),
    st.booleans(),
)
def test_migration_is_that_of_the_reference(
    lines: list[Line], every: str, basis: str, window: int | None, refit: bool, each: bool
) -> None:
    snapshots = book_of(lines).snapshots(every=every, basis=basis, window=window_text(window), refit=refit)
    wanted = migration_of(snapshots_of(lines, every, basis, window, refit), each)
    seen = rows_of(lgs.migration(snapshots, each=each))
    assert seen == [row | {"mean_stay": row["mean_stay"] and pytest.approx(row["mean_stay"])} for row in wanted]


@pytest.mark.parametrize("options", [{}, {"refit": True}, {"window": "90d", "refit": True}, {"every": "quarter"}])
@pytest.mark.parametrize("each", [False, True])
def test_migration_of_the_real_data(pandas_book: lgs.Ledger, options: dict[str, Any], each: bool) -> None:
    snapshots = pandas_book.snapshots(**options)
    wanted = migration_of(rows_of(snapshots), each)
    assert rows_of(lgs.migration(snapshots, each=each)) == [
        row | {"mean_stay": row["mean_stay"] and pytest.approx(row["mean_stay"])} for row in wanted
    ]


def test_kinds_of_frame_agree(pandas_book: lgs.Ledger) -> None:
    for refit in (False, True):
        wanted = rows_of(lgs.migration(pandas_book.snapshots(refit=refit), each=True))
        for frame in ("polars", "arrow", "numpy", "table"):
            moves = lgs.migration(pandas_book.snapshots(refit=refit, frame=frame), each=True)
            assert rows_of(moves) == wanted
        exact = lgs.migration(pandas_book.snapshots(refit=refit, money="decimal"), each=True)
        assert rows_of(exact) == wanted
        assert list(lgs.migration(pandas_book.snapshots(), frame="pandas")["from"].cat.categories) == ORDER


def test_with_one_scorer_cut_points_move_nobody(pandas_book: lgs.Ledger) -> None:
    moves = lgs.migration(pandas_book.snapshots())
    assert moves[["cut_points", "both"]].to_numpy().sum() == 0
    moved = moves["from"] != moves["to"]
    assert (moves.loc[moved, list(CAUSES)].sum(axis=1) == moves.loc[moved, "customers"]).all()
    assert not (moves["to"] == NONE).any()  # without a window nobody leaves
    assert (
        moves.loc[moves["from"] == NONE, "customers"].sum() == 5878 - pandas_book.snapshots(until="2010-01-01").shape[0]
    )
    refitted = lgs.migration(pandas_book.snapshots(refit=True))
    assert refitted["cut_points"].sum() > 0


def shop() -> lgs.Ledger:
    """Customer 1 buys each month, 2 in January alone, 3 from March on."""
    bought = [(1, m) for m in range(1, 7)] + [(2, 1)] + [(3, m) for m in range(3, 7)]
    lines = [Line(100 * c + m, c, micros(f"2011-{m:02}-10"), 1, c * 10**6) for c, m in bought]
    return quiet_ledger(make("pandas", columns_of(lines)))


RULES = lgs.SegmentRules([("Recent", {"r": (2, 2)}), ("Gone", {"r": (1, 1)})], bins=2)


def test_a_small_shop() -> None:
    days = {"recency": [10.0, 40.0], "frequency": [1.0, 2.0], "monetary": [1.0, 2.0], "customer_id": [1, 2]}
    scorer = lgs.Scorer(bins=2, ties="together").fit(pd.DataFrame(days))  # recent: up to 25 days
    snapshots = shop().snapshots(scorer=scorer, rules=RULES)
    rows = {(r["from"], r["to"]): r for r in rows_of(lgs.migration(snapshots))}
    assert set(rows) == {("Recent", "Recent"), ("Recent", "Gone"), ("Gone", "Gone"), (NONE, "Recent")}
    assert rows["Recent", "Recent"]["customers"] == 5 + 3
    assert (rows["Recent", "Recent"]["stays"], rows["Recent", "Recent"]["mean_stay"]) == (1, 4.0)  # customer 3
    assert rows["Recent", "Recent"]["censored_stays"] == 1  # customer 1
    gone = rows["Recent", "Gone"]
    assert (gone["customers"], gone["time_passed"], gone["bought"], gone["censored_stays"]) == (1, 1, 0, 1)
    assert (gone["gross_before"], gone["gross_after"]) == (2.0, 0.0)
    assert (rows["Gone", "Gone"]["stays"], rows["Gone", "Gone"]["mean_stay"]) == (1, 5.0)
    assert (rows[NONE, "Recent"]["bought"], rows[NONE, "Recent"]["gross_after"]) == (1, 3.0)
    some = snapshots[snapshots["snapshot"].isin(pd.to_datetime(["2011-02-01", "2011-07-01"]))]
    assert {(r["from"], r["to"]) for r in rows_of(lgs.migration(some))} == {
        ("Recent", "Recent"),
        ("Recent", "Gone"),
        (NONE, "Recent"),
    }


def test_a_line_at_the_moment_of_a_snapshot_is_bought_after_it() -> None:
    lines = [Line(1, 5, micros("2011-01-31"), 1, 10**6), Line(2, 5, micros("2011-04-01"), 1, 10**6)]
    days = {"recency": [10.0, 50.0], "frequency": [1.0, 2.0], "monetary": [1.0, 2.0], "customer_id": [1, 2]}
    scorer = lgs.Scorer(bins=2, ties="together").fit(pd.DataFrame(days))  # recent: up to 30 days
    moves = rows_of(lgs.migration(book_of(lines).snapshots(scorer=scorer, rules=RULES), each=True))
    assert [(r["from"], r["to"], r["bought"], r["time_passed"]) for r in moves] == [
        ("Recent", "Recent", 0, 0),
        ("Recent", "Gone", 0, 1),
        ("Gone", "Recent", 1, 0),
    ]


def test_leavers_go_to_none() -> None:
    moves = rows_of(lgs.migration(shop().snapshots(window="40d", rules=RULES)))
    (left,) = [r for r in moves if r["to"] == NONE]
    assert (left["customers"], left["time_passed"]) == (1, 1)


def test_nothing_to_compare() -> None:
    for snapshots in (shop().snapshots(until="2011-02-01"), lgs.Ledger().snapshots(frame="pandas")):
        moves = lgs.migration(snapshots)
        assert len(moves) == 0
        assert list(moves)[:3] == ["from", "to", "customers"]
        assert len(lgs.migration(snapshots, each=True)) == 0


def test_what_is_refused() -> None:
    snapshots = shop().snapshots(refit=True)
    with pytest.raises(lgs.ColumnError, match="column step_gross is missing"):
        lgs.migration(snapshots.drop(columns="step_gross"))
    with pytest.raises(ValueError, match="two rows in one snapshot"):
        lgs.migration(pd.concat([snapshots, snapshots]))
    with pytest.raises(ValueError, match="snapshot of 2011-03-01 00:00:00 is left out"):
        lgs.migration(snapshots[snapshots["snapshot"] != "2011-03-01"])


# ---- the picture


def test_picture_of_moves() -> None:
    snapshots = shop().snapshots(rules=RULES)
    moves = lgs.migration(snapshots)
    ax = lgs.plot.migration(moves, ax=Figure().subplots())
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        n for n in ("Recent", "Gone", NONE) if n in set(moves["from"]) | set(moves["to"])
    ]
    assert [t.get_text() for t in ax.get_yticklabels()] == [t.get_text() for t in ax.get_xticklabels()]
    counts = lgs.plot.migration(lgs.migration(snapshots, each=True), show="customers", ax=Figure().subplots())
    assert sorted(int(t.get_text()) for t in counts.texts) == sorted(moves["customers"])
    for source in (snapshots, lgs.migration(snapshots, frame="polars"), lgs.migration(snapshots, frame="arrow")):
        again = lgs.plot.migration(source, ax=Figure().subplots())
        assert [t.get_text() for t in again.texts] == [t.get_text() for t in ax.texts]
    assert lgs.plot.migration(shop()).get_title(loc="left") == "Where customers go from one snapshot to the next"
    plt.close("all")
    with pytest.raises(ValueError, match="show='gross'"):
        lgs.plot.migration(moves, show="gross")
    with pytest.raises(ValueError, match="no column 'from'"):
        lgs.plot.migration(pd.DataFrame({"to": [1]}))
    empty = lgs.plot.migration(lgs.migration(shop().snapshots(until="2011-02-01")), ax=Figure().subplots())
    assert [t.get_text() for t in empty.texts] == ["no two snapshots with customers"]
