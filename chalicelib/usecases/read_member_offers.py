"""What a member is offered, now or soon: how far it is, what is left for it, and whether it has
activated what asks for that. Whoever an offer is not meant for is not told that it is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.account import Account
from chalicelib.domain.challenge_progress import progress_with
from chalicelib.domain.challenges import Toward, toward
from chalicelib.domain.facts import Facts
from chalicelib.domain.live_offers import LiveOffer
from chalicelib.domain.offers import Activation, Occasion, Offer, RewardPrice, shown_status
from chalicelib.domain.program import Program
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.reward_prices import is_earned_price
from chalicelib.usecases.current import Current, as_of_now, standing_in
from chalicelib.usecases.ports import Ports

SHOWN = ("live", "scheduled")

_SURPRISES = frozenset({Occasion.JOINED, Occasion.WAS_BROUGHT, Occasion.MOMENT})
"""Gifts that come by themselves, once: there is nothing to look forward to."""


@dataclass(frozen=True, slots=True)
class MemberOffer:
    """One offer, as a member sees it.

    status: `live` or `scheduled`. activated: None where nothing has to be activated. used: in the
    current period; uses_left: None without a limit. toward: of a challenge. unavailable: why it
    gives nothing more for now: `member_limit`, `budget`, `done`; None where it does. to_redeem:
    rewards that it has given and that wait to be redeemed; None where it gives none.
    """

    offer: Offer
    status: str
    activated: bool | None
    used: int
    uses_left: int | None
    toward: Toward | None
    unavailable: str | None
    to_redeem: int | None = None


@dataclass(frozen=True, slots=True)
class MemberOffers:
    """language: the member's, None where it has said none. rewards: the names of those that offers
    make cheaper, by their ids."""

    offers: tuple[MemberOffer, ...]
    program: Program
    language: str | None
    rewards: Mapping[str, str]


def read_member_offers(ports: Ports, member_id: str, now: datetime) -> MemberOffers:
    """The offers of a member, the highest priority first. Raises MemberNotFound, MemberErased."""
    at = as_of_now(ports, standing_in(ports, member_id), now)
    facts = at.facts()
    found = [
        live.offer for live in ports.offers.live().all if _is_shown(live, member_id, facts, now)
    ]
    return _told(ports, at, found, now)


def read_member_offer(ports: Ports, member_id: str, offer_id: str, now: datetime) -> MemberOffers:
    """One of them alone; none where it is not offered to the member. Raises as above."""
    at = as_of_now(ports, standing_in(ports, member_id), now)
    live = ports.offers.live().by_id.get(offer_id)
    shown = live is not None and _is_shown(live, member_id, at.facts(), now)
    return _told(ports, at, [live.offer] if live is not None and shown else [], now)


def _is_shown(live: LiveOffer, member_id: str, facts: Facts, now: datetime) -> bool:
    offer = live.offer
    if offer.occasion in _SURPRISES or shown_status(offer, now) not in SHOWN:
        return False
    if offer.basket.first_purchase and facts["first_purchase"] is False:
        return False
    return live.is_for(member_id, facts)


def _told(ports: Ports, at: Current, offers: Sequence[Offer], now: datetime) -> MemberOffers:
    left = ports.offers.budget_left(offers) if offers else {}
    told = tuple(_view(at, offer, left.get(offer.offer_id), now) for offer in offers)
    return MemberOffers(told, at.program, at.traits.language, _reward_names(ports, offers))


def _view(at: Current, offer: Offer, budget_left: int | None, now: datetime) -> MemberOffer:
    used = _used(at.account, offer, at.program, now)
    uses_left = None if offer.member_limit is None else max(0, offer.member_limit - used)
    far = _toward(at.account, offer, at.today)
    unavailable = "done" if far is not None and far.over else None
    if budget_left == 0:
        unavailable = "budget"
    if uses_left == 0:
        unavailable = "member_limit"
    opted_in = offer.offer_id in at.traits.activated
    return MemberOffer(
        offer=offer,
        status=shown_status(offer, now),
        activated=opted_in if offer.activation is Activation.OPT_IN else None,
        used=used,
        uses_left=uses_left,
        toward=far,
        unavailable=unavailable,
        to_redeem=progress_with(at.account.progress, offer.number).left
        if is_earned_price(offer)
        else None,
    )


def _used(account: Account, offer: Offer, program: Program, now: datetime) -> int:
    period = period_of(offer.member_limit_period, now, program.zone)
    return sum(
        use.count
        for use in account.offer_uses
        if (use.number, use.period) == (offer.number, period)
    )


def _toward(account: Account, offer: Offer, today: date) -> Toward | None:
    if offer.challenge is None:
        return None
    counters = progress_with(account.progress, offer.number).counters
    return toward(offer.challenge, counters, today)


def _reward_names(ports: Ports, offers: Sequence[Offer]) -> dict[str, str]:
    wanted = {offer.effect.reward_id for offer in offers if isinstance(offer.effect, RewardPrice)}
    found = {reward_id: ports.rewards.get(reward_id) for reward_id in wanted}
    return {
        reward_id: reward.name if reward is not None else reward_id
        for reward_id, reward in found.items()
    }
