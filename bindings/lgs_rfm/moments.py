"""Moments and lengths of time as the native part takes them: whole microseconds."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from . import _core
from ._lazy import np
from .errors import LinesError

__all__ = ["CALENDAR_STEPS", "Moment", "Window", "micros_of", "window_micros"]

CALENDAR_STEPS = ("day", "week", "month", "quarter", "year")

Moment: TypeAlias = "str | date | datetime | np.datetime64 | None"
Window: TypeAlias = "str | timedelta | np.timedelta64 | None"

_DAY = 86_400_000_000
_UNITS = {"d": _DAY, "w": 7 * _DAY, "h": _DAY // 24, "min": _DAY // 1440, "s": 1_000_000}
_EPOCH = datetime(1970, 1, 1)


def micros_of(value: Any, option: str) -> int | None:
    """Turn a moment of any accepted kind into microseconds since 1970.

    Parameters
    ----------
    value : str, date, datetime, Timestamp, datetime64 or None
        A date means its first instant; what is finer than a microsecond is floored.
    option : str
        The option's name, for messages.

    Returns
    -------
    int or None
        None for None.

    Raises
    ------
    ValueError
        Text that is no moment, a moment outside years 1400 to 9999, a time zone other than UTC, NaT.
    TypeError
        Any other type.

    Examples
    --------
    >>> micros_of("1970-01-02", "as_of") == micros_of(np.datetime64("1970-01-02"), "as_of") == 86_400_000_000
    True
    """
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return _core.parse_moment(value)
        except LinesError as error:
            raise ValueError(f"{option}: {error}") from None
    if value != value:  # NaT, whoever's it is
        raise ValueError(f"{option}: {value} is no moment; give None for an open end")
    if isinstance(value, datetime):
        offset = value.utcoffset()
        if offset is not None and offset != timedelta(0):
            raise ValueError(f"{option}: {value} has a time zone other than UTC; give local time without a zone")
        micros = (value.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)
    elif isinstance(value, date):
        micros = (value - _EPOCH.date()).days * _DAY
    elif isinstance(value, np.datetime64):
        micros = int(value.astype("datetime64[us]").view(np.int64))
    else:
        raise TypeError(
            f"{option}: {value!r} has type {type(value).__name__}; give text, date, datetime, Timestamp or datetime64"
        )
    if not _core.MIN_MOMENT <= micros <= _core.MAX_MOMENT:
        raise ValueError(f"{option}: {value} is outside 1400-01-01 to 9999-12-31")
    return int(micros)


def window_micros(value: Any) -> int | None:
    """Turn a window into microseconds.

    Parameters
    ----------
    value : str, timedelta, timedelta64 or None
        ``"365d"``; the units are d, w, h, min and s.

    Returns
    -------
    int or None
        More than 0; None for None.

    Raises
    ------
    ValueError
        Text of another form, a length that is not positive.
    TypeError
        Any other type.

    Examples
    --------
    >>> window_micros("1d") == window_micros(timedelta(days=1)) == 86_400_000_000
    True
    """
    if value is None:
        return None
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{1,9}) ?(d|w|h|min|s)", value.strip())
        if match is None:
            raise ValueError(f"window={value!r} is not a length such as '365d'; the units are {', '.join(_UNITS)}")
        micros = int(match[1]) * _UNITS[match[2]]
    elif isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
    elif isinstance(value, np.timedelta64):
        micros = int(value.astype("timedelta64[us]").astype(np.int64))
    else:
        raise TypeError(f"window={value!r} has type {type(value).__name__}; give text such as '365d' or a timedelta")
    if micros <= 0:
        raise ValueError(f"window={value!r} is not allowed; give a positive length such as '365d'")
    return min(micros, 2**62)
