"""What the report says of products, countries and the goods that each segment buys: tables and sentences."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ._lazy import np
from ._products import countries, products, segment_products
from ._report_words import percent, plural, whole
from ._totals import Totals
from .errors import ColumnError, LinesError
from .frames._values import Columns
from .lines import Lines

__all__ = ["PICK_LIFT", "PICK_SHARE", "FromLines", "country_name", "picks", "product_name", "read", "words"]

_PRODUCT = ("stock_code", "description")
_COUNTRY = "country"
_SHOWN_PICKS = 3
PICK_SHARE = 0.05  # of the segment's buyers: what fewer of them buy is no advice for all
PICK_LIFT = 1.2


class FromLines(NamedTuple):
    """Tables that need more than the ledger, and why some are not there."""

    tables: dict[str, Columns]
    notes: list[str]  # what a reader must know
    left_out: list[str]  # what is not shown, in small print


def read(lines: object, segments: Any, *, rows: int) -> FromLines:
    """Read the lines a second time, for products, countries and what each segment buys.

    Parameters
    ----------
    lines : frame or Lines
        The input of the report.
    segments : frame
        The customers with their segments, as `rfm` gives them.
    rows : int
        How many lines the first reading found; a frame that gives its rows once only has fewer now.

    Returns
    -------
    FromLines
        Tables products, services, segment_products and countries, where the lines have the columns. Lines that cannot
        be read again, or whose names cannot be read, give a note in place of the tables.
    """
    if not _again(lines):
        return FromLines({}, [_once()], [])
    try:
        made, missing = _totals(lines, segments)
    except (LinesError, TypeError, ValueError) as error:
        return FromLines({}, [f"Products and countries are left out, since these columns cannot be read: {error}."], [])
    if made is None:
        return FromLines({}, [], _missing_words(missing))
    if made.reading.lines != rows:
        return FromLines({}, [_once()], [])
    return FromLines(_tables(made), [], _missing_words(missing))


def _again(lines: object) -> bool:
    """Tell whether the input can be read twice: standard input, pipes and PyArrow's readers of batches cannot."""
    inputs = (lines if isinstance(lines, Lines) else Lines(lines))._inputs
    return not any(each.once or hasattr(getattr(each, "frame", None), "read_next_batch") for each in inputs)


def _once() -> str:
    return (
        "Products, countries and what the segments buy are left out: they need a second reading, and this input can be "
        "read once only. Give a file or a frame to see them."
    )


def _totals(lines: object, segments: Any) -> tuple[Totals | None, list[str]]:
    """Return totals by all of the columns that are there, made in one pass, and the names of the others."""
    wanted = [*_PRODUCT, _COUNTRY]
    missing: list[str] = []
    while wanted:
        try:
            if wanted[0] == _COUNTRY:
                return Totals(wanted)._add(lines, None, warn=False), missing
            return Totals(["segment", *wanted], labels=segments)._add(lines, None, warn=False), missing
        except ColumnError as error:  # before a line was read
            gone = next((name for name in wanted if f"column {name} is missing" in str(error)), None)
            if gone is None:
                raise ValueError(str(error)) from None
            missing.append(gone)
            wanted = [name for name in wanted if name != gone and (gone == _COUNTRY or name not in _PRODUCT)]
    return None, missing


def _missing_words(missing: list[str]) -> list[str]:
    said = []
    for name in missing:
        what = "countries" if name == _COUNTRY else "products and what the segments buy"
        said.append(f"Not shown: {what}, since the lines have no column {name}.")
    return said


def _tables(made: Totals) -> dict[str, Columns]:
    tables: dict[str, Columns] = {}
    if "stock_code" in made.by:
        by_product = made.fold(list(_PRODUCT))
        tables["products"] = products(by_product, frame="numpy")
        tables["services"] = products(by_product, services="only", frame="numpy")
        tables["segment_products"] = segment_products(made.fold(["segment", *_PRODUCT]), frame="numpy")
    if _COUNTRY in made.by:
        tables["countries"] = countries(made.fold(_COUNTRY), frame="numpy")
    return tables


def picks(table: Columns, segment: str) -> list[dict[str, Any]]:
    """Return goods to write a segment about: those that it buys more than others do, else those that most of it bought.

    Goods that few of the segment bought are no advice for all of it; they are left out.

    >>> import numpy as np
    >>> table = {
    ...     "segment": np.array(["A", "A", "A", "B"], object), "stock_code": np.array([1, 2, 3, 1]),
    ...     "description": np.array(["MUG", "BAG", "CUP", "MUG"], object), "customers": np.array([30, 2, 50, 40]),
    ...     "share": np.array([0.3, 0.02, 0.5, 0.4]), "lift": np.array([3.0, 9.0, 1.1, 1.5]),
    ... }
    >>> [pick["description"] for pick in picks(table, "A")]
    ['MUG']
    >>> [pick["description"] for pick in picks({**table, "lift": np.ones(4)}, "A")]
    ['CUP', 'MUG']
    """
    own = np.array([name == segment for name in table["segment"].tolist()], dtype=bool)
    share, lift = np.asarray(table["share"]), np.asarray(table["lift"])
    at = np.flatnonzero(own & (share >= PICK_SHARE) & (lift >= PICK_LIFT))  # the highest lift first, as the table is
    if not len(at):
        most = np.flatnonzero(own & (share >= PICK_SHARE))
        at = most[np.argsort(-share[most], kind="stable")]
    return [
        {
            "stock_code": str(table["stock_code"][i]),
            "description": product_name(table, i),
            "customers": int(table["customers"][i]),
            "share": float(table["share"][i]),
            "lift": float(table["lift"][i]),
        }
        for i in at[:_SHOWN_PICKS]
    ]


def product_name(table: Columns, row: int) -> str:
    """Return the description of a product, or its code when there is none.

    >>> import numpy as np
    >>> product_name({"description": np.array([None, " MUG  RED"], object), "stock_code": np.array([7, 8])}, 1)
    'MUG RED'
    """
    description = table["description"][row]
    return (" ".join(description.split()) if isinstance(description, str) else "") or str(table["stock_code"][row])


def words(tables: dict[str, Columns]) -> dict[str, list[str]]:
    """Return the sentences on products and on countries, by section; none where there is nothing to say."""
    said: dict[str, list[str]] = {"products": [], "countries": []}
    if "products" in tables and len(tables["products"]["gross"]):
        said["products"] = _product_words(tables["products"], tables["services"])
    if "countries" in tables and len(tables["countries"]["gross"]):
        said["countries"] = _country_words(tables["countries"])
    return said


def _product_words(table: Columns, services: Columns) -> list[str]:
    said: list[str] = []
    size, running = len(table["gross"]), np.asarray(table["running_share"], np.float64)
    if size > 10 and np.isfinite(running[9]):
        half = int(np.argmax(running >= 0.5)) + 1
        said.append(
            f"The ten best of {size:,} products bring {percent(float(running[9]))} of the gross of all products; "
            f"half of it comes from {half:,} products ({percent(half / size)})."
        )
    rates = np.asarray(table["return_rate"], np.float64)[:10]
    back = [product_name(table, i) for i in np.flatnonzero(rates >= 0.5).tolist()]
    if back:
        verb = "is no best-seller" if len(back) == 1 else "are no best-sellers"
        said.append(f"{_listed(back)} {verb}: most of the units came back.")
    count = len(services["gross"])
    if count:
        gross = math.fsum(np.asarray(services["gross"], np.float64).tolist())
        said.append(
            f"{plural(count, 'code')} for services (postage, fees, manual corrections) with a gross of {whole(gross)} "
            f"{'is' if count == 1 else 'are'} left out here."
        )
    return said


def _country_words(table: Columns) -> list[str]:
    names, shares = table["country"], np.asarray(table["gross_share"], np.float64)
    if len(names) < 2 or not np.isfinite(shares[0]):
        return []
    first = country_name(names[0])
    others = f"the other {len(names) - 1:,} countries together" if len(names) > 2 else country_name(names[1])
    said = [f"{first} brings {percent(float(shares[0]), 0)} of gross, {others} the rest."]
    average = np.asarray(table["average_invoice"], np.float64)
    enough = np.flatnonzero((np.asarray(table["purchase_invoices"]) >= 20) & np.isfinite(average))
    if len(enough) > 1:
        most = enough[np.argmax(average[enough])]
        if most != 0:
            said.append(
                f"Of the countries with 20 invoices or more, {country_name(names[most])} has the largest ones: "
                f"{whole(float(average[most]))} on average, against {whole(float(average[0]))} in {first}."
            )
    return said


def country_name(value: Any) -> str:
    """Return a country's name; of lines without one, a word for it."""
    return str(value) if value is not None and value == value else "(no country)"


def _listed(names: list[str]) -> str:
    """Join names as a sentence does.

    >>> _listed(["A", "B", "C"])
    'A, B and C'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
