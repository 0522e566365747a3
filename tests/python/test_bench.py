"""The benchmark runs, and notices a wrong answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

FOLDER = Path(__file__).parents[1] / "bench"
MODULES = ("answers", "cases", "datasets", "definitions", "machine", "output", "race")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark's modules, which other tests do not see."""
    monkeypatch.syspath_prepend(FOLDER)
    loaded: dict[str, ModuleType] = {}
    for name in MODULES:
        __import__(name)
        loaded[name] = sys.modules[name]
    yield SimpleNamespace(**loaded)
    for name in MODULES:
        del sys.modules[name]


def test_a_small_run(tmp_path: Path) -> None:
    names = ["all", "whole-arrow", "csv-quoted", "update", "save"]
    figures, picture = tmp_path / "figures.json", tmp_path / "ratios.svg"
    command = [sys.executable, FOLDER / "run.py", "--customers", "20", "--rounds", "1", "--cache", tmp_path / "cache"]
    done = subprocess.run(
        [*command, "--json", figures, "--plot", picture, "--only", *names],
        env={name: value for name, value in os.environ.items() if name != "LGS_RFM_DATA"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(figures.read_text(encoding="utf-8"))
    assert list(results["cases"]) == names
    assert results["read_bandwidth"] > 0
    for name, case in results["cases"].items():
        for label, runner in case["runners"].items():
            # A library may not be installed here; whatever is, must run.
            assert runner.get("seconds", 0) > 0 or "missing" in runner, (name, label, runner)
    assert {"lgs_rfm", "polars", "duckdb", "pyarrow"} <= results["versions"].keys()
    assert "lgs_rfm" in done.stdout
    assert picture.stat().st_size > 1000
    assert not list(tmp_path.rglob("*.part"))


def customers(**changes: list[Any]) -> pa.Table:
    columns = {"customer_id": [1, 2, 3], "monetary": [10.0, 10.0, 30.0], "m_score": [1, 1, 2]}
    return pa.table({**columns, **changes})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"customer_id": [1, 2, 4]}, "customer_id"),
        ({"monetary": [10.0, 10.0, 30.001]}, "monetary"),
        ({"monetary": [10.0, 10.0, float("nan")]}, "monetary"),
        ({"m_score": [1, 3, 2]}, None),
        ({"m_score": [1, 1, 1]}, None),
        ({"monetary": [10.0, 10.0, 30.0 * (1 + 1e-12)]}, None),
    ],
)
def test_answers_are_compared(bench: Any, changes: dict[str, list[Any]], named: str | None) -> None:
    if named is None:  # amounts as rounding leaves them; and 10 and 30 are at the cut between the scores
        bench.answers.check_same("peer", "scores", customers(**changes), customers())
    else:
        with pytest.raises(AssertionError, match=f"peer: scores differs in {named}"):
            bench.answers.check_same("peer", "scores", customers(**changes), customers())


def test_scores_away_from_a_cut_are_compared(bench: Any) -> None:
    expected = {"customer_id": [1, 2, 3], "monetary": [10.0, 20.0, 30.0], "m_score": [1, 1, 1]}
    got = pa.table({**expected, "m_score": [1, 2, 1]})
    with pytest.raises(AssertionError, match="m_score"):
        bench.answers.check_same("peer", "scores", got, pa.table(expected))
    with pytest.raises(AssertionError, match="has 2 rows, not 3"):
        bench.answers.check_same("peer", "scores", got.slice(0, 2), pa.table(expected))


CONTESTANTS = """
import pandas as pd
from by_pandas import Contestant as Right


class Contestant(Right):
    def rfm(self):
        found = super().rfm()
        return found.assign(frequency=found["frequency"] + 1)

    def invoices(self):
        raise RuntimeError("out of order")
"""


def test_a_wrong_answer_is_no_time(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "by_other.py").write_text(CONTESTANTS, encoding="utf-8")
    (tmp_path / "by_absent.py").write_text("import a_library_that_nobody_has", encoding="utf-8")
    source = bench.datasets.Source(None, 20, 1)
    setup = bench.definitions.Setup(1, lines=bench.datasets.parquet(source, tmp_path))
    runner, env = bench.race.Runner, (("PYTHONPATH", str(tmp_path)),)
    case = bench.race.Case(
        "rfm",
        "customers",
        (
            runner("lgs_rfm", "lgs", "rfm", setup, kinds=("rfm",)),
            runner("wrong", "other", "rfm", setup, kinds=("rfm",), env=env),
            runner("broken", "other", "invoices", setup, kinds=("invoices",), env=env),
            runner("absent", "absent", "rfm", setup, kinds=("rfm",), env=env),
        ),
    )
    runners = bench.race.run(case, 1)["runners"]
    assert runners["lgs_rfm"]["seconds"] > 0
    assert runners["wrong"] == {"wrong": "wrong beside lgs_rfm: rfm differs in frequency"}
    assert runners["broken"] == {"failed": "RuntimeError: out of order"}
    assert runners["absent"] == {"missing": "ModuleNotFoundError: No module named 'a_library_that_nobody_has'"}
    wrong = bench.output.troubles({"rfm": {"runners": runners}})
    assert wrong == [
        "rfm, wrong: wrong beside lgs_rfm: rfm differs in frequency",
        "rfm, broken: RuntimeError: out of order",
    ]
