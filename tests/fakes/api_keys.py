"""API keys in memory."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from chalicelib.domain.api_keys import LIVE_KEYS_A_SOURCE, ApiKey


class FakeKeys:
    """The `Keys` port without a store and without a cache."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}
        self._by_hash: dict[str, str] = {}

    def find(self, secret_hash: str) -> ApiKey | None:
        key = self._keys.get(self._by_hash.get(secret_hash, ""))
        return key if key is not None and key.revoked_at is None else None

    def add(
        self, key: ApiKey, secret_hash: str
    ) -> Literal["added", "two_live_keys", "numeric_ids_differ"]:
        others = [other for other in self._keys.values() if other.source == key.source]
        if any(other.numeric_ids != key.numeric_ids for other in others):
            return "numeric_ids_differ"
        if sum(other.revoked_at is None for other in others) >= LIVE_KEYS_A_SOURCE:
            return "two_live_keys"
        self._keys[key.key_id] = key
        self._by_hash[secret_hash] = key.key_id
        return "added"

    def all(self) -> list[ApiKey]:
        found = self._keys.values()
        return sorted(found, key=lambda key: (key.created_at, key.key_id), reverse=True)

    def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        key = self._keys.get(key_id)
        if key is not None and key.revoked_at is None:
            key = self._keys[key_id] = replace(key, revoked_at=at)
        return key
