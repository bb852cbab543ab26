"""The service's own secrets, read from Secrets Manager. Must not know what they open.

`naming_secret` is different from the others: it cannot be rotated, by design. Every purchase,
voucher and identifier is filed under a name that it made; under another one every purchase would
count again and nobody would be found. A process that has read it refuses another. The others can
be changed at any time and are in use five minutes later, without a restart; while a webhook's
secret is changed, the one before stays good as long as it stands beside it (docs/secrets.md).
Those of providers may be missing: a shop without cards on file needs no Stripe, and what does need
it answers "try again" until its key is there.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from chalicelib.providers.aws import outages
from chalicelib.usecases.ports import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_log = logging.getLogger(__name__)
_FRESH_SECONDS = 300.0
_LEAST_NAMING_BYTES = 32
_BEFORE = "stripe_webhook_secret_before"
_OF_PROVIDERS = ("stripe_api_key", "stripe_webhook_secret", _BEFORE, "turnstile_secret")

Value = TypeVar("Value", str, tuple[str, ...])


@dataclass(frozen=True, slots=True)
class SecretValues:
    """naming_secret: bytes, 32 or more. stripe_webhook_secrets: the current one, and while it is
    changed the one before. A provider's is empty where it is not set up. Nothing of it is ever
    printed."""

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


def given(value: Value, name: str) -> Value:
    """A provider's secret, for whoever needs it now. StoreUnavailable, with a line in the log that
    names it, where there is none."""
    if not value:
        _log.error("%s is not in the secret: what needs it is not set up", name)
        raise StoreUnavailable(f"{name} is not set up")
    return value


def parsed_secret(text: str) -> SecretValues:
    """The values in a secret's JSON object; ValueError that names everything wrong, no value."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("the secret is not a JSON object")
    texts = {name: text for name, text in found.items() if isinstance(text, str) and text.strip()}
    naming = _from_hex(texts.get("naming_secret", ""))
    wrong = [] if naming else ["naming_secret is not 64 or more hex digits"]
    odd = (name for name in _OF_PROVIDERS if not isinstance(found.get(name) or "", str))
    wrong += [f"{name} is not a text" for name in odd]
    if wrong or naming is None:
        raise ValueError("the secret is malformed: " + "; ".join(wrong))
    webhook = (texts.get(name) for name in ("stripe_webhook_secret", _BEFORE))
    return SecretValues(
        naming_secret=naming,
        stripe_api_key=texts.get("stripe_api_key", ""),
        stripe_webhook_secrets=tuple(text for text in webhook if text),
        turnstile_secret=texts.get("turnstile_secret", ""),
    )


def _from_hex(text: str) -> bytes | None:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return None
    return data if len(data) >= _LEAST_NAMING_BYTES else None
