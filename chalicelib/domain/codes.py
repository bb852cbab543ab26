"""Verification codes: six digits that prove who reads an address. Knows no store and no message.

A code is bound to the member, the channel and the address it was sent to, so that one that went
to an old address proves nothing about a new one. Only its digest is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.names import Namer

VALID_FOR = timedelta(minutes=10)
MOST_TRIES = 5
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent. good_until: the instant from which it is dead."""

    member_id: str
    channel: Channel
    digest: str
    good_until: datetime


def new_digits(random_bytes: bytes) -> str:
    """Six digits. With 8 random bytes none is likelier than another by more than 1 in 10^13."""
    return f"{int.from_bytes(random_bytes, 'big') % 10**_DIGITS:0{_DIGITS}d}"


def issued(
    namer: Namer, member_id: str, channel: Channel, address: str, digits: str, now: datetime
) -> Code:
    """The code as it is kept."""
    return Code(
        member_id, channel, _digest(namer, member_id, channel, address, digits), now + VALID_FOR
    )


def matches(namer: Namer, code: Code, address: str, digits: str) -> bool:
    """Whether these digits are the code that was sent to this address, in constant time."""
    tried = _digest(namer, code.member_id, code.channel, address, digits)
    return compare_digest(tried, code.digest)


def _digest(namer: Namer, member_id: str, channel: Channel, address: str, digits: str) -> str:
    return namer.name("verification code", member_id, channel, address, digits)
