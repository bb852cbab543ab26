"""Webhooks as JSON: what is sent and answered."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.shell import Instant, Page
from chalicelib.domain.instants import printed
from chalicelib.domain.webhooks import MOST_FILTERS, Health, Webhook
from chalicelib.usecases.ports.webhooks import Delivery

Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]
Filter = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
EventId = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class WebhookBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """url: https, on the public internet. events: what to be told of: types of events, prefixes
    that end with `.*` such as `stampbook.points.*`, or `*` for everything."""

    url: Url
    events: Annotated[list[Filter], msgspec.Meta(min_length=1, max_length=MOST_FILTERS)]
    description: Annotated[str, msgspec.Meta(max_length=200)] = ""


class WebhookAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """status: `disabled` when nothing is sent, for the reason in `disabled_as`: `by_staff`, `gone`
    (the receiver answered 410) or `failing` (nothing was taken for five days); what happens
    meanwhile waits. failing_since: nothing was taken since. second_secret_until: the secret before
    signs too, until then."""

    hook_id: str
    url: str
    events: list[str]
    description: str
    status: Literal["enabled", "disabled"]
    disabled_as: Literal["by_staff", "gone", "failing"] | None
    disabled_at: Instant | None
    failing_since: Instant | None
    second_secret_until: Instant | None
    created_at: Instant


class WebhookSecretAnswer(WebhookAnswer, frozen=True, kw_only=True):
    """secret: shown here and never again; verify deliveries with it by the Standard Webhooks
    specification."""

    secret: str


class SecretQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """leaked: the secrets before are not to sign any more, from now on."""

    leaked: bool = False


class WebhookList(msgspec.Struct, frozen=True):
    items: list[WebhookAnswer]
    next_cursor: str | None


class WebhookTestAnswer(msgspec.Struct, frozen=True):
    """status: of the receiver's answer, null when there was none. failure: `refused` (not a 2xx),
    `no_answer` or `address_refused`, null when it was taken."""

    event_id: str
    delivered: bool
    status: int | None
    failure: str | None
    milliseconds: int


class DeliveryAnswer(msgspec.Struct, frozen=True):
    """One try. outcome: `failed` is tried again at `next_at`, or after a 410 when the webhook is
    enabled again (a test is not); `given_up` is not, and can be replayed. attempt: from 1; of ten.
    status and failure: as of a test."""

    event_id: str
    type: str
    attempt: int
    at: Instant
    outcome: Literal["delivered", "failed", "given_up"]
    status: int | None
    failure: str | None
    milliseconds: int
    next_at: Instant | None


class DeliveryQuery(Page, frozen=True, forbid_unknown_fields=True):
    """outcome: `given_up` for the events that are not tried any more, each with its last try."""

    outcome: Literal["given_up"] | None = None


class DeliveryList(msgspec.Struct, frozen=True):
    items: list[DeliveryAnswer]
    next_cursor: str | None


class ReplayBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either `from` (and `to`, now when left out), or `event_ids`."""

    since: Instant | None = msgspec.field(default=None, name="from")
    until: Instant | None = msgspec.field(default=None, name="to")
    event_ids: Annotated[list[EventId], msgspec.Meta(min_length=1, max_length=100)] | None = None


class ReplayAnswer(msgspec.Struct, frozen=True):
    replay_id: str


def webhook_answer(webhook: Webhook, health: Health | None) -> WebhookAnswer:
    """A webhook as it is shown, without its secrets."""
    former = [secret.until for secret in webhook.secrets if secret.until is not None]
    return WebhookAnswer(
        hook_id=webhook.hook_id,
        url=webhook.url,
        events=list(webhook.events),
        description=webhook.description,
        status="enabled" if webhook.disabled is None else "disabled",
        disabled_as=webhook.disabled.value if webhook.disabled is not None else None,
        disabled_at=printed(webhook.disabled_at) if webhook.disabled_at is not None else None,
        failing_since=printed(health.since) if health is not None else None,
        second_secret_until=printed(former[0]) if former else None,
        created_at=printed(webhook.created_at),
    )


def delivery_answer(delivery: Delivery) -> DeliveryAnswer:
    """One try as it is shown."""
    return DeliveryAnswer(
        event_id=delivery.event_id,
        type=delivery.type,
        attempt=delivery.attempt,
        at=printed(delivery.at),
        outcome=delivery.outcome.value,
        status=delivery.status,
        failure=delivery.failure,
        milliseconds=delivery.milliseconds,
        next_at=printed(delivery.next_at) if delivery.next_at is not None else None,
    )
