"""CSV files by way of `read_lines`: options, sources, what is refused, what is skipped."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import pyarrow as pa
import pytest
from frames import quiet_ledger

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
ROWS = [
    "489434,85048,MUG,12,2009-12-01 07:45:00,6.95,13085.0,UK\n",
    "C489435,22350,CAT,-2,2009-12-01 08:00:00,1.5,,France\n",
    'A1,"x","a ""b"",\nc",1,2009-12-02,-3.25,"7",France\n',
]
TEXT = HEADER + "".join(ROWS)


def book_of(text: str, tmp_path: Path, **options: Any) -> lgs.Ledger:
    path = tmp_path / "lines.csv"
    path.write_bytes(text.encode())
    return lgs.Ledger.from_csv(path, **options)


@pytest.fixture
def wanted() -> lgs.Ledger:
    return lgs.Ledger.from_lines(
        pa.table(
            {
                "invoice": ["489434", "C489435", "A1"],
                "quantity": [12, -2, 1],
                "invoice_date": ["2009-12-01 07:45:00", "2009-12-01 08:00:00", "2009-12-02"],
                "unit_price": [6.95, 1.5, -3.25],
                "customer_id": ["13085", None, "7"],
            }
        )
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str, wanted: lgs.Ledger, tmp_path: Path) -> None:
    text = TEXT.replace(",", delimiter).replace(f'""b""{delimiter}', '""b"",')
    assert book_of(text, tmp_path) == wanted
    assert book_of(text, tmp_path, delimiter=delimiter, threads=1) == wanted


def test_other_delimiter_and_decimal_comma(wanted: lgs.Ledger, tmp_path: Path) -> None:
    text = "\n".join(line.replace(",", "^").replace(".", ",") for line in TEXT.split("\n"))
    text = text.replace("13085,0", "13085")
    assert book_of(text, tmp_path, delimiter="^", decimal=",") == wanted


def test_compressed(wanted: lgs.Ledger, tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    for name, data in {
        "a.csv.gz": gzip.compress(TEXT.encode()),
        "two.csv.gz": gzip.compress(TEXT[:50].encode()) + gzip.compress(TEXT[50:].encode()),
        "a.csv.zst": pa.Codec("zstd").compress(TEXT.encode(), asbytes=True),
    }.items():
        (tmp_path / name).write_bytes(data)
        assert lgs.Ledger.from_csv(tmp_path / name, progress=lambda *done: heard.append(done)) == wanted
        assert heard[-1] == (len(data), len(data))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(TEXT.encode() * 100)[:-20])
    with pytest.raises(ValueError, match=r"cut\.csv\.gz: cannot be decompressed"):
        lgs.Ledger.from_csv(tmp_path / "cut.csv.gz")


def test_named_pipe(wanted: lgs.Ledger, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(TEXT.encode()))
    writer.start()
    assert lgs.Ledger.from_csv(pipe) == wanted
    writer.join()


def test_progress_is_heard_and_may_stop(tmp_path: Path) -> None:
    text = HEADER + ROWS[0] * 100_000
    heard: list[tuple[int, int | None]] = []
    book_of(text, tmp_path, progress=lambda done, total: heard.append((done, total)))
    assert heard == sorted(heard)
    assert len(heard) > 3
    assert heard[-1] == (len(text), len(text))

    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    for threads in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            book_of(text, tmp_path, progress=stop, threads=threads)


def test_dates_with_slashes(tmp_path: Path) -> None:
    text = "invoice,quantity,invoice_date,unit_price\n1,1,12/1/2010 8:26,1\n2,1,01/12/2010 08:26,1\n"
    moments = {
        order: book_of(text, tmp_path, date_order=order).invoices()["first_moment"].astype(str).tolist()
        for order in ("mdy", "dmy")
    }
    assert moments["mdy"] == ["2010-12-01T08:26:00.000000", "2010-01-12T08:26:00.000000"]
    assert moments["dmy"] == moments["mdy"][::-1]
    with pytest.raises(lgs.LinesError, match=r'may be day/month or month/day; say date_order="dmy"') as caught:
        book_of(text, tmp_path)
    assert caught.value.column == "invoice_date"
    found = book_of(text + "3,1,31/12/2010,1\n", tmp_path)
    assert found.invoices()["first_moment"].astype(str).tolist()[:2] == moments["dmy"]


def test_bad_lines(tmp_path: Path) -> None:
    text = HEADER + ROWS[0] + "1,2\n" + ROWS[2] + "5,1,x,half,2010-01-01,1,,\n" + ROWS[1]
    with pytest.raises(
        lgs.LinesError, match=r"lines\.csv: row 1: the record has 2 fields and the header 8.*line 3, byte"
    ):
        book_of(text, tmp_path)
    with pytest.warns(lgs.QualityWarning, match="2 lines cannot be read and were skipped"):
        book = book_of(text, tmp_path, bad_lines="skip")
    assert book.reading.lines == 3
    assert book.reading.skipped_lines == 2
    first, second = book.reading.skipped
    assert (first.line, first.text) == (3, "1,2")
    assert first.offset == len(HEADER + ROWS[0])
    assert first.file.endswith("lines.csv")
    assert second.line == 6
    assert "column quantity: 'half' is no number" in second.reason
    assert "skipped lines: 2" in str(book.reading)


def test_bytes_that_are_no_text_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(TEXT.replace("6.95", "6.95\xa4").replace("Country", "Gr\xf6\xdfe").encode("latin-1"))
    with pytest.raises(lgs.LinesError, match=r"'6\.95\?' is no number"):
        lgs.Ledger.from_csv(path)
    path.write_bytes(TEXT.replace("Country", "Gr\xf6\xdfe").encode("latin-1"))
    assert lgs.Ledger.from_csv(path).reading.ignored_columns == ("Gr\ufffd\ufffde",)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"decimal": "x"}, r"decimal='x' is not one of '\.', ','"),
        ({"date_order": "ymd"}, "date_order='ymd' is not one of None, 'mdy', 'dmy'"),
        ({"bad_lines": "drop"}, "bad_lines='drop' is not one of 'error', 'skip'"),
        ({"delimiter": ";;"}, "delimiter=';;' is not one character"),
        ({"delimiter": '"'}, "is not one character"),
        ({"threads": 0}, "threads=0 is not 1 or more"),
    ],
)
def test_wrong_options(options: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        book_of(TEXT, tmp_path, **options)


def test_replace_refuses_by_line(tmp_path: Path, wanted: lgs.Ledger) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(TEXT)
    book = lgs.Ledger()
    assert book.replace(lgs.read_lines(path), since="2009-12-01", until="2009-12-03") == wanted
    with pytest.raises(lgs.LinesError, match=r"2009-12-02 00:00:00 is outside .*\(line 4, byte") as caught:
        book.replace(lgs.read_lines(path), since="2009-12-01", until="2009-12-02")
    assert caught.value.row == 2
    assert book == wanted


def test_memory_stays_small(tmp_path: Path) -> None:
    """A file of 60 MB of one customer's lines is read in a few MB."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write(HEADER)
        for _ in range(100):
            file.write(ROWS[0] * 10_000)
    lgs.Ledger.from_csv(path, threads=2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lgs.Ledger.from_csv(path, threads=2)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000  # kilobytes


@pytest.fixture(scope="module")
def real_book_of_lines(real_lines: Any) -> lgs.Ledger:
    return quiet_ledger(real_lines)


@pytest.mark.parametrize("way", ["plain", "quoted", "crlf", "semicolon", "shuffled"])
def test_real_data(way: str, real: Any, real_book_of_lines: lgs.Ledger, tmp_path: Path) -> None:
    path = tmp_path / "real.csv"
    frame = real.sample(frac=1, random_state=1) if way == "shuffled" else real
    options: dict[str, Any] = {
        "quoted": {"quoting": 1},
        "crlf": {"lineterminator": "\r\n"},
        "semicolon": {"sep": ";", "decimal": ","},
    }.get(way, {})
    if way == "semicolon":
        frame = frame.assign(**{"Customer ID": frame["Customer ID"].astype("Int64")})
    frame.to_csv(path, index=False, **options)
    book = quiet_ledger(lgs.read_lines(path, decimal=options.get("decimal", ".")))
    assert book == real_book_of_lines
    assert book.reading.lines == len(real)
