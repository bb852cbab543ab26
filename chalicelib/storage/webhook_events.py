"""Events as webhooks are sent them, kept for a month in the table `config`: each by its id, and by
the hour in which it happened. TTL forgets them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.webhooks import shard_of
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import get, oldest_of
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.usecases.ports.webhooks import KeptEvent, KeptPage

_PAGE = 100
_HOURS_A_PAGE = 48
_HOUR = len("2026-11-22T09")


class KeptEventItem(ConfigItem, discriminator="kept_event"):
    """type, member (whose order it keeps), place: of the event. body: as it is sent."""

    type = UnicodeAttribute()
    member = UnicodeAttribute()
    place = UnicodeAttribute()
    body = UnicodeAttribute()
    ttl = IntAttribute()


class HappenedItem(ConfigItem, discriminator="happened"):
    """That an event happened; its place is the sort key, and ends with its id."""

    type = UnicodeAttribute()
    member = UnicodeAttribute()
    ttl = IntAttribute()


class DynamoKeptEvents:
    """The `KeptEvents` port over the bound tables."""

    def keep(self, events: Sequence[KeptEvent], forget_at: datetime) -> None:
        ttl = int(forget_at.timestamp())
        unlike = {event.event_id: event for event in events}  # a batch takes nothing twice
        with store_errors(), ConfigItem.batch_write() as batch:
            for event in unlike.values():
                batch.save(_kept(event, ttl))
                batch.save(_happened(event, ttl))

    def get(self, event_id: str) -> KeptEvent | None:
        item = get(KeptEventItem, keys.event(event_id), keys.ONLY)
        if item is None:
            return None
        return KeptEvent(event_id, item.type, item.member, item.place, item.body)

    def page(self, shard: int, since: datetime, until: datetime, after: str | None) -> KeptPage:
        first, last = printed(since), f"{printed(until)}$"  # sorts behind all places of `until`
        position = after if after is not None else first
        for hour in _hours(position, until):
            items = oldest_of(HappenedItem, keys.events(hour, shard), limit=_PAGE, after=position)
            events = [_bodiless(item) for item in items if item.sk < last]
            if events:
                return KeptPage(events, events[-1].place)
            position = f"{hour}~"  # behind all of this hour
        if position[:_HOUR] >= printed(until)[:_HOUR]:
            return KeptPage([], None)
        return KeptPage([], position)


def _hours(position: str, until: datetime) -> Iterator[str]:
    """The hours from that of a position to that of an instant, not too many of them."""
    at = parsed(f"{position[:_HOUR]}:00:00Z")
    for _ in range(_HOURS_A_PAGE):
        if at > until:
            return
        yield printed(at)[:_HOUR]
        at += timedelta(hours=1)


def _kept(event: KeptEvent, ttl: int) -> KeptEventItem:
    item = KeptEventItem(keys.event(event.event_id), keys.ONLY)
    item.type, item.member, item.place = event.type, event.group, event.place
    item.body, item.ttl = event.body, ttl
    return item


def _happened(event: KeptEvent, ttl: int) -> HappenedItem:
    pk = keys.events(event.place[:_HOUR], shard_of(event.group))
    item = HappenedItem(pk, event.place)
    item.type, item.member, item.ttl = event.type, event.group, ttl
    return item


def _bodiless(item: HappenedItem) -> KeptEvent:
    return KeptEvent(item.sk.rpartition("#")[2], item.type, item.member, item.sk, "")
