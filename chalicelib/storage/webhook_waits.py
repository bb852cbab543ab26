"""What waits for webhooks, in the table `config`: by webhook and group the events in their order,
with a head that says when; and a hint of it by that instant. TTL forgets what is left of webhooks
that are gone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.webhooks import KEPT, Parcel, shard_of
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import get, oldest_of, partition_keys
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Delete, Put, transact
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.usecases.ports.webhooks import WaitingHead


class WaitingHeadItem(ConfigItem, discriminator="waiting_head"):
    """place: of the event that was tried. due: when the group is tried again, as printed."""

    place = UnicodeAttribute()
    tries = IntAttribute()
    due = UnicodeAttribute()
    ttl = IntAttribute()


class WaitingParcelItem(ConfigItem, discriminator="waiting_parcel"):
    """An event that waits; its place is the sort key."""

    event_id = UnicodeAttribute()
    ttl = IntAttribute()


class WaitingDueItem(ConfigItem, discriminator="waiting_due"):
    """That a group waits until an instant. A hint: its head says the truth."""

    ttl = IntAttribute()


class DynamoWaitingParcels:
    """The `WaitingParcels` port over the bound tables."""

    def head(self, hook_id: str, group: str) -> WaitingHead | None:
        item = get(WaitingHeadItem, keys.waiting(hook_id, group), keys.ONLY)
        return WaitingHead(item.place, item.tries, parsed(item.due)) if item is not None else None

    def first(self, hook_id: str, group: str, limit: int) -> list[Parcel]:
        pk = keys.waiting(hook_id, group)
        items = oldest_of(WaitingParcelItem, pk, limit=limit, after=keys.ONLY)
        return [Parcel(hook_id, group, item.sk, item.event_id) for item in items]

    def begin(self, parcel: Parcel, head: WaitingHead) -> None:
        hook_id, group = parcel.hook_id, parcel.group
        _written(puts=[_parcel(parcel, head.due_at), *_head(hook_id, group, head)])

    def add(self, parcel: Parcel) -> None:
        at = parsed(parcel.place.partition("#")[0])
        with store_errors():
            _parcel(parcel, at).item.save()

    def remove(self, parcel: Parcel) -> None:
        with store_errors():
            WaitingParcelItem(keys.waiting(parcel.hook_id, parcel.group), parcel.place).delete()

    def move(
        self, hook_id: str, group: str, before: WaitingHead, after: WaitingHead | None
    ) -> None:
        head, hint = _head(hook_id, group, before)
        deletes = [] if after is not None and after.due_at == before.due_at else [hint.item]
        puts = list(_head(hook_id, group, after)) if after is not None else []
        if after is None:
            deletes.append(head.item)
        _written(puts=puts, deletes=[Delete(item) for item in deletes])

    def due(self, hook_id: str, shard: int, now: datetime, limit: int) -> list[str]:
        groups: list[str] = []
        until = keys.due_group(printed(now), "~")
        for key in partition_keys(WaitingDueItem, keys.waiting_due(hook_id, shard), until):
            groups.append(key.partition("#")[2])
            if len(groups) == limit:
                break
        return groups


def _parcel(parcel: Parcel, at: datetime) -> Put:
    item = WaitingParcelItem(keys.waiting(parcel.hook_id, parcel.group), parcel.place)
    item.event_id, item.ttl = parcel.event_id, _forgotten(at)
    return Put(item, _ANYHOW)


def _head(hook_id: str, group: str, head: WaitingHead) -> tuple[Put, Put]:
    """The head, and the hint of it."""
    due = printed(head.due_at)
    item = WaitingHeadItem(keys.waiting(hook_id, group), keys.ONLY)
    item.place, item.tries = head.place, head.tries
    item.due, item.ttl = due, _forgotten(head.due_at)
    hint = WaitingDueItem(keys.waiting_due(hook_id, shard_of(group)), keys.due_group(due, group))
    hint.ttl = _forgotten(head.due_at)
    return Put(item, _ANYHOW), Put(hint, _ANYHOW)


_ANYHOW = ConfigItem.pk.exists() | ConfigItem.pk.does_not_exist()
"""Nobody else writes to a group meanwhile: its queue sees to that."""


def _forgotten(at: datetime) -> int:
    return int((at + KEPT + timedelta(days=1)).timestamp())


def _written(puts: Sequence[Put], deletes: Sequence[Delete] = ()) -> None:
    try:
        transact(puts=puts, deletes=deletes)
    except Cancelled as error:
        raise StoreUnavailable("what waits was written by somebody else") from error
