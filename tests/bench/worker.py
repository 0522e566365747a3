"""One library in a process of its own, which holds its data in its own best form and runs one query when it is asked.

Requests come pickled on standard input, replies go pickled to standard output; what libraries print goes to standard
error. The process is pinned to as many processors as there are threads before any library is loaded.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any


def _megabytes(name: str) -> float:
    """Return VmRSS or VmHWM (the peak) of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB", status, flags=re.MULTILINE)
    return int(found.group(1)) / 1024 if found else float("nan")


def _forget_peak() -> None:
    """Let the peak start from the present size; the kernel may forbid it, then it counts the loading too."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


_LONG = 0.5  # seconds
_TURN = 0.1
_TEXT = 200  # characters of an error that are shown


class Worker:
    """Answers requests about one contestant: an instance of the class Contestant of a module."""

    def __init__(self, module: str, setup: Any) -> None:
        self._contestant = importlib.import_module(module).Contestant(setup)
        self._held = float("nan")

    def versions(self) -> dict[str, str]:
        """Return the versions of what is loaded."""
        return dict(self._contestant.versions())

    def answer(self, query: str, arguments: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
        """Run a query untimed and return its answers by kind."""
        result = self._call(query, arguments)[1]
        return {kind: self._contestant.answer(kind, result) for kind in kinds}

    def time(self, query: str, arguments: dict[str, Any]) -> float:
        """Run a query and return its seconds, the result's disposal not included.

        A process that slept while others ran is slow for its first milliseconds, whatever it does. So one call goes
        before, and the median of those in the next tenth of a second counts; a call that itself takes long counts as
        it is.
        """
        if self._held != self._held:
            gc.collect()
            _forget_peak()
            self._held = _megabytes("VmRSS")
        first = self._call(query, arguments)[0]
        if first > _LONG:
            return first
        times = [self._call(query, arguments)[0]]
        while sum(times) < _TURN:
            times.append(self._call(query, arguments)[0])
        return statistics.median(times)

    def _call(self, query: str, arguments: dict[str, Any]) -> tuple[float, Any]:
        # What a query uses up is made before the clock starts.
        before: Callable[..., Any] | None = getattr(self._contestant, f"before_{query}", None)
        run = getattr(self._contestant, query)
        if before is not None:
            arguments = {"ready": before(**arguments)}
        start = time.perf_counter()
        result = run(**arguments)
        return time.perf_counter() - start, result

    def close(self) -> None:
        """Let the contestant remove its files."""
        getattr(self._contestant, "close", lambda: None)()

    def memory(self) -> dict[str, float]:
        """Return MB held before the first timed call, and the peak since."""
        return {"held_mb": self._held, "peak_mb": _megabytes("VmHWM")}

    def work(self) -> dict[str, int]:
        """Return what the contestant alone knows about the size of its work."""
        return dict(getattr(self._contestant, "work", {}))


def _attempt(action: Callable[[], Any]) -> tuple[str, Any]:
    """Return "done" and what the action gives; a library's failure is a result too, shown in place of a time."""
    try:
        return "done", action()
    except Exception as error:
        kinds = {ModuleNotFoundError: "missing", ImportError: "missing", AssertionError: "wrong"}
        text = str(error).strip() or "no message"
        return kinds.get(type(error), "failed"), f"{type(error).__name__}: {text.splitlines()[0][:_TEXT]}"


def main() -> int:
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def reply(kind: str, value: Any) -> None:
        pickle.dump((kind, value), replies, protocol=5)
        replies.flush()

    requests = sys.stdin.buffer
    warnings.simplefilter("ignore")
    module, setup = pickle.load(requests)
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, processors[: setup.threads])
    kind, worker = _attempt(lambda: Worker(module, setup))
    if kind != "done":
        reply(kind, worker)
        return 1
    reply("done", None)
    while True:
        try:
            name, *arguments = pickle.load(requests)
        except EOFError:
            worker.close()
            return 0
        reply(*_attempt(partial(getattr(worker, name), *arguments)))


if __name__ == "__main__":
    sys.exit(main())
