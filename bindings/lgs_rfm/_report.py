"""The report: one self-contained HTML page, one list of customers per segment, every table as CSV, one JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from . import _report_products as goods
from . import _report_return as returning
from . import _report_words as words
from ._core import __version__
from ._lazy import np
from ._report_folder import MARK, Writer, earlier_files, slugs, write_folder
from .advice import advice_for
from .analysis import rfm, segment_summary
from .csvfile import iso_texts, write_csv
from .frames import columns_of
from .frames._values import Columns
from .ledger import Ledger
from .moments import Moment, Window, micros_of
from .scoring import Scorer, SegmentRules
from .snapshots import check_bins

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["report"]

_AMOUNT = {"purchases": "gross", "net": "net", "all": "net"}
_SHOWN = {"products": slice(10), "countries": slice(10), "returning": slice(-13, None)}  # rows on the page


def report(
    lines: object,
    path: str | os.PathLike[str],
    *,
    as_of: Moment = None,
    basis: str = "purchases",
    window: Window = None,
    scorer: Scorer | None = None,
    rules: SegmentRules | None = None,
    advice: Mapping[str, str] | None = None,
    title: str = "Customer report",
) -> Path:
    """Write the whole analysis into a folder: a page to read and to print, and the lists to work with.

    Parameters
    ----------
    lines : frame, Lines or Ledger
        The invoice lines, or a ledger made from them. Lines are read twice; a ledger, standard input and other streams
        give a report without products, countries and what the segments buy.
    path : str or path
        The folder. It is made when missing; an earlier report in it is replaced.
    as_of : str, date, datetime or datetime64, optional
        The moment from which recency counts. Default: midnight after the day of the last line.
    basis : {"purchases", "net", "all"}
        What counts for recency, frequency and monetary (see ``Ledger.customers``).
    window : str or timedelta, optional
        Only lines after ``as_of - window`` count for customers and segments, such as ``"365d"``.
    scorer : Scorer, optional
        A fitted scorer, applied as it is. Default: five bins, fitted on these customers.
    rules : SegmentRules, optional
        Default: the standard ten segments.
    advice : mapping of str to str, optional
        A sentence of advice by segment, for own rules or in place of the standard ones.
    title : str
        The heading of the page.

    Returns
    -------
    pathlib.Path
        The page, ``index.html``. Beside it lie ``segments/*.csv`` (a list of customers each, largest amount first),
        ``tables/*.csv``, ``report.json`` (all tables but the one with a row per invoice), ``cuts.json`` and
        ``rules.json`` (for the next refresh).

    Raises
    ------
    ValueError
        An option is wrong, or scorer and rules differ in bins. Nothing has been written then.
    FileExistsError
        The folder holds an index.html or report.json that no report wrote.
    NotADirectoryError
        `path` is a file.
    ImportError
        matplotlib or jinja2 is missing.

    Notes
    -----
    The same lines and options give the same bytes. Text cells of the CSV files that a spreadsheet would run as a
    formula (beginning with ``=``, ``+``, ``-`` or ``@``) get an apostrophe in front; numbers do not.

    Examples
    --------
    >>> import tempfile
    >>> import lgs_rfm as lgs
    >>> folder = tempfile.mkdtemp()
    >>> page = lgs.report(lgs.demo_lines(customers=50, seed=1), folder)
    >>> page.name
    'index.html'
    >>> sorted(p.name for p in page.parent.glob("segments/c*.csv"))
    ['cant_lose.csv', 'champions.csv']
    """
    page, _ = write_report(
        lines, path, as_of=as_of, basis=basis, window=window, scorer=scorer, rules=rules, advice=advice, title=title
    )
    return page


def write_report(
    lines: object,
    path: str | os.PathLike[str],
    *,
    as_of: Moment = None,
    basis: str = "purchases",
    window: Window = None,
    scorer: Scorer | None = None,
    rules: SegmentRules | None = None,
    advice: Mapping[str, str] | None = None,
    title: str = "Customer report",
) -> tuple[Path, list[dict[str, Any]]]:
    """Do the work of `report`; return the page's path and the rows of its segment table."""
    _need()
    if basis not in _AMOUNT:
        raise ValueError(f"basis={basis!r} is not one of {', '.join(map(repr, _AMOUNT))}")
    from pathlib import Path

    folder = Path(path)
    earlier_files(folder)  # refuses a folder that is not ours before any work is done
    content, tables = _compute(lines, as_of=as_of, basis=basis, window=window, scorer=scorer, rules=rules)
    content["title"] = str(title)
    content["segments"] = _segment_rows(tables["segment_summary"], tables.get("segment_products"), advice)
    write_folder(folder, _files(content, tables), last=("report.json", "index.html"))
    return folder / "index.html", content["segments"]


def _need() -> None:
    """Refuse before any work when a package of the extra is missing."""
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"lgs_rfm.report needs {error.name}, which is not installed: pip install lgs_rfm[report]"
        ) from error


def _compute(
    lines: object, *, as_of: Moment, basis: str, window: Window, scorer: Scorer | None, rules: SegmentRules | None
) -> tuple[dict[str, Any], dict[str, Columns]]:
    """Return the report's content and all tables."""
    book = lines if isinstance(lines, Ledger) else Ledger.from_lines(lines)
    rules = rules or SegmentRules.standard()
    scorer = scorer or Scorer(bins=rules.bins)
    check_bins(scorer, rules)
    if scorer._native is None:
        # Fitted here and not by `rfm`: the cut points are a part of the report. Nobody to fit on leaves it as it is.
        customers = book.customers(as_of=as_of, basis=basis, window=window, frame="table")
        scorer = Scorer(**scorer.get_params())
        scorer = scorer.fit(customers) if len(customers) else scorer
    segments = rfm(book, as_of=as_of, basis=basis, window=window, scorer=scorer, rules=rules, frame="table")
    tables: dict[str, Columns] = {
        "invoices": book.invoices(frame="numpy"),
        "amount_summary": book.amount_summary(frame="numpy"),
        "monthly": book.monthly(frame="numpy"),
        "customers": columns_of(segments),
        "segment_summary": columns_of(segment_summary(segments)),
        "quality": book.quality(frame="numpy"),
    }
    bins = rules._native.bins[:2]
    tables["rfm_grid"] = _grid(tables["customers"], bins)
    since, until = map(_moment, book._native.moment_bounds() or (None, None))
    partial = until is not None and (until.astype("datetime64[D]") + 1).astype("datetime64[M]") == until.astype(
        "datetime64[M]"
    )
    figures = words.headline(tables["invoices"], tables["customers"], tables["quality"])
    amount = _AMOUNT[basis]
    moment = _moment(book._native.default_as_of() if as_of is None else micros_of(as_of, "as_of"))
    tables |= returning.tables_of(
        book, segments, as_of=moment, since=since, until=until, basis=basis, window=window, scorer=scorer, rules=rules
    )
    more = goods.FromLines({}, [], [])
    if not isinstance(lines, Ledger):
        more = goods.read(lines, segments, rows=book.reading.lines)
        tables |= more.tables
    texts = {"rules.json": rules.to_json()} | ({} if scorer._native is None else {"cuts.json": scorer.to_json()})
    content = {
        "generator": f"{MARK} {__version__}",
        "as_of": moment,
        "basis": basis,
        "amount": amount,
        "window": None if window is None else str(window),
        "since": since,
        "until": until,
        "partial": bool(partial),
        "headline": figures,
        "findings": words.findings(
            figures, tables["customers"], tables["segment_summary"], tables["monthly"], partial, amount
        ),
        "notes": words.notes(figures, book.reading, until, partial) + more.notes,
        "left_out": more.left_out,
        "sections": goods.words(tables) | returning.words(tables, partial),
        "captions": words.captions(tables["monthly"], tables["amount_summary"], partial)
        | returning.captions(tables, amount),
        "reading": asdict(book.reading) if book.reading.lines else None,  # nothing was read when it was loaded
        "bins": bins,
        "ties": scorer.ties,
        "scorer": json.loads(texts.get("cuts.json", "null")),
        "rules": json.loads(texts["rules.json"]),
        "texts": texts,
    }
    return content, tables


def _moment(micros: int | None) -> np.datetime64 | None:
    """Return microseconds since 1970 as a moment; None for that of an empty ledger."""
    return None if micros is None else np.datetime64(micros, "us")


def _grid(customers: Columns, bins: tuple[int, int]) -> Columns:
    """Return customers and amount by recency and frequency score, a row per cell."""
    cell = (np.asarray(customers["r_score"]) - 1) * bins[1] + np.asarray(customers["f_score"]) - 1
    size = bins[0] * bins[1]
    r, f = np.divmod(np.arange(size), bins[1])
    return {
        "r_score": r + 1,
        "f_score": f + 1,
        "customers": np.bincount(cell, minlength=size),
        "gross": np.bincount(cell, weights=customers["monetary"], minlength=size).astype(np.float64),
    }


def _segment_rows(summary: Columns, bought: Columns | None, advice: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Return one row per segment for page and JSON, largest amount first; customers of no segment last."""
    rows = [
        {name: column[i].item() if isinstance(column[i], np.generic) else column[i] for name, column in summary.items()}
        for i in range(len(summary.get("segment", ())))
    ]
    for row, stem in zip(rows, slugs(str(row["segment"]) for row in rows), strict=True):
        row["advice"] = advice_for(row["segment"], advice)
        row["products"] = [] if bought is None else goods.picks(bought, row["segment"])
        row["file"] = f"segments/{stem}.csv"
    rows.sort(key=lambda row: -row["gross"])
    return rows


def _lists(rows: list[dict[str, Any]], customers: Columns) -> dict[str, Columns]:
    """Return the customers of each segment by file name, largest amount first, then by id."""
    names = np.array([name if isinstance(name, str) else "" for name in customers["segment"].tolist()], dtype=object)
    order = np.argsort(-np.asarray(customers["monetary"], np.float64), kind="stable")
    listed: dict[str, Columns] = {}
    for row in rows:
        member = order[names[order] == row["segment"]]
        listed[row["file"]] = {name: column[member] for name, column in customers.items()}
    left = order[names[order] == ""]
    if len(left):
        listed[_nameless_file(rows)] = {name: column[left] for name, column in customers.items()}
    return listed


def _nameless_file(rows: list[dict[str, Any]]) -> str:
    """Return the file of the customers of no segment: beside the others, whatever these are called."""
    return f"segments/{slugs([*(str(row['segment']) for row in rows), 'no segment'])[-1]}.csv"


def _unassigned(customers: Columns, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the figures of the customers whose scores no rule covers; None when there are none."""
    left = np.array([not isinstance(name, str) for name in customers["segment"].tolist()], dtype=bool)
    if not left.any():
        return None
    gross = math.fsum(np.asarray(customers["monetary"], np.float64)[left].tolist())
    return {"file": _nameless_file(rows), "customers": int(left.sum()), "gross": gross}


def _files(content: dict[str, Any], tables: dict[str, Columns]) -> dict[str, Writer]:
    """Return the writer of each file by its path in the folder."""

    def csv_writer(columns: Columns) -> Writer:
        return lambda file: write_csv(file, columns)

    def text_writer(text: str) -> Writer:
        def write(file: TextIO) -> None:
            file.write(text)

        return write

    writers: dict[str, Writer] = {}
    for name, columns in _lists(content["segments"], tables["customers"]).items():
        writers[name] = csv_writer(columns)
    for name, columns in tables.items():
        writers[f"tables/{name}.csv"] = csv_writer(columns)
    for name, text in content["texts"].items():
        writers[name] = text_writer(text)
    content["files"] = [*writers, "report.json", "index.html"]
    writers["report.json"] = text_writer(_json(content, tables))
    writers["index.html"] = text_writer(_page(content, tables))
    return writers


def _plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: ISO text for moments, null for what is missing."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "M":
            return [text or None for text in iso_texts(value)]
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[us]").item()).replace("T", " ")
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _json(content: dict[str, Any], tables: dict[str, Columns]) -> str:
    """Return the report as JSON: every table by column, but the one with a row per invoice."""
    kept = {name: columns for name, columns in tables.items() if name != "invoices"}
    for_page = ("captions", "amount", "bins", "ties", "texts")
    document = {key: value for key, value in content.items() if key not in for_page}
    return json.dumps(_plain({**document, "tables": kept}), separators=(",", ":"), ensure_ascii=False) + "\n"


def _page(content: dict[str, Any], tables: dict[str, Columns]) -> str:
    """Return the page."""
    from importlib.resources import files as resources

    from jinja2 import Environment, StrictUndefined

    from ._report_pictures import pictures

    folder = resources(__package__) / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        whole=words.whole, money=words.money, percent=words.percent, day=words.day, month=words.month
    )
    template = environment.from_string((folder / "report.html").read_text(encoding="utf-8"))
    return template.render(
        css=(folder / "report.css").read_text(encoding="utf-8"),
        pictures=pictures(
            tables,
            [row["segment"] for row in content["segments"]],
            content["captions"],
            until=content["until"],
            bins=content["bins"],
            amount=content["amount"],
        ),
        as_of_words=_moment_words(content["as_of"]),
        partial=content["partial"],
        quality_words=words.quality_words,
        product_name=goods.product_name,
        pick_share=goods.PICK_SHARE,
        pick_lift=goods.PICK_LIFT,
        tables_by_name=tables,
        country_name=goods.country_name,
        lost_days=returning.DAYS,
        unassigned=_unassigned(tables["customers"], content["segments"]),
        rows={name: _rows(tables[name]) for name in ("monthly", "amount_summary", "quality")}
        | {name: _rows(tables.get(name, {}), top) for name, top in _SHOWN.items()},
        tables={name: len(next(iter(columns.values()), ())) for name, columns in tables.items()},
        **{name: value for name, value in content.items() if name != "partial"},
    )


def _moment_words(moment: np.datetime64 | None) -> str:
    """Write a moment in words, to the minute."""
    return "" if moment is None else f"{words.day(moment)}, {str(moment.astype('datetime64[m]'))[-5:]}"


def _rows(columns: Columns, top: slice = slice(None)) -> list[dict[str, Any]]:
    """Return a table, or some of its rows, as rows for the template; numbers plain, moments as they are."""
    every = range(len(next(iter(columns.values()), ())))
    return [{name: column[i] for name, column in columns.items()} for i in every[top]]
