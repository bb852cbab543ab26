"""The hourly worker that asks, warns and removes members, over the real application's tables."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chalicelib import wiring
from chalicelib.domain.retention import Retention
from chalicelib.usecases.keep_fresh import EVERY
from chalicelib.usecases.ports import Event
from chalicelib.wiring import Services
from chalicelib.workers import keep_fresh as worker
from tests.api.client import Client
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.fakes.programs import FakePrograms
from tests.workers.last_days import HOUR, last_days

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "events/schemas/member_removal_warned.json").read_text()
)
RULES = Retention(inactive_months=14, warn_days=30, unverified_days=30)


@dataclass(slots=True)
class Bus:
    taken: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> list[int]:
        self.taken += events
        return []


@dataclass(slots=True)
class Kept:
    """A club that nobody hears of, and a clock that is moved on."""

    club: Club
    bus: Bus
    clock: Clock

    def after(self, **by: float) -> dict[str, int | bool]:
        """The worker runs so long later."""
        self.clock.forward(**by)
        answer: dict[str, int | bool] = worker.handle(HOUR, None)
        return answer

    def subjects(self, member: dict[str, Any]) -> list[str]:
        """What a member got beside its codes."""
        sent = self.club.mailbox.sent
        return [m.subject for m in sent if m.to == member["email"] and "code" not in m.subject]


@pytest.fixture
def kept(
    services: Services,
    client: Client,
    clock: Clock,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[Kept]:
    rules = {"purposes": CLUB.purposes, "attributes": CLUB.attributes, "retention": RULES}
    bus = Bus()
    wiring.publish_to(bus)
    with last_days(services, client, key_for, token_for, **rules) as ledger:
        till = ledger.shop.till
        club = Club(client, ledger.services, mailbox, captcha, till, token_for)
        yield Kept(club, bus, clock)
    wiring.publish_to(None)


ASKED = "Do your details at Coffee club still hold?"
WARNED = "Your membership of Coffee club ends soon"


def test_asked_after_a_year_then_warned_then_removed_but_for_whom_confirms(kept: Kept) -> None:
    mia, leo = kept.club.member(name={"given": "Mia"}), kept.club.member()
    first = kept.after(days=366)
    assert first == {
        "complete": True,
        "looked_at": 2,
        "failed": 0,
        "asked": 2,
        "told": 0,
        "warned": 0,
        "removed": 0,
        "kept": 0,
    }
    kept.club.client.address = "192.0.2.201"
    confirm = "/v1/members/me/details/confirm"
    own = kept.club.own(leo["member_id"])
    assert kept.club.client.post(confirm, bearer=own).status == 200
    assert kept.after(days=32)["warned"] == 1
    assert kept.after(days=15)["removed"] == 0
    assert kept.after(days=17)["removed"] == 1
    assert kept.after(days=2)["removed"] == 0
    assert (kept.subjects(mia), kept.subjects(leo)) == ([ASKED, WARNED], [ASKED])
    erasures = kept.club.services.ports.erasures
    assert erasures.newest(leo["member_id"]) is None
    asked_for = erasures.newest(mia["member_id"])
    assert asked_for is not None
    assert asked_for.by == "retention"
    (event,) = kept.bus.taken
    jsonschema.validate(event.data, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert event.type == "stampbook.member.removal_warned"
    assert "Mia" not in repr(event)
    recorded = kept.club.recorded(mia["member_id"])
    assert [(r.who, r.action) for r in recorded if "erasure" in r.action] == [
        ("retention", "erasure.requested")
    ]


def test_two_at_once_and_a_clock_that_steps_back_ask_each_once(kept: Kept) -> None:
    members = [kept.club.member() for _ in range(6)]
    kept.clock.forward(days=366)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: worker.handle(HOUR, None), range(2)))
    kept.clock.now -= EVERY
    worker.handle(HOUR, None)
    kept.after(days=1)
    assert [kept.subjects(member) for member in members] == [[ASKED]] * len(members)


def test_before_there_is_a_program_there_is_nothing_to_do(services: Services) -> None:
    nothing = replace(services, ports=replace(services.ports, programs=FakePrograms()))
    wiring.install(nothing)
    wiring.publish_to(Bus())
    assert worker.handle(HOUR, None) == {"complete": True}
    wiring.publish_to(None)
