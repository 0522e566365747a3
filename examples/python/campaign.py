"""A campaign from the list to its effect, on a demo shop: who gets it, what can be told, what came of it."""

import lgs_rfm as lgs
import numpy as np

book = lgs.Ledger.from_lines(lgs.demo_lines(customers=2_000, seed=1, frame="numpy"))

# Before: the segments as of the day on which the list is made, without those who asked to be left alone.
day = "2011-10-01"
segments = lgs.rfm(book, as_of=day)
names = {"customer_id": segments["customer_id"], "name": np.array([f"Customer {i}" for i in segments["customer_id"]])}
mailing = lgs.campaign(
    segments,
    ["at-risk", "cant-lose"],
    name="autumn letter",
    as_of=day,
    holdout=0.3,
    suppress=[12_350, "12401"],
    attributes=names,
    # path="autumn.csv" writes the list too
)
for group in ("contact", "holdout"):
    print(group, int((mailing["group"] == group).sum()))

# What must the letter do at least to be found out with a list of this size?
before = lgs.detectable_effect(mailing, base_rate=[0.1, 0.2])
for measure, rate, effect in zip(before["measure"], before["base_rate"], before["effect"], strict=True):
    print(f"{measure} from {rate:.0%}: +{effect:.1%}" if rate == rate else f"{measure}: +{effect:,.2f}")

# After: 60 days of purchases. Nobody was written to in the demo shop, so the intervals should cover zero.
after = lgs.uplift(mailing, book, start=day, days=60)
for measure, difference, low, high in zip(*(after[n] for n in ("measure", "difference", "low", "high")), strict=True):
    print(f"{measure}: {difference:+,.3f} ({low:+,.3f} to {high:+,.3f})")

# How much hangs on few customers?
few = lgs.concentration(book)
for top, share in zip(few["top"], few["share"], strict=True):
    print(f"{top:.1%} of the customers bring {share:.1%}")
