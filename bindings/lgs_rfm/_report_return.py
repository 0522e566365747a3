"""What the report says of customers who come back, and of those who move between segments: tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ._concentration import concentration
from ._lazy import np
from ._migration import NONE, migration
from ._report_words import money, month, percent, plural, whole
from .frames import columns_of
from .frames._values import Columns
from .ledger import Ledger
from .moments import Window
from .scoring import Scorer, SegmentRules

__all__ = ["DAYS", "captions", "tables_of", "words"]

DAYS = 90  # after so many days without a purchase a customer counts as lost on the page


def tables_of(
    book: Ledger,
    customers: Any,
    *,
    as_of: np.datetime64 | None,
    since: np.datetime64 | None,
    until: np.datetime64 | None,
    basis: str,
    window: Window,
    scorer: Scorer,
    rules: SegmentRules,
) -> dict[str, Columns]:
    """Return the tables, by name.

    `customers` is the frame of `rfm`, `since` and `until` are the moments of the first and the last line. The movement
    is that of the last month which the lines and the moment `as_of` cover to its end, by the report's cut points.
    """
    tables: dict[str, Columns] = {
        "concentration": concentration(customers, frame="numpy"),
        "cohorts": book.cohorts(frame="numpy"),
        "returning": book.returning(frame="numpy"),
        "repeat_rate": book.repeat_rate(frame="numpy"),
        "second_purchase": book.second_purchase(frame="numpy"),
    }
    if as_of is None or since is None or until is None or scorer._native is None:
        return tables
    end = min(as_of, until.astype("datetime64[D]") + 1).astype("datetime64[M]")
    start = end - 1
    if start <= since.astype("datetime64[M]"):  # there are no two ends of month
        return tables
    step = (start.astype("datetime64[D]"), end.astype("datetime64[D]"))
    pair = book.snapshots(
        window=window, scorer=scorer, rules=rules, basis=basis, since=step[0], until=step[1], frame="table"
    )
    moves = columns_of(migration(pair, each=True, frame="table"))
    if len(moves["from"]):
        tables["migration"] = moves
    return tables


def words(tables: Mapping[str, Columns], partial: bool) -> dict[str, list[str]]:
    """Return the sentences on returning and on moving customers, by section; none where there is nothing to say."""
    said: dict[str, list[str]] = {"returning": [], "movement": []}
    if int(tables["repeat_rate"]["customers"][0]):
        said["returning"] = [
            *_repeat_words(tables["repeat_rate"], tables["second_purchase"]),
            *_cohort_words(tables["cohorts"]),
            *_month_words(tables["returning"], partial),
        ]
    if "migration" in tables:
        said["movement"] = _move_words(tables["migration"])
    return said


def captions(tables: Mapping[str, Columns], amount: str) -> dict[str, str]:
    """Return the caption of each picture."""
    said = {
        "cohorts": "Of the customers who first bought in a month, the share that bought again so many months later.",
        "migration": "Each row is 100 %: where the customers of a segment were one month later.",
    }
    few = tables["concentration"]
    share = dict(zip(np.asarray(few["top"]).tolist(), np.asarray(few["share"]).tolist(), strict=True))
    if math.isfinite(share.get(0.01, math.nan)):
        said["pareto"] = (
            f"The largest 1 % of the customers bring {percent(share[0.01], 0)} of {amount}, the largest 20 % "
            f"{percent(share[0.2], 0)}. The Gini coefficient is {money(float(few['gini'][0]))}: 0 if all were equal."
        )
    return said


def _repeat_words(rate: Columns, curve: Columns) -> list[str]:
    customers, again = int(rate["customers"][0]), int(rate["repeat_customers"][0])
    said = [f"{again:,} of {customers:,} customers with a purchase ({percent(again / customers, 0)}) bought again."]
    survival = np.asarray(curve["survival"], np.float64)
    if len(survival) and survival[-1] <= 0.5:
        days = int(curve["time"][int(np.argmax(survival <= 0.5))])
        said.append(f"Half of the customers come back within {plural(days, 'day')} of their first purchase.")
    elif len(survival) and again:
        said.append(
            f"{percent(1 - float(survival[-1]), 0)} of the customers come back within {int(curve['time'][-1]):,} days "
            "of their first purchase."
        )
    return said


def _cohort_words(cohorts: Columns) -> list[str]:
    """Return the sentence on the weighted average, the last row of the wide form."""
    kept = {
        months: float(cohorts[f"month_{months}"][-1])
        for months in (1, 6, 12)
        if f"month_{months}" in cohorts and math.isfinite(cohorts[f"month_{months}"][-1])
    }
    if len(cohorts["cohort"]) < 3 or not kept:
        return []
    parts = [f"{percent(share, 0)} after {plural(months, 'month')}" for months, share in kept.items()]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return [f"Of new buyers, on average {listed} buy in that month."]


def _month_words(months: Columns, partial: bool) -> list[str]:
    """Return the sentence on the last complete month."""
    last = len(months["month"]) - (2 if partial else 1)
    if last < 0:
        return []
    new, returning = int(months["new_buyers"][last]), int(months["returning_buyers"][last])
    known = float(months["new_gross"][last]) + float(months["returning_gross"][last])
    lost, back = int(months[f"lost_{DAYS}"][last]), int(months[f"won_back_{DAYS}"][last])
    said = f"In {month(months['month'][last])} {new + returning:,} customers bought, {new:,} of them for the first time"
    if known > 0:
        said += f"; the others brought {percent(float(months['returning_gross'][last]) / known, 0)} of their gross"
    return [said + f". {lost:,} were lost ({DAYS} days without a purchase), {back:,} were won back."]


def _move_words(moves: Columns) -> list[str]:
    """Return the sentences on the last step: how many moved and why, and where the money went."""
    source, target = moves["from"], moves["to"]
    count = np.asarray(moves["customers"], np.int64)
    came, left = source == NONE, target == NONE
    moved = (source != target) & ~came & ~left
    before, after = (
        month(moves["before"][0] - np.timedelta64(1, "D")),
        month(moves["after"][0] - np.timedelta64(1, "D")),
    )
    there = int(count[~came].sum())
    bought, waited = int(moves["bought"][moved].sum()), int(moves["time_passed"][moved].sum())
    said = [
        f"From the end of {before} to the end of {after}, {int(count[moved].sum()):,} of {there:,} customers changed "
        f"segment: {bought:,} because they bought, {waited:,} because time passed."
    ]
    if came.any():
        gross = math.fsum(np.asarray(moves["gross_after"], np.float64)[came].tolist())
        said.append(f"{int(count[came].sum()):,} customers came and bought for {whole(gross)}.")
    if left.any():
        said.append(f"{int(count[left].sum()):,} left, since all their purchases are older than the window.")
    change = np.asarray(moves["gross_after"], np.float64) - np.asarray(moves["gross_before"], np.float64)
    change[~moved] = 0.0
    for at, word in ((int(np.argmin(change)), "Most money was lost"), (int(np.argmax(change)), "Most was gained")):
        if (change[at] < 0) == (word == "Most money was lost") and change[at]:
            said.append(
                f"{word} with the {int(count[at]):,} customers who went from {source[at]} to {target[at]}: they bought "
                f"for {whole(float(moves['gross_before'][at]))} in {before} and for "
                f"{whole(float(moves['gross_after'][at]))} in {after}."
            )
    return said
