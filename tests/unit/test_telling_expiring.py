"""Members are told of points that expire: once each, as they wish, whatever fails in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.account import AccountStatus, Lot
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.domain.notices import Told
from chalicelib.domain.preferences import PreferencesDraft, QuietHoursDraft
from chalicelib.usecases.due_rounds import Run, Walked
from chalicelib.usecases.expire_points import expire_points
from chalicelib.usecases.ports import Event, Message, Write
from chalicelib.usecases.set_preferences import set_preferences
from chalicelib.usecases.tell_expiring import tell_expiring
from tests.fakes.notices import FakeNotices
from tests.people_world import PeopleWorld, fake_people_world

BERLIN = ZoneInfo("Europe/Berlin")
LAST = date(2026, 12, 31)


@dataclass(slots=True)
class Bus:
    """A bus that keeps what it takes; `down`: it takes nothing."""

    taken: list[Event] = field(default_factory=list)
    down: bool = False

    def publish(self, events: Sequence[Event]) -> list[int]:
        if self.down:
            return list(range(len(events)))
        self.taken += events
        return []


class Allowed:
    """Allowances that are kept to, as the real ones are."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str, int], int] = {}

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        window, past = divmod(int(now.timestamp()), window_seconds)
        used = self.used.get((kind, whose, window), 0)
        if used >= at_most:
            return window_seconds - past
        self.used[kind, whose, window] = used + 1
        return 0


@dataclass(slots=True)
class Telling:
    """A world with members, and what they were told."""

    world: PeopleWorld
    notices: FakeNotices
    bus: Bus
    errors: list[Exception] = field(default_factory=list)

    def member(self, label: str, *lots: Lot, **person: Any) -> str:
        """Somebody active who has these lots."""
        member_id = self.world.member(label, **person)
        self.world.mailbox.sent.clear()
        self.hold(member_id, *lots)
        return member_id

    def hold(self, member_id: str, *lots: Lot) -> None:
        ledger = self.world.ports.ledger
        head = ledger.head(member_id)
        assert head is not None
        account = replace(head.entry.account(), lots=lots)
        cause = f"t:{head.entry.seq}"
        entry = next_entry(
            head.entry, account, kind=EntryKind.ADJUST, cause=cause, now=head.entry.at
        )
        ledger.commit(Write((), (entry,)))

    def wish(self, member_id: str, **wishes: Any) -> None:
        version = str(self.world.ports.people.preferences(member_id).version)
        set_preferences(self.world.ports, member_id, PreferencesDraft(**wishes), version, at(60))

    def run(self, now: datetime) -> Walked:
        run = Run(lambda: True, self.errors.append)
        return tell_expiring(self.world.ports, self.bus, now, run)

    def days(self, *left: int, hour: int = 9) -> None:
        """Run on the days so long before LAST."""
        for days in left:
            self.run(at(days, hour))

    @property
    def letters(self) -> list[Message]:
        return self.world.mailbox.sent

    @property
    def stages(self) -> list[tuple[Any, Any]]:
        """Of the events: stage and days left."""
        return [(event.data["notice_days"], event.data["days_left"]) for event in self.bus.taken]


def at(days_left: int, hour: int = 9, minute: int = 0) -> datetime:
    day = LAST - timedelta(days=days_left)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def telling() -> Telling:
    world, _ = fake_people_world()
    notices = FakeNotices()
    world.ports = replace(world.ports, notices=notices, allowances=Allowed())
    return Telling(world, notices, Bus())


def rows(message: Message) -> list[str]:
    return [row for row in message.text.splitlines() if row.startswith("-")]


# --- in time -------------------------------------------------------------------------------------


def test_a_member_is_told_30_and_7_days_before_and_never_else(telling: Telling) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    telling.days(*range(45, -5, -1))
    assert telling.stages == [(30, 30), (7, 7)]
    assert [rows(letter) for letter in telling.letters] == [
        ["- 120 points: the last day is 31 December 2026 (in 30 days)"],
        ["- 120 points: the last day is 31 December 2026 (in 7 days)"],
    ]
    assert {letter.to for letter in telling.letters} == {telling.world.email("mia")}
    assert telling.bus.taken[0].data == {
        "member_id": mia,
        "points": 120,
        "expires_on": "2026-12-31",
        "days_left": 30,
        "notice_days": 30,
    }
    assert telling.errors == []


def test_it_names_the_points_that_would_expire_as_of_now(telling: Telling) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    telling.days(30)
    telling.hold(mia, Lot(LAST, 45))
    telling.days(7)
    assert [event.data["points"] for event in telling.bus.taken] == [120, 45]


def test_who_has_spent_them_hears_no_more(telling: Telling) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    telling.days(30)
    telling.hold(mia)
    telling.days(*range(29, -1, -1))
    assert telling.stages == [(30, 30)]


def test_who_is_first_seen_with_20_days_left_is_told_then(telling: Telling) -> None:
    telling.member("mia", Lot(LAST, 120))
    telling.days(20, 19, 7)
    assert telling.stages == [(30, 20), (7, 7)]
    assert "(in 20 days)" in telling.letters[0].text


@pytest.mark.parametrize("apart", [1, 3, 10, 23, 29, 30, 31])
def test_nobody_is_missed_whose_last_days_follow_each_other_closely(
    telling: Telling, apart: int
) -> None:
    """The index hints at the first of them alone; the second is told in its own time."""
    later = LAST + timedelta(days=apart)
    telling.member("mia", Lot(LAST, 10), Lot(later, 20))
    for days_left in range(35, -40, -1):
        telling.days(days_left, hour=0)  # before the entry that tells what expired yesterday
        expire_points(telling.world.ports, at(days_left, 4), Run(lambda: True, print))
    told = [
        (event.data["expires_on"], event.data["notice_days"], event.data["days_left"])
        for event in telling.bus.taken
    ]
    assert sorted(told) == [
        ("2026-12-31", 7, 7),
        ("2026-12-31", 30, 30),
        (str(later), 7, 7),
        (str(later), 30, 30),
    ]
    assert len(telling.letters) == len({letter.text for letter in telling.letters}) >= 3


def test_two_last_days_that_are_due_at_once_are_one_letter_and_two_events(
    telling: Telling,
) -> None:
    telling.member("mia", Lot(LAST, 10), Lot(LAST + timedelta(days=2), 20))
    telling.days(20)
    assert len(telling.bus.taken) == 2
    (letter,) = telling.letters
    assert len(rows(letter)) == 2


def test_an_account_without_a_person_gives_events_alone(telling: Telling) -> None:
    telling.world.ports.ledger.commit(
        Write((), (opening_entry("mem_nobody", AccountStatus.ACTIVE, at(300)),))
    )
    telling.hold("mem_nobody", Lot(LAST, 5))
    telling.days(30, 29)
    assert (telling.stages, telling.letters) == ([(30, 30)], [])


# --- as the member wishes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wishes",
    [
        {"channels": ()},
        {"channels": ("sms", "push")},
        {"channels": ("mail",), "max_messages_per_week": 0},
    ],
)
def test_who_wants_no_mail_gets_none_and_is_an_event(
    telling: Telling, wishes: dict[str, Any]
) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    telling.wish(mia, **wishes)
    telling.days(30, 7)
    assert (telling.letters, telling.stages) == ([], [(30, 30), (7, 7)])


def test_who_switches_mail_on_hears_of_the_next_stage(telling: Telling) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    telling.wish(mia)
    telling.days(30)
    telling.wish(mia, channels=("mail",))
    telling.days(29, 7)
    assert [rows(letter)[0][-11:] for letter in telling.letters] == ["(in 7 days)"]


def test_an_address_that_nobody_has_proved_gets_no_letter(telling: Telling) -> None:
    ben = telling.world.enrol("ben").answer.member_id
    telling.world.mailbox.sent.clear()
    telling.hold(ben, Lot(LAST, 120))
    telling.days(30)
    assert (telling.letters, telling.stages) == ([], [(30, 30)])


def test_a_letter_rests_on_the_loyalty_terms_and_on_no_consent_to_marketing(
    telling: Telling,
) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    last = telling.world.ports.people.last_consent(mia)
    assert last is not None
    assert not any(
        said.granted for purpose, said in last.standing.items() if purpose != "loyalty_terms"
    )
    telling.days(30)
    assert len(telling.letters) == 1


def test_a_letter_waits_for_the_end_of_the_quiet_hours_and_the_event_does_not(
    telling: Telling,
) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    quiet = QuietHoursDraft("21:30", "08:15")
    telling.wish(mia, channels=("mail",), quiet_hours=quiet)
    for hour, minute, letters in ((0, 5, 0), (3, 0, 0), (8, 14, 0), (8, 15, 1), (9, 0, 1)):
        telling.run(at(30, hour, minute))
        assert (len(telling.letters), telling.stages) == (letters, [(30, 30)])


def test_quiet_hours_are_those_of_the_programs_zone_on_both_sides_of_a_change_of_clocks(
    telling: Telling,
) -> None:
    """The last Sunday of March: three o'clock comes right after two."""
    mia = telling.member("mia", Lot(date(2027, 4, 27), 120))
    telling.wish(mia, channels=("mail",), quiet_hours=QuietHoursDraft("00:00", "03:00"))
    midnight = datetime(2027, 3, 28, 0, 30, tzinfo=BERLIN)
    assert telling.run(midnight).left == 1
    before = datetime(2027, 3, 28, 1, 59, tzinfo=BERLIN)
    telling.run(before)
    assert telling.letters == []
    telling.run(datetime(2027, 3, 28, 3, 0, tzinfo=BERLIN))
    assert len(telling.letters) == 1


def test_no_more_letters_come_in_a_week_than_a_member_wants(telling: Telling) -> None:
    """The week begins on Thursday, the 24th: what comes on the 25th waits until the 31st."""
    mia = telling.member("mia", Lot(LAST, 10), Lot(date(2027, 1, 24), 20))
    telling.wish(mia, channels=("mail",), max_messages_per_week=1)
    telling.days(7, 6, 5, 4, 3, 2, 1)
    assert telling.stages == [(7, 7), (30, 30)]
    assert [rows(letter) for letter in telling.letters] == [
        ["- 10 points: the last day is 31 December 2026 (in 7 days)"]
    ]
    telling.days(0)
    assert len(telling.bus.taken) == 2
    assert rows(telling.letters[1]) == ["- 20 points: the last day is 24 January 2027 (in 24 days)"]


def test_a_letter_is_in_the_members_language(telling: Telling) -> None:
    mia = telling.member("mia", Lot(LAST, 1_200), locale="de-DE")
    ben = telling.member("ben", Lot(LAST, 1_200), locale="de-DE")
    telling.wish(ben, channels=("mail",), language="en")
    telling.days(30)
    by_member = {letter.to: letter.text for letter in telling.letters}
    assert "1.200 Punkte" in by_member[telling.world.email("mia")]
    assert "1,200 points" in by_member[telling.world.email("ben")]
    assert mia != ben


# --- whatever fails ------------------------------------------------------------------------------


def test_a_bus_that_is_down_loses_no_event_and_doubles_no_letter(telling: Telling) -> None:
    telling.member("mia", Lot(LAST, 120))
    telling.bus.down = True
    assert telling.run(at(30)).left == 1
    telling.bus.down = False
    assert telling.run(at(30, 10)).left == 0
    assert (telling.stages, len(telling.letters)) == ([(30, 30)], 1)


def test_a_letter_that_was_not_taken_is_sent_by_a_later_run(telling: Telling) -> None:
    telling.member("mia", Lot(LAST, 120))
    telling.world.mailbox.refuse = 1
    assert telling.run(at(30)).left == 1
    assert telling.letters == []
    telling.run(at(30, 10))
    telling.run(at(30, 11))
    assert (len(telling.letters), telling.stages) == (1, [(30, 30)])


def test_a_letter_of_which_nothing_is_known_is_never_sent_again(telling: Telling) -> None:
    telling.member("mia", Lot(LAST, 120))
    telling.world.mailbox.lose_replies = 1
    telling.run(at(30))
    telling.days(30, 29, 28)
    assert len(telling.letters) == 1


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_reply_of_the_record_neither_loses_nor_doubles_a_letter(
    telling: Telling, lost: int
) -> None:
    telling.member("mia", Lot(LAST, 120))
    telling.notices.lose_replies = lost
    telling.days(30, 29)
    assert len(telling.letters) == 1


def test_a_record_that_cannot_be_written_sends_no_letter_until_it_can(telling: Telling) -> None:
    telling.member("mia", Lot(LAST, 120))
    telling.notices.refuse_writes = 10_000
    assert telling.run(at(30)).left == 1
    assert telling.letters == []
    telling.notices.refuse_writes = 0
    telling.days(30, 29)
    assert len(telling.letters) == 1
    assert len({event.id for event in telling.bus.taken}) == 1


class Killed(BaseException):
    """The process ends here: nobody catches it."""


def killed_at(telling: Telling, step: int) -> None:
    """A run whose process ends before (even steps) or after (odd ones) one of its acts."""
    seen = [0]
    world, notices, bus = telling.world, telling.notices, telling.bus

    def counted(act: Any) -> Any:
        def call(*arguments: Any) -> Any:
            for moment in ("before", "after"):
                if moment == "after":
                    answer = act(*arguments)
                seen[0] += 1
                if seen[0] > step:
                    raise Killed
            return answer

        return call

    class Acts:
        publish = staticmethod(counted(bus.publish))
        keep = staticmethod(counted(notices.keep))
        told = staticmethod(notices.told)
        send = staticmethod(counted(world.mailbox.send))

    acts: Any = Acts()
    ports = replace(world.ports, notices=acts, messages=acts)
    with pytest.raises(Killed):
        tell_expiring(ports, acts, at(30), Run(lambda: True, print))


@pytest.mark.parametrize("step", range(6))
def test_a_run_killed_at_any_step_doubles_no_letter_and_loses_no_event(
    telling: Telling, step: int
) -> None:
    telling.member("mia", Lot(LAST, 120))
    killed_at(telling, step)
    telling.days(30, 29)
    assert len({event.id for event in telling.bus.taken}) == 1
    # Between the record and the sending lies the one moment in which a letter is lost.
    assert len(telling.letters) == (0 if step in (3, 4) else 1)
    telling.days(7)
    assert len({event.id for event in telling.bus.taken}) == 2
    assert "(in 7 days)" in telling.letters[-1].text


@pytest.mark.parametrize("act", ["publish", "keep", "send"])
def test_two_at_once_tell_once(telling: Telling, act: str) -> None:
    """The second does all of it right before an act of the first."""
    telling.member("mia", Lot(LAST, 120))
    entered = [False]

    def between(name: str, doing: Any) -> Any:
        def call(*arguments: Any) -> Any:
            if name == act and not entered[0]:
                entered[0] = True
                telling.run(at(30, 9, 1))
            return doing(*arguments)

        return call

    class Acts:
        publish = staticmethod(between("publish", telling.bus.publish))
        keep = staticmethod(between("keep", telling.notices.keep))
        told = staticmethod(telling.notices.told)
        send = staticmethod(between("send", telling.world.mailbox.send))

    acts: Any = Acts()
    ports = replace(telling.world.ports, notices=acts, messages=acts)
    tell_expiring(ports, acts, at(30), Run(lambda: True, telling.errors.append))
    telling.days(30, 29)
    assert entered == [True]
    assert len(telling.letters) == 1
    assert len({event.id for event in telling.bus.taken}) == 1
    assert telling.errors == []


def test_what_a_newer_run_recorded_is_never_overwritten(telling: Telling) -> None:
    mia = telling.member("mia", Lot(LAST, 120))
    telling.days(30)
    told = telling.notices.told(mia)
    assert not telling.notices.keep(Told(mia, told.version, {}, {}, "late"))
    assert telling.notices.told(mia) == told
