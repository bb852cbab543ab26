"""Webhooks in memory: the same promises as the stores keep, and receivers that fail as told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.instants import printed
from chalicelib.domain.webhooks import KEPT, Health, Parcel, Webhook, shard_of
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.usecases.ports.webhooks import (
    AddressRefused,
    Delivery,
    KeptEvent,
    KeptPage,
    Outcome,
    Replay,
    WaitingHead,
)

_PAGE = 3
"""Events of a page: few, so that pages end."""


class FakeWebhooks:
    def __init__(self) -> None:
        self.hooks: dict[str, Webhook] = {}
        self.healths: dict[str, Health] = {}

    def all(self) -> list[Webhook]:
        return sorted(
            self.hooks.values(), key=lambda hook: (hook.created_at, hook.hook_id), reverse=True
        )

    def get(self, hook_id: str) -> Webhook | None:
        return self.hooks.get(hook_id)

    def put(self, webhook: Webhook) -> bool:
        before = self.hooks.get(webhook.hook_id)
        if (before.version if before else 0) != webhook.version - 1:
            return False
        self.hooks[webhook.hook_id] = webhook
        return True

    def delete(self, hook_id: str) -> bool:
        self.healths.pop(hook_id, None)
        return self.hooks.pop(hook_id, None) is not None

    def health(self, hook_id: str) -> Health | None:
        return self.healths.get(hook_id)

    def set_health(self, hook_id: str, health: Health | None) -> None:
        self.healths.pop(hook_id, None)
        if health is not None:
            self.healths[hook_id] = health


class FakeKeptEvents:
    def __init__(self) -> None:
        self.events: dict[str, KeptEvent] = {}
        self.broken: set[str] = set()

    def keep(self, events: Sequence[KeptEvent], forget_at: datetime) -> None:  # noqa: ARG002  # nothing is forgotten here
        self.events |= {event.event_id: event for event in events}

    def get(self, event_id: str) -> KeptEvent | None:
        if event_id in self.broken:
            raise ValueError("what nobody can read")
        return self.events.get(event_id)

    def page(self, shard: int, since: datetime, until: datetime, after: str | None) -> KeptPage:
        first, last = after or printed(since), f"{printed(until)}$"
        found = [
            replace(one, body="")
            for one in sorted(self.events.values(), key=lambda one: one.place)
            if shard_of(one.group) == shard and first < one.place < last
        ]
        shown = found[:_PAGE]
        return KeptPage(shown, shown[-1].place if shown else None)


@dataclass
class FakeWaitingParcels:
    heads: dict[tuple[str, str], WaitingHead] = field(default_factory=dict)
    parcels: dict[tuple[str, str, str], Parcel] = field(default_factory=dict)

    def head(self, hook_id: str, group: str) -> WaitingHead | None:
        return self.heads.get((hook_id, group))

    def first(self, hook_id: str, group: str, limit: int) -> list[Parcel]:
        of_group = [place for place in sorted(self.parcels) if place[:2] == (hook_id, group)]
        return [self.parcels[place] for place in of_group[:limit]]

    def begin(self, parcel: Parcel, head: WaitingHead) -> None:
        self.add(parcel)
        self.heads[parcel.hook_id, parcel.group] = head

    def add(self, parcel: Parcel) -> None:
        place = parcel.hook_id, parcel.group, parcel.place
        self.parcels[place] = replace(parcel, again=False)

    def remove(self, parcel: Parcel) -> None:
        self.parcels.pop((parcel.hook_id, parcel.group, parcel.place), None)

    def move(
        self, hook_id: str, group: str, before: WaitingHead, after: WaitingHead | None
    ) -> None:
        assert self.heads.pop((hook_id, group)) == before
        if after is not None:
            self.heads[hook_id, group] = after

    def due(self, hook_id: str, shard: int, now: datetime, limit: int) -> list[str]:
        found = sorted(
            (head.due_at, group)
            for (hook, group), head in self.heads.items()
            if (hook, shard_of(group)) == (hook_id, shard) and head.due_at <= now
        )
        return [group for _, group in found][:limit]


class FakeDeliveries:
    def __init__(self) -> None:
        self.tries: list[tuple[str, Delivery]] = []

    def add(self, hook_id: str, delivery: Delivery) -> None:
        self.tries.append((hook_id, delivery))

    def page(
        self, hook_id: str, now: datetime, before: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        oldest = now - KEPT - timedelta(days=1)
        tries = [one for hook, one in self.tries if hook == hook_id and one.at > oldest]
        return _page(tries, before, limit)

    def given_up(
        self, hook_id: str, before: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        tries = [one for hook, one in self.tries if hook == hook_id]
        return _page([one for one in tries if one.outcome is Outcome.GIVEN_UP], before, limit)


def _page(
    tries: Sequence[Delivery], before: str | None, limit: int
) -> tuple[list[Delivery], str | None]:
    rows = {f"{printed(one.at)}#{one.event_id}#{one.attempt:02d}": one for one in tries}
    keys = [key for key in sorted(rows, reverse=True) if before is None or key < before]
    after = keys[limit - 1] if len(keys) > limit else None
    return [rows[key] for key in keys[:limit]], after


@dataclass
class FakeWebhookQueue:
    """What was put into it, in lines, of which each is worked off by itself; it sees what it has
    seen. refuse: says which parcels it does not take."""

    lines: dict[str, list[Parcel | tuple[str, int] | tuple[str, Replay]]] = field(
        default_factory=dict
    )
    seen: set[tuple[str, ...]] = field(default_factory=set)
    refuse: Callable[[Parcel], bool] = lambda _: False

    def send(self, parcels: Sequence[Parcel], again: str = "") -> list[int]:
        failed: list[int] = []
        held: set[str] = set()
        for index, parcel in enumerate(parcels):
            line = f"{parcel.hook_id}-{parcel.shard}"
            if line in held or self.refuse(parcel):
                failed.append(index)
                held.add(line)
            elif (parcel.hook_id, parcel.event_id, again) not in self.seen:
                self.seen.add((parcel.hook_id, parcel.event_id, again))
                self.lines.setdefault(line, []).append(replace(parcel, again=bool(again)))
        return failed

    def wake(self, hook_id: str, shards: Sequence[int], now: datetime) -> None:  # noqa: ARG002  # each is taken up
        for shard in shards:
            self.lines.setdefault(f"{hook_id}-{shard}", []).append((hook_id, shard))

    def replay(self, hook_id: str, replay: Replay) -> None:
        self.lines.setdefault(f"{hook_id}-replay", []).append((hook_id, replay))


@dataclass
class FakeOutgoing:
    """Receivers that answer 204, unless `answer` says otherwise: a status, or None for none.
    posted: what was sent, in order: URL, headers, body."""

    answer: Callable[[str, Mapping[str, str], bytes], int | None] = lambda *_: 204
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def check(self, url: str) -> None:
        if not url.startswith("https://"):
            raise AddressRefused("Write an address that begins with https://.")
        if "unknown" in url:
            raise StoreUnavailable("its name has no address")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.check(url)
        self.posted.append((url, dict(headers), body))
        status = self.answer(url, headers, body)
        if status is None:
            raise StoreUnavailable("no answer in time")
        return status
