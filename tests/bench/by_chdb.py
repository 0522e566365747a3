"""chDB, ClickHouse in the process: SQL over a table in memory, results as Arrow.

A missing customer is 0 in its table: nullable keys are slower. Tried besides (real lines, x1 and x10): a MergeTree and
text as LowCardinality (the same or slower), uniqExact(invoice) for RFM (slower than grouping by customer and invoice
first), months from grouped entries (the same as direct), and for invoices max_block_size (the same), no compiled
expressions (slower) and two-level grouping from the first row: 4 times quicker at x1, slower at x10, so set for small
tables.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from chdb import session
from contestant import Base
from definitions import AS_OF, MIN_INVOICES, SEGMENTS, Setup

_TYPES = "invoice String, quantity Int32, moment DateTime('UTC'), price Float64, customer Int32"
_LINES = "`Invoice` invoice, `Quantity` quantity, toDateTime(`InvoiceDate`, 'UTC') moment, `Price` price"
_CUSTOMER = "toInt32(ifNull(`Customer ID`, 0)) customer"
_CSV = (
    "`Invoice` String, `StockCode` String, `Description` String, `Quantity` Int32, `InvoiceDate` DateTime(\\'UTC\\'), "
    "`Price` Float64, `Customer ID` Nullable(Float64), `Country` String"
)
_SMALL = 4_000_000  # lines
_RECENCY = f"intDiv({AS_OF.astype('datetime64[s]').astype(int)} - toInt64(toUnixTimestamp(max(last))), 86400) recency"
_MONTH = "toYYYYMM(moment)"


def _customers(lines: str) -> str:
    return f"""
        select customer customer_id, {_RECENCY}, count() frequency, sum(amount) monetary
        from (select customer, invoice, max(moment) last, sum(quantity * price) amount from {lines}
              where customer != 0 and quantity > 0 and price > 0 group by customer, invoice)
        group by customer"""


def _scored(customers: str) -> str:
    """Return the parts of a WITH clause that end in `scored`; `customers` is a table, for it is read twice."""
    levels = "0.2, 0.4, 0.6, 0.8"

    def score(cuts: str, value: str) -> str:
        return "toInt64(" + " + ".join(f"({value} > {cuts}[{i}])" for i in (1, 2, 3, 4)) + ")"

    place = "toInt64(" + " + ".join(f"(5 * (place - 1) > {i} * (people - 1))" for i in (1, 2, 3, 4)) + ")"
    return f"""
        cut as (select quantilesExactInclusive({levels})(recency) r, quantilesExactInclusive({levels})(monetary) m,
                       toInt64(count()) people from {customers}),
        ranked as (select *, toInt64(row_number() over (order by frequency, customer_id)) place from {customers}),
        scored as (select customer_id, recency, frequency, monetary, 5 - {score("r", "recency")} r_score,
                          1 + {place} f_score, 1 + {score("m", "monetary")} m_score from ranked, cut)"""


_ENTRIES = """
    select invoice, customer, moment, count() lines, sum(quantity) quantity, sum(quantity * price) net,
           sumIf(quantity * price, quantity > 0 and price > 0) gross, countIf(quantity > 0 and price > 0) purchases
    from lines group by invoice, customer, moment"""


def _months(lines: str, net: str) -> str:
    return f"""
        select yyyymm, orders, cancelled, sales, active_users, new_users
        from (select {_MONTH} yyyymm, uniqExact(invoice) orders,
                     uniqExactIf(invoice, startsWith(invoice, 'C')) cancelled, sum({net}) sales,
                     uniqExactIf(customer, customer != 0) active_users from {lines} group by yyyymm) months
        left join (select toYYYYMM(first) yyyymm, count() new_users
                   from (select min(moment) first from {lines} where customer != 0 group by customer)
                   group by yyyymm) new using (yyyymm)"""


class Contestant(Base):
    modules = ("chdb",)

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._session = session.Session()
        # As in other SQL, sum(quantity) quantity does not change what quantity means beside it.
        self._settings = f"settings max_threads = {setup.threads}, prefer_column_name_to_alias = 1"
        self._rows = 0
        if setup.lines is not None:
            source = f"file('{setup.lines}', Parquet)"
            types = _TYPES + (", stock_code String, country String" if setup.products else "")
            more = ", `StockCode` stock_code, `Country` country" if setup.products else ""
            self._do(f"create table lines ({types}) engine = Memory")
            self._do(f"insert into lines select {_LINES}, {_CUSTOMER}{more} from {source}")
            self._rows = self._query("select count() from lines")[0][0].as_py()
        if setup.customers is not None:
            types = "customer_id Int64, recency Int64, frequency Int64, monetary Float64"
            self._do(f"create table customers ({types}) engine = Memory")
            self._do(f"insert into customers select * from file('{setup.customers}', Parquet)")

    def _do(self, sql: str) -> None:
        self._session.query(sql)

    def _query(self, sql: str, settings: str = "") -> pa.Table:
        return self._session.query(f"{sql} {self._settings}{settings}", "ArrowTable")

    def rfm(self) -> pa.Table:
        return self._query(_customers("lines"))

    def whole(self) -> pa.Table:
        rules = ", ".join(
            f"({r}, {f}, '{name.replace(chr(39), chr(92) + chr(39))}')" for (r, f), name in SEGMENTS.items()
        )
        types = "r_score Int64, f_score Int64, segment String"
        # A common table expression would be computed at every mention.
        self._do("drop table if exists found")
        self._do(f"create table found engine = Memory as {_customers('lines')} {self._settings}")
        return self._query(f"""
            with {_scored("found")}
            select scored.*, segment from scored left join values('{types}', {rules}) t using (r_score, f_score)""")

    def scores(self) -> pa.Table:
        return self._query(f"with {_scored('customers')} select * from scored")

    def invoices(self) -> pa.Table:
        early = ", group_by_two_level_threshold = 0, group_by_two_level_threshold_bytes = 0"
        return self._query(
            """
            select invoice, nullIf(max(customer), 0) customer_id, min(moment) first_moment, count() lines,
                   sum(quantity) quantity, sum(quantity * price) net from lines group by invoice""",
            early if self._rows < _SMALL else "",
        )

    def users(self) -> pa.Table:
        return self._query(f"""
            select yyyymm, sales, active_users, new_users
            from (select {_MONTH} yyyymm, sum(quantity * price) sales, uniqExactIf(customer, customer != 0) active_users
                  from lines group by yyyymm) months
            left join (select toYYYYMM(first) yyyymm, count() new_users
                       from (select min(moment) first from lines where customer != 0 group by customer)
                       group by yyyymm) new using (yyyymm)""")

    def monthly(self) -> pa.Table:
        return self._query(_months("lines", "quantity * price"))

    def all(self) -> dict[str, pa.Table]:
        return {"invoices": self.invoices(), "monthly": self.monthly(), "rfm": self.rfm()}

    def all_from_entries(self) -> dict[str, pa.Table]:
        self._do("drop table if exists entries")
        self._do(f"create table entries engine = Memory as {_ENTRIES} {self._settings}")
        invoices = self._query("""
            select invoice, nullIf(max(customer), 0) customer_id, min(moment) first_moment, sum(lines) lines,
                   sum(quantity) quantity, sum(net) net from entries group by invoice""")
        customers = self._query(f"""
            select customer customer_id, {_RECENCY.replace("last", "moment")}, uniqExact(invoice) frequency,
                   sum(gross) monetary
            from entries where customer != 0 and purchases > 0 group by customer""")
        return {"invoices": invoices, "monthly": self._query(_months("entries", "net")), "rfm": customers}

    # ---- products and countries

    def _totals(self, key: str) -> pa.Table:
        bought = "quantity > 0 and price > 0"
        return self._query(f"""
            select {key}, count() lines, countIf({bought}) purchase_lines, sum(quantity) quantity,
                   uniqExact(invoice) invoices, uniqExactIf(customer, customer != 0) customers,
                   sumIf(quantity, {bought}) bought, sumIf(quantity * price, {bought}) gross,
                   sum(quantity * price) net, min(moment) first_moment, max(moment) last_moment
            from lines group by {key}""")

    def by_product(self) -> pa.Table:
        return self._totals("stock_code")

    def by_country(self) -> pa.Table:
        return self._totals("country")

    def pairs(self) -> pa.Table:
        return self._query(f"""
            select pair.1 product_a, pair.2 product_b, count() invoices
            from (select arrayJoin(arrayFlatten(arrayMap((x, i) -> arrayMap(y -> (x, y), arraySlice(codes, i + 1)),
                                                         codes, arrayEnumerate(codes)))) pair
                  from (select arraySort(groupUniqArray(stock_code)) codes from lines
                        where quantity > 0 and price > 0 and not match(invoice, '^[CA]') group by invoice))
            group by pair having invoices >= {MIN_INVOICES}""")

    # ---- files

    def csv_rfm(self, path: Path) -> pa.Table:
        source = f"file('{path}', CSVWithNames, '{_CSV}')"
        return self._query(_customers(f"(select {_LINES}, {_CUSTOMER} from {source})"))

    def parquet_rfm(self, path: Path) -> pa.Table:
        return self._query(_customers(f"(select {_LINES}, {_CUSTOMER} from file('{path}', Parquet))"))
