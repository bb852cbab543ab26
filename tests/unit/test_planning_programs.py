"""What a plan says of a version of the program: to the point, of nobody, and without a trace."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, cast

import pytest

from chalicelib.domain.account import Account, AccountStatus, Gift, Month
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.domain.program import (
    EarningRate,
    EarningRule,
    Rounding,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.program_plan import Switch, cost_minor, differing_fields
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.ledger_pass import Place
from chalicelib.usecases.plan_program import (
    SECONDS,
    SEGMENTS,
    ProgramPlanned,
    continue_plan,
    plan_program,
)
from chalicelib.usecases.ports.books import AccountBook, Unreadable
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.program_tally import ProgramVisitor, Tally
from chalicelib.usecases.resolve_member import MemberId
from tests.fakes.ledger import FakeLedger
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.ledger_world import NOW, PROGRAM, TILL, World, fake_world, line, purchase, unhurried

DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
LATER = NOW + DAY
"""When plans are asked for: everything that happened at NOW is behind it."""

LADDER = Tiers(
    TierBasis.SPEND,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 10_000, 120), Tier("gold", "Gold", 50_000, 200, gift_points=70)),
)


def _world() -> tuple[World, FakeLedger]:
    return fake_world("plans")


def _planned(world: World, **changes: Any) -> ProgramPlanned:
    version = _stored(world, **changes)
    planned = plan_program(world.ports, version, LATER)
    assert (planned.complete, planned.share_percent) == (True, 100)
    return planned


def _stored(world: World, **changes: Any) -> int:
    latest = world.ports.programs.latest()
    assert latest is not None
    version = latest.version + 1
    program = replace(world.ports.programs.active(), version=version, **changes)
    assert world.ports.programs.add(program, NOW)
    return version


def _active(world: World, **changes: Any) -> None:
    world.ports.programs.activate(_stored(world, **changes), FROM_THE_BEGINNING)


def _buy(world: World, label: str, member: str | None, *amounts: int, ago: timedelta = DAY) -> None:
    lines = [line(str(n), amount, category="beans") for n, amount in enumerate(amounts, 1)]
    bought = purchase(world.purchase_id(label), *lines, at=LATER - ago)
    ref = MemberId(member) if member is not None else None
    post_purchase(world.ports, TILL, PostPurchase(bought, ref), LATER)


# --- at what cost --------------------------------------------------------------------------------


def test_points_are_compared_by_rule_and_in_all() -> None:
    world, _ = _world()
    mia, tom = world.member("mia"), world.member("tom")
    _buy(world, "1", mia, 1_000, 599)
    _buy(world, "2", tom, 2_000)
    tea = EarningRule("tea", "Tea", EarningRate(1, 200), categories=frozenset({"beans"}))
    tally = _planned(world, base=EarningRate(2, 100), rules=(tea,)).tally
    assert tally.rules == {"base": [35, 71], "beans": [35, 0], "tea": [0, 17]}
    assert (tally.purchases, tally.more, tally.less) == (2, 2, 0)
    assert tally.largest == [[40, 50], [30, 38]]


def test_a_plan_of_the_active_version_finds_no_change() -> None:
    world, _ = _world()
    _buy(world, "1", world.member(), 1_000)
    planned = plan_program(world.ports, 1, LATER)
    assert differing_fields(planned.switch) == []
    assert planned.tally.rules == {"base": [10, 10], "beans": [10, 10]}
    assert (planned.tally.more, planned.tally.less, planned.tally.largest) == (0, 0, [])


def test_what_was_returned_is_not_counted() -> None:
    world, _ = _world()
    _buy(world, "1", world.member(), 1_000)
    world.give_back("1", "r", 400)
    assert _planned(world, base=EarningRate(3, 100)).tally.rules["base"] == [6, 18]


def test_purchases_of_the_last_30_days_are_looked_at_and_no_others() -> None:
    world, _ = _world()
    mia = world.member()
    _buy(world, "too old", mia, 1_000, ago=30 * DAY)
    _buy(world, "oldest", mia, 200, ago=30 * DAY - MOMENT)
    _buy(world, "newest", mia, 300, ago=timedelta(0))
    _buy(world, "of after the question", mia, 5_000, ago=-MOMENT)
    tally = _planned(world).tally
    assert (tally.purchases, tally.rules["base"]) == (2, [5, 5])


def test_a_purchase_without_a_member_counts_once_it_is_claimed() -> None:
    world, _ = _world()
    mia = world.member()
    _buy(world, "claimed", None, 1_000)
    _buy(world, "nobody's", None, 3_000)
    claim_purchase(world.ports, TILL, world.purchase_id("claimed"), MemberId(mia), LATER)
    assert _planned(world).tally.rules["base"] == [10, 10]


def test_a_version_of_another_currency_earns_nothing_on_what_was_paid_before() -> None:
    world, _ = _world()
    _buy(world, "1", world.member(), 1_000)
    tally = _planned(world, currency="CHF").tally
    assert tally.rules == {"base": [10, 0], "beans": [10, 0]}
    assert (tally.more, tally.less) == (0, 1)


def test_it_is_the_active_version_that_is_compared_with_whatever_priced_a_purchase() -> None:
    world, _ = _world()
    _buy(world, "1", world.member(), 1_000)
    world.ports.programs.activate(_stored(world, base=EarningRate(4, 100)), LATER)
    assert _planned(world, base=EarningRate(5, 100)).tally.rules["base"] == [40, 50]


@pytest.mark.parametrize(
    ("points", "thousand", "cost"),
    [(0, 1_000, 0), (49, 10, 0), (50, 10, 1), (1_500, 1, 2), (1_234, 1_000, 1_234), (9, 0, 0)],
)
def test_points_cost_what_the_program_says_and_half_a_cent_goes_up(
    points: int, thousand: int, cost: int
) -> None:
    assert cost_minor(replace(PROGRAM, thousand_points_minor=thousand), points) == cost


def test_only_the_largest_changes_are_told() -> None:
    world, _ = _world()
    mia = world.member()
    for amount in (100, 700, 300, 900, 500, 200, 800):
        _buy(world, f"{amount}", mia, amount)
    largest = _planned(world, base=EarningRate(2, 100)).tally.largest
    assert largest == [[18, 27], [16, 24], [14, 21], [10, 15], [6, 9]]


# --- by tier -------------------------------------------------------------------------------------


def test_the_tier_that_a_purchase_was_priced_with_is_the_one_it_would_have_had() -> None:
    world, _ = _world()
    _active(world, tiers=LADDER, rules=())
    mia = world.member()
    for number in range(3):  # below silver, then as silver, though the last makes her gold
        _buy(world, f"{number}", mia, 20_000)
    silver, gold = LADDER.levels
    richer = replace(LADDER, levels=(replace(silver, name="Ag", earn_percent=150), gold))
    tally = _planned(world, tiers=richer).tally
    assert tally.rules == {"base": [600, 600], "tier:silver": [80, 200]}


def test_by_another_ladder_a_purchase_has_the_tier_of_its_members_months() -> None:
    world, _ = _world()
    _active(world, rules=())
    mia = world.member()
    for number in range(3):
        _buy(world, f"{number}", mia, 20_000)
    tally = _planned(world, tiers=LADDER).tally
    # Its month is counted as a whole: the ledger was not told what the days in it brought.
    assert tally.rules == {"base": [600, 600], "tier:gold": [0, 600]}


def test_a_ladder_that_multiplies_nothing_is_not_looked_up() -> None:
    world, _ = _world()
    _active(world, rules=())
    _buy(world, "1", world.member(), 20_000)
    version = _stored(world, tiers=replace(LADDER, levels=(Tier("silver", "Silver", 10_000),)))
    unread = replace(world.ports, ledger=cast(Any, None))
    assert plan_program(unread, version, LATER).tally.rules == {"base": [200, 200]}


# --- for whom ------------------------------------------------------------------------------------


def test_members_are_counted_by_the_tier_they_go_from_and_to() -> None:
    world, _ = _world()
    world.member("none")
    for label, amount in (("s1", 10_000), ("s2", 12_000), ("g", 60_000)):
        _buy(world, label, world.member(label), amount)
    tally = _planned(world, tiers=LADDER).tally
    assert (tally.members, tally.moves) == (4, {">silver": 2, ">gold": 1})


def test_who_keeps_a_tier_of_another_name_does_not_change_it() -> None:
    world, _ = _world()
    _active(world, tiers=LADDER)
    for label, amount in (("s", 12_000), ("g", 60_000)):
        _buy(world, label, world.member(label), amount)
    silver, gold = LADDER.levels
    renamed = replace(silver, name="Silber")
    dearer = replace(LADDER, levels=(renamed, replace(gold, threshold=60_001)))
    assert _planned(world, tiers=dearer).tally.moves == {"gold>silver": 1}
    assert _planned(world, tiers=None).tally.moves == {"silver>": 1, "gold>": 1}


def test_gifts_that_wait_for_the_next_purchase_are_told() -> None:
    world, _ = _world()
    _active(world, tiers=LADDER)
    _buy(world, "g", world.member("g"), 60_000)  # its gift was given with it
    _buy(world, "s", world.member("s"), 12_000)
    silver, gold = LADDER.levels
    generous = replace(LADDER, levels=(replace(silver, gift_points=25), gold))
    tally = _planned(world, tiers=generous).tally
    assert (tally.gift_members, tally.gift_points) == (2, [0, 50])


def _visited(switch: Switch, *books: AccountBook) -> Tally:
    visitor = ProgramVisitor(_world()[0].ports, switch)
    return Tally(**visitor.visit(visitor.start(), books, Place(0, 0)))


def _book(label: str, account: Account) -> AccountBook:
    opened = opening_entry(label, AccountStatus.ACTIVE, NOW)
    entry = next_entry(opened, account, kind=EntryKind.ADJUST, cause="test", now=NOW)
    return AccountBook(f"A#{label}", label, (opened, entry), None)


def test_members_who_share_an_account_count_each_and_their_gift_once() -> None:
    month = Month(date(2026, 3, 1), 1, 60_000, 600)
    ours = Account(months=(month,), sharers=2)
    moved = Account(moved_to="ours")
    given = Gift("gold", 70, date(2026, 3, 1), date(2026, 3, 1), None)
    theirs = Account(months=(month,), gifts=(given,))
    switch = Switch(PROGRAM, replace(PROGRAM, version=2, tiers=LADDER), LATER)
    books = [_book("ours", ours), _book("m1", moved), _book("m2", moved), _book("theirs", theirs)]
    tally = _visited(switch, *books)
    assert (tally.members, tally.moves) == (4, {">gold": 4})
    assert (tally.gift_members, tally.gift_points) == (1, [0, 70])


def test_what_cannot_be_read_is_counted_and_not_guessed_at() -> None:
    book = replace(_book("odd", Account()), unreadable=(Unreadable("E#000000000002", "x"),))
    empty = AccountBook("A#empty", "empty", (), None)
    tally = _visited(Switch(PROGRAM, PROGRAM, LATER), book, empty)
    assert (tally.members, tally.unreadable) == (0, 1)


# --- how it goes on ------------------------------------------------------------------------------


class _Watch:
    """Seconds that pass with each look at the watch, as pages would take them."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._now = seconds, 0.0

    def __call__(self) -> float:
        self._now += self._seconds
        return self._now


def test_a_plan_that_takes_longer_is_carried_on_to_the_same_end() -> None:
    world, _ = _world()
    for number in range(12):
        _buy(world, f"{number}", world.member(f"m{number}"), 1_000 * number)
    version = _stored(world, base=EarningRate(2, 100), tiers=LADDER)
    at_once = plan_program(world.ports, version, LATER).tally

    watch = replace(unhurried(), monotonic=_Watch(SECONDS / 4))
    hurried = replace(world.ports, patience=watch)
    planned = plan_program(hurried, version, LATER)
    shares = [planned.share_percent]
    while not planned.complete:
        planned = continue_plan(hurried, planned.plan.plan_id)
        shares.append(planned.share_percent)
    assert planned.tally == at_once
    assert shares == sorted(shares)
    assert (len(shares) > SEGMENTS // 4, shares[0] < 100, shares[-1]) == (True, True, 100)


def test_a_plan_answers_for_the_instant_and_the_versions_it_was_asked_for() -> None:
    world, _ = _world()
    mia = world.member()
    _buy(world, "1", mia, 1_000)
    planned = _planned(world, base=EarningRate(2, 100))
    world.ports.programs.activate(planned.plan.version, LATER)
    _buy(world, "2", mia, 1_000, ago=-MOMENT)
    again = continue_plan(world.ports, planned.plan.plan_id)
    assert (again.plan, again.tally) == (planned.plan, planned.tally)


def test_a_plan_writes_nothing_to_the_ledger() -> None:
    world, ledger = _world()
    _buy(world, "1", world.member(), 60_000)
    before = repr((ledger.accounts, ledger.causes, ledger.traits))
    _planned(world, tiers=LADDER)
    assert repr((ledger.accounts, ledger.causes, ledger.traits)) == before


@pytest.mark.parametrize(
    "ask",
    [
        lambda ports: plan_program(ports, 2, LATER),
        lambda ports: continue_plan(ports, "plan_unknown"),
    ],
    ids=["version", "plan"],
)
def test_what_is_unknown_is_not_found(ask: Callable[[Any], ProgramPlanned]) -> None:
    with pytest.raises(NotFound):
        ask(_world()[0].ports)


# --- to the point --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_planned_points_are_those_of_a_world_in_which_the_version_was_always_active(
    seed: int,
) -> None:
    tea = EarningRule("tea", "Tea", EarningRate(5, 700), categories=frozenset({"beans"}))
    silver, gold = _NO_GIFTS.levels
    levels = (replace(silver, earn_percent=133), replace(gold, earn_percent=250))
    changes = {
        "base": EarningRate(7, 300),
        "rules": (tea,),
        "rounding": Rounding.HALF_UP,
        "tiers": replace(_NO_GIFTS, levels=levels),
    }
    here, there = _lived(seed, {"tiers": _NO_GIFTS}), _lived(seed, changes)
    tally = plan_program(here.ports, _stored(here, **changes), LATER).tally
    sums = [sum(points[side] for points in tally.rules.values()) for side in (0, 1)]
    assert tally.purchases == 40
    assert sums == [_earned(here), _earned(there)]


_NO_GIFTS = replace(LADDER, levels=tuple(replace(tier, gift_points=0) for tier in LADDER.levels))
_MEMBERS = ("mia", "tom", "eva")


def _lived(seed: int, changes: dict[str, Any]) -> World:
    """A world after a random story of a month, the same for a seed whatever the program."""
    world, random = _world()[0], Random(seed)
    _active(world, **changes)
    members = [world.member(label) for label in _MEMBERS]
    for number in range(40):
        amounts = [random.randint(1, 9_999) for _ in range(random.randint(1, 3))]
        ago = timedelta(minutes=random.randint(1, 60 * 24 * 29))
        _buy(world, f"{number}", random.choice(members), *amounts, ago=ago)
        if random.random() < 0.4:
            world.give_back(f"{number}", "r", random.randint(1, sum(amounts)))
    return world


def _earned(world: World) -> int:
    """What all purchases have earned, less what returns took."""
    heads = [world.ports.ledger.head(f"mem_{world.name}_{label}") for label in _MEMBERS]
    return sum(head.entry.account().lifetime.earned for head in heads if head is not None)
