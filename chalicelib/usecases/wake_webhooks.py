"""What waits for webhooks and whose time has come, given to who delivers."""

from datetime import datetime

from chalicelib.domain.webhooks import SHARDS, Webhook
from chalicelib.usecases.ports.webhooks import WebhookPorts


def wake_webhooks(ports: WebhookPorts, now: datetime) -> int:
    """Ask for another try of what is due, whatever it is, in each shard that has any; of how many
    shards."""
    return sum(_woken(ports, webhook, now) for webhook in ports.webhooks.all())


def _woken(ports: WebhookPorts, webhook: Webhook, now: datetime) -> int:
    hook_id = webhook.hook_id
    if webhook.disabled is not None:
        return 0
    health = ports.webhooks.health(hook_id)
    if health is not None and health.rests(now):
        return 0
    shards = [shard for shard in range(SHARDS) if ports.waiting.due(hook_id, shard, now, 1)]
    ports.queue.wake(hook_id, shards, now)
    return len(shards)
