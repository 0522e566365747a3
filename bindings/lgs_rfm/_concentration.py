"""How much of the gross few customers, or few products, bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._lazy import np
from .errors import ColumnError, LinesError
from .frames import kind_named, kind_of
from .frames._ids import collected
from .frames._rows import Id, canonical_ids, native_table
from .frames._values import Array, objects
from .table import Table

if TYPE_CHECKING:
    from fractions import Fraction  # takes long to import

__all__ = ["concentration"]

TOP = (0.01, 0.05, 0.1, 0.2)
_MILLION = 1_000_000


def concentration(
    source: Any,
    *,
    by: str = "customer_id",
    value: str = "monetary",
    top: Sequence[float] = TOP,
    reach: float = 0.8,
    frame: str | None = None,
) -> Any:
    """Tell what share of an amount the largest customers bring, or the largest of anything else.

    Parameters
    ----------
    source : frame or Ledger
        Customers as `Ledger.customers` or `rfm` gives them, or any frame with a key and an amount, such as products
        with ``by="stock_code", value="gross"``. Rows with one key are added up; rows without a key are left out. A
        ledger stands for its customers.
    by : str
        The column of the key.
    value : str
        The column of the amount. Keys with 0 count; an amount below 0 counts as 0, so shares stay within 0..1.
    top : sequence of float, each 0 < share <= 1
        Shares of the keys, largest amounts first.
    reach : float, 0 < reach <= 1
        The share of the amount to look for the fewest keys for.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `source`.

    Returns
    -------
    frame
        measure, top (share of the keys), count (how many these are), amount, share (of the whole amount), gini. Rows:
        ``top`` for each of `top`: count is top x keys, rounded up; then one row ``reach``: the fewest keys that
        together bring at least `reach`, top being their share of all. gini is that of all keys, the same in every row:
        0 where all are equal, near 1 where one has everything. Where there is no amount above 0, share and gini are
        missing, and so is top in the row ``reach``.

    Raises
    ------
    ColumnError
        A column is missing.
    LinesError
        An amount is missing or not finite.
    ValueError
        `top` or `reach` is out of range.

    Notes
    -----
    Which of several equal keys are counted at the border makes no difference: amount and share are the same. Amounts
    are added up in millionths, exactly. gini = sum((2 i - n - 1) x_i) / (n sum(x)), x ascending, i from 1.

    Examples
    --------
    >>> import numpy as np
    >>> import lgs_rfm as lgs
    >>> products = {"stock_code": np.array(["A", "B", "C", "D"]), "gross": np.array([70.0, 10.0, 0.0, 20.0])}
    >>> found = lgs.concentration(products, by="stock_code", value="gross", top=[0.25, 0.5])
    >>> for row in zip(*(found[name].tolist() for name in ("measure", "top", "count", "share", "gini"))):
    ...     print(*row)
    top 0.25 1 0.7 0.55
    top 0.5 2 0.9 0.55
    reach 0.5 2 0.9 0.55
    """
    for share in top:
        check_share("top", share)
    check_share("reach", reach)
    amounts, kind = amounts_of(source, by, value)
    total, size = sum(amounts), len(amounts)
    gini = gini_of(amounts)
    rows = []
    for share in top:
        count = math.ceil(_as_written(share) * size)  # of the number as it is written: 0.07 of 100 are 7
        rows.append(("top", float(share), count, sum(amounts[:count])))
    if total:
        count = fewest(amounts, reach)
        rows.append(("reach", count / size, count, sum(amounts[:count])))
    else:
        rows.append(("reach", math.nan, 0, 0))
    columns = {
        "measure": objects([row[0] for row in rows]),
        "top": np.array([row[1] for row in rows]),
        "count": np.array([row[2] for row in rows], dtype=np.int64),
        "amount": np.array([row[3] / _MILLION for row in rows]),
        "share": np.array([row[3] / total if total else math.nan for row in rows]),
        "gini": np.full(len(rows), gini),
    }
    return kind_named(frame or kind).from_table(Table(native_table(columns)), {})


def check_share(option: str, share: float) -> None:
    if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 < share <= 1:
        raise ValueError(f"{option}={share!r} is not allowed; give shares above 0, up to 1")


def amounts_of(source: Any, by: str, value: str) -> tuple[list[int], str]:
    """Return the amounts by key in millionths, largest first, none below 0, and the kind of frame."""
    make = getattr(source, "customers", None)
    if callable(make):
        source = make()
    source = collected(source, "concentration")
    kind = kind_of(source)
    for name in (by, value):
        if name not in kind.names(source):
            raise ColumnError(
                f"column {name} is missing; the frame has {', '.join(map(str, kind.names(source)))}; "
                "name the key with by= and the amount with value="
            )
    sums: dict[Id, int] = {}
    keys = canonical_ids(kind.id_column(source, by), by)
    for key, amount in zip(keys, exact_amounts(kind.to_numpy(source, value), value), strict=True):
        if key is not None:
            sums[key] = sums.get(key, 0) + amount
    return sorted((max(amount, 0) for amount in sums.values()), reverse=True), kind.name


def exact_amounts(column: Array, name: str) -> list[int]:
    """Return amounts as whole millionths in Python integers, whose sums are exact."""
    if column.dtype.kind in "iu":
        return [amount * _MILLION for amount in column.tolist()]
    if column.dtype.kind not in "fO":
        raise TypeError(f"column {name} has type {column.dtype}; it takes numbers")
    from fractions import Fraction

    amounts = []
    for row, amount in enumerate(column.tolist()):
        try:
            if isinstance(amount, float):
                amounts.append(round(amount * 1e6))
            else:
                amounts.append(round(Fraction(amount) * _MILLION))
        except (TypeError, ValueError, OverflowError):
            raise LinesError(f"column {name}, row {row}: {amount} is no amount; give a finite number") from None
    return amounts


def _as_written(share: float) -> Fraction:
    """Return the number that a share is written as, exactly."""
    from fractions import Fraction

    return Fraction(repr(float(share)))


def fewest(amounts: list[int], reach: float) -> int:
    """Return how many of the amounts, largest first, bring at least this share of all."""
    wanted = _as_written(reach) * sum(amounts)
    together = 0
    for count, amount in enumerate(amounts):
        if together >= wanted:
            return count
        together += amount
    return len(amounts)


def gini_of(amounts: list[int]) -> float:
    """Return the Gini coefficient of amounts, largest first; NaN when there is nothing to share."""
    size, total = len(amounts), sum(amounts)
    if not total:
        return math.nan
    return sum((size - 1 - 2 * i) * amount for i, amount in enumerate(amounts)) / (size * total)
