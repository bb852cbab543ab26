"""What a purchase gave, its returns take back, to the point, however and whenever it is cut up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Lifetime
from chalicelib.domain.earning import EXCUSED, Line, Tender
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Earned, Purchase
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import PurchaseReturned, ReturnPurchase, return_purchase
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, TILL, World, fake_world, line
from tests.property.programs import lines, programs, tenders

LONG_AGO = NOW - timedelta(days=1_000)


@dataclass
class Counter:
    """A till and its member, under one program. left: quantity and money of each line, by
    purchase."""

    world: World
    ledger: FakeLedger
    member: str
    now: datetime
    left: dict[str, list[list[int]]]

    def buy(
        self, bought: tuple[Line, ...], paid: tuple[Tender, ...] = (), days_ago: int = 0
    ) -> tuple[str, Earned]:
        name = f"p{len(self.left)}"
        at = self.now - timedelta(days=days_ago)
        command = PostPurchase(Purchase(name, at, "EUR", bought, paid), MemberId(self.member))
        self.left[name] = [[one.quantity, one.amount_minor] for one in bought]
        return name, post_purchase(self.world.ports, TILL, command, self.now).answer.points

    def back(self, name: str, rows: list[tuple[int, int]]) -> tuple[int, int]:
        """The points that returning so much of each line takes, and those that are excused."""
        for left, row in zip(self.left[name], rows, strict=True):
            left[0] -= row[0]
            left[1] -= row[1]
        return self._back(name, tuple(ReturnedLine(str(n), *row) for n, row in enumerate(rows)))

    def back_amount(self, name: str, minor: int) -> int:
        """The points that returning an amount takes."""
        return self._back(name, minor)[0]

    def _back(self, name: str, returned: Returned) -> tuple[int, int]:
        command = ReturnPurchase(name, f"r{len(self.ledger.causes)}", returned)
        answer = return_purchase(self.world.ports, TILL, command, self.now).answer
        assert isinstance(answer, PurchaseReturned)
        taken = answer.points
        assert taken.taken == taken.from_pending + taken.from_available + taken.new_debt
        head = self.ledger.head(self.member)
        assert head is not None
        return taken.taken, sum(row.points for row in head.entry.why if row.rule == EXCUSED)

    def account(self) -> Account:
        return read_account(self.world.ports, self.member, self.now).account


def _counter(program: Program) -> Counter:
    world, ledger = fake_world()
    world.ports.programs.add(replace(program, version=2), LONG_AGO)
    world.ports.programs.activate(2, LONG_AGO)
    return Counter(world, ledger, world.member(), NOW, {})


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
    counter = _counter(program)
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
    counter = _counter(program)
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
    counter = _counter(replace(program, expiry=None))
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
