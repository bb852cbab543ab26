"""A delivery to see whether it arrives: at once, once, of an event that happened to nobody."""

from datetime import datetime

from chalicelib.domain.webhooks import TEST_TYPE
from chalicelib.usecases.change_webhook import read_webhook
from chalicelib.usecases.deliver_parcel import Answered, call
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.outside import Event
from chalicelib.usecases.ports.webhooks import Delivery, Outcome
from chalicelib.usecases.tell_webhooks import kept_event


def try_webhook(ports: Ports, hook_id: str, now: datetime) -> tuple[str, Answered]:
    """Send a test event; its id, and what came back. Of a disabled webhook too: so one sees
    whether it can be enabled. Raises NotFound, StoreUnavailable."""
    webhook, _ = read_webhook(ports, hook_id)
    event_id = ports.entropy(32).hex()
    event = kept_event(
        Event(event_id, "/stampbook/webhooks", TEST_TYPE, hook_id, now, {"hook_id": hook_id})
    )
    answered = call(ports.webhooks, webhook, event, now)
    outcome = Outcome.DELIVERED if answered.failure is None else Outcome.FAILED
    said = (answered.status, answered.failure, answered.milliseconds)
    ports.webhooks.deliveries.add(
        hook_id, Delivery(event_id, TEST_TYPE, 1, now, outcome, *said, None)
    )
    return event_id, answered
