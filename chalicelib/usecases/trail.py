"""Through which accounts a member's statement leads, and from which of their entries on.

An account that was merged, or that shares a household's, goes on in the one that stands in for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.entries import Entry
from chalicelib.usecases.join_household import JOIN
from chalicelib.usecases.merge_accounts import MERGE
from chalicelib.usecases.pass_household import FOLLOW
from chalicelib.usecases.ports import Ports

_NEWEST = 25
"""Entries that are looked through for how an account moved; what has moved gets no others than
changes of its status."""

_FIRST_SEQ = {MERGE: "to_seq", JOIN: "owner_seq", FOLLOW: "owner_seq"}
"""Where the record of a move says with which entry it begins in the other account."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a trail: an account's entries from a number on."""

    account_id: str
    first_seq: int


def trail_of(ports: Ports, own: Sequence[Entry]) -> list[Part]:
    """What follows a member's own entries, the newest part first; empty while its account acts for
    itself. own: its newest entry, and maybe more."""
    parts: list[Part] = []
    moved_to = own[0].account().moved_to
    account_id = own[0].account_id
    while moved_to is not None:
        first_seq = _first_seq(ports, ports.ledger.entries(account_id, None, _NEWEST))
        head = ports.ledger.head(moved_to)
        if first_seq is None or head is None:
            break
        parts.insert(0, Part(moved_to, first_seq))
        account_id, moved_to = moved_to, head.entry.account().moved_to
    return parts


def _first_seq(ports: Ports, newest: Sequence[Entry]) -> int | None:
    """With which entry an account goes on in the one that it moved to last; None where no record
    says it (any more: it may have come back since it was read)."""
    for entry in newest:
        kind, _, name = entry.cause.partition(":")
        if kind in _FIRST_SEQ:
            record = ports.ledger.operation(kind, name)
            return int(record.answer[_FIRST_SEQ[kind]] or 0) if record is not None else None
    return None
