"""Whole processes: from the shell's word to the last byte of output."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from contestant import Base
from definitions import Setup

_PROGRAMS = Path(__file__).parent / "programs"


def _command(program: str) -> list[str]:
    if program != "lgs-rfm":
        return [sys.executable, str(_PROGRAMS / program)]
    script = Path(sys.executable).with_name("lgs-rfm")
    return [str(script)] if script.exists() else [sys.executable, "-m", "lgs_rfm.cli"]


class Contestant(Base):
    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.work: dict[str, Any] = {"held_mb": None}

    def _run(self, command: list[str]) -> bytes:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
            process = subprocess.Popen(command, stdout=output, stderr=messages)
            _, status, used = os.wait4(process.pid, 0)  # in place of wait(): tells the peak of this one process
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                messages.seek(0)
                last = messages.read().decode(errors="replace").strip().splitlines()[-1:]
                raise RuntimeError(f"code {process.returncode}: {' '.join(last)}")
            # At least what this process held when it started the other.
            self.work["peak_mb"] = used.ru_maxrss / 1024
            output.seek(0)
            return output.read()

    def rfm(self, program: str, path: Path) -> bytes:
        options = ["rfm", str(path), "--as-of", "2012-01-01"] if program == "lgs-rfm" else [str(path)]
        return self._run([*_command(program), *options])

    def python(self, code: str) -> bytes:
        return self._run([sys.executable, "-c", code])

    def answer(self, kind: str, result: Any) -> Any:
        if kind == "light":
            found = self.python("import lgs_rfm, sys; print([m for m in ('pandas', 'pyarrow') if m in sys.modules])")
            if found.strip() != b"[]":
                raise AssertionError(f"import lgs_rfm brings {found.decode().strip()}")
            return pa.table({"same": [True]})
        return super().answer(kind, pacsv.read_csv(io.BytesIO(result)))
