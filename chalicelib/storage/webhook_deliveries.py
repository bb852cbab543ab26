"""What was tried to deliver, in the table `config`, by webhook and day; what was given up beside
that. TTL forgets it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.webhooks import KEPT
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import newest_of
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.usecases.ports.webhooks import Delivery, Outcome

_DAY = len("2026-11-22")


class DeliveryItem(ConfigItem, discriminator="delivery"):
    """One try. ms: how long it took. The rest is as in `Delivery`."""

    type = UnicodeAttribute()
    outcome = UnicodeAttribute()
    status = IntAttribute(null=True)
    failure = UnicodeAttribute(null=True)
    ms = IntAttribute()
    next_at = UnicodeAttribute(null=True)
    ttl = IntAttribute()

    def delivery(self) -> Delivery:
        at, event_id, attempt = self.sk.split("#")
        return Delivery(
            event_id=event_id,
            type=self.type,
            attempt=int(attempt),
            at=parsed(at),
            outcome=Outcome(self.outcome),
            status=self.status,
            failure=self.failure,
            milliseconds=self.ms,
            next_at=parsed(self.next_at) if self.next_at is not None else None,
        )


class DynamoDeliveries:
    """The `Deliveries` port over the bound tables."""

    def add(self, hook_id: str, delivery: Delivery) -> None:
        with store_errors():
            _item(keys.deliveries(hook_id, printed(delivery.at)[:_DAY]), delivery).save()
            if delivery.outcome is Outcome.GIVEN_UP:
                _item(keys.given_up(hook_id), delivery).save()

    def page(
        self, hook_id: str, now: datetime, before: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        found: list[DeliveryItem] = []
        day = parsed(f"{before[:_DAY]}T00:00:00Z") if before is not None else now
        while len(found) <= limit and day > now - KEPT - timedelta(days=1):
            pk = keys.deliveries(hook_id, printed(day)[:_DAY])
            found += newest_of(DeliveryItem, pk, limit=limit + 1 - len(found), before=before)
            day, before = day - timedelta(days=1), None
        return _page(found, limit)

    def given_up(
        self, hook_id: str, before: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        pk = keys.given_up(hook_id)
        return _page(newest_of(DeliveryItem, pk, limit=limit + 1, before=before), limit)


def _item(pk: str, delivery: Delivery) -> DeliveryItem:
    sk = keys.delivery(printed(delivery.at), delivery.event_id, delivery.attempt)
    item = DeliveryItem(pk, sk)
    item.type, item.outcome = delivery.type, delivery.outcome.value
    item.status, item.failure, item.ms = delivery.status, delivery.failure, delivery.milliseconds
    item.next_at = printed(delivery.next_at) if delivery.next_at is not None else None
    item.ttl = int((delivery.at + KEPT).timestamp())
    return item


def _page(found: Sequence[DeliveryItem], limit: int) -> tuple[list[Delivery], str | None]:
    """So many of those that were found, and where the next page begins if there were more."""
    shown = found[:limit]
    return [item.delivery() for item in shown], shown[-1].sk if len(found) > limit else None
