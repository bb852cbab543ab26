"""Whatever is offered beside whatever else and whoever buys what: a simulation says of an offer
what the till would have given, to the point."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.applied_offers import OFFER
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.offers import BasketTerms, Budget, Offer, Schedule
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.traits import Traits
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.simulate_offer import SimulateOffer, simulate_offer
from tests.ledger_world import TILL, World, fake_world
from tests.property.offers import LONG_AGO, MONDAY, live_offers, purchases

AFTERWARDS = MONDAY + timedelta(days=9)
SHOPPERS = ("ann", "ben", "cat", "dan")


def _simulated_by(offers: Sequence[Offer], is_open: bool) -> tuple[Offer, list[Offer]]:
    """The first offer as it is simulated, and the others. is_open: at any time and in any place.

    What an offer leaves over for others is not looked at: these have no limits here. Neither does
    anybody ask for points, which the others' would be among.
    """
    plain = [
        replace(
            offer,
            audience=None if "points" in repr(offer.audience) else offer.audience,
            member_limit=offer.member_limit if place == 0 else None,
            budget=offer.budget and Budget(offer.budget.unit, 60) if place == 0 else None,
            schedule=Schedule() if is_open else offer.schedule,
            basket=_anywhere(offer.basket) if is_open else offer.basket,
        )
        for place, offer in enumerate(offers)
    ]
    first = plain[0]
    hours = Schedule(
        weekdays=first.schedule.weekdays,
        hours=first.schedule.hours,
        days_of_month=first.schedule.days_of_month,
    )
    return replace(first, schedule=hours, launched_at=LONG_AGO), plain[1:]


def _anywhere(basket: BasketTerms) -> BasketTerms:
    return replace(basket, channels=frozenset(), stores=frozenset(), with_reward=False)


def _shop(live: Sequence[Offer], history: Sequence[Purchase]) -> tuple[World, dict[str, int]]:
    """A shop that sold all of this while offers were live, and the points that each gave."""
    world, ledger = fake_world("sims")
    for offer in live:
        assert world.ports.offers.put(offer, LONG_AGO) == "written"
    for number, shopper in enumerate(SHOPPERS):
        world.open_account(opening_entry(f"mem_{shopper}", AccountStatus.ACTIVE, LONG_AGO))
        traits = Traits(
            country=(None, "AT", "DE")[number % 3],
            profiling=True,
            interests=("coffee",) if number % 2 else (),
            activated=tuple(f"off_{place}" for place in range(8)),
        )
        ledger.keep_traits(f"mem_{shopper}", traits)
    for number, bought in enumerate(history):
        member = MemberId(f"mem_{SHOPPERS[number % len(SHOPPERS)]}")
        post_purchase(world.ports, TILL, PostPurchase(bought, member), bought.occurred_at)
    points: dict[str, int] = {}
    for entries in ledger.accounts.values():
        for row in (row for entry in entries.values() for row in entry.why):
            points[row.rule] = points.get(row.rule, 0) + row.points
    return world, points


def _one_after_the_other(bought: list[Purchase]) -> list[Purchase]:
    """Purchases with ids of their own, no two at once, none paid with a redemption."""
    ordered = sorted(bought, key=lambda one: one.occurred_at)
    return [
        replace(
            one,
            purchase_id=f"p-{number}",
            occurred_at=one.occurred_at + timedelta(seconds=number),
            tenders=tuple(tender for tender in one.tenders if tender.redemption_id is None),
        )
        for number, one in enumerate(ordered)
    ]


@pytest.mark.timeout(120)
@settings(max_examples=120, deadline=None)
@given(
    live_offers(most=5) | live_offers(most=5, always=True),
    st.sampled_from([True, True, False]),
    st.lists(purchases, min_size=8, max_size=25).map(_one_after_the_other),
)
def test_a_simulation_gives_what_the_till_gives(
    offers: list[Offer], is_open: bool, history: list[Purchase]
) -> None:
    offer, others = _simulated_by(offers, is_open)
    world, _ = _shop(others, history)
    _, points = _shop([offer, *others], history)

    assert world.ports.offers.put(replace(offer, launched_at=None), LONG_AGO) == "written"
    found = simulate_offer(world.ports, SimulateOffer(offer.offer_id, 1), AFTERWARDS)

    [simulated] = found.offers
    assert found.purchases == len(history)
    assert simulated.tally.points == points.get(OFFER + offer.offer_id, 0)
    assert simulated.tally.purchases + sum(simulated.tally.excluded.values()) == len(history)
