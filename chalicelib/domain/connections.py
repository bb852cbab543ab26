"""Connections: from which platform or queue purchases come in, under which source.

Knows the signatures of platforms, no storage and no requests.
"""

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.api_keys import SOURCE_PATTERN
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.refusals import FieldError

FORMER_SECRET_GOOD_FOR = timedelta(days=1)
"""Events that were signed before a secret was changed are sent again for some hours."""

SECRET_LENGTHS = (16, 256)
_SECRET = re.compile(r"[!-~]{16,256}")
SENDER_PATTERN = "^[A-Za-z0-9]{1,128}$"
"""The unique id of an IAM role or user, as SQS tells who sent a message; a role's sessions share
it."""


class Provider(StrEnum):
    """Where purchases can come from, beside the API."""

    SHOPIFY = "shopify"
    SQUARE = "square"
    QUEUE = "queue"


MATCHES: dict[Provider, tuple[Kind, ...]] = {
    Provider.SHOPIFY: (Kind.EXTERNAL_ID, Kind.EMAIL, Kind.PHONE),
    Provider.SQUARE: (Kind.EXTERNAL_ID, Kind.EMAIL),
    Provider.QUEUE: (),
}
"""By what a platform's events can name a member, in the order in which it is tried."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection, without its secrets.

    source: as of an API key: purchase ids are unique within it, for ever. match: by what members
    are looked for, in this order; external_id is the platform's own id of its customer. sender: for
    queues, who may send under this source. former_until: until when the secret before the last
    change is good, None where there was none.
    """

    connection_id: str
    provider: Provider
    source: str
    match: tuple[Kind, ...]
    sender: str | None
    created_at: datetime
    former_until: datetime | None = None


def problems_of(
    provider: Provider, source: str, match: tuple[Kind, ...], sender: str | None, secret: str | None
) -> list[FieldError]:
    """Everything wrong with what a new connection is to be."""
    errors = []
    if not re.fullmatch(SOURCE_PATTERN, source):
        detail = "1 to 40 lower-case letters, digits and dashes, no dash at either end."
        errors.append(FieldError("/source", "pattern", detail))
    is_queue = provider is Provider.QUEUE
    if is_queue != (sender is not None):
        detail = "A queue, and nothing else, is told who sends: the unique id of a role or user."
        errors.append(FieldError("/sender", "required" if is_queue else "not_for_this", detail))
    elif sender is not None and not re.fullmatch(SENDER_PATTERN, sender):
        detail = "Write the unique id of a role or user, such as AROAEXAMPLEEXAMPLEID."
        errors.append(FieldError("/sender", "pattern", detail))
    if is_queue == (secret is not None):
        detail = "A platform signs its events with a secret; a queue has none."
        errors.append(FieldError("/secret", "not_for_this" if is_queue else "required", detail))
    elif secret is not None:
        errors += secret_problems(secret)
    if foreign := [kind for kind in match if kind not in MATCHES[provider]]:
        detail = f"Its events do not name members by {', '.join(foreign)}."
        errors.append(FieldError("/match", "not_for_this", detail))
    if len(set(match)) != len(match):
        errors.append(FieldError("/match", "duplicate", "Each can stand here once."))
    return errors


def secret_problems(secret: str) -> list[FieldError]:
    """What is wrong with a platform's secret."""
    if _SECRET.fullmatch(secret):
        return []
    least, most = SECRET_LENGTHS
    detail = f"Paste the secret as the platform shows it: {least} to {most} visible characters."
    return [FieldError("/secret", "malformed", detail)]


def path_of(connection: Connection) -> str | None:
    """Where a platform sends its events; None for a queue."""
    if connection.provider is Provider.QUEUE:
        return None
    return f"/v1/providers/{connection.provider}/events/{connection.connection_id}"


def is_signed(
    provider: Provider, secrets: tuple[str, ...], address: str, raw: bytes, signature: str
) -> bool:
    """Whether a platform signed these bytes with one of these secrets, told in constant time.

    address: where they were sent to, which Square signs before them.
    """
    signed = address.encode() + raw if provider is Provider.SQUARE else raw
    given = signature.encode("utf-8", "replace")
    good = [
        hmac.compare_digest(b64encode(hmac.digest(secret.encode(), signed, "sha256")), given)
        for secret in secrets
    ]
    return any(good)
