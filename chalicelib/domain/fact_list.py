"""The facts of a member, each defined once: what a condition at the till, a query over all members
and the documentation mean by it. Knows no member, no storage and no condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FactValue = int | str | bool | frozenset[str] | None
"""None: not known."""

Facts = Mapping[str, FactValue]
"""What is known of one member, by the names of the facts."""


class FactKind(StrEnum):
    """What a fact is: a whole number, yes or no, one word of several, or a set of words."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    TEXTS = "texts"


class Freshness(StrEnum):
    """How soon a fact knows of what has happened: with the write itself, or some minutes later."""

    AT_ONCE = "at_once"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. unit: of a number (`points`, `minor`, `days`), None for one without; profiling:
    whether it is known only of members with a purpose of that kind in force; says: by language, as
    it is called in a sentence; values: all that it can be, None where that has no end."""

    name: str
    kind: FactKind
    unit: str | None
    freshness: Freshness
    profiling: bool
    says: Mapping[str, str]
    values: tuple[int | str, ...] | None = None


NO_TIER = "none"
"""The tier of a member below the lowest one: that is known, too."""

CLASSES = (1, 2, 3, 4, 5)
RISKS = ("low", "medium", "high")
STATUSES = ("active", "pending_verification", "frozen", "erased")

_WINDOWS = (30, 90, 365)


def _number(
    name: str, unit: str | None, en: str, de: str, values: tuple[int, ...] | None = None
) -> Fact:
    words = {"en": en, "de": de}
    return Fact(name, FactKind.INTEGER, unit, Freshness.AT_ONCE, False, words, values)


def _flag(name: str, en: str, de: str) -> Fact:
    words = {"en": en, "de": de}
    return Fact(name, FactKind.BOOLEAN, None, Freshness.AT_ONCE, False, words)


def _text(name: str, en: str, de: str, values: tuple[str, ...] | None = None) -> Fact:
    words = {"en": en, "de": de}
    return Fact(name, FactKind.TEXT, None, Freshness.AT_ONCE, False, words, values)


def _texts(name: str, en: str, de: str) -> Fact:
    words = {"en": en, "de": de}
    return Fact(name, FactKind.TEXTS, None, Freshness.AT_ONCE, False, words)


def with_profiling(fact: Fact, freshness: Freshness = Freshness.AT_ONCE) -> Fact:
    """The fact as one that is known only while a purpose of the kind profiling is in force."""
    return Fact(fact.name, fact.kind, fact.unit, freshness, True, fact.says, fact.values)


def _behaviour(fact: Fact) -> Fact:
    return with_profiling(fact, Freshness.MINUTES)


_PROFILE = (
    _text("country", "country", "Land"),
    _text("language", "language", "Sprache"),
    with_profiling(
        _number("birth_month", "month", "month of birth", "Geburtsmonat", tuple(range(1, 13)))
    ),
    with_profiling(_flag("is_birthday_month", "has a birthday this month", "hat Geburtsmonat")),
    with_profiling(_texts("interests", "interests", "Interessen")),
    _texts("lists", "lists the member is on", "Listen, auf denen das Mitglied steht"),
    _number("days_since_joining", "days", "days since joining", "Tage seit dem Beitritt"),
    _number("years_since_joining", "years", "years since joining", "Jahre seit dem Beitritt"),
    _flag("is_anniversary_month", "joined in this month of a year", "hat Beitrittsmonat"),
)

_ACCOUNT = (
    _text("status", "status", "Status", STATUSES),
    _text("tier", "tier", "Stufe"),
    _number("available_points", "points", "available points", "verfügbare Punkte"),
    _number("pending_points", "points", "pending points", "wartende Punkte"),
    _number(
        "points_expiring_30_days",
        "points",
        "points that expire within 30 days",
        "Punkte, die innerhalb von 30 Tagen verfallen",
    ),
    _number("lifetime_points", "points", "points since joining", "Punkte seit dem Beitritt"),
    _number(
        "lifetime_purchases", "purchases", "purchases since joining", "Einkäufe seit dem Beitritt"
    ),
    _number("lifetime_spend_minor", "minor", "spend since joining", "Umsatz seit dem Beitritt"),
    _flag("first_purchase", "has not bought anything yet", "hat noch nichts gekauft"),
)

_BEHAVIOUR = (
    *(
        _number(
            f"purchases_last_{days}_days",
            "purchases",
            f"purchases in the last {days} days",
            f"Einkäufe in den letzten {days} Tagen",
        )
        for days in _WINDOWS
    ),
    *(
        _number(
            f"spend_last_{days}_days_minor",
            "minor",
            f"spend in the last {days} days",
            f"Umsatz in den letzten {days} Tagen",
        )
        for days in _WINDOWS
    ),
    _number(
        "days_since_last_purchase",
        "days",
        "days since the last purchase",
        "Tage seit dem letzten Einkauf",
    ),
    _text("favourite_category", "favourite category", "liebste Warengruppe"),
    _text("favourite_store", "favourite store", "liebste Filiale"),
    _number("average_basket_minor", "minor", "average basket", "durchschnittlicher Einkauf"),
    _number("recency_class", None, "recency class", "Klasse nach letztem Einkauf", CLASSES),
    _number("frequency_class", None, "frequency class", "Klasse nach Häufigkeit", CLASSES),
    _number("monetary_class", None, "monetary class", "Klasse nach Umsatz", CLASSES),
    _text("churn_risk", "risk of losing the member", "Abwanderungsrisiko", RISKS),
)

FACTS: Mapping[str, Fact] = {
    fact.name: fact for fact in (*_PROFILE, *_ACCOUNT, *(_behaviour(fact) for fact in _BEHAVIOUR))
}
"""Every fact but those of a program's own attributes, in the order in which they are told."""
