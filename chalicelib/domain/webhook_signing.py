"""How a delivery proves itself, by the Standard Webhooks specification: an HMAC-SHA256 over the
message's id, the second in which it is sent, and its bytes. Knows no HTTP.

https://github.com/standard-webhooks/standard-webhooks
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

SECRET_BYTES = 32
_PREFIX = "whsec_"


def printed_secret(secret: bytes) -> str:
    """A secret as the receiver is given it: `whsec_` and base 64."""
    return f"{_PREFIX}{b64encode(secret).decode()}"


def read_secret(text: str) -> bytes:
    """The bytes of a printed secret; ValueError when it is none."""
    if not text.startswith(_PREFIX):
        raise ValueError("not a secret of a webhook")
    return b64decode(text.removeprefix(_PREFIX), validate=True)


def signed_headers(
    message_id: str, sent_at_seconds: int, body: bytes, secrets: Sequence[bytes]
) -> Mapping[str, str]:
    """The headers of a delivery. secrets: each signs, so that a receiver may know either."""
    content = f"{message_id}.{sent_at_seconds}.".encode() + body
    signatures = (b64encode(hmac.digest(secret, content, sha256)).decode() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at_seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
