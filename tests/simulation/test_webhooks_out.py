"""Events out, the whole way: the ledger's stream, the relay, the bus, the queue, HTTP on loopback.

A fifth of all deliveries fails, batches come again, the relay is killed in the middle of them, one
record is poison, one receiver dead, and a webhook stopped for a while: each event arrives once,
after what was seen is dropped, and a member's events arrive in their order.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.settings import Settings
from chalicelib.usecases.change_webhook import disable_webhook, enable_webhook
from chalicelib.usecases.create_webhook import WebhookDraft, create_webhook
from chalicelib.usecases.tell_webhooks import BusAndWebhooks
from chalicelib.wiring import Services, outside
from chalicelib.workers import deliver, deliver_again, relay
from infrastructure.local import resources
from infrastructure.local.declared_workers import QueueWorker, ScheduledWorker, StreamWorker
from infrastructure.local.ministack import free_port
from infrastructure.local.pump import Pump
from tests.api.conftest import Clock
from tests.ledger_world import World, dynamo_world, new_name
from tests.own_stage import own_stage
from tests.simulation.receiver import Receiver, receiving

SEED = 20_261_122
MEMBERS, PURCHASES = 5, 5
ADMIN = Caller(CallerKind.STAFF, "staff:ada", GROUP_SCOPES["admin"], "ada")


class FrailRelay:
    """The relay, as it is where things go wrong: killed after a part of a batch, or run twice."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.killed = 0
        self.repeated = 0

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        fate = self._chance.random()
        if fate < 0.25:
            part = event["Records"][: self._chance.randrange(len(event["Records"])) + 1]
            relay.handle({"Records": part}, context)
            self.killed += 1
            raise RuntimeError("killed")
        if fate < 0.5:
            self.repeated += 1
            relay.handle(event, context)
        return relay.handle(event, context)


@dataclass(frozen=True, slots=True)
class Scene:
    services: Services
    clock: Clock
    bus_queue: str
    dead_letters: str

    def pump(self, relaying: Any) -> Pump:
        """Feeds the workers as Lambda would."""
        settings = self.services.settings
        return Pump(
            [
                StreamWorker("relay", relaying, 10),
                QueueWorker("deliver", deliver.handle),
                ScheduledWorker("deliver_again", deliver_again.handle, timedelta(minutes=1)),
            ],
            resources.stream_arn(settings.ledger_table),
            self.dead_letters,
            self.clock,
            lambda _: None,
            queues={"deliver": settings.webhook_queue},
        )

    def on_the_bus(self) -> list[dict[str, Any]]:
        """What was published, without what was there before."""
        sqs, found = boto3.client("sqs"), dict[str, dict[str, Any]]()
        while messages := sqs.receive_message(QueueUrl=self.bus_queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                event = json.loads(message["Body"])["detail"]
                found.setdefault(event["id"], event)
                sqs.delete_message(QueueUrl=self.bus_queue, ReceiptHandle=message["ReceiptHandle"])
        return list(found.values())


@pytest.fixture
def scene(bound: Settings) -> Iterator[Scene]:
    with own_stage(bound) as own:
        clock = Clock(datetime(2026, 3, 14, 12, 1, tzinfo=UTC))
        settings = replace(own, outgoing_loopback="allowed")
        services = replace(wiring.build(settings), clock=clock)
        wiring.install(services)
        bus = outside.event_bus(settings)
        wiring.publish_to(BusAndWebhooks(bus, lambda: services.ports.webhooks, clock))
        sqs = boto3.client("sqs")
        letters = sqs.create_queue(QueueName=f"dead-{uuid4()}")["QueueUrl"]
        yield Scene(services, clock, _listening(settings.event_bus), letters)
        wiring.publish_to(None)
        wiring.install(None)


def _listening(bus: str) -> str:
    """A queue that takes all that is published from now on."""
    sqs, events = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName=f"bus-{uuid4()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    rule = f"all-{uuid4()}"
    pattern = json.dumps({"source": [{"prefix": "/stampbook/"}]})
    events.put_rule(Name=rule, EventBusName=bus, EventPattern=pattern)
    target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
    events.put_targets(Rule=rule, EventBusName=bus, Targets=[target])  # type: ignore[list-item]  # a TypedDict
    return url


def _connect(scene: Scene, receiver: Receiver) -> str:
    draft = WebhookDraft(receiver.url, ("*",), "")
    made = create_webhook(scene.services.ports, ADMIN, draft, scene.clock())
    receiver.secret = made.secret
    return made.webhook.hook_id


def _shop(world: World) -> list[str]:
    """Members who buy, one after the other, again and again."""
    members = [world.member(f"m{number}") for number in range(MEMBERS)]
    for round_ in range(PURCHASES):
        for member in members:
            world.buy(f"{member}-{round_}", member, 1_000 + round_)
    return members


def _poison(scene: Scene, member: str) -> None:
    """A record of a member's account that nobody can read, amid the others."""
    boto3.client("dynamodb").put_item(
        TableName=scene.services.settings.ledger_table,
        Item={
            "pk": {"S": f"A#{member}"},
            "sk": {"S": "E#000000000003-poison"},
            "t": {"S": "E"},
        },
    )


def test_each_event_arrives_once_and_in_order_whatever_fails(scene: Scene) -> None:
    chance = random.Random(SEED)
    receiver, dead = Receiver(SEED, 0.2), Receiver(0, 0.0)
    dead.url = f"http://127.0.0.1:{free_port()}/nobody"
    frail = FrailRelay(chance)
    world = dynamo_world(new_name("hooks"))
    with receiving(receiver):
        hook_id = _connect(scene, receiver)
        dead_id = _connect(scene, dead)
        pump = scene.pump(frail)
        members = _shop(world)
        _poison(scene, members[0])
        late = world.member("late")  # behind the poison
        world.buy("late-1", late, 2_000)
        pump.drain()
        disable_webhook(scene.services.ports, ADMIN, hook_id, scene.clock())
        tried = receiver.tries
        for member in members:
            world.buy(f"{member}-stopped", member, 3_000)
        pump.drain()
        assert receiver.tries == tried
        enable_webhook(scene.services.ports, ADMIN, hook_id, scene.clock())
        for minutes in (0, 1, 6, 40, 150, 400, 800, 1_100):
            scene.clock.forward(minutes=minutes)
            pump.drain()
    waiting, store = scene.services.ports.webhooks.waiting, scene.services.ports.webhooks
    published = {event["id"]: event for event in scene.on_the_bus()}
    assert len(published) == MEMBERS * (PURCHASES + 2) + 2
    arrived = [event["id"] for event in receiver.events]
    assert sorted(arrived) == sorted(published)
    assert all(event == published[event["id"]] for event in receiver.events)
    for member in [*members, late]:
        seqs = [e["data"]["seq"] for e in receiver.events if e["data"]["member_id"] == member]
        assert seqs == sorted(seqs)
    assert receiver.forged == 0
    assert receiver.tries > len(arrived) * 1.1
    assert min(frail.killed, frail.repeated) >= 3
    letters = boto3.client("sqs").receive_message(QueueUrl=scene.dead_letters)["Messages"]
    assert len(letters) == 1
    assert store.webhooks.health(dead_id) is not None
    assert waiting.head(dead_id, members[0]) is not None
