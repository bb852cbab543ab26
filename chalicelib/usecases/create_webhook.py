"""A new webhook; its signing secret is shown once, in the answer, and kept sealed."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.names import new_id
from chalicelib.domain.refusals import Conflict, FieldError, InvalidContent
from chalicelib.domain.webhook_signing import SECRET_BYTES, printed_secret
from chalicelib.domain.webhooks import MOST_WEBHOOKS, SealedSecret, Webhook, problems_of
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.ports.webhooks import AddressRefused, WebhookPorts


@dataclass(frozen=True, slots=True)
class WebhookDraft:
    """What an admin says of a webhook."""

    url: str
    events: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class WebhookCreated:
    webhook: Webhook
    secret: str


def create_webhook(
    ports: Ports, caller: Caller, draft: WebhookDraft, now: datetime
) -> WebhookCreated:
    """Create a webhook. A repeated call makes another one: a secret is not kept to be shown again.

    Raises InvalidContent, and Conflict with `too_many_webhooks`.
    """
    require_good(ports.webhooks, draft)
    if len(ports.webhooks.webhooks.all()) >= MOST_WEBHOOKS:
        raise Conflict(reason="too_many_webhooks")
    hook_id = new_id("hook", ports.entropy(16))
    wrapped_key = ports.webhooks.vault.create_key(hook_id)
    secret, sealed = new_secret(ports.webhooks, hook_id, wrapped_key)
    webhook = Webhook(
        hook_id, 1, draft.url, draft.events, draft.description, wrapped_key, (sealed,), now
    )
    note(ports, caller, "webhook.created", now, subject=hook_id)
    if not ports.webhooks.webhooks.put(webhook):
        raise StoreUnavailable("a new webhook's id was taken")
    return WebhookCreated(webhook, secret)


def new_secret(ports: WebhookPorts, hook_id: str, wrapped_key: bytes) -> tuple[str, SealedSecret]:
    """A secret as it is printed, and sealed. StoreUnavailable when nothing can be sealed."""
    secret = ports.entropy(SECRET_BYTES)
    name = f"secret/{ports.entropy(8).hex()}"
    sealed = ports.vault.seal(hook_id, wrapped_key, name, secret)
    return printed_secret(secret), SealedSecret(name, sealed)


def require_good(ports: WebhookPorts, draft: WebhookDraft) -> None:
    """InvalidContent with everything that is wrong with a draft: nothing may be sent to its
    address, its name is not known, its filters name nothing."""
    errors = problems_of(draft.events, draft.description)
    try:
        ports.outgoing.check(draft.url)
    except AddressRefused as error:
        errors.append(FieldError("/url", "address_refused", str(error)))
    except StoreUnavailable:
        errors.append(FieldError("/url", "not_found", "No address is known under this name."))
    if errors:
        raise InvalidContent(errors)
