"""Tokens in links of mails: they say what they are for and prove that we wrote them.

Nothing is kept of them. Whoever has one was sent it. Knows no address of a page and no mail.
"""

import hmac
from base64 import b64decode, urlsafe_b64encode
from binascii import Error

from chalicelib.domain.names import Namer

_MAC_BYTES = 16


def sealed_link(namer: Namer, kind: str, *parts: str) -> str:
    """A token for these parts, good for this kind alone. Its characters stand in a path as they
    are. ValueError for a part with a line break."""
    if any("\n" in part for part in parts):
        raise ValueError("a part of a link holds a line break")
    said = "\n".join(parts).encode()
    return urlsafe_b64encode(_mac(namer, kind, said) + said).decode().rstrip("=")


def opened_link(namer: Namer, kind: str, token: str) -> tuple[str, ...] | None:
    """The parts that a token was made for; None for a token that is not ours, or another kind's."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        raw = b64decode(padded, altchars=b"-_", validate=True)
    except (Error, UnicodeEncodeError):
        return None
    mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(namer, kind, said)):
        return None
    return tuple(said.decode().split("\n"))


def _mac(namer: Namer, kind: str, said: bytes) -> bytes:
    return namer.digest("link", kind, said)[:_MAC_BYTES]
