"""Live offers and who buys what under them, for the tests of decisions.

Made from a seed rather than drawn part by part: what is drawn in parts is mostly so small that no
offer applies, and then nothing is tested.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from chalicelib.domain.conditions import Condition, Leaf, Op
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.offer_decision import Who
from chalicelib.domain.offers import (
    Activation,
    BasketTerms,
    BonusPoints,
    Budget,
    Effect,
    LineMatch,
    Multiplier,
    Offer,
    OfferStatus,
    OfferText,
    PointsPerUnit,
    Schedule,
    Stacking,
)
from chalicelib.domain.purchases import Purchase

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
MEMBERS = ("mem_1", "mem_2", "mem_3")

_T = TypeVar("_T")

_seeds = st.integers(0, 2**32 - 1).map(Random)


def live_offers(most: int = 8, always: bool = False) -> st.SearchStrategy[list[Offer]]:
    """One to `most` launched offers of every kind that give points at a purchase. always: whenever,
    and whoever buys wherever."""
    return _seeds.map(
        lambda by: [_offer(by, number, always) for number in range(by.randint(1, most))]
    )


def _offer(by: Random, number: int, always: bool) -> Offer:
    offer = Offer(
        offer_id=f"off_{number}",
        number=number,
        version=1,
        name=f"Offer {number}",
        effect=_effect(by),
        texts={"en": OfferText(f"Offer {number}")},
        status=OfferStatus.LAUNCHED,
        basket=_basket(by),
        budget=by.choice([None, Budget("points", 100), Budget("minor", 1_000)]),
        most_points=_seldom(by, by.randint(1, 40), None),
        stacking=Stacking(by.choice([None, "a", "b"]), by.randint(0, 2), by.random() < 0.1),
        launched_at=LONG_AGO,
    )
    return offer if always else _for_some(by, offer)


def _for_some(by: Random, offer: Offer) -> Offer:
    terms = replace(
        offer.basket,
        channels=_seldom(by, frozenset({"app"}), frozenset[str]()),
        stores=_seldom(by, frozenset({"mitte"}), frozenset[str]()),
        first_purchase=_seldom(by, True, False),
        with_reward=_seldom(by, True, False),
    )
    return replace(
        offer,
        basket=terms,
        schedule=by.choice([Schedule(), _schedule(by)]),
        audience=by.choice([None, None, _audience(by)]),
        activation=_seldom(by, Activation.OPT_IN, Activation.AUTOMATIC),
        member_limit=_seldom(by, 2, None),
        holdout_percent=by.choice([0, 0, 20, 50]),
        launched_at=_seldom(by, MONDAY + timedelta(days=2), LONG_AGO),
    )


def _effect(by: Random) -> Effect:
    effects: list[Effect] = [
        Multiplier(by.choice([110, 150, 200, 333])),
        BonusPoints(by.randint(1, 50)),
        PointsPerUnit(by.randint(1, 5)),
    ]
    return by.choice(effects)


def _basket(by: Random) -> BasketTerms:
    match = LineMatch(
        _seldom(by, frozenset({"sku-1", "sku-2"}), frozenset[str]()),
        _seldom(by, frozenset({"beans", "tea"}), frozenset[str]()),
        _seldom(by, frozenset({"kronos"}), frozenset[str]()),
    )
    return BasketTerms(by.choice([0, 0, 500, 2_500]), match, _seldom(by, 3, 0))


def _schedule(by: Random) -> Schedule:
    hours = [by.choice([0, 360, 720, 1_080, 1_320]) for _ in range(2)]
    windows = [] if hours[0] == hours[1] else [(hours[0], hours[1])]
    return Schedule(
        starts_at=by.choice([None, MONDAY + timedelta(hours=by.randint(-24, 48))]),
        ends_at=by.choice([None, MONDAY + timedelta(hours=by.randint(49, 200))]),
        weekdays=by.choice([frozenset[int](), frozenset(by.sample(range(7), 4))]),
        hours=tuple(windows),
        days_of_month=_seldom(by, frozenset({2, 3, 5, 8}), frozenset[int]()),
    )


def _audience(by: Random) -> Condition:
    return by.choice(
        [
            Leaf("country", Op.EQ, "AT"),
            Leaf("available_points", Op.GTE, 100),
            Leaf("interests", Op.CONTAINS, "coffee"),
        ]
    )


def _purchase(by: Random) -> Purchase:
    bought = tuple(_line(by, number) for number in range(by.randint(1, 5)))
    paid = _some(by, [Tender("gift_card", 200), Tender("points", 300, "red_1")])
    at = MONDAY + timedelta(minutes=by.randint(0, 7 * 24 * 60))
    channel, store_id = by.choice([None, "app", "app"]), by.choice([None, "mitte", "mitte"])
    return Purchase("p-1", at, "EUR", bought, paid, channel, store_id)


def _line(by: Random, number: int) -> Line:
    return Line(
        line_id=str(number),
        sku=by.choice(["sku-1", "sku-2", "sku-3"]),
        quantity=by.randint(1, 4),
        amount_minor=_seldom(by, 0, by.randint(1, 3_000)),
        category=by.choice([None, "beans", "tea", "gift_cards"]),
        brand=by.choice([None, "kronos", "other"]),
        eligible=not _seldom(by, True, False),
    )


def _buyer(by: Random) -> Who:
    facts = {
        "country": by.choice([None, "AT", "DE"]),
        "available_points": by.randint(0, 200),
        "interests": by.choice([None, frozenset({"coffee"})]),
        "first_purchase": by.random() < 0.5,
    }
    ids = _some(by, [f"off_{number}" for number in range(8)])
    return Who(by.choice(MEMBERS), facts, activated=frozenset(ids))


def _seldom(by: Random, value: _T, usual: _T) -> _T:
    return value if by.random() < 0.2 else usual


def _some(by: Random, of: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(one for one in of if by.random() < 0.5)


purchases = _seeds.map(_purchase)
"""Purchases of one week, a part of some of them paid with what earns nothing."""

buyers = _seeds.map(_buyer)
"""Members who have activated some offers, with some of the facts that audiences ask for."""
