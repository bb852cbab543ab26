"""Single sentences about when an offer's gift is due, and what it leaves in an account."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.account import Account, Lot, PendingLot
from chalicelib.domain.occasions import gives_now, period_due, with_gift
from chalicelib.domain.offers import (
    Activation,
    BonusPoints,
    Occasion,
    Offer,
    OfferStatus,
    RewardPrice,
    Schedule,
)
from chalicelib.domain.program import Pending
from chalicelib.domain.rewards import LimitPeriod
from chalicelib.domain.traits import Traits
from tests.ledger_world import PROGRAM

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def offer(occasion: Occasion, **given: Any) -> Offer:
    """Fifty points on an occasion, launched ten days ago; as it is said otherwise."""
    return Offer(
        **{
            "offer_id": "off_gift",
            "number": 3,
            "version": 1,
            "name": "A gift",
            "effect": BonusPoints(50),
            "texts": {},
            "status": OfferStatus.LAUNCHED,
            "occasion": occasion,
            "launched_at": NOW - timedelta(days=10),
            **given,
        }
    )


def due(one: Offer, today: date = TODAY, **traits: Any) -> str | None:
    return period_due(one, Traits(**traits), PROGRAM, today)


def test_a_birthday_is_due_once_a_year_and_known_only_with_consent() -> None:
    birthday = offer(Occasion.BIRTHDAY)
    assert due(birthday, birth_month=11, profiling=True) == "2026"
    assert due(birthday, birth_month=10, profiling=True) is None
    assert due(birthday, birth_month=11) is None
    assert due(birthday, profiling=True) is None


@pytest.mark.parametrize(
    ("joined", "year"),
    [
        (date(2024, 11, 22), "2026"),
        (date(2024, 11, 16), "2026"),  # made up for within a week
        (date(2024, 11, 15), None),
        (date(2024, 11, 23), None),
        (TODAY, None),  # joining is no anniversary
        (None, None),
    ],
)
def test_an_anniversary_is_due_on_its_day_and_made_up_for_within_a_week(
    joined: date | None, year: str | None
) -> None:
    assert due(offer(Occasion.ANNIVERSARY), joined_on=joined) == year


def test_who_joined_in_the_last_days_of_a_year_is_given_that_years_in_the_next() -> None:
    joined = {"joined_on": date(2024, 12, 30)}
    assert due(offer(Occasion.ANNIVERSARY), date(2027, 1, 2), **joined) == "2026"


def test_who_joined_on_a_leap_day_has_an_anniversary_every_year() -> None:
    joined = {"joined_on": date(2024, 2, 29)}
    assert due(offer(Occasion.ANNIVERSARY), date(2026, 2, 28), **joined) == "2026"


def test_only_who_joins_after_the_launch_is_welcomed_and_for_a_month() -> None:
    welcome = offer(Occasion.JOINED)
    assert due(welcome, joined_on=TODAY - timedelta(days=10)) == ""
    assert due(welcome, joined_on=TODAY - timedelta(days=11)) is None
    assert due(welcome, TODAY + timedelta(days=31), joined_on=TODAY) is None


def test_a_moment_is_due_once_for_ever_or_once_in_each_period_of_its_limit() -> None:
    moment = offer(Occasion.MOMENT)
    assert due(moment) == ""
    assert due(replace(moment, member_limit_period=LimitPeriod.MONTH)) == "2026-11"


def test_what_is_given_for_bringing_somebody_is_not_due_by_the_day() -> None:
    assert due(offer(Occasion.BROUGHT)) is None
    assert due(offer(Occasion.WAS_BROUGHT)) is None


def test_gifts_are_made_while_the_schedule_is_open_and_only_to_who_opted_in() -> None:
    sunday = offer(Occasion.MOMENT, schedule=Schedule(weekdays=frozenset({6})))
    assert gives_now(sunday, Traits(), PROGRAM, NOW)
    assert not gives_now(sunday, Traits(), PROGRAM, NOW + timedelta(days=1))
    assert not gives_now(replace(sunday, ended_at=NOW), Traits(), PROGRAM, NOW)
    opt_in = replace(sunday, activation=Activation.OPT_IN)
    assert not gives_now(opt_in, Traits(), PROGRAM, NOW)
    assert gives_now(opt_in, Traits(activated=("off_gift",)), PROGRAM, NOW)


def test_a_gift_pays_debt_first_and_waits_where_the_offer_says_so() -> None:
    gift = offer(Occasion.BIRTHDAY)
    assert with_gift(Account(debt=20), gift, PROGRAM, TODAY).lots == (Lot(None, 30),)
    waiting = replace(gift, pending=Pending(14))
    assert with_gift(Account(), waiting, PROGRAM, TODAY).pending == (
        PendingLot(TODAY + timedelta(days=14), None, 50),
    )


def test_a_gift_can_be_a_reward_to_redeem_once() -> None:
    free_cup = offer(Occasion.BIRTHDAY, effect=RewardPrice("rwd_cup", 0))
    [progress] = with_gift(Account(), free_cup, PROGRAM, TODAY).progress
    assert (progress.number, progress.left) == (3, 1)
