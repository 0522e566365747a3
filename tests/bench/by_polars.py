"""Polars: one lazy query each, on the streaming engine.

Tried besides (real lines, x1 and x10): the in-memory engine (1.5 to 3 times slower, but for the entries below), two
groupings for RFM (the same), n_unique on all lines for months (2 times slower than from the entries), first() in place
of max() for the customer of an invoice (the same). For CSV: try_parse_dates (5 to 7 times slower than text read as
moments afterwards).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from contestant import Base
from definitions import AS_OF, LINES, MIN_INVOICES, SEGMENTS, Setup

_col = pl.col
_AMOUNT = _col("quantity") * _col("price")
_CSV_TYPES = {"Invoice": pl.String, "Quantity": pl.Int32, "Price": pl.Float64, "Customer ID": pl.Float64}
_CSV_MOMENT = "%Y-%m-%d %H:%M:%S"
_LAST = _col("moment").max()
_PURCHASE = (_col("quantity") > 0) & (_col("price") > 0)
_KNOWN = _col("customer").is_not_null()
_MONTH = _col("moment").dt.year().cast(pl.Int64) * 100 + _col("moment").dt.month()


def _customers(lines: pl.LazyFrame, *, last: pl.Expr = _LAST) -> pl.LazyFrame:
    return (
        lines.filter(_KNOWN & _PURCHASE)
        .group_by(customer_id="customer")
        .agg(last=last, frequency=_col("invoice").n_unique(), monetary=_AMOUNT.sum())
        .with_columns(recency=_recency(_col("last")))
    )


def _recency(last: pl.Expr) -> pl.Expr:
    return (pl.lit(AS_OF.item()) - last).dt.total_days()


def _score(column: pl.Expr, *, reverse: bool = False) -> pl.Expr:
    cuts = [column.quantile(i / 5, "linear") for i in range(1, 5)]
    below = pl.sum_horizontal((column > cut).cast(pl.Int64) for cut in cuts)
    return 5 - below if reverse else 1 + below


def _scored(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Add scores; customers are in the order of their ids, so that ranks of equal frequency go by id."""
    place = _col("frequency").rank("ordinal").cast(pl.Int64) - 1
    return customers.with_columns(
        r_score=_score(_col("recency"), reverse=True),
        f_score=1
        + pl.sum_horizontal((5 * place > i * (pl.len().cast(pl.Int64) - 1)).cast(pl.Int64) for i in range(1, 5)),
        m_score=_score(_col("monetary")),
    )


def _entries(lines: pl.LazyFrame) -> pl.LazyFrame:
    """One row per invoice, customer and moment, as our ledger has it."""
    return lines.group_by("invoice", "customer", "moment").agg(
        lines=pl.len(),
        quantity=_col("quantity").sum(),
        net=_AMOUNT.sum(),
        gross=_AMOUNT.filter(_PURCHASE).sum(),
        purchases=_PURCHASE.sum(),
    )


def _months(entries: pl.LazyFrame) -> pl.LazyFrame:
    entries = entries.with_columns(yyyymm=_MONTH)
    cancelled = _col("invoice").filter(_col("invoice").str.starts_with("C"))
    months = entries.group_by("yyyymm").agg(
        orders=_col("invoice").n_unique(),
        cancelled=cancelled.n_unique(),
        sales=_col("net").sum(),
        active_users=_col("customer").drop_nulls().n_unique(),
    )
    return _with_new(months, entries)


def _with_new(months: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    first = lines.filter(_KNOWN).group_by("customer").agg(yyyymm=_col("yyyymm").min())
    new = first.group_by("yyyymm").agg(new_users=pl.len())
    return months.join(new, on="yyyymm", how="left").with_columns(_col("new_users").fill_null(0))


class Contestant(Base):
    modules = ("polars",)

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        if setup.lines is not None:
            self._frame = pl.read_parquet(setup.lines, columns=list(setup.columns)).rename(setup.columns).rechunk()
            self._lines = self._frame.lazy()
        if setup.customers is not None:
            self._customers = pl.read_parquet(setup.customers).lazy()

    def rfm(self) -> pl.DataFrame:
        return _customers(self._lines).collect(engine="streaming")

    def whole(self) -> pl.DataFrame:
        customers = _customers(self._lines).sort("customer_id").collect(engine="streaming")
        table = pl.LazyFrame(
            [(r, f, name) for (r, f), name in SEGMENTS.items()],
            schema={"r_score": pl.Int64, "f_score": pl.Int64, "segment": pl.String},
            orient="row",
        )
        return _scored(customers.lazy()).join(table, on=["r_score", "f_score"], how="left").collect()

    def scores(self) -> pl.DataFrame:
        return _scored(self._customers).collect()

    def invoices(self) -> pl.DataFrame:
        query = self._lines.group_by("invoice").agg(
            customer_id=_col("customer").max(),
            first_moment=_col("moment").min(),
            lines=pl.len(),
            quantity=_col("quantity").sum(),
            net=_AMOUNT.sum(),
        )
        return query.collect(engine="streaming")

    def users(self) -> pl.DataFrame:
        lines = self._lines.with_columns(yyyymm=_MONTH)
        months = lines.group_by("yyyymm").agg(
            sales=_AMOUNT.sum(), active_users=_col("customer").drop_nulls().n_unique()
        )
        return _with_new(months, lines).collect(engine="streaming")

    def monthly(self) -> pl.DataFrame:
        entries = self._lines.group_by("invoice", "customer", "moment").agg(net=_AMOUNT.sum())
        return _months(entries).collect(engine="streaming")

    def all(self) -> dict[str, pl.DataFrame]:
        return {"invoices": self.invoices(), "monthly": self.monthly(), "rfm": self.rfm()}

    def all_from_entries(self) -> dict[str, pl.DataFrame]:
        entries = _entries(self._lines).collect().lazy()
        invoices = entries.group_by("invoice").agg(
            customer_id=_col("customer").max(),
            first_moment=_col("moment").min(),
            lines=_col("lines").sum(),
            quantity=_col("quantity").sum(),
            net=_col("net").sum(),
        )
        customers = (
            entries.filter(_KNOWN & (_col("purchases") > 0))
            .group_by(customer_id="customer")
            .agg(last=_col("moment").max(), frequency=_col("invoice").n_unique(), monetary=_col("gross").sum())
            .with_columns(recency=_recency(_col("last")))
        )
        tables = {"invoices": invoices, "monthly": _months(entries), "rfm": customers}
        return {kind: table.collect(engine="streaming") for kind, table in tables.items()}

    # ---- products and countries

    def _totals(self, key: str) -> pl.DataFrame:
        query = self._lines.group_by(key).agg(
            lines=pl.len(),
            purchase_lines=_PURCHASE.sum(),
            quantity=_col("quantity").sum(),
            invoices=_col("invoice").n_unique(),
            customers=_col("customer").drop_nulls().n_unique(),
            bought=_col("quantity").filter(_PURCHASE).sum(),
            gross=_AMOUNT.filter(_PURCHASE).sum(),
            net=_AMOUNT.sum(),
            first_moment=_col("moment").min(),
            last_moment=_col("moment").max(),
        )
        return query.collect(engine="streaming")

    def by_product(self) -> pl.DataFrame:
        return self._totals("stock_code")

    def by_country(self) -> pl.DataFrame:
        return self._totals("country")

    def pairs(self) -> pl.DataFrame:
        sale = ~_col("invoice").str.contains("^[CA]")
        codes = self._lines.select("stock_code").unique().sort("stock_code").with_row_index("code")
        basket = self._lines.filter(_PURCHASE & sale).join(codes, on="stock_code").select("invoice", "code").unique()
        both = basket.join(basket, on="invoice").filter(_col("code") < _col("code_right"))
        pairs = both.group_by("code", "code_right").agg(invoices=pl.len()).filter(_col("invoices") >= MIN_INVOICES)
        named = pairs.join(codes.rename({"stock_code": "product_a"}), on="code")
        named = named.join(codes.rename({"stock_code": "product_b", "code": "code_right"}), on="code_right")
        return named.collect(engine="streaming")

    # ---- files

    def read_csv(self, path: Path) -> pl.DataFrame:
        lines = pl.read_csv(path, columns=list(LINES), schema_overrides=_CSV_TYPES)
        return lines.with_columns(_col("InvoiceDate").str.to_datetime(_CSV_MOMENT))

    def csv_rfm(self, path: Path, **options: Any) -> pl.DataFrame:
        lines = pl.scan_csv(path, schema_overrides=_CSV_TYPES, **options).select(list(LINES)).rename(LINES)
        # ISO text is in the order of time: only the last moment of each customer is read as one.
        return _customers(lines, last=_col("moment").max().str.to_datetime(_CSV_MOMENT)).collect(engine="streaming")

    def parquet_rfm(self, path: Path) -> pl.DataFrame:
        return _customers(pl.scan_parquet(path).select(list(LINES)).rename(LINES)).collect(engine="streaming")
