"""API keys in the table `config`, each by its id and, while it is live, by its secret's hash.

A source's item counts its live keys, so that the third is refused however many are made at once.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.api_keys import LIVE_KEYS_A_SOURCE, ApiKey
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.remembered import Remembered
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Delete, Put, Update, transact

FOUND_SECONDS = 30.0
_FOUND_AT_MOST = 4_096


class KeyItem(ConfigItem, discriminator="api_key"):
    """A key, live or revoked."""

    schema = IntAttribute()
    document = UnicodeAttribute()
    secret_hash = UnicodeAttribute()

    def key(self) -> ApiKey:
        return decoded(ApiKey, self.document, self.schema)


class LiveKeyItem(ConfigItem, discriminator="api_key_live"):
    """A live key by its secret's hash: what every request with a key reads. Gone when revoked."""

    schema = IntAttribute()
    document = UnicodeAttribute()


class KeySourceItem(ConfigItem, discriminator="api_key_source"):
    """What the keys of a source share, and how many of them are live. Stays for ever."""

    numeric_ids = BooleanAttribute()
    live = IntAttribute()


class DynamoApiKeys:
    """The `Keys` port over the bound tables. One object a process: it holds the cache.

    monotonic: the seconds that the age of what was found is measured in.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._found: Remembered[str, ApiKey | None] = Remembered(
            FOUND_SECONDS, _FOUND_AT_MOST, monotonic
        )

    def find(self, secret_hash: str) -> ApiKey | None:
        return self._found.get(secret_hash, lambda: _read_live(secret_hash))

    def add(
        self, key: ApiKey, secret_hash: str
    ) -> Literal["added", "two_live_keys", "numeric_ids_differ"]:
        puts = [Put(_key_item(key, secret_hash)), Put(_live_item(key, secret_hash))]
        try:
            transact(puts=puts, updates=[_count_one_more(key)])
        except Cancelled:
            source = get(KeySourceItem, keys.api_key_source(key.source), keys.ONLY)
            if source is not None and source.numeric_ids != key.numeric_ids:
                return "numeric_ids_differ"
            return "two_live_keys"
        return "added"

    def all(self) -> list[ApiKey]:
        found = [item.key() for item in all_of(KeyItem, keys.API_KEY)]
        return sorted(found, key=lambda key: (key.created_at, key.key_id), reverse=True)

    def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        item = get(KeyItem, keys.API_KEY, key_id)
        if item is None:
            return None
        try:
            return _revoke(item, at)
        finally:  # also when it is unknown whether the write landed
            self._found.forget(item.secret_hash)


def _read_live(secret_hash: str) -> ApiKey | None:
    item = get(LiveKeyItem, keys.api_key_hash(secret_hash), keys.ONLY)
    return decoded(ApiKey, item.document, item.schema) if item else None


def _revoke(item: KeyItem, at: datetime) -> ApiKey:
    if item.key().revoked_at is not None:
        return item.key()
    revoked = replace(item.key(), revoked_at=at)
    source = KeySourceItem(keys.api_key_source(revoked.source), keys.ONLY)
    live = LiveKeyItem(keys.api_key_hash(item.secret_hash), keys.ONLY)
    try:
        transact(
            puts=[Put(_key_item(revoked, item.secret_hash), KeyItem.document == item.document)],
            updates=[Update(source, [KeySourceItem.live.add(-1)])],
            deletes=[Delete(live)],
        )
    except Cancelled:  # somebody else revoked it just now, and counted it
        again = get(KeyItem, keys.API_KEY, item.sk)
        assert again is not None  # noqa: S101  # the item of a key is never deleted
        return again.key()
    return revoked


def _key_item(key: ApiKey, secret_hash: str) -> KeyItem:
    item = KeyItem(keys.API_KEY, key.key_id)
    item.schema, item.document, item.secret_hash = SCHEMA, encoded(key), secret_hash
    return item


def _live_item(key: ApiKey, secret_hash: str) -> LiveKeyItem:
    item = LiveKeyItem(keys.api_key_hash(secret_hash), keys.ONLY)
    item.schema, item.document = SCHEMA, encoded(key)
    return item


def _count_one_more(key: ApiKey) -> Update:
    """Count a live key of its source; fails when there are two, or others with other ids."""
    item = KeySourceItem
    room = (item.live < LIVE_KEYS_A_SOURCE) & (item.numeric_ids == key.numeric_ids)
    return Update(
        item(keys.api_key_source(key.source), keys.ONLY),
        [item.live.add(1), item.numeric_ids.set(key.numeric_ids), item.t.set(item)],
        item.pk.does_not_exist() | room,
    )
