"""A ledger in a file that takes in one month after another, and scores by cut points that stay the same."""

from pathlib import Path
from tempfile import TemporaryDirectory

import lgs_rfm as lgs
import numpy as np

shop = lgs.demo_lines(customers=500, seed=1, frame="numpy")


def lines_of(since: str, until: str) -> dict:
    """Return the shop's lines in [since, until)."""
    dates = shop["invoice_date"]
    inside = (dates >= np.datetime64(since)) & (dates < np.datetime64(until))
    return {name: column[inside] for name, column in shop.items()}


with TemporaryDirectory() as folder:
    book_file, cuts_file = Path(folder) / "book.lgs", Path(folder) / "cuts.json"

    book = lgs.Ledger.from_lines(lines_of("2009-12-01", "2011-10-01"))
    customers = book.customers(as_of="2011-10-01", window="365d")
    lgs.Scorer(ties="together").fit(customers).save(cuts_file)
    book.save(book_file)

    for since, until in [("2011-10-01", "2011-11-01"), ("2011-11-01", "2011-12-01")]:
        book = lgs.Ledger.load(book_file)
        book.replace(lines_of(since, until), since=since, until=until)  # may be run again: the month is replaced
        book.save(book_file)
        segments = lgs.rfm(book, as_of=until, window="365d", scorer=lgs.Scorer.load(cuts_file))
        summary = lgs.segment_summary(segments)
        counts = dict(zip(summary["segment"].tolist(), summary["customers"].tolist(), strict=True))
        print(until, {name: counts[name] for name in ("Champions", "Can't Lose", "Hibernating")})
