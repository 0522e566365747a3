"""What a user writes with pandas in place of `lgs-rfm rfm FILE --as-of 2012-01-01`."""

import sys

import pandas as pd

columns = ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]
lines = pd.read_csv(sys.argv[1], usecols=columns, parse_dates=["InvoiceDate"], dtype={"Invoice": "str"})
lines = lines[lines["Customer ID"].notna() & (lines["Quantity"] > 0) & (lines["Price"] > 0)]
lines = lines.assign(amount=lines["Quantity"] * lines["Price"])
customers = lines.groupby("Customer ID").agg(
    last=("InvoiceDate", "max"), frequency=("Invoice", "nunique"), monetary=("amount", "sum")
)
customers["recency"] = (pd.Timestamp("2012-01-01") - customers.pop("last")).dt.days
labels = [1, 2, 3, 4, 5]
customers["r_score"] = pd.qcut(customers["recency"], 5, labels=labels[::-1]).astype("int64")
customers["f_score"] = pd.qcut(customers["frequency"].rank(method="first"), 5, labels=labels).astype("int64")
customers["m_score"] = pd.qcut(customers["monetary"], 5, labels=labels).astype("int64")
patterns = {
    "[12][12]": "Hibernating",
    "[12][34]": "At Risk",
    "[12]5": "Can't Lose",
    "3[12]": "About to Sleep",
    "33": "Need Attention",
    "[34][45]": "Loyal Customers",
    "41": "Promising",
    "51": "New Customers",
    "[45][23]": "Potential Loyalists",
    "5[45]": "Champions",
}
codes = customers["r_score"].astype("str") + customers["f_score"].astype("str")
customers["segment"] = codes.replace(patterns, regex=True)
customers.reset_index(names="customer_id").astype({"customer_id": "int64"}).to_csv(sys.stdout, index=False)
