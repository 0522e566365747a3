"""Nasty CSV files, made from a seed, against Python's csv module and Decimal.

``LGS_RFM_CSV_FILES`` sets how many files; 100000 take a minute or two.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pytest
from lgs_rfm import LinesError, _core

FILES = int(os.environ.get("LGS_RFM_CSV_FILES", "3000"))
TOGETHER = 50  # files whose ledgers are compared as one

MISSING = ("", "NULL", "null", "NaN", "nan")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MILLION = Decimal(10**6)

NOTES = ["", "a", '"', '""', ",", ';"', '",', "\n", "\r\n", '\n"', '"\n', 'a"b', '5" x', "1,2\n3;4", '";"', "\t|", "é"]
INVOICES = [
    "489434",
    "C489435",
    "A1",
    "0017",
    "a long invoice, 'x'",
    'say "hi"',
    "7\n8",
    " 5",
    "9223372036854775808",
    "-3",
]
QUANTITIES = ["1", "-2", "12", "6.0", "+7", " 8 ", "0", "1e2", "2147483647", "-2147483647.000", "00012", "123456789"]
PRICES = [
    "0",
    "6.95",
    "-1.5",
    ".5",
    "5.",
    "1e-3",
    "2.5E2",
    "0.1234565",
    "0.1234575",
    "12345.678901",
    "99999999.99",
    "-0",
]
CUSTOMERS = ["", "", "13085", "13085.0", "-7.00", "NULL", "nan", "x.0", "1.50", "ab c", "12.", ".0", "  "]
MOMENTS = ["2011-01-05", "2011-01-05 08:26", "2011-01-05T08:26:30", "2012-02-29 23:59:59.25", "2011-01-05 08:26:00Z"]
BAD = {
    "invoice": ["", "null", "   "],
    "quantity": ["1.5", "", "x", "1 2", "2147483648", "1e", "--1", "inf"],
    "invoice_date": ["", "soon", "2011-02-29", "2011-1-5", "2011-01-05 24:00", "1399-12-31"],
    "unit_price": ["", "cheap", "1,5", "1e20", ".", "-", "1.2.3", "nan", "Infinity", "0x10"],
}
COLUMNS = ["invoice", "quantity", "invoice_date", "unit_price", "customer_id"]


@dataclass
class Wanted:
    """What a file holds by the plain reading: its lines, or the row and column of the first bad record."""

    lines: list[tuple[str, int, datetime, Decimal, str | None]]
    bad: list[tuple[int, str | None]]


def made(dice: random.Random) -> tuple[str, str]:
    """Return a file's text and its delimiter."""
    delimiter = dice.choice(",,,;\t|")
    newline = dice.choice(["\n", "\n", "\r\n"])
    columns = ["note", *COLUMNS, "remark"]
    dice.shuffle(columns)
    spoilt = dice.random() < 0.3
    quoting = dice.choice([0.0, 0.2, 1.0])

    def field(text: str) -> str:
        must = text[:1] == '"' or delimiter in text or "\n" in text or "\r" in text
        if must or dice.random() < quoting:
            return '"' + text.replace('"', '""') + '"' + ("" if dice.random() < 0.99 else "x")
        return text

    choices = {
        "note": NOTES, "remark": NOTES, "invoice": INVOICES, "quantity": QUANTITIES,
        "invoice_date": MOMENTS, "unit_price": PRICES, "customer_id": CUSTOMERS,
    }  # fmt: skip
    out = [delimiter.join(columns)]
    row = {name: dice.choice(values) for name, values in choices.items()}
    for _ in range(dice.choice([0, 1, 2, 5, 12, 30])):
        for name, values in choices.items():
            if dice.random() < 0.5:
                row[name] = dice.choice(values)
        written = dict(row)
        if spoilt and dice.random() < 0.15:
            name = dice.choice(list(BAD))
            written[name] = dice.choice(BAD[name])
        fields = [field(written[name]) for name in columns]
        if spoilt and dice.random() < 0.05:
            fields = fields[: dice.randrange(2, 7)] if dice.random() < 0.5 else [*fields, "x"]
        out.append(delimiter.join(fields))
        if dice.random() < 0.1:
            out.append("")
    text = newline.join(out)
    return ("\ufeff" if dice.random() < 0.1 else "") + text + ("" if dice.random() < 0.5 else newline), delimiter


def number(text: str) -> Decimal | None:
    stripped = text.strip(" \t\r\n\v\f")
    return Decimal(stripped) if text not in MISSING and NUMBER.fullmatch(stripped) else None


def moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if re.match(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
    return at.replace(tzinfo=None) if at is not None and at.year >= 1400 else None


def line_of(row: dict[str, str]) -> tuple[str, int, datetime, Decimal, str | None] | str:
    """Return the line, or the column that cannot be read."""
    if row["invoice"] in MISSING or not row["invoice"].strip():
        return "invoice"
    quantity = number(row["quantity"])
    if quantity is None or quantity != quantity.to_integral_value() or abs(quantity) > 2**31 - 1:
        return "quantity"
    at = moment(row["invoice_date"])
    if at is None:
        return "invoice_date"
    price = number(row["unit_price"])
    if price is None:
        return "unit_price"
    units = (price * MILLION).to_integral_value(ROUND_HALF_EVEN)
    if abs(units) >= 2**63:
        return "unit_price"
    if abs(units * quantity) >= 2**63:
        return "amount"
    customer: str | None = row["customer_id"]
    if customer in MISSING or not str(customer).strip():
        customer = None
    elif whole := re.fullmatch(r"(-?[0-9]+)\.0+", str(customer)):
        customer = whole[1]
    return row["invoice"], int(quantity), at, units / MILLION, customer


def plainly_read(text: str, delimiter: str) -> Wanted:
    rows = (row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter) if row)
    names = next(rows)
    wanted = Wanted([], [])
    for i, fields in enumerate(rows):
        found = line_of(dict(zip(names, fields, strict=True))) if len(fields) == len(names) else None
        if isinstance(found, tuple):
            wanted.lines.append(found)
        else:
            wanted.bad.append((i, found))
    return wanted


def native_of(lines: list[tuple[str, int, datetime, Decimal, str | None]]) -> Any:
    """Return the ledger of lines by way of columns."""
    book = _core.Ledger({"C": "cancellation", "A": "adjustment"})
    reader = _core.Reader(book, None, None, _core.Copies.keep)
    invoice, quantity, at, price, customer = (list(values) for values in zip(*lines, strict=True))
    reader.add_columns(
        {
            "invoice": _core.Column.from_numpy(np.array(invoice, object)),
            "quantity": _core.Column.from_numpy(np.array(quantity, np.int64)),
            "invoice_date": _core.Column.from_numpy(np.array(at, "datetime64[us]")),
            "unit_price": _core.Column.from_numpy(np.array(price, object)),
            "customer_id": _core.Column.from_numpy(np.array(customer, object)),
        }
    )
    return book.added(reader.finish())


def read(book: Any, text: str, dice: random.Random, bad_lines: str) -> tuple[Any, Any]:
    """Return the book with the file added, and the report."""
    data = text.encode()
    reader = _core.Reader(book, None, None, _core.Copies.keep)
    source: Any = data
    if dice.random() < 0.2:
        source = io.BytesIO(data).read
    chunk = dice.choice([1 << 20, 1 << 20, dice.randrange(1, len(data) + 2)])
    _core.add_csv(
        reader, source, {}, None, ".", None, bad_lines, None, 2 if dice.random() < 0.02 else 1, None, chunk_bytes=chunk
    )
    entries = reader.finish()
    return book.added(entries), entries.report


def batches() -> Iterator[int]:
    return iter(range(0, FILES, TOGETHER))


def test_nasty_files() -> None:
    empty = _core.Ledger({"C": "cancellation", "A": "adjustment"})
    counts = {"good": 0, "refused": 0, "skipped": 0}
    for first in batches():
        book = empty
        lines: list[Any] = []
        for seed in range(first, min(first + TOGETHER, FILES)):
            dice = random.Random(seed)
            text, delimiter = made(dice)
            wanted = plainly_read(text, delimiter)
            if not wanted.bad:
                counts["good"] += 1
                book, report = read(book, text, dice, "error")
            else:
                counts["refused"] += 1
                with pytest.raises(LinesError) as caught:
                    read(empty, text, dice, "error")
                assert (caught.value.row, caught.value.column) == wanted.bad[0], (seed, text)
                book, report = read(book, text, dice, "skip")
                counts["skipped"] += report.skipped_lines
                assert report.skipped_lines == len(wanted.bad), (seed, text)
                assert len(report.skipped) == min(10, len(wanted.bad))
                for line, offset, shown, _ in report.skipped:
                    assert text.encode()[:offset].count(b"\n") + 1 == line, (seed, text)
                    start = text.encode()[offset : offset + 8].decode(errors="ignore")
                    assert shown.startswith(re.split("[\r\n]", start)[0].replace("\t", " ")), (seed, text)
            assert report.lines == len(wanted.lines), (seed, text)
            lines += wanted.lines
        if lines and not book.equals(native_of(lines)):
            for seed in range(first, min(first + TOGETHER, FILES)):  # which one?
                dice = random.Random(seed)
                text, delimiter = made(dice)
                wanted = plainly_read(text, delimiter)
                alone, _ = read(empty, text, dice, "skip" if wanted.bad else "error")
                assert not wanted.lines or alone.equals(native_of(wanted.lines)), (seed, text)
            pytest.fail(f"files {first} and on differ together")
    assert min(counts.values()) > FILES // 100
