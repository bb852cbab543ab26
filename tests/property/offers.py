"""Strategies for live offers and for who buys what under them, for the tests of decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.offer_decision import Who
from chalicelib.domain.offers import (
    Activation,
    BasketTerms,
    BonusPoints,
    Budget,
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
from tests.property.programs import lines, tenders

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
MEMBERS = ("mem_1", "mem_2", "mem_3")

effects = st.one_of(
    st.builds(Multiplier, st.sampled_from([110, 150, 200, 333])),
    st.builds(BonusPoints, st.sampled_from([1, 7, 50])),
    st.builds(PointsPerUnit, st.integers(1, 5)),
)
matches = st.builds(
    LineMatch,
    skus=st.sampled_from([frozenset[str](), frozenset({"sku-1"}), frozenset({"sku-1", "sku-2"})]),
    categories=st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"beans", "tea"})]),
    brands=st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"kronos"})]),
)
baskets = st.builds(
    BasketTerms,
    minimum_minor=st.sampled_from([0, 0, 500, 2_500]),
    matches=matches,
    quantity=st.sampled_from([0, 0, 0, 3]),
    channels=st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"app"})]),
    stores=st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"mitte"})]),
    first_purchase=st.sampled_from([False, False, False, True]),
    with_reward=st.sampled_from([False, False, False, True]),
)
_minutes = st.integers(0, 23).map(lambda hour: hour * 60)
hours = st.lists(st.tuples(_minutes, _minutes).filter(lambda pair: pair[0] != pair[1]), max_size=2)
schedules = st.builds(
    Schedule,
    starts_at=st.none() | st.integers(-24, 24).map(lambda n: MONDAY + timedelta(hours=n)),
    ends_at=st.none() | st.integers(25, 200).map(lambda n: MONDAY + timedelta(hours=n)),
    weekdays=st.frozensets(st.integers(0, 6), max_size=4),
    hours=hours.map(tuple),
    days_of_month=st.sampled_from([frozenset[int](), frozenset[int](), frozenset({1, 3, 5})]),
)
stackings = st.builds(
    Stacking,
    group=st.sampled_from([None, None, "a", "b"]),
    priority=st.integers(0, 2),
    exclusive=st.sampled_from([False, False, False, True]),
)
audiences = st.sampled_from(
    [
        None,
        None,
        Leaf("country", Op.EQ, "AT"),
        Leaf("available_points", Op.GTE, 100),
        Leaf("interests", Op.CONTAINS, "coffee"),
    ]
)


@st.composite
def live_offers(draw: st.DrawFn, most: int = 8, always: bool = False) -> list[Offer]:
    """Up to `most` launched offers of every kind that give points at a purchase. always: whatever
    the time and whoever buys what."""
    return [draw(_offers(number, always)) for number in range(draw(st.integers(1, most)))]


def _offers(number: int, always: bool) -> st.SearchStrategy[Offer]:
    offers = st.builds(
        Offer,
        offer_id=st.just(f"off_{number}"),
        number=st.just(number),
        version=st.just(1),
        name=st.just(f"Offer {number}"),
        effect=effects,
        texts=st.just({"en": OfferText(f"Offer {number}")}),
        status=st.just(OfferStatus.LAUNCHED),
        basket=baskets,
        budget=st.sampled_from([None, Budget("points", 100), Budget("minor", 1_000)]),
        most_points=st.none() | st.integers(1, 40),
        stacking=stackings,
        launched_at=st.just(LONG_AGO),
    )
    if always:
        return offers
    return st.builds(
        lambda offer, activation, limit, schedule, audience, holdout, late: replace(
            offer,
            activation=activation,
            member_limit=limit,
            schedule=schedule,
            audience=audience,
            holdout_percent=holdout,
            launched_at=MONDAY + timedelta(days=1) if late else LONG_AGO,
        ),
        offers,
        st.sampled_from([Activation.AUTOMATIC, Activation.AUTOMATIC, Activation.OPT_IN]),
        st.sampled_from([None, None, 1, 2]),
        schedules,
        audiences,
        st.sampled_from([0, 0, 20, 50]),
        st.sampled_from([False, False, False, False, True]),
    )


@st.composite
def purchases(draw: st.DrawFn) -> Purchase:
    """Purchases of one week, some of them paid with a redemption."""
    paid: tuple[Tender, ...] = draw(tenders)
    if draw(st.booleans()):
        paid = (*paid, Tender("points", 0, "red_1"))
    bought: tuple[Line, ...] = draw(lines())
    at = MONDAY + timedelta(minutes=draw(st.integers(0, 7 * 24 * 60)))
    channel = draw(st.sampled_from([None, "app", "till"]))
    store_id = draw(st.sampled_from([None, "mitte", "nord"]))
    return Purchase("p-1", at, "EUR", bought, paid, channel, store_id)


buyers = st.builds(
    Who,
    member_id=st.sampled_from(MEMBERS),
    facts=st.fixed_dictionaries(
        {
            "country": st.sampled_from([None, "AT", "DE"]),
            "available_points": st.integers(0, 200),
            "interests": st.none() | st.just(frozenset({"coffee"})),
            "first_purchase": st.booleans(),
        }
    ),
    activated=st.frozensets(st.sampled_from([f"off_{number}" for number in range(8)])),
)
