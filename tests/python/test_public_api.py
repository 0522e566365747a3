"""The promised names, the stubs, the version, the examples of docstrings and README."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import lgs_rfm as lgs
import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(m.name for m in pkgutil.walk_packages(lgs.__path__, "lgs_rfm.") if not m.name.endswith("__main__"))

FUNCTIONS = {
    "read_lines": ["columns", "copies"],
    "merge": [],
    "rfm": ["as_of", "basis", "window", "scorer", "rules"],
    "report": ["as_of"],
    "segment_summary": [],
    "migration": ["each", "frame"],
    "explain": ["scorer", "rules", "as_of", "frame"],
    "demo_lines": ["customers", "seed"],
    "campaign": ["name", "as_of", "holdout", "seed", "suppress", "top", "attributes", "lines", "path", "frame"],
    "concentration": ["by", "value", "top", "reach", "frame"],
    "detectable_effect": ["contact", "holdout", "base_rate", "spread", "power", "frame"],
    "uplift": ["start", "days", "frame"],
    "totals": ["labels", "prefixes"],
    "products": ["top", "services", "frame", "money"],
    "countries": ["every", "frame", "money"],
    "segment_products": ["label", "min_customers", "top", "services", "frame"],
    "bought_together": ["min_invoices", "services", "frame"],
    "features": ["as_of", "frame", "money"],
    "suggestions": ["as_of", "min_invoices", "frame"],
}
CLASSES = {
    "Lines": [],
    "Ledger": [
        *("from_lines", "from_csv", "from_parquet", "add", "replace", "between", "save", "load"),
        *("invoices", "amount_summary", "monthly", "customers", "quality", "reading"),
        *("periods", "cohorts", "returning", "repeat_rate", "days_between", "second_purchase"),
        *("snapshots", "snapshot_scorer"),
    ],
    "Scorer": [
        *("fit", "transform", "fit_transform", "assign", "save", "load", "to_json", "from_json"),
        *("get_params", "get_feature_names_out"),
    ],
    "SegmentRules": ["standard", "check", "assign", "save", "load", "to_json", "from_json"],
    "Totals": [
        *("add", "merge", "fold", "save", "load", "table", "by", "columns"),
        *("to_pandas", "to_polars", "to_arrow", "__arrow_c_stream__", "__len__", "__getitem__", "_repr_html_"),
    ],
    "Table": ["to_pandas", "to_polars", "to_arrow", "__arrow_c_stream__", "__len__", "__getitem__", "_repr_html_"],
}
METHODS = {
    "invoices": ["customer", "frame", "money"],
    "amount_summary": ["quantiles", "frame", "money"],
    "monthly": ["frame", "money"],
    "customers": ["as_of", "basis", "window", "frame", "money"],
    "quality": ["frame", "money"],
    "snapshots": ["every", "window", "scorer", "rules", "refit", "basis", "since", "until", "frame", "money"],
    "replace": ["since", "until"],
    "periods": ["every", "frame", "money"],
    "cohorts": ["measure", "form", "show", "average", "until", "frame", "money"],
    "returning": ["days", "until", "frame", "money"],
    "repeat_rate": ["count", "frame"],
    "days_between": ["per_customer", "quantiles", "frame"],
    "second_purchase": ["count", "until", "frame"],
}


def keyword_only(function: object) -> list[str]:
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    assert name in lgs.__all__
    assert set(FUNCTIONS[name]) <= set(keyword_only(getattr(lgs, name)))


@pytest.mark.parametrize("name", CLASSES)
def test_classes(name: str) -> None:
    assert name in lgs.__all__
    for member in CLASSES[name]:
        assert hasattr(lgs.Ledger() if name == "Ledger" else getattr(lgs, name), member), member


@pytest.mark.parametrize("name", METHODS)
def test_options_of_the_ledger(name: str) -> None:
    assert set(METHODS[name]) <= set(keyword_only(getattr(lgs.Ledger, name)))


def test_exceptions_and_plots() -> None:
    assert issubclass(lgs.LinesError, ValueError)
    assert issubclass(lgs.ColumnError, KeyError)
    assert issubclass(lgs.NotFittedError, ValueError)
    assert issubclass(lgs.QualityWarning, Warning)
    for name in ("monthly", "amounts", "users", "segments", "rfm_grid", "pareto", "cohorts"):
        assert "ax" in inspect.signature(getattr(lgs.plot, name)).parameters


def test_all_is_all() -> None:
    assert sorted(lgs.__all__) == sorted(set(lgs.__all__))
    for name in lgs.__all__:
        assert getattr(lgs, name) is not None
        assert name in dir(lgs)


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_everything_is_documented(name: str) -> None:
    thing = getattr(lgs, name)
    assert len(inspect.getdoc(thing) or "") > 40, name
    for member in CLASSES.get(name, []):
        if not member.startswith("_") and member != "reading":
            assert inspect.getdoc(getattr(thing, member)), f"{name}.{member}"


def test_version_is_that_of_the_header() -> None:
    header = (ROOT / "include/lgs_rfm/version.hpp").read_text()
    parts = [re.search(rf"version_{part} = (\d+);", header) for part in ("major", "minor", "patch")]
    version = ".".join(part[1] for part in parts if part)
    assert lgs.__version__ == version
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        assert importlib.metadata.version("lgs_rfm") == version


def run(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_import_is_light() -> None:
    """Everything public may be there without one of the large libraries, numpy among them."""
    heavy = ["numpy", "pandas", "pyarrow", "polars", "duckdb", "matplotlib", "jinja2"]
    for imported in ("import lgs_rfm", "from lgs_rfm import *"):
        assert run(f"{imported}\nimport sys\nprint([name for name in {heavy} if name in sys.modules])") == "[]"


def test_names_are_imported_when_used() -> None:
    """A function stays one, also when the module that is called like it was imported first."""
    assert run("import sys, lgs_rfm\nprint([name for name in sys.modules if name.startswith('lgs_rfm.')])") == "[]"
    for name in lgs.__all__:
        home = lgs._HOMES.get(name)
        expected = type(getattr(lgs, name)).__name__
        if home is not None:
            assert run(f"import lgs_rfm.{home}, lgs_rfm\nprint(type(lgs_rfm.{name}).__name__)") == expected
    assert sorted([*lgs._HOMES, "plot"]) == sorted(lgs.__all__)
    with pytest.raises(AttributeError, match="module 'lgs_rfm' has no attribute 'nothing'"):
        lgs.nothing  # noqa: B018


# ---- stubs


# Frames of other libraries are taken as they come; their own types are not looked into.
MYPY = """[mypy]
[mypy-pandas.*,polars.*,pyarrow.*,duckdb.*,matplotlib.*,jinja2.*]
ignore_missing_imports = True
follow_imports = skip
"""
# A stub cannot name the metaclass of pybind11, the constructor that refuses where a class has none, nor the capsule
# that pybind11 hangs on an enum (a name in an enum's stub would be one of its members). Aliases of numpy's types are
# text at run time: importing the package imports no numpy.
NOT_SAYABLE = re.compile(
    r"is inconsistent, metaclass differs|__init__ is inconsistent, stub does not have \*args|__pybind11_native_enum__"
    r"|lgs_rfm\.(frames\._values\.(Array|Columns)|moments\.(Moment|Window)) is"
)


def test_stubs_tell_the_truth(tmp_path: Path) -> None:
    """A check of no module would pass as well, so the count is looked at."""
    (tmp_path / "mypy.ini").write_text(MYPY)
    command = [sys.executable, "-m", "mypy.stubtest", "lgs_rfm", "--mypy-config-file", "mypy.ini"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    printed = done.stdout + done.stderr
    errors = [line for line in printed.splitlines() if line.startswith("error:") and not NOT_SAYABLE.search(line)]
    assert errors == [], printed
    checked = re.search(r"(?:checked|no issues found in) (\d+) module", printed)
    assert checked is not None, printed
    assert int(checked[1]) >= len(MODULES)


def test_the_package_is_typed() -> None:
    folder = Path(next(iter(lgs.__path__)))
    assert (folder / "py.typed").is_file()
    assert (folder / "_core.pyi").is_file()


# ---- examples


@pytest.mark.parametrize("name", ["lgs_rfm", *MODULES])
def test_docstring_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_every_entry_point_has_an_example() -> None:
    things = {n: getattr(lgs, n) for n in [*FUNCTIONS, *CLASSES]}
    without = [n for n, thing in things.items() if ">>>" not in (inspect.getdoc(thing) or "")]
    assert without == []
