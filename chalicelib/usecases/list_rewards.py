"""The rewards there are, and for members and tills whether each can be redeemed now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.redemptions import redeem
from chalicelib.domain.refusals import (
    AccountFrozen,
    InsufficientPoints,
    MemberLimitReached,
    MemberNotFound,
    RewardNotAvailable,
    RewardNotFound,
)
from chalicelib.domain.reward_prices import RewardOffer
from chalicelib.domain.rewards import Reward, RewardStatus, unavailable_reason
from chalicelib.usecases.current import Current, as_of_now, standing_in
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.price_reward import shown_price


@dataclass(frozen=True, slots=True)
class RewardView:
    """A reward as its reader sees it.

    remaining: units left, None when unlimited. unavailable: why the reader cannot redeem it now,
    None when it can (points aside: those are the account's to tell). points_for_me: what it costs
    a member, None for others. price: a better one than its own that an offer gives the member;
    language: the one that the member is told it in.
    """

    reward: Reward
    remaining: int | None
    unavailable: str | None
    points_for_me: int | None = None
    price: RewardOffer | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RewardPage:
    """more: whether the list goes on after these."""

    views: Sequence[RewardView]
    more: bool


def list_rewards(
    ports: Ports, caller: Caller, after: str | None, limit: int, now: datetime
) -> RewardPage:
    """Rewards, newest first, from behind the reward `after`; archived ones for staff alone.

    Costs one query, one read for a hundred stock counters and, for a member, one of its account.
    """
    rewards = ports.rewards.all()
    ids = [reward.reward_id for reward in rewards]
    start = ids.index(after) + 1 if after in ids else 0
    rest = [reward for reward in rewards[start:] if _is_shown(reward, caller)]
    page = rest[:limit]
    return RewardPage(_views(ports, caller, page, now), more=len(rest) > limit)


def read_reward(ports: Ports, caller: Caller, reward_id: str, now: datetime) -> RewardView:
    """One reward, archived or not. Raises RewardNotFound."""
    reward = ports.rewards.get(reward_id)
    if reward is None:
        raise RewardNotFound()
    [view] = _views(ports, caller, [reward], now)
    return view


def _is_shown(reward: Reward, caller: Caller) -> bool:
    return caller.kind is CallerKind.STAFF or reward.status is not RewardStatus.ARCHIVED


def _views(
    ports: Ports, caller: Caller, rewards: Sequence[Reward], now: datetime
) -> list[RewardView]:
    remaining, account = ports.rewards.remaining_of(rewards), _account(ports, caller, now)
    views = []
    for reward in rewards:
        left = remaining.get(reward.reward_id)
        price = _price(ports, caller, account, reward)
        opened = price.reward if price is not None else reward
        unavailable = _reason(account, opened, now) or ("sold_out" if left == 0 else None)
        view = RewardView(reward, left, unavailable)
        if account is not None:
            points = price.points if price is not None else reward.points
            view = replace(
                view, points_for_me=points, price=price, language=account.traits.language
            )
        views.append(view)
    return views


def _price(
    ports: Ports, caller: Caller, account: Current | None, reward: Reward
) -> RewardOffer | None:
    if account is None or caller.member_id is None:
        return None
    return shown_price(ports, account, caller.member_id, reward)


def _reason(account: Current | None, reward: Reward, now: datetime) -> str | None:
    """Why a reader cannot redeem a reward, stock aside."""
    general = unavailable_reason(reward, now)
    if general is not None:
        return general
    if account is None:
        return "tier" if reward.tiers is not None else None
    return _members_reason(account, reward)


def _account(ports: Ports, caller: Caller, now: datetime) -> Current | None:
    if caller.member_id is None:
        return None
    try:
        return as_of_now(ports, standing_in(ports, caller.member_id), now)
    except MemberNotFound:
        return None


def _members_reason(at: Current, reward: Reward) -> str | None:
    """What redeeming would be refused with, asked of the very rules that redeeming follows."""
    if at.frozen:
        return AccountFrozen.code
    try:
        redeem(at.account, reward, reward.points, at.now, at.program)
    except RewardNotAvailable as refusal:
        return refusal.reason
    except MemberLimitReached as refusal:
        return refusal.code
    except InsufficientPoints:
        return None
    return None
