"""Exceptions and warnings. Their messages are one line that names column, row, value and remedy."""

from __future__ import annotations

__all__ = ["ColumnError", "LinesError", "NotFittedError", "QualityWarning"]


class LinesError(ValueError):
    """Invoice lines that cannot be read.

    Attributes
    ----------
    column : str or None
        The column's name among ours, such as ``"quantity"``.
    row : int or None
        The row's 0-based position from the start of the call.
    value : str or None
        The offending value as text.
    """

    column: str | None = None
    row: int | None = None
    value: str | None = None


class ColumnError(KeyError):
    """A column is missing, or two answer to one name. A KeyError whose message reads as it is written.

    Attributes
    ----------
    column : str or None
        The column's name among ours.
    """

    column: str | None = None
    row: int | None = None
    value: str | None = None

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class NotFittedError(ValueError, AttributeError):
    """A scorer is asked for what it has not learnt: call ``fit`` first. An AttributeError too, so `hasattr` works."""


class QualityWarning(UserWarning):
    """Something in the lines that changes no figure silently but deserves a look: copies, rounded prices."""
