"""The hourly worker that reminds of service, over the real application's tables."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.wiring import Services
from chalicelib.workers import erase
from chalicelib.workers import remind as worker
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.api.leaving import Context, everything, message

SCHEDULE = json.loads((Path(__file__).parents[2] / "events/schedule.json").read_text())


def hour() -> Any:
    """The schedule fires."""
    return worker.handle(SCHEDULE, None)


def register(club: Club, member: dict[str, Any], product: str) -> dict[str, Any]:
    """The member registers something that is due every six months."""
    body = {
        "kind": "warranty",
        "product": product,
        "purchased_on": "2026-11-22",
        "months": 24,
        "service_every_months": 6,
    }
    path = f"/v1/members/{member['member_id']}/interactions"
    headers = {"Idempotency-Key": token_hex(8)}
    told = club.client.post(path, body, bearer=club.own(member["member_id"]), headers=headers)
    assert told.status == 201
    answer: dict[str, Any] = told.json()
    return answer


def reminded(club: Club, member: dict[str, Any]) -> list[str]:
    """The reminders that a member got, oldest first."""
    return [text for text in club.letters(member["email"]) if "due for service" in text]


def test_members_are_reminded_when_their_day_has_come_and_once(club: Club, clock: Clock) -> None:
    mia, product = club.member(), f"Kronos {token_hex(4)}"
    told = register(club, mia, product)
    clock.now = datetime(2027, 5, 21, 9, tzinfo=UTC)
    hour()
    assert reminded(club, mia) == []
    clock.forward(days=1)
    first, again = hour(), hour()
    assert first["letters"] >= 1
    assert again["letters"] == 0
    [letter] = reminded(club, mia)
    assert f"Your {product} is due for service on 22 May 2027." in letter
    path = f"/v1/members/me/interactions/{told['interaction_id']}"
    seen = club.client.get(path, bearer=club.own(mia["member_id"])).json()
    assert (seen["remind_on"], seen["reminded"]) == ("2027-11-22", ["2027-05-22"])


def test_two_runs_at_once_send_one_letter_each(club: Club, clock: Clock) -> None:
    members = [club.member() for _ in range(4)]
    for member in members:
        register(club, member, "Kronos")
    clock.now = datetime(2027, 5, 22, 9, tzinfo=UTC)
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(hour) for _ in range(3)]
    assert sum(run.result()["letters"] for run in runs) >= 4
    assert [len(reminded(club, member)) for member in members] == [1, 1, 1, 1]


def test_who_cannot_be_written_to_now_is_left_for_the_next_run(club: Club, clock: Clock) -> None:
    mia = club.member()
    path = "/v1/members/me/preferences"
    kept = club.client.get(path, bearer=club.own(mia["member_id"]))
    wish = kept.json() | {"channels": ["mail"], "quiet_hours": {"from": "20:00", "until": "08:00"}}
    headers = {"If-Match": kept.headers["etag"]}
    put = club.client.put(path, wish, bearer=club.own(mia["member_id"]), headers=headers)
    assert put.status == 200
    register(club, mia, "Kronos")
    clock.now = datetime(2027, 5, 22, 2, tzinfo=UTC)
    assert hour()["left"] >= 1
    assert reminded(club, mia) == []
    clock.now = datetime(2027, 5, 22, 8, tzinfo=UTC)
    hour()
    assert len(reminded(club, mia)) == 1


def test_a_failing_member_is_logged_and_in_no_others_way(
    club: Club, clock: Clock, services: Services, capsys: Any
) -> None:
    mia, tom = club.member(), club.member()
    for member in (mia, tom):
        register(club, member, "Kronos")
    clock.now = datetime(2027, 5, 22, 9, tzinfo=UTC)
    club.mailbox.refuse = 1
    wiring.install(services)
    hour()
    assert '"worker":"remind"' in capsys.readouterr().out.replace(" ", "")
    assert len(reminded(club, mia)) + len(reminded(club, tom)) >= 1
    hour()
    assert [len(reminded(club, member)) for member in (mia, tom)] == [1, 1]


def test_of_an_erased_member_no_hint_and_no_word_is_left(
    club: Club, clock: Clock, connection: Connection
) -> None:
    mia = club.member()
    told = register(club, mia, "Kronos")
    path, bearer = "/v1/members/me", club.own(mia["member_id"])
    asked = club.client.delete(path, bearer=bearer)
    assert asked.status == 202, asked.body
    clock.forward(days=15)  # it has not changed its mind
    erase.handle(message(asked.json()["erasure_id"]), Context())
    assert [item for item in everything(connection) if told["interaction_id"] in str(item)] == []
    clock.now = datetime(2027, 5, 22, 9, tzinfo=UTC)
    hour()
    assert reminded(club, mia) == []
    gone = club.client.get("/v1/members/me/interactions", bearer=club.own(mia["member_id"]))
    assert (gone.status, gone.code) == (410, "member_erased")
