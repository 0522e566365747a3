"""The report: its page, its lists, its tables, its JSON; what it refuses and what it leaves alone."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import pytest
from frames import quiet_ledger
from lgs_rfm.advice import STANDARD_ADVICE, advice_for
from report_files import Page, content, data_files, everything, read

TABLES = (
    *("invoices", "amount_summary", "monthly", "customers", "segment_summary", "quality", "rfm_grid"),
    *("concentration", "cohorts", "returning", "repeat_rate", "second_purchase", "migration"),
)
STANDARD = sorted(STANDARD_ADVICE)


@pytest.fixture(scope="module")
def book() -> lgs.Ledger:
    return quiet_ledger(lgs.demo_lines(customers=150, seed=11))


@pytest.fixture(scope="module")
def folder(book: lgs.Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = lgs.report(book, tmp_path_factory.mktemp("shop") / "report")
    assert page.name == "index.html"
    return page.parent


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pictures, which take most of a report's time, where a test is about its other parts."""
    monkeypatch.setattr("lgs_rfm._report_pictures.pictures", lambda *_, **__: {})


def lines(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Invoice, day, quantity, price, customer."""
    frame = pd.DataFrame(rows, columns=["Invoice", "InvoiceDate", "Quantity", "Price", "Customer ID"])
    frame["InvoiceDate"] = pd.to_datetime(frame["InvoiceDate"])
    return frame


# ---- the whole


def test_page_needs_nothing_but_itself_and_its_files(folder: Path) -> None:
    page = Page(folder)
    assert not page.open
    for address in page.addresses:
        assert address.startswith(("data:image/svg+xml;base64,", "#")) or (folder / address).is_file(), address
    raw = (folder / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|@import|url\(", raw)


def test_every_picture_has_its_words(folder: Path) -> None:
    images = Page(folder).images
    assert len(images) == 12
    assert all(image["alt"] and len(image["alt"]) > 15 for image in images)
    alts = " ".join(str(image["alt"]) for image in images)
    for shown in (
        "invoice amounts",
        "Placed and cancelled",
        "Sales by",
        "Growth",
        "Active",
        "New and existing",
        "score",
        "bring 80 %",
        "Retention",
        "went in one month",
    ):
        assert shown in alts


def test_headline_and_moment(folder: Path, book: lgs.Ledger) -> None:
    found = content(folder)
    invoices = book.invoices(frame="numpy")
    customers = book.customers(frame="numpy")
    assert found["headline"]["customers"] == len(customers["customer_id"])
    assert found["headline"]["sales"] == pytest.approx(invoices["net"].sum(), rel=1e-12)
    assert found["headline"]["lines"] == invoices["lines"].sum()
    midnight = invoices["last_moment"].max().astype("datetime64[D]") + 1
    assert found["as_of"] == f"{midnight} 00:00:00"
    text = Page(folder).text
    assert f"{found['headline']['customers']:,} customers" in text
    assert f"{found['headline']['sales']:,.0f} sales" in text
    assert f"{midnight.item().day} {midnight.item():%B} {midnight.item().year}, 00:00" in text


def test_tables_are_those_of_the_ledger(folder: Path, book: lgs.Ledger) -> None:
    assert sorted(p.stem for p in (folder / "tables").iterdir()) == sorted(TABLES)
    monthly = book.monthly(frame="numpy")
    rows = read(folder / "tables" / "monthly.csv")
    assert [row["month"] for row in rows] == [str(m.astype("datetime64[D]")) for m in monthly["month"]]
    assert [float(row["sales"]) for row in rows] == monthly["sales"].tolist()
    assert rows[0]["growth"] == ""
    assert content(folder)["tables"]["monthly"]["growth"][0] is None
    assert content(folder)["tables"]["monthly"]["sales"] == monthly["sales"].tolist()
    assert len(read(folder / "tables" / "invoices.csv")) == len(book.invoices(frame="numpy")["net"])
    grid = read(folder / "tables" / "rfm_grid.csv")
    assert len(grid) == 25
    assert sum(int(row["customers"]) for row in grid) == len(book.customers(frame="numpy")["recency"])


def test_each_customer_is_in_the_list_of_its_segment(folder: Path, book: lgs.Ledger) -> None:
    segments = lgs.rfm(book, frame="numpy")
    wanted = dict(zip(map(str, segments["customer_id"].tolist()), segments["segment"].tolist(), strict=True))
    listed: dict[str, str] = {}
    for row in content(folder)["segments"]:
        customers = read(folder / row["file"])
        assert len(customers) == row["customers"]
        amounts = [float(customer["monetary"]) for customer in customers]
        assert amounts == sorted(amounts, reverse=True)
        listed |= {customer["customer_id"]: row["segment"] for customer in customers}
    assert listed == wanted
    first = read(folder / "tables" / "customers.csv")[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", first["last_date"])


def test_all_segments_have_a_file_and_advice(folder: Path) -> None:
    rows = content(folder)["segments"]
    assert sorted(row["segment"] for row in rows) == STANDARD
    assert {row["file"] for row in rows} >= {"segments/champions.csv", "segments/cant_lose.csv"}
    text = Page(folder).text
    assert all(row["advice"] in text and row["advice"] for row in rows)


@pytest.mark.usefixtures("undrawn")
def test_cuts_and_rules_make_the_next_report(folder: Path, book: lgs.Ledger, tmp_path: Path) -> None:
    scorer = lgs.Scorer.load(folder / "cuts.json")
    rules = lgs.SegmentRules.load(folder / "rules.json")
    again = lgs.report(book, tmp_path, scorer=scorer, rules=rules)
    assert data_files(again.parent) == data_files(folder)


@pytest.mark.usefixtures("undrawn")
def test_scorer_that_is_not_fitted_is_fitted_and_left_as_it_was(book: lgs.Ledger, tmp_path: Path) -> None:
    scorer = lgs.Scorer(ties="together")
    lgs.report(book, tmp_path, scorer=scorer)
    wanted = lgs.Scorer(ties="together").fit(book.customers())
    assert (tmp_path / "cuts.json").read_text() == wanted.to_json()
    assert "Customers of equal frequency get the same score" in Page(tmp_path).text
    with pytest.raises(lgs.NotFittedError):
        scorer.to_json()


def test_same_lines_same_bytes(folder: Path, book: lgs.Ledger, tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "black", "svg.hashsalt": "other"}):
        again = lgs.report(book, tmp_path / "other" / "place")
    assert everything(again.parent) == everything(folder)


@pytest.mark.usefixtures("undrawn")
def test_as_of_basis_window(book: lgs.Ledger, tmp_path: Path) -> None:
    last = book.invoices(frame="numpy")["last_moment"].max().astype("datetime64[D]")
    as_of = str(last - 30)
    lgs.report(book, tmp_path, as_of=as_of, basis="net", window="90d", title="Own <title> & more")
    found = content(tmp_path)
    assert (found["as_of"], found["basis"], found["window"]) == (f"{as_of} 00:00:00", "net", "90d")
    customers = book.customers(as_of=as_of, basis="net", window="90d", frame="numpy")
    assert found["tables"]["customers"]["monetary"] == customers["monetary"].tolist()
    page = Page(tmp_path)
    assert "within the 90d before" in page.text
    assert "Own <title> & more" in page.text


@pytest.mark.usefixtures("undrawn")
def test_real_shop(pandas_book: lgs.Ledger, expected: dict[str, Any], tmp_path: Path) -> None:
    lgs.report(pandas_book, tmp_path, as_of="2012-01-01")
    found = content(tmp_path)
    rfm, amounts = expected["rfm_purchases_as_of_2012_01_01"], expected["invoice_amount"]["positive"]
    summary = {row["segment"]: row for row in found["segments"]}
    assert sorted(summary) == sorted(rfm["segments"])
    for name, row in rfm["segments"].items():
        assert summary[name]["customers"] == row["count"]
        assert summary[name]["gross"] == float(row["monetary_sum_exact"])
        assert 100 * summary[name]["share"] == pytest.approx(row["share_pct"], abs=1e-6)
        assert summary[name]["recency_mean"] == pytest.approx(row["recency_mean"], abs=1e-6)
    assert found["headline"]["sales"] == pytest.approx(float(expected["dataset"]["total_revenue_exact"]), abs=0.005)
    assert found["headline"]["invoices_above_zero"] == amounts["count"]
    assert found["headline"]["median_invoice"] == amounts["median"]
    assert found["headline"]["cancellations"] == expected["dataset"]["invoices_C"]
    months = found["tables"]["monthly"]
    assert months["sales"] == [float(row["sales_exact"]) for row in expected["monthly"]]
    assert months["placed"] == [row["placed"] for row in expected["monthly"]]
    text = Page(tmp_path).text
    assert "as of 1 January 2012, 00:00" in text
    assert "1,088 invoices (22,523 lines) are in the input twice" in text
    assert "December 2011 is not complete" in text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    "as_of", ["2011-02-01T00:00:00Z", np.datetime64("2011-02-01"), pd.Timestamp("2011-02-01"), dt.date(2011, 2, 1)]
)
def test_as_of_of_any_kind(as_of: Any, tmp_path: Path) -> None:
    lgs.report(lines(("1", "2011-01-05", 2, 3.5, 7)), tmp_path, as_of=as_of)
    assert content(tmp_path)["as_of"] == "2011-02-01 00:00:00"
    assert content(tmp_path)["tables"]["customers"]["recency"] == [27]


@pytest.mark.usefixtures("undrawn")
def test_lines_go_in_as_well(tmp_path: Path) -> None:
    frame = lines(("1", "2011-01-05", 2, 3.5, 7), ("C2", "2011-01-06", -1, 3.5, 7), ("3", "2011-02-06", 1, 10.0, None))
    found = content(lgs.report(frame, tmp_path).parent)
    assert found["headline"]["sales"] == 13.5
    assert found["headline"]["customers"] == 1
    assert found["reading"]["lines"] == 3


# ---- edges


def test_empty_ledger(tmp_path: Path) -> None:
    lgs.report(lgs.Ledger(), tmp_path)
    page = Page(tmp_path)
    assert "The input has no lines." in page.text
    assert not page.images
    assert read(tmp_path / "tables" / "customers.csv") == []
    assert content(tmp_path)["headline"]["median_invoice"] is None


@pytest.mark.parametrize(
    ("rows", "customers"),
    [
        ([("1", "2011-01-05", 2, 3.5, 7)], 1),
        ([("1", "2011-01-05", 2, 3.5, None), ("2", "2011-02-05", 2, 3.5, None)], 0),
        ([("C1", "2011-01-05", -2, 3.5, 7)], 0),
        ([("1", f"2011-01-{day:02}", 1, 1.0, day) for day in range(1, 20)], 19),
        ([("1", "2011-01-05", 1, 0.0, 7)], 0),
    ],
    ids=["one customer", "no customer known", "all cancelled", "one month", "all free"],
)
def test_small_inputs(rows: list[tuple[Any, ...]], customers: int, tmp_path: Path) -> None:
    lgs.report(quiet_ledger(lines(*rows)), tmp_path)
    assert content(tmp_path)["headline"]["customers"] == customers
    page = Page(tmp_path)
    assert not page.open
    assert ("there are no segments" in page.text) == (customers == 0)
    assert "nan" not in page.text.lower().split()


@pytest.mark.usefixtures("undrawn")
def test_own_rules_without_advice_and_with_gaps(book: lgs.Ledger, tmp_path: Path) -> None:
    rules = lgs.SegmentRules([("=Top", {"r": (4, 5)}), ("A B", {"r": (3, 3)}), ("a-b", {"r": (2, 2)})], bins=5)
    lgs.report(book, tmp_path, rules=rules, advice={"A B": "Ring them <up>."})
    found = content(tmp_path)
    files = {row["segment"]: row["file"] for row in found["segments"]}
    assert files == {"=Top": "segments/top.csv", "A B": "segments/a_b.csv", "a-b": "segments/a_b_2.csv"}
    left = read(tmp_path / "segments" / "no_segment.csv")
    assert {row["r_score"] for row in left} == {"1"}
    assert {row["segment"] for row in left} == {""}
    assert {row["segment"] for row in read(tmp_path / "segments" / "top.csv")} == {"'=Top"}
    text = Page(tmp_path).text
    assert "Ring them <up>." in text
    assert "No rule covers the scores of these customers." in text


def test_uneven_bins_and_an_empty_segment(book: lgs.Ledger, tmp_path: Path) -> None:
    bins = {"recency": 3, "frequency": 4, "monetary": 2}
    rules = lgs.SegmentRules(
        [("Late", {"r": (1, 2)}), ("Now", {"r": (3, 3), "m": (1, 2)}), ("Nobody", {"r": (4, 9)})], bins=bins
    )
    lgs.report(book, tmp_path, scorer=lgs.Scorer(bins=bins), rules=rules)
    assert len(read(tmp_path / "tables" / "rfm_grid.csv")) == 12
    last = content(tmp_path)["segments"][-1]
    assert (last["segment"], last["customers"], last["recency_median"]) == ("Nobody", 0, None)
    assert read(tmp_path / "segments" / "nobody.csv") == []
    assert "scored 1 to 3 by how recently and 1 to 4 by how often they bought" in Page(tmp_path).text


@pytest.mark.usefixtures("undrawn")
def test_loaded_ledger_has_no_reading(book: lgs.Ledger, tmp_path: Path) -> None:
    book.save(tmp_path / "book.lgs")
    lgs.report(lgs.Ledger.load(tmp_path / "book.lgs"), tmp_path / "report")
    assert content(tmp_path / "report")["reading"] is None
    assert "What the reading found" not in Page(tmp_path / "report").text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("copies", "words", "sales"),
    [
        ("keep", "4 invoices (4 lines) are in the input twice and are counted twice", 12.0),
        ("drop", "4 invoices were in the input twice; their 4 copied lines were left out", 8.0),
    ],
)
def test_copies_are_told(copies: str, words: str, sales: float, tmp_path: Path) -> None:
    once = [(str(i), f"2011-01-{i:02}", 1, 1.0, i) for i in range(1, 9)]
    lgs.report(quiet_ledger(lgs.Lines(lines(*once, *once[4:]), copies=copies)), tmp_path)
    assert words in Page(tmp_path).text
    assert content(tmp_path)["headline"]["sales"] == sales


# ---- refusals leave nothing behind


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"basis": "profit"}, "basis"),
        ({"as_of": "soon"}, "soon"),
        ({"window": "a while"}, "window"),
        ({"rules": lgs.SegmentRules([("Now", {"r": (3, 3)})], bins=3), "scorer": lgs.Scorer(bins=5)}, "bins"),
    ],
    ids=["basis", "as_of", "window", "bins"],
)
def test_refused_before_anything_is_written(
    options: dict[str, Any], message: str, book: lgs.Ledger, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        lgs.report(book, tmp_path / "report", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("undrawn")
def test_folders_that_are_not_ours(book: lgs.Ledger, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotADirectoryError, match="file is a file"):
        lgs.report(book, tmp_path / "file")
    for name, text in (("index.html", "<p>home"), ("report.json", "{}"), ("report.json", "not json")):
        home = tmp_path / f"home{len(text)}"
        home.mkdir()
        (home / name).write_text(text)
        with pytest.raises(FileExistsError, match=f"{name} of another origin"):
            lgs.report(book, home)
        assert everything(home) == {name: text.encode()}


@pytest.mark.usefixtures("undrawn")
def test_update_in_place(book: lgs.Ledger, folder: Path, tmp_path: Path) -> None:
    rules = lgs.SegmentRules([("Old Name", {"r": (1, 5)})], bins=5)
    lgs.report(book, tmp_path, rules=rules)
    (tmp_path / "segments" / "mine.csv").write_text("kept")
    (tmp_path / "notes.txt").write_text("kept")
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("kept")
    listing = content(tmp_path)
    listing["files"] += ["notes.txt", "segments/../../outside.csv", "../outside.csv", str(outside)]
    (tmp_path / "report.json").write_text(json.dumps(listing))
    lgs.report(book, tmp_path)
    now = everything(tmp_path)
    assert now.pop("notes.txt") == now.pop("segments/mine.csv") == outside.read_bytes() == b"kept"
    assert now.pop("index.html")
    assert now == data_files(folder)


@pytest.mark.usefixtures("undrawn")
def test_failed_update_leaves_the_earlier_report(
    book: lgs.Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lgs.report(book, tmp_path)
    before = everything(tmp_path)
    module = sys.modules["lgs_rfm._report"]

    def full(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(module, "write_csv", full)
    with pytest.raises(OSError, match="disk full"):
        lgs.report(book, tmp_path, title="Newer")
    assert everything(tmp_path) == before
    with pytest.raises(OSError, match="disk full"):
        lgs.report(book, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("missing", ["matplotlib", "jinja2"])
def test_missing_package_names_the_extra(missing: str, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; import lgs_rfm as lgs\n"
        f"try:\n    lgs.report(lgs.Ledger(), {str(tmp_path / 'report')!r})\n"
        "except ImportError as error:\n    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert f"needs {missing}" in run.stdout
    assert "pip install lgs_rfm[report]" in run.stdout
    assert not (tmp_path / "report").exists()


def test_advice() -> None:
    rules = json.loads(lgs.SegmentRules.standard().to_json())
    assert all(name in json.dumps(rules) for name in STANDARD)
    assert len(STANDARD) == 10
    assert advice_for("Champions", {"Champions": "Own."}) == "Own."
