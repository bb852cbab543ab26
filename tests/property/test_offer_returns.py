"""What a purchase gave under live offers, its returns take back, to the point, however it is cut
up: the points, the budgets that paid for them, and the uses that limits counted."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.applied_offers import OFFER
from chalicelib.domain.earning import Tender
from chalicelib.domain.offers import Budget, Offer
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase
from tests.ledger_world import NOW
from tests.property.counter import counter_under
from tests.property.offers import live_offers, purchases
from tests.property.programs import programs

splits = given(
    programs(), live_offers(most=4, always=True), purchases, st.integers(0, 4), st.data()
)
"""A program, live offers, a purchase, in how many parts more than one it comes back, and these."""


def any_split_gives_offers_back_what_they_gave(
    program: Program,
    offers: list[Offer],
    purchase: Purchase,
    parts: int,
    data: st.DataObject,
) -> None:
    """Taken and excused are what was given; nothing is left of it, in the account or out of it."""
    counter = counter_under(program)
    port = counter.world.ports.offers
    live = [replace(offer, budget=Budget("points", 10_000, 2), member_limit=2) for offer in offers]
    for offer in live:
        assert port.put(offer, NOW) == "written"
    untouched = counter.account()
    paid = tuple(Tender(tender.kind, tender.amount_minor) for tender in purchase.tenders)
    name, earned = counter.buy(purchase.lines, paid)
    by_offers = sum(row.points for row in earned.why if row.rule.startswith(OFFER))
    assert sum(port.budget_left(live).values()) == 10_000 * len(live) - by_offers
    taken = excused = 0
    for number in range(parts + 1):
        counter.now += timedelta(days=data.draw(st.sampled_from([0, 0, 1, 20, 60])))
        left = counter.left[name]
        part = [(row[0], row[1]) for row in left] if number == parts else _some(data, left)
        points, over = counter.back(name, part)
        assert points >= 0
        taken, excused = taken + points, excused + over
    assert taken + excused == earned.earned
    assert port.budget_left(live) == {offer.offer_id: 10_000 for offer in live}
    after = counter.account()
    assert after.offer_uses == ()
    assert after.available + after.pending_points - after.debt == 0
    assert (after.lifetime, after.gifts) == (untouched.lifetime, ())


def _some(data: st.DataObject, left: list[list[int]]) -> list[tuple[int, int]]:
    """So many pieces and so much money of each line; often pieces for nothing."""
    money = [st.just(0) | st.integers(0, row[1]) for row in left]
    return [
        (data.draw(st.integers(0, row[0])), data.draw(minor))
        for row, minor in zip(left, money, strict=True)
    ]


@settings(max_examples=20, deadline=None)
@splits
def test_any_split_of_a_return_gives_offers_back_what_they_gave(
    program: Program,
    offers: list[Offer],
    purchase: Purchase,
    parts: int,
    data: st.DataObject,
) -> None:
    any_split_gives_offers_back_what_they_gave(program, offers, purchase, parts, data)
