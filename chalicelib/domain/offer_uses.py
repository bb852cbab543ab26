"""How often a member has used offers, as its account's state counts it. Knows no offer's terms."""

from dataclasses import dataclass

MOST_OFFER_USES = 40
"""That an account keeps; one more of an offer with a limit does not apply."""


@dataclass(frozen=True, slots=True)
class OfferUse:
    """number: of the offer. period: as `period_of` names it, empty for ever. count: of uses."""

    number: int
    period: str
    count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a member is in a challenge.

    number: of the offer. buckets: what was counted, by what it was counted under (a period, an
    item, empty for one count). awarded: how often it was given what the challenge promises.
    """

    number: int
    buckets: tuple[tuple[str, int], ...]
    awarded: int
