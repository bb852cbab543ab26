"""What a reward must keep to before it is stored: everything that is wrong, at once."""

import re
from collections.abc import Iterator

from chalicelib.domain.refusals import FieldError
from chalicelib.domain.rewards import Reward, RewardKind

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 1_000
LONGEST_SKU = 64
MOST_POINTS = 10_000_000
MOST_MINOR = 1_000_000_000
MOST_STOCK = 1_000_000
MOST_USES = 10_000
MOST_DAYS = 3_650
MOST_TIERS = 20
TIER_PATTERN = "^[a-z0-9][a-z0-9_-]{0,39}$"

_NEEDS_VALUE = frozenset({RewardKind.DISCOUNT_AMOUNT, RewardKind.POINTS_PAYMENT})


def problems_of(reward: Reward, currency: str) -> list[FieldError]:
    """Everything wrong with a reward, by the pointers of its document.

    currency: the program's, the one that values are in.
    """
    return [
        *_texts(reward),
        *_range(reward.points, "/points", 1, MOST_POINTS),
        *_value(reward, currency),
        *_percent(reward),
        *_sku(reward),
        *_range(reward.stock, "/stock", 0, MOST_STOCK),
        *_member_limit(reward),
        *_tiers(reward),
        *_window(reward),
        *_range(reward.valid_days, "/valid_days", 1, MOST_DAYS),
    ]


def _texts(reward: Reward) -> Iterator[FieldError]:
    if not reward.name.strip() or len(reward.name) > LONGEST_NAME:
        detail = f"Write a text of 1 to {LONGEST_NAME} characters, not all blank."
        yield FieldError("/name", "wrong_length", detail)
    if reward.description is not None and len(reward.description) > LONGEST_DESCRIPTION:
        detail = f"Write a text of at most {LONGEST_DESCRIPTION} characters."
        yield FieldError("/description", "wrong_length", detail)


def _value(reward: Reward, currency: str) -> Iterator[FieldError]:
    if reward.value_minor is None:
        if reward.kind in _NEEDS_VALUE:
            yield _needed("/value", reward.kind)
        return
    if reward.kind is RewardKind.DISCOUNT_PERCENT:
        yield _foreign("/value", reward.kind)
    yield from _range(reward.value_minor, "/value/amount_minor", 1, MOST_MINOR)
    if reward.currency != currency:
        detail = f"The program's currency is {currency}."
        yield FieldError("/value/currency", "currency_not_accepted", detail)


def _percent(reward: Reward) -> Iterator[FieldError]:
    if reward.kind is not RewardKind.DISCOUNT_PERCENT:
        if reward.percent is not None:
            yield _foreign("/percent", reward.kind)
    elif reward.percent is None:
        yield _needed("/percent", reward.kind)
    else:
        yield from _range(reward.percent, "/percent", 1, 100)


def _sku(reward: Reward) -> Iterator[FieldError]:
    if reward.kind is not RewardKind.FREE_PRODUCT:
        if reward.sku is not None:
            yield _foreign("/sku", reward.kind)
    elif reward.sku is None:
        yield _needed("/sku", reward.kind)
    elif not reward.sku.strip() or len(reward.sku) > LONGEST_SKU:
        detail = f"Write a text of 1 to {LONGEST_SKU} characters, not all blank."
        yield FieldError("/sku", "wrong_length", detail)


def _member_limit(reward: Reward) -> Iterator[FieldError]:
    yield from _range(reward.member_limit, "/member_limit", 1, MOST_USES)
    if reward.member_limit is None and reward.member_limit_period is not None:
        detail = "A period without a member_limit limits nothing; write both or neither."
        yield FieldError("/member_limit_period", "not_expected", detail)


def _tiers(reward: Reward) -> Iterator[FieldError]:
    if reward.tiers is None:
        return
    if not 1 <= len(reward.tiers) <= MOST_TIERS:
        detail = f"Name 1 to {MOST_TIERS} tiers, or write null for everybody."
        yield FieldError("/tiers", "wrong_length", detail)
    if not all(re.fullmatch(TIER_PATTERN, tier) for tier in reward.tiers):
        detail = "Each is 1 to 40 lower-case letters, digits, dashes and underscores."
        yield FieldError("/tiers", "wrong_format", detail)


def _window(reward: Reward) -> Iterator[FieldError]:
    starts_at, ends_at = reward.starts_at, reward.ends_at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        yield FieldError("/ends_at", "before_start", "A window ends after it starts.")


def _needed(pointer: str, kind: RewardKind) -> FieldError:
    return FieldError(pointer, "missing", f"A reward of kind {kind} needs this.")


def _foreign(pointer: str, kind: RewardKind) -> FieldError:
    return FieldError(pointer, "not_expected", f"A reward of kind {kind} has none; leave it out.")


def _range(number: int | None, pointer: str, least: int, most: int) -> Iterator[FieldError]:
    if number is not None and not least <= number <= most:
        yield FieldError(pointer, "out_of_range", f"Write a whole number of {least} to {most}.")
