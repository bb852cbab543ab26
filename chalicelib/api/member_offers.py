"""A member's offers over HTTP: what it is offered and why, and activating what asks for it."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import CallerKind, Scope
from chalicelib.domain.condition_texts import in_words
from chalicelib.domain.instants import printed
from chalicelib.domain.offer_terms import asks_for, gives, text_of
from chalicelib.domain.offers import Occasion, RewardPrice
from chalicelib.domain.refusals import Conflict, MemberErased, MemberNotFound, NotFound
from chalicelib.usecases.activate_offer import activate_offer
from chalicelib.usecases.read_member_offers import (
    MemberOffer,
    MemberOffers,
    read_member_offer,
    read_member_offers,
)

routes = Routes(__name__)


def offer_is_shown(call: Call[Any, Any], member_id: str, offer_id: str) -> None:
    """Whether a member is offered something, asked when a request about it is malformed. Raises
    MemberNotFound, MemberErased, NotFound."""
    if not read_member_offer(call.ports, member_id, offer_id, call.now).offers:
        raise NotFound(what="offer")


class ProgressAnswer(msgspec.Struct, frozen=True):
    """How far it is to the next time that it gives something. missing: items that would count."""

    done: int
    goal: int
    missing: list[str]


class MemberOfferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """status: live, or scheduled: then it begins at starts_at. gives, needs: in words, what it
    gives and what has to be done for it, in the member's language. activated: null where nothing
    has to be activated. uses_left: in the current period, null without a limit. progress: null
    unless it is a challenge. available: whether it can give anything (more) now; else reason says
    why not: member_limit, budget or done. why: for the member itself, why it has this offer; null
    for what everybody has. to_redeem: rewards that it has given and that wait to be redeemed."""

    offer_id: str
    version: int
    name: str
    description: str
    status: str
    occasion: Occasion
    starts_at: Instant | None
    ends_at: Instant | None
    gives: str
    needs: list[str]
    activated: bool | None
    uses_left: int | None
    progress: ProgressAnswer | None
    available: bool
    reason: str | UnsetType = UNSET
    why: str | UnsetType | None = UNSET
    to_redeem: int | UnsetType = UNSET


class MemberOfferList(msgspec.Struct, frozen=True):
    items: list[MemberOfferAnswer]


@routes.get(
    "/v1/members/{member_id}/offers",
    opens=(Scope.SELF, Scope.MEMBERS_LOOKUP),
    summary="Read what a member is offered",
    audited="member.offers.read",
    answers={200: MemberOfferList},
    refuses=(MemberNotFound, MemberErased),
    exists=member_exists,
)
def get_member_offers(call: Call[None, None], member_id: str) -> Answer:
    """What is live or begins later, the most important first. What it is not meant for is not
    listed, nor why: that would tell what is held of a member."""
    found = read_member_offers(call.ports, member_id, call.now)
    return Answer(200, MemberOfferList(_items(call, found)))


@routes.post(
    "/v1/members/{member_id}/offers/{offer_id}/activate",
    opens=(Scope.SELF, Scope.REDEMPTIONS),
    summary="Activate an offer that has to be activated",
    answers={200: MemberOfferAnswer},
    refuses=(MemberNotFound, MemberErased, NotFound, Conflict),
    exists=offer_is_shown,
)
def post_offer_activation(call: Call[None, None], member_id: str, offer_id: str) -> Answer:
    """From the next purchase on. What needs no activation is 409 `conflict` with reason
    `not_opt_in`; what is not offered to the member is 404 like what does not exist."""
    [item] = _items(call, activate_offer(call.ports, call.caller, member_id, offer_id, call.now))
    return Answer(200, item)


def _items(call: Call[None, None], found: MemberOffers) -> list[MemberOfferAnswer]:
    # What is known of a member is told to itself; a till is told what it can do with it.
    with_why = call.caller.kind is CallerKind.MEMBER
    return [_item(found, view, with_why=with_why) for view in found.offers]


def _item(found: MemberOffers, view: MemberOffer, *, with_why: bool) -> MemberOfferAnswer:
    offer, language = view.offer, found.language
    text = text_of(offer, language)
    effect = offer.effect
    reward = found.rewards.get(effect.reward_id, "") if isinstance(effect, RewardPrice) else ""
    schedule, far, audience = offer.schedule, view.toward, offer.audience
    why = in_words(audience, language or "en", found.program) if audience is not None else None
    return MemberOfferAnswer(
        offer_id=offer.offer_id,
        version=offer.version,
        name=text.name,
        description=text.description,
        status=view.status,
        occasion=offer.occasion,
        starts_at=printed(schedule.starts_at) if schedule.starts_at else None,
        ends_at=printed(schedule.ends_at) if schedule.ends_at else None,
        gives=gives(offer, language, reward),
        needs=list(asks_for(offer, found.program, language)),
        activated=view.activated,
        uses_left=view.uses_left,
        progress=ProgressAnswer(far.done, far.goal, list(far.missing)) if far else None,
        available=view.unavailable is None,
        reason=view.unavailable or UNSET,
        why=why if with_why else UNSET,
        to_redeem=UNSET if view.to_redeem is None else view.to_redeem,
    )
