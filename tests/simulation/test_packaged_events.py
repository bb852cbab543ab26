"""Events out of the deployed package: its relay, bus and queue, and HTTP to a receiver on loopback.

A fifth of all deliveries fails, batches come again, the relay is killed in the middle of them, one
record is poison and one is only taken when somebody shows it again: each event arrives at both ends
once, after what was seen is dropped, and a member's events arrive in their order.

MiniStack sets nothing aside of what a function reports as failed, so the local pump feeds the
deployed relay by Lambda's rules. And nobody waits for hours: the service's own storage makes what
waits due.
"""

import json
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from infrastructure.again import again
from infrastructure.local.declared_workers import StreamWorker
from infrastructure.local.pump import Pump
from tests.journey.deployment import Deployment, deployed
from tests.journey.listening import Listener
from tests.journey.packaged.sooner import due_now
from tests.journey.packaged.steps import an_hour_later, bought, enrolled, set_up, staff
from tests.packaged import NEEDS_LAMBDAS_PYTHON, the_package
from tests.simulation.receiver import Receiver, receiving

pytestmark = [NEEDS_LAMBDAS_PYTHON, pytest.mark.timeout(300)]

SEED = 20_261_122
MEMBERS, PURCHASES = 4, 5
BATCH = 6

Reader = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Told = set[tuple[str, int]]


class FrailRelay:
    """The deployed relay as it is where things go wrong: killed after a part of a batch, run twice,
    and cut off from what it needs while it deals with an account that it `cannot` pass on."""

    def __init__(self, relay: Reader, chance: random.Random) -> None:
        self._relay = relay
        self._chance = chance
        self.cannot = ""
        self.killed = 0
        self.repeated = 0

    def __call__(self, event: dict[str, Any], _context: Any) -> Any:
        if self.cannot in {row["dynamodb"]["Keys"]["pk"]["S"] for row in event["Records"]}:
            raise RuntimeError("cut off")
        fate = self._chance.random()
        if fate < 0.25:
            part = event["Records"][: self._chance.randrange(len(event["Records"])) + 1]
            self._relay({"Records": part})
            self.killed += 1
            raise RuntimeError("killed")
        if fate < 0.5:
            self.repeated += 1
            self._relay(event)
        return self._relay(event)


def invoking(service: Deployment, function: str) -> Reader:
    """What a deployed function answers to an event."""
    functions, name = service.client("lambda"), service.resources[function]

    def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    return invoke


def tried_until(
    service: Deployment, hook_id: str, members: Iterable[str], enough: Callable[[], bool]
) -> bool:
    """Try what waits again and again; whether the deployed schedule has asked for it. It does that
    once a minute: the later minutes are made up."""
    asked = False
    for minutes in range(1, 240):
        if enough():
            break
        waiting = due_now(service, hook_id, members, minutes if asked else 0)
        if waiting and not asked:
            asked = sum(map(int, an_hour_later(service, "DeliverAgain").values())) > 0
    return asked


def test_each_event_of_the_package_arrives_once_and_in_order_whatever_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver = Receiver(SEED, 0.2)
    with deployed(the_package()) as service, receiving(receiver):
        for name, value in service.cloud.environment().items():
            monkeypatch.setenv(name, value)  # the pump's clients find it
        stop_reading(service, "Relay", "Follow")
        till, bus, hook_id = set_up(service), Listener(service), connected(service, receiver)
        relay = invoking(service, "Relay")
        frail = FrailRelay(relay, random.Random(SEED))
        members = gone_through(service, till, frail)
        assert min(frail.killed, frail.repeated) >= 3

        streams, sqs = boto3.client("dynamodbstreams"), boto3.client("sqs")
        shown = again(streams, sqs, service.resources["RelayDeadLetters"], relay)
        assert shown.taken >= 1
        [poison] = shown.left
        assert poison.startswith("failed again at ")

        entries = entries_of(service, members)
        bus.until(lambda events: told(events) >= entries)
        assert tried_until(service, hook_id, members, lambda: told(receiver.events) >= entries)
    published = {event["id"]: event for event in reversed(bus.events)}
    first = [event for n, event in enumerate(bus.events) if event not in bus.events[:n]]
    assert len(published) == len(first) == len(entries) < len(bus.events)
    assert {event["id"]: event for event in receiver.events} == published
    assert len(receiver.events) == len(published)
    for arrived in (first, receiver.events):
        assert told(arrived) == entries
        assert all(seqs == sorted(seqs) for seqs in (seqs_of(arrived, one) for one in members))
    assert receiver.forged == 0
    assert receiver.tries > len(published) * 1.1


def gone_through(service: Deployment, till: str, frail: FrailRelay) -> list[str]:
    """Members who buy, one after the other, again and again, then poison, one behind it, and one
    whose last purchase is set aside."""
    table = service.resources["LedgerTable"]
    stream = service.client("dynamodb").describe_table(TableName=table)["Table"]
    pump = Pump(
        [StreamWorker("relay", frail, BATCH)],
        stream["LatestStreamArn"],
        service.resources["RelayDeadLetters"],
        lambda: datetime.now(UTC),
        lambda _: None,
    )
    members = [enrolled(service, till, f"{n}@stampbook.example") for n in range(MEMBERS)]
    for _ in range(PURCHASES):
        for one in members:
            bought(service, till, one)
        pump.drain()
    poison = {"pk": {"S": "A#mem_poison"}, "sk": {"S": "E#000000000003"}, "t": {"S": "E"}}
    service.client("dynamodb").put_item(TableName=table, Item=poison)
    behind, unlucky = (enrolled(service, till, f"{n}@stampbook.example") for n in ("b", "u"))
    bought(service, till, behind)
    pump.drain()
    frail.cannot = f"A#{unlucky}"
    bought(service, till, unlucky)
    pump.drain()
    return [*members, behind, unlucky]


def stop_reading(service: Deployment, *readers: str) -> None:
    """Have MiniStack feed them no more: the relay is fed here, and what the other one writes would
    make each run a different one."""
    functions = service.client("lambda")
    for reader in readers:
        name = service.resources[reader]
        for source in functions.list_event_source_mappings(FunctionName=name)[
            "EventSourceMappings"
        ]:
            functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)


def connected(service: Deployment, receiver: Receiver) -> str:
    """The id of a webhook that wants everything."""
    wanted = {"url": receiver.url, "events": ["*"]}
    made = service.call("POST", "/v1/webhooks", wanted, token=staff(service, "admin"))
    assert made.status == 201, made.body
    receiver.secret = made.body["secret"]
    return str(made.body["hook_id"])


def entries_of(service: Deployment, members: Iterable[str]) -> Told:
    """What is in their statements, each of which is an event."""
    found: Told = set()
    for member_id in members:
        token = service.issuer.token(member_id)
        said = service.call("GET", "/v1/members/me/entries?limit=100", token=token)
        assert said.status == 200, said.body
        found |= {(member_id, entry["seq"]) for entry in said.body["items"]}
    return found


def told(events: Iterable[Mapping[str, Any]]) -> Told:
    """Of which entries they tell."""
    return {(event["data"]["member_id"], event["data"]["seq"]) for event in events}


def seqs_of(events: Iterable[Mapping[str, Any]], member_id: str) -> list[int]:
    """Of one member, as they came."""
    return [one["data"]["seq"] for one in events if one["data"]["member_id"] == member_id]
