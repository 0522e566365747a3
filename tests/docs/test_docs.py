"""The Markdown pages: links lead somewhere, code samples run and print what stands there, the map matches the tree."""

from __future__ import annotations

import doctest
import functools
import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BUILT = {"build", "dist", "__pycache__"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line its text starts on (from 1)."""

    language: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)
        for found in re.finditer(r"^```(\w*)[^\n]*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    ]


@functools.cache
def prose_of(page: Path) -> str:
    """The page without its fenced blocks, whose `#` and `[...](...)` mean something else."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@functools.cache
def anchors_of(page: Path) -> set[str]:
    """The anchors that the usual Markdown sites make of a page's headings."""
    anchors: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", prose_of(page), flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        repeats = sum(1 for anchor in anchors if re.fullmatch(re.escape(slug) + r"(-\d+)?", anchor))
        anchors.add(slug if repeats == 0 else f"{slug}-{repeats}")
    return anchors


def links_of(page: Path) -> Iterator[str]:
    """Targets of links and pictures that stay inside the project."""
    inline = re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)", prose_of(page))
    named = re.findall(r"^\[[^\]]+\]: +(\S+)", prose_of(page), flags=re.MULTILINE)
    in_html = re.findall(r"(?:src|href)=\"([^\"]+)\"", prose_of(page))
    for target in [*inline, *named, *in_html]:
        if not re.match(r"[a-z][a-z0-9+.-]*:", target):
            yield target


def test_there_are_pages() -> None:
    names = {page.name for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= names
    assert any(page.parent.name == "docs" for page in PAGES)


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for target in links_of(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or not file.is_relative_to(ROOT) or (anchor and anchor not in anchors_of(file)):
            wrong.append(target)
    assert wrong == []


@each_page
def test_python_samples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, in one namespace a page: with prompts as a doctest, without as a program."""
    samples = [block for block in blocks_of(page) if block.language == "python"]
    if not samples:
        return
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {"__name__": "__main__"}
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for block in samples:
        if ">>> " not in block.text:
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), space)
            continue
        test = doctest.DocTestParser().get_doctest(block.text, space, page.name, str(page), block.line - 1)
        report: list[str] = []
        outcome = doctest.DocTestRunner(optionflags=flags).run(test, out=report.append, clear_globs=False)
        assert outcome.failed == 0, "".join(report)
        space.update(test.globs)


@each_page
def test_cpp_samples_run(page: Path, tmp_path: Path) -> None:
    """Every C++ sample with a main() compiles against the headers alone; a `text` block after it is what it prints."""
    blocks = blocks_of(page)
    programs = [i for i, block in enumerate(blocks) if block.language == "cpp" and "int main(" in block.text]
    if not programs:
        return
    compiler = os.environ.get("CXX") or shutil.which("c++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    for i in programs:
        source, program = tmp_path / f"sample{i}.cpp", tmp_path / f"sample{i}"
        source.write_text(blocks[i].text, encoding="utf-8")
        subprocess.run([compiler, "-std=c++20", "-pthread", f"-I{ROOT / 'include'}", source, "-o", program], check=True)
        printed = subprocess.run([program], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
        if i + 1 < len(blocks) and blocks[i + 1].language == "text":
            assert printed == blocks[i + 1].text


def test_readme_has_samples_with_output() -> None:
    blocks = blocks_of(ROOT / "README.md")
    assert any(block.language == "python" and ">>> " in block.text for block in blocks)
    assert any(
        first.language == "cpp" and "int main(" in first.text and then.language == "text"
        for first, then in itertools.pairwise(blocks)
    )


def folders() -> Iterator[str]:
    """The folders that the map must name: two levels, and the stages below include/lgs_rfm."""
    for folder, below, files in os.walk(ROOT):
        below[:] = sorted(name for name in below if name not in BUILT and not name.startswith("."))
        path = Path(folder).relative_to(ROOT)
        if files and path.parts and (len(path.parts) <= 2 or path.parent == Path("include/lgs_rfm")):
            yield path.as_posix() + "/"


def test_map_names_every_folder() -> None:
    """By its whole path, or by its last name on a line that names the folder above it."""
    lines = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()

    def named(folder: str) -> bool:
        above, _, last = folder.rstrip("/").rpartition("/")
        return any(folder in line or (f"`{above}/`" in line and f"`{last}/`" in line) for line in lines)

    assert [folder for folder in folders() if not named(folder)] == []


def test_map_names_only_what_exists() -> None:
    """Every path in backticks that starts at the top of the tree; `*` and `{a,b}` as in a shell, `<name>` as `*`."""
    text = prose_of(ROOT / "CONTRIBUTING.md")
    tops = {path.name for path in ROOT.iterdir()} - BUILT
    paths = [path for path in re.findall(r"`([^`\s]+)`", text) if "/" in path and path.split("/")[0] in tops]
    assert paths
    assert [path for path in paths if not all(any(ROOT.glob(each)) for each in expanded(path))] == []


def expanded(path: str) -> list[str]:
    """The glob patterns of a path with `{a,b}` and `<name>`."""
    path = re.sub(r"<[^>]*>", "*", path).rstrip("/")
    choice = re.search(r"\{([^}]*)\}", path)
    if choice is None:
        return [path]
    return [pattern for each in choice[1].split(",") for pattern in expanded(path.replace(choice[0], each, 1))]


def test_commands_are_the_same_everywhere() -> None:
    table = subprocess.run([ROOT / "dev"], check=True, capture_output=True, text=True).stdout
    commands = set(re.findall(r"^  (\w+) ", table, flags=re.MULTILINE))
    assert {"demo", "test", "report", "bench", "lint", "docs", "clean"} == commands
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [command for command in sorted(commands) if f"./dev {command}" not in contributing] == []
    for page in PAGES:
        used = set(re.findall(r"\./dev (\w+)", page.read_text(encoding="utf-8")))
        assert used <= commands, page.name
