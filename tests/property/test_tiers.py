"""Tiers are what the plain rules say, for any months, ladder and day."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import MONTHS_KEPT, Account, Held, Lifetime, Month, count_purchase
from chalicelib.domain.program import Tiers
from chalicelib.domain.tiers import kept_since, measured, standing, tier_on
from chalicelib.usecases.read_account import TierView
from tests.property import seen
from tests.property.accounts import months_before
from tests.property.plain_member import Member, month_of
from tests.property.plain_tiers import stand
from tests.property.programs import ladders

NEWEST = date(2026, 3, 1)
bought = st.dictionaries(
    st.integers(0, 40),
    st.tuples(st.integers(1, 20), st.integers(0, 3_000), st.integers(0, 3_000)),
    max_size=8,
)
"""Months before the newest: purchases, spend_minor, points."""
days = st.integers(0, 900).map(lambda ahead: NEWEST + timedelta(days=ahead))


def _account(figures: dict[int, tuple[int, int, int]]) -> Account:
    """Counted month by month, so that what is too old is forgotten as it always is."""
    account = Account()
    for back in sorted(figures, reverse=True):
        purchases, spend_minor, points = figures[back]
        account = count_purchase(
            account,
            months_before(NEWEST, back),
            purchases=purchases,
            spend_minor=spend_minor,
            points=points,
            qualifying_points=points,
        )
    return account


def _member(figures: dict[int, tuple[int, int, int]], held: Held | None) -> Member:
    member = Member(active=True, last_at=datetime(2026, 1, 1, tzinfo=UTC))
    for back, (purchases, spend_minor, points) in figures.items():
        month = month_of(months_before(NEWEST, back))
        member.count(month, purchases, spend_minor, points, points)
    member.tier = (held.tier_id, held.since) if held else None
    return member


@st.composite
def _held(draw: st.DrawFn, tiers: Tiers) -> Held | None:
    ids = [level.tier_id for level in tiers.levels]
    return draw(st.none() | st.builds(Held, st.sampled_from([*ids, "gone"]), st.just(NEWEST)))


@settings(max_examples=200, deadline=None)
@given(bought, ladders(), days, st.data())
def test_where_a_member_stands_is_what_the_plain_rules_say(
    figures: dict[int, tuple[int, int, int]], tiers: Tiers, day: date, data: st.DataObject
) -> None:
    held = data.draw(_held(tiers))
    account = replace(_account(figures), held=held)
    found = seen.tier(TierView(standing(account, tiers, day), tiers))
    assert asdict(found) == asdict(stand(_member(figures, held), tiers, day))


@settings(deadline=None)
@given(bought, ladders(), days)
def test_the_months_that_are_kept_are_all_that_a_tier_can_rest_on(
    figures: dict[int, tuple[int, int, int]], tiers: Tiers, day: date
) -> None:
    figures = {0: (1, 1, 1), **figures}
    kept = _account(figures)
    everything = tuple(Month(months_before(NEWEST, n), *figures[n]) for n in sorted(figures))
    assert tier_on(kept, tiers, day) == tier_on(replace(kept, months=everything), tiers, day)
    assert all(month_of(NEWEST) - month_of(m.first_day) < MONTHS_KEPT for m in kept.months)


@settings(deadline=None)
@given(bought, ladders(), days, st.integers(1, 3_000))
def test_more_never_makes_a_tier_lower_and_less_never_higher(
    figures: dict[int, tuple[int, int, int]], tiers: Tiers, day: date, more: int
) -> None:
    poorer = _account(figures)
    richer = count_purchase(
        poorer,
        day.replace(day=1),
        purchases=more,
        spend_minor=more,
        points=more,
        qualifying_points=more,
    )
    ranks = {level: place for place, level in enumerate(tiers.levels)}
    low, high = tier_on(poorer, tiers, day), tier_on(richer, tiers, day)
    assert low is None or (high is not None and ranks[low] <= ranks[high])


@settings(deadline=None)
@given(bought, ladders(), days)
def test_who_gets_what_is_missing_has_the_next_tier_that_day(
    figures: dict[int, tuple[int, int, int]], tiers: Tiers, day: date
) -> None:
    account = _account(figures)
    missing = standing(account, tiers, day).missing
    if missing is None:
        return
    richer = count_purchase(
        account,
        day.replace(day=1),
        purchases=missing,
        spend_minor=missing,
        points=missing,
        qualifying_points=missing,
    )
    risen = tier_on(richer, tiers, day)
    assert missing > 0
    assert risen is not None
    assert risen.tier_id == standing(account, tiers, day).next_id
    assert kept_since(account, richer, tiers, day).held == Held(risen.tier_id, day)


@given(bought, ladders(), days)
def test_a_tier_is_told_to_be_sure_until_a_day_on_which_it_still_stands(
    figures: dict[int, tuple[int, int, int]], tiers: Tiers, day: date
) -> None:
    account = _account(figures)
    found = standing(account, tiers, day)
    if found.tier_id is None:
        return
    last = found.until or day + timedelta(days=4_000)
    on_the_last = tier_on(account, tiers, last)
    assert on_the_last is not None
    assert on_the_last.threshold >= min(
        level.threshold for level in tiers.levels if level.tier_id == found.tier_id
    )


@given(bought, ladders(), days)
def test_sums_since_joining_are_those_of_the_lifetime(
    figures: dict[int, tuple[int, int, int]], tiers: Tiers, day: date
) -> None:
    account = replace(_account(figures), lifetime=Lifetime(1, 2, 3, 4, 5))
    ever = replace(tiers, window=type(tiers.window).SINCE_JOINING)
    expected = {"visits": 3, "spend": 4, "points": 5}[tiers.basis]
    assert measured(account, ever, day) == expected
