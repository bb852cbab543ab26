"""Rewards: what points can be spent on, and when one may be redeemed. Knows no storage."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RewardKind(StrEnum):
    DISCOUNT_AMOUNT = "discount_amount"
    DISCOUNT_PERCENT = "discount_percent"
    FREE_PRODUCT = "free_product"
    POINTS_PAYMENT = "points_payment"
    VOUCHER_POOL = "voucher_pool"
    DONATION = "donation"


class LimitPeriod(StrEnum):
    """Calendar periods in the program's zone; None beside a limit means for ever."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class OnExpiry(StrEnum):
    FORFEIT = "forfeit"
    RETURN = "return"


class RewardStatus(StrEnum):
    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Reward:
    """One reward, as of one version of it.

    points: the price; for `points_payment` the smallest number of points that can be paid.
    value_minor: what it is worth at the till, in minor units: the discount, or for
      `points_payment` the money of `points` points.
    percent: 1 to 100, for `discount_percent`. sku: for `free_product`.
    stock: units in all, None when unlimited. stock_shards: over how many counters it is spread.
    member_limit: redemptions a member in each `member_limit_period`, None when unlimited.
    tiers: tier ids that may redeem it, None for everybody.
    starts_at, ends_at: the window, inclusive and exclusive. valid_days: a voucher's days to live.
    version: counts the writes of this reward, from 1; its ETag.
    """

    reward_id: str
    version: int
    name: str
    kind: RewardKind
    points: int
    status: RewardStatus = RewardStatus.ACTIVE
    description: str | None = None
    value_minor: int | None = None
    percent: int | None = None
    sku: str | None = None
    stock: int | None = None
    stock_shards: int = 0
    member_limit: int | None = None
    member_limit_period: LimitPeriod | None = None
    tiers: frozenset[str] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    valid_days: int = 30
    on_expiry: OnExpiry = OnExpiry.FORFEIT
