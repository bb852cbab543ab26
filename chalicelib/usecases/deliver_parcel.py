"""A delivery to a webhook: one try, or what waited for the next one.

Who calls sees to it that nobody else deals with the same webhook and shard meanwhile. So the first
event of a group that fails stops those behind it, and no others: they wait in the store, and the
queue runs on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.webhook_signing import signed_headers
from chalicelib.domain.webhooks import (
    FAILS_FOR,
    Disabled,
    Parcel,
    Webhook,
    next_try,
    worse,
)
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

_EVENTS_AT_ONCE = 25
_GROUPS_AT_ONCE = 400
_SECONDS_AT_ONCE = 40.0
"""Of a minute: what happens meanwhile has its turn in the rest of it."""
_TAKEN = range(200, 300)
_GONE = 410


def deliver_parcel(ports: WebhookPorts, parcel: Parcel, clock: Clock) -> None:
    """Deliver an event, or let it wait: behind those of its group, and while its webhook rests or
    is disabled.

    What is meant for a webhook that is deleted is dropped. Raises StoreUnavailable; doing it again
    is then no harm.
    """
    webhook = ports.webhooks.get(parcel.hook_id)
    event = ports.kept.get(parcel.event_id) if webhook is not None else None
    if webhook is None or event is None:
        return
    head = ports.waiting.head(parcel.hook_id, parcel.group)
    if head is not None:
        _line_up(ports, parcel, head, clock())
        return
    until = _left_alone_until(ports, webhook, clock())
    if until is not None:
        ports.waiting.begin(parcel, WaitingHead(parcel.place, 0, until))
        return
    tried = _try(ports, webhook, event, 1, clock)
    if tried.outcome is Outcome.FAILED:
        ports.waiting.begin(parcel, _head_after(parcel, tried))
    _note_health(ports, webhook, tried)


def deliver_waiting(ports: WebhookPorts, hook_id: str, shard: int, clock: Clock) -> None:
    """Try what is due of a shard's groups, in the time there is: each group in its order, until
    something of it fails or nothing is left. Raises as above, and whatever one group broke on, once
    all others had their turn."""
    ends = ports.patience.monotonic() + _SECONDS_AT_ONCE
    broken: Exception | None = None
    for group in ports.waiting.due(hook_id, shard, clock(), _GROUPS_AT_ONCE):
        webhook = ports.webhooks.get(hook_id)  # anew: it may just have been changed
        if webhook is None or _left_alone_until(ports, webhook, clock()) is not None:
            break
        if ports.patience.monotonic() > ends:
            break
        try:
            _try_group(ports, webhook, group, ends, clock)
        except Exception as error:  # poison, or an outage: it holds up no other group
            broken = broken or error
    if broken is not None:
        raise broken


def _line_up(ports: WebhookPorts, parcel: Parcel, head: WaitingHead, now: datetime) -> None:
    ports.waiting.add(parcel)
    if parcel.again and head.due_at > now:  # somebody wants it now: so do those before it
        sooner = replace(head, due_at=now)
        ports.waiting.move(parcel.hook_id, parcel.group, head, sooner)


def _left_alone_until(ports: WebhookPorts, webhook: Webhook, now: datetime) -> datetime | None:
    """When to look again at one to which nothing is sent now; None of any other. What waits for
    one that is disabled is due as soon as it is enabled."""
    if webhook.disabled is not None:
        return now
    health = ports.webhooks.health(webhook.hook_id)
    return health.resting_until if health is not None and health.rests(now) else None


def _try_group(
    ports: WebhookPorts, webhook: Webhook, group: str, ends: float, clock: Clock
) -> None:
    head = ports.waiting.head(webhook.hook_id, group)
    if head is None:  # a hint that was left behind
        return
    after = _work_off(ports, webhook, group, head, ends, clock)
    if after != head:
        ports.waiting.move(webhook.hook_id, group, head, after)


def _work_off(
    ports: WebhookPorts, webhook: Webhook, group: str, head: WaitingHead, ends: float, clock: Clock
) -> WaitingHead | None:
    """The head of what is left."""
    for parcel in ports.waiting.first(webhook.hook_id, group, _EVENTS_AT_ONCE):
        tries = head.tries if parcel.place == head.place else 0
        if ports.patience.monotonic() > ends:
            return WaitingHead(parcel.place, tries, clock())
        event = ports.kept.get(parcel.event_id)
        goes_on = True
        if event is not None:  # it is forgotten after a month
            tried = _try(ports, webhook, event, tries + 1, clock)
            goes_on = _note_health(ports, webhook, tried)
            if tried.outcome is Outcome.FAILED:
                return _head_after(parcel, tried)
        ports.waiting.remove(parcel)
        if not goes_on:
            break
    more = ports.waiting.first(webhook.hook_id, group, 1)
    return replace(head, due_at=clock()) if more else None


def _head_after(parcel: Parcel, tried: Delivery) -> WaitingHead:
    return WaitingHead(parcel.place, tried.attempt, tried.next_at or tried.at)


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
    """Send it, and write down what became of it. What is answered 410 is not given up: it waits
    until somebody enables the webhook again."""
    at = clock()
    answered = call(ports, webhook, event, at)
    next_at, outcome = None, Outcome.DELIVERED
    if answered.failure is not None:
        outcome = Outcome.FAILED
        if answered.status != _GONE:
            next_at = next_try(attempt, clock(), ports.patience.jitter())
            outcome = Outcome.FAILED if next_at is not None else Outcome.GIVEN_UP
    said = (answered.status, answered.failure, answered.milliseconds)
    delivery = Delivery(event.event_id, event.type, attempt, at, outcome, *said, next_at)
    ports.deliveries.add(webhook.hook_id, delivery)
    if outcome is Outcome.GIVEN_UP:
        ports.noted("webhook_events_given_up")
    return delivery


def _note_health(ports: WebhookPorts, webhook: Webhook, tried: Delivery) -> bool:
    """Keep how the webhook is; disable one that is gone, or has failed for days. Whether it is
    still to be sent to."""
    before = ports.webhooks.health(webhook.hook_id)
    if tried.outcome is Outcome.DELIVERED:
        if before is not None:
            ports.webhooks.set_health(webhook.hook_id, None)
        return True
    after = worse(before, tried.at)
    ports.webhooks.set_health(webhook.hook_id, after)
    why = Disabled.GONE if tried.status == _GONE else None
    if why is None and tried.at - after.since >= FAILS_FOR:
        why = Disabled.FAILING
    if why is not None:
        _disable(ports, webhook, why, tried.at)
    elif after.rests(tried.at):
        ports.noted("webhooks_resting")
    return why is None


def _disable(ports: WebhookPorts, webhook: Webhook, why: Disabled, at: datetime) -> None:
    disabled = replace(webhook, version=webhook.version + 1, disabled=why, disabled_at=at)
    if ports.webhooks.put(disabled):  # else somebody has changed it: it is tried once more
        ports.noted("webhooks_disabled")
