"""Columns as CSV text: UTF-8, comma, a header row, ISO dates, missing values empty."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, TextIO

from ._lazy import np
from .frames._rows import native_table
from .frames._values import objects
from .table import Table

__all__ = ["iso_texts", "replace_csv", "write_csv"]


def _moment_unit(column: np.ndarray[Any, Any]) -> Literal["D", "s", "us"]:
    """Return the finest unit that a column needs, so that all its rows read alike."""

    def whole(unit: str) -> bool:
        return bool(np.all((column == column.astype(f"datetime64[{unit}]")) | np.isnat(column)))

    # Moments of the tables are in microseconds, months and days in coarser units: midnight keeps its time there.
    if np.datetime_data(column.dtype)[0] in ("Y", "M", "W", "D", "s") and whole("D"):
        return "D"
    return "s" if whole("s") else "us"


def iso_texts(column: np.ndarray[Any, Any]) -> list[str]:
    """Return moments as ISO text: a day for a column of days or months, else with a time; missing ones empty.

    >>> import numpy as np
    >>> iso_texts(np.array(["2011-12-09T12:50", "NaT"], "datetime64[us]"))
    ['2011-12-09 12:50:00', '']
    >>> iso_texts(np.array(["2011-12"], "datetime64[M]"))
    ['2011-12-01']
    """
    unit = _moment_unit(column)
    texts: list[str] = np.datetime_as_string(column.astype("datetime64[us]"), unit=unit).tolist()
    return ["" if text == "NaT" else text.replace("T", " ") for text in texts]


def _days_as_text(column: Any) -> Any:
    """Return a column of days or months as text; the native table would give them a time."""
    is_days = isinstance(column, np.ndarray) and column.dtype.kind == "M" and _moment_unit(column) == "D"
    return objects(iso_texts(column)) if is_days else column


def write_csv(file: TextIO, columns: Table | Mapping[str, np.ndarray[Any, Any]], *, guard: bool = True) -> None:
    """Write columns of equal length as CSV.

    Parameters
    ----------
    file : text file
        Open for writing, with ``newline=""``.
    columns : Table, or mapping of str to numpy.ndarray, one-dimensional
        By name, in the order wanted: integers, floats (NaN is missing), datetime64 (NaT is missing), text or objects
        (None is missing). Numbers are written in full, moments as `iso_texts` says, missing values as empty cells.
    guard : bool
        Put an apostrophe before text that a spreadsheet would run as a formula, which begins with one of ``= + - @``,
        a tab or a carriage return; a plain number, signed or not, is left alone. Off for files that are read again as
        lines.

    Raises
    ------
    ValueError
        The columns differ in length.

    Examples
    --------
    >>> import io, numpy as np
    >>> out = io.StringIO()
    >>> write_csv(out, {"customer_id": np.array([7, 8]), "segment": np.array(["Champions", "=At Risk"])})
    >>> print(out.getvalue(), end="")
    customer_id,segment
    7,Champions
    8,'=At Risk
    """
    if isinstance(columns, Table):
        native = columns._native
    else:
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError("columns differ in length: " + ", ".join(f"{name} {n}" for name, n in lengths.items()))
        native = native_table({name: _days_as_text(column) for name, column in columns.items()})
    native.write_csv(file.write, guard)


def replace_csv(path: str | os.PathLike[str], columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write columns to a CSV file as `write_csv` does, whole or not at all: a failure leaves an earlier file as it was.

    Raises
    ------
    OSError
        The folder is not there, or cannot be written to.
    """
    from pathlib import Path

    target = Path(path)
    import shutil  # both take long to import
    import tempfile

    aside = Path(tempfile.mkdtemp(prefix=".lgs_rfm-", dir=target.parent))
    try:
        with (aside / target.name).open("w", encoding="utf-8", newline="") as file:
            write_csv(file, columns)
        os.replace(aside / target.name, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
