"""Properties of the digest of what a member buys: it says what a list of all purchases says."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.account import Account
from chalicelib.domain.behaviour import (
    MOST_BYTES,
    Behaviour,
    Bought,
    packed_behaviour,
    unpacked_behaviour,
    up_to,
    with_bought,
)
from chalicelib.domain.facts import Facts, facts_of
from chalicelib.domain.traits import Traits
from tests.ledger_world import PROGRAM

FIRST = date(2024, 1, 1)
WATCHED = Traits(profiling=True)
NAMES = st.sampled_from(["tea", "beans", "mugs", "größer", "gifts"])

bought = st.builds(
    Bought,
    on=st.integers(0, 600).map(lambda days: FIRST + timedelta(days=days)),
    purchases=st.just(1),
    spend_minor=st.integers(0, 100_000),
    categories=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    store=st.none() | st.sampled_from(["mitte", "nord"]),
    skus=st.lists(st.text(max_size=20), max_size=4, unique=True).map(tuple),
)


def followed(history: Sequence[Bought], *, late_by: int = 0) -> Behaviour:
    """The digest after purchases, each entered so many days after it was made."""
    behaviour, newest = Behaviour(), FIRST
    for seq, one in enumerate(history, start=1):
        newest = max(newest, one.on + timedelta(days=late_by))
        behaviour = up_to(with_bought(behaviour, one, newest), seq)
    return behaviour


def facts(behaviour: Behaviour, today: date) -> Facts:
    return facts_of(Account(), WATCHED, behaviour, PROGRAM, today)


def counted(history: Sequence[Bought], today: date, days: int) -> tuple[int, int]:
    """Purchases and spend of the last days by the rule as it is written down: single days up to 92
    days ago, and of what is older the weeks whose Monday lies in the window."""
    inside = [
        one
        for one in history
        if (today - one.on).days < days
        and ((today - one.on).days <= 92 or (today - monday(one.on)).days < days)
    ]
    return len(inside), sum(one.spend_minor for one in inside)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


histories = st.lists(bought, max_size=40)


@given(histories, st.integers(0, 40), st.integers(0, 500))
def test_sums_of_days_are_what_a_list_of_all_purchases_says_however_much_was_made_weeks_of(
    history: list[Bought], late_by: int, later: int
) -> None:
    behaviour = followed(history, late_by=late_by)
    newest = max((one.on for one in history), default=FIRST)
    today = newest + timedelta(days=late_by + later)
    said = facts(behaviour, today)
    for days in (30, 90, 365):
        purchases, spend = counted(history, today, days)
        assert said[f"purchases_last_{days}_days"] == purchases
        assert said[f"spend_last_{days}_days_minor"] == spend
    last = max((one.on for one in history), default=None)
    assert said["days_since_last_purchase"] == ((today - last).days if last else None)


@given(histories)
@example([Bought(FIRST + timedelta(days=340), 1, 100)])  # its Monday is more than a year ago
def test_days_become_weeks_without_a_fact_noticing(history: list[Bought]) -> None:
    """Two digests of the same purchases, of which one has made weeks of the old ones by now."""
    behaviour = followed(history)
    today = FIRST + timedelta(days=703)
    nothing = Bought(on=today - timedelta(days=1), purchases=0, spend_minor=0)
    compacted = with_bought(behaviour, nothing, today)
    assert facts(compacted, today) == facts(behaviour, today)
    assert len(compacted.days) == 0


@given(st.lists(bought, min_size=1, max_size=20), st.integers(0, 19))
def test_what_comes_back_as_a_whole_was_never_bought(history: list[Bought], which: int) -> None:
    one = history[which % len(history)]
    others = [other for other in history if other is not one]
    back = Bought(one.on, -1, -one.spend_minor, one.categories, one.store, one.skus, came_back=True)
    today = FIRST + timedelta(days=600)
    returned = facts(with_bought(followed(history), back, today), today)
    never = facts(followed(others), today)
    for days in (30, 90, 365):
        for name in (f"purchases_last_{days}_days", f"spend_last_{days}_days_minor"):
            assert returned[name] == never[name]


@given(histories)
def test_a_digest_is_read_as_it_was_packed_and_stays_small(history: list[Bought]) -> None:
    behaviour = followed(history)
    packed = packed_behaviour(behaviour)
    assert unpacked_behaviour(packed) == behaviour
    assert len(packed.encode()) <= MOST_BYTES


@pytest.mark.parametrize(("times", "spend_minor"), [(1, 99_999), (4, 10**11)])
def test_even_who_buys_every_day_fits_with_the_longest_names(times: int, spend_minor: int) -> None:
    names = tuple(f"{'ü' * 120}{number}" for number in range(10))
    history = [
        Bought(FIRST + timedelta(days=day), times, spend_minor, names, "s" * 128, names)
        for day in range(120)
    ]
    behaviour = followed(history)
    assert len(packed_behaviour(up_to(behaviour, 10**12)).encode()) <= MOST_BYTES
    assert facts(behaviour, history[-1].on)["purchases_last_30_days"] == 30 * times
