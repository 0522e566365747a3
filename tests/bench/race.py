"""Contestants of a case: each in a process of its own, answers compared first, then timed in turns."""

from __future__ import annotations

import os
import pickle
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import answers
from definitions import Setup


@dataclass(frozen=True)
class Runner:
    """One line of a case's table.

    `kinds`: the answers that are compared with those of other runners of the case. `env`: more environment variables.
    """

    label: str
    library: str
    query: str
    setup: Setup
    arguments: dict[str, Any] = field(default_factory=dict, hash=False)
    kinds: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()

    @property
    def ours(self) -> bool:
        return self.label.startswith("lgs_rfm")


@dataclass(frozen=True)
class Case:
    """A table. `lines` and `bytes`: what a runner reads, for ns a line and for the share of the bandwidth; 0: none."""

    name: str
    title: str
    runners: tuple[Runner, ...]
    lines: int = 0
    bytes: int = 0


class _RefusedError(Exception):
    """The worker did not do it; `kind` is "missing" (a library), "wrong" (an answer) or "failed"."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class _Process:
    """A running worker."""

    def __init__(self, runner: Runner) -> None:
        threads = str(runner.setup.threads)
        names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS", "OPENBLAS_NUM_THREADS")
        env = {**os.environ, **dict.fromkeys(names, threads), **dict(runner.env)}
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "worker.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
        )
        self._contestant = (f"by_{runner.library}", runner.setup)

    def load(self) -> None:
        """Let the worker load its library and its data."""
        self._send(self._contestant)

    def _send(self, request: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(request, self._process.stdin, protocol=5)
            self._process.stdin.flush()
            kind, reply = pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError):
            self._process.wait()
            raise _RefusedError("failed", f"the process ended with code {self._process.returncode}") from None
        if kind != "done":
            raise _RefusedError(kind, reply)
        return reply

    def ask(self, name: str, *arguments: Any) -> Any:
        return self._send((name, *arguments))

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _key(runner: Runner) -> tuple[Any, ...]:
    """Runners that can share one process have the same key."""
    return runner.library, runner.setup, runner.env


class _Field:
    """The runners of a case that are still in it, with their processes and figures."""

    def __init__(self, case: Case) -> None:
        self._expected: dict[str, tuple[str, Any]] = {}
        self.figures: dict[str, dict[str, Any]] = {runner.label: {} for runner in case.runners}
        self.versions: dict[str, str] = {}
        self.times: dict[str, list[float]] = {}

    def fail(self, runner: Runner, refused: _RefusedError) -> None:
        self.times.pop(runner.label, None)
        self.figures[runner.label] = {refused.kind: str(refused)}

    @contextmanager
    def admitted(self, runners: tuple[Runner, ...]) -> Iterator[dict[Runner, _Process]]:
        """Start the processes, compare answers; give those that may race. All processes end with the block."""
        with ExitStack() as stack:
            processes: dict[tuple[Any, ...], _Process] = {}
            ready = {}
            for runner in runners:
                try:
                    if _key(runner) not in processes:
                        process = _Process(runner)
                        stack.callback(process.close)
                        process.load()
                        processes[_key(runner)] = process
                    self._compare(runner, processes[_key(runner)])
                except _RefusedError as refused:
                    self.fail(runner, refused)
                else:
                    ready[runner] = processes[_key(runner)]
                    self.times[runner.label] = []
            yield ready

    def _compare(self, runner: Runner, process: _Process) -> None:
        self.versions.update(process.ask("versions"))
        for kind, table in process.ask("answer", runner.query, runner.arguments, runner.kinds).items():
            who, expected = self._expected.setdefault(kind, (runner.label, table))
            try:
                answers.check_same(f"{runner.label} beside {who}", kind, table, expected)
            except AssertionError as error:
                raise _RefusedError("wrong", str(error)) from None

    def race(self, ready: dict[Runner, _Process], rounds: int) -> None:
        """Time in turns, so that a slow moment of the machine meets all; each round starts with another one."""
        order = list(ready)
        for turn in range(rounds):
            first = turn % max(len(order), 1)
            for runner in order[first:] + order[:first]:
                if runner.label in self.times:
                    try:
                        seconds = ready[runner].ask("time", runner.query, runner.arguments)
                        self.times[runner.label].append(seconds)
                    except _RefusedError as refused:
                        self.fail(runner, refused)
        for runner, process in ready.items():
            if runner.label in self.times:
                self.figures[runner.label].update(process.ask("memory"))
                self.figures[runner.label].update(process.ask("work"))


def run(case: Case, rounds: int, *, together: bool = True) -> dict[str, Any]:
    """Return the figures of a case by runner, and the versions of what took part.

    A runner has `seconds` (the median), `best`, `held_mb` and `peak_mb`; or else `missing`, `wrong` or `failed` with a
    text. Not `together`: one process after the other, for data that do not fit into memory several times.
    """
    field_ = _Field(case)
    groups = [case.runners] if together else [(runner,) for runner in case.runners]
    for group in groups:
        with field_.admitted(group) as ready:
            field_.race(ready, rounds)
    for label, times in field_.times.items():
        field_.figures[label].update(seconds=statistics.median(times), best=min(times))
    facts = {"title": case.title, "lines": case.lines, "bytes": case.bytes, "runners": field_.figures}
    return {**facts, "versions": field_.versions}
