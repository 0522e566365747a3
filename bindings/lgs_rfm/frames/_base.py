"""What every kind of frame must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import _core
from ..errors import ColumnError, LinesError
from ._values import Array, Category, IdType

if TYPE_CHECKING:
    from ..table import Table

_NUMBERS = ("quantity", "invoice_date", "unit_price", "amount")


# What reads lines: into a ledger, or into totals.
Reader = _core.Reader | _core.TotalsReader


@dataclass
class Fed:
    """What feeding a frame to a reader told: columns that are none of ours, and the types of the ids."""

    ignored: list[str]
    ids: dict[str, IdType] = field(default_factory=dict)


class Kind(ABC):
    """One kind of frame. Instances hold nothing; `kind_of` finds the right one."""

    name: str

    @abstractmethod
    def feed(self, frame: Any, reader: Reader, columns: dict[str, str]) -> Fed:
        """Give the lines' columns to the reader, in place where their types allow it."""

    @abstractmethod
    def names(self, frame: Any) -> list[str]:
        """Return the column names in order."""

    @abstractmethod
    def to_numpy(self, frame: Any, name: str) -> Array:
        """Return a column as a numpy array: NaN, NaT or None where missing, text as objects."""

    @abstractmethod
    def id_column(self, frame: Any, name: str) -> _core.Column:
        """Return a column of ids as the native part reads it."""

    def categories(self, frame: Any, name: str) -> list[str]:
        """Return the names of a categorical column in order, of another one those that occur, as they first do."""
        return list(dict.fromkeys(str(v) for v in self.to_numpy(frame, name).tolist() if v is not None and v == v))

    @abstractmethod
    def from_table(self, table: Table, ids: dict[str, IdType], *, fresh: bool = False) -> Any:
        """Return a native result as a frame of this kind; `ids` tells what type the id columns came in.

        `fresh`: nobody else holds the table, so that its memory may become the frame's.
        """

    @abstractmethod
    def with_columns(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        """Return the frame with these columns more."""

    @abstractmethod
    def like(self, frame: Any, columns: dict[str, Array | Category]) -> Any:
        """Return a frame of these columns alone, with the row labels of `frame` where there are any."""

    @abstractmethod
    def take(self, frame: Any, positions: Array) -> Any:
        """Return the rows at these positions, with labels of their own; -1 gives a row of missing values."""

    @abstractmethod
    def only(self, frame: Any, names: list[str]) -> Any:
        """Return these columns of the frame, in this order."""

    @abstractmethod
    def beside(self, frame: Any, other: Any) -> Any:
        """Return the columns of both frames, which have as many rows and no name in common."""

    @abstractmethod
    def of_columns(self, columns: dict[str, Array | Category], ids: Iterable[str] = ()) -> Any:
        """Return a frame of columns as `to_numpy` gives them, or categories; `ids` names those that are ids."""


def needed_columns(names: list[str], reader: Reader, columns: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    """Return where the columns that the reader wants stand, and the names of those that nobody knows."""
    positions, ignored = _core.match_columns(names, columns)
    needed = {name: at for name, at in positions.items() if name in reader.columns}
    for own in reader.columns:
        if own in _core.LINE_COLUMNS:
            continue
        if names.count(own) != 1:
            problem = (
                "is missing: the input has no column of this name; correct by="
                if own not in names
                else ("is there twice; rename one")
            )
            raise ColumnError(f"column {own} {problem}")
        needed[own] = names.index(own)
    return needed, [name for name in ignored if name not in needed]


def id_columns(needed: Iterable[str]) -> list[str]:
    """Return the columns among these that hold ids or names, which leave in the type they came in."""
    return [name for name in needed if name not in _NUMBERS]


def feed_columns(
    names: list[str],
    reader: Reader,
    columns: dict[str, str],
    column_at: Any,
    id_type_at: Any,
) -> Fed:
    """Feed frames whose columns are taken one by one; the callables give a column and an id's type by position."""
    needed, ignored = needed_columns(names, reader, columns)
    taken = {}
    for name, at in needed.items():
        try:
            taken[name] = column_at(at)
        except ValueError as error:
            raise LinesError(f"column {name}: {error}") from None
    reader.add_columns(taken)
    return Fed(ignored, {name: id_type_at(needed[name], taken[name]) for name in id_columns(taken)})
