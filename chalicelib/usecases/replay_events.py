"""Events sent once more to one webhook: those that are named, or those of a time.

They keep their ids, so that a receiver that has seen them drops them; the order of a member's
events, too.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.names import new_id
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.webhooks import KEPT, SHARDS
from chalicelib.usecases.change_webhook import read_webhook
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.ports.webhooks import Replay, WebhookPorts
from chalicelib.usecases.tell_webhooks import parcel_of

_PAGES_AT_ONCE = 10


def replay_time(
    ports: Ports, caller: Caller, hook_id: str, since: datetime, until: datetime, now: datetime
) -> Replay:
    """Have everything sent again that happened in a time, both ends included, and that the webhook
    wants now. Raises NotFound, InvalidContent."""
    read_webhook(ports, hook_id)
    if until < since:
        raise InvalidContent([FieldError("/to", "before_from", "This lies before `from`.")])
    if since < now - KEPT:
        days = KEPT.days
        detail = f"Events are kept for {days} days; begin within them."
        raise InvalidContent([FieldError("/from", "too_far_back", detail)])
    note(ports, caller, "webhook.replayed", now, subject=hook_id)
    replay = Replay(new_id("replay", ports.entropy(16)), since, min(until, now))
    ports.webhooks.queue.replay(hook_id, replay)
    return replay


def replay_named(
    ports: Ports, caller: Caller, hook_id: str, event_ids: Sequence[str], now: datetime
) -> str:
    """Have these events sent again, whether the webhook wants their types or not; the replay's id.
    Raises NotFound, InvalidContent for ids that nothing is kept under."""
    webhook, _ = read_webhook(ports, hook_id)
    found = [ports.webhooks.kept.get(event_id) for event_id in event_ids]
    detail = "No event of the last 30 days has this id."
    if errors := [
        FieldError(f"/event_ids/{index}", "unknown_event", detail)
        for index, event in enumerate(found)
        if event is None
    ]:
        raise InvalidContent(errors)
    note(ports, caller, "webhook.replayed", now, subject=hook_id)
    replay_id = new_id("replay", ports.entropy(16))
    events = sorted((event for event in found if event is not None), key=lambda one: one.place)
    if ports.webhooks.queue.send([parcel_of(webhook, event) for event in events], replay_id):
        raise StoreUnavailable("some events could not be put on their way again")
    return replay_id


def go_on_replaying(ports: WebhookPorts, hook_id: str, replay: Replay) -> None:
    """Put some of a replay's events on their way, and ask for the rest. Raises StoreUnavailable;
    doing it again is no harm."""
    webhook = ports.webhooks.get(hook_id)
    if webhook is None:
        return
    for _ in range(_PAGES_AT_ONCE):
        page = ports.kept.page(replay.shard, replay.since, replay.until, replay.after)
        wanted = [parcel_of(webhook, one) for one in page.events if webhook.wants(one.type)]
        if wanted and ports.queue.send(wanted, replay.replay_id):
            raise StoreUnavailable("some events could not be put on their way again")
        if page.after is not None:
            replay = replace(replay, after=page.after)
        elif replay.shard + 1 < SHARDS:
            replay = replace(replay, shard=replay.shard + 1, after=None)
        else:
            return
    ports.queue.replay(hook_id, replay)
