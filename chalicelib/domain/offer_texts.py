"""Why an offer gave points and why it did not, in words: one text for the till that answers, for
the member that asks, and for the marketer that looks.

Knows no member. What an offer gives and asks for in general is said in `offer_terms.py`.
"""

from collections.abc import Iterable, Mapping

from chalicelib.domain.applied_offers import NotApplied, NotAppliedReason
from chalicelib.domain.explanation_words import points_in
from chalicelib.domain.money_texts import money
from chalicelib.domain.offer_terms import text_of, told_in
from chalicelib.domain.offers import (
    BonusPoints,
    LineMatch,
    Multiplier,
    Offer,
    PointsPerUnit,
    RewardPrice,
)
from chalicelib.domain.program import Program

_MOST_NAMED = 3
"""Products or stores that a sentence names."""

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    "en": {
        "times": "{times} times the points on {money}",
        "more": "{percent} % more on {money}",
        "per_unit": "{points} for each one, on {money}",
        "bonus": "{points}",
        "award": "{points} for reaching the goal",
        "to_redeem": "a reward waits to be redeemed",
        "taken": "{what}, taken back",
        "kept": "nothing was taken of it",
        "minimum": "{money} more",
        "minimum_of": "{money} more of {products}",
        "too_little": "too little for a whole point",
        "quantity": "{units} more",
        "quantity_of": "{units} more of {products}",
        "products": "nothing in it earns points",
        "products_of": "only for {products}",
        "store": "only in the store {stores}",
        "channel": "only by {channels}",
        "schedule": "only {hours}",
        "not_yet": "it has not begun yet",
        "paused": "it was paused then",
        "first_purchase": "only with the first purchase",
        "with_reward": "only together with a reward",
        "not_activated": "to be activated first",
        "member_limit": "was had as often as it can be",
        "budget": "is used up",
        "beaten": "{winner} applies instead",
        "beaten_by_another": "another offer applies instead",
        "hours": "from {} to {}",
        "or": " or ",
        "and_more": " and others",
    },
    "de": {
        "times": "{times}-fache Punkte auf {money}",
        "more": "{percent} % mehr auf {money}",
        "per_unit": "{points} je Stück, auf {money}",
        "bonus": "{points}",
        "award": "{points} für das erreichte Ziel",
        "to_redeem": "eine Prämie wartet darauf, eingelöst zu werden",
        "taken": "{what}, zurückgenommen",
        "kept": "davon wurde nichts abgezogen",
        "minimum": "noch {money}",
        "minimum_of": "noch {money} für {products}",
        "too_little": "zu wenig für einen ganzen Punkt",
        "quantity": "noch {units} Stück",
        "quantity_of": "noch {units} Stück von {products}",
        "products": "nichts davon sammelt Punkte",
        "products_of": "nur für {products}",
        "store": "nur im Geschäft {stores}",
        "channel": "nur über {channels}",
        "schedule": "nur {hours}",
        "not_yet": "hat noch nicht begonnen",
        "paused": "war zu der Zeit ausgesetzt",
        "first_purchase": "nur mit dem ersten Einkauf",
        "with_reward": "nur zusammen mit einer Prämie",
        "not_activated": "ist erst zu aktivieren",
        "member_limit": "wurde schon so oft genutzt, wie es geht",
        "budget": "ist aufgebraucht",
        "beaten": "stattdessen gilt {winner}",
        "beaten_by_another": "stattdessen gilt ein anderes Angebot",
        "hours": "von {} bis {} Uhr",
        "or": " oder ",
        "and_more": " und andere",
    },
}


def why(
    offer: Offer, points: int, minor: int, program: Program, language: str | None = None
) -> str:
    """Why an offer gave points, or why a return took them (negative).

    minor: the money they were counted on, in minor units; of a return what came back, negative.
    program: for its currency.
    """
    words = WORDS[told_in(language)]
    text = _gave(offer, minor, program, told_in(language), words)
    counts_money = isinstance(offer.effect, Multiplier | PointsPerUnit)
    if not points and minor < 0:
        text = words["kept"]
    elif points < 0 and not counts_money:
        text = words["taken"].format(what=text)
    return f"{text_of(offer, language).name}: {text}"


def why_not(
    offer: Offer,
    missed: NotApplied,
    program: Program,
    language: str | None = None,
    winner: Offer | None = None,
) -> str:
    """Why an offer gave nothing, with what would do: `Coffee week: 4.20 EUR more of coffee`.

    program: for its currency. winner: the offer that beat it, if one did.
    """
    words = WORDS[told_in(language)]
    name = text_of(offer, language).name
    match missed.reason:
        case NotAppliedReason.MINIMUM | NotAppliedReason.QUANTITY | NotAppliedReason.PRODUCTS:
            text = _missing(offer.basket.matches, missed, program, told_in(language), words)
        case NotAppliedReason.STORE:
            text = words["store"].format(stores=_named(offer.basket.stores, words))
        case NotAppliedReason.CHANNEL:
            text = words["channel"].format(channels=_named(offer.basket.channels, words))
        case NotAppliedReason.SCHEDULE:
            text = _hours(offer, words)
        case NotAppliedReason.BEATEN if winner is not None:
            text = words["beaten"].format(winner=text_of(winner, language).name)
        case NotAppliedReason.BEATEN:
            text = words["beaten_by_another"]
        case _:
            text = words[missed.reason]
    return f"{name}: {text}"


def _gave(offer: Offer, minor: int, program: Program, language: str, words: Words) -> str:
    on = money(minor, program.currency, language)
    match offer.effect:
        case Multiplier(percent) if percent % 100 == 0:
            return words["times"].format(times=percent // 100, money=on)
        case Multiplier(percent):
            return words["more"].format(percent=percent - 100, money=on)
        case PointsPerUnit(points):
            return words["per_unit"].format(points=points_in(points, language), money=on)
        case BonusPoints(points):
            word = "award" if offer.challenge is not None else "bonus"
            return words[word].format(points=points_in(points, language))
        case RewardPrice():
            return words["to_redeem"]


def _missing(
    match: LineMatch, missed: NotApplied, program: Program, language: str, words: Words
) -> str:
    word = str(missed.reason.value)
    if missed.reason is not NotAppliedReason.PRODUCTS and missed.missing is None:
        return words["too_little"]
    count = missed.missing or 0
    return words[word if match.is_everything else f"{word}_of"].format(
        money=money(count, program.currency, language),
        units=count,
        products=", ".join(
            _named(names, words) for names in (match.brands, match.categories, match.skus) if names
        ),
    )


def _hours(offer: Offer, words: Words) -> str:
    if not offer.schedule.hours:
        return words["not_yet"]
    windows = [
        words["hours"].format(_clock_time(first), _clock_time(end))
        for first, end in offer.schedule.hours
    ]
    return words["schedule"].format(hours=words["or"].join(windows))


def _named(names: Iterable[str], words: Words) -> str:
    ordered = sorted(names)
    more = words["and_more"] if len(ordered) > _MOST_NAMED else ""
    if more:
        return ", ".join(ordered[:_MOST_NAMED]) + more
    return words["or"].join(part for part in (", ".join(ordered[:-1]), ordered[-1]) if part)


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
