"""Webhooks in memory, with a clock that is moved and a queue that is worked off line by line."""

import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.webhooks import Parcel, SealedSecret, Webhook
from chalicelib.usecases.deliver_parcel import deliver_parcel, deliver_waiting
from chalicelib.usecases.ports import Event, StoreUnavailable
from chalicelib.usecases.ports.webhooks import Replay, WebhookPorts
from chalicelib.usecases.replay_events import go_on_replaying
from chalicelib.usecases.tell_webhooks import tell_webhooks
from chalicelib.usecases.wake_webhooks import wake_webhooks
from tests.fakes.outside import FakeVault
from tests.fakes.webhooks import (
    FakeDeliveries,
    FakeKeptEvents,
    FakeOutgoing,
    FakeWaitingParcels,
    FakeWebhookQueue,
    FakeWebhooks,
)
from tests.ledger_world import seeded_entropy, unhurried

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def earned(member_id: str, seq: int, at: datetime = NOW) -> Event:
    """Points that a member earned; the event's id says whose and which entry's."""
    data = {"member_id": member_id, "seq": seq, "points": 5}
    at += timedelta(milliseconds=seq)
    return Event(
        f"{member_id}-{seq}", "/stampbook/ledger", "stampbook.points.earned", member_id, at, data
    )


class Frail:
    """A store that now and then does not answer: before it has done what it was asked, or after
    that. Whoever asked is killed by it, as a function is that has run out of time."""

    def __init__(self, store: object, world: "WebhookWorld") -> None:
        self._store, self._world = store, world

    def __getattr__(self, name: str) -> Any:
        method, world = getattr(self._store, name), self._world

        def call(*arguments: object) -> object:
            for after in (False, True):
                if world.chance.random() < world.frailty / 2:
                    if after:
                        method(*arguments)
                    raise StoreUnavailable("nobody knows")
            return method(*arguments)

        return call


@dataclass
class WebhookWorld:
    """now: the clock's. chance: which line of the queue is worked off next. frailty: how many of
    the calls to stores that who delivers makes are not answered."""

    now: datetime = NOW
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    webhooks: FakeWebhooks = field(default_factory=FakeWebhooks)
    kept: FakeKeptEvents = field(default_factory=FakeKeptEvents)
    waiting: FakeWaitingParcels = field(default_factory=FakeWaitingParcels)
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)
    queue: FakeWebhookQueue = field(default_factory=FakeWebhookQueue)
    outgoing: FakeOutgoing = field(default_factory=FakeOutgoing)
    vault: FakeVault = field(default_factory=FakeVault)
    noted: list[str] = field(default_factory=list)
    frailty: float = 0.0

    @property
    def ports(self) -> WebhookPorts:
        """The ports over all of it."""
        return WebhookPorts(
            self._frail(self.webhooks),
            self._frail(self.kept),
            self._frail(self.waiting),
            self._frail(self.deliveries),
            self.queue,
            self.outgoing,
            self.vault,
            seeded_entropy("webhooks"),
            unhurried(),
            self.noted.append,
        )

    def _frail(self, store: Any) -> Any:
        return Frail(store, self) if self.frailty else store

    def hook(self, hook_id: str = "hook_a", *events: str) -> Webhook:
        """A webhook that wants everything, or these."""
        key = self.vault.create_key(hook_id)
        sealed = SealedSecret("secret/1", self.vault.seal(hook_id, key, "secret/1", b"s" * 32))
        url = f"https://{hook_id}.example/events"
        made = Webhook(hook_id, 1, url, events or ("*",), "", key, (sealed,), self.now)
        assert self.webhooks.put(made)
        return made

    def tell(self, *events: Event) -> list[int]:
        """What the relay does."""
        return tell_webhooks(self.ports, events, self.now)

    def work_off(self) -> None:
        """What the worker does, until its queue is empty: any line next, each line in order. What
        fails stays where it is."""
        while lines := sorted(name for name, line in self.queue.lines.items() if line):
            line = self.queue.lines[self.chance.choice(lines)]
            with suppress(StoreUnavailable):
                self._work(line[0])
                line.pop(0)

    def _work(self, message: Parcel | tuple[str, int] | tuple[str, Replay]) -> None:
        match message:
            case Parcel() as parcel:
                deliver_parcel(self.ports, parcel, lambda: self.now)
            case (hook_id, Replay() as replay):
                go_on_replaying(self.ports, hook_id, replay)
            case (hook_id, int(shard)):
                deliver_waiting(self.ports, hook_id, shard, lambda: self.now)

    def minutes(self, number: int) -> None:
        """So many minutes pass, each with its run of the schedule."""
        for _ in range(number):
            self.now += MINUTE
            with suppress(StoreUnavailable):  # the next minute asks again
                wake_webhooks(self.ports, self.now)
            self.work_off()

    def days(self, number: float) -> None:
        """So many days pass; where nothing is due, at once."""
        until = self.now + timedelta(days=number)
        while True:
            due = [
                head.due_at
                for (hook_id, _), head in self.waiting.heads.items()
                if self.webhooks.hooks[hook_id].disabled is None
            ]
            if not due or min(due) > until:
                break
            self.now = max(self.now, min(due))
            self.minutes(1)
        self.now = max(self.now, until)

    def arrived(self, hook_id: str = "hook_a") -> list[str]:
        """The ids of events that a receiver was sent, taken or not."""
        url = f"https://{hook_id}.example/events"
        return [str(json.loads(body)["id"]) for to, _, body in self.outgoing.posted if to == url]
