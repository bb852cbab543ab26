"""The dry run of expiry says what the run then does, in one part or in many."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from chalicelib.domain.account import Account, AccountStatus, Lot, PendingLot
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.expire_points import expire_points
from chalicelib.usecases.foresee_expiry import ExpiringDay, Foreseen, Position, foresee_expiry
from chalicelib.usecases.ports import DuePage, Write
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, World, fake_world

BERLIN = ZoneInfo("Europe/Berlin")
DECEMBER, JANUARY = date(2026, 12, 31), date(2027, 1, 31)


def account(world: World, label: str, *states: Account) -> str:
    """An account that was in these states, one after the other."""
    head = opening_entry(f"mem_{world.name}_{label}", AccountStatus.ACTIVE, NOW)
    world.open_account(head)
    for number, state in enumerate(states):
        head = next_entry(head, state, kind=EntryKind.ADJUST, cause=f"t:{number}", now=NOW)
        world.ports.ledger.commit(Write((), (head,)))
    return head.account_id


def lots(*rows: tuple[date | None, int]) -> Account:
    return Account(lots=tuple(Lot(*row) for row in rows))


def whole(world: World, on: date) -> Foreseen:
    return foresee_expiry(world.ports, on, Position(), lambda: True)


def run_after(world: World, day: date) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN) + timedelta(days=1)
    expire_points(world.ports, now, Run(lambda: True, lambda _: None))


def expired(ledger: FakeLedger) -> Counter[date]:
    """The points that entries tell as expired, by last day."""
    points: Counter[date] = Counter()
    for entries in ledger.accounts.values():
        for entry in entries.values():
            if entry.kind is EntryKind.EXPIRE:
                points.update({date.fromisoformat(why.rule): -why.points for why in entry.why})
    return points


def test_it_sums_points_and_accounts_by_last_day_up_to_the_one_asked_for() -> None:
    world, _ = fake_world()
    account(world, "mia", lots((DECEMBER, 10), (JANUARY, 5), (None, 1)))
    account(world, "ben", lots((DECEMBER, 20)))
    account(world, "eva", lots((JANUARY, 7)))
    account(world, "tom", lots((None, 99)))
    december, january = ExpiringDay(DECEMBER, 30, 2), ExpiringDay(JANUARY, 12, 2)
    assert (whole(world, DECEMBER).days, whole(world, DECEMBER).accounts) == ((december,), 2)
    assert (whole(world, JANUARY).days, whole(world, JANUARY).accounts) == ((december, january), 3)
    assert whole(world, DECEMBER - timedelta(days=1)).days == ()


def test_an_account_counts_once_however_often_the_index_hints_at_it() -> None:
    world, _ = fake_world()
    december, january = lots((DECEMBER, 10)), lots((JANUARY, 10))
    account(world, "mia", december, january, december, january, december)
    account(world, "ben", december, january)
    account(world, "eva", december, lots())
    assert whole(world, JANUARY).days == (
        ExpiringDay(DECEMBER, 10, 1),
        ExpiringDay(JANUARY, 10, 1),
    )


def test_what_matures_until_its_last_day_counts_after_debt_is_paid() -> None:
    world, _ = fake_world()
    pending = (PendingLot(date(2026, 12, 1), DECEMBER, 30),)
    account(world, "mia", Account(debt=12, pending=pending))
    assert whole(world, DECEMBER).days == (ExpiringDay(DECEMBER, 18, 1),)


def test_it_says_to_the_point_what_the_run_then_does() -> None:
    """200 accounts that lots came and went in; then every month end is foreseen and gone for."""
    world, ledger = fake_world()
    chance = random.Random(7)
    days = [None, *(date(2027, month, 28) for month in range(1, 7))]
    for number in range(200):
        states = []
        for _ in range(chance.randint(1, 4)):
            held = sorted(chance.sample(days, chance.randint(0, 4)), key=lambda d: d or date.max)
            states.append(lots(*((day, chance.randint(1, 500)) for day in held)))
        account(world, f"m{number}", *states)
    for month in (1, 2, 4, 6):
        on = date(2027, month, 28)
        before = expired(ledger)
        foreseen = whole(world, on)
        assert whole(world, on) == foreseen, "it changes nothing"
        run_after(world, on)
        told = expired(ledger) - before
        assert {day.last_day: day.points for day in foreseen.days} == dict(told)
        assert whole(world, on).days == ()


def test_parts_add_up_to_the_whole() -> None:
    world, _ = fake_world()
    for number in range(60):
        account(world, f"m{number}", lots((DECEMBER, number + 1), (JANUARY, 1)))
    points: Counter[date] = Counter()
    accounts = 0
    at: Position | None = Position()
    parts = 0
    while at is not None:
        part = foresee_expiry(world.ports, JANUARY, at, lambda: False)
        points.update({day.last_day: day.points for day in part.days})
        accounts += part.accounts
        at, parts = part.position, parts + 1
    assert points == {day.last_day: day.points for day in whole(world, JANUARY).days}
    assert (accounts, parts > 20) == (60, True)


def test_it_reads_nothing_of_days_that_are_written_down() -> None:
    world, _ = fake_world()
    for number in range(30):
        account(world, f"m{number}", lots((DECEMBER, 10), (JANUARY, 10)))
    run_after(world, DECEMBER)
    seen: list[date | None] = []

    class Watched:
        def due_accounts(
            self, shard: int, first: date | None, last: date, cursor: str | None
        ) -> DuePage:
            seen.append(first)
            return world.ports.ledger.due_accounts(shard, first, last, cursor)

        head = world.ports.ledger.head

    watched = replace(world.ports, ledger=cast(Any, Watched()))
    assert foresee_expiry(watched, JANUARY, Position(), lambda: True).accounts == 30
    assert set(seen) == {DECEMBER + timedelta(days=1)}
