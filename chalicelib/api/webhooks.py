"""Webhooks over HTTP, for admins: who is told of events, what was delivered, and once more."""

from datetime import datetime
from typing import Any

from chalicelib.api.etags import version_in
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_after, position_of
from chalicelib.api.webhook_models import (
    DeliveryList,
    DeliveryQuery,
    ReplayAnswer,
    ReplayBody,
    SecretQuery,
    WebhookAnswer,
    WebhookBody,
    WebhookList,
    WebhookSecretAnswer,
    WebhookTestAnswer,
    delivery_answer,
    webhook_answer,
)
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.refusals import (
    Conflict,
    FieldError,
    InvalidContent,
    NotFound,
    VersionStale,
)
from chalicelib.domain.webhooks import Webhook
from chalicelib.usecases.change_webhook import (
    delete_webhook,
    disable_webhook,
    enable_webhook,
    read_webhook,
    replace_webhook,
    rotate_secret,
)
from chalicelib.usecases.create_webhook import WebhookCreated, WebhookDraft, create_webhook
from chalicelib.usecases.replay_events import replay_named, replay_time
from chalicelib.usecases.try_webhook import try_webhook

routes = Routes(__name__)


def webhook_exists(call: Call[Any, Any], hook_id: str) -> str:
    """The webhook's ETag, asked when a request to it is malformed. Raises NotFound."""
    return str(read_webhook(call.ports, hook_id)[0].version)


@routes.post(
    "/v1/webhooks",
    opens=(Scope.WEBHOOKS,),
    summary="Create a webhook",
    body=WebhookBody,
    answers={201: WebhookSecretAnswer},
    refuses=(InvalidContent, Conflict),
)
def post_webhook(call: Call[WebhookBody, None]) -> Answer:
    """Events are sent as they happen: CloudEvents as JSON, signed by the Standard Webhooks
    specification, those of one member in their order, and again for three days where no 2xx came
    back. An event may come twice, with the same `webhook-id`. At most twenty webhooks: else 409
    `conflict` with reason `too_many_webhooks`."""
    created = create_webhook(call.ports, call.caller, _draft(call.body), call.now)
    return _with_secret(201, created)


@routes.get(
    "/v1/webhooks",
    opens=(Scope.WEBHOOKS,),
    summary="List the webhooks",
    query=Page,
    answers={200: WebhookList},
)
def get_webhooks(call: Call[None, Page]) -> Answer:
    store, owner = call.ports.webhooks.webhooks, call.caller.source
    webhooks, start = store.all(), 0
    if call.query.cursor is not None:
        after = tuple(position_of(call, owner, call.query.cursor))
        start = sum(_place(webhook) >= after for webhook in webhooks)
    shown = webhooks[start : start + call.query.limit]
    more = len(webhooks) > start + len(shown)
    cursor = cursor_after(call, owner, list(_place(shown[-1]))) if more else None
    items = [webhook_answer(webhook, store.health(webhook.hook_id)) for webhook in shown]
    return Answer(200, WebhookList(items, cursor))


def _place(webhook: Webhook) -> tuple[str, str]:
    """By which the list is sorted, newest first: it stays where it is when others are deleted."""
    return printed(webhook.created_at), webhook.hook_id


@routes.get(
    "/v1/webhooks/{hook_id}",
    opens=(Scope.WEBHOOKS,),
    summary="Read a webhook",
    answers={200: WebhookAnswer},
    refuses=(NotFound,),
)
def get_webhook(call: Call[None, None], hook_id: str) -> Answer:
    webhook, health = read_webhook(call.ports, hook_id)
    return Answer(200, webhook_answer(webhook, health), etag=str(webhook.version))


@routes.put(
    "/v1/webhooks/{hook_id}",
    opens=(Scope.WEBHOOKS,),
    summary="Replace a webhook",
    body=WebhookBody,
    answers={200: WebhookAnswer},
    refuses=(InvalidContent, NotFound, VersionStale),
    if_match=True,
    exists=webhook_exists,
)
def put_webhook(call: Call[WebhookBody, None], hook_id: str) -> Answer:
    """Its secrets stay. What waits is sent to the new address."""
    version = version_in(call.if_match)
    draft = _draft(call.body)
    return _changed(
        call, replace_webhook(call.ports, call.caller, hook_id, version, draft, call.now)
    )


@routes.delete(
    "/v1/webhooks/{hook_id}",
    opens=(Scope.WEBHOOKS,),
    summary="Delete a webhook",
    answers={204: None},
    refuses=(NotFound,),
)
def delete_webhook_of(call: Call[None, None], hook_id: str) -> Answer:
    delete_webhook(call.ports, call.caller, hook_id, call.now)
    return Answer(204)


@routes.post(
    "/v1/webhooks/{hook_id}/disable",
    opens=(Scope.WEBHOOKS,),
    summary="Send nothing more to a webhook",
    answers={200: WebhookAnswer},
    refuses=(NotFound, VersionStale),
    exists=webhook_exists,
)
def post_webhook_disabled(call: Call[None, None], hook_id: str) -> Answer:
    return _changed(call, disable_webhook(call.ports, call.caller, hook_id, call.now))


@routes.post(
    "/v1/webhooks/{hook_id}/enable",
    opens=(Scope.WEBHOOKS,),
    summary="Send to a webhook again",
    answers={200: WebhookAnswer},
    refuses=(NotFound, VersionStale),
    exists=webhook_exists,
)
def post_webhook_enabled(call: Call[None, None], hook_id: str) -> Answer:
    """What waited is sent within minutes, in order a member, and what happens from now on behind
    it: nothing is missing of the last 30 days."""
    return _changed(call, enable_webhook(call.ports, call.caller, hook_id, call.now))


@routes.post(
    "/v1/webhooks/{hook_id}/secret",
    opens=(Scope.WEBHOOKS,),
    summary="Give a webhook a new secret",
    query=SecretQuery,
    answers={200: WebhookSecretAnswer},
    refuses=(NotFound, VersionStale),
    exists=webhook_exists,
)
def post_webhook_secret(call: Call[None, SecretQuery], hook_id: str) -> Answer:
    """For a day both sign, so that the receiver can change over without a gap. With `leaked=true`
    the new one signs alone."""
    leaked = call.query.leaked
    return _with_secret(
        200, rotate_secret(call.ports, call.caller, hook_id, call.now, leaked=leaked)
    )


@routes.post(
    "/v1/webhooks/{hook_id}/test",
    opens=(Scope.WEBHOOKS,),
    summary="Send a test event to a webhook",
    answers={200: WebhookTestAnswer},
    refuses=(NotFound,),
    exists=webhook_exists,
)
def post_webhook_test(call: Call[None, None], hook_id: str) -> Answer:
    """One `stampbook.webhook.test`, at once and once, to a disabled webhook too; the answer says
    what came back."""
    event_id, came = try_webhook(call.ports, hook_id, call.now)
    delivered = came.failure is None
    return Answer(
        200,
        WebhookTestAnswer(event_id, delivered, came.status, came.failure, came.milliseconds),
    )


@routes.get(
    "/v1/webhooks/{hook_id}/deliveries",
    opens=(Scope.WEBHOOKS,),
    summary="List what was tried to deliver",
    query=DeliveryQuery,
    answers={200: DeliveryList},
    refuses=(NotFound,),
    exists=webhook_exists,
)
def get_webhook_deliveries(call: Call[None, DeliveryQuery], hook_id: str) -> Answer:
    """Every try of the last 30 days, or what was given up in them."""
    webhook, _ = read_webhook(call.ports, hook_id)
    store, query, before = call.ports.webhooks.deliveries, call.query, None
    owner = f"{call.caller.source}/{webhook.hook_id}/{query.outcome or ''}"
    if query.cursor is not None:
        before = str(position_of(call, owner, query.cursor)[0])
    if query.outcome is None:
        found, after = store.page(hook_id, call.now, before, query.limit)
    else:
        found, after = store.given_up(hook_id, before, query.limit)
    cursor = cursor_after(call, owner, [after]) if after is not None else None
    return Answer(200, DeliveryList([delivery_answer(one) for one in found], cursor))


@routes.post(
    "/v1/webhooks/{hook_id}/replay",
    opens=(Scope.WEBHOOKS,),
    summary="Send events to a webhook once more",
    body=ReplayBody,
    answers={202: ReplayAnswer},
    refuses=(InvalidContent, NotFound),
    exists=webhook_exists,
)
def post_webhook_replay(call: Call[ReplayBody, None], hook_id: str) -> Answer:
    """Those of a time that it wants, also from before it was made, or those that are named; of the
    last 30 days. Events keep their ids, and their order a member. Where events of a member wait for
    their next try, they are all tried within a minute. While the webhook is disabled, it all
    waits."""
    body = call.body
    read_webhook(call.ports, hook_id)
    if (body.since is None) == (body.event_ids is None) or (body.event_ids and body.until):
        detail = "Give either `from` (and `to`) or `event_ids`."
        raise InvalidContent([FieldError("", "either_or", detail)])
    if body.event_ids is not None:
        replay_id = replay_named(call.ports, call.caller, hook_id, body.event_ids, call.now)
        return Answer(202, ReplayAnswer(replay_id))
    since, until = _times(body, call.now)
    replay = replay_time(call.ports, call.caller, hook_id, since, until, call.now)
    return Answer(202, ReplayAnswer(replay.replay_id))


def _times(body: ReplayBody, now: datetime) -> tuple[datetime, datetime]:
    found: dict[str, datetime] = {"to": now}
    errors = []
    for name, text in (("from", body.since), ("to", body.until)):
        if text is not None:
            try:
                found[name] = parsed(text)
            except ValueError:
                detail = "This is no RFC 3339 instant."
                errors.append(FieldError(f"/{name}", "not_an_instant", detail))
    if errors:
        raise InvalidContent(errors)
    return found["from"], found["to"]


def _draft(body: WebhookBody) -> WebhookDraft:
    return WebhookDraft(body.url, tuple(body.events), body.description)


def _changed(call: Call[Any, Any], webhook: Webhook) -> Answer:
    health = call.ports.webhooks.webhooks.health(webhook.hook_id)
    return Answer(200, webhook_answer(webhook, health), etag=str(webhook.version))


def _with_secret(status: int, created: WebhookCreated) -> Answer:
    shown = webhook_answer(created.webhook, None)
    fields = {name: getattr(shown, name) for name in shown.__struct_fields__}
    etag = str(created.webhook.version)
    return Answer(status, WebhookSecretAnswer(**fields, secret=created.secret), etag=etag)
