"""Why points came or went, in words. A pure function of the program's version, the offers' versions
and the reasons, so that a replay and the statement say the same as the first answer.

language: of who reads it; German for `de`, English for all others and where it is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.applied_offers import offer_of
from chalicelib.domain.bring_over import IMPORTED, told_purchase
from chalicelib.domain.earning import EXCUSED, EXCUSED_BY_REVIEW, GIFT, REWARD, TIER
from chalicelib.domain.entries import Why
from chalicelib.domain.explanation_words import day_in, points_in, words_in
from chalicelib.domain.merging import Move
from chalicelib.domain.money_texts import money
from chalicelib.domain.offer_terms import told_in
from chalicelib.domain.offer_texts import why as why_of_offer
from chalicelib.domain.offers import Offer
from chalicelib.domain.program import BASE_RULE, EarningRate, Program, Tier
from chalicelib.domain.referrals import BROUGHT, JOINED
from chalicelib.domain.reviews import REVIEW_FORFEITED
from chalicelib.domain.transfers import CALLED_BACK


@dataclass(frozen=True, slots=True)
class Explanation:
    """rule_or_offer: the id of what gave the points, `version` of the program or offer it stands in
    (0 for what stands in none)."""

    rule_or_offer: str
    version: int
    points: int
    text: str


def explained(
    program: Program,
    why: tuple[Why, ...],
    rewards: Mapping[str, str] | None = None,
    language: str | None = None,
    offers: Mapping[str, Offer] | None = None,
) -> tuple[Explanation, ...]:
    """Each reason with a sentence for people. rewards: the names of those that came back, by id.
    offers: those that gave points, by id, in the version that did."""
    say = _Say(program, language)
    return tuple(_explanation(say, row, rewards or {}, offers or {}) for row in why)


def adjusted(
    why: tuple[Why, ...], points: int, language: str | None = None
) -> tuple[Explanation, ...]:
    """What an entry of kind `adjust` says: staff did it, unless its reason tells of an import."""
    if why and why[0].rule == REVIEW_FORFEITED:
        return reviewed(why, language)
    words = words_in(language)
    if why:
        return (Explanation(IMPORTED, 0, points, words["brought_over"]),)
    return (Explanation("adjustment", 0, points, words["adjusted"]),)


def reviewed(why: tuple[Why, ...], language: str | None = None) -> tuple[Explanation, ...]:
    """What an entry that begins or ends a review says."""
    words = words_in(language)
    return tuple(Explanation(row.rule, 0, row.points, words[row.rule]) for row in why)


def referred(why: Why, language: str | None = None) -> Explanation | None:
    """What a bonus for bringing somebody says, or for being brought; None of another bonus."""
    if why.rule not in (BROUGHT, JOINED):
        return None
    return Explanation(why.rule, 0, why.points, words_in(language)[why.rule])


def answered(why: Why, survey: str, language: str | None = None) -> Explanation:
    """What a bonus for answering a survey says. survey: its name."""
    text = words_in(language)["answered"].format(name=survey)
    return Explanation(why.rule, 0, why.points, text)


def redeemed(why: Why, reward: str, *, came_back: bool, language: str | None = None) -> Explanation:
    """What points that went for a reward say, or that came back with it. reward: its name."""
    word = "came_back" if came_back else "redeemed"
    return Explanation(why.rule, 0, why.points, words_in(language)[word].format(name=reward))


def expired(why: tuple[Why, ...], language: str | None = None) -> tuple[Explanation, ...]:
    """What an entry of kind `expire` says: the points of each last day."""
    text = words_in(language)["expired"]
    return tuple(
        Explanation("expiry", 0, row.points, text.format(day=_day(row.rule, language)))
        for row in why
    )


def transferred(why: tuple[Why, ...], language: str | None = None) -> tuple[Explanation, ...]:
    """What an entry of points between members says; it names neither of them."""
    words = words_in(language)
    return tuple(Explanation(row.rule, 0, row.points, words[_transfer(row)]) for row in why)


def moved_together(why: tuple[Why, ...], language: str | None = None) -> tuple[Explanation, ...]:
    """What an entry of two accounts that came together, or parted, says."""
    words = words_in(language)
    return tuple(Explanation(row.rule, 0, row.points, words[Move(row.rule)]) for row in why)


class _Say:
    """How a program's figures read in a language."""

    def __init__(self, program: Program, language: str | None) -> None:
        self.program, self.language = program, told_in(language)

    def __call__(self, word: str, **parts: object) -> str:
        """A sentence with its parts in their places."""
        return words_in(self.language)[word].format(**parts)

    def money(self, minor: int) -> str:
        return money(minor, self.program.currency, self.language)

    def rate(self, rate: EarningRate) -> str:
        points = points_in(rate.points, self.language)
        return self("rate", points=points, money=self.money(rate.per_minor))


def _explanation(
    say: _Say, row: Why, rewards: Mapping[str, str], offers: Mapping[str, Offer]
) -> Explanation:
    if row.rule.startswith(REWARD):
        reward_id = row.rule.removeprefix(REWARD)
        text = say("came_back", name=rewards.get(reward_id, reward_id))
        return Explanation(row.rule, 0, row.points, text)
    if offer_id := offer_of(row.rule):
        return _of_offer(say, row, offer_id, offers.get(offer_id))
    if bought := told_purchase(row.rule):
        day, points = bought
        text = say(
            "bought_before",
            day=_day(str(day), say.language),
            money=say.money(row.minor),
            points=points_in(points, say.language),
        )
        return Explanation(IMPORTED, 0, row.points, text)
    return Explanation(row.rule, say.program.version, row.points, _sentence(say, row))


def _of_offer(say: _Say, row: Why, offer_id: str, offer: Offer | None) -> Explanation:
    if offer is None:
        return Explanation(row.rule, 0, row.points, offer_id)
    text = why_of_offer(offer, row.points, row.minor, say.program, say.language)
    return Explanation(row.rule, offer.version, row.points, text)


def _sentence(say: _Say, row: Why) -> str:
    if row.rule == BASE_RULE:
        return say("base", rate=say.rate(say.program.base), money=say.money(row.minor))
    if row.rule == EXCUSED_BY_REVIEW:
        return say("excused_by_review")
    if row.rule == EXCUSED:
        return say("excused")
    if row.rule.startswith(TIER):
        tier = _tier(say.program, row.rule.removeprefix(TIER))
        return say("tier", name=tier.name, percent=tier.earn_percent - 100) if tier else row.rule
    if row.rule.startswith(GIFT):
        tier = _tier(say.program, row.rule.removeprefix(GIFT))
        name = tier.name if tier else row.rule.removeprefix(GIFT)
        return say("gift_taken" if row.points < 0 else "gift", name=name)
    rule = next((rule for rule in say.program.rules if rule.rule_id == row.rule), None)
    if rule is None:
        return row.rule
    return say("rule", name=rule.name, rate=say.rate(rule.rate), money=say.money(row.minor))


def _transfer(row: Why) -> str:
    if row.rule == CALLED_BACK:
        return "called_back" if row.points > 0 else "called_back_by_sender"
    return "received" if row.points > 0 else "sent"


def _day(text: str, language: str | None) -> str:
    return day_in(date.fromisoformat(text), language)


def _tier(program: Program, tier_id: str) -> Tier | None:
    levels = program.tiers.levels if program.tiers else ()
    return next((level for level in levels if level.tier_id == tier_id), None)
