"""A member opts in to an offer that asks for it, once; activated already, it stays activated."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.live_offers import LiveOffer
from chalicelib.domain.offers import Activation, shown_status
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.domain.traits import MOST_ACTIVATED, Traits
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_member_offers import MemberOffers, read_member_offer


def activate_offer(
    ports: Ports, caller: Caller, member_id: str, offer_id: str, now: datetime
) -> MemberOffers:
    """Activate one of a member's offers, and answer it alone.

    Raises MemberNotFound, MemberErased, NotFound (also of what is not offered to the member),
    Conflict (`not_opt_in`), TryAgain.
    """
    found = read_member_offer(ports, member_id, offer_id, now)
    if not found.offers:
        raise NotFound(what="offer")
    [shown] = found.offers
    if shown.offer.activation is not Activation.OPT_IN:
        raise Conflict(reason="not_opt_in")
    if shown.activated:
        return found
    if caller.kind is not CallerKind.MEMBER:
        note(ports, caller, "member.offer.activated", now, subject=offer_id, member_id=member_id)
    live = ports.offers.live().by_id

    def activated(traits: Traits) -> Traits:
        if offer_id in traits.activated:
            return traits
        kept = sorted(traits.activated, key=lambda known: _worth(live, known, now))
        return replace(traits, activated=(*kept, offer_id)[-MOST_ACTIVATED:])

    change_traits(ports, member_id, activated)
    return replace(found, offers=(replace(shown, activated=True),))


def _worth(live: Mapping[str, LiveOffer], offer_id: str, now: datetime) -> int:
    """What goes first where there is no room: what is long over and not known any more, then what
    is over and can be had by purchases that come late."""
    known = live.get(offer_id)
    if known is None:
        return 0
    return 1 if shown_status(known.offer, now) == "ended" else 2
