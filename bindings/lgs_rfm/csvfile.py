"""Columns as CSV text: UTF-8, comma, a header row, ISO dates, missing values empty."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TextIO

import numpy as np

__all__ = ["guarded", "iso_texts", "replace_csv", "write_csv"]

_BATCH = 65_536  # rows turned into Python objects at a time: bounds memory, large enough to cost nothing
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile('[",\\r\\n]')
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Text that is a plain number, signed or not, is left alone: it is shown, not run.

    >>> guarded("=1+1"), guarded("@home"), guarded("-5"), guarded("WHITE MUG")
    ("'=1+1", "'@home", '-5', 'WHITE MUG')
    """
    return "'" + text if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


class _Texts(dict[Any, str]):
    """The finished CSV cell of each text seen: texts repeat from line to line, so most are found, not made."""

    def __init__(self, guard: bool) -> None:
        super().__init__()
        self._guard = guard

    def __missing__(self, value: Any) -> str:
        if value is None or value != value:  # missing: None or NaN
            return ""
        text = value.decode("utf-8") if isinstance(value, bytes) else str(value)
        if self._guard and isinstance(value, str | bytes):
            text = guarded(text)
        if _QUOTED.search(text):
            text = '"' + text.replace('"', '""') + '"'
        if len(self) < _BATCH:
            self[value] = text
        return text


def _moments(column: np.ndarray[Any, Any], unit: Literal["D", "s", "us"]) -> list[str]:
    texts: list[str] = np.datetime_as_string(column.astype("datetime64[us]"), unit=unit).tolist()
    return ["" if text == "NaT" else text.replace("T", " ") for text in texts]


def _moment_unit(column: np.ndarray[Any, Any]) -> Literal["D", "s", "us"]:
    """Return the finest unit that a column needs, so that all its rows read alike."""

    def whole(unit: str) -> bool:
        return bool(np.all((column == column.astype(f"datetime64[{unit}]")) | np.isnat(column)))

    # Moments of the tables are in microseconds, months and days in coarser units: midnight keeps its time there.
    if np.datetime_data(column.dtype)[0] in ("Y", "M", "W", "D", "s") and whole("D"):
        return "D"
    return "s" if whole("s") else "us"


def _batches(column: np.ndarray[Any, Any], guard: bool) -> Iterator[list[str]]:
    kind = column.dtype.kind
    unit = _moment_unit(column) if kind == "M" else "D"
    texts = _Texts(guard)
    for start in range(0, len(column), _BATCH):
        part = column[start : start + _BATCH]
        if kind == "M":
            yield _moments(part, unit)
        elif kind == "f":
            values = list(map(repr, part.tolist()))
            yield ["" if text == "nan" else text for text in values] if np.isnan(part).any() else values
        elif kind in "OSU":
            yield list(map(texts.__getitem__, part.tolist()))
        else:
            yield list(map(str, part.tolist()))


def iso_texts(column: np.ndarray[Any, Any]) -> list[str]:
    """Return moments as ISO text: a day for a column of days or months, else with a time; missing ones empty.

    >>> import numpy as np
    >>> iso_texts(np.array(["2011-12-09T12:50", "NaT"], "datetime64[us]"))
    ['2011-12-09 12:50:00', '']
    >>> iso_texts(np.array(["2011-12"], "datetime64[M]"))
    ['2011-12-01']
    """
    return _moments(column, _moment_unit(column))


def write_csv(file: TextIO, columns: Mapping[str, np.ndarray[Any, Any]], *, guard: bool = True) -> None:
    """Write columns of equal length as CSV.

    Parameters
    ----------
    file : text file
        Open for writing, with ``newline=""``.
    columns : mapping of str to numpy.ndarray, one-dimensional
        By name, in the order wanted: integers, floats (NaN is missing), datetime64 (NaT is missing), text or objects
        (None is missing). Numbers are written in full, moments as `iso_texts` says, missing values as empty cells.
    guard : bool
        Neutralise text that a spreadsheet would run as a formula (see `guarded`). Off for files that are read again
        as lines.

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
    names = _Texts(guard)
    file.write(",".join(names[name] for name in columns) + "\n")
    for batch in zip(*(_batches(column, guard) for column in columns.values()), strict=True):
        file.write("\n".join(map(",".join, zip(*batch, strict=True))) + "\n")


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
