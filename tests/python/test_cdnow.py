"""Two other shops: CDNOW against its published summary, and the sample data of the R package rfm."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import pandas as pd
import pytest
from frames import quiet_ledger, rows_of, values_of

END_OF_CALIBRATION = "1997-09-30"


@pytest.fixture(scope="module")
def cdnow(data_folder: Path) -> pd.DataFrame:
    names = ["master", "customer_id", "invoice_date", "quantity", "amount"]
    frame = pd.read_csv(data_folder / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"invoice_date": str})
    frame["invoice_date"] = pd.to_datetime(frame["invoice_date"], format="%Y%m%d")
    return frame


@pytest.fixture(scope="module")
def summary(data_folder: Path) -> pd.DataFrame:
    """Repeat purchase days, and age and time of the last one in weeks (Fader, Hardie and Lee 2005)."""
    return pd.read_csv(data_folder / "cdnow_customers_summary.csv").set_index("ID")


@pytest.fixture(scope="module")
def orders(data_folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(data_folder / "rfm_data_orders.csv", parse_dates=["order_date"])
    return frame.sort_values("order_date", kind="stable")


ORDERS = {"invoice_date": "order_date", "amount": "revenue"}


@pytest.mark.parametrize("kind", ["pandas", "object", "numpy"])
def test_cdnow_customers(cdnow: pd.DataFrame, summary: pd.DataFrame, kind: str) -> None:
    frame: Any = cdnow.drop(columns="master")
    if kind == "object":
        frame = frame.assign(customer_id=frame["customer_id"].map("{}".format).astype(object))
    if kind == "numpy":
        frame = {n: frame[n].to_numpy() for n in frame.columns}
    rows = rows_of(quiet_ledger(frame).customers(as_of=END_OF_CALIBRATION, basis="all"))
    assert len(rows) == len(summary) == 2357
    for row in rows:
        known = summary.loc[int(row["customer_id"])]
        # Their frequency leaves the first purchase out; a day counts once on both sides.
        assert row["frequency"] - 1 == known["frequency"]
        day = 86_400 * 10**6
        assert (row["last_date"] - row["first_date"]) / day / 7 == pytest.approx(known["recency"], abs=0.005)
        age = row["recency"] + (row["last_date"] - row["first_date"]) // day
        assert age / 7 == pytest.approx(known["T"], abs=0.005)


def test_cdnow_money_is_the_sum_of_the_cents(cdnow: pd.DataFrame) -> None:
    cents = (cdnow["amount"] * 100).round().astype("int64")
    wanted = cents.groupby(cdnow["customer_id"]).sum()
    table = quiet_ledger(cdnow.drop(columns="master")).customers(basis="all")
    assert values_of(table, "monetary") == [float(c) / 100 for c in wanted]
    assert values_of(table, "customer_id") == wanted.index.tolist()


def test_orders_by_name(orders: pd.DataFrame) -> None:
    """Figures that the documentation of the R package prints for an analysis on 2006-12-31."""
    table = quiet_ledger(lgs.Lines(orders, columns=ORDERS)).customers(as_of="2006-12-31")
    rows = {r["customer_id"]: r for r in rows_of(table)}
    assert len(rows) == 995
    for name, recency, count, amount in (
        ("Abbey O'Reilly", 205, 6, 472.0),
        ("Add Senger", 140, 3, 340.0),
        ("Aden Lesch", 194, 4, 405.0),
        ("Admiral Senger", 132, 5, 448.0),
        ("Agness O'Keefe", 90, 9, 843.0),
        ("Aileen Barton", 84, 9, 763.0),
    ):
        row = rows[name]
        assert (row["recency"], row["frequency"], row["monetary"]) == (recency, count, amount)


def test_orders_against_a_groupby(orders: pd.DataFrame) -> None:
    """Without invoice numbers the orders of one customer on one day are one invoice."""
    table = quiet_ledger(lgs.Lines(orders, columns=ORDERS)).customers(as_of="2006-12-31")
    wanted = orders.groupby("customer_id").agg(
        frequency=("order_date", "nunique"), monetary=("revenue", "sum"), last=("order_date", "max")
    )
    assert values_of(table, "customer_id") == sorted(wanted.index, key=str.encode)
    wanted = wanted.loc[values_of(table, "customer_id")]
    assert values_of(table, "frequency") == wanted["frequency"].tolist()
    assert values_of(table, "monetary") == wanted["monetary"].astype(float).tolist()
    assert values_of(table, "recency") == (dt.datetime(2006, 12, 31) - wanted["last"]).dt.days.tolist()


def test_a_file_door_gives_the_same(orders: pd.DataFrame, data_folder: Path) -> None:
    lines = lgs.read_lines(data_folder / "rfm_data_orders.csv", columns=ORDERS)
    from_file = quiet_ledger(lines)
    assert from_file == quiet_ledger(lgs.Lines(orders, columns=ORDERS))
    assert set(values_of(from_file.customers().to_pandas(), "customer_id")) == set(orders["customer_id"])
