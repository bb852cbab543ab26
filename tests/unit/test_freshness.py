"""When a member is asked, warned and removed: by months and days of the program's zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.freshness import Facts, Freshness, Schedule, facts_of, schedule
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.retention import Retention, wrong_retention

BERLIN = "Europe/Berlin"
RULES = Retention(inactive_months=36, warn_days=30, unverified_days=30)
JOINED = date(2024, 2, 29)
SOMEBODY = Facts(verified=True, empty=False, joined_on=JOINED, heard_on=JOINED, confirmed_on=JOINED)
NOBODY = replace(SOMEBODY, verified=False, empty=True)
TODAY = date(2024, 3, 1)


def test_a_member_is_asked_a_year_after_joining_though_there_is_no_such_day() -> None:
    assert schedule(SOMEBODY, RULES, TODAY).ask_on == date(2025, 2, 28)


def test_who_confirmed_is_asked_a_year_after_that_and_who_was_asked_a_year_after_that() -> None:
    confirmed = replace(SOMEBODY, confirmed_on=date(2024, 8, 31))
    assert schedule(confirmed, RULES, TODAY).ask_on == date(2025, 8, 31)
    asked = replace(confirmed, asked_on=date(2025, 9, 3))
    assert schedule(asked, RULES, TODAY).ask_on == date(2026, 9, 3)
    answered = replace(asked, confirmed_on=date(2025, 9, 9))
    assert schedule(answered, RULES, TODAY).ask_on == date(2026, 9, 9)


def test_nobody_is_asked_whose_address_is_not_proved_or_where_the_program_does_not_ask() -> None:
    assert schedule(replace(SOMEBODY, verified=False), RULES, TODAY).ask_on is None
    assert schedule(SOMEBODY, Retention(ask_after_months=None), TODAY) == Schedule()


def test_nobody_is_removed_where_the_program_says_nothing_of_it() -> None:
    long_after = date(2050, 1, 1)
    for facts in (SOMEBODY, NOBODY, replace(SOMEBODY, warned_on=long_after)):
        found = schedule(facts, Retention(), long_after)
        assert (found.warn_on, found.remove_on) == (None, None)


def test_who_is_inactive_is_warned_30_days_before_and_removed_on_the_day() -> None:
    found = schedule(SOMEBODY, RULES, TODAY)
    assert (found.warn_on, found.remove_on) == (date(2027, 1, 29), date(2027, 2, 28))
    warned = replace(SOMEBODY, warned_on=date(2027, 1, 29))
    assert schedule(warned, RULES, TODAY) == Schedule(remove_on=date(2027, 2, 28))


def test_nobody_is_removed_before_it_was_warned_for_30_days() -> None:
    late = date(2028, 1, 1)
    assert schedule(SOMEBODY, RULES, late).remove_on == date(2028, 1, 31)
    warned = replace(SOMEBODY, warned_on=date(2028, 1, 5))
    assert schedule(warned, RULES, late).remove_on == date(2028, 2, 4)


def test_a_sign_of_life_makes_the_warning_void() -> None:
    heard = datetime(2027, 2, 1, 12, tzinfo=UTC)
    fresh = Freshness("mem_1", warned_at=heard - timedelta(days=3), active_at=heard)
    facts = facts_of(
        fresh,
        enrolled_at=datetime(2024, 2, 29, 9, tzinfo=UTC),
        verified=True,
        empty=False,
        zone=BERLIN,
    )
    assert facts.warned_on is None
    assert schedule(facts, RULES, date(2027, 2, 1)).warn_on == date(2030, 1, 2)


def test_a_purchase_or_redemption_makes_the_warning_void_from_its_very_day_on() -> None:
    warned = Freshness("mem_1", warned_at=datetime(2027, 2, 1, 12, tzinfo=UTC))
    for seen_on, void in ((date(2027, 1, 31), False), (date(2027, 2, 1), True)):
        facts = facts_of(
            replace(warned, seen_on=seen_on),
            enrolled_at=datetime(2024, 2, 29, 9, tzinfo=UTC),
            verified=True,
            empty=False,
            zone=BERLIN,
        )
        assert (facts.heard_on, facts.warned_on is None) == (seen_on, void)


def test_who_is_warned_or_about_to_be_is_not_asked_as_well() -> None:
    warned = replace(SOMEBODY, warned_on=date(2027, 1, 29))
    assert schedule(warned, RULES, date(2027, 2, 1)).ask_on is None
    assert schedule(SOMEBODY, RULES, date(2027, 2, 1)).ask_on is None
    assert schedule(SOMEBODY, RULES, date(2027, 1, 28)).ask_on == date(2025, 2, 28)


def test_who_proved_nothing_and_bought_nothing_goes_after_30_days_without_a_warning() -> None:
    assert schedule(NOBODY, RULES, TODAY) == Schedule(remove_on=date(2024, 3, 30))
    buyer = replace(NOBODY, empty=False)
    assert schedule(buyer, RULES, TODAY).remove_on == date(2027, 2, 28)
    kept = schedule(NOBODY, replace(RULES, unverified_days=None), TODAY)
    assert kept.warn_on == date(2027, 1, 29)


def test_a_day_is_one_of_the_programs_zone() -> None:
    night = datetime(2025, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight in Berlin
    facts = facts_of(Freshness("mem_1"), enrolled_at=night, verified=True, empty=False, zone=BERLIN)
    assert facts.joined_on == facts.heard_on == facts.confirmed_on == date(2025, 7, 1)


def test_a_channel_bounces_until_its_address_is_proved_again_in_whatever_order_it_is_told() -> None:
    sent, proved = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    bounced = Freshness("mem_1", bounced={Channel.EMAIL: sent})
    assert bounced.bouncing == {Channel.EMAIL}
    assert replace(bounced, healed={Channel.EMAIL: proved}).bouncing == frozenset()
    again = replace(bounced, bounced={Channel.EMAIL: proved}, healed={Channel.EMAIL: sent})
    assert again.bouncing == {Channel.EMAIL}
    assert replace(bounced, healed={Channel.PHONE: proved}).bouncing == {Channel.EMAIL}


def test_a_member_is_told_of_a_channel_that_bounces_once_each_time() -> None:
    sent, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    bounced = Freshness("mem_1", bounced={Channel.EMAIL: sent})
    assert bounced.untold
    told = replace(bounced, told_at=sent + timedelta(hours=5))
    assert not told.untold
    assert replace(told, bounced={Channel.EMAIL: later}).untold
    assert not Freshness("mem_1").untold


@pytest.mark.parametrize(
    ("retention", "wrong"),
    [
        (Retention(), []),
        (Retention(120, 365, 3_650, 120), []),
        (Retention(1, 1, 1, 1), []),
        (
            Retention(0, 0, 0, 0),
            ["inactive_months", "warn_days", "unverified_days", "ask_after_months"],
        ),
        (
            Retention(121, 366, 3_651, 121),
            ["inactive_months", "warn_days", "unverified_days", "ask_after_months"],
        ),
    ],
)
def test_what_a_program_may_say_of_retention(retention: Retention, wrong: list[str]) -> None:
    assert [error.pointer for error in wrong_retention(retention)] == [
        f"/retention/{name}" for name in wrong
    ]
