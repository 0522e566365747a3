"""The list of a campaign against a plain one made from the definitions, in every kind of frame."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import itertools
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import lgs_rfm as lgs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
from frames import KINDS, make, names_of, quiet_ledger, rows_of, values_of

RESULTS = ("pandas", "polars", "arrow", "numpy", "table")
NAMES = [
    *("customer_id", "group", "segment", "r_score", "f_score", "m_score"),
    *("recency", "frequency", "monetary", "last_date"),
]
SEGMENTS = ["Champions", "Can't Lose", "At Risk"]


def held_out(customer: reference.Id, name: str, seed: int, share: float) -> bool:
    """The definition, word by word."""
    key = hashlib.blake2b(name.encode() + b"\0" + str(seed).encode(), digest_size=32).digest()
    value = hashlib.blake2b(str(customer).encode(), key=key, digest_size=8).digest()
    return int.from_bytes(value, "big") / 2**64 < share


def shop(size: int = 60, seed: int = 1, *, text: bool = False) -> list[dict[str, Any]]:
    """Scored customers, in no order; many amounts are equal."""
    chance = random.Random(seed)
    rows = []
    for i in range(size):
        rows.append(
            {
                "customer_id": f"K{i:03}" if text and i % 3 else 12_000 + i,
                "recency": chance.randrange(300),
                "frequency": chance.randrange(1, 9),
                "monetary": float(chance.randrange(1, 12)),
                "last_date": reference.moment_of(
                    reference.micros("2011-01-01") + chance.randrange(300 * reference.DAY)
                ),
                "r_score": chance.randrange(1, 6),
                "f_score": chance.randrange(1, 6),
                "m_score": chance.randrange(1, 6),
                "segment": chance.choice([*SEGMENTS, "Hibernating"]),
            }
        )
    chance.shuffle(rows)
    return rows


def frame_of(rows: list[dict[str, Any]], kind: str = "pandas") -> Any:
    return make(kind, {name: [row[name] for row in rows] for name in shop(1)[0]})


def expected(
    rows: list[dict[str, Any]],
    segments: list[str],
    *,
    name: str,
    holdout: float = 0.1,
    seed: int = 7,
    suppress: tuple[reference.Id, ...] = (),
    top: int | None = None,
) -> list[dict[str, Any]]:
    listed = [row for row in rows if row["segment"] in segments and row["customer_id"] not in suppress]
    order = lambda row: reference.id_order(row["customer_id"])  # noqa: E731
    listed = sorted(listed, key=lambda row: (-row["monetary"], order(row)))[:top]
    out = []
    for row in sorted(listed, key=order):
        group = "holdout" if held_out(row["customer_id"], name, seed, holdout) else "contact"
        row = {**row, "group": group, "last_date": reference.micros(row["last_date"])}
        out.append({column: row[column] for column in NAMES})
    return out


def alike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with ids in canonical form: frames of one type hold integers among texts as text."""
    return [{n: reference.canonical_id(v) if n == "customer_id" else v for n, v in row.items()} for row in rows]


@pytest.mark.parametrize("text", [False, True], ids=["integers", "mixed"])
@pytest.mark.parametrize("kind", KINDS)
def test_list_of_every_kind_of_frame(kind: str, text: bool) -> None:
    rows = shop(text=text)
    options: dict[str, Any] = {"name": "spring", "holdout": 0.4, "top": 25}
    found = lgs.campaign(frame_of(rows, kind), ["At Risk", "Can't Lose"], suppress=[12_003, "12006", "x"], **options)
    assert names_of(found) == NAMES
    assert isinstance(found, type(frame_of(rows, kind)))
    assert alike(rows_of(found)) == expected(rows, ["At Risk", "Can't Lose"], suppress=(12_003, 12_006), **options)


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-object"])
def test_any_kind_of_frame_to_any_other(kind: str, result: str) -> None:
    rows = shop(text=True)
    own = pd.DataFrame({"customer_id": ["12000", "K001", "nobody"], "mail": ["a@b", None, "x"], "floor": [1, 2, 3]})
    found = lgs.campaign(frame_of(rows, kind), SEGMENTS, name="n", attributes=own, frame=result)
    wanted = expected(rows, SEGMENTS, name="n")
    mails, floors = {12_000: "a@b"}, {12_000: 1, "K001": 2}
    for row in wanted:
        row |= {"mail": mails.get(row["customer_id"]), "floor": floors.get(row["customer_id"])}
    assert alike(rows_of(found)) == wanted


@pytest.mark.parametrize("result", RESULTS)
def test_lists_from_a_table(result: str) -> None:
    rows = shop()
    table = lgs.campaign(frame_of(rows), SEGMENTS, name="n", frame="table")
    again = lgs.campaign(table, "at risk", name="n", frame=result)
    assert rows_of(again) == expected(rows, ["At Risk"], name="n")


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_equal_to_the_byte(kind: str, tmp_path: Path) -> None:
    rows = [row | {"segment": "At Risk"} for row in shop(text=True)]
    own = {"customer_id": [12_000, "K001"], "name": ["=SUM(A1)", 'Zoë, "Z"'], "floor": [7, 8]}
    first, path = tmp_path / "first.csv", tmp_path / "list.csv"
    lgs.campaign(frame_of(rows), "At Risk", name="n", attributes=make("polars", own), path=first)
    lines = first.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join([*NAMES, "name", "floor"])
    assert [line.split(",")[:3] for line in lines[1:]] == [
        [str(row[c]) for c in ("customer_id", "group", "segment")] for row in expected(rows, ["At Risk"], name="n")
    ]
    assert next(x for x in lines if x.startswith("12000,")).endswith(",'=SUM(A1),7")
    assert next(x for x in lines if x.startswith("K001,")).endswith(',"Zoë, ""Z""",8')
    assert next(x for x in lines if x.startswith("K002,")).endswith(",,")
    for mixed in (rows, rows[::-1]):
        for result in RESULTS:
            frame = frame_of(mixed, kind)
            lgs.campaign(frame, "At Risk", name="n", attributes=make(kind, own), path=path, frame=result)
            assert path.read_bytes() == first.read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {"list.csv", "first.csv"}


def test_a_failure_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("earlier")
    with pytest.raises(ValueError, match="no segment"):
        lgs.campaign(frame_of(shop()), "Nobody", name="n", path=path)
    assert path.read_text() == "earlier"
    with pytest.raises(OSError, match="nowhere"):
        lgs.campaign(frame_of(shop()), "At Risk", name="n", path=tmp_path / "nowhere" / "list.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


# ---- the hold-out


def sides(frame: Any) -> dict[Any, str]:
    return dict(zip(values_of(frame, "customer_id"), values_of(frame, "group"), strict=True))


def test_new_customers_change_nobodys_side() -> None:
    few, many = shop(200), shop(200) + [{**row, "customer_id": row["customer_id"] + 1000} for row in shop(300)]
    before = sides(lgs.campaign(frame_of(few), SEGMENTS, name="n", holdout=0.3))
    after = sides(lgs.campaign(frame_of(many), SEGMENTS, name="n", holdout=0.3))
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_a_larger_share_only_adds_to_the_held_out() -> None:
    frame = frame_of(shop(400))
    shares = (0, 0.1, 0.2, 0.5, 0.999999)
    held = [
        {c for c, g in sides(lgs.campaign(frame, SEGMENTS, name="n", holdout=s)).items() if g == "holdout"}
        for s in shares
    ]
    assert all(a <= b for a, b in itertools.pairwise(held))
    assert held[0] == set()


def test_names_and_seeds_part_anew_and_as_asked() -> None:
    ids = list(range(20_000))
    base = shop(1)[0] | {"segment": "At Risk"}
    frame = {n: np.full(len(ids), v) for n, v in base.items()} | {"customer_id": np.array(ids)}
    frame["last_date"] = frame["last_date"].astype("datetime64[us]")
    found = {}
    for name, seed in (("a", 7), ("b", 7), ("a", 8)):
        group = lgs.campaign(frame, "At Risk", name=name, seed=seed, holdout=0.25)["group"]
        found[name, seed] = group == "holdout"
        assert abs(found[name, seed].mean() - 0.25) < 0.01
    for one, other in ((("a", 7), ("b", 7)), (("a", 7), ("a", 8))):
        assert abs((found[one] & found[other]).mean() - 0.0625) < 0.01


@pytest.mark.parametrize(
    "ids", [np.array([13085, 13086, 13087]), np.array([13085.0, 13086, 13087]), np.array(["13085", "13086", "13087"])]
)
def test_one_customer_whatever_the_type_of_the_id(ids: Any) -> None:
    frame = frame_of(shop(3)).assign(segment="At Risk", customer_id=ids)
    found = lgs.campaign(frame, "At Risk", name="spring", holdout=0.5)
    assert values_of(found, "group") == ["holdout", "contact", "contact"]
    if ids.dtype.kind == "f":
        assert found["customer_id"].dtype == np.int64


# ---- what is left out and what is added


@pytest.mark.parametrize(
    "suppress",
    [
        [12_001, 12_002],
        {12_001, 12_002},
        ("12001", 12_002.0),
        np.array([12_001.0, 12_002.0, np.nan]),
        pd.Series(["12001", "12002", None]),
        pd.Series([12_001, 12_002, None], dtype="Int64"),
        pd.Index([12_001, 12_002]),
        pl.Series([12_001, None, 12_002]),
        pa.array(["12001", "12002"]),
        pa.chunked_array([[12_001], [12_002]]),
        pd.DataFrame({"customer_id": ["12001", "12002"], "why": ["moved", "asked"]}),
        pl.LazyFrame({"customer_id": [12_001, 12_002]}),
        {"customer_id": np.array([12_001, 12_002])},
        pa.table({"customer_id": ["12001", "12002"]}),
        pa.table({"customer_id": ["12001", "12002"]}).to_reader(),
        duckdb.sql("select unnest([12001, 12002]) as customer_id"),
        iter([12_001, 12_002]),
    ],
    ids=lambda value: type(value).__module__.partition(".")[0] + "-" + type(value).__name__,
)
def test_suppressed_customers_of_any_type(suppress: Any) -> None:
    rows = shop()
    found = lgs.campaign(frame_of(rows), [*SEGMENTS, "Hibernating"], name="n", suppress=suppress)
    wanted = expected(rows, [*SEGMENTS, "Hibernating"], name="n", suppress=(12_001, 12_002))
    assert rows_of(found) == wanted
    assert len(wanted) == 58


def test_suppression_comes_before_the_top() -> None:
    rows = shop()
    best = expected(rows, SEGMENTS, name="n", top=3)
    out = tuple(row["customer_id"] for row in best)
    found = lgs.campaign(frame_of(rows), SEGMENTS, name="n", suppress=list(out), top=3)
    assert rows_of(found) == expected(rows, SEGMENTS, name="n", suppress=out, top=3)
    assert len(found) == 3


@pytest.mark.parametrize("suppress", [[], None, np.array([]), pd.DataFrame({"customer_id": []})], ids=str)
def test_nobody_suppressed(suppress: Any) -> None:
    rows = shop()
    assert rows_of(lgs.campaign(frame_of(rows), SEGMENTS, name="n", suppress=suppress)) == expected(
        rows, SEGMENTS, name="n"
    )


@pytest.mark.parametrize("ids", [[12_000, 12_001], [12_000.0, 12_001.0], ["12000", "12001"]], ids=str)
@pytest.mark.parametrize("own", KINDS)
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-text"])
def test_attributes_of_any_kind_and_type(kind: str, own: str, ids: list[Any]) -> None:
    rows = [row | {"segment": "At Risk"} for row in shop(4)]
    columns = {
        "mail": ["a@b", "c@d", "e@f"],
        "since": [reference.moment_of(reference.micros(f"2010-0{i}-01")) for i in (1, 2, 3)],
        "weight": [0.5, 1.5, 2.5],
        "floor": [1, 2, 3],
        "vip": [True, False, True],
    }
    frame = make(own, {"customer_id": [*ids, 1], **columns})
    found = rows_of(lgs.campaign(frame_of(rows, kind), "At Risk", name="n", attributes=frame))
    assert list(found[0]) == [*NAMES, *columns]
    by_id = {int(row["customer_id"]): row for row in found}
    assert sorted(by_id) == [12_000, 12_001, 12_002, 12_003]
    for at, customer in enumerate((12_000, 12_001)):
        assert by_id[customer]["mail"] == columns["mail"][at]
        assert by_id[customer]["since"] == reference.micros(columns["since"][at])  # type: ignore[arg-type]
        assert by_id[customer]["weight"] == columns["weight"][at]
        assert by_id[customer]["floor"] == columns["floor"][at]
        assert str(by_id[customer]["vip"]) == str(columns["vip"][at])
    for customer in (12_002, 12_003):
        assert [by_id[customer][name] for name in columns] == [None] * 5


def test_attributes_keep_the_types_of_their_library() -> None:
    rows = [row | {"segment": "At Risk"} for row in shop(3)]
    own = pd.DataFrame({"customer_id": [12_001, 12_000], "city": pd.Categorical(["Ulm", "Bonn"]), "floor": [1, 2]})
    found = lgs.campaign(frame_of(rows), "At Risk", name="n", attributes=own)
    assert [str(found[name].dtype) for name in ("city", "floor")] == ["category", "Int64"]
    assert found.index.equals(pd.RangeIndex(3))
    found = lgs.campaign(frame_of(rows, "polars"), "At Risk", name="n", attributes=pl.from_pandas(own))
    assert isinstance(found.schema["city"], pl.Categorical | pl.Enum)
    assert found.schema["floor"] == pl.Int64


def test_attributes_from_a_database() -> None:
    own = duckdb.sql("select * from (values ('12000', 'a@b'), ('12001', 'c@d')) as t(customer_id, mail)")
    rows = [row | {"segment": "At Risk"} for row in shop(3)]
    for kind in ("pandas", "polars", "numpy-object"):
        found = lgs.campaign(frame_of(rows, kind), "At Risk", name="n", attributes=own)
        assert values_of(found, "mail") == ["a@b", "c@d", None]


def test_attributes_of_odd_types(tmp_path: Path) -> None:
    """Lists, structs, times and dictionaries over several chunks: of the same library they stay what they are."""
    codes = pa.chunked_array([pa.array(list("ab")).dictionary_encode(), pa.array(list("ca")).dictionary_encode()])
    own = pa.table(
        {
            "customer_id": [12_000, 12_001, 12_002, 1],
            "code": codes,
            "visits": [[1], [2, 3], None, []],
            "at": [dt.time(1, 2), None, None, dt.time(3)],
            "address": [{"city": "Ulm"}, None, {"city": "Bonn"}, None],
        }
    )
    rows = [row | {"segment": "At Risk"} for row in shop(4)]
    path = tmp_path / "list.csv"
    for result in RESULTS:
        found = lgs.campaign(frame_of(rows, "arrow"), "At Risk", name="n", attributes=own, frame=result, path=path)
        assert names_of(found) == [*NAMES, *own.column_names[1:]]
        assert values_of(found, "code") == ["a", "b", "c", None]
        cells = [next(csv.reader([line]))[-4:] for line in path.read_text().splitlines()[1:]]
        assert cells == [
            ["a", "[1]", "01:02:00", "{'city': 'Ulm'}"],
            ["b", "[2, 3]", "", ""],
            ["c", "", "", "{'city': 'Bonn'}"],
            ["", "", "", ""],
        ]
    same = lgs.campaign(frame_of(rows, "arrow"), "At Risk", name="n", attributes=own)
    assert [same.schema.field(name).type for name in own.column_names[1:]] == own.schema.types[1:]


def test_missing_values_of_pandas(tmp_path: Path) -> None:
    own = pd.DataFrame({"customer_id": [12_000, 12_001], "note": pd.Series([pd.NA, "x"], dtype=object)})
    rows = [row | {"segment": "At Risk"} for row in shop(3)]
    for result in RESULTS:
        path = tmp_path / "list.csv"
        found = lgs.campaign(frame_of(rows), "At Risk", name="n", attributes=own, frame=result, path=path)
        assert values_of(found, "note") == [None, "x", None]
        assert [line.rpartition(",")[2] for line in path.read_text().splitlines()] == ["note", "", "x", ""]


def test_a_missing_amount_has_no_rank() -> None:
    frame = frame_of([row | {"segment": "At Risk"} for row in shop(3)]).assign(monetary=[1.0, float("nan"), 2.0])
    assert len(lgs.campaign(frame, "At Risk", name="n")) == 3
    with pytest.raises(lgs.LinesError, match="column monetary, row 1: it is missing, so top=2"):
        lgs.campaign(frame, "At Risk", name="n", top=2)


def test_attributes_without_rows_or_columns() -> None:
    rows = shop()
    for own in (pd.DataFrame({"customer_id": [], "mail": []}), pd.DataFrame({"customer_id": [1]})):
        for result in RESULTS:
            found = lgs.campaign(frame_of(rows), SEGMENTS, name="n", attributes=own, frame=result)
            kept = [{n: row[n] for n in NAMES} for row in rows_of(found)]
            assert kept == expected(rows, SEGMENTS, name="n")


@pytest.mark.parametrize("result", RESULTS)
def test_lists_of_nobody(result: str, tmp_path: Path) -> None:
    rows = [row | {"segment": "At Risk"} for row in shop(5)]
    for frame in (lgs.SegmentRules.standard().assign(frame_of(rows)), lgs.rfm(lgs.demo_lines(customers=50, seed=1))):
        found = lgs.campaign(frame, "hibernating", name="n", suppress=frame, frame=result, path=tmp_path / "x.csv")
        assert names_of(found) == NAMES
        assert rows_of(found) == []
        assert (tmp_path / "x.csv").read_text() == ",".join(NAMES) + "\n"


# ---- names


@pytest.mark.parametrize("spelling", ["Can't Lose", "cant-lose", "cant_lose", "CANT LOSE", "can\u2019t lose"])
def test_spellings_of_a_segment(spelling: str) -> None:
    rows = shop()
    found = lgs.campaign(frame_of(rows), spelling, name="n")
    assert rows_of(found) == expected(rows, ["Can't Lose"], name="n")
    twice = lgs.campaign(frame_of(rows), [spelling, "Can't Lose"], name="n")
    assert rows_of(twice) == rows_of(found)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy-object"])
def test_unknown_segments_are_told_the_known_ones(kind: str) -> None:
    scored = lgs.SegmentRules.standard().assign(frame_of(shop(), kind))
    for wrong in ("Nobody", ["Champions", "Nobody"], ["Champions", 5]):
        with pytest.raises(ValueError, match=r"is no segment; .*'Champions', 'Loyal Customers'.*'Hibernating'$"):
            lgs.campaign(scored, wrong, name="n")
    with pytest.raises(ValueError, match="is no segment"):
        lgs.campaign(scored, [], name="n")


def test_names_that_differ_in_punctuation_only() -> None:
    frame = frame_of(shop(2)).assign(segment=["A B", "a-b"])
    assert len(lgs.campaign(frame, "a-b", name="n")) == 1
    with pytest.raises(ValueError, match="more than one segment"):
        lgs.campaign(frame, "a_b", name="n")


# ---- bad calls


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ""}, r"name=''"),
        ({"name": 5}, r"name=5"),
        ({"holdout": 1}, r"holdout=1 .*below 1"),
        ({"holdout": -0.1}, r"holdout=-0\.1"),
        ({"holdout": float("nan")}, r"holdout=nan"),
        ({"holdout": "0.1"}, r"holdout='0\.1'"),
        ({"seed": 1.5}, r"seed=1\.5"),
        ({"top": 0}, r"top=0"),
        ({"top": 2.5}, r"top=2\.5"),
        ({"frame": "excel"}, r"frame='excel'"),
        ({"as_of": "2011-03-01"}, r"as_of='2011-03-01': customer 120\d\d bought at 2011-.*later"),
        ({"as_of": "soon"}, r"as_of: .*soon"),
        ({"attributes": {"customer_id": np.array([1]), "monetary": np.array([2])}}, "column monetary of its own"),
        ({"attributes": {"customer_id": np.array([1, 1]), "a": np.array([2, 3])}}, "row 1: 1 is in row 0 already"),
        ({"attributes": {"customer_id": np.array(["7", "007", "7"])}}, "row 2: 7 is in row 0 already"),
        ({"attributes": {"customer_id": np.array([1.5])}}, "customer_id.*1.5"),
        ({"suppress": [1.5]}, "suppress.*1.5"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        lgs.campaign(frame_of(shop()), "At Risk", **{"name": "n", **options})
    assert "\n" not in str(caught.value)


def test_wrong_types() -> None:
    frame = frame_of(shop())
    for options in ({"suppress": "12001"}, {"suppress": 12_001}, {"attributes": [1, 2]}):
        with pytest.raises(TypeError, match=next(iter(options))):
            lgs.campaign(frame, "At Risk", name="n", **options)
    with pytest.raises(TypeError, match="segments: list is no frame"):
        lgs.campaign([1], "At Risk", name="n")


@pytest.mark.parametrize("column", ["customer_id", "segment", "r_score", "monetary", "last_date"])
def test_columns_must_be_there(column: str) -> None:
    with pytest.raises(lgs.ColumnError, match=column):
        lgs.campaign(frame_of(shop()).drop(columns=column), "At Risk", name="n")
    with pytest.raises(lgs.ColumnError, match="attributes: column customer_id"):
        lgs.campaign(frame_of(shop()), "At Risk", name="n", attributes=pd.DataFrame({"id": [1]}))


def test_a_customer_in_two_rows_or_none() -> None:
    frame = frame_of(shop(3))
    with pytest.raises(lgs.LinesError, match=r"segments: .*already"):
        lgs.campaign(pd.concat([frame, frame]), "At Risk", name="n")
    with pytest.raises(lgs.LinesError, match=r"segments: .*row 1: the id is missing"):
        lgs.campaign(frame.assign(customer_id=[1, None, 2]), "At Risk", name="n")


def test_missing_ids_in_attributes_are_nobodys() -> None:
    own = pd.DataFrame({"customer_id": [12_000, None, None], "mail": ["a", "b", "c"]})
    found = lgs.campaign(frame_of(shop()), [*SEGMENTS, "Hibernating"], name="n", attributes=own)
    assert [m for m in values_of(found, "mail") if m is not None] == ["a"]


# ---- what a list of this size can tell


def test_the_list_says_what_it_can_tell() -> None:
    rows = shop(100)
    frame = lgs.campaign(frame_of(rows), SEGMENTS, name="Zoë", as_of="2011-12-01", holdout=0.3)
    note = frame.attrs["campaign"]
    groups = values_of(frame, "group")
    assert (note["contact"], note["holdout"]) == (groups.count("contact"), groups.count("holdout"))
    assert (note["name"], note["seed"], note["as_of"][:10]) == ("Zoë", 7, "2011-12-01")
    assert note["detectable_effect"] == rows_of(lgs.detectable_effect(frame))
    table = lgs.campaign(frame_of(rows), SEGMENTS, name="Zoë", as_of="2011-12-01", holdout=0.3, frame="arrow")
    assert json.loads(table.schema.metadata[b"lgs_rfm.campaign"]) == note


def test_real_segments(pandas_book: lgs.Ledger) -> None:
    """Every kind of frame and any order of rows gives one list."""
    segments = lgs.rfm(pandas_book, as_of="2011-10-01")
    wanted = [row for row in rows_of(segments) if row["segment"] in ("Can't Lose", "At Risk")]
    found = lgs.campaign(segments, ["cant-lose", "at-risk"], name="autumn", as_of="2011-10-01")
    assert values_of(found, "customer_id") == [row["customer_id"] for row in wanted]
    assert values_of(found, "group") == [
        "holdout" if held_out(row["customer_id"], "autumn", 7, 0.1) else "contact" for row in wanted
    ]
    shuffled = segments.sample(frac=1, random_state=1)
    assert lgs.campaign(shuffled, ["at-risk", "cant-lose"], name="autumn").equals(found)


def test_any_split_of_the_lines_gives_the_same_list() -> None:
    lines = lgs.demo_lines(customers=150, seed=4, frame="pandas")
    whole = lgs.rfm(quiet_ledger(lines))
    parts = [quiet_ledger(lines.iloc[i::3]) for i in (2, 0, 1)]
    split = lgs.rfm(lgs.merge(parts))
    assert lgs.campaign(split, SEGMENTS, name="n").equals(lgs.campaign(whole, SEGMENTS, name="n"))
