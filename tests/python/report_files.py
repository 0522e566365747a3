"""A shop to report on, and what a report has written: its page and its files, read back."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def content(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return loaded


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def data_files(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in everything(folder).items() if name != "index.html"}


class Page(HTMLParser):
    """Addresses, texts and the balance of the tags of a page."""

    VOID = ("meta", "img", "br", "link", "hr", "input")

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed((folder / "index.html").read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [str(found[key]) for key in ("href", "src") if key in found]
        if tag == "img":
            self.images.append(found)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def headings(folder: Path) -> set[str]:
    return set(re.findall(r'<section id="(\w+)"', (folder / "index.html").read_text(encoding="utf-8")))


def table(page: Path, section: str) -> list[list[str]]:
    """The cells of the first table of a section."""
    part = (page / "index.html").read_text(encoding="utf-8").split(f'<section id="{section}">')[1]
    rows = re.findall(r"<tr>(.*?)</tr>", part.split("<tbody>")[1].split("</tbody>")[0], flags=re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


GOODS = {"22423": "CAKE STAND", "85099B": "JUMBO BAG", "21001": "MUG", "21002": "PLATE", "21003": "CUP"}
GOODS |= {f"2200{i}": f"THING {i}" for i in range(8)}
CODES = [*GOODS, "POST", "M"]


def shop(seed: int = 3, customers: int = 160, lines: int = 2_600) -> pd.DataFrame:
    """Lines with ties, returns, write-offs, unknown customers, and habits: low ids buy cake stands."""
    draw = np.random.default_rng(seed)
    invoice = np.sort(draw.integers(0, lines // 3, lines))
    who = draw.integers(0, customers, lines // 3)[invoice] ** 2 // customers + 1
    start = np.datetime64("2010-09-01T09:00")
    day = np.sort(draw.integers(0, 400, lines // 3))[invoice]
    code = np.where((who < 20) & (draw.random(lines) < 0.5), 0, draw.integers(0, len(CODES), lines))
    back = draw.random(lines // 3)[invoice] < 0.08
    quantity = draw.integers(1, 13, lines) * np.where(back, -1, 1)
    frame = pd.DataFrame(
        {
            "Invoice": [f"{'C' if c else ''}{500000 + i}" for i, c in zip(invoice, back, strict=True)],
            "StockCode": [CODES[c] for c in code],
            "Description": [GOODS.get(CODES[c], "POSTAGE" if CODES[c] == "POST" else None) for c in code],
            "Quantity": quantity,
            "InvoiceDate": start + day.astype("timedelta64[D]"),
            "Price": draw.choice([0.0, 0.5, 1.25, 2.0, 9.95], lines, p=[0.03, 0.27, 0.3, 0.3, 0.1]),
            "Customer ID": np.where(draw.random(lines // 3)[invoice] < 0.1, np.nan, who),
            "Country": [("United Kingdom", "EIRE", "France")[min(w % 7, 2)] for w in who],
        }
    )
    frame["amount"] = (frame["Quantity"] * frame["Price"]).round(6)
    frame["bought"] = (frame["Quantity"] > 0) & (frame["amount"] > 0)
    return frame


OWN = ["amount", "bought"]  # not a part of the lines
