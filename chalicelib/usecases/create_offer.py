"""A new offer, a draft, once for each idempotency key."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.domain.callers import Caller
from chalicelib.domain.offers import Offer
from chalicelib.usecases.offer_drafts import DraftOffer, checked_offer
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.save_offer import save_offer, with_shards
from chalicelib.usecases.versions import create_once, differing


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

    def as_created() -> Offer | None:
        try:
            return ports.offers.version(offer_id, 1)
        except LookupError:
            return None

    def save() -> Offer:
        numbered = replace(offer, number=ports.offers.next_number())
        save_offer(ports, caller, "offer.created", numbered, now)
        return numbered

    return create_once(offer, as_created, save, differs=partial(differing, given="number"))
