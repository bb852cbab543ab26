"""The root of a day: one signed hash over the newest entries of all accounts. Kept for ever.

What is signed is spelled out here, byte by byte, so that whoever has a root can check it years
later with nothing of ours. Knows no key and no storage.
"""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.instants import printed
from chalicelib.domain.names import length_prefixed

FORMAT = 1
"""Of the tree and of the signed text; another of either gets another number."""


@dataclass(frozen=True, slots=True)
class Root:
    """day: in UTC. hash: of the tree over `accounts` accounts, each with the entry that was its
    newest at some instant between `taken_from` and `taken_until`."""

    day: date
    hash: bytes
    accounts: int
    taken_from: datetime
    taken_until: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Who vouches for a text. algorithm: as KMS names it, such as `ECDSA_SHA_256`; public_key: in
    PEM; value: for ECDSA, DER."""

    key_id: str
    algorithm: str
    public_key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class SignedRoot:
    root: Root
    signature: Signature


def signed_text(root: Root) -> bytes:
    """What the signature of a root is over."""
    return length_prefixed(
        "stampbook/root",
        str(FORMAT),
        root.day.isoformat(),
        root.hash,
        str(root.accounts),
        printed(root.taken_from),
        printed(root.taken_until),
    )
