"""Shares of the largest, against plain fractions over the raw rows, and the picture of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import lgs_rfm as lgs
import matplotlib
import numpy as np
import pandas as pd
import pytest
import reference
from frames import KINDS, book_of, make, names_of, quiet_ledger, rows_of
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from strategies import lines as line_lists

matplotlib.use("Agg")

COLUMNS = ["measure", "top", "count", "amount", "share", "gini"]
TOP = (Fraction(1, 100), Fraction(5, 100), Fraction(10, 100), Fraction(20, 100))


@pytest.fixture(autouse=True)
def no_figures_left() -> Iterator[None]:
    yield
    plt.close("all")


def expected(
    rows: list[tuple[reference.Id, int]], top: tuple[Fraction, ...] = TOP, reach: Fraction = Fraction(8, 10)
) -> list[dict[str, Any]]:
    """The definition over (key, millionths); Gini as the mean difference of all pairs."""
    sums: dict[reference.Id, int] = defaultdict(int)
    for key, amount in rows:
        if key is not None:
            sums[key] += amount
    amounts = sorted((max(a, 0) for a in sums.values()), reverse=True)
    total, size = sum(amounts), len(amounts)
    gini = None
    if total:
        gini = float(Fraction(sum(abs(a - b) for a in amounts for b in amounts), 2 * size * total))
    out = []
    for share in top:
        count = next(k for k in range(size + 1) if Fraction(k) >= share * size)
        out.append({"measure": "top", "top": float(share), "count": count, "of": amounts[:count]})
    least = next(k for k in range(size + 1) if sum(amounts[:k]) >= reach * total) if total else 0
    out.append({"measure": "reach", "top": least / size if total else None, "count": least, "of": amounts[:least]})
    for row in out:
        together = sum(row.pop("of"))  # type: ignore[call-overload]
        row |= {"amount": reference.money(together), "share": float(Fraction(together, total)) if total else None}
        row |= {"gini": gini}
    return out


def same(found: Any, wanted: list[dict[str, Any]]) -> None:
    assert names_of(found) == COLUMNS
    assert rows_of(found) == wanted  # to the last bit, also the shares


def frame_of(rows: list[tuple[reference.Id, int]], kind: str = "numpy-object") -> Any:
    return make(kind, {"customer_id": [k for k, _ in rows], "monetary": [reference.money(a) for _, a in rows]})


ROWS: list[tuple[reference.Id, int]] = [
    *((i, (i * i % 37) * 1_230_000) for i in range(1, 60)),
    *((f"K{i}", 5_000_000) for i in range(45)),
    *((i, 100_000_001) for i in (3, 4, 3)),
    *((i, -7_000_000_000) for i in (7, 8)),
]


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_every_kind_of_frame(kind: str) -> None:
    frame = frame_of(ROWS, kind)
    found = lgs.concentration(frame)
    assert isinstance(found, type(frame))
    same(found, expected(ROWS))
    for result in ("pandas", "polars", "arrow", "numpy", "table"):
        same(lgs.concentration(frame, frame=result), expected(ROWS))
        same(lgs.concentration(frame_of(ROWS[::-1], kind), frame=result), expected(ROWS))


keys = st.sampled_from([None, 1, 2, 3, 13085, "a", "007", "b", "c", "d"])


@given(
    st.lists(st.tuples(keys, st.one_of(st.sampled_from([0, 1, 10_000, -5]), st.integers(-(10**9), 10**12)))),
    st.sampled_from([Fraction(1, 2), Fraction(8, 10), Fraction(1), Fraction(1, 1000)]),
)
def test_shares_of_any_rows(rows: list[tuple[reference.Id, int]], reach: Fraction) -> None:
    top = (Fraction(1, 1000), Fraction(7, 100), Fraction(1, 3 * 10**6), Fraction(1, 2), Fraction(1))
    top = tuple(Fraction(repr(float(share))) for share in top)
    found = lgs.concentration(frame_of(rows), top=[float(x) for x in top], reach=float(reach))
    same(found, expected(rows, top, reach))


@given(line_lists(min_size=1, max_size=30))
def test_shares_of_a_ledger(lines: list[reference.Line]) -> None:
    table = [(r["customer_id"], r["monetary"]) for r in reference.customers(lines)]
    found = lgs.concentration(book_of(lines, "pandas"))
    same(found, expected(table))  # type: ignore[arg-type]


def test_top_is_read_as_it_is_written() -> None:
    """0.07 x 100 is 7.000000000000001 in doubles, and still seven customers."""
    rows: list[tuple[reference.Id, int]] = [(i, 1_000_000) for i in range(100)]
    found = lgs.concentration(frame_of(rows), top=[0.07, 0.29, 0.57, 0.58], frame="numpy")
    assert found["count"].tolist() == [7, 29, 57, 58, 80]


def test_equal_and_single_amounts() -> None:
    same(lgs.concentration(frame_of([(i, 5) for i in range(10)])), expected([(i, 5) for i in range(10)]))
    (row, *_) = rows_of(lgs.concentration(frame_of([(i, 0 if i else 9) for i in range(1000)])))
    assert (row["count"], row["share"], row["gini"]) == (10, 1.0, 0.999)
    assert rows_of(lgs.concentration(frame_of([(1, 5)])))[0]["gini"] == 0.0


@pytest.mark.parametrize("rows", [[], [(None, 5_000_000)], [(1, 0), (2, -5)]], ids=str)
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-object"])
def test_nothing_to_share(kind: str, rows: list[tuple[reference.Id, int]]) -> None:
    frame = frame_of(rows, "numpy-object")
    frame = {"customer_id": frame["customer_id"], "monetary": frame["monetary"].astype(float)}
    if kind != "numpy-object":
        frame = {
            "pandas": pd.DataFrame,
            "polars": __import__("polars").DataFrame,
            "arrow": __import__("pyarrow").table,
        }[kind]({"customer_id": frame["customer_id"].tolist(), "monetary": frame["monetary"]})
    same(lgs.concentration(frame), expected(rows))


def test_products_and_decimals() -> None:
    products = pd.DataFrame(
        {
            "stock_code": ["85123A", "POST", None, "22423"],
            "gross": [Decimal("0.1"), Decimal("0.2"), Decimal(9), Decimal(1)],
        }
    )
    found = lgs.concentration(products, by="stock_code", value="gross", top=[0.5])
    wanted = expected([("85123A", 100_000), ("POST", 200_000), ("22423", 1_000_000)], (Fraction(1, 2),))
    same(found, wanted)
    units = {"stock_code": np.array(["a", "b"]), "bought": np.array([3, 9])}
    assert rows_of(lgs.concentration(units, by="stock_code", value="bought", top=[0.5]))[0]["share"] == 0.75


def test_rows_of_one_key_are_added_up(pandas_book: lgs.Ledger) -> None:
    invoices = pandas_book.invoices()
    by_hand = invoices.groupby("customer_id")["gross"].sum().reset_index()
    found = lgs.concentration(invoices, value="gross")
    assert rows_of(found)[0]["count"] == math.ceil(len(by_hand) / 100)
    pd.testing.assert_frame_equal(found, lgs.concentration(by_hand, value="gross"), rtol=1e-12)


def test_real_customers(pandas_book: lgs.Ledger) -> None:
    money = np.sort(pandas_book.customers()["monetary"].to_numpy())[::-1]
    found = {(r["measure"], r["top"]): r for r in rows_of(lgs.concentration(pandas_book))}
    for share in (0.01, 0.05, 0.1, 0.2):
        count = math.ceil(len(money) * share)
        assert found["top", share]["share"] == pytest.approx(money[:count].sum() / money.sum(), rel=1e-12)
    least = int(np.searchsorted(np.cumsum(money), 0.8 * money.sum())) + 1
    assert found["reach", least / len(money)]["count"] == least
    assert rows_of(lgs.concentration(pandas_book.customers(money="decimal"))) == list(found.values())


def test_splits_of_the_lines_make_no_difference() -> None:
    lines = lgs.demo_lines(customers=80, seed=6, frame="pandas")
    parts = lgs.merge([quiet_ledger(lines.iloc[i::3]) for i in (1, 2, 0)])
    assert rows_of(lgs.concentration(parts)) == rows_of(lgs.concentration(quiet_ledger(lines)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top": [0]}, "top=0"),
        ({"top": [0.1, 1.5]}, r"top=1\.5"),
        ({"top": [float("nan")]}, "top=nan"),
        ({"reach": 0}, "reach=0"),
        ({"reach": "much"}, "reach='much'"),
        ({"frame": "excel"}, "frame='excel'"),
    ],
    ids=str,
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lgs.concentration(frame_of(ROWS), **options)


def test_wrong_columns() -> None:
    frame = frame_of(ROWS)
    with pytest.raises(
        lgs.ColumnError, match=r"column gross is missing; the frame has customer_id, monetary; .*value="
    ):
        lgs.concentration(frame, value="gross")
    with pytest.raises(lgs.ColumnError, match="column stock_code is missing"):
        lgs.concentration(frame, by="stock_code")
    with pytest.raises(TypeError, match="concentration: list is no frame"):
        lgs.concentration([1, 2])
    for wrong in ([1.0, float("nan")], [1.0, float("inf")], [1, None]):
        with pytest.raises(lgs.LinesError, match=r"column monetary, row 1: (nan|inf|None) is no amount"):
            lgs.concentration({"customer_id": np.array([1, 2]), "monetary": np.array(wrong)})
    with pytest.raises(TypeError, match="column monetary has type <U1"):
        lgs.concentration({"customer_id": np.array([1, 2]), "monetary": np.array(["a", "b"])})


# ---- the picture


def test_the_curve_is_that_of_the_shares() -> None:
    ax = lgs.plot.pareto(frame_of(ROWS), ax=Figure().subplots())
    curve = ax.lines[1].get_xydata()
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [1, 1]
    for row in expected(ROWS):
        size = len({key for key, _ in ROWS})
        assert np.interp(row["count"] / size, curve[:, 0], curve[:, 1]) == pytest.approx(row["share"], rel=1e-12)
    reach = expected(ROWS)[-1]
    mark = ax.lines[-1].get_xydata()[0]
    assert mark.tolist() == pytest.approx([reach["top"], reach["share"]])
    assert f"Gini {reach['gini']:.2f}" in [text.get_text() for text in ax.texts]


def test_the_picture_takes_ledgers_axes_and_names() -> None:
    book = quiet_ledger(lgs.demo_lines(customers=60, seed=3))
    ax = Figure().subplots()
    assert lgs.plot.pareto(book, ax=ax, title="Mine") is ax
    assert ax.get_title(loc="left") == "Mine"
    assert not plt.get_fignums()
    made = lgs.plot.pareto(
        {"code": np.array(["a", "b"]), "units": np.array([1, 3])}, by="code", value="units", what="products"
    )
    assert isinstance(made, Axes)
    assert "products" in made.get_title(loc="left")


def test_the_picture_of_many_and_of_none() -> None:
    rows: list[tuple[reference.Id, int]] = [(i, i * 10_000) for i in range(30_000)]
    assert len(lgs.plot.pareto(frame_of(rows), ax=Figure().subplots()).lines[1].get_xdata()) <= 2_001
    ax = lgs.plot.pareto(lgs.Ledger(), ax=Figure().subplots())
    assert any("no customers" in text.get_text() for text in ax.texts)
    with pytest.raises(ValueError, match="reach=2"):
        lgs.plot.pareto(frame_of(rows), reach=2)


def test_real_products(real: pd.DataFrame) -> None:
    """The frame of products as it comes: text codes, a missing one perhaps, gross of none below 0."""
    frame = lgs.products(real.iloc[:200_000])
    rows = list(zip(frame["stock_code"].tolist(), [round(v * 1e6) for v in frame["gross"].tolist()], strict=True))
    small = [(code if isinstance(code, str) else None, amount) for code, amount in rows]
    amounts = sorted((amount for code, amount in small if code is not None), reverse=True)
    (row,) = rows_of(lgs.concentration(frame, by="stock_code", value="gross", top=[0.05]))[:1]
    assert row["count"] == math.ceil(len(amounts) * 0.05)
    assert row["share"] == pytest.approx(sum(amounts[: row["count"]]) / sum(amounts), rel=1e-12)
