"""Redemptions: points for a reward, issued once, ended once. Decisions, no I/O."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.account import Account, AccountStatus, Lot, Use, credit, spend
from chalicelib.domain.applied_offers import AppliedOffer
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import come_back, kept_alive
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import (
    FieldError,
    InvalidContent,
    MemberLimitReached,
    RewardNotAvailable,
)
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from chalicelib.domain.tiers import tier_on

USES_KEPT = 20
"""Limited rewards an account can have live uses of; keeps its state below its bound."""


class EndedAs(StrEnum):
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class RedemptionRecord:
    """A redemption as it was issued: the reward's terms as of then.

    points: the price paid. lots: where they came from. use: what it counted against the member's
    limit, None without one. stock_shard: the counter it took a unit from, None without stock.
    offer: what an offer gave to it, its points those that were saved; award: whether that was one
    of the member's awards. named: the member who redeemed, where its points are kept in another's
    account.
    """

    redemption_id: str
    account_id: str
    at: datetime
    expires_at: datetime
    reward: Reward
    points: int
    lots: tuple[Lot, ...]
    use: tuple[str, str] | None
    stock_shard: int | None
    available_after: int
    fingerprint: dict[str, str]
    offer: AppliedOffer | None = None
    award: bool = False
    named: str | None = None

    @property
    def member_id(self) -> str:
        """The member who redeemed."""
        return self.named or self.account_id


@dataclass(frozen=True, slots=True)
class RedemptionEnd:
    """The one end of a redemption. ended_by: what stands for the request that ended it.

    returned: points that went back to the member. available_after: None when no points moved.
    """

    redemption_id: str
    ended_as: EndedAs
    at: datetime
    ended_by: str
    returned: int = 0
    debt_paid: int = 0
    available_after: int | None = None


@dataclass(frozen=True, slots=True)
class SpentOn:
    """The purchase that a redemption paid for, once and for ever. purchase: its name."""

    redemption_id: str
    purchase: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RedemptionFile:
    """A redemption, its end and the purchase that it paid for, where it has them."""

    record: RedemptionRecord
    end: RedemptionEnd | None
    spent_on: SpentOn | None = None

    def status(self, now: datetime) -> str:
        """`issued`, or how it ended; expired by the clock, whether that was written or not."""
        if self.end is not None:
            return self.end.ended_as
        return EndedAs.EXPIRED if now >= self.record.expires_at else "issued"


def price_of(reward: Reward, asked: int | None) -> int:
    """The points a redemption costs. Only pay-with-points lets the member say how many."""
    if reward.kind is not RewardKind.POINTS_PAYMENT:
        if asked is not None:
            detail = "Only a points_payment reward takes a number of points; leave it out."
            raise InvalidContent(errors=[FieldError("/points", "not_expected", detail)])
        return reward.points
    points = reward.points if asked is None else asked
    if points < reward.points or points % reward.points:
        detail = f"Pay with a multiple of {reward.points} points."
        raise InvalidContent(errors=[FieldError("/points", "not_a_multiple", detail)])
    return points


def redeem(
    account: Account, reward: Reward, points: int, now: datetime, program: Program
) -> tuple[Account, tuple[Lot, ...], tuple[str, str] | None]:
    """Spend points of an account as of now on a reward and count the use.

    Returns the account after it, the lots the points came from, and the use that was counted.
    Raises RewardNotAvailable, MemberLimitReached, InsufficientPoints.
    """
    if account.status is not AccountStatus.ACTIVE:
        raise RewardNotAvailable(reason="not_verified")
    today = local_date(now, program.zone)
    if reward.tiers is not None:
        tier = tier_on(account, program.tiers, today)
        if tier is None or tier.tier_id not in reward.tiers:
            raise RewardNotAvailable(reason="tier")
    counted, use = _count_use(account, reward, now, program.zone)
    poorer, lots = spend(kept_alive(counted, program, today), points)
    lifetime = replace(poorer.lifetime, redeemed=poorer.lifetime.redeemed + points)
    return replace(poorer, lifetime=lifetime), lots, use


def give_back(
    account: Account, record: RedemptionRecord, program: Program, today: date
) -> tuple[Account, int]:
    """Return a redemption's points to the lots they came from, and its use to the limit.

    Points whose last day is over get the program's days of grace. Returns the account after it and
    the points that paid debt on the way.
    """
    richer, debt_paid = credit(account, come_back(account, record.lots, program, today))
    lifetime = replace(richer.lifetime, redeemed=richer.lifetime.redeemed - record.points)
    uses = tuple(
        replace(use, count=use.count - 1) if (use.reward, use.period) == record.use else use
        for use in richer.uses
    )
    kept = tuple(use for use in uses if use.count > 0)
    return replace(richer, lifetime=lifetime, uses=kept), debt_paid


def expiry_of(reward: Reward, now: datetime) -> datetime:
    """The instant from which a voucher issued now is expired."""
    return now + timedelta(days=reward.valid_days)


def voucher_value_minor(record: RedemptionRecord) -> int | None:
    """What the voucher is worth at the till in minor units; None when it is no sum of money."""
    reward = record.reward
    if reward.value_minor is None:
        return None
    if reward.kind is RewardKind.POINTS_PAYMENT:
        return record.points // reward.points * reward.value_minor
    return reward.value_minor


def period_of(period: LimitPeriod | None, now: datetime, zone: str) -> str:
    """The calendar period of now in the program's zone, as text; empty for ever."""
    day = local_date(now, zone)
    match period:
        case None:
            return ""
        case LimitPeriod.DAY:
            return day.isoformat()
        case LimitPeriod.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02d}"
        case LimitPeriod.MONTH:
            return f"{day:%Y-%m}"
        case LimitPeriod.YEAR:
            return f"{day:%Y}"


def _count_use(
    account: Account, reward: Reward, now: datetime, zone: str
) -> tuple[Account, tuple[str, str] | None]:
    if reward.member_limit is None:
        return account, None
    key = (short_name(reward), period_of(reward.member_limit_period, now, zone))
    # What nobody will ask for again goes: the other periods of this reward, and all that are over.
    others = tuple(
        use for use in account.uses if use.reward != key[0] and not is_over(use.period, now, zone)
    )
    count = sum(use.count for use in account.uses if (use.reward, use.period) == key)
    if count >= reward.member_limit:
        raise MemberLimitReached(limit=reward.member_limit, period=reward.member_limit_period)
    if len(others) >= USES_KEPT:
        raise RewardNotAvailable(reason="account_full")
    return replace(account, uses=(*others, Use(*key, count + 1))), key


def is_over(period: str, now: datetime, zone: str) -> bool:
    """Whether a period, as `period_of` names it, lies before the current one of its kind."""
    current = {len(name): name for name in (period_of(kind, now, zone) for kind in LimitPeriod)}
    return bool(period) and period < current[len(period)]


def short_name(reward: Reward) -> str:
    """The first 10 characters of the id's random part: 50 bits, enough within one account."""
    return reward.reward_id.partition("_")[2][:10]
