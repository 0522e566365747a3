"""What to do with the customers of each standard segment: one sentence each, for the report."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["STANDARD_ADVICE", "advice_for"]

STANDARD_ADVICE: Mapping[str, str] = {
    "Champions": "Thank them, show them new goods first and ask for reviews; no discount is needed to make them buy.",
    "Loyal Customers": "Keep the rhythm: volume terms, sets that go with what they order, a personal contact.",
    "Potential Loyalists": "Bring them to the next order soon: a loyalty offer, or goods that match their last one.",
    "New Customers": "Welcome them well and follow up within weeks: the second order decides whether they stay.",
    "Promising": "Remind them of the shop with best-sellers and a small reason to order a second time.",
    "Need Attention": "Write to them now with an offer that ends soon, chosen by what they bought before.",
    "About to Sleep": "Send best-sellers and news of the season before they forget the shop; spend little.",
    "At Risk": "Win them back with a personal letter and an offer: they used to order often and have stopped.",
    "Can't Lose": "Call them: they were among the best, so ask what went wrong and make a personal offer.",
    "Hibernating": "Leave them to cheap, rare mailings, and drop addresses that do not answer.",
}


def advice_for(segment: str, own: Mapping[str, str] | None = None) -> str:
    """Return the sentence of advice for a segment.

    Parameters
    ----------
    segment : str
        The segment's name, as in the rule table.
    own : mapping of str to str, optional
        Sentences of the user's own, by segment; they come before the standard ones.

    Returns
    -------
    str
        Empty for a segment that has none.

    Examples
    --------
    >>> advice_for("Can't Lose").split(":")[0]
    'Call them'
    >>> advice_for("Wholesale", {"Wholesale": "Visit them."})
    'Visit them.'
    >>> advice_for("Unheard of")
    ''
    """
    if own is not None and segment in own:
        return own[segment]
    return STANDARD_ADVICE.get(segment, "")
