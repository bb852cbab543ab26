"""What an offer gives and what it asks for, in words for members. Knows no member: why somebody has
an offer, and what a purchase missed, stands elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from chalicelib.domain.explanation_words import points_in
from chalicelib.domain.money_texts import money
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Challenge,
    ChallengeKind,
    LineMatch,
    Multiplier,
    Occasion,
    Offer,
    OfferText,
    PointsPerUnit,
    RewardPrice,
    Schedule,
)
from chalicelib.domain.program import Program

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "times": "{} times the points",
        "percent": "{} % more points",
        "per_unit": "{} for each one",
        "free": "{} for free",
        "price": "{} for {}",
        "on": " on {}",
        "early": ", before others can have it",
        "and": " and ",
        "or": " or ",
        "minimum": "Spend at least {}",
        "minimum_of": "Spend at least {} on {}",
        "quantity": "Buy at least {}",
        "quantity_of": "Buy at least {} of {}",
        "products": "Buy {}",
        "stores": "In the store {}",
        "channels": "By {}",
        "first": "With your first purchase",
        "with_reward": "Together with a reward",
        "days": "On {}",
        "hours": "From {} to {}",
        "days_of_month": "On the {} of the month",
        "count": "Buy {} times",
        "units": "Buy {} of them",
        "streak": "Buy in {} {} in a row",
        "collect": "Buy {} of these: {}",
        "times_at_most": "Can be done {} times",
        "day": "days",
        "week": "weeks",
        "month": "months",
        "year": "years",
        "birthday": "In the month of your birthday",
        "anniversary": "Each year that you are with us",
        "brought": "When somebody whom you brought has bought something",
    },
    "de": {
        "times": "{}-fache Punkte",
        "percent": "{} % mehr Punkte",
        "per_unit": "{} je Stück",
        "free": "{} umsonst",
        "price": "{} für {}",
        "on": " auf {}",
        "early": ", früher als andere",
        "and": " und ",
        "or": " oder ",
        "minimum": "Für mindestens {} einkaufen",
        "minimum_of": "Für mindestens {} {} kaufen",
        "quantity": "Mindestens {} kaufen",
        "quantity_of": "Mindestens {} {} kaufen",
        "products": "{} kaufen",
        "stores": "Im Geschäft {}",
        "channels": "Über {}",
        "first": "Mit dem ersten Einkauf",
        "with_reward": "Zusammen mit einer Prämie",
        "days": "Am {}",
        "hours": "Von {} bis {} Uhr",
        "days_of_month": "Am {} des Monats",
        "count": "{}-mal einkaufen",
        "units": "{} davon kaufen",
        "streak": "In {} {} nacheinander einkaufen",
        "collect": "{} davon kaufen: {}",
        "times_at_most": "Geht {}-mal",
        "day": "Tagen",
        "week": "Wochen",
        "month": "Monaten",
        "year": "Jahren",
        "birthday": "Im Monat des Geburtstags",
        "anniversary": "Jedes Jahr, das du dabei bist",
        "brought": "Wenn jemand, den du mitgebracht hast, eingekauft hat",
    },
}
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
_OCCASIONS = frozenset({Occasion.BIRTHDAY, Occasion.ANNIVERSARY, Occasion.BROUGHT})


def told_in(language: str | None) -> str:
    """The language that a member is told in: `de`, or `en` for all others."""
    return "de" if language == "de" else "en"


def text_of(offer: Offer, language: str | None) -> OfferText:
    """What the offer is called for members: in their language, else in English, else in whatever
    it was written in, else by its name."""
    for known in (language, "en", *sorted(offer.texts)):
        if known is not None and known in offer.texts:
            return offer.texts[known]
    return OfferText(offer.name)


def gives(offer: Offer, language: str | None, reward_name: str) -> str:
    """What it gives, as a phrase. reward_name: of the reward that it makes cheaper."""
    words = _words(language)
    match offer.effect:
        case Multiplier(percent) if percent % 100 == 0:
            return words["times"].format(percent // 100) + _on(offer.basket.matches, words)
        case Multiplier(percent):
            return words["percent"].format(percent - 100) + _on(offer.basket.matches, words)
        case BonusPoints(points):
            return points_in(points, language)
        case PointsPerUnit(points):
            return words["per_unit"].format(points_in(points, language))
        case RewardPrice(_, points, early):
            price = words["price"].format(reward_name, points_in(points, language))
            told = price if points else words["free"].format(reward_name)
            return told + (words["early"] if early else "")
        case _:
            assert_never(offer.effect)


def asks_for(offer: Offer, program: Program, language: str | None) -> tuple[str, ...]:
    """What a member has to do for it, a phrase each; empty where it is simply there."""
    words = _words(language)
    told = [
        *([words[offer.occasion]] if offer.occasion in _OCCASIONS else []),
        *_basket(offer.basket, program, told_in(language), words),
        *_challenge(offer.challenge, words),
        *_times(offer.schedule, words, told_in(language)),
    ]
    return tuple(told)


def _words(language: str | None) -> Mapping[str, str]:
    return _WORDS[told_in(language)]


def _basket(
    basket: BasketTerms, program: Program, language: str, words: Mapping[str, str]
) -> Iterator[str]:
    products, of = _products(basket.matches, words), "" if basket.matches.is_everything else "_of"
    if basket.minimum_minor:
        amount = money(basket.minimum_minor, program.currency, language)
        yield words[f"minimum{of}"].format(amount, products)
    if basket.quantity:
        yield words[f"quantity{of}"].format(basket.quantity, products)
    if of and not basket.minimum_minor and not basket.quantity:
        yield words["products"].format(products)
    if basket.stores:
        yield words["stores"].format(_one_of(basket.stores, words))
    if basket.channels:
        yield words["channels"].format(_one_of(basket.channels, words))
    if basket.first_purchase:
        yield words["first"]
    if basket.with_reward:
        yield words["with_reward"]


def _challenge(challenge: Challenge | None, words: Mapping[str, str]) -> Iterator[str]:
    if challenge is None:
        return
    goal = challenge.goal
    match challenge.kind:
        case ChallengeKind.COUNT:
            yield words["count"].format(goal)
        case ChallengeKind.QUANTITY:
            yield words["units"].format(goal)
        case ChallengeKind.STREAK:
            yield words["streak"].format(goal, words[challenge.period or "day"])
        case ChallengeKind.COLLECT:
            yield words["collect"].format(goal, ", ".join(challenge.items))
    if challenge.repeats is not None:
        yield words["times_at_most"].format(challenge.repeats)


def _times(schedule: Schedule, words: Mapping[str, str], language: str) -> Iterator[str]:
    if schedule.weekdays:
        names = [_WEEKDAYS[language][day] for day in sorted(schedule.weekdays)]
        yield words["days"].format(_listed(names, words["and"]))
    if schedule.days_of_month:
        days = [f"{day}." for day in sorted(schedule.days_of_month)]
        yield words["days_of_month"].format(_listed(days, words["and"]))
    for first, end in schedule.hours:
        yield words["hours"].format(_clock_time(first), _clock_time(end))


def _on(match: LineMatch, words: Mapping[str, str]) -> str:
    return "" if match.is_everything else words["on"].format(_products(match, words))


def _products(match: LineMatch, words: Mapping[str, str]) -> str:
    kinds = [match.brands, match.categories, match.skus]
    return ", ".join(_one_of(kind, words) for kind in kinds if kind)


def _one_of(names: Iterable[str], words: Mapping[str, str]) -> str:
    return _listed(sorted(names), words["or"])


def _listed(names: list[str], word: str) -> str:
    return word.join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
