"""A delivery to a webhook: one try, or what waited for the next one.

Who calls sees to it that nobody else deals with the same webhook and shard meanwhile. So the first
event of a group that fails stops those behind it, and no others: they wait in the store, and the
queue runs on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.webhook_signing import signed_headers
from chalicelib.domain.webhooks import FAILS_FOR, Disabled, Parcel, Webhook, next_try, worse
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.usecases.ports.webhooks import (
    AddressRefused,
    Delivery,
    KeptEvent,
    Outcome,
    WaitingHead,
    WebhookPorts,
)

Clock = Callable[[], datetime]

_AT_ONCE = 25
_SECONDS_AT_ONCE = 30.0
_TAKEN = range(200, 300)
_GONE = 410


def deliver_parcel(ports: WebhookPorts, parcel: Parcel, clock: Clock) -> None:
    """Deliver an event, or let it wait: behind those of its group, and while its webhook rests.

    What is meant for a webhook that is gone or disabled is dropped: it can be replayed. Raises
    StoreUnavailable; doing it again is then no harm.
    """
    webhook = _listening(ports, parcel.hook_id)
    event = ports.kept.get(parcel.event_id) if webhook is not None else None
    if webhook is None or event is None:
        return
    if ports.waiting.head(parcel.hook_id, parcel.group) is not None:
        ports.waiting.add(parcel)
        return
    health = ports.webhooks.health(parcel.hook_id)
    if health is not None and health.resting_until is not None and health.rests(clock()):
        ports.waiting.begin(parcel, WaitingHead(0, health.resting_until))
        return
    tried = _try(ports, webhook, event, 1, clock)
    if tried.outcome is Outcome.FAILED and tried.next_at is not None:
        ports.waiting.begin(parcel, WaitingHead(1, tried.next_at))
    _note_health(ports, webhook, tried)


def deliver_waiting(ports: WebhookPorts, hook_id: str, group: str, clock: Clock) -> None:
    """Try what waits, in order, until something fails or nothing is left. Raises as above."""
    webhook, head = _listening(ports, hook_id), ports.waiting.head(hook_id, group)
    if webhook is None or head is None or head.due_at > clock():
        return
    health = ports.webhooks.health(hook_id)
    if health is not None and health.rests(clock()):
        return
    after = _work_off(ports, webhook, group, head.tries, clock)
    if after != head:
        ports.waiting.move(hook_id, group, head, after)


def _work_off(
    ports: WebhookPorts, webhook: Webhook, group: str, tries: int, clock: Clock
) -> WaitingHead | None:
    """The head of what is left."""
    began = ports.patience.monotonic()
    for parcel in ports.waiting.first(webhook.hook_id, group, _AT_ONCE):
        if ports.patience.monotonic() - began > _SECONDS_AT_ONCE:
            return WaitingHead(tries, clock())
        event = ports.kept.get(parcel.event_id)
        if event is not None:  # it is forgotten after a month
            tried = _try(ports, webhook, event, tries + 1, clock)
            _note_health(ports, webhook, tried)
            if tried.outcome is Outcome.FAILED and tried.next_at is not None:
                return WaitingHead(tries + 1, tried.next_at)
        ports.waiting.remove(parcel)
        tries = 0
    more = ports.waiting.first(webhook.hook_id, group, 1)
    return WaitingHead(0, clock()) if more else None


def _listening(ports: WebhookPorts, hook_id: str) -> Webhook | None:
    webhook = ports.webhooks.get(hook_id)
    return webhook if webhook is not None and webhook.disabled is None else None


# --- one try -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call came to. failure: why it was not taken, None where it was."""

    status: int | None
    failure: str | None
    milliseconds: int


def call(ports: WebhookPorts, webhook: Webhook, event: KeptEvent, now: datetime) -> Answered:
    """Send an event to a webhook once, signed. Raises StoreUnavailable when its secrets cannot be
    opened."""
    body = event.body.encode()
    secrets = [
        ports.vault.open(webhook.hook_id, webhook.wrapped_key, secret.name, secret.sealed)
        for secret in webhook.secrets
        if secret.until is None or now < secret.until
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Stampbook-Webhooks/1",
        **signed_headers(event.event_id, int(now.timestamp()), body, secrets),
    }
    began = ports.patience.monotonic()
    status, failure = _posted(ports, webhook.url, body, headers)
    return Answered(status, failure, round((ports.patience.monotonic() - began) * 1000))


def _posted(
    ports: WebhookPorts, url: str, body: bytes, headers: dict[str, str]
) -> tuple[int | None, str | None]:
    try:
        status = ports.outgoing.post(url, body, headers)
    except AddressRefused:
        return None, "address_refused"
    except StoreUnavailable:
        return None, "no_answer"
    return status, None if status in _TAKEN else "refused"


def _try(
    ports: WebhookPorts, webhook: Webhook, event: KeptEvent, attempt: int, clock: Clock
) -> Delivery:
    """Send it, and write down what became of it."""
    at = clock()
    answered = call(ports, webhook, event, at)
    next_at, outcome = None, Outcome.DELIVERED
    if answered.failure is not None:
        next_at = next_try(attempt, clock(), ports.patience.jitter())
        outcome = Outcome.FAILED if next_at is not None else Outcome.GIVEN_UP
    said = (answered.status, answered.failure, answered.milliseconds)
    delivery = Delivery(event.event_id, event.type, attempt, at, outcome, *said, next_at)
    ports.deliveries.add(webhook.hook_id, delivery)
    return delivery


def _note_health(ports: WebhookPorts, webhook: Webhook, tried: Delivery) -> None:
    """Keep how the webhook is; disable one that is gone, or has failed for days."""
    before = ports.webhooks.health(webhook.hook_id)
    if tried.outcome is Outcome.DELIVERED:
        if before is not None:
            ports.webhooks.set_health(webhook.hook_id, None)
        return
    after = worse(before, tried.at)
    ports.webhooks.set_health(webhook.hook_id, after)
    why = Disabled.GONE if tried.status == _GONE else None
    if why is None and tried.at - after.since >= FAILS_FOR:
        why = Disabled.FAILING
    if why is not None:
        _disable(ports, webhook, why, tried.at)


def _disable(ports: WebhookPorts, webhook: Webhook, why: Disabled, at: datetime) -> None:
    disabled = replace(webhook, version=webhook.version + 1, disabled=why, disabled_at=at)
    ports.webhooks.put(disabled)  # where somebody has changed it meanwhile, it is tried once more
