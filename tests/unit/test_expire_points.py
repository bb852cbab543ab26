"""Points that expire while nobody looks: which day, once, in whatever state the store and clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.account import Account, AccountStatus, Lot, PendingLot
from chalicelib.domain.due import SHARDS
from chalicelib.domain.entries import Entry, EntryKind, Why, next_entry, opening_entry
from chalicelib.usecases.due_rounds import Run, Walked
from chalicelib.usecases.expire_points import NAME, expire_account, expire_points
from chalicelib.usecases.ports import Head, Verdict, Write
from chalicelib.usecases.read_account import read_account
from tests.fakes.ledger import FakeLedger
from tests.fakes.programs import FakePrograms
from tests.ledger_world import NOW, PROGRAM, World, fake_world

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YEAR = date(2026, 12, 31)


class Watched:
    """A ledger that counts the accounts read, and lets something happen before the first write."""

    def __init__(self, ledger: FakeLedger, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._ledger = ledger
        self._meanwhile: Callable[[], object] | None = meanwhile
        self.heads = 0

    def head(self, account_id: str) -> Head | None:
        self.heads += 1
        return self._ledger.head(account_id)

    def commit(self, write: Write) -> Verdict:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return self._ledger.commit(write)

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)


def at(day: date, hour: int = 0, minute: int = 0, *, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def holding(world: World, label: str, account: Account, now: datetime = NOW) -> str:
    """A member whose second entry leaves it with this account."""
    head = opening_entry(f"mem_{world.name}_{label}", AccountStatus.ACTIVE, now)
    world.open_account(head)
    entry = next_entry(head, account, kind=EntryKind.ADJUST, cause=f"t:{label}", now=now)
    world.ports.ledger.commit(Write((), (entry,)))
    return head.account_id


def lots(*days: date | None, points: int = 10) -> Account:
    return Account(lots=tuple(Lot(day, points) for day in days))


def run(world: World, now: datetime) -> Walked:
    errors: list[Exception] = []
    return expire_points(world.ports, now, Run(lambda: True, errors.append))


def newest(world: World, member_id: str) -> Entry:
    head = world.ports.ledger.head(member_id)
    assert head is not None
    return head.entry


def through(world: World) -> set[str | None]:
    """The last day that the shards are through with."""
    kept = [world.ports.books.checkpoint(NAME, shard, SHARDS) for shard in range(SHARDS)]
    return {checkpoint.sums["through"] if checkpoint else None for checkpoint in kept}


def test_what_has_expired_gets_an_entry_that_says_what_and_when() -> None:
    world, ledger = fake_world()
    account = Account(
        lots=(Lot(NEW_YEAR, 30), Lot(date(2027, 1, 31), 20), Lot(None, 5)),
        pending=(PendingLot(date(2026, 12, 20), NEW_YEAR, 7),),
    )
    mia = holding(world, "mia", account)
    walked = run(world, at(date(2027, 1, 1), 3))
    entry = newest(world, mia)
    assert (walked.counts["accounts"], walked.counts["points"], walked.left) == (1, 37, 0)
    assert (entry.seq, entry.kind, entry.points) == (3, EntryKind.EXPIRE, -37)
    assert entry.why == (Why("2026-12-31", -37, 0),)
    assert entry.cause == "expiry:2027-01-01"
    assert entry.account().lots == (Lot(date(2027, 1, 31), 20), Lot(None, 5))
    assert ("entry", mia, 3) in ledger.events


def test_the_entry_hints_at_the_last_day_after_it() -> None:
    world, _ = fake_world()
    january, march = date(2027, 1, 31), date(2027, 3, 31)
    mia = holding(world, "mia", lots(NEW_YEAR, january, march))
    for last, following in ((NEW_YEAR, january), (january, march), (march, None)):
        run(world, at(last + timedelta(days=1), 4))
        assert newest(world, mia).due_on == following
    assert newest(world, mia).account().lots == ()
    assert newest(world, mia).seq == 5


def test_a_day_is_gone_for_three_hours_after_its_end_and_no_sooner() -> None:
    world, _ = fake_world()
    mia = holding(world, "mia", lots(NEW_YEAR))
    for now in (at(NEW_YEAR, 23, 59), at(date(2027, 1, 1), 0), at(date(2027, 1, 1), 2, 59)):
        run(world, now)
        assert newest(world, mia).seq == 2
    assert through(world) == {"2026-12-30"}
    run(world, at(date(2027, 1, 1), 3))
    assert newest(world, mia).seq == 3
    assert through(world) == {"2026-12-31"}


def test_what_expires_later_is_left_alone() -> None:
    world, _ = fake_world()
    mia = holding(world, "mia", lots(date(2027, 1, 1), None))
    run(world, at(date(2027, 1, 1), 23, 59))
    assert newest(world, mia).seq == 2


def test_running_again_reads_no_account_and_writes_nothing() -> None:
    world, ledger = fake_world()
    holding(world, "mia", lots(NEW_YEAR))
    now = at(date(2027, 1, 1), 5)
    run(world, now)
    watched = Watched(ledger)
    world = replace(world, ports=replace(world.ports, ledger=cast(Any, watched)))
    for hours in (0, 1, 20):
        assert run(world, now + timedelta(hours=hours)).counts["accounts"] == 0
    assert watched.heads == 0


@pytest.mark.parametrize("days", [1, 40, 500])
def test_nothing_is_missed_however_long_nobody_ran(days: int) -> None:
    world, _ = fake_world()
    run(world, at(NEW_YEAR - timedelta(days=5), 12))
    members = [
        holding(world, f"m{n}", lots(NEW_YEAR + timedelta(days=n * days // 10))) for n in range(10)
    ]
    walked = run(world, at(NEW_YEAR + timedelta(days=days + 1), 3))
    assert walked.counts["accounts"] == len(members)


def test_the_first_run_of_all_goes_for_every_day_there_ever_was() -> None:
    world, _ = fake_world()
    holding(world, "old", lots(date(2020, 1, 31)), now=at(date(2019, 5, 1)))
    assert run(world, at(NEW_YEAR, 12)).counts["accounts"] == 1


def test_without_a_program_there_is_nothing_to_do() -> None:
    world, _ = fake_world()
    without = replace(world.ports, programs=FakePrograms())
    walked = expire_points(without, NOW, Run(lambda: True, lambda _: None))
    assert (walked.done, walked.left) == (True, 0)


# --- hints are no truths -------------------------------------------------------------------------


def test_a_hint_at_points_that_were_spent_or_got_another_day_does_nothing() -> None:
    world, _ = fake_world()
    mia, ben = holding(world, "mia", lots(NEW_YEAR)), holding(world, "ben", lots(NEW_YEAR))
    for member, account in ((mia, lots()), (ben, lots(date(2027, 6, 30)))):
        head = newest(world, member)
        entry = next_entry(head, account, kind=EntryKind.ADJUST, cause="t:2", now=NOW)
        world.ports.ledger.commit(Write((), (entry,)))
    assert run(world, at(date(2027, 1, 1), 9)).counts["accounts"] == 0
    assert (newest(world, mia).seq, newest(world, ben).seq) == (3, 3)


def test_an_account_whose_hint_was_lost_is_right_at_its_next_read() -> None:
    world, ledger = fake_world()
    mia = holding(world, "mia", lots(NEW_YEAR, None))
    ledger.accounts[mia][2] = replace(ledger.accounts[mia][2], due_on=None)
    now = at(date(2027, 1, 1), 9)
    run(world, now)
    assert newest(world, mia).seq == 2
    assert read_account(world.ports, mia, now).account.available == 10


def test_a_merged_account_is_left_alone() -> None:
    world, _ = fake_world()
    mia = holding(world, "mia", lots(NEW_YEAR))
    moved = replace(lots(), moved_to="mem_other")
    entry = next_entry(newest(world, mia), moved, kind=EntryKind.MERGE, cause="t:2", now=NOW)
    world.ports.ledger.commit(Write((), (entry,)))
    assert run(world, at(date(2027, 1, 1), 9)).left == 0
    assert newest(world, mia) == entry


# --- the calendar --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_day", "zone"),
    [
        (date(2027, 2, 28), "Europe/Berlin"),
        (date(2028, 2, 29), "Europe/Berlin"),  # a leap day
        (date(2027, 3, 27), "Europe/Berlin"),  # the day after has 23 hours
        (date(2027, 3, 28), "Europe/Berlin"),
        (date(2027, 10, 30), "Europe/Berlin"),  # the day after has 25 hours
        (date(2027, 10, 31), "Europe/Berlin"),
        (date(2027, 4, 22), "Africa/Cairo"),
        (date(2027, 4, 29), "Africa/Cairo"),  # there is no midnight between it and the next day
        (date(2026, 12, 31), "Pacific/Kiritimati"),
        (date(2026, 12, 31), "Pacific/Pago_Pago"),
        (date(2026, 12, 31), "Asia/Kathmandu"),
    ],
)
def test_a_last_day_lasts_until_its_end_in_the_programs_zone(last_day: date, zone: str) -> None:
    world, _ = fake_world()
    programs = FakePrograms(replace(PROGRAM, zone=zone))
    world = replace(world, ports=replace(world.ports, programs=programs))
    mia = holding(world, "mia", lots(last_day))
    hour = at(last_day, 12, zone=ZoneInfo(zone))
    written: datetime | None = None
    for _ in range(24 * 2):
        hour += timedelta(hours=1)
        run(world, hour)
        if newest(world, mia).seq == 3:
            written = hour
            break
        local = hour.astimezone(ZoneInfo(zone))
        over = local.date() > last_day
        available = read_account(world.ports, mia, hour).account.available
        assert available == (0 if over else 10)
    assert written is not None
    local = written.astimezone(ZoneInfo(zone))
    assert local.date() == last_day + timedelta(days=1)
    assert 2 <= local.hour <= 5


def test_a_clock_that_steps_back_two_hours_takes_nothing_twice_and_loses_no_hint() -> None:
    world, ledger = fake_world()
    mia = holding(world, "mia", lots(NEW_YEAR))
    run(world, at(date(2027, 1, 1), 3))
    assert newest(world, mia).seq == 3
    back = at(date(2027, 1, 1), 1)
    run(world, back)
    late = holding(world, "late", lots(date(2027, 1, 1)), now=back)
    assert newest(world, mia).seq == 3
    assert newest(world, late).due_on == date(2027, 1, 1)
    # Written at the last day by a clock that was two hours behind, while others saw the next day.
    behind = holding(world, "behind", lots(date(2027, 1, 1)), now=at(date(2027, 1, 1), 23, 59))
    run(world, at(date(2027, 1, 2), 1, 59))
    run(world, at(date(2027, 1, 2), 3))
    assert (newest(world, late).seq, newest(world, behind).seq) == (3, 3)
    assert all(
        entries[n].at <= entries[n + 1].at
        for entries in ledger.accounts.values()
        for n in range(1, len(entries))
    )


# --- a store that fails --------------------------------------------------------------------------


def test_a_lost_reply_writes_no_second_entry() -> None:
    world, ledger = fake_world()
    mia = holding(world, "mia", lots(NEW_YEAR))
    ledger.lose_replies = 1
    run(world, at(date(2027, 1, 1), 5))
    assert newest(world, mia).seq == 3
    assert newest(world, mia).account().expired == (Lot(NEW_YEAR, 10),)


def test_who_is_written_to_at_the_same_time_is_not_told_twice() -> None:
    """Somebody else's entry takes the number: it has told what expired already."""
    world, ledger = fake_world()
    mia = holding(world, "mia", lots(NEW_YEAR, None))
    now = at(date(2027, 1, 1), 5)
    watched = Watched(ledger, meanwhile=lambda: expire_account(world.ports, mia, now))
    racing = replace(world.ports, ledger=cast(Any, watched))
    assert expire_account(racing, mia, now) == 0
    assert [entry.kind for entry in ledger.accounts[mia].values()].count(EntryKind.EXPIRE) == 1


def test_a_store_that_is_busy_for_an_account_leaves_it_for_the_next_run() -> None:
    world, ledger = fake_world()
    holding(world, "mia", lots(NEW_YEAR))
    holding(world, "ben", lots(NEW_YEAR))
    ledger.refuse_writes = 10_000
    assert run(world, at(date(2027, 1, 1), 5)).left == 2
    ledger.refuse_writes = 0
    walked = run(world, at(date(2027, 1, 1), 6))
    assert (walked.counts["accounts"], walked.left) == (2, 0)
