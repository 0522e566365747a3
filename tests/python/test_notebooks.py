"""The notebooks run from top to bottom, on the real data and on the demo shop, and are committed without outputs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

SECTIONS = [
    "Load",
    "Total Invoice Amount Distribution",
    "Monthly Placed and Canceled Orders",
    "Monthly Sales",
    "Monthly Sales Growth",
    "Monthly Active Users",
    "New and Existing Users",
    "Finding RFM",
    "RFM Segmentation",
    "What to do with Champions, Can't Lose and Hibernating",
    "Products",
    "Countries",
    "Who comes back",
    "Movement between segments",
    "The list that goes out",
    "Features for models",
]
UNDRAWN = ("Load", "The list that goes out", "Features for models")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_notebooks() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {"retail_analytics", "monthly_refresh"}


@each_notebook
def test_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.id for cell in notebook.cells if cell.metadata] == []
    assert path.stat().st_size < 30_000


@pytest.fixture(scope="module", params=["demo", "real"])
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Both notebooks after a run."""
    folder = str(request.getfixturevalue("data_folder")) if request.param == "real" else None
    space = tmp_path_factory.mktemp("notebooks")
    done: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(space / "ipython"))
        patch.setenv("TMPDIR", str(space))
        patch.delenv("LGS_RFM_DATA", raising=False)
        if folder is not None:
            patch.setenv("LGS_RFM_DATA", folder)
        for path in NOTEBOOKS:
            notebook = nbformat.read(path, as_version=4)
            client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(space)}})
            done[path.stem] = client.execute()
    return done


def parts(notebook: Any) -> dict[str, dict[str, Any]]:
    """By second-level heading: the outputs' types, and the sentences written from the figures."""
    found: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for title in re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE):
                current = found[title] = {"kinds": set(), "sentences": [], "streams": []}
            continue
        for output in cell.outputs:
            data = output.get("data", {})
            current.get("kinds", set()).update(data)
            if "text/markdown" in data:
                current["sentences"].append(data["text/markdown"])
            if output.output_type == "stream":
                current.get("streams", []).append(output.text)
    return found


def test_retail_sections(executed: dict[str, Any]) -> None:
    sections = parts(executed["retail_analytics"])
    assert list(sections) == SECTIONS
    for title, section in sections.items():
        assert section["sentences"], title
        assert not [text for text in section["sentences"] if re.search(r"\b(nan|inf|None|NaT)\b", text)], title
        assert "text/html" in section["kinds"], title
        assert title in UNDRAWN or "image/png" in section["kinds"], title


def test_retail_warns_of_copies_and_of_nothing_else(executed: dict[str, Any]) -> None:
    sections = parts(executed["retail_analytics"])
    written = {title: section["streams"] for title, section in sections.items() if section["streams"]}
    assert list(written) == ["Load"]
    assert "QualityWarning" in "".join(written["Load"])


@pytest.mark.parametrize("executed", ["real"], indirect=True)
def test_retail_sentences_on_the_real_data(executed: dict[str, Any], expected: dict[str, Any]) -> None:
    sections = parts(executed["retail_analytics"])
    said = {title: " ".join(section["sentences"]) for title, section in sections.items()}
    segments = {name: row["count"] for name, row in expected["rfm_purchases_as_of_2012_01_01"]["segments"].items()}
    assert f"{expected['invoice_amount']['positive']['count']:,} invoices" in said[SECTIONS[1]]
    largest = max(segments, key=lambda name: segments[name])
    assert f"The largest segment is {largest} ({segments[largest]:,} customers" in said["RFM Segmentation"]
    for name in ("Champions", "Can't Lose", "Hibernating"):
        assert f"**{name}**: {segments[name]:,} customers" in said[SECTIONS[9]]
    assert re.search(r"comes from [\d,]+ of 5,243;", said["Products"])


def test_refresh_says_what_moved(executed: dict[str, Any]) -> None:
    sections = parts(executed["monthly_refresh"])
    sentences = [text for section in sections.values() for text in section["sentences"]]
    assert len(sentences) == 2
    early, final = (float(text.replace(",", "")) for text in re.findall(r"([\d,]+\.\d\d) after", sentences[0]))
    assert 0 < early < final
    assert "is outside [2011-11-01" in "".join(sections["November comes, twice"]["streams"])
    assert "image/png" in sections["Scores with the saved cut points"]["kinds"]
