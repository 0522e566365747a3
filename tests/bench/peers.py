"""The same RFM analysis in other libraries: their quickest way that we found, and one form to compare answers in."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

SEGMENTS = {
    (r, f): name
    for name, rs, fs in (
        ("Hibernating", (1, 2), (1, 2)),
        ("At Risk", (1, 2), (3, 4)),
        ("Can't Lose", (1, 2), (5,)),
        ("About to Sleep", (3,), (1, 2)),
        ("Need Attention", (3,), (3,)),
        ("Loyal Customers", (3, 4), (4, 5)),
        ("Promising", (4,), (1,)),
        ("New Customers", (5,), (1,)),
        ("Potential Loyalists", (4, 5), (2, 3)),
        ("Champions", (5,), (4, 5)),
    )
    for r in rs
    for f in fs
}
COLUMNS = ("customer_id", "recency", "frequency", "monetary", "r_score", "f_score", "m_score", "segment")
_DAY = np.timedelta64(1, "D")


def _scored(customers: pd.DataFrame) -> pd.DataFrame:
    """Add scores and segment as the notebooks do: qcut, frequency by rank(method="first"), a look-up."""
    labels = [1, 2, 3, 4, 5]
    customers["r_score"] = pd.qcut(customers["recency"], 5, labels=labels[::-1]).astype("int64")
    customers["f_score"] = pd.qcut(customers["frequency"].rank(method="first"), 5, labels=labels).astype("int64")
    customers["m_score"] = pd.qcut(customers["monetary"], 5, labels=labels).astype("int64")
    table = pd.Series(SEGMENTS)
    customers["segment"] = table.reindex(pd.MultiIndex.from_frame(customers[["r_score", "f_score"]])).to_numpy()
    return customers


def rfm_pandas(lines: pd.DataFrame, as_of: np.datetime64) -> pd.DataFrame:
    """Filter, group, three qcut, look-up."""
    kept = lines[lines["Customer ID"].notna() & (lines["Quantity"] > 0) & (lines["Price"] > 0)]
    kept = kept.assign(amount=kept["Quantity"] * kept["Price"])
    customers = kept.groupby("Customer ID").agg(
        last=("InvoiceDate", "max"), frequency=("Invoice", "nunique"), monetary=("amount", "sum")
    )
    customers["recency"] = (as_of - customers.pop("last")) // _DAY
    return _scored(customers.reset_index(names="customer_id"))


def rfm_polars(lines: pl.DataFrame, as_of: np.datetime64) -> pl.DataFrame:
    """One lazy query; scores by quantile cuts, the segment by a join."""
    moment = pl.lit(as_of.item())
    customers = (
        lines.lazy()
        .filter(pl.col("Customer ID").is_not_null() & (pl.col("Quantity") > 0) & (pl.col("Price") > 0))
        .group_by("Customer ID")
        .agg(
            ((moment - pl.col("InvoiceDate").max()).dt.total_days()).alias("recency"),
            pl.col("Invoice").n_unique().alias("frequency"),
            (pl.col("Quantity") * pl.col("Price")).sum().alias("monetary"),
        )
        .sort("Customer ID")
        .collect()
    )

    def score(column: pl.Expr, *, reverse: bool = False) -> pl.Expr:
        cuts = [column.quantile(i / 5, "linear") for i in range(1, 5)]
        below = pl.sum_horizontal((column > cut).cast(pl.Int64) for cut in cuts)
        return 5 - below if reverse else 1 + below

    table = pl.DataFrame(
        [(r, f, name) for (r, f), name in SEGMENTS.items()],
        schema={"r_score": pl.Int64, "f_score": pl.Int64, "segment": pl.String},
        orient="row",
    )
    return (
        customers.with_columns(
            score(pl.col("recency"), reverse=True).alias("r_score"),
            score(pl.col("frequency").rank("ordinal")).alias("f_score"),
            score(pl.col("monetary")).alias("m_score"),
        )
        .join(table, on=["r_score", "f_score"], how="left", maintain_order="left")
        .rename({"Customer ID": "customer_id"})
    )


def rfm_duckdb(lines: pa.Table, as_of: np.datetime64) -> pa.Table:
    """One SQL statement over the Arrow table."""
    rules = ", ".join(f"({r}, {f}, '{name.replace(chr(39), chr(39) * 2)}')" for (r, f), name in SEGMENTS.items())
    return duckdb.sql(f"""
        with customers as (
            select "Customer ID" customer_id,
                   date_diff('microsecond', max("InvoiceDate"), timestamp '{as_of}') // 86400000000 recency,
                   count(distinct "Invoice") frequency, sum("Quantity" * "Price") monetary
            from lines where "Customer ID" is not null and "Quantity" > 0 and "Price" > 0 group by 1),
        ranked as (select *, row_number() over (order by frequency, customer_id) place from customers),
        cut as (select quantile_cont(recency, [0.2, 0.4, 0.6, 0.8]) r, quantile_cont(place, [0.2, 0.4, 0.6, 0.8]) f,
                       quantile_cont(monetary, [0.2, 0.4, 0.6, 0.8]) m from ranked),
        scored as (select customer_id, recency, frequency, monetary,
                          5 - len(list_filter(r, lambda c: c < recency)) r_score,
                          1 + len(list_filter(f, lambda c: c < place)) f_score,
                          1 + len(list_filter(m, lambda c: c < monetary)) m_score from ranked, cut)
        select scored.*, segment from scored left join (values {rules}) t(r_score, f_score, segment)
            using (r_score, f_score) order by customer_id
    """).to_arrow_table()


def canonical(frame: Any) -> dict[str, list[Any]]:
    """Return an answer as plain lists, in the order of customers."""
    if isinstance(frame, pd.DataFrame):
        frame = frame.astype({"segment": "object"})
        columns = {name: frame[name].tolist() for name in frame.columns}
    else:
        columns = frame.to_pydict() if isinstance(frame, pa.Table) else frame.to_dict(as_series=False)
    return {
        name: columns[name]
        for name in ("customer_id", "recency", "frequency", "monetary", "r_score", "f_score", "m_score", "segment")
    }


def check_equal(who: str, got: dict[str, list[Any]], expected: dict[str, list[Any]]) -> None:
    """Refuse an answer that differs; amounts may differ by what adding doubles in another order does."""
    for name, values in expected.items():
        if name == "monetary":
            worst = np.max(np.abs(np.array(got[name]) / np.array(values) - 1), initial=0)
            equal = worst < 1e-9
        else:
            equal = got[name] == values
        if not equal:
            raise AssertionError(f"{who} differs from pandas in {name}")
