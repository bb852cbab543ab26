"""The service's own secrets, read from Secrets Manager. Must not know what they open.

`naming_secret` is different from the others: it cannot be rotated, by design. Every purchase,
voucher and identifier is filed under a name that it made; under another one every purchase would
count again and nobody would be found. A process that has read it refuses another. The others can
be changed at any time and are in use five minutes later, without a restart; while a webhook's
secret is changed, the one before stays good as long as it stands beside it (docs/secrets.md).
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages
from chalicelib.usecases.ports import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_log = logging.getLogger(__name__)
_FRESH_SECONDS = 300.0
_LEAST_NAMING_BYTES = 32
_NAMES = ("naming_secret", "stripe_api_key", "stripe_webhook_secret", "turnstile_secret")
_BEFORE = "stripe_webhook_secret_before"


@dataclass(frozen=True, slots=True)
class SecretValues:
    """naming_secret: bytes, 32 or more. stripe_webhook_secrets: the current one, and while it is
    changed the one before. Nothing of it is ever printed."""

    naming_secret: bytes = field(repr=False)
    stripe_api_key: str = field(repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(repr=False)
    turnstile_secret: str = field(repr=False)


class Secrets:
    """The values of one secret, read on first use and again every five minutes."""

    def __init__(
        self,
        secret_id: str,
        client: Callable[[], "SecretsManagerClient"],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._secret_id = secret_id
        self._client = client
        self._seconds = seconds
        self._values: SecretValues | None = None
        self._read_at = 0.0
        self._guard = Lock()

    def current(self) -> SecretValues:
        """The values as of five minutes ago at most.

        The first read raises StoreUnavailable when there is no answer and ValueError, naming what
        is missing or malformed, for a bad secret. Later ones go on with what they have.
        """
        with self._guard:
            if self._values is None:
                self._values = self._read()
                self._read_at = self._seconds()
            elif self._seconds() - self._read_at >= _FRESH_SECONDS:
                self._read_at = self._seconds()
                self._values = self._reread(self._values)
            return self._values

    def _reread(self, before: SecretValues) -> SecretValues:
        try:
            values = self._read()
        except (StoreUnavailable, ValueError) as error:
            _log.error("the secrets could not be read again: %s", error)
            return before
        if values.naming_secret != before.naming_secret:
            _log.error("the naming secret was changed, which must never be: put the old one back")
            return before
        return values

    def _read(self) -> SecretValues:
        with outages("Secrets Manager"):
            answer = self._client().get_secret_value(SecretId=self._secret_id)
        return parsed_secret(answer.get("SecretString", ""))


def parsed_secret(text: str) -> SecretValues:
    """The values in a secret's JSON object; ValueError that names everything wrong, no value."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("the secret is not a JSON object")
    texts = {name: text for name, text in found.items() if isinstance(text, str) and text.strip()}
    wrong = [f"{name} is missing or empty" for name in _NAMES if name not in texts]
    naming = _from_hex(texts.get("naming_secret", ""))
    if naming is None and "naming_secret" in texts:
        wrong.append("naming_secret is not 64 or more hex digits")
    if found.get(_BEFORE) and not isinstance(found[_BEFORE], str):
        wrong.append(f"{_BEFORE} is not a text")
    if wrong or naming is None:
        raise ValueError("the secret is incomplete: " + "; ".join(wrong))
    webhook = (texts.get(name) for name in ("stripe_webhook_secret", _BEFORE))
    return SecretValues(
        naming_secret=naming,
        stripe_api_key=texts["stripe_api_key"],
        stripe_webhook_secrets=tuple(text for text in webhook if text),
        turnstile_secret=texts["turnstile_secret"],
    )


def _from_hex(text: str) -> bytes | None:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return None
    return data if len(data) >= _LEAST_NAMING_BYTES else None
