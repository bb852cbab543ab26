"""What becomes of a webhook: replaced, stopped, started again, given another secret, deleted."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import NotFound, VersionStale
from chalicelib.domain.webhooks import MOST_SECRETS, Disabled, Health, Webhook
from chalicelib.usecases.create_webhook import (
    WebhookCreated,
    WebhookDraft,
    new_secret,
    require_good,
)
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports

BOTH_SIGN = timedelta(days=1)
"""How long the secret before signs beside a new one."""


def read_webhook(ports: Ports, hook_id: str) -> tuple[Webhook, Health | None]:
    """A webhook, and how it is where it fails. Raises NotFound."""
    webhook = ports.webhooks.webhooks.get(hook_id)
    if webhook is None:
        raise NotFound(what="webhook")
    return webhook, ports.webhooks.webhooks.health(hook_id)


def replace_webhook(
    ports: Ports, caller: Caller, hook_id: str, version: int, draft: WebhookDraft, now: datetime
) -> Webhook:
    """Another address, other filters. What waits goes to the new address. Raises NotFound,
    VersionStale, InvalidContent."""
    before, _ = read_webhook(ports, hook_id)
    if before.version != version:
        raise VersionStale()
    require_good(ports.webhooks, draft)
    if draft.url != before.url:  # nothing is known yet of the new one
        ports.webhooks.webhooks.set_health(hook_id, None)
    said = {"url": draft.url, "events": draft.events, "description": draft.description}
    after = replace(before, version=before.version + 1, **said)  # type: ignore[arg-type]  # each by its field's type
    return _saved(ports, caller, "webhook.replaced", after, now)


def disable_webhook(ports: Ports, caller: Caller, hook_id: str, now: datetime) -> Webhook:
    """Nothing more is sent, and all waits; one that is disabled stays as it is. Raises NotFound,
    VersionStale."""
    before, _ = read_webhook(ports, hook_id)
    if before.disabled is not None:
        return before
    after = replace(before, version=before.version + 1, disabled=Disabled.BY_STAFF, disabled_at=now)
    return _saved(ports, caller, "webhook.disabled", after, now)


def enable_webhook(ports: Ports, caller: Caller, hook_id: str, now: datetime) -> Webhook:
    """What waited is sent, and behind it what happens from now on. Raises NotFound,
    VersionStale."""
    before, health = read_webhook(ports, hook_id)
    if health is not None:
        ports.webhooks.webhooks.set_health(hook_id, None)
    if before.disabled is None:
        return before
    after = replace(before, version=before.version + 1, disabled=None, disabled_at=None)
    return _saved(ports, caller, "webhook.enabled", after, now)


def rotate_secret(
    ports: Ports, caller: Caller, hook_id: str, now: datetime, *, leaked: bool
) -> WebhookCreated:
    """A new signing secret; the ones before sign beside it, each for a day from when it was
    changed: so a call that is repeated takes nothing from who knows the first. leaked: they sign no
    more. Raises NotFound, VersionStale."""
    before, _ = read_webhook(ports, hook_id)
    secret, sealed = new_secret(ports.webhooks, hook_id, before.wrapped_key)
    newest, *older = before.secrets
    signing = [one for one in older if one.until is not None and now < one.until]
    former = [] if leaked else [replace(newest, until=now + BOTH_SIGN), *signing]
    secrets = (sealed, *former)[:MOST_SECRETS]
    after = replace(before, version=before.version + 1, secrets=secrets)
    return WebhookCreated(_saved(ports, caller, "webhook.secret_rotated", after, now), secret)


def delete_webhook(ports: Ports, caller: Caller, hook_id: str, now: datetime) -> None:
    """Nothing more is sent, and what waited is forgotten. Raises NotFound."""
    read_webhook(ports, hook_id)
    note(ports, caller, "webhook.deleted", now, subject=hook_id)
    if not ports.webhooks.webhooks.delete(hook_id):
        raise NotFound(what="webhook")


def _saved(ports: Ports, caller: Caller, action: str, after: Webhook, now: datetime) -> Webhook:
    note(ports, caller, action, now, subject=after.hook_id)
    if not ports.webhooks.webhooks.put(after):
        raise VersionStale()
    return after
