"""Tiers: what months make of an account on a day, and what reaching one gives, once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.account import Account, Gift, Held, Lifetime, Month
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.tiers import (
    Standing,
    gifts_due,
    gifts_lost,
    kept_since,
    measured,
    standing,
    tier_on,
)

SILVER = Tier("silver", "Silver", 100, earn_percent=110, gift_points=50)
GOLD = Tier("gold", "Gold", 300, earn_percent=125)
ROLLING, YEAR, EVER = TierWindow
TODAY = date(2026, 3, 14)
NO_STANDING = Standing(None, None, None, None, None, None, None)


def _ladder(
    window: TierWindow = ROLLING, basis: TierBasis = TierBasis.POINTS, grace_days: int = 0
) -> Tiers:
    return Tiers(basis, window, (SILVER, GOLD), grace_days)


def _with(*months: tuple[int, int, int], held: Held | None = None) -> Account:
    """An account with the points of some months: (year, month, points)."""
    newest_first = sorted(months, reverse=True)
    total = sum(points for _, _, points in months)
    return Account(
        months=tuple(Month(date(y, m, 1), 1, 10 * points, points) for y, m, points in newest_first),
        lifetime=Lifetime(total, 0, len(months), 10 * total, total),
        held=held,
    )


def _id(account: Account, tiers: Tiers, day: date) -> str | None:
    tier = tier_on(account, tiers, day)
    return tier.tier_id if tier else None


# --- up at once, down by the calendar ------------------------------------------------------------


@pytest.mark.parametrize("window", TierWindow)
def test_a_tier_is_there_with_the_last_point_that_it_takes(window: TierWindow) -> None:
    assert _id(_with((2026, 3, 99)), _ladder(window), TODAY) is None
    assert _id(_with((2026, 3, 100)), _ladder(window), TODAY) == "silver"
    assert _id(_with((2026, 3, 299)), _ladder(window), TODAY) == "silver"
    assert _id(_with((2026, 3, 300)), _ladder(window), TODAY) == "gold"


@pytest.mark.parametrize(
    ("window", "grace_days", "last"),
    [
        # March counts in every 12 months up to those that end with next February.
        (ROLLING, 0, date(2027, 2, 28)),
        (ROLLING, 62, date(2027, 5, 1)),
        (YEAR, 0, date(2027, 12, 31)),
        (YEAR, 31, date(2028, 1, 31)),
    ],
)
def test_a_tier_stands_until_its_day_and_falls_on_the_next(
    window: TierWindow, grace_days: int, last: date
) -> None:
    account, ladder = _with((2026, 3, 100)), _ladder(window, grace_days=grace_days)
    assert _id(account, ladder, last) == "silver"
    assert standing(account, ladder, last).until == last
    assert _id(account, ladder, last + timedelta(days=1)) is None


@pytest.mark.parametrize("grace_days", [0, 62])
@pytest.mark.parametrize(
    ("window", "sure"), [(ROLLING, date(2027, 2, 28)), (YEAR, date(2027, 12, 31))]
)
def test_the_day_that_is_told_is_the_one_that_the_tier_is_sure_of(
    window: TierWindow, sure: date, grace_days: int
) -> None:
    ladder = _ladder(window, grace_days=grace_days)
    until = sure + timedelta(days=grace_days)
    for day in (TODAY, sure, until):
        assert standing(_with((2026, 3, 100)), ladder, day).until == until


def test_what_was_reached_since_joining_stands_for_ever() -> None:
    account = _with((2026, 3, 100))
    assert _id(account, _ladder(EVER), date(2099, 1, 1)) == "silver"
    assert standing(account, _ladder(EVER), TODAY).until is None


def test_twelve_months_are_counted_together_and_thirteen_are_not() -> None:
    inside, outside = _with((2025, 4, 60), (2026, 3, 40)), _with((2025, 3, 60), (2026, 3, 40))
    assert _id(inside, _ladder(), TODAY) == "silver"
    assert _id(outside, _ladder(), TODAY) is None


def test_a_calendar_year_counts_by_itself() -> None:
    ladder = _ladder(YEAR)
    assert _id(_with((2025, 12, 60), (2026, 1, 40)), ladder, TODAY) is None
    assert _id(_with((2025, 1, 60), (2025, 12, 40)), ladder, TODAY) == "silver"
    assert _id(_with((2024, 1, 60), (2024, 12, 40)), ladder, TODAY) is None


def test_a_tier_stands_as_long_as_twelve_months_hold_enough_for_it() -> None:
    assert standing(_with((2025, 6, 100)), _ladder(), TODAY).until == date(2026, 5, 31)
    renewed = _with((2025, 6, 100), (2026, 2, 100))
    assert standing(renewed, _ladder(), TODAY).until == date(2027, 1, 31)
    together = _with((2025, 6, 60), (2026, 2, 40))
    assert standing(together, _ladder(), TODAY).until == date(2026, 5, 31)


def test_who_falls_from_a_tier_keeps_a_lower_one_that_still_stands() -> None:
    account, ladder = _with((2025, 3, 300), (2025, 9, 100)), _ladder()
    assert _id(account, ladder, date(2026, 2, 28)) == "gold"
    assert _id(account, ladder, date(2026, 3, 1)) == "silver"
    assert standing(account, ladder, date(2026, 3, 1)).until == date(2026, 8, 31)
    assert _id(account, ladder, date(2026, 9, 1)) is None


def test_a_return_takes_a_tier_away_at_once_unless_an_earlier_time_had_brought_it() -> None:
    assert _id(_with((2026, 3, 99)), _ladder(), TODAY) is None
    renewed = _with((2025, 5, 100), (2026, 3, 0))
    assert standing(renewed, _ladder(YEAR), TODAY).tier_id == "silver"
    assert standing(renewed, _ladder(YEAR), TODAY).until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("basis", "figure"),
    [(TierBasis.POINTS, 40), (TierBasis.SPEND, 400), (TierBasis.VISITS, 1)],
)
@pytest.mark.parametrize("window", TierWindow)
def test_each_basis_counts_its_own_figure(
    basis: TierBasis, figure: int, window: TierWindow
) -> None:
    assert measured(_with((2026, 3, 40)), _ladder(window, basis), TODAY) == figure


def test_without_a_ladder_there_is_no_tier() -> None:
    assert tier_on(_with((2026, 3, 900)), None, TODAY) is None
    assert kept_since(Account(), Account(held=Held("gold", TODAY)), None, TODAY).held is None


# --- what is missing, and what is at risk --------------------------------------------------------


def test_below_all_tiers_only_the_way_to_the_lowest_is_told() -> None:
    found = standing(_with((2026, 3, 30)), _ladder(), TODAY)
    assert found == replace(NO_STANDING, next_id="silver", missing=70)


def test_on_the_highest_tier_nothing_is_next() -> None:
    found = standing(_with((2026, 3, 300)), _ladder(), TODAY)
    assert (found.tier_id, found.next_id, found.missing) == ("gold", None, None)


def test_what_counts_towards_the_next_tier_is_what_counts_today() -> None:
    account = _with((2025, 3, 100), (2026, 3, 130))
    found = standing(account, _ladder(), TODAY)
    assert (found.tier_id, found.next_id, found.missing) == ("silver", "gold", 170)


@pytest.mark.parametrize(
    ("window", "day", "to_keep", "keep_by"),
    [
        # From April on, April of last year counts no longer.
        (ROLLING, date(2026, 2, 28), 70, date(2026, 3, 31)),
        # It does not: only as long as the grace lasts.
        (ROLLING, date(2026, 4, 10), 70, date(2026, 4, 30)),
        (YEAR, date(2026, 4, 1), 70, date(2026, 12, 31)),
        (YEAR, date(2027, 1, 10), 100, date(2027, 1, 30)),
        (EVER, date(2026, 4, 1), None, None),
    ],
)
def test_who_can_lose_a_tier_is_told_what_keeps_it_and_by_when(
    window: TierWindow, day: date, to_keep: int | None, keep_by: date | None
) -> None:
    account, ladder = _with((2025, 4, 120), (2026, 1, 30)), _ladder(window, grace_days=30)
    found = standing(account, ladder, day)
    assert (found.tier_id, found.to_keep, found.keep_by) == ("silver", to_keep, keep_by)


def test_whoever_does_what_keeps_a_tier_has_it_beyond_its_day() -> None:
    ladder = _ladder(YEAR, grace_days=30)
    lasts = standing(_with((2025, 4, 100)), ladder, TODAY).until
    kept = _with((2025, 4, 100), (2026, 12, 100))
    assert lasts == date(2027, 1, 30)
    assert standing(kept, ladder, date(2026, 12, 31)).until == date(2028, 1, 30)


# --- since when ----------------------------------------------------------------------------------


def test_a_tier_is_held_since_the_day_of_the_entry_that_brought_it() -> None:
    before, after = _with((2026, 3, 99)), _with((2026, 3, 100))
    assert kept_since(before, after, _ladder(), TODAY).held == Held("silver", TODAY)


def test_an_entry_that_leaves_the_tier_leaves_the_day() -> None:
    held = Held("silver", date(2026, 1, 2))
    account = _with((2026, 1, 100), held=held)
    richer = _with((2026, 1, 100), (2026, 3, 5), held=held)
    assert kept_since(account, richer, _ladder(), TODAY).held == held
    assert standing(account, _ladder(), TODAY).since == held.since


def test_who_fell_by_the_calendar_has_the_lower_tier_since_the_higher_one_ended() -> None:
    account = _with((2025, 3, 300), (2025, 9, 100), held=Held("gold", date(2025, 3, 9)))
    day = date(2026, 5, 5)
    assert standing(account, _ladder(), day).since == date(2026, 3, 1)
    assert kept_since(account, account, _ladder(), day).held == Held("silver", date(2026, 3, 1))


def test_who_fell_by_the_calendar_and_rises_again_has_the_tier_since_today() -> None:
    held, day = Held("silver", date(2025, 3, 9)), date(2026, 5, 5)
    fallen = _with((2025, 3, 100), (2026, 4, 1), held=held)
    risen = _with((2025, 3, 100), (2026, 4, 100), held=held)
    assert _id(fallen, _ladder(), date(2026, 2, 28)) == "silver"
    assert _id(fallen, _ladder(), day) is None
    assert kept_since(fallen, risen, _ladder(), day).held == Held("silver", day)


def test_whom_a_return_takes_down_has_the_lower_tier_since_that_day() -> None:
    before = _with((2026, 3, 300), held=Held("gold", date(2026, 3, 1)))
    after = _with((2026, 3, 100), held=before.held)
    assert kept_since(before, after, _ladder(), TODAY).held == Held("silver", TODAY)


def test_who_fell_at_the_end_of_the_grace_has_the_lower_tier_since_the_day_after() -> None:
    held = Held("gold", date(2025, 1, 9))
    account = _with((2025, 1, 300), (2026, 1, 10), (2026, 2, 100), held=held)
    assert standing(account, _ladder(grace_days=62), date(2026, 3, 3)).tier_id == "gold"
    assert standing(account, _ladder(grace_days=62), TODAY).since == date(2026, 3, 4)


def test_whom_a_steeper_ladder_takes_down_has_the_lower_tier_since_it_is_looked_at() -> None:
    account = _with((2026, 2, 200), held=Held("gold", date(2026, 2, 9)))
    assert standing(account, _ladder(), TODAY).since == TODAY


def test_below_all_tiers_nothing_is_held() -> None:
    before = _with((2026, 3, 100), held=Held("silver", TODAY))
    after = _with((2026, 3, 99), held=before.held)
    assert kept_since(before, after, _ladder(), TODAY).held is None


def test_a_ladder_without_the_tier_that_was_held_counts_from_the_day_it_is_looked_at() -> None:
    account = _with((2026, 3, 300), held=Held("platinum", date(2026, 1, 1)))
    assert standing(account, _ladder(), TODAY).since == TODAY


# --- gifts ---------------------------------------------------------------------------------------


def _gift(reached_on: date) -> Gift:
    return Gift("silver", 50, reached_on, reached_on, None)


def test_a_gift_is_due_to_who_stands_on_its_tier_and_never_got_it() -> None:
    reached = _with((2026, 3, 100))
    assert gifts_due(_with((2026, 3, 99)), _ladder(), TODAY) == ()
    assert gifts_due(reached, _ladder(), TODAY) == (SILVER,)
    assert gifts_due(replace(reached, gifts=(_gift(TODAY),)), _ladder(), TODAY) == ()
    assert gifts_due(reached, None, TODAY) == ()


def test_who_jumps_over_a_tier_gets_its_gift_too() -> None:
    assert gifts_due(_with((2026, 3, 900)), _ladder(), TODAY) == (SILVER,)


def test_a_gift_goes_with_the_return_of_what_brought_it() -> None:
    gift = _gift(date(2026, 3, 1))
    before = replace(_with((2026, 3, 100)), gifts=(gift,))
    after = replace(_with((2026, 3, 99)), gifts=(gift,))
    assert gifts_lost(before, after, _ladder(), TODAY) == (gift,)
    assert gifts_lost(before, before, _ladder(), TODAY) == ()
    assert gifts_lost(before, after, None, TODAY) == ()


def test_a_gift_stays_where_a_month_since_then_was_enough_without_what_comes_back() -> None:
    gift = _gift(date(2026, 1, 1))
    before = replace(_with((2026, 1, 100), (2026, 2, 100)), gifts=(gift,))
    after = replace(_with((2026, 1, 0), (2026, 2, 100)), gifts=(gift,))
    assert gifts_lost(before, after, _ladder(), TODAY) == ()


def test_a_gift_stays_where_it_was_not_justified_before_either() -> None:
    gift = _gift(date(2026, 3, 1))
    before = replace(_with((2026, 3, 99)), gifts=(gift,))
    after = replace(_with((2026, 3, 50)), gifts=(gift,))
    assert gifts_lost(before, after, _ladder(), TODAY) == ()


def test_a_gift_of_more_than_twelve_months_ago_is_final() -> None:
    gift = _gift(date(2025, 3, 14))
    before = replace(_with((2026, 3, 100)), gifts=(gift,))
    after = replace(_with((2026, 3, 99)), gifts=(gift,))
    assert gifts_lost(before, after, _ladder(), TODAY) == (gift,)
    assert gifts_lost(before, after, _ladder(), date(2026, 3, 15)) == ()


def test_a_gift_of_a_tier_that_the_ladder_no_longer_has_is_final() -> None:
    gift = replace(_gift(date(2026, 3, 1)), tier_id="platinum")
    before = replace(_with((2026, 3, 100)), gifts=(gift,))
    after = replace(_with((2026, 3, 0)), gifts=(gift,))
    assert gifts_lost(before, after, _ladder(), TODAY) == ()
