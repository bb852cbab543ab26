"""Offers through purchases and returns as tills post them, beside a plain model: points, uses and
budgets are what it says after every step, whatever comes back in whichever parts."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.budgets import Parts, from_what_is_left, given_back
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Multiplier,
    Offer,
    PointsPerUnit,
)
from tests.fakes.stored import snapshot_of
from tests.ledger_world import fake_world, line
from tests.offer_world import Shop
from tests.simulation.invariants import broken

MINIMUM, BONUS, TIMES, BUDGET = 500, 20, 2, 100
A_UNIT, BUDGET_OF_UNITS = 3, 60


@dataclass
class Bought:
    """What is left of a purchase, and which offers gave something to it."""

    minor: int
    units: int
    bonus: bool
    each: bool

    @property
    def points(self) -> int:
        """One a euro, doubled, with what the two other offers still give."""
        return 2 * (self.minor // 100) + self.of_bonus + self.of_each

    @property
    def of_bonus(self) -> int:
        return BONUS if self.bonus and self.minor >= MINIMUM else 0

    @property
    def of_each(self) -> int:
        return A_UNIT * self.units if self.each and self.minor else 0


@dataclass
class Plain:
    """All purchases of a member, and no more."""

    bought: list[Bought] = field(default_factory=list)

    def buy(self, minor: int, units: int) -> None:
        bonus = minor >= MINIMUM and self.uses < TIMES and self.left >= BONUS
        each = bool(minor) and self.left_of_units >= A_UNIT * units
        self.bought.append(Bought(minor, units, bonus, each))

    @property
    def uses(self) -> int:
        return sum(bool(one.of_bonus) for one in self.bought)

    @property
    def left(self) -> int:
        return BUDGET - sum(one.of_bonus for one in self.bought)

    @property
    def left_of_units(self) -> int:
        return BUDGET_OF_UNITS - sum(one.of_each for one in self.bought)


steps = st.one_of(
    st.tuples(st.just("buy"), st.integers(0, 1_200), st.integers(1, 6)),
    st.tuples(st.just("back"), st.integers(0, 9), st.sampled_from([1, 99, 100, 450, 1_200])),
)


@settings(max_examples=25)
@given(st.lists(steps, max_size=14))
def test_purchases_and_returns_do_with_offers_what_a_plain_model_says(
    story: list[tuple[str, int, int]],
) -> None:
    world, ledger = fake_world()
    shop, plain, mia = Shop(world), Plain(), world.member()
    terms = BasketTerms(minimum_minor=MINIMUM)
    bonus = shop.launch(
        "bonus", BonusPoints(BONUS), basket=terms, member_limit=TIMES, budget=_budget(BUDGET)
    )
    each = shop.launch("each", PointsPerUnit(A_UNIT), budget=_budget(BUDGET_OF_UNITS))
    shop.launch("double", Multiplier(200))
    for number, (what, first, second) in enumerate(story):
        if what == "buy":
            shop.post(f"p{len(plain.bought)}", mia, line("1", first, quantity=second))
            plain.buy(first, second)
        elif plain.bought:
            index = first % len(plain.bought)
            amount = min(second, plain.bought[index].minor)
            if amount:
                world.give_back(f"p{index}", f"r{number}", amount)
                plain.bought[index].minor -= amount
        _compare(shop, plain, mia, bonus, each)
    assert broken(snapshot_of(ledger, world.ports.rewards)) == []


def _budget(amount: int) -> Budget:
    return Budget("points", amount, 3)


def _compare(shop: Shop, plain: Plain, mia: str, bonus: Offer, each: Offer) -> None:
    assert shop.world.available(mia) == sum(one.points for one in plain.bought)
    assert sum(use.count for use in shop.uses(mia)) == plain.uses
    assert (shop.left(bonus), shop.left(each)) == (plain.left, plain.left_of_units)


# --- shards --------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(1, 200), st.data())
def test_what_is_taken_from_shards_goes_back_to_them_in_any_steps(
    left: list[int], cost: int, data: st.DataObject
) -> None:
    parts = from_what_is_left(left, "somebody", cost)
    assert (parts is None) == (sum(left) < cost)
    if parts is None:
        return
    assert sum(part for _, part in parts) == cost
    assert all(0 < part <= left[shard] for shard, part in parts)
    assert len(parts) == 1 or max(left) < cost
    back: list[Parts] = []
    while cost:
        less = data.draw(st.integers(0, cost - 1))
        back.append(given_back(parts, cost, less))
        assert sum(part for _, part in back[-1]) == cost - less
        cost = less
    sums = {shard: sum(n for step in back for s, n in step if s == shard) for shard, _ in parts}
    assert sums == dict(parts)
