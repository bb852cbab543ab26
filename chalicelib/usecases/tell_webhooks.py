"""What happened, to whoever has a webhook for it: kept for replays, and put on its way in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.webhooks import KEPT, Parcel, Webhook, place_of
from chalicelib.usecases.ports import Event, EventBus, StoreUnavailable
from chalicelib.usecases.ports.webhooks import KeptEvent, WebhookPorts


def tell_webhooks(ports: WebhookPorts, events: Sequence[Event], now: datetime) -> list[int]:
    """Have events delivered; the indexes of those that were not put on their way to everybody.

    Again is no harm: an event keeps its id. Raises nothing where a store does not answer.
    """
    try:
        webhooks = ports.webhooks.all()
        if not webhooks:
            return []
        kept = [kept_event(event) for event in events]
        ports.kept.keep(kept, now + KEPT)  # also for webhooks that are made later
    except StoreUnavailable:
        return list(range(len(events)))
    wanted = [
        (index, parcel_of(webhook, event))  # where it is disabled, too: there it waits, in order
        for index, event in enumerate(kept)
        for webhook in webhooks
        if webhook.wants(event.type)
    ]
    failed = ports.queue.send([parcel for _, parcel in wanted]) if wanted else []
    return sorted({wanted[index][0] for index in failed})


def kept_event(event: Event) -> KeptEvent:
    """An event as it is kept and sent. What concerns a member keeps that member's order; all else
    that of what it is about."""
    group, seq = event.data.get("member_id", event.subject), event.data.get("seq", 0)
    place = place_of(event.time, seq if isinstance(seq, int) else 0, event.id)
    return KeptEvent(event.id, event.type, str(group), place, event.printed())


def parcel_of(webhook: Webhook, event: KeptEvent) -> Parcel:
    """An event on its way to a webhook."""
    return Parcel(webhook.hook_id, event.group, event.place, event.event_id)


@dataclass(frozen=True, slots=True)
class BusAndWebhooks:
    """An EventBus: events go on the bus and to webhooks. What either did not take is reported, and
    published again to both: each drops what it has seen."""

    bus: EventBus
    ports: Callable[[], WebhookPorts]
    clock: Callable[[], datetime]

    def publish(self, events: Sequence[Event]) -> list[int]:
        """Publish events; the indexes of those that did not go everywhere, ascending."""
        failed = self.bus.publish(events)
        return sorted({*failed, *tell_webhooks(self.ports(), events, self.clock())})
