"""Kinds of frames in, the same kind out, with ids that join back and documented types."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import duckdb
import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from frames import KINDS, columns_of, make, names_of, rows_of, saved_bytes, values_of
from reference import DAY, Line, canonical_id, micros

START = micros("2011-03-01")
OWNERS = (None, 12346, 12347, 9)
LINES = [
    Line(f"C{i}" if i % 7 == 0 else 489434 + i // 3, OWNERS[i // 3 % 4], START + i * DAY, i % 5 - 1, 10**6)
    for i in range(60)
]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def frame(kind: str) -> Any:
    return make(kind, columns_of(LINES), chunk=7)


@pytest.fixture(scope="module")
def whole() -> bytes:
    return saved_bytes(lgs.Ledger.from_lines(make("arrow", columns_of(LINES))))


def tables(book: lgs.Ledger, **options: Any) -> dict[str, Any]:
    names = ("invoices", "amount_summary", "monthly", "customers", "quality")
    return {n: getattr(book, n)(**options) for n in names}


FRAME_TYPES: dict[str, type] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table, "numpy": dict}


def test_the_kind_that_came_in(kind: str, frame: Any) -> None:
    book = lgs.Ledger.from_lines(frame)
    wanted = FRAME_TYPES[kind.split("-")[0]]
    for name, table in tables(book).items():
        assert isinstance(table, wanted), name
    segments = lgs.rfm(frame)
    assert isinstance(segments, wanted)
    assert isinstance(lgs.segment_summary(segments), wanted)
    for column in table if wanted is dict else []:
        assert isinstance(table[column], np.ndarray)


def plain_ids(table: Any) -> list[dict[str, Any]]:
    """Rows with ids as the definitions see them: "9" is 9, and an empty text is missing."""
    ids = {"invoice", "customer_id"}
    return [{n: canonical_id(v) if n in ids else v for n, v in row.items()} for row in rows_of(table)]


@pytest.mark.parametrize("to", FRAME_TYPES)
def test_frame_overrides(frame: Any, to: str) -> None:
    book = lgs.Ledger.from_lines(frame)
    for name, table in tables(book, frame=to).items():
        assert isinstance(table, FRAME_TYPES[to]), name
        assert plain_ids(table) == plain_ids(getattr(book, name)(frame="arrow"))


def test_every_kind_gives_the_same_bytes(frame: Any, whole: bytes) -> None:
    assert saved_bytes(lgs.Ledger.from_lines(frame)) == whole


def columns_and_types() -> dict[str, dict[str, tuple[str, str, str]]]:
    """Type of each column in pandas, Polars and Arrow; ids apart."""
    count, ratio = ("int64", "Int64", "int64"), ("float64", "Float64", "double")
    moment = ("datetime64[us]", "Datetime(time_unit='us', time_zone=None)", "timestamp[us]")
    return {
        "invoices": {
            "customers": count, "first_moment": moment, "last_moment": moment, "lines": count,
            "purchase_lines": count, "quantity": count, "gross": ratio, "net": ratio,
        },
        "monthly": {
            "month": ("datetime64[s]", "Date", "date32[day]"), "yyyymm": ("int32", "Int32", "int32"), "orders": count,
            "cancelled": count, "placed": count, "sale_invoices": count, "adjustments": count, "sales": ratio,
            "growth": ratio, "active_users": count, "new_users": count, "existing_users": count,
        },
        "customers": {
            "recency": count, "frequency": count, "monetary": ratio, "first_date": moment, "last_date": moment,
        },
        "amount_summary": {
            "quantile": ratio, "cutoff": ratio, "count": count, "min": ratio, "max": ratio, "mean": ratio,
            "median": ratio, "mode": ratio, "mode_count": count,
        },
        "quality": {"lines": count, "invoices": count, "amount": ratio},
    }  # fmt: skip


@pytest.mark.parametrize(("to", "at"), [("pandas", 0), ("polars", 1), ("arrow", 2)])
def test_result_types(to: str, at: int) -> None:
    book = lgs.Ledger.from_lines(make("polars", columns_of(LINES)))
    for name, columns in columns_and_types().items():
        table = getattr(book, name)(frame=to)
        for column, types in columns.items():
            seen = table.schema.field(column).type if to == "arrow" else table[column].dtype
            assert str(seen) == types[at], (name, column)


def test_pandas_results_have_a_fresh_index() -> None:
    frame = make("pandas", columns_of(LINES)).set_index(pd.Index(range(500, 560), name="key"))
    for table in [*tables(lgs.Ledger.from_lines(frame)).values(), lgs.rfm(frame)]:
        pd.testing.assert_index_equal(table.index, pd.RangeIndex(len(table)))


def test_decimal_money() -> None:
    book = lgs.Ledger.from_lines(make("arrow", columns_of(LINES)))
    for table, column in (("invoices", "net"), ("monthly", "sales"), ("customers", "monetary")):
        arrow = getattr(book, table)(money="decimal")
        assert arrow.schema.field(column).type == pa.decimal128(38, 6)
        floats = getattr(book, table)()[column].to_pylist()
        assert [float(v) for v in arrow[column].to_pylist()] == floats
        polars = getattr(book, table)(money="decimal", frame="polars")
        assert polars[column].dtype == pl.Decimal(38, 6)
        for to in ("pandas", "numpy"):
            values = list(getattr(book, table)(money="decimal", frame=to)[column])
            assert all(isinstance(v, Decimal) for v in values)
            assert values == arrow[column].to_pylist()


# ---- ids join back without a cast


def pandas_ids() -> dict[str, pd.Series]:
    numbers = [12346, 12347, 9, 12346]
    return {
        "int64": pd.Series(numbers),
        "int32": pd.Series(numbers, dtype="int32"),
        "uint16": pd.Series(numbers, dtype="uint16"),
        "float64 with NaN": pd.Series([12346.0, np.nan, 9.0, 12346.0]),
        "Int64 with NA": pd.Series([12346, None, 9, 12346], dtype="Int64"),
        "str": pd.Series(["12346", "x7", None, "9"]),
        "object": pd.Series(["12346", "x7", None, "9"], dtype=object),
        "object of int and str": pd.Series([12346, "x7", None, 9], dtype=object),
        "categorical": pd.Series(["12346", "x7", None, "9"]).astype("category"),
        "ArrowDtype string": pd.Series(["12346", "x7", None, "9"], dtype=pd.ArrowDtype(pa.string())),
        "ArrowDtype int": pd.Series([12346, None, 9, 12346], dtype=pd.ArrowDtype(pa.int64())),
        "string[python]": pd.Series(["12346", "x7", None, "9"], dtype="string[python]"),
    }


@pytest.mark.parametrize("name", pandas_ids())
def test_pandas_ids_join_back(name: str) -> None:
    frame = make("pandas", columns_of(LINES[:4]))
    frame["quantity"] = 1
    frame["customer_id"] = pandas_ids()[name]
    book = lgs.Ledger.from_lines(frame)
    table = book.customers()
    joined = frame.merge(table, on="customer_id", how="inner", validate="many_to_one")
    assert len(joined) == frame["customer_id"].notna().sum()
    if name == "float64 with NaN":
        assert table["customer_id"].dtype == "int64"
    elif not name.startswith(("categorical", "object")):
        assert table["customer_id"].dtype == frame["customer_id"].dtype
    owners = book.invoices()["customer_id"]
    assert owners.dropna().isin(table["customer_id"]).all()


@pytest.mark.parametrize("dtype", [object, "str", "string[python]", "string[pyarrow]", pd.ArrowDtype(pa.string())])
@pytest.mark.parametrize("owners", [["x7", "x7", None, "y"], ["Größe", "Größe", None, "\u65e5"]])
def test_pandas_texts_come_back_as_they_were(owners: list[str | None], dtype: Any) -> None:
    frame = make("pandas", columns_of(LINES[:4]))
    frame["quantity"] = 1
    frame["customer_id"] = pd.Series(owners, dtype=dtype)
    table = lgs.Ledger.from_lines(frame).customers()
    assert table["customer_id"].tolist() == [owners[0], owners[3]]
    if dtype is not object:
        assert table["customer_id"].dtype == frame["customer_id"].dtype


def test_objects_of_their_own_read_as_shared_ones() -> None:
    """Equal texts in a row are one run, whether they are one object or many; other texts never are."""
    ids = [text for text in ("536365", "C536379", "5363", "Ä536", "Ä5", "", "x") for _ in range(3)]
    ids += [None, 7, 7, "7", 7.0, "536365"]
    shared = make("pandas", columns_of((LINES * 2)[: len(ids)])).assign(invoice=[1] * len(ids))
    shared["customer_id"] = pd.Series(ids, dtype=object)
    own = shared.assign(
        customer_id=pd.Series([str(i.encode(), "utf-8") if isinstance(i, str) else i for i in ids], dtype=object)
    )
    texts = [(a, b) for a, b in zip(shared["customer_id"], own["customer_id"], strict=True) if isinstance(a, str)]
    assert sum(a is not b for a, b in texts) > 10
    assert saved_bytes(lgs.Ledger.from_lines(own)) == saved_bytes(lgs.Ledger.from_lines(shared))
    wanted = pa.array([None if i is None else str(int(i)) if isinstance(i, float) else str(i) for i in ids])
    arrow = make("arrow", columns_of((LINES * 2)[: len(ids)]))
    arrow = arrow.set_column(arrow.schema.get_field_index("invoice"), "invoice", pa.array([1] * len(ids)))
    arrow = arrow.set_column(arrow.schema.get_field_index("customer_id"), "customer_id", wanted)
    assert saved_bytes(lgs.Ledger.from_lines(own)) == saved_bytes(lgs.Ledger.from_lines(arrow))


@pytest.mark.parametrize(
    "others", [[], [None], [None, "Ä5"], [100.0, 101.0, float("nan")], ["a text beyond eight bytes", ""]]
)
def test_many_objects_are_read_by_several_threads(others: list[object]) -> None:
    """Runs of any length, some over the rows at which threads meet, in objects shared by a run or of a row's own."""
    rng = random.Random(7)
    rows = 70_000
    ids: list[Any] = []
    while len(ids) < rows:
        one = (
            rng.choice(others) if others and rng.random() < 0.2 else rng.choice(["", "C"]) + str(rng.randrange(90_000))
        )
        ids += [one] * rng.choice([1, 1, 2, 19, 1000])
    del ids[rows:]
    ids[rows // 2 - 9 : rows // 2 + 9] = ["meets"] * 18
    own = [
        str(i.encode(), "utf-8") if isinstance(i, str) else float(str(i)) if isinstance(i, float) else i for i in ids
    ]
    texts = pa.array([None if i is None or i != i else str(int(i)) if isinstance(i, float) else i for i in ids])
    lines = {"quantity": np.full(rows, 2), "unit_price": np.full(rows, 1.5), "invoice": np.arange(rows) // 5}
    lines["invoice_date"] = np.datetime64("2011-01-01", "us") + np.arange(rows) // 5
    wanted = saved_bytes(lgs.Ledger.from_lines(pa.table({**lines, "customer_id": texts})))
    for each in (ids, own):
        column = np.empty(rows, dtype=object)
        column[:] = each
        assert saved_bytes(lgs.Ledger.from_lines({**lines, "customer_id": column})) == wanted


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series([12346, None, 9, 12346]),
        pl.Series([12346, None, 9, 12346], dtype=pl.UInt32),
        pl.Series(["12346", "x7", None, "9"]),
        pl.Series(["12346", "x7", None, "9"], dtype=pl.Categorical),
        pl.Series(["12346", "x7", None, "9"], dtype=pl.Enum(["9", "x7", "12346"])),
    ],
    ids=lambda s: str(s.dtype),
)
def test_polars_ids_join_back(ids: pl.Series) -> None:
    frame = make("polars", columns_of(LINES[:4])).with_columns(customer_id=ids, quantity=1)
    table = lgs.Ledger.from_lines(frame).customers()
    assert table["customer_id"].dtype == ids.dtype
    assert len(frame.join(table, on="customer_id", how="inner")) == 3


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([12346, None, 9, 12346]),
        pa.array([12346, None, 9, 12346], pa.int16()),
        pa.array(["12346", "x7", None, "9"]),
        pa.array(["12346", "x7", None, "9"], pa.large_string()),
        pa.array(["12346", "x7", None, "9"], pa.string_view()),
    ],
    ids=lambda a: str(a.type),
)
def test_arrow_ids_join_back(ids: pa.Array) -> None:
    frame = make("arrow", columns_of(LINES[:4]))
    frame = frame.set_column(frame.column_names.index("customer_id"), "customer_id", ids)
    frame = frame.set_column(1, "quantity", pa.array([1] * 4))
    table = lgs.Ledger.from_lines(frame).customers()
    assert table.schema.field("customer_id").type == ids.type
    if not pa.types.is_string_view(ids.type):  # which Arrow itself cannot join on
        assert frame.join(table, keys="customer_id", join_type="inner").num_rows == 3


def test_a_later_arrow_id_may_need_a_wider_type() -> None:
    def frame(*ids: int, dtype: pa.DataType) -> pa.Table:
        made = make("arrow", columns_of(LINES[: len(ids)]))
        return made.set_column(made.column_names.index("customer_id"), "customer_id", pa.array(ids, dtype))

    book = lgs.Ledger.from_lines(frame(7, 8, dtype=pa.int32()))
    assert book.customers(basis="all").schema.field("customer_id").type == pa.int32()
    book.add(frame(2**31, dtype=pa.int64()))
    wider = book.customers(basis="all")
    assert wider.schema.field("customer_id").type == pa.int64()
    assert wider["customer_id"].to_pylist()[-1] == 2**31


def test_numpy_ids_join_back() -> None:
    for ids in (np.array([5, 6, 5, 7], "int32"), np.array(["5", "x", "5", "y"]), np.array([b"5", b"x", b"5", b"y"])):
        frame = make("numpy-text", columns_of(LINES[:4])) | {"customer_id": ids, "quantity": np.ones(4, int)}
        table = lgs.Ledger.from_lines(frame).customers()
        assert table["customer_id"].dtype == ids.dtype
        assert np.isin(table["customer_id"], ids).all()
        assert len(table["customer_id"]) == 3
    frame["customer_id"] = np.array([5.0, np.nan, 5.0, 7.0])
    assert lgs.Ledger.from_lines(frame).customers()["customer_id"].tolist() == [5, 7]


def test_missing_owners_do_not_blur_the_others() -> None:
    """Doubles hold whole numbers up to 2^53 only; an id beyond must come back as it was."""
    large = 2**53 + 1
    frame = make("numpy-text", columns_of(LINES[:3])) | {
        "invoice": np.array([1, 1, 2]),
        "quantity": np.ones(3, int),
        "customer_id": np.array([large, large + 1, large]),
    }
    book = lgs.Ledger.from_lines(frame)
    for to in FRAME_TYPES:
        assert values_of(book.invoices(frame=to), "customer_id") == [None, large], to


# ---- other sources


def test_lazy_frame_is_collected_for_the_needed_columns(whole: bytes) -> None:
    frame = make("polars", columns_of(LINES))

    def refuse(_: Any) -> pl.Series:
        raise AssertionError("an unneeded column was collected")

    lazy = frame.lazy().with_columns(costly=pl.col("quantity").map_batches(refuse, return_dtype=pl.Int64))
    book = lgs.Ledger.from_lines(lazy)
    assert saved_bytes(book) == whole
    assert isinstance(book.monthly(), pl.DataFrame)


def test_duckdb_relation(whole: bytes) -> None:
    table = make("arrow", columns_of(LINES))
    with duckdb.connect() as connection:
        relation = connection.from_arrow(table)
        assert saved_bytes(lgs.Ledger.from_lines(relation)) == whole


def test_record_batch_reader_and_batch(whole: bytes) -> None:
    table = make("arrow", columns_of(LINES), chunk=7)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    assert saved_bytes(lgs.Ledger.from_lines(reader)) == whole
    (batch,) = table.combine_chunks().to_batches()
    assert saved_bytes(lgs.Ledger.from_lines(batch)) == whole


@pytest.mark.parametrize("zone", [dt.UTC, None])
def test_polars_time_units(zone: Any, whole: bytes) -> None:
    frame = make("polars", columns_of(LINES))
    for unit in ("ms", "us", "ns"):
        dates = pl.col("invoice_date").cast(pl.Datetime(unit))  # type: ignore[arg-type]
        changed = frame.with_columns(dates if zone is None else dates.dt.replace_time_zone("UTC"))
        assert saved_bytes(lgs.Ledger.from_lines(changed)) == whole


def test_sliced_frames(whole: bytes) -> None:
    """Slices carry offsets: of values, of texts and of validity bits that start inside a byte."""
    padding = [Line("x" * 20, 1, START, 1, 1)] * 3
    padded = columns_of(padding + LINES + padding)
    for kind in KINDS:
        frame = make(kind, padded)
        cut = {n: v[3:-3] for n, v in frame.items()} if isinstance(frame, dict) else frame[3 : len(frame) - 3]
        assert saved_bytes(lgs.Ledger.from_lines(cut)) == whole, kind


def test_names_of_both_editions_and_of_the_dump(whole: bytes) -> None:
    frame = make("pandas", columns_of(LINES))
    for names in (
        ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"],
        ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"],
        ["invoice_no", "quantity", "invoice_date", "unit_price", "customer_id"],
    ):
        renamed = frame.set_axis(names, axis="columns")
        assert saved_bytes(lgs.Ledger.from_lines(renamed[names[::-1]])) == whole


def test_own_column_names(frame: Any, whole: bytes) -> None:
    own = {"invoice": "belegnr", "quantity": "menge", "unit_price": "preis"}
    names = [own.get(n, n) for n in names_of(frame)]
    if isinstance(frame, dict):
        renamed: Any = dict(zip(names, frame.values(), strict=True))
    elif isinstance(frame, pd.DataFrame):
        renamed = frame.set_axis(names, axis="columns")
    else:
        renamed = frame.rename(own) if isinstance(frame, pl.DataFrame) else frame.rename_columns(names)
    lines = lgs.Lines(renamed, columns=own)
    book = lgs.Ledger.from_lines(lines)
    assert saved_bytes(book) == whole
    assert isinstance(book.monthly(), type(renamed))


def test_unused_columns_are_named_in_the_reading() -> None:
    frame = make("pandas", columns_of(LINES)).assign(colour="red", Country="France")
    assert "colour" in lgs.Ledger.from_lines(frame).reading.ignored_columns


# ---- segments


def test_segment_is_categorical_with_all_names(kind: str, frame: Any) -> None:
    rules = lgs.SegmentRules.standard()
    names = values_of(lgs.segment_summary(lgs.rfm(frame)), "segment")
    assert len(names) == 10
    column = lgs.rfm(frame, rules=rules)["segment"]
    if kind.startswith("pandas"):
        assert list(column.cat.categories) == names
    elif kind == "polars":
        assert column.dtype == pl.Enum(names)
    elif kind == "arrow":
        assert pa.types.is_dictionary(column.type)
        assert column.combine_chunks().dictionary.to_pylist() == names
    else:
        assert set(column.tolist()) <= set(names)
