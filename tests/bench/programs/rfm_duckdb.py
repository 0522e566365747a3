"""What a user writes with DuckDB in place of `lgs-rfm rfm FILE --as-of 2012-01-01`."""

import sys

import duckdb

duckdb.sql(f"""
    copy (
        with customers as materialized (
            select "Customer ID"::bigint customer_id,
                   date_diff('second', max("InvoiceDate"), timestamp '2012-01-01') // 86400 recency,
                   count(distinct "Invoice") frequency, sum("Quantity" * "Price") monetary
            from read_csv('{sys.argv[1]}', types = {{'Invoice': 'VARCHAR', 'Customer ID': 'DOUBLE'}})
            where "Customer ID" is not null and "Quantity" > 0 and "Price" > 0 group by 1),
        ranked as (select *, row_number() over (order by frequency, customer_id) place from customers),
        cut as (select quantile_cont(recency, [0.2, 0.4, 0.6, 0.8]) r, quantile_cont(place, [0.2, 0.4, 0.6, 0.8]) f,
                       quantile_cont(monetary, [0.2, 0.4, 0.6, 0.8]) m from ranked),
        scored as (select customer_id, recency, frequency, monetary,
                          5 - len(list_filter(r, lambda c: c < recency)) r_score,
                          1 + len(list_filter(f, lambda c: c < place)) f_score,
                          1 + len(list_filter(m, lambda c: c < monetary)) m_score from ranked, cut)
        select *, case when r_score <= 2 and f_score <= 2 then 'Hibernating'
                       when r_score <= 2 and f_score <= 4 then 'At Risk'
                       when r_score <= 2 then 'Can''t Lose'
                       when r_score = 3 and f_score <= 2 then 'About to Sleep'
                       when r_score = 3 and f_score = 3 then 'Need Attention'
                       when r_score <= 4 and f_score >= 4 then 'Loyal Customers'
                       when r_score = 4 and f_score = 1 then 'Promising'
                       when r_score = 5 and f_score = 1 then 'New Customers'
                       when f_score <= 3 then 'Potential Loyalists'
                       else 'Champions' end segment
        from scored order by customer_id) to '/dev/stdout' (header)
""")
