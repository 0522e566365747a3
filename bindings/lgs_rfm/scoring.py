"""Scores from cut points, segments from scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from numbers import Integral
from os import PathLike, fspath
from typing import Any, Self, TypeVar

from . import _core
from ._lazy import np
from .errors import ColumnError, LinesError, NotFittedError
from .frames import Category, Kind, kind_of
from .frames._values import objects

__all__ = ["Scorer", "SegmentRules"]

DIMENSIONS = ("recency", "frequency", "monetary")
SCORES = ("r_score", "f_score", "m_score")
_TIES = ("first", "together")
_T = TypeVar("_T")


def _bins_of(bins: int | Mapping[str, int]) -> tuple[int, int, int]:
    """Return the bins by dimension; checked by the native part but for their form."""
    each = {name: bins for name in DIMENSIONS} if not isinstance(bins, Mapping) else dict(bins)
    if set(each) != set(DIMENSIONS) or not all(isinstance(k, Integral) for k in each.values()):
        raise ValueError(f"bins={bins!r} is not allowed; give 2 to 10, or a dict of recency, frequency and monetary")
    r, f, m = (int(each[name]) for name in DIMENSIONS)
    if not all(2 <= k <= 10 for k in (r, f, m)):
        raise ValueError(f"bins={bins!r} is not allowed; give 2 to 10")
    return r, f, m


def _bins_given(bins: tuple[int, int, int]) -> int | dict[str, int]:
    return bins[0] if len(set(bins)) == 1 else dict(zip(DIMENSIONS, bins, strict=True))


def _column(kind: Kind, frame: Any, name: str) -> Any:
    if name not in kind.names(frame):
        raise ColumnError(f"column {name} is missing; the frame has {', '.join(map(str, kind.names(frame)))}")
    return kind.to_numpy(frame, name)


def _reals(kind: Kind, frame: Any, name: str) -> np.ndarray[Any, Any]:
    column = _column(kind, frame, name)
    if column.dtype == np.int64:
        return np.asarray(column)  # becomes float64 on its way in
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"column {name} has type {column.dtype}; it takes numbers") from None


def _values(frame: Any, *, with_ids: bool) -> _core.Values:
    kind = kind_of(frame)
    ids = None
    if with_ids:
        _column(kind, frame, "customer_id")
        ids = kind.id_column(frame, "customer_id")
    recency, frequency, monetary = (_reals(kind, frame, name) for name in DIMENSIONS)
    return _core.Values(recency, frequency, monetary, ids)


class Scorer:
    """Turns recency, frequency and monetary into scores 1..k by cut points learnt from customers.

    The score is 1 + the number of cuts strictly below the value; recency is reversed, so recent customers score high.
    Cut i of k lies at position (n - 1) i / k of the sorted values, by linear interpolation: quantile bins, as pandas'
    ``qcut`` makes.

    Parameters
    ----------
    bins : int or mapping of str to int
        2..10 bins for all dimensions, or for each of recency, frequency and monetary.
    ties : {"first", "together"}
        What becomes of customers with equal frequency. ``"first"``: they are ordered by customer id, and a cut is a
        pair (frequency, customer_id), so bins come out equally large. ``"together"``: equal frequencies get equal
        scores; the fair choice when cut points are used again on other customers.

    Attributes
    ----------
    cuts_ : dict
        After fit: recency and monetary as float64 arrays; frequency likewise with ties="together", else a list of pairs
        (frequency, customer_id).
    unused_ : dict
        After fit: by r_score, f_score and m_score the scores that nobody can get because cuts are equal.

    Raises
    ------
    ValueError
        A parameter is not one of the allowed ones.

    Examples
    --------
    >>> import numpy as np
    >>> import lgs_rfm as lgs
    >>> customers = {
    ...     "customer_id": np.array([11, 12, 13, 14]),
    ...     "recency": np.array([5, 40, 90, 300]),
    ...     "frequency": np.array([9, 1, 1, 1]),
    ...     "monetary": np.array([900.0, 80.0, 60.0, 20.0]),
    ... }
    >>> lgs.Scorer(bins=2).fit_transform(customers)
    {'r_score': array([2, 2, 1, 1]), 'f_score': array([2, 1, 1, 2]), 'm_score': array([2, 2, 1, 1])}
    """

    def __init__(self, *, bins: int | Mapping[str, int] = 5, ties: str = "first") -> None:
        self.bins = bins
        self.ties = ties
        self._check()
        self._native: _core.Scorer | None = None

    def _check(self) -> tuple[tuple[int, int, int], _core.Ties]:
        if self.ties not in _TIES:
            raise ValueError(f"ties={self.ties!r} is not one of {', '.join(map(repr, _TIES))}")
        return _bins_of(self.bins), getattr(_core.Ties, self.ties)

    def fit(self, customers: Any, y: None = None) -> Self:
        """Learn the cut points.

        Parameters
        ----------
        customers : frame
            recency, frequency, monetary and, with ties="first", customer_id, as `Ledger.customers` gives them. Any kind
            of frame, at least one row; read as float64.
        y : None
            Not used; there for scikit-learn's pipelines.

        Returns
        -------
        Scorer
            This one.

        Raises
        ------
        LinesError
            A value is NaN or infinite, an id is missing.
        ColumnError
            A column is missing.
        ValueError
            There are no rows.
        """
        bins, ties = self._check()
        self._native = _core.Scorer.fit(self._values(customers), bins, ties)
        return self

    def _values(self, customers: Any) -> _core.Values:
        return _values(customers, with_ids=self.ties == "first")

    @property
    def _fitted(self) -> _core.Scorer:
        if self._native is None:
            raise NotFittedError("this Scorer has learnt no cut points; call fit first, or load a saved one")
        return self._native

    @property
    def cuts_(self) -> dict[str, Any]:
        """The learnt cut points by dimension."""
        native = self._fitted
        frequency = native.frequency_cuts
        return {
            "recency": np.array(native.recency_cuts),
            "frequency": frequency if self.ties == "first" else np.array(frequency),
            "monetary": np.array(native.monetary_cuts),
        }

    @property
    def unused_(self) -> dict[str, list[int]]:
        """Scores that nobody can get, by score column."""
        return dict(zip(SCORES, self._fitted.unused_scores(), strict=True))

    def _scores(self, customers: Any) -> dict[str, Any]:
        native = self._fitted
        return dict(zip(SCORES, native.transform(self._values(customers)), strict=True))

    def transform(self, customers: Any) -> Any:
        """Return r_score, f_score and m_score (int64) of any customers, in their order and with their index.

        A row's scores depend on this row alone. Raises as `fit` does, and NotFittedError before it.
        """
        return kind_of(customers).like(customers, self._scores(customers))

    def fit_transform(self, customers: Any, y: None = None) -> Any:
        """Fit, then transform the same customers."""
        bins, ties = self._check()
        self._native, scores = _core.Scorer.fit_transform(self._values(customers), bins, ties)
        return kind_of(customers).like(customers, dict(zip(SCORES, scores, strict=True)))

    def assign(self, customers: Any) -> Any:
        """Return the customers with r_score, f_score and m_score beside them."""
        return kind_of(customers).with_columns(customers, self._scores(customers))

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray[Any, Any]:
        """Return the names of the columns that `transform` gives."""
        return objects(list(SCORES))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name."""
        return {"bins": self.bins, "ties": self.ties}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; what was learnt with others is forgotten. Raises ValueError for an unknown name."""
        for name in params:
            if name not in self.get_params():
                raise ValueError(f"{name!r} is no parameter of Scorer; they are 'bins' and 'ties'")
        self.__init__(**{**self.get_params(), **params})  # type: ignore[misc]
        return self

    def to_json(self) -> str:
        """Return the fitted scorer as JSON text, the same for equal scorers."""
        return self._fitted.to_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return a fitted scorer from the text of `to_json`. Raises ValueError when it is none."""
        native = _core.Scorer.from_json(text)
        scorer = cls(bins=_bins_given(native.bins), ties="first" if native.ties == _core.Ties.first else "together")
        scorer._native = native
        return scorer

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fitted scorer to a JSON file."""
        from pathlib import Path

        Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a saved scorer. Raises FileNotFoundError, and ValueError when the file holds none; both name it."""
        return _loaded(path, cls.from_json)

    def __getstate__(self) -> dict[str, Any]:
        fitted = None if self._native is None else self._native.to_json()
        return {"bins": self.bins, "ties": self.ties, "fitted": fitted}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.bins, self.ties = state["bins"], state["ties"]
        self._native = None if state["fitted"] is None else _core.Scorer.from_json(state["fitted"])

    def __repr__(self) -> str:
        return f"Scorer(bins={self.bins!r}, ties={self.ties!r})"


class SegmentRules:
    """A table of rules from scores to segment names.

    Parameters
    ----------
    rules : iterable of (name, ranges)
        `ranges` is a dict of any of ``"r"``, ``"f"`` and ``"m"`` to (low, high), both included; a dimension left out
        takes any score.
    bins : int or mapping of str to int
        The bins of the scores that the rules are for.

    Raises
    ------
    ValueError
        A rule has no name, an unknown dimension, or a range that is not 1 <= low <= high; there are no rules.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> rules = lgs.SegmentRules([("Keep", {"r": (2, 3)}), ("Win back", {"r": (1, 1)})], bins=3)
    >>> len(rules.check())
    0
    >>> lgs.SegmentRules.standard().names[:3]
    ['Champions', 'Loyal Customers', 'Potential Loyalists']
    """

    def __init__(
        self, rules: Iterable[tuple[str, Mapping[str, tuple[int, int]]]], *, bins: int | Mapping[str, int] = 5
    ) -> None:
        native = []
        for name, ranges in rules:
            unknown = set(ranges) - {"r", "f", "m"}
            if unknown:
                raise ValueError(f"rules: {name!r} has a range for {sorted(unknown)[0]!r}; the dimensions are r, f, m")
            r, f, m = (tuple(ranges[d]) if d in ranges else None for d in "rfm")
            native.append((str(name), r, f, m))
        self._native = _core.SegmentRules(native, _bins_of(bins))  # type: ignore[arg-type]

    @classmethod
    def _of(cls, native: _core.SegmentRules) -> Self:
        rules = cls.__new__(cls)
        rules._native = native
        return rules

    @classmethod
    def standard(cls) -> Self:
        """Return the ten segments over R and F in five bins that most analyses use."""
        return cls._of(_core.SegmentRules.standard())

    @property
    def rules(self) -> list[tuple[str, dict[str, tuple[int, int]]]]:
        """The rules, in order, as they are given."""
        return [
            (name, {d: range_ for d, range_ in zip("rfm", ranges, strict=True) if range_ is not None})
            for name, *ranges in self._native.rules
        ]

    @property
    def names(self) -> list[str]:
        """The distinct segment names, in rule order."""
        return self._native.names

    @property
    def bins(self) -> int | dict[str, int]:
        """The bins that the rules are for."""
        return _bins_given(self._native.bins)

    def check(self, *, frame: str | None = None) -> Any:
        """List what is wrong with the rules; no rows when nothing is.

        Parameters
        ----------
        frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
            Default: a `Table`.

        Returns
        -------
        frame
            problem (``"gap"``: no rule takes these scores; ``"overlap"``: several do; ``"dead"``: a rule asks for
            scores above the bins), r, f, m (0 where any score is meant), rules (their names).
        """
        from .frames import kind_named
        from .frames._values import append
        from .table import Table

        rows = self._native.check()
        columns: dict[str, Any] = {"problem": objects([row[0] for row in rows])}
        for at, name in enumerate("rfm", start=1):
            columns[name] = np.array([row[at] for row in rows], dtype=np.int64)
        columns["rules"] = objects([", ".join(row[4]) for row in rows])
        return kind_named(frame or "table").from_table(Table(append(_core.Table(), columns)), {})

    def assign(self, scored: Any) -> Any:
        """Return the frame with `segment` beside its scores: a category of all names in rule order.

        Parameters
        ----------
        scored : frame
            With r_score, f_score and m_score, whole numbers. A score that no rule takes gives a missing segment.

        Raises
        ------
        ValueError
            Rules overlap.
        LinesError
            A score is outside the rules' bins.
        ColumnError
            A column is missing.
        """
        kind = kind_of(scored)
        r, f, m = (self._score(kind, scored, name) for name in SCORES)
        segment = Category(self._native.assign(r, f, m), self.names)
        return kind.with_columns(scored, {"segment": segment})

    @staticmethod
    def _score(kind: Kind, scored: Any, name: str) -> np.ndarray[Any, Any]:
        column = _reals(kind, scored, name)
        wrong = np.flatnonzero(~np.isfinite(column) | (column != np.trunc(column)))
        if len(wrong):
            raise LinesError(f"column {name}, row {wrong[0]}: {column[wrong[0]]} is no score; give whole numbers")
        return column.astype(np.int64)

    def to_json(self) -> str:
        """Return the rules as JSON text, the same for equal rules."""
        return self._native.to_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return rules from the text of `to_json`. Raises ValueError when it is none."""
        return cls._of(_core.SegmentRules.from_json(text))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the rules to a JSON file."""
        from pathlib import Path

        Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read saved rules. Raises FileNotFoundError, and ValueError when the file holds none; both name it."""
        return _loaded(path, cls.from_json)

    def __eq__(self, other: object) -> bool:
        return self._native.equals(other._native) if isinstance(other, SegmentRules) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Any, ...]:
        return SegmentRules.from_json, (self.to_json(),)

    def __repr__(self) -> str:
        return f"SegmentRules({self.rules!r}, bins={self.bins!r})"


def _loaded(path: str | PathLike[str], make: Callable[[str], _T]) -> _T:
    """Read a JSON file into what `make` makes of its text; errors name the file."""
    from pathlib import Path

    if not Path(path).exists():
        raise FileNotFoundError(f"there is no file {fspath(path)!r}; correct the path")
    try:
        return make(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{fspath(path)}: {error}") from None
