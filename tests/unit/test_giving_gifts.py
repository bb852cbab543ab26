"""Gifts of offers: once for each member and period, whatever is run twice, races or fails."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Occasion,
    Offer,
    OfferStatus,
    OfferText,
    RewardPrice,
    Schedule,
)
from chalicelib.domain.program import Referral
from chalicelib.domain.rewards import LimitPeriod
from chalicelib.domain.traits import Traits
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.give_gifts import GiftRun, give_gifts
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.ports import Write
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_statement import read_statement
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from chalicelib.usecases.watch_ledger import watch
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import line, purchase
from tests.mortal import Killed, Life, mortal
from tests.people_world import CLUB, NOW, TILL, PeopleWorld, fake_people_world

DAY = timedelta(days=1)
TOUCHED = ("roll", "books", "ledger", "offers")
"""Ports whose calls a run may be killed at."""


@dataclass
class Club:
    """Members and offers that make gifts."""

    world: PeopleWorld
    errors: list[Exception] = field(default_factory=list)

    def launch(self, occasion: Occasion, points: int = 50, **given: Any) -> Offer:
        number = self.world.ports.offers.next_number()
        offer = Offer(
            **{
                "offer_id": f"off_{number}",
                "number": number,
                "version": 1,
                "name": str(occasion),
                "effect": BonusPoints(points),
                "texts": {},
                "status": OfferStatus.LAUNCHED,
                "occasion": occasion,
                "launched_at": NOW - DAY,
                **given,
            }
        )
        assert self.world.ports.offers.put(offer, NOW) == "written"
        return offer

    def run(self, now: datetime = NOW, *, pages: int = 1_000) -> GiftRun | None:
        left = iter(range(pages))
        run = Run(lambda: next(left, None) is not None, self.errors.append)
        return give_gifts(self.world.ports, now, run)

    def knows(self, member_id: str, **traits: Any) -> None:
        def change(kept: Traits) -> Traits:
            return replace(kept, **traits)

        change_traits(self.world.ports, member_id, change)

    def born_in_march(self, *labels: str) -> list[str]:
        members = [self.world.member(label) for label in labels]
        for member_id in members:
            self.knows(member_id, birth_month=3, profiling=True)
        return members

    def account(self, member_id: str) -> Account:
        head = self.world.ports.ledger.head(member_id)
        assert head is not None
        return head.entry.account()

    def points(self, *members: str) -> list[int]:
        return [self.account(member_id).available for member_id in members]

    def bonuses(self, member_id: str) -> int:
        entries = self.world.ports.ledger.entries(member_id, None, 100)
        return sum(entry.kind is EntryKind.BONUS for entry in entries)

    def watched(self, member_id: str, now: datetime = NOW) -> None:
        """The stream shows all entries of an account, once more."""
        for entry in self.world.ports.ledger.entries(member_id, None, 100):
            watch(self.world.ports, entry, now)


def new_club() -> Club:
    """A club in memory that nobody is a member of."""
    world, _ = fake_people_world()
    ledger = world.ports.ledger
    assert isinstance(ledger, FakeLedger)
    world.ports = replace(world.ports, offers=ledger.offers)
    return Club(world)


@pytest.fixture
def club() -> Club:
    return new_club()


def test_a_birthday_is_given_once_a_year_however_often_the_worker_runs(club: Club) -> None:
    club.launch(Occasion.BIRTHDAY)
    mia, ben = club.born_in_march("mia", "ben")
    other = club.world.member("otto")
    for hours in (0, 1, 24, 25, 240):
        club.run(NOW + timedelta(hours=hours))
    assert club.points(mia, ben, other) == [50, 50, 0]
    club.run(NOW + 365 * DAY)
    assert club.points(mia, ben, other) == [100, 100, 0]


def test_no_member_is_looked_at_while_no_offer_gives_anything_by_the_day(club: Club) -> None:
    club.launch(Occasion.BROUGHT)
    club.launch(Occasion.BIRTHDAY, status=OfferStatus.PAUSED)
    club.launch(Occasion.BIRTHDAY, ended_at=NOW)
    assert club.run() is None


def test_who_is_held_out_or_not_meant_or_not_proved_is_given_nothing(club: Club) -> None:
    half = club.launch(Occasion.BIRTHDAY, holdout_percent=50)
    club.launch(Occasion.BIRTHDAY, 7, audience=Leaf("country", Op.EQ, "DE"))
    members = club.born_in_march(*(f"m{number}" for number in range(12)))
    unproved = club.world.enrol("new", "a-key").answer.member_id
    club.knows(unproved, birth_month=3, profiling=True)
    run = club.run()
    assert club.points(*members) == [0 if in_holdout(half, m) else 50 for m in members]
    assert set(club.points(*members)) == {0, 50}
    assert club.bonuses(unproved) == 0
    assert run == GiftRun(True, 13, 0, sum(club.points(*members)) // 50)


def test_an_empty_budget_ends_the_gifts_to_the_point(club: Club) -> None:
    offer = club.launch(Occasion.BIRTHDAY, budget=Budget("points", 120))
    members = club.born_in_march("mia", "ben", "eva")
    club.run()
    assert sorted(club.points(*members)) == [0, 50, 50]
    assert club.world.ports.offers.budget_left([offer]) == {offer.offer_id: 20}


def test_a_moment_comes_once_a_period_for_as_long_as_its_condition_holds(club: Club) -> None:
    away = Leaf("lifetime_purchases", Op.EQ, 0)
    club.launch(
        Occasion.MOMENT, audience=away, member_limit=1, member_limit_period=LimitPeriod.MONTH
    )
    mia = club.world.member("mia")
    for days in (0, 1, 2, 31, 32):
        club.run(NOW + days * DAY)
    assert club.points(mia) == [100]


def test_who_stays_away_longer_than_is_usual_for_it_is_won_back_once_and_only_by_consent(
    club: Club,
) -> None:
    at_risk = Leaf("churn_risk", Op.EQ, "high")
    year = LimitPeriod.YEAR
    club.launch(Occasion.MOMENT, audience=at_risk, member_limit=1, member_limit_period=year)
    mia, ben = club.world.member("mia"), club.world.member("ben")
    club.knows(mia, profiling=True)
    day = NOW.date().toordinal()
    ledger = club.world.ports.ledger
    assert isinstance(ledger, FakeLedger)
    for member_id in (mia, ben):  # every week, the last time today
        ledger.behaviours[member_id] = Behaviour(1, visits=(day, day - 7, day - 14, day - 21))
    given = []
    for days in range(0, 60, 3):
        club.run(NOW + days * DAY)
        given.append(club.points(mia, ben))
    assert given[6:9] == [[0, 0], [50, 0], [50, 0]]  # after three weeks
    assert given[-1] == [50, 0]


def test_a_gift_keeps_to_its_weekdays_and_minds_no_hours(club: Club) -> None:
    sunday = Schedule(weekdays=frozenset({6}), hours=((0, 1),))
    club.launch(Occasion.MOMENT, schedule=sunday)
    mia = club.world.member("mia")
    club.run(NOW)  # a Saturday
    assert club.points(mia) == [0]
    club.run(NOW + DAY)
    assert club.points(mia) == [50]


def test_a_newcomer_is_welcomed_as_soon_as_it_is_proved_and_once(club: Club) -> None:
    club.launch(Occasion.JOINED)
    unproved = club.world.enrol("new", "a-key").answer.member_id
    club.watched(unproved)
    assert club.points(unproved) == [0]
    mia = club.world.member("mia")
    club.watched(mia)
    club.watched(mia)
    club.run()
    assert club.points(mia) == [50]
    assert club.bonuses(mia) == 1


def test_a_free_reward_is_given_to_redeem_and_no_points(club: Club) -> None:
    offer = club.launch(Occasion.BIRTHDAY, effect=RewardPrice("rwd_cup", 0))
    [mia] = club.born_in_march("mia")
    club.run()
    [progress] = club.account(mia).progress
    assert (progress.number, progress.left) == (offer.number, 1)
    assert club.points(mia) == [0]
    assert club.bonuses(mia) == 1


def test_the_statement_says_which_offer_a_gift_came_from(club: Club) -> None:
    club.launch(Occasion.BIRTHDAY, texts={"en": OfferText("Happy birthday")})
    [mia] = club.born_in_march("mia")
    club.run()
    [told, *_] = read_statement(club.world.ports, mia, None, 10, NOW)
    assert [said.text for said in told.explanation] == ["Happy birthday: 50 points"]


# --- for bringing somebody -----------------------------------------------------------------------


def buys(club: Club, label: str, member_id: str, amount_minor: int = 2_000) -> None:
    bought = purchase(label, line("1", amount_minor), at=NOW)
    post_purchase(club.world.ports, TILL, PostPurchase(bought, MemberId(member_id)), NOW)


def returns(club: Club, label: str) -> None:
    return_purchase(club.world.ports, TILL, ReturnPurchase(label, f"r-{label}", 2_000), NOW)


def brought(club: Club) -> tuple[str, str]:
    """Who brought somebody, and whom."""
    world = club.world
    world.ports = replace(world.ports, payment_methods=cast(Any, _NoCards()))
    old = world.member("old")
    return old, world.member("new", referred_by=old)


class _NoCards:
    """Nobody has a card on file."""

    fingerprint_names: frozenset[str] = frozenset()

    def wallet(self, _: str) -> "_NoCards":
        return self


def test_both_sides_are_given_theirs_after_the_first_purchase_that_is_kept(club: Club) -> None:
    club.launch(Occasion.BROUGHT, 30)
    club.launch(Occasion.WAS_BROUGHT, 10)
    old, new = brought(club)
    buys(club, "p1", new)
    returns(club, "p1")
    club.watched(new)
    assert club.points(old, new) == [0, 0]
    buys(club, "p2", new)
    club.watched(new)
    club.watched(new)
    assert club.points(old, new) == [30, 20 + 10]
    buys(club, "p3", new)
    club.watched(new)
    assert club.points(old, new) == [30, 20 + 10 + 20]


def test_who_brought_somebody_and_is_gone_is_in_no_ones_way(club: Club) -> None:
    club.launch(Occasion.BROUGHT, 30)
    club.launch(Occasion.WAS_BROUGHT, 10)
    programs = club.world.ports.programs
    programs.add(replace(CLUB, version=2, referral=Referral(5, 5, 9)), NOW - DAY)
    programs.activate(2, NOW - DAY)
    old, new = brought(club)
    head = club.world.ports.ledger.head(old)
    assert head is not None
    gone = Account(status=AccountStatus.ERASED)
    last = next_entry(head.entry, gone, kind=EntryKind.ERASE, cause="gone", now=NOW)
    club.world.ports.ledger.commit(Write((), (last,)))
    buys(club, "p1", new)
    club.watched(new)
    assert club.points(old, new) == [0, 20]


def test_a_first_purchase_that_is_too_small_brings_nothing(club: Club) -> None:
    club.launch(Occasion.BROUGHT, 30, basket=BasketTerms(minimum_minor=2_001))
    old, new = brought(club)
    buys(club, "p1", new)
    club.watched(new)
    assert club.points(old) == [0]


def test_somebody_who_brings_many_is_given_as_many_as_the_limit_allows(club: Club) -> None:
    club.launch(Occasion.BROUGHT, 30, member_limit=2, member_limit_period=LimitPeriod.MONTH)
    old, first = brought(club)
    friends = [first, *(club.world.member(f"f{n}", referred_by=old) for n in range(2))]
    for number, friend in enumerate(friends):
        buys(club, f"p{number}", friend)
        club.watched(friend)
    assert club.points(old) == [60]


# --- races, and what fails -----------------------------------------------------------------------


def test_workers_that_run_at_once_give_each_gift_once(club: Club) -> None:
    club.launch(Occasion.BIRTHDAY)
    members = club.born_in_march(*(f"m{number}" for number in range(6)))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: club.run(), range(4)))
    assert club.points(*members) == [50] * 6
    assert not club.errors


@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_is_killed_at_any_call_loses_no_gift_and_doubles_none(after: bool) -> None:
    calls, was_killed = 0, True
    while was_killed:
        calls += 1
        club = new_club()
        offer = club.launch(Occasion.BIRTHDAY, budget=Budget("points", 500))
        members = club.born_in_march("mia", "ben", "eva")
        whole, life = club.world.ports, Life(calls, after=after)
        club.world.ports, was_killed = mortal(whole, life, TOUCHED), False
        try:
            club.run()
        except Killed:
            was_killed = True
        club.world.ports = whole
        club.run()
        assert club.points(*members) == [50, 50, 50]
        assert whole.offers.budget_left([offer]) == {offer.offer_id: 350}
    assert calls > 20
