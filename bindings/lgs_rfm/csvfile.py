"""Columns as CSV text: UTF-8, comma, a header row, ISO dates, missing values empty."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

import numpy as np

__all__ = ["cells", "guarded", "write_csv"]

_BATCH = 65_536  # rows turned into Python objects at a time: bounds memory, large enough to cost nothing
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Text that is a plain number, signed or not, is left alone: it is shown, not run.

    >>> guarded("=1+1"), guarded("@home"), guarded("-5"), guarded("WHITE MUG")
    ("'=1+1", "'@home", '-5', 'WHITE MUG')
    """
    return "'" + text if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _moments(column: np.ndarray[Any, Any], whole_days: bool, unit: str) -> list[str]:
    texts = np.datetime_as_string(column, unit="D" if whole_days else unit).tolist()
    return ["" if text == "NaT" else text.replace("T", " ") for text in texts]


def _text_cell(value: Any, guard: bool) -> Any:
    if value is None or value != value:  # a missing value: None or NaN
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8")
    return guarded(value) if guard and isinstance(value, str) else value


def _batches(column: np.ndarray[Any, Any], guard: bool) -> Iterable[list[Any]]:
    kind = column.dtype.kind
    if kind == "M":
        # One form for the whole column, so that every row reads alike.
        whole_days = np.datetime_data(column.dtype)[0] in ("Y", "M", "W", "D", "s") and bool(
            np.all((column == column.astype("datetime64[D]")) | np.isnat(column))
        )
        fine = column.astype("datetime64[us]")
        unit = "s" if bool(np.all((fine == fine.astype("datetime64[s]")) | np.isnat(fine))) else "us"
    for start in range(0, len(column), _BATCH):
        part = column[start : start + _BATCH]
        if kind == "M":
            yield _moments(part, whole_days, unit)
        elif kind == "f":
            values = part.tolist()
            # NaN is the only number that differs from itself.
            yield ["" if value != value else value for value in values] if np.isnan(part).any() else values
        elif kind in "OSU":
            yield [_text_cell(value, guard) for value in part.tolist()]
        else:
            yield part.tolist()


def cells(column: np.ndarray[Any, Any], *, guard: bool = True) -> list[Any]:
    """Return the cells of one column as the CSV writer gets them.

    Parameters
    ----------
    column : numpy.ndarray, one-dimensional
        Integers, floats (NaN is missing), datetime64 (NaT is missing), text or objects (None is missing).
    guard : bool
        Neutralise text that a spreadsheet would run as a formula (see `guarded`).

    Returns
    -------
    list
        Numbers stay numbers; moments are ISO text, of whole days (``2011-12-09``) for a column of dates or months,
        else with a time (``2011-12-09 12:50:00``); missing values are empty text.

    Examples
    --------
    >>> import numpy as np
    >>> cells(np.array(["2011-12-09T12:50"], "datetime64[us]"))
    ['2011-12-09 12:50:00']
    >>> cells(np.array([0.5, np.nan]))
    [0.5, '']
    """
    return [cell for batch in _batches(column, guard) for cell in batch]


def write_csv(file: TextIO, columns: Mapping[str, np.ndarray[Any, Any]], *, guard: bool = True) -> None:
    """Write columns of equal length as CSV.

    Parameters
    ----------
    file : text file
        Open for writing, with ``newline=""``.
    columns : mapping of str to numpy.ndarray
        By name, in the order wanted; see `cells` for the types.
    guard : bool
        Neutralise text that a spreadsheet would run as a formula. Off for files that are read again as lines.

    Raises
    ------
    ValueError
        The columns differ in length.

    Examples
    --------
    >>> import io, numpy as np
    >>> out = io.StringIO()
    >>> write_csv(out, {"customer_id": np.array([7, 8]), "segment": np.array(["Champions", "At Risk"])})
    >>> print(out.getvalue(), end="")
    customer_id,segment
    7,Champions
    8,At Risk
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError("columns differ in length: " + ", ".join(f"{name} {n}" for name, n in lengths.items()))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for batch in zip(*(_batches(column, guard) for column in columns.values()), strict=True):
        writer.writerows(zip(*batch, strict=True))
