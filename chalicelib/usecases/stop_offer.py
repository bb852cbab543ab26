"""An offer stops: paused for a while, ended for good, or archived before it ever began."""

from datetime import datetime

from chalicelib.domain import offer_life
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.offers import Offer
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_offer import change_offer


def pause_offer(ports: Ports, caller: Caller, offer_id: str, now: datetime) -> Offer:
    """Let a launched offer give nothing until it is resumed, here at once and everywhere within
    ten seconds. Raises NotFound, Conflict, TryAgain."""
    at = whole_milliseconds(now)

    def step(offer: Offer) -> Offer:
        return offer_life.paused(offer, at)

    return change_offer(ports, caller, offer_id, step, lambda _: "offer.paused", now)


def end_offer(ports: Ports, caller: Caller, offer_id: str, now: datetime) -> Offer:
    """End a launched offer for good; what was bought before still has it. Raises NotFound,
    Conflict, TryAgain."""
    at = whole_milliseconds(now)

    def step(offer: Offer) -> Offer:
        return offer_life.ended(offer, at)

    return change_offer(ports, caller, offer_id, step, lambda _: "offer.ended", now)


def archive_offer(ports: Ports, caller: Caller, offer_id: str, now: datetime) -> Offer:
    """Put a draft aside for good. Raises NotFound, Conflict, TryAgain."""
    step = offer_life.archived
    return change_offer(ports, caller, offer_id, step, lambda _: "offer.archived", now)
