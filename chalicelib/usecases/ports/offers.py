"""Offers, which of them tills go by, and what is left of their budgets."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offers import Offer
from chalicelib.usecases.ports.catalogue import Written


class Offers(Protocol):
    """Offers by their versions, and the counters of their budgets. Every method may raise
    StoreUnavailable; those that read an offer may raise StoreNewer."""

    def get(self, offer_id: str) -> Offer | None:
        """The newest version of an offer as of now (consistent), with its pauses."""
        ...

    def all(self) -> list[Offer]:
        """The newest version of every offer, newest first (by their creation, then id), with its
        pauses."""
        ...

    def version(self, offer_id: str, version: int) -> Offer:
        """A version of an offer, cached for ever; without pauses, which are no version's.
        LookupError when there is none. Version 1 is the offer as it was created."""
        ...

    def next_number(self) -> int:
        """A number that no offer has, however many ask at once: 1 or more, not always the next."""
        ...

    def put(self, offer: Offer, at: datetime, late_since: datetime = ...) -> Written:
        """Write version `offer.version` if the stored one is its predecessor (or nothing, for
        version 1), in one transaction with what that changes for tills, who learn of it within ten
        seconds, and in this process at once. Where the offer has been launched and has a budget,
        what is left of that grows or shrinks by as much as its amount; `too_few_units` where more
        would go than is left. Its shards are never fewer than the predecessor's.

        late_since: what was bought before is not taken any more, and of offers that were over by
        then tills need not know; they know of all where it is left out."""
        ...

    def live(self) -> LiveOffers:
        """What tills go by: the offers that have been launched, with the terms that were in force
        last; those that are paused or over too, as long as a purchase may still come late (and for
        ever where what they gave is redeemed at any time). At most ten seconds old."""
        ...

    def shards_left(self, offers: Collection[Offer]) -> dict[str, list[int]]:
        """What each shard of these offers' budgets holds, by offer id, in one consistent read: of
        those that have been launched with a budget."""
        ...

    def budget_left(self, offers: Collection[Offer]) -> dict[str, int]:
        """The sums of it."""
        ...

    def scarce(self) -> Collection[str]:
        """The offers whose budgets a withdrawal of this process found too small lately: deciding
        asks what is left of them rather than try in vain."""
        ...

    def note_scarce(self, offer_ids: Collection[str]) -> None:
        """Remember for a minute, in this process, that these were found too small."""
        ...
