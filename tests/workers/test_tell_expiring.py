"""The hourly worker that tells members what expires, over the real application's tables."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chalicelib import wiring
from chalicelib.domain.account import Lot
from chalicelib.usecases.ports import Event
from chalicelib.wiring import Services
from chalicelib.workers import tell_expiring as worker
from tests.api.client import Client
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.workers.last_days import HOUR, LAST, LastDays, in_berlin, last_days

SCHEMA = json.loads((Path(__file__).parents[2] / "events/schemas/points_expiring.json").read_text())
LETTER_OF = "Points at Coffee club expire soon"


@dataclass(slots=True)
class Bus:
    taken: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> list[int]:
        self.taken += events
        return []


@pytest.fixture
def bus() -> Iterator[Bus]:
    kept = Bus()
    wiring.publish_to(kept)
    yield kept
    wiring.publish_to(None)


@dataclass(slots=True)
class Told:
    """A club whose points expire, and who hears of it."""

    ledger: LastDays
    club: Club
    bus: Bus
    clock: Clock

    def member(self, *lots: Lot, **fields: Any) -> dict[str, Any]:
        """Somebody with a proved address, who has these lots."""
        member = self.club.member(**fields)
        self.ledger.hold(member["member_id"], *lots)
        return member

    def hour(self, days_left: int, hour: int = 9) -> dict[str, int | bool]:
        """The worker runs so long before LAST."""
        self.clock.now = in_berlin(LAST - timedelta(days=days_left), hour)
        answer: dict[str, int | bool] = worker.handle(HOUR, None)
        return answer

    def letters(self, member: dict[str, Any]) -> list[str]:
        """The rows of each letter about points that a member got."""
        return [
            next(row for row in message.text.splitlines() if row.startswith("- "))
            for message in self.club.mailbox.sent
            if message.to == member["email"] and message.subject == LETTER_OF
        ]


@pytest.fixture
def told(
    services: Services,
    client: Client,
    clock: Clock,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
    bus: Bus,
) -> Iterator[Told]:
    purposes = {"purposes": CLUB.purposes, "attributes": CLUB.attributes}
    with last_days(services, client, key_for, token_for, **purposes) as ledger:
        till = ledger.shop.till
        club = Club(client, ledger.services, mailbox, captcha, till, token_for)
        yield Told(ledger, club, bus, clock)


def test_a_member_is_told_by_an_event_and_a_mail_30_and_7_days_before(told: Told) -> None:
    mia = told.member(Lot(LAST, 1_250))
    answers = [told.hour(days) for days in (31, 30, 29, 8, 7, 6, 0)]
    assert answers[1] == {"done": True, "events": 1, "letters": 1, "left": 0}
    assert told.letters(mia) == [
        "- 1,250 points: the last day is 31 December 2026 (in 30 days)",
        "- 1,250 points: the last day is 31 December 2026 (in 7 days)",
    ]
    assert [event.type for event in told.bus.taken] == ["stampbook.points.expiring"] * 2
    assert [event.data["notice_days"] for event in told.bus.taken] == [30, 7]
    for event in told.bus.taken:
        jsonschema.validate(event.data, SCHEMA, format_checker=jsonschema.FormatChecker())
        assert (event.subject, event.source) == (mia["member_id"], "/stampbook/notices")


def test_an_event_says_nothing_of_who_somebody_is(told: Told) -> None:
    mia = told.member(Lot(LAST, 5), name={"given": "Mia", "family": "Winter"})
    told.hour(20)
    assert not any(word in repr(told.bus.taken) for word in (mia["email"], "Winter", "Mia"))


def test_what_a_member_sets_over_the_api_is_kept_to(told: Told) -> None:
    silent, quiet = told.member(Lot(LAST, 5)), told.member(Lot(LAST, 5))
    path = "/v1/members/me/preferences"
    night = {"from": "21:00", "until": "10:00"}
    for member, wishes in (
        (silent, {"channels": []}),
        (quiet, {"channels": ["mail"], "quiet_hours": night, "language": "de"}),
    ):
        own = told.club.own(member["member_id"])
        put = told.club.client.put(path, wishes, bearer=own, headers={"If-Match": '"0"'})
        assert put.status == 200
    assert told.hour(30, hour=1)["left"] == 1
    assert told.hour(30, hour=9)["letters"] == 0
    assert told.hour(30, hour=10)["letters"] == 1
    assert told.letters(silent) == []
    (letter,) = [m for m in told.club.mailbox.sent if "verfallen" in m.subject]
    assert letter.to == quiet["email"]
    assert len({event.id for event in told.bus.taken}) == len(told.bus.taken) == 2


def test_many_are_told_once_though_two_run_at_once(told: Told) -> None:
    members = [told.member(Lot(LAST, 10 + n)) for n in range(12)]
    accounts = [told.ledger.account(Lot(LAST, 1)) for _ in range(24)]
    told.clock.now = in_berlin(LAST - timedelta(days=30), 9)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: worker.handle(HOUR, None), range(2)))
    answer = told.hour(30, hour=10)
    assert (answer["done"], answer["left"]) == (True, 0)
    assert [len(told.letters(member)) for member in members] == [1] * len(members)
    assert len({event.id for event in told.bus.taken}) == len(members) + len(accounts)


def test_a_day_that_is_done_sends_nobody_a_second_letter_after_the_clock_steps_back(
    told: Told,
) -> None:
    mia = told.member(Lot(LAST, 10))
    told.hour(30, hour=1)
    told.hour(31, hour=23)
    told.hour(30, hour=1)
    told.hour(29)
    assert len(told.letters(mia)) == 1
