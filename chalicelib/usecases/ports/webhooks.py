"""Webhooks: who wants to be told, what waits for whom, what was delivered, and the way out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.webhooks import Health, Parcel, Webhook
from chalicelib.usecases.ports.outside import Vault
from chalicelib.usecases.ports.settling import Entropy, Patience


class Webhooks(Protocol):
    """The receivers there are, and how those that fail are. Read anew each time."""

    def all(self) -> list[Webhook]:
        """All of them, newest first."""
        ...

    def get(self, hook_id: str) -> Webhook | None: ...

    def put(self, webhook: Webhook) -> bool:
        """Write a version; False when it is not the next one."""
        ...

    def delete(self, hook_id: str) -> bool:
        """False when there was none."""
        ...

    def health(self, hook_id: str) -> Health | None:
        """None of one that does not fail."""
        ...

    def set_health(self, hook_id: str, health: Health | None) -> None: ...


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event as it is sent, whoever it is sent to. body: its JSON."""

    event_id: str
    type: str
    group: str
    place: str
    body: str


@dataclass(frozen=True, slots=True)
class KeptPage:
    """after: where the page behind this one begins; None when this was the last."""

    events: Sequence[KeptEvent]
    after: str | None


class KeptEvents(Protocol):
    """What happened in the last 30 days, to be sent and sent again."""

    def keep(self, events: Sequence[KeptEvent], forget_at: datetime) -> None:
        """Again is the same. StoreUnavailable when it is unknown whether all of it is kept."""
        ...

    def get(self, event_id: str) -> KeptEvent | None: ...

    def page(self, shard: int, since: datetime, until: datetime, after: str | None) -> KeptPage:
        """Events of a shard of groups that happened from `since` to `until`, both included, in
        their order: some of them, from behind `after`. They come without their bodies."""
        ...


@dataclass(frozen=True, slots=True)
class WaitingHead:
    """Of a group that waits. place: of the event that was tried, and how often; one that happened
    before it may have come since. due_at: when the group is tried again."""

    place: str
    tries: int
    due_at: datetime


class WaitingParcels(Protocol):
    """What could not be delivered yet, by webhook and group, in order."""

    def head(self, hook_id: str, group: str) -> WaitingHead | None:
        """None while nothing waits."""
        ...

    def first(self, hook_id: str, group: str, limit: int) -> list[Parcel]: ...

    def begin(self, parcel: Parcel, head: WaitingHead) -> None:
        """The first of its group to wait."""
        ...

    def add(self, parcel: Parcel) -> None:
        """Behind others of its group; again is the same."""
        ...

    def remove(self, parcel: Parcel) -> None: ...

    def move(
        self, hook_id: str, group: str, before: WaitingHead, after: WaitingHead | None
    ) -> None:
        """Another head; None when nothing waits any more."""
        ...

    def due(self, hook_id: str, shard: int, now: datetime, limit: int) -> list[str]:
        """Groups of a shard whose time has come, the longest due first."""
        ...


class Outcome(StrEnum):
    """Of one try. FAILED: it is tried again. GIVEN_UP: it is not, and can be replayed."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try. status: None when there was no answer. failure: why not, None where it was taken.
    next_at: None where nothing follows."""

    event_id: str
    type: str
    attempt: int
    at: datetime
    outcome: Outcome
    status: int | None
    failure: str | None
    milliseconds: int
    next_at: datetime | None


class Deliveries(Protocol):
    """What was tried, for 30 days."""

    def add(self, hook_id: str, delivery: Delivery) -> None: ...

    def page(
        self, hook_id: str, now: datetime, before: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        """Newest first; and where the next page begins, None behind the last."""
        ...

    def given_up(
        self, hook_id: str, before: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        """The same, of the last tries of events that were given up: its dead letters."""
        ...


@dataclass(frozen=True, slots=True)
class Replay:
    """Events of a time that are sent again, and how far that is. until: the last instant."""

    replay_id: str
    since: datetime
    until: datetime
    shard: int = 0
    after: str | None = None


class WebhookQueue(Protocol):
    """Feeds who delivers, a message after the other within a webhook and shard."""

    def send(self, parcels: Sequence[Parcel], again: str = "") -> list[int]:
        """Indexes of those that were not taken, ascending; of a webhook and shard, what follows one
        that was not taken is not, either. again: names a replay, by which all are marked; without,
        what was sent in the last minutes is not taken up twice."""
        ...

    def wake(self, hook_id: str, shards: Sequence[int], now: datetime) -> None:
        """Have what is due of these shards tried again."""
        ...

    def replay(self, hook_id: str, replay: Replay) -> None:
        """Have events sent again."""
        ...


class AddressRefused(ValueError):
    """Nothing may be sent there. Says why in words for whoever wrote the address."""


class Outgoing(Protocol):
    """Calls to addresses that somebody else chose."""

    def check(self, url: str) -> None:
        """AddressRefused when nothing may be sent there, StoreUnavailable when its name cannot be
        resolved now."""
        ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST to a URL; the status of the answer. Raises AddressRefused, and StoreUnavailable when
        no answer came in time."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookPorts:
    """What whoever publishes, delivers or replays needs."""

    webhooks: Webhooks
    kept: KeptEvents
    waiting: WaitingParcels
    deliveries: Deliveries
    queue: WebhookQueue
    outgoing: Outgoing
    vault: Vault
    entropy: Entropy
    patience: Patience
    noted: Callable[[str], None]
    """Counts one of what an operator wants to know of, by the metric's name."""
