"""Exports from the request to the open zip: through the application, the queue and the worker."""

import csv
import io
import json
import urllib.request
import zipfile
from collections.abc import Callable
from datetime import timedelta
from secrets import token_hex
from typing import Any

import boto3
import pytest

from chalicelib.domain.exports import KEPT_FOR, MADE_WITHIN
from chalicelib.storage import keys
from chalicelib.storage.tables import KeysItem
from chalicelib.workers import export
from chalicelib.workers.failures import WorkerFailed
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.conftest import Clock


class Desk:
    """A club, and the queue of its exports."""

    def __init__(self, club: Club, officer: str) -> None:
        self.club = club
        self.officer = officer
        self.queue = club.services.settings.export_queue

    def ask(self, member_id: str, key: str | None = None, bearer: str | None = None) -> Reply:
        """Ask for an export; as the member unless told otherwise."""
        path = "/v1/members/me/export" if bearer is None else f"/v1/members/{member_id}/export"
        return self.club.client.post(
            path,
            bearer=bearer or self.club.own(member_id),
            headers={"Idempotency-Key": key or token_hex(8)},
        )

    def see(self, member_id: str, export_id: str, bearer: str | None = None) -> Reply:
        """How far it is."""
        whose = "me" if bearer is None else member_id
        path = f"/v1/members/{whose}/export/{export_id}"
        return self.club.client.get(path, bearer=bearer or self.club.own(member_id))

    def waiting(self) -> list[str]:
        """What is in the queue, which is taken out of it."""
        sqs = boto3.client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for message in found.get("Messages", []):
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found.get("Messages", [])]

    def work_off(self) -> int:
        """Hand over what is in the queue until there is nothing; how many messages there were."""
        handed = 0
        while bodies := self.waiting():
            for body in bodies:
                export.handle(event(body), None)
                handed += 1
        return handed

    def made(self, member_id: str) -> dict[str, bytes]:
        """A member's export, asked for, made and downloaded: its files by name."""
        export_id = self.ask(member_id).json()["export_id"]
        self.work_off()
        url = self.see(member_id, export_id).json()["download_url"]
        return opened(url)


def opened(url: str) -> dict[str, bytes]:
    """The files of a zip at an address."""
    with urllib.request.urlopen(url) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as held:
        return {name: held.read(name) for name in held.namelist()}


def event(body: str, tries: int = 1) -> dict[str, Any]:
    """A queue's message as Lambda hands it over."""
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(tries)},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:exports",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


@pytest.fixture
def desk(club: Club, token_for: Callable[..., str]) -> Desk:
    made = Desk(club, token_for("pia", ["privacy"]))
    while made.waiting():  # what other tests have left
        pass
    return made


def test_a_member_downloads_a_copy_of_its_own_data_that_people_and_programs_can_read(
    desk: Desk,
) -> None:
    member = desk.club.member(name={"given": "Ann", "family": "Färber"}, phone=desk.club.phone())
    asked = desk.ask(member["member_id"])
    assert asked.status == 202
    assert (asked.json()["status"], asked.json()["download_url"]) == ("preparing", None)
    assert desk.work_off() == 1
    seen = desk.see(member["member_id"], asked.json()["export_id"]).json()
    assert seen["status"] == "ready"
    files = opened(seen["download_url"])
    [profile] = json.loads(files["profile.json"])
    assert (profile["email"], profile["name"]["family"]) == (member["email"], "Färber")
    [row] = csv.DictReader(io.StringIO(files["profile.csv"].decode()))
    assert (row["email"], row["name.family"]) == (member["email"], "Färber")
    assert row["phone"] == f"'{profile['phone']}"  # no spreadsheet calculates it
    assert "everything that we hold of you" in files["README.txt"].decode()
    assert "von allem, was wir über Sie speichern" in files["LIESMICH.txt"].decode()


def test_every_section_is_there_as_json_and_csv_and_the_readme_names_it(desk: Desk) -> None:
    files = desk.made(desk.club.member()["member_id"])
    sections = {name.removesuffix(".json") for name in files if name.endswith(".json")}
    assert {"profile", "consents", "statement", "purchases", "accesses"} <= sections
    for section in sections:
        assert f"{section}.csv" in files
        assert f"{section}.json" in files["README.txt"].decode()
        assert isinstance(json.loads(files[f"{section}.json"]), list)
    assert {row["file"] for row in csv.DictReader(io.StringIO(files["fields.csv"].decode()))} <= (
        sections
    )


def test_the_same_request_again_is_the_same_export(desk: Desk) -> None:
    member_id = desk.club.member()["member_id"]
    first, again = (desk.ask(member_id, "key-1") for _ in range(2))
    assert first.json()["export_id"] == again.json()["export_id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert desk.work_off() == 2  # sent again, in case nobody had taken it, and made once
    assert desk.see(member_id, first.json()["export_id"]).json()["status"] == "ready"
    assert desk.ask(member_id, "key-1").json()["status"] == "ready"
    assert desk.work_off() == 0


def test_a_member_gets_three_a_day(desk: Desk, clock: Clock) -> None:
    member_id = desk.club.member()["member_id"]
    assert [desk.ask(member_id, f"key-{number}").status for number in range(4)] == [
        202,
        202,
        202,
        429,
    ]
    assert desk.ask(member_id, "key-1").status == 202  # an old one is told again
    assert desk.ask(member_id, bearer=desk.officer).status == 429
    clock.forward(days=1)
    assert desk.ask(member_id).status == 202


def test_an_officer_asks_for_a_member_and_gets_no_link(desk: Desk) -> None:
    member_id = desk.club.member()["member_id"]
    asked = desk.ask(member_id, bearer=desk.officer)
    assert asked.status == 202
    desk.work_off()
    export_id = asked.json()["export_id"]
    seen = desk.see(member_id, export_id, desk.officer).json()
    assert (seen["status"], seen["download_url"]) == ("ready", None)
    assert desk.see(member_id, export_id).json()["download_url"] is not None
    actions = {record.action for record in desk.club.recorded(member_id)}
    assert {"member.export.requested", "member.export.read"} <= actions


@pytest.mark.parametrize("group", ["support", "marketer", "admin"])
def test_no_other_staff_may_ask(desk: Desk, token_for: Callable[..., str], group: str) -> None:
    bearer = token_for("sam", [group])
    member_id = desk.club.member()["member_id"]
    assert desk.ask(member_id, bearer=bearer).status == 403


def test_another_members_export_is_not_found(desk: Desk) -> None:
    mine, other = (desk.club.member()["member_id"] for _ in range(2))
    export_id = desk.ask(mine).json()["export_id"]
    own = desk.club.own(other)
    reply = desk.club.client.get(f"/v1/members/{mine}/export/{export_id}", bearer=own)
    assert (reply.status, reply.code) == (404, "member_not_found")
    assert desk.see(other, export_id).code == "not_found"
    assert desk.ask(mine, bearer=own).code == "member_not_found"


def test_a_ready_export_expires(desk: Desk, clock: Clock) -> None:
    member_id = desk.club.member()["member_id"]
    export_id = desk.ask(member_id).json()["export_id"]
    desk.work_off()
    clock.forward(seconds=(KEPT_FOR - timedelta(seconds=1)).total_seconds())
    assert desk.see(member_id, export_id).json()["status"] == "ready"
    clock.forward(seconds=1)
    seen = desk.see(member_id, export_id).json()
    assert (seen["status"], seen["download_url"]) == ("expired", None)


def test_what_nobody_finishes_has_failed_and_is_not_made_any_more(desk: Desk, clock: Clock) -> None:
    member_id = desk.club.member()["member_id"]
    export_id = desk.ask(member_id).json()["export_id"]
    clock.forward(seconds=MADE_WITHIN.total_seconds())
    assert desk.see(member_id, export_id).json()["status"] == "failed"
    desk.work_off()
    assert desk.see(member_id, export_id).json()["status"] == "failed"


def test_exports_are_listed_newest_first(desk: Desk, clock: Clock) -> None:
    member_id = desk.club.member()["member_id"]
    ids = []
    for _ in range(2):
        ids.append(desk.ask(member_id).json()["export_id"])
        clock.forward(minutes=1)
    listed = desk.club.client.get("/v1/members/me/export", bearer=desk.club.own(member_id))
    assert [item["export_id"] for item in listed.json()["items"]] == ids[::-1]


def test_what_fails_is_tried_again_and_the_last_time_says_that_it_failed(desk: Desk) -> None:
    member_id = desk.club.member()["member_id"]
    export_id = desk.ask(member_id).json()["export_id"]
    [body] = desk.waiting()
    KeysItem(keys.member(member_id), keys.ONLY).delete()  # nothing of it can be opened any more
    exports = desk.club.services.ports.exports
    statuses = []
    for tries in range(1, export.MOST_TRIES + 1):
        with pytest.raises(WorkerFailed, match="MemberNotFound"):
            export.handle(event(body, tries), None)
        found = exports.get(member_id, export_id)
        assert found is not None
        statuses.append(str(found.status))
    assert statuses == [*["preparing"] * (export.MOST_TRIES - 1), "failed"]
