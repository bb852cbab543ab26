"""What a reward costs a member whom an offer lets have it for less, or earlier. No I/O.

Such a price comes from an offer that makes it to all of its members, or from an award: of a
challenge, or of a gift. Awards were earned; they hold whoever the offer is for by now.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.account import MOST_OFFER_USES, Account
from chalicelib.domain.applied_offers import AppliedOffer
from chalicelib.domain.challenge_progress import progress_with, with_progress
from chalicelib.domain.fact_list import Facts
from chalicelib.domain.granted_offers import Granted, uses_that_count, with_uses, without_uses
from chalicelib.domain.live_offers import LiveOffer, LiveOffers
from chalicelib.domain.occasions import gives_now
from chalicelib.domain.offer_measures import cost_of
from chalicelib.domain.offers import Occasion, Offer, RewardPrice
from chalicelib.domain.program import Program
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.rewards import Reward, RewardKind
from chalicelib.domain.traits import Traits


@dataclass(frozen=True, slots=True)
class RewardOffer:
    """A price that an offer gives a member for a reward. reward: with the doors open that the offer
    opens. points: the price. award: whether one of the member's awards pays the difference.
    applied: what it gives, as of a purchase: its points are those that are saved."""

    offer: Offer
    reward: Reward
    points: int
    award: bool
    applied: AppliedOffer


@dataclass(frozen=True, slots=True)
class Redeemer:
    """The member that asks. account: folded to now. facts: asked for only where an offer depends on
    who the member is."""

    member_id: str
    account: Account
    traits: Traits
    program: Program
    now: datetime
    facts: Callable[[], Facts]


def best_price(
    live: LiveOffers, reward: Reward, who: Redeemer, without: Collection[str] = ()
) -> RewardOffer | None:
    """The best price that an offer gives a member for a reward now; None where none is better than
    its own. Of equal ones, one that takes no award goes first.

    without: the ids of offers whose budget is empty.
    """
    if reward.kind is RewardKind.POINTS_PAYMENT:
        return None
    return min(
        (one for one in _prices(live, reward, who) if one.offer.offer_id not in without),
        key=lambda one: (one.points, one.award, -one.offer.stacking.priority, one.offer.number),
        default=None,
    )


def with_price(account: Account, price: RewardOffer, live: LiveOffers, who: Redeemer) -> Account:
    """The account with what a redemption at a price uses: an award, or of the offer's limit."""
    if price.award:
        return _award_used(account, price.offer.number, 1)
    counting = uses_that_count(account, live, who.now, who.program.zone)
    return with_uses(account, counting, [Granted(price.offer, price.applied)])


def without_price(account: Account, applied: AppliedOffer, *, award: bool) -> Account:
    """The account when a redemption is taken back: what its price had used can be used again."""
    if award:
        return _award_used(account, applied.number, -1)
    used = [(applied.number, applied.period)] if applied.period is not None else []
    return without_uses(account, used)


def _prices(live: LiveOffers, reward: Reward, who: Redeemer) -> Iterator[RewardOffer]:
    for ready in live.all:
        effect = ready.offer.effect
        if not isinstance(effect, RewardPrice) or effect.reward_id != reward.reward_id:
            continue
        award = is_earned_price(ready.offer)
        open_to = _has_award(ready.offer, who) if award else _is_open_to(ready, live, who)
        points = min(effect.points, reward.points)
        opened = replace(reward, starts_at=None, tiers=None) if effect.early else reward
        if open_to and (points < reward.points or opened != reward):
            applied = _applied(ready.offer, reward.points - points, who, award=award)
            yield RewardOffer(ready.offer, opened, points, award, applied)


def is_earned_price(offer: Offer) -> bool:
    """Whether an offer is a price for a reward that has to be earned first: as an award or gift."""
    is_price = isinstance(offer.effect, RewardPrice)
    return is_price and (offer.challenge is not None or offer.occasion is not Occasion.REDEMPTION)


def _has_award(offer: Offer, who: Redeemer) -> bool:
    waits = progress_with(who.account.progress, offer.number).left > 0
    return waits and not offer.is_at_rest


def _is_open_to(ready: LiveOffer, live: LiveOffers, who: Redeemer) -> bool:
    offer = ready.offer
    if not gives_now(offer, who.traits, who.program, who.now):
        return False
    if offer.member_limit is not None:
        uses = uses_that_count(who.account, live, who.now, who.program.zone)
        mine = (offer.number, _period(offer, who))
        count = sum(use.count for use in uses if (use.number, use.period) == mine)
        if count >= offer.member_limit or (not count and len(uses) >= MOST_OFFER_USES):
            return False
    return ready.is_for(who.member_id, who.facts())


def _applied(offer: Offer, saved: int, who: Redeemer, *, award: bool) -> AppliedOffer:
    limited = offer.member_limit is not None and not award
    return AppliedOffer(
        offer_id=offer.offer_id,
        number=offer.number,
        version=offer.version,
        points=saved,
        minor=0,
        cost=cost_of(offer, saved, who.program.thousand_points_minor),
        period=_period(offer, who) if limited else None,
    )


def _period(offer: Offer, who: Redeemer) -> str:
    return period_of(offer.member_limit_period, who.now, who.program.zone)


def _award_used(account: Account, number: int, times: int) -> Account:
    before = progress_with(account.progress, number)
    after = replace(before, used=max(0, before.used + times))
    return replace(account, progress=with_progress(account.progress, after))
