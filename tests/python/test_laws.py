"""Laws of the ledger: order, cuts, types and merges change no byte; every table equals the plain reference."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import pickle
import tempfile
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import reference
import strategies
from frames import as_route, book_of, columns_of, expected_rows, make, quiet_ledger, rows_of, saved_bytes, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import DAY, Line

pytestmark = pytest.mark.filterwarnings("ignore::lgs_rfm.QualityWarning")
WINDOWS = st.sampled_from([None, DAY, 31 * DAY, 365 * DAY])


def as_text(us: int) -> str:
    return reference.moment_of(us).isoformat()


# ---- the real data, byte for byte


@pytest.fixture(scope="module")
def whole(pandas_book: lgs.Ledger) -> bytes:
    return saved_bytes(pandas_book)


@pytest.mark.parametrize("seed", range(3))
def test_seven_parts_in_any_order(real_lines: pd.DataFrame, whole: bytes, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cuts = [0, *sorted(rng.integers(0, len(real_lines), 6).tolist()), len(real_lines)]
    parts = [quiet_ledger(real_lines.iloc[a:b]) for a, b in itertools.pairwise(cuts)]
    order = rng.permutation(7)
    assert saved_bytes(lgs.merge([parts[i] for i in order])) == whole


def test_batches_added_one_by_one(real_lines: pd.DataFrame, whole: bytes) -> None:
    book = lgs.Ledger()
    for at in range(0, len(real_lines), 250_001):
        assert book.add(real_lines.iloc[at : at + 250_001]) is book
    assert saved_bytes(book) == whole


def test_shuffled_rows(real_lines: pd.DataFrame, whole: bytes) -> None:
    order = np.random.default_rng(11).permutation(len(real_lines))
    assert saved_bytes(quiet_ledger(real_lines.iloc[order])) == whole


def typed(table: pa.Table, **types: pa.DataType) -> pa.Table:
    for name, to in types.items():
        name = {"customer": "Customer ID"}.get(name, name)
        column = table[name]
        if pa.types.is_decimal(to):
            column = pc.round(column, ndigits=6)
        table = table.set_column(table.column_names.index(name), name, column.cast(to))
    return table


@pytest.mark.parametrize(
    "types",
    [
        {"customer": pa.int64()},
        {"customer": pa.string()},
        {"Invoice": pa.large_string(), "customer": pa.large_string()},
        {"Invoice": pa.string_view()},
        {"Invoice": pa.dictionary(pa.int32(), pa.string())},
        {"InvoiceDate": pa.timestamp("ns"), "Price": pa.decimal128(12, 3)},
        {"InvoiceDate": pa.timestamp("s"), "Quantity": pa.int64()},
        {"InvoiceDate": pa.timestamp("ms"), "Quantity": pa.float64()},
        {"InvoiceDate": pa.string()},
    ],
    ids=lambda t: "-".join(f"{n}:{v}" for n, v in t.items()),
)
def test_other_accepted_types(real_lines: pd.DataFrame, whole: bytes, types: dict[str, pa.DataType]) -> None:
    # Customer numbers as integers first: text made of a double would read 13085.0.
    table = typed(as_route(real_lines, "arrow"), customer=pa.int32())
    assert saved_bytes(quiet_ledger(typed(table, **types))) == whole


def test_every_kind_of_frame(real_book: lgs.Ledger, whole: bytes) -> None:
    assert saved_bytes(real_book) == whole


def test_replace_of_a_month_by_itself(real_lines: pd.DataFrame, whole: bytes) -> None:
    book = quiet_ledger(real_lines)
    month = real_lines[(real_lines["InvoiceDate"] >= "2010-12-01") & (real_lines["InvoiceDate"] < "2011-01-01")]
    book.replace(month, since="2010-12-01", until="2011-01-01")
    assert saved_bytes(book) == whole


def test_save_load_and_pickle_of_the_whole(pandas_book: lgs.Ledger, whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "book.lgs").write_bytes(whole)
    loaded = lgs.Ledger.load(tmp_path / "book.lgs")
    assert loaded == pandas_book
    assert saved_bytes(loaded) == whole
    assert saved_bytes(pickle.loads(pickle.dumps(pandas_book))) == whole


# ---- every table equals the reference


def compare(table: Any, rows: list[dict[str, Any]], without: tuple[str, ...] = ()) -> None:
    wanted = [{n: v for n, v in r.items() if n not in without} for r in expected_rows(rows)]
    seen = [{n: v for n, v in r.items() if n not in without} for r in rows_of(table)]
    assert seen == wanted


@given(strategies.lines())
def test_invoices(lines: list[Line]) -> None:
    compare(book_of(lines).invoices(), reference.invoices(lines))


def moment_and_owner(row: dict[str, Any]) -> object:
    return (row["first_moment"], reference.id_order(reference.canonical_id(row["customer_id"])))


@given(strategies.lines(invoices=[None]))
def test_invoices_without_numbers(lines: list[Line]) -> None:
    seen, wanted = rows_of(book_of(lines).invoices()), list(expected_rows(reference.invoices(lines)))
    seen = [r | {"invoice": reference.canonical_id(r["invoice"])} for r in seen]
    assert sorted(seen, key=moment_and_owner) == sorted(wanted, key=moment_and_owner)


@given(strategies.lines(), st.booleans())
def test_monthly(lines: list[Line], numbered: bool) -> None:
    if not numbered:
        lines = [Line(None, x.customer, x.moment, x.quantity, x.price) for x in lines]
    wanted = reference.monthly(lines)
    table = book_of(lines).monthly()
    compare(table, wanted, without=("growth",))
    assert values_of(table, "growth") == [
        None if r["growth"] is None else pytest.approx(r["growth"], rel=1e-12, abs=1e-12) for r in wanted
    ]


@given(strategies.lines(), st.sampled_from([1.0, 0.85, 0.5, 0.0, 0.333]))
def test_amount_summary(lines: list[Line], q: float) -> None:
    rows = rows_of(book_of(lines).amount_summary(quantiles=(q,)))
    wanted = reference.amount_summary(lines, q)
    if wanted is None:
        assert [r["count"] for r in rows] in ([], [0])
        return
    (row,) = rows
    for name in ("min", "max", "mode"):
        assert row[name] == reference.money(wanted[name])  # type: ignore[arg-type]
    for name in ("count", "mode_count", "quantile"):
        assert row[name] == wanted[name]
    for name in ("mean", "median", "cutoff"):
        assert row[name] == pytest.approx(wanted[name], rel=1e-12)


@given(
    strategies.lines(),
    st.one_of(st.none(), strategies.moments),
    st.sampled_from(["purchases", "net", "all"]),
    WINDOWS,
    st.booleans(),
)
def test_customers(lines: list[Line], as_of: int | None, basis: str, window: int | None, numbered: bool) -> None:
    if not numbered:
        lines = [Line(None, x.customer, x.moment, x.quantity, x.price) for x in lines]
    table = book_of(lines).customers(
        as_of=None if as_of is None else as_text(as_of),
        basis=basis,
        window=None if window is None else f"{window // DAY}d",
    )
    compare(table, reference.customers(lines, as_of, basis, window))


@given(strategies.lines())
def test_quality_counts(lines: list[Line]) -> None:
    counts = {r["name"]: (r["lines"], r["invoices"], r["amount"]) for r in rows_of(book_of(lines).quality())}
    kinds = {x: reference.kind_of(x.invoice) for x in lines}
    wanted = {
        "unknown_customer": [x for x in lines if x.customer is None],
        "zero_price": [x for x in lines if x.price == 0],
        "negative_price": [x for x in lines if x.price < 0],
        "zero_quantity": [x for x in lines if x.quantity == 0],
        "odd_quantity": [
            x
            for x in lines
            if (kinds[x] == "cancellation" and x.quantity > 0) or (kinds[x] == "sale" and x.quantity < 0)
        ],
    }
    for name, found in wanted.items():
        assert counts[name][0] == len(found), name
    unknown = wanted["unknown_customer"]
    assert counts["unknown_customer"][1] == len({x.order for x in unknown})
    assert counts["unknown_customer"][2] == reference.money(sum(x.amount for x in unknown))


@given(strategies.lines(), strategies.lines())
def test_quality_adds_up(a: list[Line], b: list[Line]) -> None:
    def lines_by_name(lines: list[Line]) -> dict[str, int]:
        return {r["name"]: r["lines"] for r in rows_of(book_of(lines).quality())}

    one, other, both = lines_by_name(a), lines_by_name(b), lines_by_name(a + b)
    assert both == {name: one[name] + other[name] for name in both}


@given(strategies.lines(max_size=12).flatmap(lambda x: st.tuples(st.just(x), st.integers(1, 3))))
def test_copies(case: tuple[list[Line], int]) -> None:
    once, times = case
    once = sorted(once, key=lambda x: x.moment)
    lines = once * times
    found = reference.copies(lines)
    reading = book_of(lines).reading
    assert found is not None
    assert (reading.copied_invoices, reading.copied_lines) == found
    if found[0]:
        dropped = quiet_ledger(lgs.Lines(make("numpy-object", columns_of(lines)), copies="drop"))
        assert dropped.reading.dropped_lines == found[1]
        if times > 1 and once[0].moment < once[-1].moment:
            assert dropped == book_of(once)


# ---- the algebra of ledgers


@given(strategies.lines(max_size=40), st.randoms(use_true_random=False))
def test_order_changes_no_byte(lines: list[Line], random: Any) -> None:
    shuffled = lines[:]
    random.shuffle(shuffled)
    assert saved_bytes(book_of(shuffled)) == saved_bytes(book_of(lines))


@given(strategies.lines(), strategies.lines(), strategies.lines())
def test_merge_is_a_sum(a: list[Line], b: list[Line], c: list[Line]) -> None:
    def merged(*books: lgs.Ledger) -> bytes:
        return saved_bytes(lgs.merge(list(books)))

    x, y, z = book_of(a), book_of(b), book_of(c)
    together = saved_bytes(book_of(a + b + c))
    assert merged(x, y, z) == merged(z, x, y) == together
    assert merged(lgs.merge([x, y]), z) == merged(x, lgs.merge([y, z])) == together
    assert merged(lgs.Ledger(), x) == merged(x, lgs.Ledger()) == merged(x) == saved_bytes(x)
    assert saved_bytes(x) == saved_bytes(book_of(a)), "merging changed a part"


@given(strategies.lines(), strategies.lines())
def test_add_is_a_merge(a: list[Line], b: list[Line]) -> None:
    book = book_of(a)
    before = copy.copy(book)
    book.add(make("numpy-object", columns_of(b)))
    assert book == lgs.merge([book_of(a), book_of(b)])
    assert before == book_of(a), "a copy follows its original"


@given(strategies.lines(max_size=40), strategies.moments, strategies.moments)
def test_between_keeps_the_lines_inside(lines: list[Line], since: int, until: int) -> None:
    since, until = min(since, until), max(since, until)
    book = book_of(lines)
    inside = [x for x in lines if since <= x.moment < until]
    part = book.between(as_text(since), as_text(until))
    assert rows_of(part.invoices()) == list(expected_rows(reference.invoices(inside)))
    rest = [book.between(None, as_text(since)), book.between(as_text(until), None)]
    assert lgs.merge([part, *rest]) == book


@given(strategies.lines(max_size=40), strategies.lines(), strategies.moments)
def test_replace_forgets_and_adds(lines: list[Line], fresh: list[Line], since: int) -> None:
    until = since + 31 * DAY
    fresh = [x for x in fresh if since <= x.moment < until] or [Line(7, 9, since, 1, 5_000_000)]
    book = book_of(lines)
    once = book.replace(make("numpy-object", columns_of(fresh)), since=as_text(since), until=as_text(until))
    assert once is book
    bytes_once = saved_bytes(book)
    book.replace(make("numpy-object", columns_of(fresh)), since=as_text(since), until=as_text(until))
    assert saved_bytes(book) == bytes_once
    kept = [x for x in lines if not since <= x.moment < until]
    assert bytes_once == saved_bytes(book_of(kept + fresh))


@given(strategies.lines(), strategies.lines())
def test_equality_is_of_bytes(a: list[Line], b: list[Line]) -> None:
    x, y = book_of(a), book_of(b)
    assert (x == y) == (saved_bytes(x) == saved_bytes(y))
    assert x != "a ledger"


@given(strategies.lines())
def test_round_trips(lines: list[Line]) -> None:
    book = book_of(lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.lgs"
        book.save(str(path))
        loaded = lgs.Ledger.load(str(path))
        pickled = pickle.loads(pickle.dumps(book))
    for other in (loaded, pickled, copy.deepcopy(book)):
        assert other == book
        assert saved_bytes(other) == saved_bytes(book)
        # A file does not keep the type that the ids came in, so they are compared as text.
        tables = [rows_of(each.customers(frame="numpy")) for each in (other, book)]
        assert [{**row, "customer_id": str(row["customer_id"])} for row in tables[0]] == [
            {**row, "customer_id": str(row["customer_id"])} for row in tables[1]
        ]


@given(strategies.lines(), st.integers(0, 29), st.sampled_from(["price", "date"]))
def test_a_failed_add_changes_nothing(lines: list[Line], at: int, what: str) -> None:
    book = book_of(lines)
    before = saved_bytes(book)
    columns = columns_of(lines)
    if what == "price":
        columns["unit_price"][at % len(lines)] = float("nan")
    else:
        columns["invoice_date"][at % len(lines)] = dt.datetime(1399, 12, 31)
    with pytest.raises(lgs.LinesError):
        book.add(make("numpy-object", columns))
    assert saved_bytes(book) == before
    assert rows_of(book.invoices()) == list(expected_rows(reference.invoices(lines)))


@settings(max_examples=30)
@given(strategies.lines(min_size=5, max_size=40))
def test_pounds_or_pence_give_the_same_scores(lines: list[Line]) -> None:
    pence = [Line(x.invoice, x.customer, x.moment, x.quantity, x.price * 100) for x in lines]
    pounds_table, pence_table = book_of(lines).customers(), book_of(pence).customers()
    if not rows_of(pounds_table):
        return
    for ties in ("first", "together"):
        scorer = lgs.Scorer(bins=4, ties=ties)
        one, other = scorer.fit_transform(pounds_table), scorer.fit_transform(pence_table)
        assert rows_of(one) == rows_of(other)
