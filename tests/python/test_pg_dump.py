"""Dumps made by the real pg_dump, of a server that the test starts on a private socket."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import pyarrow as pa
import pytest
from frames import quiet_ledger

NOTES = [
    "plain",
    "tab\there",
    "two\nlines",
    "back\\slash",
    "it's",
    '"quoted"',
    "\\.",
    "a,b;c",
    "('x');\nCOPY y (a) FROM stdin;",
]
CREATE = """
CREATE TABLE notes (id integer, body text);
INSERT INTO notes VALUES (1, E'a;\\nINSERT INTO public.retail VALUES (1);\\n\\\\.\\nCOPY x (y) FROM stdin;');
CREATE TABLE retail (
    invoice_no text NOT NULL, stock_code text, description text, quantity integer CHECK (quantity <> 0),
    invoice_date timestamp, unit_price numeric(12, 4), customer_id integer, country text
);
"""


class Server:
    """A PostgreSQL of its own, in a folder that goes away; root has it run by the user postgres."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self.folder = folder
        self._user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(folder, "postgres", "postgres")

    def run(self, program: str, *arguments: str, text: str | None = None) -> str:
        done = subprocess.run(
            [self._programs / program, *arguments],
            input=text, capture_output=True, text=True, check=False, timeout=120, cwd=self.folder, **self._user,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, text: str) -> None:
        self.run(
            "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", "tester", "postgres", text=text
        )

    def dump(self, *options: str) -> str:
        return self.run("pg_dump", "-h", str(self.folder), "-U", "tester", *options, "postgres")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    if not found:
        missing = "PostgreSQL's server is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lgs_pg_", ignore_cleanup_errors=True)))
        server = Server(found[-1], folder)
        data = str(folder / "data")
        server.run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        log = str(folder / "log")
        server.run("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
        stack.callback(server.run, "pg_ctl", "-D", data, "-m", "immediate", "stop")
        yield server


@pytest.fixture(scope="module")
def filled(server: Server) -> tuple[Server, lgs.Ledger]:
    dice = random.Random(3)
    rows = [
        (
            dice.choice(["489434", "C489435", "A'1", "7\\8", 'say "x"', f"5{i:05}"]),
            dice.choice([*NOTES, None]),
            dice.choice([*NOTES, None]),
            dice.choice([1, -2, 12, 2147483647]),
            dice.choice(["2009-12-01 07:45:00", "2009-12-01 07:45:01.25", "2011-02-28 23:59:59"]),
            dice.choice(["6.9500", "-1.5000", "0.0000", "0.0001"]),
            dice.choice([None, 13085, 12346]),
            dice.choice([*NOTES, None]),
        )
        for i in range(500)
    ]

    def literal(value: Any) -> str:
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"

    server.sql(CREATE + "".join(f"INSERT INTO retail VALUES ({', '.join(map(literal, row))});\n" for row in rows))
    columns = list(zip(*rows, strict=True))
    wanted = quiet_ledger(
        pa.table(
            {
                "invoice": columns[0],
                "quantity": columns[3],
                "invoice_date": columns[4],
                "unit_price": pa.array([float(price) for price in columns[5]]),
                "customer_id": columns[6],
            }
        )
    )
    return server, wanted


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--data-only",),
        ("--table=retail",),
        ("--inserts",),
        ("--column-inserts", "--data-only"),
        ("--rows-per-insert=7", "--on-conflict-do-nothing"),
        ("--quote-all-identifiers",),
        ("--quote-all-identifiers", "--column-inserts", "--rows-per-insert=100"),
    ],
    ids=" ".join,
)
def test_dumps_are_read(
    filled: tuple[Server, lgs.Ledger], options: tuple[str, ...], threads: int, tmp_path: Path
) -> None:
    server, wanted = filled
    path = tmp_path / "retail.sql"
    path.write_text(server.dump(*options), newline="")
    book = quiet_ledger(lgs.read_lines(path, threads=threads))
    assert book.reading.lines == 500
    assert book == wanted
    assert set(book.reading.ignored_columns) == set()


def test_one_of_two_tables(filled: tuple[Server, lgs.Ledger], tmp_path: Path) -> None:
    server, wanted = filled
    server.sql("CREATE TABLE retail_copy AS SELECT * FROM retail LIMIT 10")
    for option in ((), ("--inserts",)):
        path = tmp_path / "two.sql"
        path.write_text(server.dump(*option), newline="")
        with pytest.raises(
            ValueError, match=r"public\.retail and public\.retail_copy of the dump both have our columns"
        ):
            lgs.Ledger.from_csv(path)
        assert quiet_ledger(lgs.read_lines(path, table="public.retail")) == wanted
        assert quiet_ledger(lgs.read_lines(path, table="retail_copy")).reading.lines == 10
        with pytest.raises(ValueError, match="the dump has no table"):
            lgs.Ledger.from_csv(path, table="orders")
    server.sql("DROP TABLE retail_copy")


def test_cut_dump(filled: tuple[Server, lgs.Ledger], tmp_path: Path) -> None:
    server, _ = filled
    text = server.dump()
    path = tmp_path / "cut.sql"
    path.write_text(text[: text.rindex("\\.\n")], newline="")
    with pytest.raises(ValueError, match="cut short"):
        lgs.Ledger.from_csv(path)
