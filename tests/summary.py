"""One table for all steps of `./dev test`, and the exit code: summary.py FOLDER STEP...

A step left FOLDER/STEP.code ("exit code, seconds") and either FOLDER/STEP.xml (JUnit, from pytest or ctest) or
FOLDER/STEP.log, where pre-commit's hooks are counted; a step with neither counts as one check.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple


class Counts(NamedTuple):
    """Checks of one step."""

    passed: int
    failed: int
    skipped: int


def from_junit(path: Path) -> Counts:
    """Counts of a JUnit file; ctest writes `disabled` where pytest writes `skipped`."""
    total = failed = skipped = 0
    for suite in ET.parse(path).getroot().iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0)) + int(suite.get("disabled", 0))
    return Counts(total - failed - skipped, failed, skipped)


def from_hooks(text: str) -> Counts:
    """Counts of pre-commit's lines `name.....Passed`."""
    endings = re.findall(r"\.{3,}.*?(Passed|Failed|Skipped)$", text, flags=re.MULTILINE)
    return Counts(endings.count("Passed"), endings.count("Failed"), endings.count("Skipped"))


def count(folder: Path, step: str, code: int) -> Counts:
    """What a step did. A step that failed, or ran nothing, has at least one failure."""
    junit = folder / f"{step}.xml"
    if junit.is_file():
        counts = from_junit(junit)
    else:
        counts = from_hooks((folder / f"{step}.log").read_text(encoding="utf-8", errors="replace"))
        if counts.passed + counts.failed == 0 and code == 0:
            counts = Counts(1, 0, 0)
    if counts.failed == 0 and (code != 0 or counts.passed == 0):
        counts = counts._replace(failed=1)
    return counts


def main(folder: Path, steps: list[str]) -> int:
    """Print a line per step and the totals; 1 if anything failed."""
    passed = failed = 0
    print()
    for step in steps:
        code, seconds = map(int, (folder / f"{step}.code").read_text().split())
        counts = count(folder, step, code)
        passed += counts.passed
        failed += counts.failed
        skipped = f", {counts.skipped} skipped" if counts.skipped else ""
        print(f"{step:<12} {counts.passed:>5} passed, {counts.failed} failed{skipped} ({seconds} s)")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
