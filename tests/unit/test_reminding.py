"""Members are reminded of service: each time once, as they wish, while the warranty lasts."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.interactions import InteractionKind, Warranty
from chalicelib.domain.preferences import MessageChannel, PreferencesDraft, QuietHoursDraft
from chalicelib.domain.reminder_letters import service_letter
from chalicelib.domain.warranties import next_service, service_to_tell
from chalicelib.usecases.add_interaction import AddInteraction, add_interaction
from chalicelib.usecases.ports import Message, Outcome, Reminder
from chalicelib.usecases.remind import Reminded, Reminding, remind
from chalicelib.usecases.set_preferences import set_preferences
from tests.at_once import at_once
from tests.fakes.interactions import FakeInteractions
from tests.fakes.ledger import FakeLedger
from tests.fakes.surveys import FakeSurveys
from tests.ledger_world import unhurried
from tests.people_world import PeopleWorld, fake_people_world, token

BERLIN = ZoneInfo("Europe/Berlin")
BOUGHT = date(2026, 3, 14)


def at(day: date, hour: int = 9) -> datetime:
    """An hour of a day in Berlin."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN).astimezone(UTC)


@dataclass(slots=True)
class Reminders:
    """A world whose members have registered machines."""

    world: PeopleWorld
    interactions: FakeInteractions
    errors: list[Exception] = field(default_factory=list)
    steps: int = 1_000

    def member(self, label: str, **person: str) -> str:
        """Somebody active."""
        member_id = self.world.member(label, **person)
        self.world.mailbox.sent.clear()
        return member_id

    def register(self, member_id: str, months: int = 24, every: int | None = 6) -> Warranty:
        """The member registers a machine that it has bought today."""
        said = Warranty("Kronos 3", BOUGHT, months, service_every_months=every)
        command = AddInteraction(member_id, InteractionKind.WARRANTY, said, f"w-{member_id}")
        caller = token(member_id, member_id)
        kept = add_interaction(self.world.ports, caller, command, at(BOUGHT, 12)).answer
        assert isinstance(kept.content, Warranty)
        return kept.content

    def run(self, day: date, hour: int = 9) -> Reminded:
        """The worker runs at an hour of a day."""
        self.steps = 1_000
        return remind(self.world.ports, at(day, hour), Reminding(self._goes_on, self.errors.append))

    def _goes_on(self) -> bool:
        self.steps -= 1
        return self.steps >= 0

    def wish(self, member_id: str, **wishes: object) -> None:
        """The member says how it wants to be written to."""
        version = str(self.world.ports.people.preferences(member_id).version)
        draft = PreferencesDraft(channels=(MessageChannel.MAIL,))
        draft = replace(draft, **wishes)  # type: ignore[arg-type]  # fields of it, by name
        set_preferences(self.world.ports, member_id, draft, version, at(BOUGHT))

    @property
    def letters(self) -> list[Message]:
        """What was sent, oldest first."""
        return self.world.mailbox.sent


@pytest.fixture
def reminders() -> Reminders:
    """A world with members."""
    world, _ = fake_people_world()
    ledger = world.ports.ledger
    assert isinstance(ledger, FakeLedger)
    kept = FakeInteractions(ledger, FakeSurveys())
    world.ports = replace(world.ports, interactions=kept)
    return Reminders(world, kept)


def test_a_member_is_reminded_at_each_interval_once_until_the_warranty_ends(
    reminders: Reminders,
) -> None:
    mia = reminders.member("mia")
    reminders.register(mia, months=18, every=6)
    days = [date(2026, 9, 13), date(2026, 9, 14), date(2026, 9, 15), date(2027, 3, 14)]
    days += [date(2027, 9, 14), date(2028, 3, 14)]
    sent = [reminders.run(day).letters for day in days for _ in range(2)]
    assert sent == [0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0]
    assert [letter.to for letter in reminders.letters] == [reminders.world.email("mia")] * 3
    assert "due for service on 14 September 2026" in reminders.letters[0].text
    assert "List-Unsubscribe" in reminders.letters[0].headers
    assert reminders.errors == []
    [kept] = reminders.interactions.page(mia, None, 10)
    assert isinstance(kept.content, Warranty)
    assert kept.content.reminded == (date(2026, 9, 14), date(2027, 3, 14), date(2027, 9, 14))
    assert kept.content.remind_on is None


def test_who_asked_for_no_service_hears_nothing(reminders: Reminders) -> None:
    mia = reminders.member("mia")
    assert reminders.register(mia, every=None).remind_on is None
    assert reminders.run(date(2028, 3, 14)) == Reminded(0, 0)


def test_after_a_long_pause_the_last_service_is_told_and_no_other(reminders: Reminders) -> None:
    reminders.register(reminders.member("mia"), months=24, every=3)
    assert reminders.run(date(2027, 1, 5)).letters == 1
    assert "14 December 2026" in reminders.letters[0].text
    assert reminders.run(date(2027, 3, 13)).letters == 0
    assert reminders.run(date(2027, 3, 14)).letters == 1


def test_nobody_is_reminded_of_what_the_warranty_no_longer_covers(reminders: Reminders) -> None:
    reminders.register(reminders.member("mia"), months=12, every=6)
    assert reminders.run(date(2027, 3, 15)) == Reminded(0, 0)
    assert reminders.letters == []
    assert list(reminders.interactions.due(date(2030, 1, 1))) == []


def test_a_letter_waits_for_the_end_of_quiet_hours(reminders: Reminders) -> None:
    mia = reminders.member("mia")
    reminders.wish(mia, quiet_hours=QuietHoursDraft("21:00", "08:00"))
    reminders.register(mia)
    day = date(2026, 9, 14)
    assert reminders.run(day, 7) == Reminded(0, 1)
    assert reminders.run(day, 8) == Reminded(1, 0)


def test_who_wants_no_mail_gets_none_and_none_later_for_what_has_passed(
    reminders: Reminders,
) -> None:
    mia = reminders.member("mia")
    reminders.wish(mia, channels=())
    reminders.register(mia)
    assert reminders.run(date(2026, 9, 14)) == Reminded(0, 0)
    reminders.wish(mia)
    assert reminders.run(date(2026, 9, 15)) == Reminded(0, 0)
    assert reminders.run(date(2027, 3, 14)) == Reminded(1, 0)


def test_a_member_who_is_gone_is_not_written_to_and_the_hint_is_dropped(
    reminders: Reminders,
) -> None:
    mia = reminders.member("mia")
    day = reminders.register(mia).remind_on
    assert day is not None
    [hint] = reminders.interactions.due(day)
    reminders.interactions.erase(mia)
    assert reminders.run(day) == Reminded(0, 0)
    assert reminders.letters == []
    assert list(reminders.interactions.due(day)) == []
    assert isinstance(hint, Reminder)


def test_a_hint_of_another_day_is_dropped(reminders: Reminders) -> None:
    mia = reminders.member("mia")
    reminders.register(mia)
    [right] = reminders.interactions.due(date(2026, 9, 14))
    reminders.interactions.hint(replace(right, day=date(2026, 5, 1)))
    assert reminders.run(date(2026, 6, 1)) == Reminded(0, 0)
    assert list(reminders.interactions.due(date(2027, 1, 1))) == [right]


def test_two_runs_at_once_send_one_letter(reminders: Reminders) -> None:
    for number in range(5):
        reminders.register(reminders.member(f"m{number}"))
    ports = reminders.world.ports

    def run() -> Outcome[Reminded]:
        own = replace(ports, patience=unhurried())
        going = Reminding(lambda: True, reminders.errors.append)
        return Outcome(remind(own, at(date(2026, 9, 14)), going))

    done = at_once([run] * 4)
    assert sum(answer.letters for answer in done.answers) == len(reminders.letters) == 5
    assert reminders.errors == []


def test_a_letter_that_was_not_taken_is_sent_by_the_next_run(reminders: Reminders) -> None:
    mia = reminders.member("mia")
    reminders.register(mia)
    reminders.world.mailbox.refuse = 1
    assert reminders.run(date(2026, 9, 14)) == Reminded(0, 1)
    assert [type(error).__name__ for error in reminders.errors] == ["NotTaken"]
    assert reminders.run(date(2026, 9, 14), 10) == Reminded(1, 0)
    [kept] = reminders.interactions.page(mia, None, 10)
    assert isinstance(kept.content, Warranty)
    assert kept.content.reminded == (date(2026, 9, 14),)


def test_a_lost_reply_of_the_store_sends_one_letter(reminders: Reminders) -> None:
    reminders.register(reminders.member("mia"))
    reminders.interactions.lose_replies = 1
    assert reminders.run(date(2026, 9, 14)) == Reminded(1, 0)
    assert reminders.run(date(2026, 9, 14), 10) == Reminded(0, 0)


def test_a_letter_of_which_nobody_knows_whether_it_was_taken_is_not_sent_twice(
    reminders: Reminders,
) -> None:
    reminders.register(reminders.member("mia"))
    reminders.world.mailbox.lose_replies = 1
    reminders.run(date(2026, 9, 14))
    reminders.run(date(2026, 9, 14), 10)
    assert len(reminders.letters) == 1


def test_a_run_that_is_stopped_leaves_the_rest_to_the_next(reminders: Reminders) -> None:
    for number in range(3):
        reminders.register(reminders.member(f"m{number}"))
    going = iter([True, False, False])
    stopped = Reminding(partial(next, going), reminders.errors.append)
    now = at(date(2026, 9, 14))
    assert remind(reminders.world.ports, now, stopped) == Reminded(1, 2)
    assert reminders.run(date(2026, 9, 14)) == Reminded(2, 0)


def test_the_letter_speaks_the_members_language(reminders: Reminders) -> None:
    reminders.register(reminders.member("mia", locale="de-AT"))
    reminders.run(date(2026, 9, 14))
    [letter] = reminders.letters
    assert letter.subject == "Kronos 3: Zeit für die Wartung"
    assert "am 14. September 2026 die Wartung fällig" in letter.text
    assert "gilt bis zum 14. März 2028" in letter.text


def test_a_products_name_stays_on_the_subjects_line() -> None:
    machine = Warranty("Kronos\n3\tBlack", BOUGHT, 24, service_every_months=6)
    letter = service_letter("Club", None, machine, date(2026, 9, 14))
    assert letter.subject == "Kronos 3 Black: time for service"


@pytest.mark.parametrize(
    ("bought", "every", "months", "days"),
    [
        (date(2026, 1, 31), 1, 3, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        (date(2024, 2, 29), 12, 24, ["2025-02-28", "2026-02-28"]),
        (date(2026, 1, 15), 5, 12, ["2026-06-15", "2026-11-15"]),
        (date(2026, 1, 15), 12, 12, ["2027-01-15"]),
    ],
)
def test_service_falls_due_at_its_interval_within_the_warranty(
    bought: date, every: int, months: int, days: list[str]
) -> None:
    machine = Warranty("x", bought, months, service_every_months=every)
    found, day = [], next_service(machine, bought)
    while day is not None:
        found.append(str(day))
        due = replace(machine, remind_on=day)
        assert service_to_tell(due, day) == day
        day = next_service(machine, day)
    assert found == days
