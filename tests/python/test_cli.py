"""The command: what it prints where, its exit codes, its one-line errors, its bar."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pyarrow.parquet as pq
import pytest
from frames import quiet_ledger
from lgs_rfm import cli
from lgs_rfm.cli import main
from lgs_rfm.frames import columns_of

COMMAND = [sys.executable, "-c", "import sys; from lgs_rfm.cli import main; sys.exit(main())"]
HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
GOOD = HEADER + (
    "489434,85048,MUG,12,2009-12-01 07:45:00,6.95,13085,United Kingdom\n"
    '489435,22350,"CAT, BOWL",2,2009-12-02 07:46:00,2.55,13086,United Kingdom\n'
    "C489449,22087,BUNTING,-1,2009-12-03 10:33:00,2.95,13085,United Kingdom\n"
    "489450,22087,BUNTING,3,2010-01-03 10:33:00,2.00,,United Kingdom\n"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lines of a small made-up shop, as the command prints them."""
    path = tmp_path_factory.mktemp("shop") / "retail.csv"
    with path.open("wb") as file:
        subprocess.run([*COMMAND, "demo", "--customers", "80", "--seed", "5"], stdout=file, check=True)
    return path


@pytest.fixture(scope="module")
def book() -> lgs.Ledger:
    return quiet_ledger(lgs.demo_lines(customers=80, seed=5))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(GOOD)
    return path


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_demo_lines_come_back_as_they_were(shop: Path) -> None:
    made = columns_of(lgs.demo_lines(customers=80, seed=5))
    rows = table(shop.read_text(encoding="utf-8"))
    assert list(rows[0]) == list(made)
    assert len(rows) == len(next(iter(made.values()))) > 1000
    kinds = {name: column.dtype.kind for name, column in made.items()}
    for name, kind in kinds.items():
        if kind in "fiu":
            read = np.array([float(row[name] or "nan") for row in rows])
            np.testing.assert_array_equal(read, made[name].astype(np.float64))
        elif kind == "M":
            assert [row[name] for row in rows[:50]] == [
                str(at).replace("T", " ") for at in made[name][:50].astype("M8[s]")
            ]


def test_demo_goes_through_a_pipe(book: lgs.Ledger) -> None:
    with subprocess.Popen([*COMMAND, "demo", "--customers", "80", "--seed", "5"], stdout=subprocess.PIPE) as demo:
        run = subprocess.run([*COMMAND, "monthly", "-"], stdin=demo.stdout, capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert [float(row["sales"]) for row in table(run.stdout)] == book.monthly(frame="numpy")["sales"].tolist()


def test_rfm(shop: Path, book: lgs.Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rfm", str(shop)]) == 0
    rows = table(capsys.readouterr().out)
    wanted = lgs.rfm(book, frame="numpy")
    assert [row["segment"] for row in rows] == wanted["segment"].tolist()
    assert [int(row["recency"]) for row in rows] == wanted["recency"].tolist()
    assert [float(row["monetary"]) for row in rows] == wanted["monetary"].tolist()


def test_rfm_options(shop: Path, book: lgs.Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = lgs.SegmentRules([("Now", {"r": (3, 5)}), ("Then", {"r": (1, 2)})], bins=5)
    rules.save(tmp_path / "rules.json")
    as_of = str(book.invoices(frame="numpy")["last_moment"].max().astype("datetime64[D]") - 20)
    words = ["--as-of", as_of, "--basis", "net", "--window", "200d", "--rules", str(tmp_path / "rules.json")]
    assert main(["rfm", str(shop), *words]) == 0
    rows = table(capsys.readouterr().out)
    wanted = lgs.rfm(book, as_of=as_of, basis="net", window="200d", rules=rules, frame="numpy")
    assert [row["customer_id"] for row in rows] == list(map(str, wanted["customer_id"].tolist()))
    assert {row["segment"] for row in rows} == {"Now", "Then"}
    assert [float(row["monetary"]) for row in rows] == wanted["monetary"].tolist()


def test_monthly_and_quality(shop: Path, book: lgs.Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monthly", str(shop)]) == 0
    rows = table(capsys.readouterr().out)
    assert [float(row["sales"]) for row in rows] == book.monthly(frame="numpy")["sales"].tolist()
    assert rows[0]["growth"] == ""
    assert main(["quality", str(shop)]) == 0
    heard = capsys.readouterr()
    quality = book.quality(frame="numpy")
    assert [(row["name"], int(row["lines"])) for row in table(heard.out)] == list(
        zip(quality["name"].tolist(), quality["lines"].tolist(), strict=True)
    )
    assert heard.err.strip()


def test_report_prints_segments_and_ends_with_its_path(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(shop), "--out", str(tmp_path / "out"), "--title", "Shop"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == str(tmp_path / "out" / "index.html")
    assert Path(printed[-1]).is_file()
    assert len({len(line) for line in printed[:-1]}) == 1
    assert printed[0].split("  ")[0] == "segment"
    rows = json.loads((tmp_path / "out" / "report.json").read_text())["segments"]
    assert [line[:19].strip() for line in printed[1:-1]] == [row["segment"] for row in rows]
    assert [line[19:].split()[0] for line in printed[1:-1]] == [f"{row['customers']:,}" for row in rows]


def test_several_files_and_standard_input(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = tmp_path / "second.csv"
    second.write_text(HEADER + "500000,1,MUG,1,2010-02-01 10:00:00,100.00,9,France\n")
    assert main(["monthly", str(good), str(second)]) == 0
    both = table(capsys.readouterr().out)
    assert [row["yyyymm"] for row in both] == ["200912", "201001", "201002"]
    run = subprocess.run([*COMMAND, "monthly", "-"], input=GOOD, capture_output=True, text=True, check=True)
    assert table(run.stdout) == both[:2]


def test_own_column_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.csv"
    path.write_text(GOOD.replace("Invoice,", "belegnr,", 1).replace(",Quantity,", ",menge,", 1))
    assert main(["monthly", str(path)]) == 1
    assert "quantity" in capsys.readouterr().err
    assert main(["monthly", str(path), "--column", "invoice=belegnr", "--column", "quantity=menge"]) == 0
    assert table(capsys.readouterr().out)[0]["cancelled"] == "1"


def test_copies_are_warned_of_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{i},1,MUG,1,2010-01-{i:02} 10:00:00,1.00,{i},UK\n" for i in range(1, 9)]
    path = tmp_path / "twice.csv"
    path.write_text(HEADER + "".join(lines + lines[4:]))
    assert main(["monthly", str(path)]) == 0
    heard = capsys.readouterr()
    assert len(heard.err.splitlines()) == 1
    assert heard.err.startswith("lgs-rfm: warning: ")
    assert "4 invoices" in heard.err
    assert float(table(heard.out)[0]["sales"]) == 12.0
    assert main(["monthly", str(path), "--copies", "drop"]) == 0
    assert float(table(capsys.readouterr().out)[0]["sales"]) == 8.0
    assert main(["monthly", str(path), "--copies", "error"]) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("489451,1,MUG,1.5,2010-01-04 10:00:00,1.0,1,UK\n", "quantity"),
        ("489451,1,MUG,1,yesterday,1.0,1,UK\n", "invoice_date"),
        ("489451,1,MUG,1,2010-01-04 10:00:00,cheap,1,UK\n", "unit_price"),
        (",1,MUG,1,2010-01-04 10:00:00,1.0,1,UK\n", "invoice"),
    ],
    ids=["quantity", "date", "price", "invoice"],
)
@pytest.mark.parametrize("command", ["rfm", "monthly", "quality", "report"])
def test_bad_data_is_one_line_and_1(
    command: str, line: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(GOOD + line)
    out = ["--out", str(tmp_path / "out")] if command == "report" else []
    assert main([command, str(path), *out]) == 1
    heard = capsys.readouterr()
    assert heard.out == ""
    assert len(heard.err.splitlines()) == 1
    assert heard.err.startswith("lgs-rfm: error: ")
    assert message in heard.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty; give a header row and lines"),
        (b"PK\x03\x04\x00", "is neither Parquet nor CSV in UTF-8"),
        ("Invoice,Quantity\n".encode("utf-16"), "is neither Parquet nor CSV in UTF-8"),
        (b"PAR1 cut short", "Parquet"),
        (GOOD.encode() + b"1,2\n", "the record has 2 fields and the header 8"),
        (
            b"Invoice,Quantity,Price\n1,1,1\n",
            "column invoice_date is missing; name yours with --column invoice_date=",
        ),
        (b"Invoice,invoice\n", "both answer to it; say which with --column invoice=YOURS"),
    ],
    ids=["empty", "spreadsheet", "utf-16", "cut parquet", "short row", "no date", "two invoices"],
)
def test_messages_name_the_file(
    data: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.csv").write_bytes(data)
    assert main(["monthly", str(tmp_path / "odd.csv")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"lgs-rfm: error: {tmp_path / 'odd.csv'}: ")
    assert message in error
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["monthly", "-"]) == 1
    assert capsys.readouterr().err.startswith("lgs-rfm: error: standard input: ")


def test_bad_number_names_row_and_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The row counts from the first line after the header, also across the blocks that are read at a time."""
    row = GOOD.splitlines()[1] + "\n"
    path = tmp_path / "long.csv"
    path.write_text(HEADER + 80_000 * row + row.replace("6.95", '"6,95"'))
    assert path.stat().st_size > 1 << 22
    assert main(["monthly", str(path)]) == 1
    assert "column unit_price, row 80000: '6,95' is no number" in capsys.readouterr().err


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.rstrip("\n").encode(),
        b'"two\nlines",' + GOOD.replace("\n48", '\n"a\nb",48').replace("\nC", "\n,C").encode(),
        GOOD.replace("MUG", '"tea\nMUG"').replace("CAT", 'the ""CAT""').encode(),
        GOOD.replace("Country", "Gr\xf6\xdfe").replace("MUG", "MUG \xf6").encode("latin-1"),
    ],
    ids=["byte order mark", "crlf", "no last newline", "newline in header", "newline in text", "latin-1 elsewhere"],
)
def test_odd_but_good_csv(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(data)
    assert main(["monthly", str(path)]) == 0
    assert [row["sales"] for row in table(capsys.readouterr().out)] == ["85.55", "6.0"]


def test_parquet_from_standard_input(
    book: lgs.Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "retail.parquet"
    pq.write_table(lgs.demo_lines(customers=80, seed=5, frame="arrow"), path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert main(["monthly", "-"]) == 0
    sales = [float(row["sales"]) for row in table(capsys.readouterr().out)]
    assert sales == book.monthly(frame="numpy")["sales"].tolist()


def test_missing_files_are_1(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monthly", str(tmp_path / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err
    assert main(["rfm", str(good), "--rules", str(tmp_path / "none.json")]) == 1
    assert "none.json" in capsys.readouterr().err
    (tmp_path / "rules.json").write_text("{}")
    assert main(["rfm", str(good), "--rules", str(tmp_path / "rules.json")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["paint"],
        ["report"],
        ["report", "x.csv", "--colour", "red"],
        ["rfm", "x.csv", "--basis", "profit"],
        ["rfm", "x.csv", "--as-of", "soon"],
        ["rfm", "x.csv", "--window", "a while"],
        ["rfm", "x.csv", "--window", "0d"],
        ["monthly", "x.csv", "--column", "invoice"],
        ["monthly", "x.csv", "--copies", "twice"],
        ["demo", "--customers", "-3"],
        ["demo", "x.csv"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    heard = capsys.readouterr()
    assert heard.out == ""
    assert "usage: lgs-rfm" in heard.err


@pytest.mark.parametrize("words", [["--help"], ["report", "--help"], ["--version"]])
def test_help_and_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    heard = capsys.readouterr()
    assert heard.err == ""
    assert heard.out == f"lgs-rfm {lgs.__version__}\n" if words == ["--version"] else "lgs-rfm" in heard.out


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way")
def test_reader_that_stops_early_is_no_error(shop: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "demo", "--customers", "80"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait() == 0


def test_interrupt_is_quiet(good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_book", stop)
    assert main(["monthly", str(good)]) == 130
    assert capsys.readouterr().err == "lgs-rfm: error: interrupted\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_on_a_terminal_only(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["monthly", str(good)]) == 0
    shown = terminal.getvalue()
    assert re.search(r"\rreading \[#+\] 100 %", shown)
    assert shown.endswith("\r")
    assert shown.rstrip("\r").split("\r")[-1].strip() == ""
    plain = io.StringIO()
    monkeypatch.setattr(sys, "stderr", plain)
    assert main(["monthly", str(good)]) == 0
    assert plain.getvalue() == ""


def test_bar_of_unknown_length() -> None:
    terminal = Terminal()
    moments = iter([10.0, 10.5, 10.55, 12.0])
    bar = cli._Progress(terminal, lambda: next(moments))
    bar(3_000_000, None)
    bar(4_000_000, None)  # too soon after the first to be drawn
    assert terminal.getvalue() == "\rreading 3 MB, 6 MB/s"
    bar(8_000_000, 20_000_000)
    assert (
        terminal.getvalue().split("\r")[-1]
        == "reading [############..................]  40 % of 20 MB, 4 MB/s, 3 s left"
    )
    bar.close()
    assert terminal.getvalue().endswith("\r")


def test_bar_starts_anew_with_the_next_reading() -> None:
    terminal = Terminal()
    moments = iter([0.0, 10.0, 20.0, 22.0])
    bar = cli._Progress(terminal, lambda: next(moments))
    bar(20_000_000, 20_000_000)
    assert terminal.getvalue().split("\r")[-2].strip() == ""  # wiped, so that a warning has a line of its own
    bar(4_000_000, 20_000_000)
    bar(8_000_000, 20_000_000)
    assert "40 % of 20 MB, 4 MB/s, 3 s left" in terminal.getvalue().split("\r")[-1]


def test_formulas_in_text_are_neutralised(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "formula.csv"
    path.write_text(GOOD.replace("13085", "=1+1"))
    assert main(["rfm", str(path)]) == 0
    assert "'=1+1" in [row["customer_id"] for row in table(capsys.readouterr().out)]


def test_empty_file_of_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(HEADER)
    for command in ("rfm", "monthly", "quality"):
        assert main([command, str(path)]) == 0
        rows: list[Any] = table(capsys.readouterr().out)
        assert not rows or command == "quality"
    assert main(["report", str(path), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "out" / "index.html")
