"""Webhooks in the table `config`, each a document; and how those are that fail."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.webhooks import Health, Webhook
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Delete, Put, transact


class WebhookItem(ConfigItem, discriminator="webhook"):
    """A webhook as it is; its secrets are sealed in the document."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()

    def webhook(self) -> Webhook:
        return decoded(Webhook, self.document, self.schema)


class WebhookHealthItem(ConfigItem, discriminator="webhook_health"):
    """There while nothing can be delivered. since, until: instants as printed."""

    since = UnicodeAttribute()
    failures = IntAttribute()
    until = UnicodeAttribute(null=True)


class DynamoWebhooks:
    """The `Webhooks` port over the bound tables. Remembers nothing: who is disabled is at once."""

    def all(self) -> list[Webhook]:
        found = [item.webhook() for item in all_of(WebhookItem, keys.WEBHOOK)]
        return sorted(found, key=lambda hook: (hook.created_at, hook.hook_id), reverse=True)

    def get(self, hook_id: str) -> Webhook | None:
        item = get(WebhookItem, keys.WEBHOOK, hook_id)
        return item.webhook() if item is not None else None

    def put(self, webhook: Webhook) -> bool:
        item = WebhookItem(keys.WEBHOOK, webhook.hook_id)
        item.schema, item.version, item.document = SCHEMA, webhook.version, encoded(webhook)
        is_next = WebhookItem.version == webhook.version - 1 if webhook.version > 1 else None
        try:
            transact([Put(item, is_next)])
        except Cancelled:
            return False
        return True

    def delete(self, hook_id: str) -> bool:
        item = WebhookItem(keys.WEBHOOK, hook_id)
        health = WebhookHealthItem(keys.WEBHOOK_HEALTH, hook_id)
        try:
            transact(deletes=[Delete(item, WebhookItem.pk.exists()), Delete(health)])
        except Cancelled:
            return False
        return True

    def health(self, hook_id: str) -> Health | None:
        item = get(WebhookHealthItem, keys.WEBHOOK_HEALTH, hook_id)
        if item is None:
            return None
        return Health(parsed(item.since), item.failures, _instant(item.until))

    def set_health(self, hook_id: str, health: Health | None) -> None:
        item = WebhookHealthItem(keys.WEBHOOK_HEALTH, hook_id)
        with store_errors():
            if health is None:
                item.delete()
                return
            item.since, item.failures = printed(health.since), health.failures
            item.until = printed(health.resting_until) if health.resting_until else None
            item.save()


def _instant(text: str | None) -> datetime | None:
    return parsed(text) if text is not None else None
