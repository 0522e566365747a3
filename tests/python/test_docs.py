"""The pages against the code: names, options, layouts and maps that a change of code would make untrue.

That links hold and samples run is tested in tests/docs.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import lgs_rfm as lgs
import numpy as np
import pytest
from lgs_rfm import cli

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples/python").glob("*.py"))


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def book() -> lgs.Ledger:
    return lgs.Ledger.from_lines(lgs.demo_lines(customers=50, seed=1, frame="numpy"))


def test_readme_shows_the_cpp_example() -> None:
    sample = re.search(r"^```cpp\n(.*?)^```$", page("README.md"), flags=re.MULTILINE | re.DOTALL)
    assert sample is not None
    assert sample[1] in page("examples/cpp/quickstart.cpp")


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_python_examples_run(script: Path, tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) > 1
    assert list(tmp_path.iterdir()) == []


def test_there_are_python_examples() -> None:
    assert len(EXAMPLES) >= 2


def test_definitions_name_every_column(book: lgs.Ledger) -> None:
    text = page("docs/definitions.md")
    segments = lgs.rfm(book)
    tables = [book.invoices(), book.amount_summary(), book.monthly(), book.customers()]
    tables += [book.periods(), book.cohorts(average=False), book.cohorts(form="long"), book.returning(days=(30,))]
    tables += [book.repeat_rate(), book.days_between(), book.days_between(per_customer=True), book.second_purchase()]
    columns = {name for table in tables for name in table} - {"customer_id", "lines", "quantile"}
    columns -= {f"month_{k}" for k in range(2, 1000)}
    assert [name for name in sorted(columns) if f"`{name}`" not in text] == []
    groups = lgs.campaign(segments, "Champions", name="n")
    effects = [lgs.detectable_effect(groups), lgs.uplift(groups, book, start="2011-06-01"), lgs.concentration(book)]
    assert [name for table in effects for name in table if f"`{name}`" not in text] == []
    assert [name for table in effects for name in table["measure"] if f"`{name}`" not in text] == []
    assert [name for name in lgs.segment_summary(segments) if name.partition("_")[0] not in text] == []
    assert [str(name) for name in book.quality()["name"] if f"`{name}`" not in text] == []
    assert [name for name in lgs.SegmentRules.standard().names if name not in text] == []


def test_definitions_have_the_standard_rules() -> None:
    def score_range(text: str) -> tuple[int, int]:
        low, _, high = text.partition("-")
        return int(low), int(high or low)

    row = r"(\d(?:-\d)?) \| (\d(?:-\d)?) \| ([A-Z][A-Za-z' ]+?) \|"
    told = {
        name: {"r": score_range(r), "f": score_range(f)} for r, f, name in re.findall(row, page("docs/definitions.md"))
    }
    assert told == dict(lgs.SegmentRules.standard().rules)


def test_formats_name_every_column() -> None:
    text = page("docs/formats.md")
    assert [name for name in lgs._core.LINE_COLUMNS if f"| `{name}` |" not in text] == []


def test_formats_tell_the_layout_of_a_saved_ledger(book: lgs.Ledger, tmp_path: Path) -> None:
    """Reads a file by the page's words alone."""
    path = tmp_path / "book.lgs"
    book.save(path)
    data = path.read_bytes()
    assert data[:8] == b"LGSRFM\r\n"
    assert struct.unpack_from("<I", data, 8) == (1,)
    sections: dict[str, bytes] = {}
    at = 12
    while at < len(data):
        size, _ = struct.unpack_from("<QQ", data, at + 4)
        sections[data[at : at + 4].decode()] = data[at + 20 : at + 20 + size]
        at += 20 + size
    assert at == len(data)
    layout = page("docs/formats.md").partition("## Saved ledgers")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([A-Z]{4})` \|", layout, flags=re.MULTILINE)
    assert list(sections) == told
    assert sections["CONF"] == b"A\x02C\x01"
    assert struct.unpack_from("<Q", sections["SUMS"]) == (len(book),)
    rests = 8 + 32 * len(book)
    count = struct.unpack_from("<Q", sections["SUMS"], rests)[0]
    assert len(sections["SUMS"]) == rests + 8 + 40 * count
    assert len(sections["KEYS"]) == 3 * 8 + (4 + 4 + 8) * len(book)
    integers = np.frombuffer(sections["INVO"], "<i8", struct.unpack_from("<Q", sections["INVO"])[0], 8)
    numbers = book.invoices()["invoice"].tolist()
    assert [str(number) for number in integers] == [number for number in numbers if str(number).isdecimal()]
    sums = [struct.unpack_from("<qqqII", sections["SUMS"], 8 + 32 * i) for i in range(len(book))]
    more = [struct.unpack_from("<QIIIIqq", sections["SUMS"], rests + 8 + 40 * i) for i in range(count)]
    lines = sum(each[3] for each in sums)
    net = sum(each[2] for each in sums) + sum(each[6] << 64 for each in more)
    assert [each[0] for each in more] == sorted({each[0] for each in more})
    quality = dict(zip(book.quality()["name"].tolist(), book.quality()["lines"].tolist(), strict=True))
    for at, name in enumerate(("zero_price", "negative_price", "odd_quantity", "zero_quantity"), start=1):
        assert sum(each[at] for each in more) == quality[name]
    assert lines == book.invoices()["lines"].sum()
    assert net / 1_000_000 == book.quality()["amount"][0]


def test_command_line_page_has_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    text = page("docs/command-line.md")
    for command in ("report", "rfm", "monthly", "quality", "demo"):
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
        assert [option for option in sorted(options) if option not in text] == [], command
        assert f"lgs-rfm {command}" in text


def tracked() -> list[str]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("the map is compared with what git tracks, and this is no git checkout")
    # What is not tracked yet but will be counts too, so that the map is right before a commit.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.splitlines() if (ROOT / path).exists()]


def test_map_matches_what_is_tracked() -> None:
    """Every top-level file and every folder of the top two levels stands in the map, and nothing that is not there."""
    text = page("CONTRIBUTING.md")
    paths = [Path(path) for path in tracked()]
    files = {path.name for path in paths if len(path.parts) == 1}
    folders = {"/".join(path.parts[: min(2, len(path.parts) - 1)]) + "/" for path in paths if len(path.parts) > 1}
    assert [name for name in sorted(files) if f"`{name}`" not in text] == []
    # A folder that holds folders alone, such as `bindings/`, is named by these.
    assert [folder for folder in sorted(folders) if f"`{folder}" not in text] == []
    rows = re.findall(r"^\| (`[^|]*`) \|", text[text.index("## Map") :], flags=re.MULTILINE)
    told = [folder for row in rows for folder in re.findall(r"`([^`]+)`", row)]
    assert len(told) > 10
    assert [folder for folder in told if not any(str(path).startswith(folder) for path in paths)] == []


def test_pages_name_no_machine_and_no_registry() -> None:
    shown = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("examples/*/*")]
    private = re.compile(r"(?<![\w.])/(?:work|tmp|home|root)/|pypi\.org|files\.pythonhosted|index-url", re.IGNORECASE)
    assert [path.name for path in shown if path.is_file() and private.search(path.read_text(encoding="utf-8"))] == []
