"""What an offer's document must keep to before it is stored: everything that is wrong, at once.

Its audience is checked where it is read (`condition_reading.py`), its schedule and its challenge in
the modules next to this one.
"""

import re
from collections.abc import Iterable, Iterator

from chalicelib.domain.field_checks import in_range, one_line
from chalicelib.domain.offer_measures import cost_of
from chalicelib.domain.offer_schedule_checks import MOST_HOURS, schedule_problems
from chalicelib.domain.offer_task_checks import MOST_GOAL, challenge_problems
from chalicelib.domain.offers import (
    GIFT_OCCASIONS,
    Activation,
    BasketTerms,
    BonusPoints,
    Multiplier,
    Occasion,
    Offer,
    PointsPerUnit,
    RewardPrice,
    Stacking,
)
from chalicelib.domain.program import Pending, Program
from chalicelib.domain.refusals import FieldError
from chalicelib.domain.rewards import Reward, RewardKind, RewardStatus

__all__ = ["MOST_GOAL", "MOST_HOURS", "problems_of"]

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 1_000
LONGEST_WORD = 64
MOST_LANGUAGES = 20
MOST_WORDS = 500
MOST_POINTS = 1_000_000
LEAST_PERCENT, MOST_PERCENT = 101, 1_000
MOST_QUANTITY = 10_000
MOST_MINOR = 1_000_000_000
MOST_BUDGET = 1_000_000_000_000
MOST_USES = 10_000
MOST_PRIORITY = 1_000
MOST_HOLDOUT_PERCENT = 50
GROUP_PATTERN = "^[a-z0-9][a-z0-9_-]{0,39}$"
LANGUAGE_PATTERN = "^[a-z]{2}$"

_FRIENDS = frozenset({Occasion.BROUGHT, Occasion.WAS_BROUGHT})
_SURPRISES = frozenset({Occasion.JOINED, Occasion.WAS_BROUGHT, Occasion.MOMENT})
"""Gifts that members are not told of before they come."""


def problems_of(offer: Offer, program: Program, reward: Reward | None = None) -> list[FieldError]:
    """Everything wrong with an offer, by the pointers of its document.

    program: the one that is in force. reward: the one whose price the effect lowers, None where
    there is no such reward.
    """
    return [
        *_texts(offer),
        *schedule_problems(offer.schedule, program.zone),
        *_basket(offer.basket, program),
        *_effect(offer, reward),
        *challenge_problems(offer),
        *_occasion(offer),
        *_limits(offer),
        *_budget(offer, program),
        *_stacking(offer),
        *in_range(offer.holdout_percent, "/holdout_percent", 0, MOST_HOLDOUT_PERCENT),
        *_pending(offer, program),
    ]


def _texts(offer: Offer) -> Iterator[FieldError]:
    yield from one_line(offer.name, "/name", LONGEST_NAME)
    if len(offer.texts) > MOST_LANGUAGES:
        yield FieldError("/texts", "too_many", f"At most {MOST_LANGUAGES} of these.")
    for language, text in offer.texts.items():
        pointer = f"/texts/{language}"
        if not re.fullmatch(LANGUAGE_PATTERN, language):
            detail = "Write the two letters of a language, such as en."
            yield FieldError(pointer, "wrong_format", detail)
        yield from one_line(text.name, f"{pointer}/name", LONGEST_NAME)
        if len(text.description) > LONGEST_DESCRIPTION:
            detail = f"Write a text of at most {LONGEST_DESCRIPTION} characters."
            yield FieldError(f"{pointer}/description", "wrong_length", detail)


# --- what it asks for -------------------------------------------------------------------------


def _basket(terms: BasketTerms, program: Program) -> Iterator[FieldError]:
    products = "/basket/products"
    yield from in_range(terms.minimum_minor, "/basket/minimum_minor", 0, MOST_MINOR)
    yield from in_range(terms.quantity, "/basket/quantity", 0, MOST_QUANTITY)
    yield from _words(terms.matches.skus, f"{products}/skus")
    yield from _words(terms.matches.categories, f"{products}/categories")
    yield from _words(terms.matches.brands, f"{products}/brands")
    yield from _words(terms.channels, "/basket/channels")
    yield from _words(terms.stores, "/basket/stores")
    excluded = program.excluded
    yield from _earning(terms.matches.skus, excluded.skus, f"{products}/skus")
    yield from _earning(terms.matches.categories, excluded.categories, f"{products}/categories")


def _words(words: Iterable[str], pointer: str) -> Iterator[FieldError]:
    listed = list(words)
    if len(listed) > MOST_WORDS:
        yield FieldError(pointer, "too_many", f"At most {MOST_WORDS} of these.")
    if any(not word.strip() or len(word) > LONGEST_WORD for word in listed):
        detail = f"Each of these is a text of 1 to {LONGEST_WORD} characters, not all blank."
        yield FieldError(pointer, "wrong_length", detail)


def _earning(named: frozenset[str], excluded: frozenset[str], pointer: str) -> Iterator[FieldError]:
    if nothing := sorted(named & excluded):
        detail = f"The program excludes {', '.join(nothing)}: no offer counts what earns nothing."
        yield FieldError(pointer, "excluded", detail)


# --- what it gives, and when ------------------------------------------------------------------


def _effect(offer: Offer, reward: Reward | None) -> Iterator[FieldError]:
    match offer.effect:
        case Multiplier(percent):
            yield from in_range(percent, "/effect/percent", LEAST_PERCENT, MOST_PERCENT)
        case BonusPoints(points) | PointsPerUnit(points):
            yield from in_range(points, "/effect/points", 1, MOST_POINTS)
        case RewardPrice() as price:
            yield from _reward_price(price, reward)


def _reward_price(price: RewardPrice, reward: Reward | None) -> Iterator[FieldError]:
    yield from in_range(price.points, "/effect/points", 0, MOST_POINTS)
    if reward is None or reward.reward_id != price.reward_id:
        yield FieldError("/effect/reward_id", "unknown_reward", "There is no such reward.")
        return
    if reward.status is RewardStatus.ARCHIVED:
        yield FieldError("/effect/reward_id", "archived", "This reward is archived.")
    if reward.kind is RewardKind.POINTS_PAYMENT:
        detail = "What points pay has no price that could be lower; name another reward."
        yield FieldError("/effect/reward_id", "wrong_kind", detail)
    if price.points > reward.points or (price.points == reward.points and not price.early):
        detail = f"The reward costs {reward.points} points: write fewer, or the same and early."
        yield FieldError("/effect/points", "not_lower", detail)


def _occasion(offer: Offer) -> Iterator[FieldError]:
    gives_price = isinstance(offer.effect, RewardPrice)
    if offer.occasion is Occasion.PURCHASE:
        if gives_price and offer.challenge is None:
            detail = "At a purchase a reward is what a challenge gives; else write redemption."
            yield FieldError("/occasion", "wrong_occasion", detail)
        return
    if offer.occasion is Occasion.REDEMPTION and not gives_price:
        detail = "Where points are spent an offer lowers the price of a reward (reward_price)."
        yield FieldError("/effect/kind", "wrong_effect", detail)
    # For bringing somebody it is what the friend's first purchase has to cost.
    minimum = offer.basket.minimum_minor if offer.occasion in _FRIENDS else 0
    if offer.basket != BasketTerms(minimum_minor=minimum):
        only = " but minimum_minor" if offer.occasion in _FRIENDS else ""
        detail = f"The occasion {offer.occasion} asks nothing of a purchase{only}; leave this out."
        yield FieldError("/basket", "not_expected", detail)
    if offer.occasion in GIFT_OCCASIONS:
        yield from _gift(offer)


def _gift(offer: Offer) -> Iterator[FieldError]:
    if not isinstance(offer.effect, BonusPoints | RewardPrice):
        detail = "A gift is of bonus_points or a reward_price."
        yield FieldError("/effect/kind", "wrong_effect", detail)
    if offer.activation is Activation.OPT_IN and offer.occasion in _SURPRISES:
        detail = f"Nobody sees a gift of the occasion {offer.occasion} before; write automatic."
        yield FieldError("/activation", "not_expected", detail)
    if offer.schedule.hours:
        detail = "A gift comes on its day, at any hour; leave this out."
        yield FieldError("/schedule/hours", "not_expected", detail)


# --- how much of it ---------------------------------------------------------------------------


def _limits(offer: Offer) -> Iterator[FieldError]:
    if offer.member_limit is None and offer.member_limit_period is not None:
        detail = "A period without a member_limit limits nothing; write both or neither."
        yield FieldError("/member_limit_period", "not_expected", detail)
    if offer.member_limit is not None:
        yield from in_range(offer.member_limit, "/member_limit", 1, MOST_USES)
        if offer.challenge is not None:
            detail = "How often a challenge can be done is its `repeats`; leave this out."
            yield FieldError("/member_limit", "not_expected", detail)
    if offer.most_points is None:
        return
    yield from in_range(offer.most_points, "/most_points", 1, MOST_POINTS)
    if isinstance(offer.effect, RewardPrice):
        yield FieldError("/most_points", "not_expected", "A reward gives no points.")
    elif isinstance(offer.effect, BonusPoints) and offer.most_points < offer.effect.points:
        detail = f"It promises {offer.effect.points} points and would never give them."
        yield FieldError("/most_points", "too_small", detail)


def _budget(offer: Offer, program: Program) -> Iterator[FieldError]:
    budget = offer.budget
    if budget is None:
        return
    yield from in_range(budget.amount, "/budget/amount", 1, MOST_BUDGET)
    if budget.unit == "minor" and not program.thousand_points_minor:
        detail = "The program says that points cost nothing; write a budget in points."
        yield FieldError("/budget/unit", "costs_nothing", detail)
    if isinstance(offer.effect, BonusPoints | PointsPerUnit):
        least = min(offer.effect.points, offer.most_points or offer.effect.points)
        cost = cost_of(offer, least, program.thousand_points_minor)
        if cost > budget.amount:
            detail = f"It is not enough for one use, which costs {cost} ({budget.unit})."
            yield FieldError("/budget/amount", "too_small", detail)


def _stacking(offer: Offer) -> Iterator[FieldError]:
    stacking = offer.stacking
    if stacking.group is not None and not re.fullmatch(GROUP_PATTERN, stacking.group):
        detail = "1 to 40 lower-case letters, digits, dashes and underscores."
        yield FieldError("/stacking/group", "wrong_format", detail)
    yield from in_range(stacking.priority, "/stacking/priority", -MOST_PRIORITY, MOST_PRIORITY)
    is_alone = offer.occasion is not Occasion.PURCHASE or offer.challenge is not None
    if is_alone and stacking != Stacking(priority=stacking.priority):
        detail = "Only offers that give points at a purchase have others beside them."
        yield FieldError("/stacking", "not_expected", detail)


def _pending(offer: Offer, program: Program) -> Iterator[FieldError]:
    """An account's room for points that wait is reckoned by the program's settings alone."""
    if offer.pending is None:
        return
    settings = {Pending(), program.pending, *(rule.pending for rule in program.rules)}
    if offer.pending not in settings:
        detail = (
            "Points of an offer wait as those of the program or of one of its rules do, or not at "
            "all: write one of those settings, 0 days, or null for the program's."
        )
        yield FieldError("/pending", "not_a_setting", detail)
    if isinstance(offer.effect, RewardPrice):
        yield FieldError("/pending", "not_expected", "A reward gives no points that could wait.")
