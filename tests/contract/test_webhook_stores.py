"""Webhooks, what waits for them and what was tried: the same promises kept by stores and fakes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest

from chalicelib.domain.webhooks import (
    KEPT,
    Disabled,
    Health,
    Parcel,
    SealedSecret,
    Webhook,
    place_of,
    shard_of,
)
from chalicelib.providers import aws
from chalicelib.providers.webhook_queue import SqsWebhookQueue, read_message
from chalicelib.settings import Settings
from chalicelib.storage.webhook_deliveries import DynamoDeliveries
from chalicelib.storage.webhook_events import DynamoKeptEvents
from chalicelib.storage.webhook_waits import DynamoWaitingParcels
from chalicelib.storage.webhooks import DynamoWebhooks
from chalicelib.usecases.ports.webhooks import (
    Deliveries,
    Delivery,
    KeptEvent,
    KeptEvents,
    Outcome,
    Replay,
    WaitingHead,
    WaitingParcels,
    Webhooks,
)
from tests.fakes.webhooks import (
    FakeDeliveries,
    FakeKeptEvents,
    FakeWaitingParcels,
    FakeWebhooks,
)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stores:
    webhooks: Webhooks
    kept: KeptEvents
    waiting: WaitingParcels
    deliveries: Deliveries


@pytest.fixture(params=["dynamo", "fake"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "fake":
        yield Stores(FakeWebhooks(), FakeKeptEvents(), FakeWaitingParcels(), FakeDeliveries())
        return
    request.getfixturevalue("empty_config")
    yield Stores(DynamoWebhooks(), DynamoKeptEvents(), DynamoWaitingParcels(), DynamoDeliveries())


def hook(hook_id: str = "hook_a", at: datetime = NOW) -> Webhook:
    secrets = (SealedSecret("secret/2", b"\x02"), SealedSecret("secret/1", b"\x01", NOW))
    events = ("stampbook.points.*", "stampbook.account.opened")
    return Webhook(hook_id, 1, "https://shop.example/é", events, "Ours", b"key", secrets, at)


def kept(group: str, seq: int, at: datetime) -> KeptEvent:
    event_id = f"{group}.{seq}"
    return KeptEvent(event_id, "stampbook.points.earned", group, place_of(at, seq, event_id), "{}")


def parcel(seq: int, group: str = "mem_a") -> Parcel:
    return Parcel("hook_a", group, place_of(NOW, seq, "e"), f"{group}.{seq}")


def test_webhooks_are_written_version_by_version(stores: Stores) -> None:
    store, first, second = stores.webhooks, hook(), hook("hook_b", NOW + SECOND)
    assert store.put(first)
    assert store.put(second)
    assert store.all() == [second, first]
    gone = replace(first, version=2, disabled=Disabled.GONE, disabled_at=NOW)
    assert store.put(gone)
    assert not store.put(gone)
    assert not store.put(first)
    assert store.get("hook_a") == gone
    store.set_health("hook_a", Health(NOW, 3))
    assert store.delete("hook_a")
    assert not store.delete("hook_a")
    assert (store.get("hook_a"), store.health("hook_a")) == (None, None)


def test_how_a_webhook_is_that_fails_is_known_until_it_does_not(stores: Stores) -> None:
    store = stores.webhooks
    assert store.health("hook_a") is None
    for health in (Health(NOW, 1), Health(NOW, 12, NOW + SECOND)):
        store.set_health("hook_a", health)
        assert store.health("hook_a") == health
    store.set_health("hook_a", None)
    store.set_health("hook_a", None)
    assert store.health("hook_a") is None


def test_what_waits_is_found_in_its_order_and_by_its_time(stores: Stores) -> None:
    store = stores.waiting
    assert store.head("hook_a", "mem_a") is None
    head = WaitingHead(parcel(2).place, 1, NOW + SECOND)
    shard, names = shard_of("mem_a"), [f"mem_{number}" for number in range(99)]
    near = next(name for name in names if shard_of(name) == shard)
    far = next(name for name in names if shard_of(name) != shard)
    store.begin(parcel(2), head)
    store.add(parcel(10))
    store.add(parcel(1))
    store.add(parcel(10))
    store.begin(parcel(1, near), WaitingHead(parcel(1).place, 0, NOW))
    store.begin(parcel(1, far), WaitingHead(parcel(1).place, 0, NOW))
    assert store.head("hook_a", "mem_a") == head
    assert store.first("hook_a", "mem_a", 9) == [parcel(1), parcel(2), parcel(10)]
    assert store.first("hook_a", "mem_a", 1) == [parcel(1)]
    assert store.due("hook_a", shard, NOW, 9) == [near]
    assert store.due("hook_a", shard, NOW + SECOND, 9) == [near, "mem_a"]
    assert store.due("hook_a", shard, NOW + SECOND, 1) == [near]
    assert store.due("hook_a", shard_of(far), NOW, 9) == [far]
    assert store.due("hook_b", shard, NOW + SECOND, 9) == []


def test_a_head_moves_on_and_goes_with_the_last(stores: Stores) -> None:
    store, place, shard = stores.waiting, parcel(1).place, shard_of("mem_a")
    head, later = WaitingHead(place, 1, NOW), WaitingHead(place, 2, NOW + SECOND)
    store.begin(parcel(1), head)
    store.move("hook_a", "mem_a", head, later)
    assert store.head("hook_a", "mem_a") == later
    assert store.due("hook_a", shard, NOW, 9) == []
    same = WaitingHead(parcel(2).place, 0, NOW + SECOND)
    store.move("hook_a", "mem_a", later, same)
    assert store.due("hook_a", shard, NOW + SECOND, 9) == ["mem_a"]
    store.remove(parcel(1))
    store.remove(parcel(1))
    store.move("hook_a", "mem_a", same, None)
    assert store.head("hook_a", "mem_a") is None
    assert store.first("hook_a", "mem_a", 9) == []
    assert store.due("hook_a", shard, NOW + SECOND, 9) == []


def test_events_are_kept_by_id_and_by_when_they_happened(stores: Stores) -> None:
    store = stores.kept
    group = token_hex(8)
    hours = [kept(group, n, NOW + timedelta(hours=n * 7)) for n in range(12)]
    together = [kept(group, 100 + n, NOW) for n in range(5)]
    store.keep([*hours, *together, *hours], NOW + KEPT)
    assert store.get(hours[3].event_id) == hours[3]
    assert store.get("nothing") is None
    until = NOW + timedelta(hours=70)
    found: list[str] = []
    after, pages = None, 0
    while pages == 0 or after is not None:
        page = store.page(shard_of(group), NOW, until, after)
        assert {one.body for one in page.events} <= {""}
        found += [one.event_id for one in page.events]
        after, pages = page.after, pages + 1
    wanted = [one.event_id for one in (hours[0], *together, *hours[1:11])]
    assert found == wanted


def test_deliveries_are_listed_newest_first_over_days_for_a_month(stores: Stores) -> None:
    store = stores.deliveries
    taken = Delivery("e1", "t", 1, NOW, Outcome.DELIVERED, 204, None, 12, None)
    lost = Delivery("e2", "t", 3, NOW, Outcome.FAILED, None, "no_answer", 5_000, NOW + SECOND)
    tries = [
        *(replace(taken, at=NOW - timedelta(hours=20 * n), attempt=1) for n in range(6)),
        lost,
        replace(taken, event_id="old", at=NOW - timedelta(days=45)),
    ]
    for one in tries:
        store.add("hook_a", one)
    store.add("hook_b", taken)
    listed: list[Delivery] = []
    before, pages = None, 0
    while pages == 0 or before is not None:
        found, before = store.page("hook_a", NOW, before, 3)
        listed += found
        pages += 1
    assert listed == [lost, *tries[:6]]
    assert pages == 3
    gone = [
        replace(lost, event_id=f"g{n}", outcome=Outcome.GIVEN_UP, next_at=None) for n in range(3)
    ]
    for one in gone:
        store.add("hook_a", one)
    newest, before = store.given_up("hook_a", None, 2)
    assert newest == [gone[2], gone[1]]
    assert store.given_up("hook_a", before, 2) == ([gone[0]], None)
    assert store.given_up("hook_b", None, 2) == ([], None)
    assert store.page("hook_a", NOW, None, 1)[0] == [gone[2]]


# --- the queue: on the local AWS alone ---------------------------------------------------------


def test_messages_of_a_line_come_one_after_the_other_and_once(bound: Settings) -> None:
    sqs, url = aws.sqs(), bound.webhook_queue
    queue = SqsWebhookQueue(url, aws.sqs)
    name = f"hook_{token_hex(8)}"
    members = [f"mem_{number}" for number in range(12)]
    sent = [
        Parcel(name, member, place_of(NOW, seq, "e"), f"{member}-{seq}")
        for seq in (1, 2)
        for member in members
    ]
    assert queue.send(sent) == []
    assert queue.send(sent[5:]) == []  # again: not taken up twice
    assert queue.send(sent[:1], "replay_1") == []  # but a replay is
    queue.wake(name, [3, 7], NOW)
    queue.wake(name, [3], NOW)  # within the minute: not taken up twice
    replay = Replay("replay_2", NOW, NOW + SECOND, 3, place_of(NOW, 7, "e"))
    queue.replay(name, replay)
    came = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            came.append(read_message(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    parcels = [one for one in came if isinstance(one, Parcel) and one.hook_id == name]
    for member in members:
        of_member = [one for one in parcels if one.group == member]
        again = [replace(sent[0], again=True)] if member == members[0] else []
        assert of_member == [*(one for one in sent if one.group == member), *again]
    assert sorted(one for one in came if one in {(name, 3), (name, 7)}) == [(name, 3), (name, 7)]
    assert (name, replay) in came


def test_of_a_queue_that_does_not_answer_everything_is_reported(bound: Settings) -> None:
    queue = SqsWebhookQueue(f"{bound.webhook_queue}-not-there", aws.sqs)
    sent = [Parcel("hook_a", f"mem_{n}", "p", f"e{n}") for n in range(15)]
    assert queue.send([*sent, *sent]) == list(range(30))


class Refusing:
    """SQS that takes a part of each batch. sent: the bodies that it took, in order."""

    def __init__(self, refused: set[str]) -> None:
        self.refused, self.sent = refused, list[str]()

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803, ARG002  # AWS's names
        taken = [
            row for row in Entries if json.loads(row["MessageBody"])["event"] not in self.refused
        ]
        self.sent += [json.loads(row["MessageBody"])["event"] for row in taken]
        return {"Failed": [{"Id": row["Id"]} for row in Entries if row not in taken]}


def test_of_a_batch_that_is_taken_in_part_the_rest_is_reported_and_nothing_behind_it_sent() -> None:
    members = [f"mem_{number}" for number in range(30)]
    sent = [Parcel("hook_a", m, f"p{seq}", f"{m}.{seq}") for seq in (1, 2) for m in members]
    sqs = Refusing({"mem_7.1", "mem_9.2"})
    failed = SqsWebhookQueue("q", lambda: sqs).send(sent)  # type: ignore[arg-type, return-value]  # as much of SQS as is asked
    first = {shard_of("mem_9"): 30 + 9, shard_of("mem_7"): 7}  # of each line that was not taken
    behind = [n for n, one in enumerate(sent) if n >= first.get(one.shard, len(sent))]
    assert failed == behind
    assert sorted(sqs.sent) == sorted(one.event_id for n, one in enumerate(sent) if n not in behind)
