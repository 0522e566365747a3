"""A made-up shop to try things on."""

from __future__ import annotations

import importlib.util
from typing import Any

from . import _core
from .frames import Category, kind_named
from .frames._values import parts_of
from .table import Table

__all__ = ["demo_lines"]


def demo_lines(*, customers: int = 5_000, seed: int = 1, copied_days: int = 0, frame: str | None = None) -> Any:
    """Make the invoice lines of a made-up shop, the same on every machine.

    Parameters
    ----------
    customers : int
        1 to 10,000,000; a customer brings about 200 lines.
    seed : int
        Which shop; 0 or more.
    copied_days : int
        How many of the first days of the second December occur twice, 0 to 31, as in a shop's export of two yearly
        files that overlap.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: pandas if it is installed, else a `Table`.

    Returns
    -------
    frame
        invoice, stock_code, description, quantity, invoice_date, unit_price, customer_id, country.

    Raises
    ------
    ValueError
        A number is out of range.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> lines = lgs.demo_lines(customers=10, seed=7, frame="numpy")
    >>> list(lines)[:4]
    ['invoice', 'stock_code', 'description', 'quantity']
    """
    if seed < 0:
        raise ValueError(f"seed={seed!r} is not allowed; give 0 or more")
    table = Table(_core.demo_lines(customers, seed, copied_days))
    kind = kind_named(frame or ("pandas" if importlib.util.find_spec("pandas") else "table"))
    lines = kind.from_table(table, {})
    if kind.name == "pandas":
        import pandas as pd

        # Text columns as a reader of the shop's file would have them; each distinct text is one object.
        for name in table.columns:
            _, data, _ = parts_of(table._native, name, exact=False)
            if isinstance(data, Category):
                texts = pd.Series(data.texts())
                lines[name] = texts.astype("str") if int(pd.__version__.split(".")[0]) >= 3 else texts
    return lines
