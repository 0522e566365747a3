"""Columns are read in place, never changed, and given back: no copy, no leak, one release."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from typing import Any

import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from frames import KINDS, columns_of, make, rows_of, saved_bytes
from reference import DAY, Line, micros

START = micros("2011-03-01")
LINES = [Line(489434 + i // 4, 12346 + i % 3, START + i * DAY, 1 + i % 5, 1_250_000) for i in range(50)]
ROWS = 400_000


def wide() -> dict[str, np.ndarray]:
    """Columns of 8 bytes a row that need no conversion: 3.2 MB each."""
    at = np.arange(ROWS)
    return {
        "invoice": at // 20 + 10_000,
        "quantity": at % 9 + 1,
        "invoice_date": np.datetime64("2010-01-01", "us") + at // 20 * np.timedelta64(60_000_000, "us"),
        "unit_price": (at % 700) / 100,
        "customer_id": at // 20 % 900,
    }


def resident() -> int:
    """Bytes of this process in memory; native allocations are not seen by tracemalloc."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.parametrize("kind", ["numpy", "pandas", "polars", "arrow"])
def test_no_column_is_copied(kind: str) -> None:
    columns = wide()
    frame: Any = {
        "numpy": lambda: columns,
        "pandas": lambda: pd.DataFrame(columns, copy=False),
        "polars": lambda: pl.DataFrame(columns),
        "arrow": lambda: pa.table(columns),
    }[kind]()
    lgs.Ledger.from_lines(frame)  # the pools of the allocators are filled
    tracemalloc.start()
    try:
        book = lgs.Ledger.from_lines(frame)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(book.invoices()) > 0
    assert peak < ROWS * 8 / 4, "a column was copied through Python"


def test_numpy_columns_are_viewed_where_they_lie() -> None:
    columns = wide() | {
        "text": np.array(["a", "bc"]),
        "bytes": np.array([b"a", b"bc"]),
        "small": np.array([1, 2], "int8"),
        "single": np.array([1.5, 2.5], "float32"),
        "nanoseconds": np.array(["2011-01-01"], "datetime64[ns]"),
    }
    for name, column in columns.items():
        addresses = lgs._core.Column.from_numpy(column).addresses
        assert addresses == [column.__array_interface__["data"][0]], name
        part = column[1:]
        if len(part):
            assert lgs._core.Column.from_numpy(part).addresses == [part.__array_interface__["data"][0]]


def test_arrow_columns_are_viewed_chunk_by_chunk() -> None:
    for name, column in wide().items():
        chunks = pa.chunked_array([pa.array(column[:1000]), pa.array(column[1000:])])
        addresses = lgs._core.Column.from_arrow(chunks).addresses
        assert addresses == [chunk.buffers()[1].address for chunk in chunks.chunks], name


@pytest.mark.parametrize("kind", KINDS)
def test_the_input_is_not_modified(kind: str) -> None:
    frame, twin = (make(kind, columns_of(LINES)) for _ in range(2))
    lgs.rfm(frame)
    lgs.Ledger.from_lines(lgs.Lines(frame, copies="drop"))
    if isinstance(frame, dict):
        assert list(frame) == list(twin)
        for name in frame:
            np.testing.assert_array_equal(frame[name], twin[name])
    elif isinstance(frame, pd.DataFrame):
        pd.testing.assert_frame_equal(frame, twin)
    else:
        assert frame.equals(twin)


def test_read_only_arrays_are_taken() -> None:
    columns = wide()
    for column in columns.values():
        column.flags.writeable = False
    assert lgs.Ledger.from_lines(columns).reading.lines == ROWS


def test_strided_and_reversed_columns() -> None:
    columns = make("numpy-text", columns_of(LINES))
    block = np.empty((len(LINES), 3))
    block[:, 1] = columns["unit_price"]
    wanted = saved_bytes(lgs.Ledger.from_lines(columns))
    strided = columns | {"unit_price": block[:, 1], "quantity": np.repeat(columns["quantity"], 2)[::2]}
    assert saved_bytes(lgs.Ledger.from_lines(strided)) == wanted
    backwards = {n: v[::-1].copy()[::-1] for n, v in columns.items()}
    assert saved_bytes(lgs.Ledger.from_lines(backwards)) == wanted


def test_byte_swapped_and_unaligned_columns() -> None:
    columns = make("numpy-text", columns_of(LINES))
    wanted = saved_bytes(lgs.Ledger.from_lines(columns))
    swapped = columns | {
        "unit_price": columns["unit_price"].astype(">f8"),
        "quantity": columns["quantity"].astype(">i4"),
    }
    packed = np.empty(len(LINES), dtype=[("flag", "i1"), ("price", "f8")])
    packed["price"] = columns["unit_price"]
    for changed in (swapped, columns | {"unit_price": packed["price"]}):
        # Either way is right, a wrong number is not.
        try:
            seen = saved_bytes(lgs.Ledger.from_lines(changed))
        except TypeError:
            continue
        assert seen == wanted


# ---- nothing is kept


def test_numpy_columns_are_let_go() -> None:
    columns = wide()
    counts = {n: sys.getrefcount(v) for n, v in columns.items()}
    book = lgs.Ledger.from_lines(columns)
    table = book.customers()
    assert {n: sys.getrefcount(v) for n, v in columns.items()} == counts
    del table, book


def test_objects_of_object_columns_keep_their_count() -> None:
    text = "489434-" + str(id(object()))  # not interned
    columns = make("numpy-object", columns_of(LINES))
    columns["invoice"] = np.array([text] * len(LINES), dtype=object)
    before = sys.getrefcount(text)
    book = lgs.Ledger.from_lines(columns)
    assert sys.getrefcount(text) == before
    del book


def test_result_columns_live_as_long_as_they_are_used() -> None:
    table = lgs.Ledger.from_lines(wide()).customers()
    monetary, copy = table["monetary"], table["monetary"].copy()
    del table
    gc.collect()
    np.testing.assert_array_equal(monetary, copy)


class Producer:
    """Another library behind the Arrow interface: counts the streams it gave and dies visibly."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.asked = 0

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        self.asked += 1
        return self.table.__arrow_c_stream__(requested_schema)


class ArrayProducer:
    """A producer of one record batch by `__arrow_c_array__`."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self.batch.__arrow_c_array__(requested_schema)


@pytest.mark.parametrize("fails", [False, True])
def test_arrow_buffers_are_released_once(fails: bool) -> None:
    """Memory of numpy lent to Arrow: its owner is free again exactly when all releases were called."""
    columns = wide()
    if fails:
        columns["unit_price"][ROWS // 2] = np.inf
    price = columns["unit_price"]
    gone = weakref.ref(price)
    free = sys.getrefcount(price)
    arrays = {n: pa.array(v) for n, v in columns.items()}
    arrays["unit_price"] = pa.Array.from_buffers(pa.float64(), ROWS, [None, pa.py_buffer(price)])
    producer = Producer(pa.table(arrays))
    held = sys.getrefcount(price)
    assert held > free
    for _ in range(3):
        if fails:
            with pytest.raises(lgs.LinesError):
                lgs.Ledger.from_lines(producer)
        else:
            lgs.Ledger.from_lines(producer)
        assert sys.getrefcount(price) == held
    assert producer.asked >= 3
    del producer, arrays
    gc.collect()
    assert sys.getrefcount(price) == free
    del price, columns
    assert gone() is None


def test_capsules_that_were_used_up() -> None:
    """A capsule whose content was moved out is refused, not read."""
    table = make("arrow", columns_of(LINES))
    capsule = table.__arrow_c_stream__()

    class Twice:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return capsule

    lgs.Ledger.from_lines(Twice())
    with pytest.raises((ValueError, TypeError)):
        lgs.Ledger.from_lines(Twice())


def test_producers_that_give_no_capsule() -> None:
    class Wrong:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return 5

    class Raises:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise RuntimeError("the connection is closed")

    with pytest.raises((TypeError, ValueError), match="apsule"):
        lgs.Ledger.from_lines(Wrong())
    with pytest.raises(RuntimeError, match="connection is closed"):
        lgs.Ledger.from_lines(Raises())


def test_a_stream_that_breaks_off() -> None:
    table = make("arrow", columns_of(LINES))

    def batches() -> Any:
        yield from table.to_batches()[:2]
        raise OSError("the cable was pulled")

    reader = pa.RecordBatchReader.from_batches(table.schema, batches())
    book = lgs.Ledger()
    with pytest.raises(Exception, match="the cable was pulled"):
        book.add(reader)
    assert book == lgs.Ledger()


def test_array_producer_equals_stream_producer() -> None:
    table = make("arrow", columns_of(LINES))
    wanted = saved_bytes(lgs.Ledger.from_lines(table))
    (batch,) = table.combine_chunks().to_batches()
    for producer in (Producer(table), ArrayProducer(batch)):
        assert saved_bytes(lgs.Ledger.from_lines(producer)) == wanted


@pytest.mark.parametrize("call", ["monthly", "customers", "invoices", "snapshots", "periods"])
def test_pandas_results_may_be_written(call: str) -> None:
    """Their memory was the result's own: what is written there is nobody else's."""
    book = lgs.Ledger.from_lines(lgs.demo_lines(customers=30, seed=1, frame="pandas"))
    first, second = getattr(book, call)(), getattr(book, call)()
    for name in first.columns:
        if first[name].dtype.kind in "iuf":
            first.loc[:, name] = -1
            first.loc[first.index[0], name] = -2
        elif first[name].dtype.kind == "M":
            first.loc[first.index[0], name] = pd.Timestamp("1999-01-01")
    pd.testing.assert_frame_equal(second, getattr(book, call)())
    numbers = [name for name in first.columns if first[name].dtype.kind in "iuf"]
    assert (first[numbers].iloc[0] == -2).all()
    del book
    assert (first[numbers].iloc[1:] == -1).all(axis=None)


def test_results_lent_as_arrow_outlive_their_ledger() -> None:
    book = lgs.Ledger.from_lines(make("arrow", columns_of(LINES)))
    table = book.customers(frame="table")
    wanted = rows_of(book.customers())
    arrow = pa.table(table)
    polars = pl.DataFrame(table)
    del book, table
    gc.collect()
    assert rows_of(arrow) == rows_of(polars) == wanted


def test_memory_does_not_grow() -> None:
    columns = wide()
    frames = [columns, pa.table(columns), pd.DataFrame(columns)]
    for frame in frames * 2:
        lgs.Ledger.from_lines(frame).customers()
    gc.collect()
    before = resident()
    for frame in frames * 10:
        lgs.Ledger.from_lines(frame).customers()
    gc.collect()
    # One kept column of 30 readings would be 96 MB.
    assert resident() - before < 24 * 2**20
