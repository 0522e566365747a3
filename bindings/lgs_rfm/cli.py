"""The command ``lgs-rfm``: the report, the tables and a made-up shop from the shell.

Results go to standard output or into files, messages to standard error. The exit code is 0, 2 for wrong usage and
1 for bad data.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from .csvfile import write_csv

if TYPE_CHECKING:
    from . import Ledger, Lines, Table

__all__ = ["main"]

_BASES = ("purchases", "net", "all")
_COPIES = ("keep", "drop", "error")

# Remedies of the library in the words of the command line.
_IN_SHELL = (
    (r'Lines\(\.\.\., copies="(\w+)"\)', r"--copies \1"),
    (r'columns=\{"(\w+)": \.\.\.\}', r"--column \1=YOURS"),
)


class _Progress:
    """A bar on a terminal, drawn at most ten times a second and wiped after each file; nothing anywhere else."""

    _WIDTH = 30

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._clock = clock
        self._started = clock()
        self._next = 0.0
        self._shown = 0
        self._done = 0

    def __call__(self, done: int, total: int | None) -> None:
        now = self._clock()
        if done < self._done:  # the next file, or the same once more
            self._started = now
        self._done = done
        if not self._live or (now < self._next and done != total):
            return
        self._next = now + 0.1
        rate = done / max(now - self._started, 1e-3)  # bytes a second
        if total:
            share = min(done / total, 1.0)
            bar = "#" * int(share * self._WIDTH)
            text = f"reading [{bar:.<{self._WIDTH}}] {100 * share:3.0f} % of {total / 1e6:,.0f} MB"
            text += f", {rate / 1e6:,.0f} MB/s, {max(total - done, 0) / max(rate, 1.0):,.0f} s left"
        else:
            text = f"reading {done / 1e6:,.0f} MB, {rate / 1e6:,.0f} MB/s"
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown = len(text)
        if done == total:
            self.close()

    def close(self) -> None:
        """Wipe the bar."""
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0


def _say(kind: str, message: object) -> None:
    """Write one message as one line on standard error."""
    text = " ".join(str(message).split())
    for python, shell in _IN_SHELL:
        text = re.sub(python, shell, text)
    print(f"lgs-rfm: {kind}: {text}", file=sys.stderr)


def _pair(text: str) -> tuple[str, str]:
    """Read ``ours=theirs``."""
    ours, equals, theirs = text.partition("=")
    if not (ours and equals and theirs):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form our_name=your_name")
    return ours, theirs


def _moment(text: str) -> str:
    """Check an ISO date or moment, so that a slip is wrong usage and not bad data."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2011-12-10") from error
    return text


def _window(text: str) -> str:
    """Check a number of days."""
    if not re.fullmatch(r"[1-9][0-9]*d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days such as 365d")
    return text


def _count(text: str) -> int:
    """Read a whole number of at least zero."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    from . import __version__

    inputs = argparse.ArgumentParser(add_help=False)
    inputs.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="invoice lines: CSV, a dump by pg_dump, or Parquet; - is standard input",
    )
    inputs.add_argument(
        "--column",
        action="append",
        type=_pair,
        default=[],
        metavar="OURS=YOURS",
        help="the name of a column in the files, such as invoice=belegnr; may be given again",
    )
    inputs.add_argument(
        "--copies", choices=_COPIES, default="keep", help="what to do with invoices that are in the input twice"
    )
    inputs.add_argument("--delimiter", metavar="C", help="of CSV; default: found from the header")
    inputs.add_argument("--decimal", choices=(".", ","), default=".", help="the point of numbers in CSV; default: .")
    inputs.add_argument("--date-order", choices=("mdy", "dmy"), help="of dates such as 12/1/2010; default: found")
    inputs.add_argument(
        "--bad-lines", choices=("error", "skip"), default="error", help="what to do with lines that cannot be read"
    )
    inputs.add_argument("--table", metavar="NAME", help="which table of a dump; default: the one with our columns")
    inputs.add_argument("--threads", type=_count, metavar="N", help="to read text with; default: all there are")
    scoring = argparse.ArgumentParser(add_help=False)
    scoring.add_argument(
        "--as-of",
        type=_moment,
        metavar="DATE",
        help="the moment from which recency counts; default: the day after the last line",
    )
    scoring.add_argument("--basis", choices=_BASES, default="purchases", help="what counts; default: purchases")
    scoring.add_argument(
        "--window", type=_window, metavar="DAYS", help="only lines of the last days before DATE, such as 365d"
    )
    scoring.add_argument("--rules", metavar="FILE.json", help="segment rules saved by SegmentRules.save")

    parser = argparse.ArgumentParser(
        prog="lgs-rfm",
        description="Customer analysis of invoice lines: monthly figures, RFM scores and segments.",
        epilog="Exit code: 0, 2 for wrong usage, 1 for bad data.",
    )
    parser.add_argument("--version", action="version", version=f"lgs-rfm {__version__}")
    # A name given is one that argparse need not find out, for which it would ask for the width of the terminal.
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND", required=True)

    def command(name: str, text: str, parents: Sequence[argparse.ArgumentParser]) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", parents=parents)

    report = command(
        "report", "write the report: a page, a list of customers per segment, every table", [inputs, scoring]
    )
    report.add_argument("--out", default="report", metavar="DIR", help="the folder of the report; default: report")
    report.add_argument("--title", default="Customer report", help="the heading of the page")
    command("rfm", "print each customer with scores and segment as CSV", [inputs, scoring])
    command("monthly", "print orders, sales and users by month as CSV", [inputs])
    command("quality", "print the counts of lines that need a word as CSV", [inputs])
    demo = command("demo", "print the invoice lines of a made-up shop as CSV", [])
    demo.add_argument("--customers", type=_count, default=5_000, metavar="N", help="default: 5000")
    demo.add_argument(
        "--seed", type=_count, default=1, metavar="S", help="the same seed gives the same shop; default: 1"
    )
    return parser


@contextmanager
def _lines(options: argparse.Namespace) -> Iterator[Lines]:
    """Yield the lines of the files, which are read under a progress bar."""
    from . import read_lines

    progress = _Progress(sys.stderr)
    try:
        yield read_lines(
            options.files,
            columns=dict(options.column) or None,
            copies=options.copies,
            delimiter=options.delimiter,
            decimal=options.decimal,
            date_order=options.date_order,
            bad_lines=options.bad_lines,
            table=options.table,
            threads=options.threads,
            progress=progress,
        )
    finally:
        progress.close()


def _book(options: argparse.Namespace) -> Ledger:
    """Read the files into a ledger."""
    from . import Ledger

    with _lines(options) as lines:
        return Ledger.from_lines(lines)


def _scoring(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of RFM as keywords."""
    from . import SegmentRules

    rules = None if options.rules is None else SegmentRules.load(options.rules)
    return {"as_of": options.as_of, "basis": options.basis, "window": options.window, "rules": rules}


def _print_csv(table: Table, *, guard: bool = True) -> None:
    write_csv(sys.stdout, table, guard=guard)


def _segment_table(segments: Sequence[Mapping[str, Any]], amount: str) -> str:
    """Return the segments as an aligned table in plain text.

    >>> print(_segment_table([
    ...     {"segment": "Champions", "customers": 1, "share": 0.25, "gross": 3000.0, "gross_share": 0.75},
    ...     {"segment": "At Risk", "customers": 3, "share": 0.75, "gross": 1000.0, "gross_share": 0.25},
    ... ], "gross"))
    segment    customers   share  gross  share of gross
    Champions          1  25.0 %  3,000          75.0 %
    At Risk            3  75.0 %  1,000          25.0 %
    """
    from ._report_words import percent, whole

    rows = [["segment", "customers", "share", amount, f"share of {amount}"]]
    for row in segments:
        numbers = [f"{row['customers']:,}", percent(row["share"]), whole(row["gross"]), percent(row["gross_share"])]
        rows.append([row["segment"], *(text.replace("\u2212", "-").replace("\u2013", "-") for text in numbers)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)


def _run(options: argparse.Namespace) -> None:
    if options.command == "demo":
        # Lines are read again: an apostrophe before a description would be one more letter of it.
        from . import demo_lines

        _print_csv(demo_lines(customers=options.customers, seed=options.seed, frame="table"), guard=False)
        return
    scoring = _scoring(options) if options.command in ("report", "rfm") else {}
    if options.command == "report":
        from ._report import write_report

        with _lines(options) as lines:
            page, segments = write_report(lines, options.out, title=options.title, **scoring)
        print(_segment_table(segments, "gross" if options.basis == "purchases" else "net"))
        print(page)
        return
    book = _book(options)
    if options.command == "rfm":
        from . import rfm

        _print_csv(rfm(book, **scoring))
    elif options.command == "monthly":
        _print_csv(book.monthly())
    else:
        _print_csv(book.quality())
        print(book.reading, file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after the command's name. Default: those of the process.

    Returns
    -------
    int
        0, or 1 when the data, a file or an optional package is at fault.

    Raises
    ------
    SystemExit
        With code 2 for wrong usage, with code 0 for ``--help`` and ``--version``.
    """
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    with warnings.catch_warnings():
        warnings.simplefilter("always", _quality_warning())
        warnings.showwarning = lambda message, *_, **__: _say("warning", message)
        try:
            _run(options)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough. What is left in the buffer must not fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            _say("error", "interrupted")
            return 130  # 128 + SIGINT, as shells count it
        except (ValueError, KeyError, TypeError, OSError, ImportError, MemoryError) as error:
            _say("error", error)
            return 1
    return 0


def _quality_warning() -> type[Warning]:
    from . import QualityWarning

    return QualityWarning


if __name__ == "__main__":
    sys.exit(main())
