"""The offers that are live, made ready once for the many decisions that follow: conditions as
functions, days looked at in advance, the highest priority first.

Knows no storage; who holds it says how new it is (`generation`).
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.conditions import compiled
from chalicelib.domain.fact_list import Facts
from chalicelib.domain.offer_times import has_hours, is_open_all_day
from chalicelib.domain.offers import LineMatch, Occasion, Offer, RewardPrice

MOST_DAYS_KEPT = 64
"""Of purchases that come late there are some; of those that come much later few."""


@dataclass(frozen=True, slots=True)
class LiveOffer:
    """An offer with its audience as a function, None for everybody."""

    offer: Offer
    in_audience: Callable[[Facts], bool] | None

    def is_for(self, member_id: str, facts: Facts) -> bool:
        """Whether a member is in the audience and not held out: who is not is told nothing."""
        if self.in_audience is not None and not self.in_audience(facts):
            return False
        return not (self.offer.holdout_percent and in_holdout(self.offer, member_id))


OnDay = tuple[LiveOffer, bool]
"""An offer that has hours on a day, and whether it has all of them."""


class LiveOffers:
    """All offers that give something, or that gave something when a late purchase was made: those
    that are paused or over by now, too.

    generation: of the offers it was made of; it moves with any change of one that matters.
    """

    def __init__(self, generation: int, offers: Iterable[Offer]) -> None:
        """offers: as tills go by them; those that were never launched are left out. Their audiences
        have no segments that are not inlined."""
        self.generation = generation
        matches: dict[LineMatch, LineMatch] = {}
        ready = [_ready(offer, matches) for offer in offers if offer.has_begun]
        ready.sort(key=lambda live: (-live.offer.stacking.priority, live.offer.number))
        self.all = tuple(ready)
        self.by_id = {live.offer.offer_id: live for live in ready}
        self.challenges = tuple(live for live in ready if live.offer.challenge is not None)
        self._at_purchases = tuple(live for live in ready if _gives_at_purchases(live.offer))
        self._by_day: dict[tuple[str, date], tuple[OnDay, ...]] = {}

    def at_purchases(self, day: date, zone: str) -> tuple[OnDay, ...]:
        """Those that give points at a purchase, at some hour of a day or of the night before it;
        highest priority first, then the oldest. Challenges give on their own account."""
        found = self._by_day.get((zone, day))
        if found is None:
            if len(self._by_day) >= MOST_DAYS_KEPT:
                self._by_day.clear()
            offers = [live for live in self._at_purchases if has_hours(live.offer, day, zone)]
            found = tuple((live, is_open_all_day(live.offer, day, zone)) for live in offers)
            self._by_day[zone, day] = found
        return found

    def on(self, occasion: Occasion) -> tuple[LiveOffer, ...]:
        """Those of an occasion, highest priority first, then the oldest."""
        return tuple(live for live in self.all if live.offer.occasion is occasion)


def in_holdout(offer: Offer, member_id: str) -> bool:
    """Whether a member is one of those an offer is kept from, to see what it brings; for ever."""
    if not offer.holdout_percent:
        return False
    digest = hashlib.sha256(f"{offer.offer_id}\n{member_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < offer.holdout_percent * 100


def _ready(offer: Offer, matches: dict[LineMatch, LineMatch]) -> LiveOffer:
    """matches: those there are already; offers that look at the same lines share one."""
    shared = matches.setdefault(offer.basket.matches, offer.basket.matches)
    if shared is not offer.basket.matches:
        offer = replace(offer, basket=replace(offer.basket, matches=shared))
    return LiveOffer(offer, compiled(offer.audience) if offer.audience is not None else None)


def _gives_at_purchases(offer: Offer) -> bool:
    return (
        offer.occasion is Occasion.PURCHASE
        and offer.challenge is None
        and not isinstance(offer.effect, RewardPrice)
    )
