"""The end of an API key: at once in this process, within 30 seconds in every other."""

from datetime import datetime

from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports


def revoke_api_key(ports: Ports, caller: Caller, key_id: str, now: datetime) -> ApiKey:
    """Revoke a key; one that is revoked stays as it is. Raises NotFound."""
    if all(key.key_id != key_id for key in ports.keys.all()):
        raise NotFound(what="key")
    note(ports, caller, "key.revoked", now, subject=key_id)
    key = ports.keys.revoke(key_id, now)
    if key is None:
        raise NotFound(what="key")
    return key
