"""Rewards: what points can be spent on, and when one may be redeemed. Knows no storage.

The stock of a reward is spread over counters (shards), so that many tills can take from it at once.
"""

import hashlib
from collections.abc import Sequence
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
      `points_payment` the money of `points` points. currency: of that value, None without one.
    percent: 1 to 100, for `discount_percent`. sku: for `free_product`.
    stock: units in all, those redeemed too; None when unlimited.
    stock_shards: over how many counters it is spread; never fewer than before.
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
    currency: str | None = None


def unavailable_reason(reward: Reward, now: datetime) -> str | None:
    """Why nobody can redeem the reward now: `archived`, `not_started`, `ended`; None otherwise.

    Whether there is stock, and whether a member's tier and limit allow it, is asked elsewhere.
    """
    if reward.status is RewardStatus.ARCHIVED:
        return "archived"
    if reward.starts_at is not None and now < reward.starts_at:
        return "not_started"
    if reward.ends_at is not None and now >= reward.ends_at:
        return "ended"
    return None


# --- stock -----------------------------------------------------------------------------------

_UNITS_A_SHARD = 50
_MOST_SHARDS = 10


def shards_for(stock: int) -> int:
    """How many counters a stock deserves: one for 50 units, ten at most.

    A scarce reward is quickly found sold out, a plentiful one is taken from in parallel.
    """
    return min(_MOST_SHARDS, max(1, -(-stock // _UNITS_A_SHARD)))


def shard_order(reward: Reward, redemption_id: str) -> list[int]:
    """The shards in the order in which a redemption tries them: from its own one, around."""
    count = reward.stock_shards
    if count == 0:
        return []
    first = int.from_bytes(hashlib.sha256(redemption_id.encode()).digest()[:4], "big") % count
    return [(first + step) % count for step in range(count)]


def spread(held: Sequence[int], change: int) -> list[int]:
    """How a change of stock is dealt out to the shards, so that they become as even as they can.

    held: units in each shard. change: units to add (to the emptiest first) or, negative, to take
    away (from the fullest first). Returns the change of each shard. ValueError when fewer are held
    than are to be taken.
    """
    if sum(held) + change < 0:
        raise ValueError("fewer units are held than are to be taken away")
    if change < 0:
        return [-part for part in _poured([-units for units in held], -change)]
    return _poured(held, change)


def _poured(levels: Sequence[int], amount: int) -> list[int]:
    """Raise the lowest levels to a common one, by `amount` in all."""
    order = sorted(range(len(levels)), key=lambda index: levels[index])
    changes = [0] * len(levels)
    for count in range(1, len(order) + 1):
        lowest = order[:count]
        level, left = divmod(sum(levels[index] for index in lowest) + amount, count)
        if count == len(order) or level < levels[order[count]]:
            for place, index in enumerate(lowest):
                changes[index] = level - levels[index] + (place < left)
            break
    return changes
