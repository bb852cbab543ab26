"""A new offer, a draft, once for each idempotency key."""

from dataclasses import fields, replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.offers import Offer
from chalicelib.domain.refusals import ConflictingReplay, VersionStale
from chalicelib.usecases.offer_drafts import DraftOffer, checked_offer
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.save_offer import save_offer, with_shards


def create_offer(
    ports: Ports, caller: Caller, draft: DraftOffer, key: str, now: datetime
) -> Outcome[Offer]:
    """Create an offer from a draft, whose id, number and version are given here.

    A repeated key answers the offer as it was created, whatever became of it. Raises
    InvalidContent with all that is wrong, ConflictingReplay, Conflict without a program, TryAgain.
    """
    offer_id = ports.namer.id("off", caller.source, "create_offer", key)
    checked = checked_offer(ports, draft)
    offer = with_shards(replace(checked, offer_id=offer_id, version=1), None)
    earlier = _earlier(ports, offer)
    if earlier is not None:
        return earlier
    offer = replace(offer, number=ports.offers.next_number())
    try:
        save_offer(ports, caller, "offer.created", offer, now)
    except VersionStale:
        # The same key at the same moment with other content, or changed since: as created it is.
        earlier = _earlier(ports, offer)
        if earlier is None:
            raise
        return earlier
    return Outcome(offer)


def _earlier(ports: Ports, offer: Offer) -> Outcome[Offer] | None:
    try:
        first = ports.offers.version(offer.offer_id, 1)
    except LookupError:
        return None
    names = (field.name for field in fields(Offer) if field.name != "number")
    differs = sorted(name for name in names if getattr(first, name) != getattr(offer, name))
    if differs:
        raise ConflictingReplay(differing=differs)
    return Outcome(first, replayed=True)
