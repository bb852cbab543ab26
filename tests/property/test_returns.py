"""What a purchase gave, its returns take back, to the point, however and whenever it is cut up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Lifetime
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import Program
from tests.ledger_world import line
from tests.property.counter import counter_under
from tests.property.programs import lines, programs, tenders


def _part(data: st.DataObject, left: list[list[int]]) -> list[tuple[int, int]]:
    return [(data.draw(st.integers(0, row[0])), data.draw(st.integers(0, row[1]))) for row in left]


def _all(left: list[list[int]]) -> list[tuple[int, int]]:
    return [(row[0], row[1]) for row in left]


def _net(account: Account) -> int:
    return account.available + account.pending_points - account.debt


@settings(max_examples=25, deadline=None)
@given(programs(), st.booleans())
def test_a_hundred_returns_of_one_cent_take_back_what_one_euro_gave(
    program: Program, in_beans: bool
) -> None:
    counter = counter_under(program)
    name, earned = counter.buy((line("0", 100, category="beans" if in_beans else None),))
    taken = sum(counter.back_amount(name, 1) for _ in range(100))
    assert taken == earned.earned
    assert _net(counter.account()) == 0
    assert counter.account().lifetime == Lifetime()
    assert counter.account().gifts == ()


split_purchases = given(programs(), lines(), lines(), tenders, st.integers(0, 4), st.data())
"""A program, lines that were bought before, lines and tenders of a purchase, in how many parts more
than one it comes back, and these."""


def any_split_takes_back_what_was_given(
    program: Program,
    before: tuple[Line, ...],
    bought: tuple[Line, ...],
    paid: tuple[Tender, ...],
    parts: int,
    data: st.DataObject,
) -> None:
    """Taken and excused are what was given, and nothing else of the account has changed."""
    counter = counter_under(program)
    counter.buy(before)
    untouched = counter.account()
    name, earned = counter.buy(bought, paid)
    taken = excused = 0
    for number in range(parts + 1):
        counter.now += timedelta(days=data.draw(st.sampled_from([0, 0, 1, 20, 60])))
        left = counter.left[name]
        part = _part(data, left) if number < parts else _all(left)
        points, over = counter.back(name, part)
        assert points >= 0
        taken, excused = taken + points, excused + over
    assert taken + excused == earned.earned
    after = counter.account()
    assert after.lifetime == untouched.lifetime
    assert after.months == untouched.months
    assert after.gifts == untouched.gifts


@settings(max_examples=150, deadline=None)
@split_purchases
def test_any_split_of_a_purchase_takes_back_what_it_gave_and_leaves_the_rest_alone(
    program: Program,
    before: tuple[Line, ...],
    bought: tuple[Line, ...],
    paid: tuple[Tender, ...],
    parts: int,
    data: st.DataObject,
) -> None:
    any_split_takes_back_what_was_given(program, before, bought, paid, parts, data)


@st.composite
def _shopping(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What somebody does who is after gifts: buy, also late, wait, and return in any order."""
    step = st.fixed_dictionaries(
        {
            "buy": st.sampled_from([0, 100, 2_500, 9_999]),
            "days_ago": st.sampled_from([0, 0, 5, 30]),
            "wait": st.sampled_from([0, 0, 1, 17]),
            "return": st.none() | st.integers(0, 9),
            "half": st.booleans(),
        }
    )
    return draw(st.lists(step, min_size=1, max_size=10))


@settings(max_examples=150, deadline=None)
@given(programs(), _shopping(), st.randoms(use_true_random=False))
def test_who_returns_everything_in_whatever_order_keeps_no_points_and_no_gift(
    program: Program, steps: list[dict[str, Any]], random: Any
) -> None:
    counter = counter_under(replace(program, expiry=None))
    given_points = taken_points = 0
    for step in steps:
        counter.now += timedelta(days=step["wait"])
        if step["return"] is None:
            _, earned = counter.buy((line("0", step["buy"]),), days_ago=step["days_ago"])
            given_points += earned.earned
        elif counter.left:
            name = sorted(counter.left)[step["return"] % len(counter.left)]
            [(quantity, minor)] = _all(counter.left[name])
            part = (0, minor // 2) if step["half"] else (quantity, minor)
            taken_points += counter.back(name, [part])[0]
        standing = counter.account()
        assert _net(standing) == given_points - taken_points
    names = sorted(counter.left)
    random.shuffle(names)
    for name in names:
        taken_points += counter.back(name, _all(counter.left[name]))[0]
    after = counter.account()
    assert given_points == taken_points
    assert (_net(after), after.lifetime, after.gifts) == (0, Lifetime(), ())
