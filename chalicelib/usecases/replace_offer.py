"""Another version of an offer. What was bought before keeps the terms of its own version."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.offer_life import fixed_since_launch, replaced
from chalicelib.domain.offers import Offer
from chalicelib.domain.refusals import InvalidContent, VersionStale
from chalicelib.usecases.offer_drafts import DraftOffer, checked_offer
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_offer import known_offer, save_offer, with_shards


def replace_offer(
    ports: Ports, caller: Caller, offer_id: str, version: int, draft: DraftOffer, now: datetime
) -> Offer:
    """Replace the version of an offer that a draft was drawn up from. Launched, the new one takes
    effect at once, and what is left of its budget grows or shrinks by as much as its amount.

    Raises NotFound, VersionStale, InvalidContent, Conflict (archived or ended; an approval needed;
    less budget than was given already), TryAgain.
    """
    before = known_offer(ports, offer_id)
    if before.version != version:
        raise VersionStale
    checked = replace(checked_offer(ports, draft), offer_id=offer_id)
    if errors := fixed_since_launch(before, checked):
        raise InvalidContent(errors=errors)
    program = ports.programs.active()
    after = replaced(before, with_shards(checked, before), program, whole_milliseconds(now))
    save_offer(ports, caller, "offer.replaced", after, now)
    return after
