"""The report's folder: written aside and moved into place, an earlier report's leftovers removed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pathlib import Path

MARK = "lgs_rfm"  # report.json's "generator" starts with it
_OURS = re.compile(r"(segments|tables)/[^/\\]+\.csv|cuts\.json|rules\.json")

Writer = Callable[[TextIO], None]


def slugs(names: Iterable[str], nameless: str = "segment") -> list[str]:
    """Return a file name stem per name: lower case, words joined by "_", each different.

    >>> slugs(["Champions", "Can't Lose", "can t lose", "***"])
    ['champions', 'cant_lose', 'can_t_lose', 'segment']
    >>> slugs(["A B", "a-b"])
    ['a_b', 'a_b_2']
    """
    stems: list[str] = []
    for name in names:
        stem = re.sub(r"\W+", "_", name.lower().replace("'", "").replace("\u2019", "")).strip("_")[:80] or nameless
        unique, count = stem, 1
        while unique in stems:
            count += 1
            unique = f"{stem}_{count}"
        stems.append(unique)
    return stems


def earlier_files(folder: Path) -> list[str]:
    """Return the data files that an earlier report in `folder` listed as its own.

    Raises
    ------
    NotADirectoryError
        `folder` is a file.
    FileExistsError
        `folder` holds an index.html or a report.json that no report of ours wrote.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file: give a folder for the report")
    listing = folder / "report.json"
    if not listing.exists():
        if (folder / "index.html").exists():
            raise FileExistsError(f"{folder} holds an index.html of another origin: give another folder for the report")
        return []
    try:
        found = json.loads(listing.read_text(encoding="utf-8"))
        ours = str(found["generator"]).startswith(MARK)
        files = [str(name) for name in found["files"]]
    except (ValueError, KeyError, TypeError):
        ours, files = False, []
    if not ours:
        raise FileExistsError(f"{folder} holds a report.json of another origin: give another folder for the report")
    from pathlib import PurePosixPath

    # The list is read back from a file that anyone may have changed: only names that we would write are removed.
    return [name for name in files if _OURS.fullmatch(name) and ".." not in PurePosixPath(name).parts]


def write_folder(folder: Path, files: Mapping[str, Writer], *, last: tuple[str, ...]) -> None:
    """Write `files` (by path relative to `folder`), then move each into place; those in `last` at the end.

    A failure while writing leaves an earlier report as it was, and no new folder.
    """
    stale = [name for name in earlier_files(folder) if name not in files]
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    import shutil
    import tempfile
    from pathlib import Path

    aside = Path(tempfile.mkdtemp(prefix=".lgs_rfm-", dir=folder))
    try:
        for name, write in files.items():
            target = aside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("w", encoding="utf-8", newline="") as file:
                write(file)
        for name in files:
            if name not in last:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(aside / name, folder / name)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        for name in last:
            os.replace(aside / name, folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
