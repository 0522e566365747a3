"""The C++ example that reads a binary column dump, on the real data."""

from __future__ import annotations

import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=0)


@pytest.fixture(scope="module")
def program() -> Path:
    folder = os.environ.get("LGS_RFM_BUILD_DIR")
    name = "lgs_rfm_example_from_columns"
    if folder and (Path(folder) / "examples" / "cpp" / name).is_file():
        return Path(folder) / "examples" / "cpp" / name
    reason = (
        f"LGS_RFM_BUILD_DIR is {folder!r}, and examples/cpp/{name} is not there"
        if folder
        else "LGS_RFM_BUILD_DIR is not set: it names the CMake build folder with the C++ examples"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def write_dump(frame: pd.DataFrame, folder: Path) -> None:
    """What examples/cpp/from_columns.cpp reads."""
    (folder / "invoice.txt").write_text("".join(f"{invoice}\n" for invoice in frame["Invoice"]))
    frame["Customer ID"].to_numpy("float64", na_value=float("nan")).tofile(folder / "customer_id.f64")
    frame["Quantity"].to_numpy("int64").tofile(folder / "quantity.i64")
    frame["InvoiceDate"].to_numpy("datetime64[us]").view("int64").tofile(folder / "invoice_date.i64")
    frame["Price"].to_numpy("float64").tofile(folder / "unit_price.f64")


@pytest.fixture(scope="module")
def dump(real_lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("columns")
    write_dump(real_lines, folder)
    return folder


def run(program: Path, *arguments: object) -> dict[str, Any]:
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def answer(program: Path, dump: Path) -> dict[str, Any]:
    return run(program, dump, "2012-01-01")


def test_dataset(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    known = expected["dataset"]
    assert answer["reading"] == {
        "lines": known["rows"],
        "copies_judged": True,
        "copied_invoices": known["sheet_overlap"]["invoices"],
        "copied_lines": known["sheet_overlap"]["rows"],
        "rounded_prices": 0,
    }
    quality = answer["quality"]
    assert quality["all"] == {"lines": known["rows"], "invoices": known["invoices"]}
    assert quality["cancellations"] == {"lines": known["lines_C"], "invoices": known["invoices_C"]}
    assert quality["adjustments"]["invoices"] == known["invoices_A"]
    assert quality["no_prefix"]["invoices"] == known["invoices_numeric"]
    assert quality["unknown_customer"]["lines"] == known["null_customer"]
    assert quality["zero_price"]["lines"] == known["rows_price_zero"]
    assert quality["negative_price"]["lines"] == known["rows_price_negative"]


def test_monthly(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    assert len(answer["monthly"]) == len(expected["monthly"])
    for row, known in zip(answer["monthly"], expected["monthly"], strict=True):
        assert row["orders"] == known["total_orders"]
        for name in ("yyyymm", "cancelled", "placed", "active_users", "new_users", "existing_users"):
            assert row[name] == known[name], known["yyyymm"]
        assert Decimal(row["sales"]) == Decimal(known["sales_exact"])
        if known["growth_pct"] is None:
            assert row["growth"] is None
        else:
            assert row["growth"] * 100 == pytest.approx(known["growth_pct"], rel=0, abs=5.1e-7)
    net = sum(Decimal(row["sales"]) for row in answer["monthly"])
    assert net == Decimal(expected["dataset"]["total_revenue_exact"])


def test_invoice_amounts(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    blocks = [expected["invoice_amount"][name] for name in ("positive", "first85")]
    cutoffs = [blocks[0]["max"], blocks[0]["q85"]]
    for row, known, cutoff in zip(answer["amount_summary"], blocks, cutoffs, strict=True):
        assert (row["count"], row["mode_count"]) == (known["count"], known["mode_count_float"])
        assert [float(row[name]) for name in ("min", "max", "mode")] == [known[name] for name in ("min", "max", "mode")]
        assert row["median"] == known["median"]
        assert row["mean"] == near(known["mean"])
        assert row["cutoff"] == near(cutoff)


def test_segments(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    known = expected["rfm_purchases_as_of_2012_01_01"]
    rfm = answer["rfm"]
    assert rfm["as_of"] == "2012-01-01 00:00:00"
    assert [rfm["all"][name] for name in ("customers", "recency", "frequency")] == [
        known["customers"],
        known["sum_recency"],
        known["sum_frequency"],
    ]
    assert Decimal(rfm["all"]["monetary"]) == Decimal(known["sum_monetary_exact"])
    for name, cuts in rfm["cuts"].items():
        assert cuts == near(known["quintile_edges"][name][1:-1])
    assert set(rfm["segments"]) == set(known["segments"])
    for name, theirs in known["segments"].items():
        ours = rfm["segments"][name]
        assert ours["customers"] == theirs["count"]
        assert Decimal(ours["monetary"]) == Decimal(theirs["monetary_sum_exact"])
        for sums in ("recency", "frequency"):
            assert ours[sums] / ours["customers"] == pytest.approx(theirs[f"{sums}_mean"], rel=0, abs=5.1e-7)


def test_default_as_of_gives_the_same_segments(program: Path, dump: Path, expected: dict[str, Any]) -> None:
    rfm = run(program, dump)["rfm"]
    assert rfm["as_of"] == "2011-12-10 00:00:00"
    known = expected["rfm_purchases_as_of_2012_01_01"]["segments"]
    assert {name: of["customers"] for name, of in rfm["segments"].items()} == {n: s["count"] for n, s in known.items()}


def test_without_arguments_a_tiny_dump_is_made(program: Path) -> None:
    answer = run(program)
    assert answer["reading"]["lines"] == 5
    assert [row["yyyymm"] for row in answer["monthly"]] == [201110, 201111, 201112]
    # 24 x 1.25 and 3 x 4.95 in December
    assert Decimal(answer["monthly"][2]["sales"]) == Decimal("44.85")


def test_a_folder_without_a_dump_is_an_error(program: Path, tmp_path: Path) -> None:
    done = subprocess.run([program, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "invoice.txt" in done.stderr
