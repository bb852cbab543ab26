"""How often an account used offers that are limited a member, when accounts come together and part.

Knows neither offers nor purchases.
"""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.account import MOST_OFFER_USES, OfferUse

Uses = tuple[OfferUse, ...]


def offer_uses_together(uses: Iterable[OfferUse]) -> Uses:
    """Uses with those of one offer and period as one; as many as an account keeps."""
    sums: dict[tuple[int, str], int] = {}
    for use in uses:
        key = (use.number, use.period)
        sums[key] = sums.get(key, 0) + use.count
    kept = tuple(OfferUse(*key, count) for key, count in sums.items() if count)
    return kept[:MOST_OFFER_USES]


def offer_uses_apart(uses: Uses, moved: Iterable[OfferUse]) -> tuple[Uses, Uses]:
    """Of uses that came together, those that stay and those that had moved, as many of these as
    there still are."""
    counts = {(use.number, use.period): use.count for use in moved}
    back = tuple(
        replace(use, count=min(use.count, counts[use.number, use.period]))
        for use in uses
        if (use.number, use.period) in counts
    )
    stay = offer_uses_together((*uses, *(replace(use, count=-use.count) for use in back)))
    return stay, back
