"""Why points came or went, in words. A pure function of the program's version and the reasons,
so that a replay and the statement say the same as the first answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.bring_over import IMPORTED, told_purchase
from chalicelib.domain.earning import EXCUSED, EXCUSED_BY_REVIEW, GIFT, REWARD, TIER
from chalicelib.domain.entries import Why
from chalicelib.domain.merging import Move
from chalicelib.domain.money_texts import money
from chalicelib.domain.program import BASE_RULE, EarningRate, Program, Tier
from chalicelib.domain.referrals import BROUGHT, JOINED
from chalicelib.domain.reviews import REVIEW_FORFEITED, REVIEW_OPENED, REVIEW_RELEASED
from chalicelib.domain.transfers import CALLED_BACK


@dataclass(frozen=True, slots=True)
class Explanation:
    """rule_or_offer: the id of what gave the points, `version` of the program it stands in (0 for
    what stands in none)."""

    rule_or_offer: str
    version: int
    points: int
    text: str


def explained(
    program: Program, why: tuple[Why, ...], rewards: Mapping[str, str] | None = None
) -> tuple[Explanation, ...]:
    """Each reason with a sentence for people. rewards: the names of those that came back, by id."""
    return tuple(_explanation(program, row, rewards or {}) for row in why)


def _explanation(program: Program, row: Why, rewards: Mapping[str, str]) -> Explanation:
    if row.rule.startswith(REWARD):
        reward_id = row.rule.removeprefix(REWARD)
        text = f"Came back: {rewards.get(reward_id, reward_id)}"
        return Explanation(row.rule, 0, row.points, text)
    if bought := told_purchase(row.rule):
        day, points = bought
        text = (
            f"Bought before this program, on {_day(str(day))}, for {_money(program, row.minor)}; "
            f"it gave {points} {'point' if points == 1 else 'points'} then"
        )
        return Explanation(IMPORTED, 0, row.points, text)
    return Explanation(row.rule, program.version, row.points, _sentence(program, row))


def adjusted(why: tuple[Why, ...], points: int) -> tuple[Explanation, ...]:
    """What an entry of kind `adjust` says: staff did it, unless its reason tells of an import."""
    if why and why[0].rule == REVIEW_FORFEITED:
        return reviewed(why)
    if why:
        text = "Brought over from the program before this one"
        return (Explanation(IMPORTED, 0, points, text),)
    return (Explanation("adjustment", 0, points, "Adjusted by our staff"),)


_REVIEWS = {
    REVIEW_OPENED: "What you earn is held until we have looked at your account",
    REVIEW_RELEASED: "We have looked at your account: what was held is yours",
    REVIEW_FORFEITED: "We have looked at your account and have taken what was held",
}


def reviewed(why: tuple[Why, ...]) -> tuple[Explanation, ...]:
    """What an entry that begins or ends a review says."""
    return tuple(Explanation(row.rule, 0, row.points, _REVIEWS[row.rule]) for row in why)


_REFERRALS = {
    BROUGHT: "Thank you for bringing somebody",
    JOINED: "Welcome: somebody has brought you",
}


def referred(why: Why) -> Explanation | None:
    """What a bonus for bringing somebody says, or for being brought; None of another bonus."""
    text = _REFERRALS.get(why.rule)
    return Explanation(why.rule, 0, why.points, text) if text is not None else None


def answered(why: Why, survey: str) -> Explanation:
    """What a bonus for answering a survey says. survey: its name."""
    return Explanation(why.rule, 0, why.points, f"Thank you for answering: {survey}")


def _sentence(program: Program, row: Why) -> str:
    if row.rule == BASE_RULE:
        return f"{_rate(program, program.base)} on {_money(program, row.minor)}"
    if row.rule == EXCUSED_BY_REVIEW:
        return "Had been taken after we looked at the account, so they were not taken again"
    if row.rule == EXCUSED:
        return "Had expired unused, so they were not taken"
    if row.rule.startswith(TIER):
        tier = _tier(program, row.rule.removeprefix(TIER))
        return f"{tier.name}: {tier.earn_percent - 100} % more" if tier else row.rule
    if row.rule.startswith(GIFT):
        tier = _tier(program, row.rule.removeprefix(GIFT))
        name = tier.name if tier else row.rule.removeprefix(GIFT)
        return f"{name}: gift for reaching it" + (", taken back with it" if row.points < 0 else "")
    rule = next((rule for rule in program.rules if rule.rule_id == row.rule), None)
    if rule is None:
        return row.rule
    return f"{rule.name}: {_rate(program, rule.rate)} more on {_money(program, row.minor)}"


def expired(why: tuple[Why, ...]) -> tuple[Explanation, ...]:
    """What an entry of kind `expire` says: the points of each last day."""
    return tuple(
        Explanation("expiry", 0, row.points, f"Could be spent until {_day(row.rule)}")
        for row in why
    )


def transferred(why: tuple[Why, ...]) -> tuple[Explanation, ...]:
    """What an entry of points between members says; it names neither of them."""
    return tuple(Explanation(row.rule, 0, row.points, _transfer(row)) for row in why)


def _transfer(row: Why) -> str:
    if row.rule == CALLED_BACK:
        return "Called back" if row.points > 0 else "Called back by who had sent them"
    return "Received from another member" if row.points > 0 else "Sent to another member"


_MOVES = {
    Move.MERGED: "Accounts of one person were brought together",
    Move.SEPARATED: "Accounts that had been brought together act for themselves again",
    Move.JOINED: "A member joined the household, and its points moved in",
    Move.LEFT: "A member left the household; the points stayed",
}


def moved_together(why: tuple[Why, ...]) -> tuple[Explanation, ...]:
    """What an entry of two accounts that came together, or parted, says."""
    return tuple(Explanation(row.rule, 0, row.points, _MOVES[Move(row.rule)]) for row in why)


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _tier(program: Program, tier_id: str) -> Tier | None:
    levels = program.tiers.levels if program.tiers else ()
    return next((level for level in levels if level.tier_id == tier_id), None)


def _rate(program: Program, rate: EarningRate) -> str:
    noun = "point" if rate.points == 1 else "points"
    return f"{rate.points} {noun} for every {_money(program, rate.per_minor)}"


def _money(program: Program, minor: int) -> str:
    return money(minor, program.currency)
