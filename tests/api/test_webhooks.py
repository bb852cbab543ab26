"""Webhooks over HTTP, for admins."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.webhook_signing import read_secret, signed_headers
from chalicelib.domain.webhooks import KEPT, Health, Parcel, shard_of
from chalicelib.storage.tables import ConfigItem
from chalicelib.usecases.ports.webhooks import Delivery, Outcome, Replay, WebhookPorts
from chalicelib.usecases.tell_webhooks import tell_webhooks
from chalicelib.wiring import Services
from chalicelib.workers import deliver, deliver_again
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.fakes.webhooks import FakeOutgoing, FakeWebhookQueue
from tests.own_tables import own_tables
from tests.webhook_world import earned

BODY = {"url": "https://shop.example/hook", "events": ["stampbook.points.*"], "description": "ERP"}
PATH = "/v1/webhooks"
SCHEMA = Path(__file__).parents[2] / "events/schemas/webhook_test.json"


@dataclass(frozen=True, slots=True)
class Desk:
    """An admin, and receivers that answer as told. Nothing works the queue off by itself."""

    client: Client
    outgoing: FakeOutgoing
    queue: FakeWebhookQueue
    clock: Clock

    @property
    def ports(self) -> WebhookPorts:
        return wiring.services().ports.webhooks

    def made(self, **changes: object) -> dict[str, Any]:
        """A new webhook as it was answered."""
        answer = self.client.post(PATH, BODY | changes)
        assert answer.status == 201, answer.body
        return dict(answer.json())

    def event(self, seq: int) -> str:
        """Something happens; its id."""
        event = replace(earned("mem_a", seq, self.clock()), id=f"{seq:064x}")
        assert tell_webhooks(self.ports, [event], self.clock()) == []
        return event.id

    def signed_by(self, *answers: dict[str, Any]) -> bool:
        """Whether what happens now is signed by these secrets and no others, in this order."""
        self.event(len(self.outgoing.posted) + 1)
        self.deliver()
        _, headers, body = self.outgoing.posted[-1]
        keys = [read_secret(answer["secret"]) for answer in answers]
        seconds = int(self.clock().timestamp())
        expected = signed_headers(headers["webhook-id"], seconds, body, keys)
        return headers["webhook-signature"] == expected["webhook-signature"]

    def deliver(self) -> None:
        """Run the worker, as its queue feeds it."""
        for line in self.queue.lines.values():
            while line:
                message = line.pop(0)
                assert isinstance(message, Parcel)
                body: dict[str, object] = {"hook": message.hook_id, "group": message.group}
                body |= {"place": message.place, "event": message.event_id, "again": message.again}
                deliver.handle(_fed(body), None)


@pytest.fixture
def desk(
    client: Client,
    services: Services,
    token_for: Callable[..., str],
    clock: Clock,
    connection: Connection,
) -> Iterator[Desk]:
    assert client
    from app import app

    outgoing, queue = FakeOutgoing(), FakeWebhookQueue()
    webhooks = replace(services.ports.webhooks, outgoing=outgoing, queue=queue)
    wiring.install(replace(services, ports=replace(services.ports, webhooks=webhooks)))
    with own_tables(connection, ConfigItem):
        yield Desk(Client(app, token_for("ada", ["admin"])), outgoing, queue, clock)


def shown(reply: Reply) -> dict[str, Any]:
    """A webhook as it is read."""
    assert reply.status == 200, reply.body
    return dict(reply.json())


def test_a_webhook_is_made_with_its_secret_shown_once(desk: Desk) -> None:
    made = desk.made()
    assert len(read_secret(made.pop("secret"))) == 32
    read = desk.client.get(f"{PATH}/{made['hook_id']}")
    assert shown(read) == made
    assert (made["status"], made["events"]) == ("enabled", ["stampbook.points.*"])
    assert desk.client.get(PATH).json() == {"items": [made], "next_cursor": None}


def test_addresses_and_filters_that_lead_nowhere_are_refused_all_at_once(desk: Desk) -> None:
    wrong = {"url": "http://shop.example", "events": ["stampbook.nothing", "*"]}
    answer = desk.client.post(PATH, BODY | wrong)
    assert answer.status == 422
    assert answer.pointers == {"/url": "address_refused", "/events/0": "unknown_event"}
    unknown = desk.client.post(PATH, BODY | {"url": "https://unknown.example"})
    assert unknown.pointers == {"/url": "not_found"}
    for _ in range(20):
        desk.made()
    assert desk.client.post(PATH, BODY).json()["reason"] == "too_many_webhooks"
    page = desk.client.get(f"{PATH}?limit=15").json()
    rest = desk.client.get(f"{PATH}?limit=15&cursor={page['next_cursor']}").json()
    ids = [row["hook_id"] for row in (*page["items"], *rest["items"])]
    assert (len(ids), len(set(ids)), rest["next_cursor"]) == (20, 20, None)


def test_a_webhook_is_replaced_only_as_it_was_read(desk: Desk) -> None:
    address = f"{PATH}/{desk.made()['hook_id']}"
    etag = desk.client.get(address).headers["etag"]
    other = BODY | {"url": "https://other.example/hook", "events": ["*"]}
    assert desk.client.put(address, other).status == 428
    desk.ports.webhooks.set_health(address.rpartition("/")[2], Health(desk.clock(), 20))
    replaced = desk.client.put(address, other, headers={"If-Match": etag})
    assert (replaced.status, replaced.json()["url"]) == (200, other["url"])
    assert replaced.json()["failing_since"] is None  # of the new address nothing is known yet
    assert desk.client.put(address, BODY, headers={"If-Match": etag}).status == 412
    assert desk.client.delete(address).status == 204
    assert [desk.client.get(address).status, desk.client.delete(address).status] == [404, 404]


def test_a_list_goes_on_where_it_was_whatever_is_deleted_meanwhile(desk: Desk) -> None:
    ids = [desk.made()["hook_id"] for _ in range(3)]
    page = desk.client.get(f"{PATH}?limit=1").json()
    newest = page["items"][0]["hook_id"]
    assert desk.client.delete(f"{PATH}/{newest}").status == 204
    rest = desk.client.get(f"{PATH}?limit=5&cursor={page['next_cursor']}").json()["items"]
    assert {newest, *(row["hook_id"] for row in rest)} == set(ids)
    assert len(rest) == 2


def test_what_happens_is_delivered_signed_and_written_down(desk: Desk) -> None:
    made = desk.made()
    event_id = desk.event(1)
    desk.deliver()
    ((url, headers, body),) = desk.outgoing.posted
    assert url == BODY["url"]
    seconds = int(desk.clock().timestamp())
    signed = signed_headers(event_id, seconds, body, [read_secret(made["secret"])])
    assert signed.items() <= headers.items()
    listed = desk.client.get(f"{PATH}/{made['hook_id']}/deliveries").json()["items"]
    assert [(row["event_id"], row["outcome"], row["status"]) for row in listed] == [
        (event_id, "delivered", 204)
    ]


def test_after_a_rotation_both_secrets_sign_for_a_day(desk: Desk) -> None:
    made = desk.made()
    address = f"{PATH}/{made['hook_id']}/secret"
    rotated = desk.client.post(address).json()
    assert rotated["second_secret_until"] is not None
    assert desk.signed_by(rotated, made)
    desk.clock.forward(days=2)
    assert desk.signed_by(rotated)


def test_a_rotation_whose_answer_was_lost_is_repeated_and_takes_no_secret_from_the_receiver(
    desk: Desk,
) -> None:
    made = desk.made()
    address = f"{PATH}/{made['hook_id']}/secret"
    lost, rotated = (desk.client.post(address).json() for _ in range(2))
    assert desk.signed_by(rotated, lost, made)
    desk.clock.forward(hours=1)
    alone = desk.client.post(f"{address}?leaked=true").json()
    assert alone["second_secret_until"] is None
    assert desk.signed_by(alone)


def test_a_failed_delivery_is_seen_with_its_next_try_and_comes_again(desk: Desk) -> None:
    hook_id = desk.made()["hook_id"]
    answers = iter([503, None, 204])
    desk.outgoing.answer = lambda *_: next(answers)
    desk.event(1)
    desk.deliver()
    failing = desk.client.get(f"{PATH}/{hook_id}").json()["failing_since"]
    assert failing is not None
    for minutes in (1, 10):
        desk.clock.forward(minutes=minutes)
        assert deliver_again.handle(_schedule(), None) == {"shards": 1}
        deliver.handle(_fed({"hook": hook_id, "shard": shard_of("mem_a")}), None)
    rows = desk.client.get(f"{PATH}/{hook_id}/deliveries").json()["items"]
    assert [(row["attempt"], row["outcome"], row["failure"]) for row in rows] == [
        (3, "delivered", None),
        (2, "failed", "no_answer"),
        (1, "failed", "refused"),
    ]
    assert [row["next_at"] is None for row in rows] == [True, False, False]
    lost = replace(_try_of(desk, hook_id), outcome=Outcome.GIVEN_UP, next_at=None)
    desk.ports.deliveries.add(hook_id, lost)
    dead = desk.client.get(f"{PATH}/{hook_id}/deliveries?outcome=given_up").json()["items"]
    assert [(row["event_id"], row["outcome"]) for row in dead] == [(lost.event_id, "given_up")]
    assert desk.client.get(f"{PATH}/{hook_id}").json()["failing_since"] is None


def test_a_receiver_that_is_gone_is_disabled_and_operators_are_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"{PATH}/{desk.made()['hook_id']}"
    desk.outgoing.answer = lambda *_: 410
    desk.event(1)
    capsys.readouterr()
    desk.deliver()
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["worker"], line["webhooks_disabled"]) == ("work", "deliver", 1)
    gone = shown(desk.client.get(address))
    assert (gone["disabled_as"], gone["failing_since"] is None) == ("gone", False)


def test_a_webhook_is_tried_out_stopped_and_started(desk: Desk) -> None:
    address = f"{PATH}/{desk.made()['hook_id']}"
    assert desk.client.post(f"{address}/test").json()["delivered"] is True
    event = json.loads(desk.outgoing.posted[0][2])
    assert event["type"] == "stampbook.webhook.test"
    jsonschema.validate(event["data"], json.loads(SCHEMA.read_text()))
    desk.outgoing.answer = lambda *_: 404
    failed = desk.client.post(f"{address}/test").json()
    assert (failed["delivered"], failed["status"], failed["failure"]) == (False, 404, "refused")
    stopped = shown(desk.client.post(f"{address}/disable"))
    assert (stopped["status"], stopped["disabled_as"]) == ("disabled", "by_staff")
    desk.event(1)
    desk.deliver()
    assert len(desk.outgoing.posted) == 2
    started = shown(desk.client.post(f"{address}/enable"))
    assert (started["status"], started["disabled_at"]) == ("enabled", None)
    assert deliver_again.handle(_schedule(), None) == {"shards": 1}


def test_events_are_replayed_by_time_or_by_name_and_keep_their_ids(desk: Desk) -> None:
    first = desk.made()  # so that something is kept
    ids = [desk.event(1), desk.event(2)]
    desk.deliver()
    address = f"{PATH}/{desk.made(events=['*'])['hook_id']}"
    named = desk.client.post(f"{address}/replay", {"event_ids": ids})
    assert named.status == 202
    desk.deliver()
    sent = [headers["webhook-id"] for _, headers, _ in desk.outgoing.posted]
    assert sent == [*ids, *ids]
    times = {"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z"}
    replay_id = desk.client.post(f"{address}/replay", times).json()["replay_id"]
    (asked,) = [row for line in desk.queue.lines.values() for row in line]
    assert isinstance(asked, tuple)
    assert isinstance(asked[1], Replay)
    assert asked[1].replay_id == replay_id
    assert first["hook_id"] not in address


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"": "either_or"}),
        ({"from": "2026-11-21T00:00:00Z", "event_ids": ["0" * 64]}, {"": "either_or"}),
        ({"to": "2026-11-21T00:00:00Z", "event_ids": ["0" * 64]}, {"": "either_or"}),
        ({"event_ids": ["0" * 64]}, {"/event_ids/0": "unknown_event"}),
        ({"from": "yesterday"}, {"/from": "not_an_instant"}),
        ({"from": "2026-11-21T00:00:00Z", "to": "2026-11-20T00:00:00Z"}, {"/to": "before_from"}),
        ({"from": "2026-09-21T00:00:00Z"}, {"/from": "too_far_back"}),
    ],
)
def test_a_replay_that_makes_no_sense_is_refused(
    desk: Desk, body: dict[str, object], pointers: dict[str, str]
) -> None:
    assert KEPT.days == 30
    answer = desk.client.post(f"{PATH}/{desk.made()['hook_id']}/replay", body)
    assert (answer.status, answer.pointers) == (422, pointers)


def _try_of(desk: Desk, hook_id: str) -> Delivery:
    return desk.ports.deliveries.page(hook_id, desk.clock(), None, 1)[0][0]


def _fed(body: Mapping[str, object]) -> dict[str, object]:
    return {"Records": [{"body": json.dumps(body), "receiptHandle": "r"}]}


def _schedule() -> dict[str, object]:
    return {
        **dict.fromkeys(("version", "id", "source", "account", "time", "region"), ""),
        "detail-type": "Scheduled Event",
        "resources": [],
        "detail": {},
    }
