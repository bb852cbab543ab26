"""What an offer with a challenge must keep to: a goal that can be reached, and nothing that another
kind of challenge would need."""

from collections.abc import Iterator

from chalicelib.domain.challenges import MOST_GOAL, MOST_IN_A_ROW, MOST_ITEMS
from chalicelib.domain.field_checks import in_range
from chalicelib.domain.offers import (
    BonusPoints,
    Challenge,
    ChallengeKind,
    Occasion,
    Offer,
    RewardPrice,
)
from chalicelib.domain.refusals import FieldError

__all__ = ["MOST_GOAL", "challenge_problems"]

MOST_REPEATS = 10_000
LONGEST_ITEM = 64


def challenge_problems(offer: Offer) -> list[FieldError]:
    """Everything wrong with an offer's challenge; nothing without one."""
    challenge = offer.challenge
    if challenge is None:
        return []
    return [*_frame(offer), *_goal(challenge), *_items(challenge), *_period(challenge)]


def _frame(offer: Offer) -> Iterator[FieldError]:
    if offer.occasion is not Occasion.PURCHASE:
        detail = f"A challenge counts purchases; on the occasion {offer.occasion} there are none."
        yield FieldError("/challenge", "not_expected", detail)
    if not isinstance(offer.effect, BonusPoints | RewardPrice):
        detail = "A challenge gives bonus_points or a reward_price."
        yield FieldError("/effect/kind", "wrong_effect", detail)
    if offer.basket.first_purchase:
        detail = "Nobody has a first purchase twice, and a challenge counts several."
        yield FieldError("/basket/first_purchase", "not_expected", detail)
    if offer.most_points is not None:
        detail = "What a challenge gives is its effect; leave this out."
        yield FieldError("/most_points", "not_expected", detail)


def _goal(challenge: Challenge) -> Iterator[FieldError]:
    pointer = "/challenge/goal"
    match challenge.kind:
        case ChallengeKind.STREAK:
            yield from in_range(challenge.goal, pointer, 2, MOST_IN_A_ROW)
        case ChallengeKind.COLLECT if challenge.items:
            yield from in_range(challenge.goal, pointer, 1, len(challenge.items))
        case _:
            yield from in_range(challenge.goal, pointer, 1, MOST_GOAL)
    if challenge.repeats is not None:
        yield from in_range(challenge.repeats, "/challenge/repeats", 1, MOST_REPEATS)


def _items(challenge: Challenge) -> Iterator[FieldError]:
    pointer = "/challenge/items"
    if challenge.kind is not ChallengeKind.COLLECT:
        if challenge.items:
            yield _foreign(pointer, challenge)
        return
    if not 1 <= len(challenge.items) <= MOST_ITEMS:
        detail = f"Name 1 to {MOST_ITEMS} categories or skus to collect."
        yield FieldError(pointer, "wrong_length", detail)
    for index, item in enumerate(challenge.items):
        if item in challenge.items[:index]:
            yield FieldError(f"{pointer}/{index}", "twice", "Name each of these once.")
        if not item.strip() or len(item) > LONGEST_ITEM:
            detail = f"Write a text of 1 to {LONGEST_ITEM} characters, not all blank."
            yield FieldError(f"{pointer}/{index}", "wrong_length", detail)


def _period(challenge: Challenge) -> Iterator[FieldError]:
    if challenge.kind is ChallengeKind.STREAK and challenge.period is None:
        detail = "A streak is of days, weeks, months or years in a row; write which."
        yield FieldError("/challenge/period", "missing", detail)
    if challenge.kind is not ChallengeKind.STREAK and challenge.period is not None:
        yield _foreign("/challenge/period", challenge)


def _foreign(pointer: str, challenge: Challenge) -> FieldError:
    detail = f"A challenge of kind {challenge.kind} has none; leave it out."
    return FieldError(pointer, "not_expected", detail)
