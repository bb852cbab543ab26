"""The facts of one member on one day, for whoever decides by them: the till, the snapshot of all
members, the simulation. One function for all three. Knows no storage and no condition.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.account import Account
from chalicelib.domain.behaviour import EXACT_DAYS, HORIZON_DAYS, Behaviour, favourite
from chalicelib.domain.fact_list import (
    FACTS,
    NO_TIER,
    Fact,
    FactKind,
    Facts,
    FactValue,
    Freshness,
    with_profiling,
)
from chalicelib.domain.program import Program
from chalicelib.domain.rfm import Rfm, class_of, recency_class_of
from chalicelib.domain.tiers import tier_on
from chalicelib.domain.traits import MOST_ATTRIBUTES, Traits

__all__ = [
    "ATTRIBUTE",
    "FACTS",
    "NO_TIER",
    "Fact",
    "FactKind",
    "FactValue",
    "Facts",
    "Freshness",
    "facts_declared",
    "facts_of",
]

ATTRIBUTE = "attribute."
"""Begins the name of a fact that a program declares as an attribute of its members."""

_FEWEST_VISITS = 3
"""Below them a member has no rhythm that it could fall out of."""


def facts_declared(program: Program) -> Mapping[str, Fact]:
    """All the facts that there are in a program: with its tiers and its members' attributes."""
    levels = program.tiers.levels if program.tiers else ()
    tier = replace(FACTS["tier"], values=(NO_TIER, *(level.tier_id for level in levels)))
    attributes = {
        ATTRIBUTE + name: _of_attribute(name) for name in program.attributes[:MOST_ATTRIBUTES]
    }
    return {**FACTS, "tier": tier, **attributes}


def facts_of(
    account: Account, traits: Traits, behaviour: Behaviour | None, program: Program, today: date
) -> Facts:
    """What is known of a member on a day, by the names of `facts_declared`.

    account: folded to `today`. Without a purpose of the kind profiling what needs one is None; so
    is behaviour in an account that several members share, as it is nobody's own.
    """
    facts: dict[str, FactValue] = {}
    facts.update(_of_profile(traits, today))
    facts.update(_of_account(account, program, today))
    known = behaviour if traits.profiling and not account.household else None
    facts.update(_of_behaviour(known, program.rfm, today.toordinal()) if known else _NOT_KNOWN)
    given = dict(traits.attributes) if traits.profiling else {}
    for name in program.attributes[:MOST_ATTRIBUTES]:
        facts[ATTRIBUTE + name] = given.get(name)
    return facts


_NOT_KNOWN: Facts = {
    name: None for name, fact in FACTS.items() if fact.freshness is Freshness.MINUTES
}


def _of_attribute(name: str) -> Fact:
    words = {"en": name, "de": name}
    fact = Fact(ATTRIBUTE + name, FactKind.TEXT, None, Freshness.AT_ONCE, False, words)
    return with_profiling(fact)


def _of_profile(traits: Traits, today: date) -> Facts:
    born = traits.birth_month if traits.profiling else None
    joined = traits.joined_on
    return {
        "country": traits.country,
        "language": traits.language,
        "birth_month": born,
        "is_birthday_month": born == today.month if born is not None else None,
        "interests": frozenset(traits.interests) if traits.profiling else None,
        "lists": frozenset(traits.lists),
        "days_since_joining": max(0, (today - joined).days) if joined else None,
        "years_since_joining": _whole_years(joined, today) if joined else None,
        "is_anniversary_month": _is_anniversary(joined, today) if joined else None,
    }


def _whole_years(joined: date, today: date) -> int:
    not_yet = (today.month, today.day) < (joined.month, joined.day)
    return max(0, today.year - joined.year - not_yet)


def _is_anniversary(joined: date, today: date) -> bool:
    return today.month == joined.month and today.year > joined.year


def _of_account(account: Account, program: Program, today: date) -> Facts:
    tier = tier_on(account, program.tiers, today)
    soon = today + timedelta(days=30)
    life = account.lifetime
    return {
        "status": str(account.status),
        "tier": tier.tier_id if tier else NO_TIER,
        "available_points": account.available,
        "pending_points": account.pending_points,
        "points_expiring_30_days": sum(
            lot.points for lot in account.lots if lot.expires_on and lot.expires_on <= soon
        ),
        "lifetime_points": life.earned,
        "lifetime_purchases": life.purchases,
        "lifetime_spend_minor": life.spend_minor,
        "first_purchase": life.purchases == 0,
    }


def _of_behaviour(behaviour: Behaviour, rfm: Rfm, today: int) -> Facts:
    purchases_30, spend_30, purchases_90, spend_90, purchases, spend = _sums(behaviour, today)
    visits = behaviour.visits
    since = max(0, today - visits[0]) if visits else None
    return {
        "purchases_last_30_days": purchases_30,
        "purchases_last_90_days": purchases_90,
        "purchases_last_365_days": purchases,
        "spend_last_30_days_minor": spend_30,
        "spend_last_90_days_minor": spend_90,
        "spend_last_365_days_minor": spend,
        "days_since_last_purchase": since,
        "favourite_category": favourite(behaviour.categories),
        "favourite_store": favourite(behaviour.stores),
        "average_basket_minor": spend // purchases if purchases else None,
        "recency_class": recency_class_of(rfm.recency_days, since) if since is not None else None,
        "frequency_class": class_of(rfm.purchases, purchases),
        "monetary_class": class_of(rfm.spend_minor, spend),
        "churn_risk": _churn_risk(visits, since) if since is not None else None,
    }


def _sums(behaviour: Behaviour, today: int) -> tuple[int, int, int, int, int, int]:
    """Purchases and spend of 30, 90 and 365 days. Of what is older than 92 days whole weeks count,
    by their Mondays, whether the digest still tells their days apart or not."""
    purchases_30 = spend_30 = purchases_90 = spend_90 = purchases_365 = spend_365 = 0
    for day, purchases, spend in behaviour.days:
        age = today - day
        if age > EXACT_DAYS:
            age += (day - 1) % 7
        if age < 30:
            purchases_30 += purchases
            spend_30 += spend
        if age < 90:
            purchases_90 += purchases
            spend_90 += spend
        if age < HORIZON_DAYS:
            purchases_365 += purchases
            spend_365 += spend
    for monday, purchases, spend in behaviour.weeks:
        if today - monday < HORIZON_DAYS:
            purchases_365 += purchases
            spend_365 += spend
    return purchases_30, spend_30, purchases_90, spend_90, purchases_365, spend_365


def _churn_risk(visits: tuple[int, ...], since: int) -> str | None:
    """How long the member has not come, against how often it came: below one and a half of its
    usual intervals low, below three medium, else high."""
    if len(visits) < _FEWEST_VISITS:
        return None
    span, intervals = visits[0] - visits[-1], len(visits) - 1
    if 2 * since * intervals < 3 * span:
        return "low"
    return "medium" if since * intervals < 3 * span else "high"
