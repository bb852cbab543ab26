"""Single sentences about purchases that count for a challenge, and returns that count back."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.account import Progress
from chalicelib.domain.challenge_decision import Counted, count, uncount
from chalicelib.domain.challenge_progress import MOST_PROGRESS
from chalicelib.domain.earning import Line, Remaining
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offer_decision import Who, basket_of
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    LineMatch,
    Offer,
    OfferStatus,
    RewardPrice,
)
from chalicelib.domain.purchases import Purchase
from tests.ledger_world import PROGRAM, line

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FIVE_COFFEES = Challenge(ChallengeKind.QUANTITY, 5)
COFFEE = BasketTerms(matches=LineMatch(categories=frozenset({"coffee"})))


def offer(**given: Any) -> Offer:
    """Five coffees, one hundred points; as it is said otherwise."""
    return Offer(
        **{
            "offer_id": "off_coffees",
            "number": 7,
            "version": 1,
            "name": "Five coffees",
            "effect": BonusPoints(100),
            "texts": {},
            "status": OfferStatus.LAUNCHED,
            "basket": COFFEE,
            "challenge": FIVE_COFFEES,
            "launched_at": MONDAY - timedelta(days=30),
            **given,
        }
    )


def coffees(units: int, line_id: str = "1") -> Line:
    return line(line_id, 300 * units, quantity=units, category="coffee")


@dataclass
class Till:
    """One member at a till. points: those of all awards, less what returns took."""

    offers: tuple[Offer, ...]
    progress: tuple[Progress, ...] = ()
    points: int = 0
    now: datetime = MONDAY
    without: frozenset[str] = field(default_factory=frozenset)

    def buy(self, *lines: Line) -> tuple[Purchase, Counted]:
        purchase = Purchase("p", self.now, "EUR", lines)
        who = Who("mem_1", {"first_purchase": False})
        live = LiveOffers(1, self.offers)
        counted = count(live, basket_of(PROGRAM, purchase), who, self.progress, self.without)
        self.progress = counted.progress
        self.points += sum(applied.points for applied in counted.applied)
        return purchase, counted

    def back(self, purchase: Purchase, units: int) -> None:
        (bought,) = purchase.lines
        before = (Remaining(bought.quantity, bought.amount_minor),)
        after = (Remaining(bought.quantity - units, bought.amount_minor - 300 * units),)
        for one in self.offers:
            undone = uncount(one, PROGRAM, purchase, before, after, self.progress)
            self.progress = undone.progress
            self.points -= undone.points


def test_the_fifth_coffee_gives_and_the_tenth_gives_again() -> None:
    till = Till((offer(),))
    given = [till.buy(coffees(1))[1].applied[0].points for _ in range(10)]
    assert given == [0, 0, 0, 0, 100, 0, 0, 0, 0, 100]


def test_buying_and_returning_a_hundred_times_gives_nothing() -> None:
    till = Till((offer(),))
    till.buy(coffees(4))
    for _ in range(100):
        purchase, _ = till.buy(coffees(1))
        till.back(purchase, 1)
    assert till.points == 0
    assert till.progress == (Progress(7, (("n", 4),)),)


def test_a_return_of_the_first_coffee_takes_what_the_fifth_gave() -> None:
    till = Till((offer(),))
    first, _ = till.buy(coffees(1))
    till.buy(coffees(4))
    assert till.points == 100
    till.back(first, 1)
    assert till.points == 0
    till.buy(coffees(1))
    assert till.points == 100


def test_what_is_no_coffee_counts_for_nothing() -> None:
    till = Till((offer(),))
    assert till.buy(line(category="tea"))[1] == Counted(())


def test_what_is_left_below_the_minimum_no_longer_counts() -> None:
    minimum = offer(
        basket=replace(COFFEE, minimum_minor=600), challenge=Challenge(ChallengeKind.COUNT, 1)
    )
    till = Till((minimum,))
    purchase, _ = till.buy(coffees(2))
    assert till.points == 100
    till.back(purchase, 1)
    assert till.points == 0


def test_an_award_waits_for_its_budget_and_comes_with_the_next_purchase() -> None:
    budgeted = offer(budget=Budget("points", 100))
    till = Till((budgeted,), without=frozenset({"off_coffees"}))
    _, counted = till.buy(coffees(5))
    assert [told.reason for told in counted.not_applied] == ["budget"]
    assert till.points == 0
    till.without = frozenset()
    _, counted = till.buy(coffees(1))
    assert [(a.points, a.cost) for a in counted.applied] == [(100, 100)]


def test_a_price_for_a_reward_is_awarded_without_points() -> None:
    till = Till((offer(effect=RewardPrice("rwd_cup", 0)),))
    _, counted = till.buy(coffees(10))
    assert [one.left for one in till.progress] == [2]
    assert counted.awarded == {"off_coffees"}
    assert till.points == 0


def test_an_account_forgets_challenges_that_are_over_to_make_room_and_none_that_go_on() -> None:
    going = [offer(offer_id=f"off_{n}", number=n) for n in range(1, MOST_PROGRESS + 2)]
    till = Till(tuple(going))
    till.buy(coffees(1))
    assert [one.number for one in till.progress] == list(range(1, MOST_PROGRESS + 1))
    ended = replace(going[2], ended_at=MONDAY - timedelta(days=1))
    till.offers = (*going[:2], ended, *going[3:])
    till.buy(coffees(1))
    assert [one.number for one in till.progress] == [1, 2, *range(4, MOST_PROGRESS + 2)]
