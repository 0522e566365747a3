"""The kinds of frame that go in and come out, told by their library without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._lazy import np
from ._arrow import ArrowKind
from ._base import Fed, Kind, Reader, needed_columns
from ._numpy import NumpyKind, TableKind
from ._pandas import PandasKind
from ._polars import PolarsKind
from ._values import Category, IdType

__all__ = [
    "Category",
    "Fed",
    "IdType",
    "Kind",
    "Reader",
    "categories_of",
    "columns_of",
    "kind_named",
    "kind_of",
    "needed_columns",
]

_KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (PandasKind(), PolarsKind(), ArrowKind(), NumpyKind(), TableKind())
}
_LIBRARIES = {"pandas": "pandas", "polars": "polars", "pyarrow": "arrow"}


def kind_named(name: str) -> Kind:
    """Return the kind that the option ``frame=`` names.

    Raises
    ------
    ValueError
        The name is none of ``"pandas"``, ``"polars"``, ``"arrow"``, ``"numpy"``, ``"table"``.
    """
    if name not in _KINDS:
        raise ValueError(f"frame={name!r} is not one of {', '.join(map(repr, _KINDS))}")
    return _KINDS[name]


def kind_of(frame: Any) -> Kind:
    """Return the kind of a frame.

    Raises
    ------
    TypeError
        It is no frame: neither pandas, Polars or PyArrow, nor a dict of arrays, nor anything that speaks Arrow.
    """
    library = type(frame).__module__.partition(".")[0]
    if library in _LIBRARIES and not hasattr(frame, "to_frame"):  # a Series has `to_frame`, a frame has not
        return _KINDS[_LIBRARIES[library]]
    if isinstance(frame, Mapping):
        return _KINDS["numpy"]
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return _KINDS["table"]
    raise TypeError(
        f"{type(frame).__name__} is no frame of lines; give a pandas, Polars or PyArrow frame, a dict of numpy arrays, "
        "or an object with __arrow_c_stream__"
    )


def columns_of(frame: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Return all columns of any frame as numpy arrays: NaN, NaT or None where missing, text and names as objects."""
    kind = kind_of(frame)
    return {name: kind.to_numpy(frame, name) for name in kind.names(frame)}


def categories_of(frame: Any, name: str) -> list[str]:
    """Return the names of a categorical column in order; of a plain column those that occur, as they first do."""
    return kind_of(frame).categories(frame, name)
