"""The list that goes out: customers of a segment, some of them held out, so that its effect can be told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from . import _core
from ._features import suggestions
from ._lazy import np
from ._report_folder import slugs
from .csvfile import replace_csv
from .effect import GROUPS, effect_rows, plain_rows, spread_of
from .errors import ColumnError, LinesError
from .frames import Category, Kind, categories_of, kind_named, kind_of
from .frames._ids import collected, id_column_of, unique_ids
from .frames._rows import Id, id_bytes, id_order, missing_values, picked
from .frames._values import objects
from .moments import Moment, micros_of
from .scoring import SCORES, SegmentRules

__all__ = ["campaign"]

_COLUMNS = ("customer_id", "segment", *SCORES, "recency", "frequency", "monetary", "last_date")


def campaign(
    segments: Any,
    segment: str | Iterable[str],
    *,
    name: str,
    as_of: Moment = None,
    holdout: float = 0.1,
    seed: int = 7,
    suppress: Any = None,
    top: int | None = None,
    attributes: Any = None,
    lines: Any = None,
    path: str | PathLike[str] | None = None,
    frame: str | None = None,
) -> Any:
    """List the customers of a segment for a campaign, and hold some out at random to compare with.

    Parameters
    ----------
    segments : frame
        A row per customer with segment, scores, recency, frequency, monetary and last_date, as `rfm` gives it.
    segment : str or iterable of str
        One or more names of segments. Case, blanks and punctuation do not matter: ``"cant-lose"`` is Can't Lose.
    name : str
        The campaign's name. Another name parts the same customers in another way.
    as_of : str, date, datetime, Timestamp or datetime64, optional
        The moment of the list. A customer whose last purchase is later is refused: the list would know the future.
    holdout : float, 0 <= holdout < 1
        The share of customers to hold out. Each customer's side depends on the campaign's name, the seed and the
        customer's id alone: a list made twice is the same, and customers who are new to it change nobody's side.
    seed : int
        Another seed parts the customers in another way.
    suppress : ids, or frame with customer_id, optional
        Customers to leave out, of any type of id; those who are not on the list do not matter.
    top : int, optional
        Only so many customers, those with the largest monetary; of equal ones those whose id comes first.
    attributes : frame with customer_id, optional
        Own columns such as a name or an address, a row per customer, of any kind of frame and any type of id. Customers
        without a row get missing values; rows of others, and without an id, are left out.
    lines : frame or Lines, optional
        The invoice lines: favourite_product and suggested_product join the list, as `suggestions` has them as of
        `as_of`.
    path : str or path, optional
        Write the list there as CSV too, whole or not at all, safe to open in a spreadsheet.
    frame : {"pandas", "polars", "arrow", "numpy", "table"}, optional
        The kind of frame. Default: the kind of `segments`.

    Returns
    -------
    frame
        customer_id, group (``"contact"`` or ``"holdout"``), segment, r_score, f_score, m_score, recency, frequency,
        monetary, last_date, with `lines` those of `suggestions`, then the columns of `attributes`; in the order
        to be found with a list of this size, `detectable_effect` tells from this frame; a pandas frame has it in
        ``.attrs["campaign"]`` and a PyArrow table in its metadata, with name, seed and sizes.

    Raises
    ------
    ValueError
        There is no such segment, an option is out of its range, a customer bought after `as_of`, or a column of
        `attributes` has the name of one of the list.
    LinesError
        A customer is missing or there twice, in `segments` or in `attributes`.
    ColumnError
        A column is missing.

    Notes
    -----
    First the suppressed are left out, then the top is taken, then the list is parted. A customer is held out when
    BLAKE2b, 8 bytes long and keyed by name and seed, of the id's text is below `holdout` x 2^64.

    Examples
    --------
    >>> import lgs_rfm as lgs
    >>> segments = lgs.rfm(lgs.demo_lines(customers=500, seed=1), frame="numpy")
    >>> mailing = lgs.campaign(segments, ["Champions", "loyal-customers"], name="spring", holdout=0.25)
    >>> list(mailing)[:4]
    ['customer_id', 'group', 'segment', 'r_score']
    >>> again = lgs.campaign(segments, ["Champions", "loyal-customers"], name="spring", holdout=0.25, suppress=[13085])
    >>> bool((again["group"] == mailing["group"]).all())
    True
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"name={name!r} is not allowed; give the campaign a name")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ValueError(f"seed={seed!r} is not allowed; give a whole number")
    if isinstance(holdout, bool) or not isinstance(holdout, int | float | np.number) or not 0 <= holdout < 1:
        raise ValueError(f"holdout={holdout!r} is not allowed; give a share from 0 to below 1")
    if top is not None and (isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1):
        raise ValueError(f"top={top!r} is not allowed; give 1 or more, or None for all")
    moment = micros_of(as_of, "as_of")
    segments = collected(segments, "segments")
    kind = kind_of(segments)
    for column in _COLUMNS:
        if column not in kind.names(segments):
            raise ColumnError(f"column {column} is missing; give a frame such as rfm returns")
    known = _segment_names(kind, segments)
    wanted = _names_of(segment, known)
    ids = unique_ids(kind, segments, "segments")
    rows = _listed(kind, segments, ids, wanted, suppress, top)
    if moment is not None:
        _check_moments(kind, segments, rows, ids, moment, as_of)
    chosen = [ids[at] for at in rows]
    held = _held_out(chosen, name, int(seed), float(holdout))
    group = Category(held.astype(np.int32), GROUPS)
    to = kind_named(frame or kind.name)
    positions = np.array(rows, dtype=np.int64)
    parts = [_part(kind, to, segments, list(_COLUMNS), positions, known=known, ids=chosen)]
    # Whatever else is known of customers joins here, as a frame with customer_id.
    extras = [] if lines is None else [_own_columns(suggestions(lines, as_of=as_of, frame="numpy"))]
    extras += [] if attributes is None else [_own_columns(attributes, taken=[n for each in extras for n in each[3]])]
    places = [_places(known_ids, chosen) for _, _, known_ids, _ in extras]
    parts += [_part(own_kind, to, own, names, at) for (own, own_kind, _, names), at in zip(extras, places, strict=True)]
    result = _ordered(to, parts, group)
    sizes = {"contact": int((~held).sum()), "holdout": int(held.sum())}
    note = {
        "name": name,
        "seed": int(seed),
        "share_held_out": float(holdout),
        "as_of": None if moment is None else _core.format_moment(moment),
        "segments": wanted,
        **sizes,
        "detectable_effect": plain_rows(
            effect_rows(sizes["contact"], sizes["holdout"], spread=spread_of(kind, segments, rows))
        ),
    }
    if path is not None:
        columns = _cells(kind, segments, list(_COLUMNS), positions)
        columns = {"customer_id": _objects(chosen), "group": group.texts(), **{n: columns[n] for n in _COLUMNS[1:]}}
        for (own, own_kind, _, names), at in zip(extras, places, strict=True):
            columns |= {name: _scalars(data) for name, data in _cells(own_kind, own, names, at).items()}
        replace_csv(path, columns)
    return _noted(to, result, note)


def _segment_names(kind: Kind, segments: Any) -> list[str]:
    """Return the names of all segments, also of empty ones where they can be known."""
    names = categories_of(segments, "segment")
    standard = SegmentRules.standard().names
    return standard if kind.name == "numpy" and set(names) <= set(standard) else names


def _names_of(segment: str | Iterable[str], known: list[str]) -> list[str]:
    """Return the segments that are meant, each once, as the rules spell them."""
    asked = [segment] if isinstance(segment, str) else list(segment)
    if not asked:
        raise ValueError(f"segment={segment!r} is no segment; give one or more of {', '.join(map(repr, known))}")
    found = []
    for one in asked:
        alike = [name for name in known if name == one] or [
            name for name in known if isinstance(one, str) and slugs([name]) == slugs([one])
        ]
        if len(alike) != 1:
            problem = "is no segment" if not alike else "is more than one segment"
            raise ValueError(f"segment={one!r} {problem}; the segments are {', '.join(map(repr, known))}")
        found += alike
    return list(dict.fromkeys(found))


def _listed(kind: Kind, segments: Any, ids: list[Id], wanted: list[str], suppress: Any, top: int | None) -> list[int]:
    """Return the rows of the list in the order of the ids: suppressed ones out first, then the top taken."""
    left_out = set() if suppress is None else set(id_column_of(suppress, "suppress"))
    texts = kind.to_numpy(segments, "segment").tolist()
    rows = [at for at, text in enumerate(texts) if text in wanted and ids[at] not in left_out]
    rows.sort(key=lambda at: id_order(ids[at]))
    if top is not None:
        monetary = kind.to_numpy(segments, "monetary").tolist()
        for at in rows:
            if monetary[at] is None or monetary[at] != monetary[at]:
                raise LinesError(
                    f"column monetary, row {at}: it is missing, so top={top!r} cannot be told; give a number"
                )
        rows = sorted(sorted(rows, key=lambda at: -monetary[at])[: int(top)], key=lambda at: id_order(ids[at]))
    return rows


def _check_moments(kind: Kind, segments: Any, rows: list[int], ids: list[Id], moment: int, as_of: Moment) -> None:
    """Refuse a list that knows of purchases after its moment."""
    last = kind.to_numpy(segments, "last_date").astype("datetime64[us]").view(np.int64)
    for at in rows:
        if last[at] > moment:
            raise ValueError(
                f"as_of={as_of!r}: customer {ids[at]} bought at {_core.format_moment(int(last[at]))}, which is later; "
                "give the segments as of that moment"
            )


def _held_out(ids: list[Id], name: str, seed: int, share: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell who is held out: a keyed hash of each id, so that nobody's side depends on the others.

    >>> _held_out([13085, 13086, 13087], "spring", 7, 0.5).tolist()
    [True, False, False]
    """
    from hashlib import blake2b  # takes long to import

    key = blake2b(name.encode("utf-8", "surrogatepass") + b"\0" + str(seed).encode(), digest_size=32).digest()
    limit = share * 2.0**64  # exact: only the exponent changes
    return np.array(
        [int.from_bytes(blake2b(id_bytes(one), key=key, digest_size=8).digest(), "big") < limit for one in ids],
        dtype=bool,
    )


def _own_columns(attributes: Any, *, taken: Iterable[str] = ()) -> tuple[Any, Kind, list[Id], list[str]]:
    """Return a frame of own columns with its kind, its customers and the names of the columns."""
    own = collected(attributes, "attributes")
    kind = kind_of(own)
    if "customer_id" not in kind.names(own):
        raise ColumnError(
            f"attributes: column customer_id is missing; the frame has {', '.join(map(str, kind.names(own)))}"
        )
    names = [name for name in kind.names(own) if name != "customer_id"]
    for name in names:
        if name in _COLUMNS or name == "group" or name in taken:
            raise ValueError(f"attributes: the list has a column {name} of its own; give yours another name")
    return own, kind, unique_ids(kind, own, "attributes", missing=True), names


def _places(known: list[Id], chosen: list[Id]) -> np.ndarray[Any, Any]:
    """Return the row of each chosen customer among the known ones, -1 for none."""
    place = {customer: at for at, customer in enumerate(known) if customer is not None}
    return np.array([-1 if one is None else place.get(one, -1) for one in chosen], dtype=np.int64)


def _part(
    kind: Kind,
    to: Kind,
    source: Any,
    names: list[str],
    positions: np.ndarray[Any, Any],
    *,
    known: list[str] | None = None,
    ids: list[Id] | None = None,
) -> Any:
    """Return columns of a frame at these rows as another kind of frame; of the same kind they keep their types."""
    if kind.name == to.name:
        part = kind.take(kind.only(source, names), positions)
        if ids is not None and kind.to_numpy(source, "customer_id").dtype.kind == "f":
            part = kind.with_columns(part, {"customer_id": np.array(ids, dtype=np.int64)})
        return part
    columns: dict[str, Any] = _cells(kind, source, names, positions)
    if known is not None:
        place = {name: at for at, name in enumerate(known)}
        codes = [place.get(text, -1) for text in columns["segment"].tolist()]
        columns["segment"] = Category(np.array(codes, dtype=np.int32), known)
    if ids is not None and columns["customer_id"].dtype.kind == "f":
        columns["customer_id"] = np.array(ids, dtype=np.int64)
    return to.of_columns(columns, ("customer_id",) if ids is not None else ())


def _cells(kind: Kind, source: Any, names: list[str], positions: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return columns at these rows as numpy arrays in which whole numbers stay whole beside missing ones."""
    columns = {}
    for name in names:
        data = kind.to_numpy(source, name)
        if data.dtype.kind == "f" and _is_whole(source[name]):
            data = _objects([None if gone else int(x) for x, gone in zip(data, missing_values(data), strict=True)])
        elif data.dtype.kind in "iu" and (positions < 0).any():
            data = data.astype(object)
        columns[name] = picked(data, positions)
    return columns


def _is_whole(column: Any) -> bool:
    """Tell whether a column holds integers, whatever it became as a numpy array."""
    return "int" in str(getattr(column, "dtype", None) or getattr(column, "type", "")).lower()


def _scalars(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a column as a cell of a CSV file can hold it: lists and the like as text, pandas' NA as missing."""
    if data.dtype.kind != "O":
        return data
    values = [None if gone else value for value, gone in zip(data.tolist(), missing_values(data), strict=True)]
    values = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
    return objects([str(value) if isinstance(value, list | dict) else value for value in values])


def _objects(values: list[Any]) -> np.ndarray[Any, Any]:
    if values and all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return objects(values)


def _ordered(to: Kind, parts: list[Any], group: Category) -> Any:
    """Return the parts beside each other, the group after the id."""
    first, *others = parts
    result = to.beside(to.only(first, ["customer_id"]), to.of_columns({"group": group}))
    result = to.beside(result, to.only(first, list(_COLUMNS[1:])))
    for other in others:
        result = to.beside(result, other)
    return result


def _noted(to: Kind, result: Any, note: Mapping[str, Any]) -> Any:
    """Leave the note with the frame where frames have a place for it."""
    if to.name == "pandas":
        result.attrs["campaign"] = dict(note)
    if to.name == "arrow":
        text = json.dumps(note, ensure_ascii=False).encode()
        return result.replace_schema_metadata({**(result.schema.metadata or {}), b"lgs_rfm.campaign": text})
    return result
