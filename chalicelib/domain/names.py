"""Names that stand for a caller's ids and for people's identifiers: HMACs, one way.

The secret is the program's for ever: with another one every purchase would count again.
"""

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BETWEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Pd"))
"""Unicode's categories of blanks, controls, invisible characters and dashes."""


def length_prefixed(*parts: bytes | str) -> bytes:
    """Join parts so that no two different lists of parts give the same bytes."""
    encoded = (part.encode() if isinstance(part, str) else part for part in parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def crockford(data: bytes) -> str:
    """Bytes as Crockford base 32, most significant first, padded with zero bits at the end."""
    bits = len(data) * 8
    number = int.from_bytes(data, "big") << (-bits % 5)
    digits = (bits + 4) // 5
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(digits)))


def new_id(prefix: str, random_bytes: bytes) -> str:
    """An id such as `mem_06f...`: the prefix and 16 random bytes in lower-case Crockford."""
    return f"{prefix}_{crockford(random_bytes).lower()}"


class Namer:
    """Names under one secret (bytes, 32 or more)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the naming secret needs at least 32 bytes")
        self._secret = secret

    def digest(self, *parts: bytes | str) -> bytes:
        """32 bytes that name the parts."""
        return hmac.digest(self._secret, length_prefixed(*parts), hashlib.sha256)

    def name(self, *parts: bytes | str) -> str:
        """22 characters (128 bits) that name the parts, for use in a key."""
        return urlsafe_b64encode(self.digest(*parts)[:16]).decode().rstrip("=")

    def id(self, prefix: str, *parts: bytes | str) -> str:
        """An id of ours that the parts always lead to again, such as `red_...`."""
        return new_id(prefix, self.digest("id", prefix, *parts)[:16])

    def code(self, kind: str, *parts: bytes | str) -> str:
        """A code of 80 bits that a person can read out: four groups of four characters."""
        text = crockford(self.digest("code", kind, *parts)[:10])
        return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def canonical_code(typed: str) -> str:
    """A code as it was printed, from however somebody typed it; ValueError when it is none.

    Case, blanks and dashes of any kind do not count, nor the line break that a scanner sends; O is
    0, I and L are 1 (Crockford's own rule).
    """
    said = "".join(letter for letter in typed if unicodedata.category(letter) not in _BETWEEN)
    kept = said.upper().translate(str.maketrans("OIL", "011"))
    # Upper case makes two letters of some that are not ours, such as a ligature or a sharp s.
    if not said.isascii() or len(kept) != 16 or any(letter not in _CROCKFORD for letter in kept):
        raise ValueError("not a code of ours")
    return "-".join(kept[start : start + 4] for start in range(0, 16, 4))
