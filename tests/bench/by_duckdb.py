"""DuckDB: SQL over a table of its own in memory, results as Arrow.

Tried besides (real lines, x1 and x10): the Arrow table in place of an own one (the same to 10 % slower), count(distinct
invoice) on the lines for RFM (a fifth slower than grouping by customer and invoice first) and for months (2.5 times
slower than from the entries below), a join of two groupings (slower), date_trunc in place of year and month (slower).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from contestant import Base
from definitions import AS_OF, DAY_MICROS, LINES, MIN_INVOICES, SEGMENTS, Setup

_NAMES = ", ".join(f'"{theirs}" {ours}' for theirs, ours in LINES.items())
_BOUGHT = "quantity > 0 and price > 0"
_RECENCY = f"date_diff('microsecond', max(last), timestamp '{AS_OF}') // {DAY_MICROS}"
_MONTH = "year(moment) * 100 + month(moment)"


def _customers(lines: str) -> str:
    return f"""
        select customer customer_id, {_RECENCY} recency, count(*) frequency, sum(monetary) monetary
        from (select customer, invoice, max(moment) as last, sum(quantity * price) monetary from {lines}
              where customer is not null and quantity > 0 and price > 0 group by customer, invoice)
        group by customer"""


def _scored(customers: str) -> str:
    """Return the parts of a WITH clause that end in `scored`; lists and their functions would be slower."""
    levels = "[0.2, 0.4, 0.6, 0.8]"
    cuts = ", ".join(f"{name}[{i}] {name}{i}" for name in "rm" for i in (1, 2, 3, 4))

    def score(value: str, name: str) -> str:
        return " + ".join(f"({value} > {name}{i})::int" for i in (1, 2, 3, 4))

    place = " + ".join(f"(5 * (place - 1) > {i} * (people - 1))::int" for i in (1, 2, 3, 4))
    return f"""
        cut as (select quantile_cont(recency, {levels}) r, quantile_cont(monetary, {levels}) m,
                       count(*) people from {customers}),
        cuts as (select {cuts}, people from cut),
        ranked as (select *, row_number() over (order by frequency, customer_id) place from {customers}),
        scored as (select customer_id, recency, frequency, monetary, 5 - ({score("recency", "r")}) r_score,
                          1 + {place} f_score, 1 + {score("monetary", "m")} m_score from ranked, cuts)"""


_RULES = ", ".join(f"({r}, {f}, '{name.replace(chr(39), chr(39) * 2)}')" for (r, f), name in SEGMENTS.items())
_ENTRIES = """
    select invoice, customer, moment, count(*) lines, sum(quantity) quantity, sum(quantity * price) net,
           sum(quantity * price) filter (quantity > 0 and price > 0) gross,
           count(*) filter (quantity > 0 and price > 0) purchases
    from lines group by all"""
_MONTHLY = f"""
    select yyyymm, orders, cancelled, sales, active_users, coalesce(new_users, 0) new_users
    from (select {_MONTH} yyyymm, count(distinct invoice) orders,
                 count(distinct invoice) filter (starts_with(invoice, 'C')) cancelled, sum(net) sales,
                 count(distinct customer) active_users from entries group by 1)
    left join (select yyyymm, count(*) new_users
               from (select min({_MONTH}) yyyymm from entries where customer is not null group by customer) group by 1)
        using (yyyymm)"""


class Contestant(Base):
    modules = ("duckdb",)

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._database = duckdb.connect()
        self._database.execute(f"set threads = {setup.threads}; set preserve_insertion_order = false")
        if setup.lines is not None:
            names = ", ".join(f'"{theirs}" {ours}' for theirs, ours in setup.columns.items())
            self._database.execute(f"create table lines as select {names} from '{setup.lines}'")
        if setup.customers is not None:
            self._database.execute(f"create table customers as from '{setup.customers}'")

    def _query(self, sql: str) -> pa.Table:
        return self._database.sql(sql).to_arrow_table()

    def rfm(self) -> pa.Table:
        return self._query(_customers("lines"))

    def whole(self) -> pa.Table:
        return self._query(f"""
            with customers as materialized ({_customers("lines")}), {_scored("customers")}
            select scored.*, segment from scored left join (values {_RULES}) t(r_score, f_score, segment)
                using (r_score, f_score)""")

    def scores(self) -> pa.Table:
        return self._query(f"with {_scored('customers')} from scored")

    def invoices(self) -> pa.Table:
        return self._query("""
            select invoice, max(customer) customer_id, min(moment) first_moment, count(*) lines, sum(quantity) quantity,
                   sum(quantity * price) net from lines group by invoice""")

    def users(self) -> pa.Table:
        return self._query(f"""
            select yyyymm, sales, active_users, coalesce(new_users, 0) new_users
            from (select {_MONTH} yyyymm, sum(quantity * price) sales, count(distinct customer) active_users
                  from lines group by 1)
            left join (select {_MONTH} yyyymm, count(*) new_users
                       from (select min(moment) moment from lines where customer is not null group by customer)
                       group by 1) using (yyyymm)""")

    def monthly(self) -> pa.Table:
        entries = "select invoice, customer, moment, sum(quantity * price) net from lines group by all"
        return self._query(f"with entries as materialized ({entries}) {_MONTHLY}")

    def all(self) -> dict[str, pa.Table]:
        return {"invoices": self.invoices(), "monthly": self.monthly(), "rfm": self.rfm()}

    def all_from_entries(self) -> dict[str, pa.Table]:
        self._database.execute(f"create or replace temp table entries as {_ENTRIES}")
        invoices = self._query("""
            select invoice, max(customer) customer_id, min(moment) first_moment, sum(lines) lines,
                   sum(quantity) quantity, sum(net) net from entries group by invoice""")
        customers = self._query(f"""
            select customer customer_id, {_RECENCY.replace("last", "moment")} recency,
                   count(distinct invoice) frequency, sum(gross) monetary
            from entries where customer is not null and purchases > 0 group by customer""")
        return {"invoices": invoices, "monthly": self._query(_MONTHLY), "rfm": customers}

    # ---- products and countries

    def _totals(self, key: str) -> pa.Table:
        return self._query(f"""
            select {key}, count(*) lines, count(*) filter ({_BOUGHT}) purchase_lines, sum(quantity) quantity,
                   count(distinct invoice) invoices, count(distinct customer) customers,
                   coalesce(sum(quantity) filter ({_BOUGHT}), 0) bought,
                   coalesce(sum(quantity * price) filter ({_BOUGHT}), 0) gross, sum(quantity * price) net,
                   min(moment) first_moment, max(moment) last_moment
            from lines group by {key}""")

    def by_product(self) -> pa.Table:
        return self._totals("stock_code")

    def by_country(self) -> pa.Table:
        return self._totals("country")

    def pairs(self) -> pa.Table:
        return self._query(f"""
            with codes as materialized (select stock_code, row_number() over () as code
                                        from (select distinct stock_code from lines)),
            basket as materialized (
                select distinct invoice, code from lines join codes using (stock_code)
                where {_BOUGHT} and not starts_with(invoice, 'C') and not starts_with(invoice, 'A')),
            pair as (select x.code a, y.code b, count(*) invoices from basket x join basket y using (invoice)
                     where x.code < y.code group by all having count(*) >= {MIN_INVOICES})
            select a.stock_code product_a, b.stock_code product_b, invoices
            from pair join codes a on a.code = pair.a join codes b on b.code = pair.b""")

    # ---- files: the types are told, which is quicker than to let them be guessed

    def csv_rfm(self, path: Path, **options: Any) -> pa.Table:
        more = "".join(f", {name} = '{value}'" for name, value in options.items())
        types = "{'Invoice': 'VARCHAR', 'Customer ID': 'DOUBLE'}"
        source = f"read_csv('{path}', types = {types}{more})"
        return self._query(_customers(f"(select {_NAMES} from {source})"))

    def parquet_rfm(self, path: Path) -> pa.Table:
        return self._query(_customers(f"(select {_NAMES} from '{path}')"))
