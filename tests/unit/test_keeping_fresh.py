"""Members are asked, warned and removed: once each, whatever fails in between."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.account import Account, AccountStatus, Lifetime, Lot
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.freshness import Freshness, FreshnessChange
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.preferences import PreferencesDraft, QuietHoursDraft
from chalicelib.domain.retention import Retention
from chalicelib.usecases.confirm_details import confirm_details
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.keep_fresh import EVERY, FreshRun, keep_fresh, last_runs
from chalicelib.usecases.plan_retention import continue_retention_plan, plan_retention
from chalicelib.usecases.ports import Event, Hold, PeopleWrite, StoreUnavailable, Write
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.request_erasure import request_erasure
from chalicelib.usecases.resend_code import resend_code
from chalicelib.usecases.set_preferences import set_preferences
from tests.fakes.erasures import FakeErasures
from tests.fakes.people import FakePeople
from tests.fakes.programs import FakePrograms
from tests.ledger_world import NOW
from tests.mortal import Killed, Life, mortal
from tests.people_world import CLUB, PeopleWorld, fake_people_world, token

DAY = timedelta(days=1)
TOUCHED = ("roll", "books", "people", "ledger", "messages", "erasures", "audit", "allowances")
"""Ports whose calls a run may be killed at."""

RULES = Retention(inactive_months=36, warn_days=30, unverified_days=30)
YEARS = (datetime(2027, 3, 14, 12, tzinfo=UTC), datetime(2029, 3, 14, 12, tzinfo=UTC))
PHONE = "+4915112345678"
ASKED, WARNED = "Do your details at", "Your membership of"


@dataclass(slots=True)
class Bus:
    taken: list[Event] = field(default_factory=list)
    refuse: int = 0

    def publish(self, events: Sequence[Event]) -> list[int]:
        if self.refuse:
            self.refuse -= 1
            return list(range(len(events)))
        self.taken += events
        return []


class Erasing:
    """Keeps which erasures were to begin at once."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def erase(self, erasure_id: str) -> None:
        self.told.append(erasure_id)


@dataclass(slots=True)
class Keeping:
    """A world with members whom nobody hears of."""

    world: PeopleWorld
    people: FakePeople
    bus: Bus
    errors: list[Exception] = field(default_factory=list)

    def run(self, now: datetime, *, steps: int = 1_000) -> FreshRun:
        """A run of at most so many pages, after those before it."""
        left = iter(range(steps))
        run = Run(lambda: next(left, None) is not None, self.errors.append)
        done = keep_fresh(self.world.ports, self.bus, now, run)
        assert done is not None
        return done

    def until(self, last: datetime) -> None:
        """All runs from joining to an instant."""
        now = NOW
        while now <= last:
            self.run(now)
            now += EVERY

    def letters(self, label: str, beginning: str) -> list[str]:
        """The texts of the letters to a member whose subject begins so."""
        to = self.world.email(label)
        sent = self.world.mailbox.sent
        return [m.text for m in sent if m.to == to and m.subject.startswith(beginning)]

    def removed(self, *members: str) -> list[bool]:
        """Whether the erasure of each was asked for."""
        erasures = self.world.ports.erasures
        return [(erasures.newest(member_id)) is not None for member_id in members]

    def has(self, member_id: str, now: datetime, **fields: Any) -> None:
        """The account of a member is as it would be after an operation."""
        ledger = self.world.ports.ledger
        head = ledger.head(member_id)
        assert head is not None
        after: Account = replace(head.entry.account(), **fields)
        cause = f"t:{head.entry.seq}"
        entry = next_entry(head.entry, after, kind=EntryKind.EARN, cause=cause, now=now)
        ledger.commit(Write((), (entry,)))

    def wish(self, member_id: str, **wishes: Any) -> None:
        """A member sets its preferences as soon as it has joined."""
        set_preferences(self.world.ports, member_id, PreferencesDraft(**wishes), "0", NOW)

    def bounce(self, member_id: str, channel: Channel, at: datetime) -> None:
        """A letter comes back."""
        reach = reach_change(reach_of(self.world.ports, member_id), bouncing=channel)
        fresh = FreshnessChange(bounced={channel: at})
        write = PeopleWrite(member_id, reach=reach, freshness=fresh)
        assert self.people.save(write) == "saved"


@pytest.fixture
def keeping() -> Keeping:
    return a_world()


def a_world(rules: Retention = RULES) -> Keeping:
    world, people = fake_people_world()
    ports = world.ports
    ledger: Any = ports.ledger
    world.ports = replace(
        ports,
        programs=FakePrograms(replace(CLUB, retention=rules)),
        erasures=FakeErasures(people, ledger),
        erase_queue=Erasing(),
    )
    return Keeping(world, people, Bus())


def test_a_member_is_asked_once_a_year_and_not_again_before_the_next(keeping: Keeping) -> None:
    keeping.world.member("mia")
    keeping.until(YEARS[0] - DAY)
    assert keeping.letters("mia", ASKED) == []
    keeping.until(YEARS[0] + 300 * DAY)
    assert len(keeping.letters("mia", ASKED)) == 1
    keeping.until(datetime(2028, 4, 1, tzinfo=UTC))
    assert len(keeping.letters("mia", ASKED)) == 2
    assert keeping.errors == []


def test_who_confirms_is_asked_a_year_after_that(keeping: Keeping) -> None:
    mia = keeping.world.member("mia")
    keeping.until(YEARS[0] - 30 * DAY)
    confirm_details(keeping.world.ports, mia, YEARS[0] - 20 * DAY)
    keeping.until(YEARS[0] + 300 * DAY)
    assert keeping.letters("mia", ASKED) == []
    keeping.until(YEARS[0] + 360 * DAY)
    assert len(keeping.letters("mia", ASKED)) == 1


def test_letters_are_in_the_members_language_and_end_with_a_way_out(keeping: Keeping) -> None:
    keeping.wish(keeping.world.member("mia"), channels=["mail"], language="de-AT")
    keeping.run(YEARS[0])
    (letter,) = [m for m in keeping.world.mailbox.sent if m.subject.startswith("Stimmen Ihre")]
    assert "List-Unsubscribe" in letter.headers


def test_quiet_hours_and_wishes_are_kept_to_when_a_member_is_asked(keeping: Keeping) -> None:
    silent, quiet = keeping.world.member("silent"), keeping.world.member("quiet")
    keeping.wish(silent, channels=[])
    keeping.wish(
        quiet, channels=["mail"], quiet_hours=QuietHoursDraft(start="11:00", until="14:00")
    )
    keeping.run(YEARS[0])
    assert keeping.letters("quiet", ASKED) == []
    keeping.run(YEARS[0] + EVERY)
    assert len(keeping.letters("quiet", ASKED)) == 1
    assert keeping.letters("silent", ASKED) == []
    assert keeping.people.roll.fresh(silent).asked_at is not None  # not looked at every day


def test_who_is_inactive_is_warned_by_letter_and_event_and_then_removed(keeping: Keeping) -> None:
    mia = keeping.world.member("mia")
    keeping.has(mia, NOW, lots=(Lot(None, 1_250),))
    warned_on = YEARS[1] - 28 * DAY
    keeping.run(warned_on - 3 * DAY)
    assert keeping.letters("mia", WARNED) == []
    keeping.run(warned_on)
    (letter,) = keeping.letters("mia", WARNED)
    assert "After 16 March 2029" in letter
    assert "You will then lose 1,250 points." in letter
    (event,) = keeping.bus.taken
    assert event.type == "stampbook.member.removal_warned"
    assert event.data == {"member_id": mia, "removed_after": "2029-03-16"}
    keeping.run(YEARS[1] + DAY)
    assert keeping.removed(mia) == [False]
    assert keeping.run(YEARS[1] + 3 * DAY).done["removed"] == 1
    assert keeping.removed(mia) == [True]
    newest = keeping.world.ports.erasures.newest(mia)
    assert newest is not None
    assert newest.by == "retention"
    assert keeping.run(YEARS[1] + 9 * DAY).done["removed"] == 0
    assert len(keeping.letters("mia", WARNED)) == 1


def _confirms(keeping: Keeping, member_id: str, now: datetime) -> None:
    confirm_details(keeping.world.ports, member_id, now)


def _buys(keeping: Keeping, member_id: str, now: datetime) -> None:
    keeping.has(member_id, now, active_on=now.date(), lifetime=Lifetime(purchases=1))


@pytest.mark.parametrize("lives", [_confirms, _buys])
def test_a_warned_member_who_is_heard_of_stays(
    keeping: Keeping, lives: Callable[[Keeping, str, datetime], None]
) -> None:
    mia = keeping.world.member("mia")
    keeping.run(YEARS[1] - 28 * DAY)
    assert len(keeping.letters("mia", WARNED)) == 1
    lives(keeping, mia, YEARS[1])
    for days in (3, 30, 300, 1_000):
        keeping.run(YEARS[1] + days * DAY)
    assert keeping.removed(mia) == [False]
    assert len(keeping.letters("mia", WARNED)) == 1


@pytest.mark.parametrize("lives", [_confirms, _buys])
def test_who_is_heard_of_before_its_removal_begins_stays(
    keeping: Keeping, lives: Callable[[Keeping, str, datetime], None]
) -> None:
    mia = keeping.world.member("mia")
    for now in (YEARS[1] - 30 * DAY, YEARS[1] + 3 * DAY, YEARS[1] + 5 * DAY):
        keeping.run(now)
    newest = keeping.world.ports.erasures.newest(mia)
    assert newest is not None
    assert newest.is_open
    assert not plan_retention(keeping.world.ports, YEARS[1] + 6 * DAY).days  # it is on its way
    lives(keeping, mia, YEARS[1] + 6 * DAY)
    assert keeping.run(YEARS[1] + 7 * DAY).done["kept"] == 1
    newest = keeping.world.ports.erasures.newest(mia)
    assert newest is not None
    assert not newest.is_open
    for days in (9, 400):
        assert keeping.run(YEARS[1] + days * DAY).done["removed"] == 0


def test_an_erasure_that_the_member_asked_for_is_nobody_elses_to_call_off(
    keeping: Keeping,
) -> None:
    mia = keeping.world.member("mia")
    request_erasure(keeping.world.ports, token("s", mia), mia, NOW)
    confirm_details(keeping.world.ports, mia, NOW + DAY)
    for days in (2, 400):
        assert keeping.run(NOW + days * DAY).done["kept"] == 0
    newest = keeping.world.ports.erasures.newest(mia)
    assert newest is not None
    assert newest.is_open
    assert keeping.letters("mia", ASKED) == []


def test_a_removal_is_told_whatever_a_member_wants_to_hear_but_not_in_its_quiet_hours(
    keeping: Keeping,
) -> None:
    mia = keeping.world.member("mia")
    quiet = QuietHoursDraft(start="11:00", until="14:00")
    keeping.wish(mia, channels=[], max_messages_per_week=0, quiet_hours=quiet)
    keeping.run(YEARS[1] - 20 * DAY)
    assert (keeping.letters("mia", WARNED), keeping.bus.taken) == ([], [])
    keeping.run(YEARS[1] - 20 * DAY + EVERY)
    (letter,) = keeping.letters("mia", WARNED)
    assert "After 25 March 2029" in letter


def test_who_proved_nothing_and_bought_nothing_is_removed_without_a_letter(
    keeping: Keeping,
) -> None:
    nobody, buyer = (keeping.world.enrol(one).answer.member_id for one in ("nobody", "buyer"))
    proved = keeping.world.member("proved")
    _buys(keeping, buyer, NOW)
    letters = len(keeping.world.mailbox.sent)
    keeping.run(NOW + 29 * DAY)
    assert keeping.removed(nobody) == [False]
    keeping.run(NOW + 31 * DAY)
    assert keeping.removed(nobody, buyer, proved) == [True, False, False]
    assert len(keeping.world.mailbox.sent) == letters


def test_nobody_is_touched_who_is_held_restricted_merged_or_going_already(
    keeping: Keeping,
) -> None:
    members = [keeping.world.member(label) for label in ("held", "frozen", "merged", "other")]
    held, frozen, merged, other = members
    keeping.world.ports.erasures.put_hold(Hold(held, NOW, "staff:1", "court"))
    keeping.people.roll.spared.add(held)
    keeping.has(frozen, NOW, status=AccountStatus.FROZEN)
    keeping.has(other, NOW, active_on=YEARS[1].date(), lifetime=Lifetime(purchases=1), sharers=1)
    keeping.has(merged, NOW, moved_to=other)
    for days in (0, 40):
        keeping.run(YEARS[1] + days * DAY)
    assert keeping.removed(*members) == [False] * 4
    assert [m for m in keeping.world.mailbox.sent if m.subject.startswith(WARNED)] == []
    assert keeping.errors == []


def test_who_shares_a_households_account_is_heard_of_by_it(keeping: Keeping) -> None:
    owner, sharer = keeping.world.member("owner"), keeping.world.member("sharer")
    recently = YEARS[1].date()
    keeping.has(owner, NOW, active_on=recently, sharers=1, household=(sharer,))
    keeping.has(sharer, NOW, moved_to=owner)
    for days in (0, 40):
        keeping.run(YEARS[1] + days * DAY)
    assert keeping.removed(owner, sharer) == [False, False]
    assert keeping.letters("sharer", WARNED) == []


def test_a_member_is_told_on_its_other_channel_that_mails_come_back_and_gets_no_more_of_them(
    keeping: Keeping,
) -> None:
    mia = keeping.world.enrol("mia", phone=PHONE).answer.member_id
    for channel, to in ((Channel.EMAIL, keeping.world.email("mia")), (Channel.PHONE, PHONE)):
        prove(keeping, mia, channel, to)
    keeping.bounce(mia, Channel.EMAIL, NOW + DAY)
    keeping.world.mailbox.sent.clear()
    for days in (2, 3, 200):
        keeping.run(NOW + days * DAY)
    (text,) = keeping.world.mailbox.sent
    assert (text.to, text.channel) == (PHONE, "sms")
    assert "e-mail address" in text.text
    keeping.run(NOW + 400 * DAY)
    assert {message.channel for message in keeping.world.mailbox.sent} == {"sms"}


def prove(keeping: Keeping, member_id: str, channel: Channel, to: str) -> None:
    """A code goes to an address and comes back."""
    ref = SubjectRef(member_id=member_id)
    resend_code(keeping.world.ports, ref, channel, "192.0.2.7", NOW)
    keeping.world.verify(ref, keeping.world.code(to), channel=channel)


def test_where_nothing_arrives_nobody_is_written_to_and_the_event_alone_warns(
    keeping: Keeping,
) -> None:
    mia = keeping.world.member("mia")
    keeping.bounce(mia, Channel.EMAIL, NOW + DAY)
    keeping.world.mailbox.sent.clear()
    for days in (1, 400):
        keeping.run(NOW + days * DAY)
    keeping.run(YEARS[1])
    keeping.run(YEARS[1] + 31 * DAY)
    assert keeping.world.mailbox.sent == []
    assert len(keeping.bus.taken) == 1
    assert keeping.removed(mia) == [True]


def test_a_proved_address_is_written_to_again(keeping: Keeping) -> None:
    mia = keeping.world.member("mia")
    keeping.bounce(mia, Channel.EMAIL, NOW - DAY)
    prove(keeping, mia, Channel.EMAIL, keeping.world.email("mia"))
    keeping.run(YEARS[0] + DAY)
    assert len(keeping.letters("mia", ASKED)) == 1


# --- whatever fails ------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", ["lose_replies", "refuse_writes"])
def test_no_letter_comes_twice_or_not_at_all_though_the_store_fails(
    keeping: Keeping, fails: str
) -> None:
    keeping.world.member("mia")
    setattr(keeping.people.roll, fails, 2)
    keeping.run(YEARS[0])
    keeping.run(YEARS[0] + EVERY)
    assert len(keeping.letters("mia", ASKED)) == 1


def test_a_letter_that_was_not_taken_is_sent_another_time_and_one_in_doubt_is_not(
    keeping: Keeping,
) -> None:
    keeping.world.member("mia")
    keeping.world.mailbox.refuse = 1
    assert keeping.run(YEARS[1] - 20 * DAY).failed == 1
    assert keeping.letters("mia", WARNED) == []
    keeping.world.mailbox.lose_replies = 1
    for times in (1, 2, 3):
        keeping.run(YEARS[1] - 20 * DAY + times * EVERY)
    assert len(keeping.letters("mia", WARNED)) == 1
    assert len({event.id for event in keeping.bus.taken}) <= 2


def test_who_was_not_told_by_the_bus_is_not_warned_yet(keeping: Keeping) -> None:
    mia = keeping.world.member("mia")
    keeping.bus.refuse = 1
    assert keeping.run(YEARS[1]).failed == 1
    assert keeping.people.roll.fresh(mia).warned_at is None
    keeping.run(YEARS[1] + EVERY)
    assert len(keeping.letters("mia", WARNED)) == 1


def test_a_run_that_was_stopped_is_gone_on_with_and_counts_nobody_twice(keeping: Keeping) -> None:
    labels = [f"m{n}" for n in range(7)]
    for label in labels:
        keeping.world.member(label)
    first = keeping.run(YEARS[0], steps=2)
    assert (first.complete, first.looked_at, first.done["asked"]) == (False, 4, 4)
    second = keeping.run(YEARS[0] + timedelta(hours=1))
    assert (second.complete, second.looked_at, second.done["asked"]) == (True, 7, 7)
    assert keeping.run(YEARS[0] + timedelta(hours=2)) == second
    assert [len(keeping.letters(label, ASKED)) for label in labels] == [1] * 7


def test_a_clock_that_steps_back_asks_nobody_again(keeping: Keeping) -> None:
    keeping.world.member("mia")
    for hours in (0, -40, 1, -1, 19, -19):
        keeping.run(YEARS[0] + timedelta(hours=hours + 48))
    assert len(keeping.letters("mia", ASKED)) == 1


@pytest.mark.parametrize("after", [False, True])
def test_however_often_it_is_killed_nobody_gets_a_letter_twice_and_all_are_removed_in_the_end(
    keeping: Keeping, after: bool
) -> None:
    labels, whole = ["a", "b", "c"], keeping.world.ports
    members = [keeping.world.member(label) for label in labels]
    for day in (YEARS[0], YEARS[1] - 25 * DAY, YEARS[1] + 10 * DAY):
        for calls in range(1, 60):
            life = Life(calls, after=after)
            keeping.world.ports = mortal(whole, life, TOUCHED)
            with suppress(Killed):
                keeping.run(day)
        keeping.world.ports = whole
        for turns in range(3):
            keeping.run(day + turns * EVERY)
    for beginning in (ASKED, WARNED):
        assert max(len(keeping.letters(label, beginning)) for label in labels) <= 1
    assert keeping.removed(*members) == [True, True, True]
    assert len({event.id for event in keeping.bus.taken}) == len(members)


class Overtaken:
    """The roll of somebody whom another run overtakes right before its first write."""

    def __init__(self, roll: Any, other: Callable[[], object]) -> None:
        self._roll = roll
        self._other: Callable[[], object] | None = other

    def keep(self, fresh: Freshness) -> bool:
        other, self._other = self._other, None
        if other is not None:
            other()
        kept: bool = self._roll.keep(fresh)
        return kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._roll, name)


@pytest.mark.parametrize(("day", "beginning"), [(YEARS[0], ASKED), (YEARS[1] - 25 * DAY, WARNED)])
def test_who_is_overtaken_right_before_it_writes_sends_nothing(
    keeping: Keeping, day: datetime, beginning: str
) -> None:
    keeping.world.member("mia")
    whole = keeping.world.ports

    def other() -> None:
        keeping.world.ports = whole
        keeping.run(day)

    keeping.world.ports = replace(whole, roll=Overtaken(whole.roll, other))
    keeping.run(day)
    assert len(keeping.letters("mia", beginning)) == 1


def test_two_runs_at_once_tell_nobody_twice(keeping: Keeping) -> None:
    labels = [f"m{n}" for n in range(12)]
    members = [keeping.world.member(label) for label in labels]
    for day in (YEARS[0], YEARS[1] - 25 * DAY, YEARS[1] + 10 * DAY):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(keeping.run, [day] * 4))
        keeping.run(day + EVERY)
    assert [len(keeping.letters(label, ASKED)) for label in labels] == [1] * 12
    assert [len(keeping.letters(label, WARNED)) for label in labels] == [1] * 12
    assert keeping.removed(*members) == [True] * 12
    assert keeping.errors == []


def test_one_member_who_cannot_be_looked_at_is_in_nobodys_way(keeping: Keeping) -> None:
    labels = [f"m{n}" for n in range(4)]
    members = [keeping.world.member(label) for label in labels]
    broken = sorted(members)[1]
    keeping.has(broken, NOW, moved_to="mem_nobody")
    done = keeping.run(YEARS[0])
    assert (done.failed, done.done["asked"], len(keeping.errors)) == (1, 3, 1)


def test_a_page_comes_again_after_an_outage(keeping: Keeping) -> None:
    rows = 30
    labels = [f"m{n}" for n in range(rows)]
    for label in labels:
        keeping.world.member(label)
    keeping.people.roll.page_size = rows
    keeping.bus.refuse = rows
    with pytest.raises(StoreUnavailable):
        keeping.run(YEARS[1])
    assert keeping.run(YEARS[1]).done["warned"] == rows
    assert [len(keeping.letters(label, WARNED)) for label in labels] == [1] * rows


def test_what_the_last_runs_did_is_told_newest_first(keeping: Keeping) -> None:
    keeping.world.member("mia")
    keeping.run(YEARS[0] - EVERY)
    keeping.run(YEARS[0])
    runs = list(last_runs(keeping.world.ports, YEARS[0] + timedelta(minutes=5), 5))
    assert [run.done["asked"] for run in runs] == [1, 0]
    assert [run.begun_at for run in runs] == [YEARS[0], YEARS[0] - EVERY]


# --- the dry run ---------------------------------------------------------------------------------


def test_a_plan_says_what_a_run_does_now_and_on_the_days_to_come(keeping: Keeping) -> None:
    for label in ("a", "b", "c"):
        keeping.world.member(label)
    keeping.world.enrol("nobody")
    plan = plan_retention(keeping.world.ports, NOW + 31 * DAY)
    assert (plan.complete, plan.members, plan.unreadable) == (True, 4, 0)
    assert {str(day): dict(acts) for day, acts in plan.days.items()} == {
        "2026-04-14": {"removed": 1}
    }
    now = YEARS[1] - 40 * DAY
    plan = plan_retention(keeping.world.ports, now)
    assert {str(day): dict(acts) for day, acts in plan.days.items()} == {
        "2029-02-02": {"asked": 3, "removed": 1},
        "2029-02-12": {"warned": 3},
        "2029-03-14": {"removed": 3},
    }
    assert continue_retention_plan(keeping.world.ports, plan.plan_id) == plan
    done = keeping.run(now).done
    assert (done["asked"], done["removed"]) == (3, 1)


def test_a_plan_writes_to_nobody(keeping: Keeping) -> None:
    mia = keeping.world.member("mia")
    letters = len(keeping.world.mailbox.sent)
    plan_retention(keeping.world.ports, YEARS[1] + 40 * DAY)
    assert len(keeping.world.mailbox.sent) == letters
    assert keeping.bus.taken == []
    assert keeping.people.roll.fresh(mia).version == 0
    assert keeping.removed(mia) == [False]


def test_where_the_program_removes_nobody_a_plan_only_asks() -> None:
    keeping = a_world(Retention())
    keeping.world.member("mia")
    keeping.world.enrol("nobody")
    plan = plan_retention(keeping.world.ports, YEARS[1] + 999 * DAY)
    assert [dict(acts) for acts in plan.days.values()] == [{"asked": 1}]
