"""The API keys there are, revoked ones too. Never their secrets: nobody has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.api_keys import ApiKey
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class ApiKeyPage:
    """more: whether the list goes on after these."""

    keys: Sequence[ApiKey]
    more: bool


def list_api_keys(ports: Ports, after: str | None, limit: int) -> ApiKeyPage:
    """Keys, newest first, from behind the key `after`."""
    keys = ports.keys.all()
    ids = [key.key_id for key in keys]
    start = ids.index(after) + 1 if after in ids else 0
    return ApiKeyPage(keys[start : start + limit], more=len(keys) > start + limit)
