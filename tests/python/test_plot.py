"""The pictures: what is drawn is what the tables say, from the ledger and from every kind of frame."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import lgs_rfm as lgs
import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from frames import quiet_ledger
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

matplotlib.use("Agg")

MONTHLY = ("monthly", "orders", "sales", "growth", "users")

COHORTS: dict[str, np.ndarray] = {
    "cohort": np.array(["2011-10-01", "2011-11-01", "2011-12-01", "NaT"], "datetime64[s]"),
    "size": np.array([40, 50, 8, 98]),
    "left_censored": np.array([1.0, 0.0, 0.0, np.nan]),
    "partial_month": np.array([2.0, 1.0, 0.0, np.nan]),
    "month_0": np.array([1.0, 1.0, 1.0, 1.0]),
    "month_1": np.array([0.25, 0.1, np.nan, 0.25]),
    "month_2": np.array([0.05, np.nan, np.nan, np.nan]),
}

MONTHS: dict[str, np.ndarray] = {
    "month": np.array(["2011-10-01", "2011-11-01", "2011-12-01"], "datetime64[s]"),
    "placed": np.array([1500, 2200, 700]),
    "cancelled": np.array([200, 300, 90]),
    "sales": np.array([1000.0, 1500.5, 300.25]),
    "growth": np.array([np.nan, 0.5005, -0.7999]),
    "active_users": np.array([50, 60, 20]),
    "new_users": np.array([50, 10, 1]),
    "existing_users": np.array([0, 50, 19]),
}

SCORED: dict[str, np.ndarray] = {
    "customer_id": np.array([1, 2, 3, 4, 5]),
    "monetary": np.array([600.0, 200.0, 100.0, 60.0, 40.0]),
    "r_score": np.array([3, 3, 1, 1, 1]),
    "f_score": np.array([3, 2, 1, 1, 3]),
    "segment": np.array(["Best", "Best", "Lost", "Lost", "At Risk"], dtype=object),
}


@pytest.fixture(autouse=True)
def nothing_global(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No function may show a figure or change a setting."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("a picture called pyplot.show"))
    before = matplotlib.rcParams.copy()
    yield
    assert dict(matplotlib.rcParams) == dict(before)
    plt.close("all")


@pytest.fixture(scope="module")
def book() -> lgs.Ledger:
    return quiet_ledger(lgs.demo_lines(customers=120, seed=3))


@pytest.fixture
def ax() -> Axes:
    return Figure().subplots()


def heights(ax: Axes, container: int = 0) -> list[float]:
    return [bar.get_height() for bar in ax.containers[container]]


def hatched(ax: Axes) -> list[int]:
    return [i for i, bar in enumerate(ax.containers[0]) if bar.get_hatch()]


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def at_place(ax: Axes) -> dict[tuple[float, float], str]:
    return {tuple(round(float(at), 2) for at in text.get_position()): text.get_text() for text in ax.texts}


def as_kind(kind: str, columns: dict[str, np.ndarray]) -> Any:
    if kind == "pandas":
        return pd.DataFrame(columns)
    if kind == "polars":
        return pl.DataFrame({name: pl.Series(column.tolist()) for name, column in columns.items()})
    if kind == "arrow":
        return pa.table({name: pa.array(column) for name, column in columns.items()})
    return columns


@pytest.mark.parametrize("name", [*MONTHLY, "amounts"])
def test_ledger_and_its_frame_give_the_same_picture(book: lgs.Ledger, name: str) -> None:
    draw = getattr(lgs.plot, name)
    from_book = draw(book, ax=Figure().subplots())
    frame = book.invoices() if name == "amounts" else book.monthly()
    from_frame = draw(frame, ax=Figure().subplots())
    assert heights(from_book) == heights(from_frame)
    assert len(heights(from_book)) > 3


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy"])
def test_every_kind_of_frame(kind: str, ax: Axes) -> None:
    assert heights(lgs.plot.sales(as_kind(kind, MONTHS), ax=ax)) == MONTHS["sales"].tolist()
    grid = lgs.plot.rfm_grid(as_kind(kind, SCORED), ax=Figure().subplots())
    assert sorted(t for t in texts(grid) if t not in ("0", "1", "2")) == ["At\nRisk", "Best", "Lost"]
    shares = lgs.plot.segments(as_kind(kind, SCORED), ax=Figure().subplots())
    assert [label.get_text() for label in shares.get_yticklabels()] == ["Best", "Lost", "At Risk"]


@pytest.mark.parametrize("name", [*MONTHLY, "amounts", "segments", "rfm_grid"])
def test_axes_given_are_used_and_new_ones_made(name: str, ax: Axes) -> None:
    source = {"amounts": {"net": np.array([1.0, 2.0])}, "segments": SCORED, "rfm_grid": SCORED}.get(name, MONTHS)
    draw = getattr(lgs.plot, name)
    assert draw(source, ax=ax) is ax
    assert not plt.get_fignums()
    made = draw(source)
    assert isinstance(made, Axes)
    assert plt.get_fignums() == [made.figure.number]
    assert made.get_title(loc="left")
    assert draw(source, ax=Figure().subplots(), title="Own title").get_title(loc="left") == "Own title"


def test_options_are_keyword_only(ax: Axes) -> None:
    with pytest.raises(TypeError):
        lgs.plot.sales(MONTHS, ax)  # type: ignore[misc]


def test_monthly_shows_each_picture() -> None:
    shown = {
        show: heights(lgs.plot.monthly(MONTHS, show=show, ax=Figure().subplots()))
        for show in ("sales", "orders", "growth", "users")
    }
    assert shown["sales"] == MONTHS["sales"].tolist()
    assert shown["orders"] == MONTHS["placed"].tolist()
    assert shown["growth"] == [0.0, 0.5005, -0.7999]
    assert shown["users"] == MONTHS["existing_users"].tolist()
    with pytest.raises(ValueError, match=r"show='profit' is not one of 'sales', 'orders', 'growth', 'users'"):
        lgs.plot.monthly(MONTHS, show="profit")


def test_cancelled_stands_beside_placed(ax: Axes) -> None:
    lgs.plot.orders(MONTHS, ax=ax)
    assert heights(ax, 1) == MONTHS["cancelled"].tolist()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["placed", "cancelled"]


def test_new_users_stand_on_existing_ones(ax: Axes) -> None:
    lgs.plot.users(MONTHS, ax=ax)
    tops = [bar.get_y() + bar.get_height() for bar in ax.containers[1]]
    assert tops == MONTHS["active_users"].tolist()
    active = lgs.plot.users(MONTHS, split=False, ax=Figure().subplots())
    assert heights(active) == MONTHS["active_users"].tolist()
    assert active.get_legend() is None


@pytest.mark.parametrize(
    ("until", "marked"),
    [
        (None, []),
        ("2011-12-09", [2]),
        (np.datetime64("2011-12-09T12:50", "us"), [2]),
        (pd.Timestamp("2011-12-30 23:59"), [2]),
        ("2011-12-31", []),
        ("2012-02-03", []),
    ],
)
def test_month_that_is_not_complete_is_hatched(until: Any, marked: list[int], ax: Axes) -> None:
    lgs.plot.sales(MONTHS, until=until, ax=ax)
    assert hatched(ax) == marked
    words = [text.get_text() for text in ax.get_legend().get_texts()] if ax.get_legend() else []
    assert words == (["month not complete"] if marked else [])


def test_ledger_tells_itself_whether_the_month_is_complete(book: lgs.Ledger, ax: Axes) -> None:
    last = book.invoices(frame="numpy")["last_moment"].max().astype("datetime64[D]")
    month = last.astype("datetime64[M]")
    cut = book.between(None, month.astype("datetime64[D]") + 9)
    assert hatched(lgs.plot.sales(cut, ax=ax)) == [len(cut.monthly(frame="numpy")["month"]) - 1]


@pytest.mark.parametrize(("months", "ticks"), [(5, 5), (25, 8), (121, 10)])
def test_ticks_stay_few(months: int, ticks: int, ax: Axes) -> None:
    first = np.datetime64("2009-12", "M")
    long = {"month": (first + np.arange(months)).astype("datetime64[s]"), "sales": np.arange(months) * 1000.0}
    lgs.plot.sales(long, ax=ax)
    assert len(ax.get_xticks()) == ticks
    assert all(len(label.get_text()) <= 8 for label in ax.get_xticklabels())


def test_money_ticks_have_thousands_separators(ax: Axes) -> None:
    lgs.plot.sales({**MONTHS, "sales": MONTHS["sales"] * 1000}, ax=ax)
    ax.figure.draw_without_rendering()
    assert "1,000,000" in [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("log", [False, True])
def test_amounts_counts_each_invoice_above_zero_once(log: bool, ax: Axes) -> None:
    rng = np.random.default_rng(5)
    net = np.concatenate([rng.lognormal(5, 1, 1000), [-50.0, 0.0]])
    lgs.plot.amounts({"net": net}, quantile=1.0, log=log, ax=ax)
    assert sum(heights(ax)) == 1000
    assert ax.get_title(loc="left") == "All 1,000 invoice amounts"
    cut = lgs.plot.amounts({"net": net}, log=log, ax=Figure().subplots())
    assert sum(heights(cut)) == 850


@pytest.mark.parametrize("log", [False, True])
def test_amounts_of_one_invoice(log: bool, ax: Axes) -> None:
    lgs.plot.amounts({"net": np.array([12.5])}, log=log, ax=ax)
    assert sum(heights(ax)) == 1
    assert texts(ax) == ["median 12.50"]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"quantile": 0.0}, r"quantile=0\.0"), ({"quantile": 1.5}, r"quantile=1\.5"), ({"bins": 0}, "bins=0")],
)
def test_amounts_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lgs.plot.amounts({"net": np.array([1.0])}, **options)


def test_segments_from_customers_and_from_a_summary(ax: Axes) -> None:
    lgs.plot.segments(SCORED, ax=ax)
    assert [bar.get_width() for bar in ax.containers[0]] == [0.4, 0.4, 0.2]
    assert [bar.get_width() for bar in ax.containers[1]] == [0.8, 0.16, 0.04]
    assert texts(ax)[3:] == ["80 %", "16 %", "4.0 %"]
    summary = {
        "segment": np.array(["At Risk", "Lost", "Best"]),
        "customers": np.array([1, 2, 2]),
        "gross": np.array([40.0, 160.0, 800.0]),
    }
    again = lgs.plot.segments(summary, order="rules", ax=Figure().subplots())
    assert [bar.get_width() for bar in again.containers[1]] == [0.04, 0.16, 0.8]
    with pytest.raises(ValueError, match="order='size' is not one of"):
        lgs.plot.segments(SCORED, order="size")


def test_customers_of_no_segment_are_shown(ax: Axes) -> None:
    frame = {**SCORED, "segment": np.array(["Best", "Best", None, None, "At Risk"], dtype=object)}
    lgs.plot.segments(frame, ax=ax)
    assert "(no segment)" in [label.get_text() for label in ax.get_yticklabels()]


def test_empty_segment_keeps_its_row(book: lgs.Ledger, ax: Axes) -> None:
    names = ["All", "Nobody"]
    rules = lgs.SegmentRules([("All", {"r": (1, 4)}), ("Nobody", {"r": (5, 5)})], bins=5)
    segments = lgs.rfm(book, rules=rules)
    kept = pd.DataFrame(segments)[lambda frame: frame["segment"] == "All"]
    lgs.plot.segments(kept, ax=ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == names


def test_grid_cells(ax: Axes) -> None:
    lgs.plot.rfm_grid(SCORED, ax=ax)
    cells = at_place(ax)
    assert cells[(0.5, 0.36)] == "2"  # r 1, f 1
    assert cells[(2.5, 0.36)] == "1"
    assert cells[(1.5, 2.36)] == "1"
    assert cells[(0.5, 1.36)] == "0"
    assert cells[(2.0, 2.93)] == "Best"  # once, over both of its cells
    shares = lgs.plot.rfm_grid(SCORED, show="gross", ax=Figure().subplots())
    assert at_place(shares)[(2.5, 2.36)] == "60 %"


def test_grid_without_segments_and_with_more_bins(ax: Axes) -> None:
    frame = {name: column for name, column in SCORED.items() if name != "segment"}
    lgs.plot.rfm_grid(frame, bins=(4, 5), ax=ax)
    assert len(texts(ax)) == 20
    with pytest.raises(ValueError, match="bins=2 is below the highest score, 3"):
        lgs.plot.rfm_grid(frame, bins=2)
    with pytest.raises(ValueError, match="show='count' is not one of"):
        lgs.plot.rfm_grid(frame, show="count")


@pytest.mark.parametrize("name", [*MONTHLY, "amounts", "segments", "rfm_grid"])
def test_no_rows_say_so(name: str, ax: Axes) -> None:
    rows = {"net": np.zeros(5)[:0], **SCORED, **MONTHS}
    empty = {key: column[:0] for key, column in rows.items()}
    getattr(lgs.plot, name)(empty, ax=ax)
    assert len(texts(ax)) == 1
    assert texts(ax)[0].startswith("no ")


@pytest.mark.parametrize("name", ["monthly", "orders", "sales", "growth", "users", "amounts"])
def test_empty_ledger(name: str, ax: Axes) -> None:
    getattr(lgs.plot, name)(lgs.Ledger(), ax=ax)
    assert texts(ax)[0].startswith("no ")


@pytest.mark.parametrize("name", [*MONTHLY, "amounts", "segments", "rfm_grid"])
def test_wrong_frame_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"plot: the frame has no column '\w+'; give the"):
        getattr(lgs.plot, name)({"colour": np.array(["blue"])})
    assert not plt.get_fignums()


def test_pictures_draw_without_warnings(book: lgs.Ledger) -> None:
    segments = lgs.rfm(book)
    for name in (*MONTHLY, "amounts", "segments", "rfm_grid"):
        drawn = getattr(lgs.plot, name)(segments if name in ("segments", "rfm_grid") else book)
        drawn.figure.canvas.draw()


def test_matplotlib_is_imported_late_and_its_extra_named() -> None:
    program = (
        "import sys; import lgs_rfm as lgs\n"
        "assert 'matplotlib' not in sys.modules, 'imported early'\n"
        "sys.modules['matplotlib'] = None\n"
        "try:\n    lgs.plot.amounts({'net': __import__('numpy').ones(3)})\n"
        "except ImportError as error:\n    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install lgs_rfm[plot]" in run.stdout


# ---- cohorts


def cells(ax: Axes) -> dict[tuple[float, float], bool]:
    """The corners of the drawn cells, and whether they are hatched."""
    return {
        (float(path.vertices[0][0]), round(float(path.vertices[0][1]), 3)): bool(drawn.get_hatch())
        for drawn in ax.collections
        for path in drawn.get_paths()
    }


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy"])
def test_cohorts_draws_what_is_observed(kind: str, ax: Axes) -> None:
    lgs.plot.cohorts(as_kind(kind, COHORTS), ax=ax)
    assert cells(ax) == {
        **{(0.0, 0.0): False, (1.0, 0.0): False, (2.0, 0.0): True},
        **{(0.0, 1.0): False, (1.0, 1.0): True, (0.0, 2.0): True},
        **{(0.0, 3.6): False, (1.0, 3.6): False},  # the average, below a gap
    }
    labels = [label.get_text().split() for label in ax.get_yticklabels()]
    assert labels == [["2011-10*", "40"], ["2011-11", "50"], ["2011-12", "8"], ["average", "98"]]
    assert at_place(ax)[(1.5, 0.52)] == "25 %"
    assert at_place(ax)[(1.5, 4.12)] == "25 %"
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["month not complete", "* may have bought before the data begin"]


def test_cohorts_of_a_ledger(book: lgs.Ledger) -> None:
    for measure in ("customers", "gross"):
        drawn = lgs.plot.cohorts(book, measure=measure)
        frame = lgs.plot.cohorts(book.cohorts(measure=measure), measure=measure, ax=Figure().subplots())
        assert cells(drawn) == cells(frame)
        assert texts(drawn) == texts(frame)
        drawn.figure.canvas.draw()
        wide = book.cohorts(measure=measure, frame="pandas").filter(like="month_")
        assert len(cells(drawn)) == wide.notna().sum().sum()
    assert texts(lgs.plot.cohorts(book, numbers=False, ax=Figure().subplots())) == []


def test_cohorts_without_customers_and_wrong_options(ax: Axes) -> None:
    lgs.plot.cohorts(lgs.Ledger(), ax=ax)
    assert texts(ax) == ["no customers with a purchase"]
    lgs.plot.cohorts({**COHORTS, "partial_month": np.full(4, np.nan)}, ax=(made := Figure().subplots()), title="Own")
    assert made.get_title(loc="left") == "Own"
    assert not any(cells(made).values())
    with pytest.raises(ValueError, match="measure='sales' is not one of 'customers', 'invoices', 'gross', 'net'"):
        lgs.plot.cohorts(COHORTS, measure="sales")
    with pytest.raises(ValueError, match=r"plot: the frame has no column 'cohort'; give the ledger, or the wide"):
        lgs.plot.cohorts(MONTHS)
    with pytest.raises(TypeError):
        lgs.plot.cohorts(COHORTS, ax)  # type: ignore[misc]
