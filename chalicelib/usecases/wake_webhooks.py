"""What waits for webhooks and whose time has come, given to who delivers."""

from datetime import datetime

from chalicelib.usecases.ports.webhooks import WebhookPorts

_AT_ONCE = 200
"""Groups of one webhook in a run: one that comes back after days takes some minutes of its own and
nobody else's."""


def wake_webhooks(ports: WebhookPorts, now: datetime) -> int:
    """Ask for another try of what is due; of how many groups."""
    woken = 0
    for webhook in ports.webhooks.all():
        if webhook.disabled is not None:
            continue
        health = ports.webhooks.health(webhook.hook_id)
        if health is not None and health.rests(now):
            continue
        groups = ports.waiting.due(webhook.hook_id, now, _AT_ONCE)
        ports.queue.wake(webhook.hook_id, groups, now)
        woken += len(groups)
    return woken
