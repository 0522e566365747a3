"""Some ten thousand random lines against the plain reference: more rows than a block, ids of every shape and spread."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import lgs_rfm as lgs
import pytest
import reference
from frames import columns_of, expected_rows, make, quiet_ledger, rows_of, saved_bytes, values_of
from reference import DAY, Id, Line, micros

START = micros("2009-11-28T17:00:00")
ROWS = 20_000
Pick = Callable[[random.Random], Id]

# What invoice numbers and customers look like in shops; each meets another road of the decoders and tables.
SHAPES: dict[str, tuple[Pick, Pick]] = {
    "a real shop": (
        lambda r: r.choice(["", "", "", "C", "A"]) + str(489434 + r.randrange(1500)),
        lambda r: r.choice([None, 12346 + r.randrange(300), 12346 + r.randrange(300)]),
    ),
    "every line its own invoice": (lambda r: r.randrange(10**9), lambda r: r.randrange(10**9)),
    "few of everything": (lambda r: r.randrange(5), lambda r: r.randrange(3)),
    "wide integers": (lambda r: r.choice([-1, 1]) * r.randrange(2**63), lambda r: r.randrange(-(2**63), 2**63)),
    "texts of one beginning": (
        lambda r: f"invoice number {r.randrange(900):05}",
        lambda r: f"customer of the shop {r.randrange(200)}" + "x" * r.randrange(3),
    ),
    "texts of all lengths": (
        lambda r: r.choice("CAZ") + "7" * r.randrange(20),
        lambda r: r.choice([None, "é" * r.randrange(1, 12), "0" * r.randrange(1, 14), str(r.randrange(40))]),
    ),
}


def lines_of(shape: str, order: str) -> list[Line]:
    numbers = random.Random(f"{shape} {order}")
    invoice, customer = SHAPES[shape]
    lines: list[Line] = []
    while len(lines) < ROWS:
        # A run of lines of one invoice, as tills write them.
        head = (
            reference.canonical_id(invoice(numbers)),
            reference.canonical_id(customer(numbers)),
            START + numbers.randrange(700) * DAY + numbers.choice([0, 1, DAY - 1, numbers.randrange(DAY)]),
        )
        for _ in range(numbers.choice([1, 1, 2, 5, 40])):
            price = numbers.choice([0, 850_000, 2_550_000, numbers.randrange(-100, 10**8)])
            lines.append(Line(*head, numbers.choice([-6, -1, 0, 1, 1, 2, 6, 12, 2**20]), price))
    if order == "shuffled":
        numbers.shuffle(lines)
    elif order == "by time":
        lines.sort(key=lambda x: x.moment)
    return lines


@pytest.fixture(scope="module", params=[(s, o) for s in SHAPES for o in ("by time", "shuffled")], ids=" ".join)
def lines(request: pytest.FixtureRequest) -> list[Line]:
    return lines_of(*request.param)


@pytest.fixture(scope="module")
def book(lines: list[Line]) -> lgs.Ledger:
    return quiet_ledger(make("numpy-object", columns_of(lines)))


def same(table: Any, rows: list[dict[str, Any]], without: tuple[str, ...] = ()) -> None:
    """Row by row, so that a failure shows one row and not all."""
    seen = [{n: v for n, v in r.items() if n not in without} for r in rows_of(table)]
    wanted = [{n: v for n, v in r.items() if n not in without} for r in expected_rows(rows)]
    for ours, theirs in zip(seen, wanted, strict=False):
        assert ours == theirs
    assert len(seen) == len(wanted)


def test_invoices(lines: list[Line], book: lgs.Ledger) -> None:
    # Owners beside missing ones come as objects or doubles from numpy; Arrow keeps both exact.
    wanted = reference.invoices(lines)
    same(book.invoices(), wanted, without=("customer_id",))
    owners = values_of(book.invoices(frame="arrow"), "customer_id")
    assert [reference.canonical_id(v) for v in owners] == [r["customer_id"] for r in wanted]


def test_monthly(lines: list[Line], book: lgs.Ledger) -> None:
    same(book.monthly(), reference.monthly(lines), without=("growth",))


@pytest.mark.parametrize("basis", ["purchases", "net", "all"])
def test_customers(lines: list[Line], book: lgs.Ledger, basis: str) -> None:
    same(book.customers(basis=basis), reference.customers(lines, None, basis))
    middle = START + 350 * DAY
    as_of = reference.moment_of(middle).isoformat()
    wanted = reference.customers(lines, middle, basis, 90 * DAY)
    same(book.customers(as_of=as_of, basis=basis, window="90d"), wanted)


def test_scores(lines: list[Line], book: lgs.Ledger) -> None:
    table = reference.customers(lines)
    for ties in ("first", "together"):
        scored = rows_of(lgs.Scorer(ties=ties).fit_transform(book.customers()))
        wanted = reference.scores(table, ties=ties)
        assert [(r["r_score"], r["f_score"], r["m_score"]) for r in scored] == wanted


def test_chunks_and_batches(lines: list[Line], book: lgs.Ledger) -> None:
    columns = columns_of(lines)
    whole = saved_bytes(book)
    for chunk in (997, 4096, 8193):
        assert saved_bytes(quiet_ledger(make("arrow", columns, chunk=chunk))) == whole
    parts = lgs.Ledger()
    for at in range(0, len(lines), 3001):
        parts.add(make("polars", {n: v[at : at + 3001] for n, v in columns.items()}))
    assert saved_bytes(parts) == whole
    assert saved_bytes(lgs.merge([parts.between(until="2010-07-15"), parts.between(since="2010-07-15")])) == whole
