"""How long members are kept, over HTTP: the program's rules, the dry run, and what runs did."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib.domain.instants import printed
from chalicelib.domain.retention import Retention
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.keep_fresh import EVERY, keep_fresh
from chalicelib.wiring import Services
from tests.api.client import Client
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.workers.last_days import last_days

PLAN = "/v1/privacy/retention/plan"
RUNS = "/v1/privacy/retention/runs"
RULES = Retention(inactive_months=1, warn_days=10, unverified_days=5)


class Silent:
    """A bus that nobody listens to."""

    def publish(self, events: object) -> list[int]:
        del events
        return []


@pytest.fixture
def own(
    services: Services,
    client: Client,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[Club]:
    """A club of its own, which keeps nobody for long."""
    rules = {"purposes": CLUB.purposes, "attributes": CLUB.attributes, "retention": RULES}
    with last_days(services, client, key_for, token_for, **rules) as ledger:
        till = ledger.shop.till
        yield Club(client, ledger.services, mailbox, captcha, till, token_for)


def officer(club: Club) -> str:
    return club.token_for("officer", ["privacy"])


def run(club: Club, clock: Clock) -> None:
    keep_fresh(club.services.ports, Silent(), clock.now, Run(lambda: True, _raise))


def _raise(error: Exception) -> None:
    raise error


def test_a_plan_and_the_runs_say_in_numbers_what_becomes_of_whom(own: Club, clock: Clock) -> None:
    """On 22 November: who joined is warned on 12 December, and removed on 22 December."""
    for _ in range(3):
        own.member()
    own.enrol()
    planned = own.client.post(PLAN, bearer=officer(own))
    assert planned.status == 200
    answer = planned.json()
    assert answer["now"] == {"asked": 0, "warned": 0, "removed": 0}
    assert answer["days"] == [
        {"day": "2026-11-27", "asked": 0, "warned": 0, "removed": 1},
        {"day": "2026-12-12", "asked": 0, "warned": 3, "removed": 0},
        {"day": "2026-12-22", "asked": 0, "warned": 0, "removed": 3},
    ]
    assert (answer["status"], answer["members"], answer["unreadable"]) == ("complete", 4, 0)
    path = f"/v1/privacy/retention/plans/{answer['plan_id']}"
    assert own.client.get(path, bearer=officer(own)).json() == answer

    clock.forward(days=21)
    run(own, clock)
    clock.now += EVERY
    own.client.address = "192.0.2.200"
    newest = own.client.get(RUNS, bearer=officer(own)).json()["items"][0]
    assert newest == {
        "begun_at": printed(clock.now - EVERY),
        "last_at": printed(clock.now - EVERY),
        "status": "complete",
        "looked_at": 4,
        "asked": 0,
        "told": 0,
        "warned": 3,
        "removed": 1,
        "kept": 0,
        "failed": 0,
    }


def test_only_privacy_officers_plan_and_an_unknown_plan_is_not_found(own: Club) -> None:
    for caller in (own.token_for("somebody", ["marketer"]), own.token_for("somebody", ["support"])):
        assert own.client.post(PLAN, bearer=caller).status == 403
        assert own.client.get(RUNS, bearer=caller).status == 403
    path = "/v1/privacy/retention/plans/plan_00000000000000000000000000"
    assert own.client.get(path, bearer=officer(own)).status == 404


def test_a_marketer_says_in_the_program_how_long_members_are_kept(own: Club) -> None:
    staff = own.token_for("marketer", ["marketer"])
    now = own.client.get("/v1/program", bearer=staff)
    document = {
        name: value
        for name, value in now.json().items()
        if name not in ("version", "active_version", "latest_version")
    }
    assert document["retention"] == {
        "inactive_months": 1,
        "warn_days": 10,
        "unverified_days": 5,
        "ask_after_months": 12,
    }
    wrong = document | {"retention": {"inactive_months": 121, "warn_days": 0}}
    headers = {"If-Match": now.headers["etag"]}
    refused = own.client.put("/v1/program", wrong, bearer=staff, headers=headers)
    assert set(refused.pointers) == {"/retention/inactive_months", "/retention/warn_days"}
    shorter = document | {"retention": {"inactive_months": 24, "ask_after_months": None}}
    kept = own.client.put("/v1/program", shorter, bearer=staff, headers=headers)
    assert (kept.status, kept.json()["retention"]) == (
        200,
        {"inactive_months": 24, "warn_days": 30, "unverified_days": None, "ask_after_months": None},
    )
