"""Entries: each carries the account after it and the hash of all before it. Never changed.

The chain: `hash` is SHA-256 over the length-prefixed account id, previous hash, number, kind,
instant, cause, changes, program version, reasons, digest of the state's stored text, and
`commitment`, a salted hash of what could identify. Knows no storage.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.instants import printed, whole_milliseconds
from chalicelib.domain.lots import next_due
from chalicelib.domain.names import length_prefixed
from chalicelib.domain.packing import LARGEST_BYTES, WIDEST_BYTES, pack, unpack


class EntryKind(StrEnum):
    OPEN = "open"
    EARN = "earn"
    RETURN = "return"
    REDEEM = "redeem"
    CANCEL = "cancel"
    EXPIRE = "expire"
    ADJUST = "adjust"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    MERGE = "merge"
    STATUS = "status"
    BONUS = "bonus"
    ERASE = "erase"


NEVER_REFUSED = frozenset(
    {
        EntryKind.EARN,
        EntryKind.RETURN,
        EntryKind.CANCEL,
        EntryKind.EXPIRE,
        EntryKind.STATUS,
        EntryKind.ERASE,
    }
)
"""What has happened, or must: an account takes it however full it is."""


@dataclass(frozen=True, slots=True)
class Why:
    """Points that one rule gave (or, negative, that were taken back), and on how much money."""

    rule: str
    points: int
    minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. available, pending, debt: the changes of each; cause: the key of the record that
    made it; state: the packed account after it, exactly as stored; why: what made the points.

    due_on: the last day of the points that expire next, where that is another than before; a hint
    for those who look for them, which no hash covers and nobody reads back.

    via: the accounts that this one stands in for, on the way to it, each with the number of its
    newest entry. The entry is written only as long as they are the newest; they are not kept.
    """

    account_id: str
    seq: int
    kind: EntryKind
    at: datetime
    cause: str
    available: int
    pending: int
    debt: int
    program_version: int
    why: tuple[Why, ...]
    state: str
    previous_hash: bytes
    commitment: bytes
    hash: bytes
    due_on: date | None = field(default=None, compare=False)
    via: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    @property
    def points(self) -> int:
        """The change of available + pending - debt."""
        return self.available + self.pending - self.debt

    def account(self) -> Account:
        """The account after this entry. UnknownSchema when a newer release wrote it."""
        return unpack(self.state)


def opening_entry(
    account_id: str, status: AccountStatus, at: datetime, *, cause: str = "enrolment"
) -> Entry:
    """Entry 1 of a new account, of kind `open`, with nothing in it."""
    unhashed = Entry(
        account_id=account_id,
        seq=1,
        kind=EntryKind.OPEN,
        at=whole_milliseconds(at),
        cause=cause,
        available=0,
        pending=0,
        debt=0,
        program_version=0,
        why=(),
        state=pack(Account(status=status)),
        previous_hash=first_previous_hash(account_id),
        commitment=b"",
        hash=b"",
    )
    return replace(unhashed, hash=chained_hash(unhashed))


def next_entry(
    head: Entry,
    after: Account,
    *,
    kind: EntryKind,
    cause: str,
    now: datetime,
    program_version: int = 0,
    why: tuple[Why, ...] = (),
    commitment: bytes = b"",
    must: bool = False,
) -> Entry:
    """The entry that follows `head` and leaves the account as `after`.

    Its instant is the later of now and its predecessor's: time never goes back in an account.
    must: whether it is never refused, whatever its kind. Raises AccountFull where the account has
    no room for what somebody chose to do.
    """
    before, due_on = head.account(), next_due(after)
    unhashed = Entry(
        account_id=head.account_id,
        seq=head.seq + 1,
        kind=kind,
        at=max(whole_milliseconds(now), head.at),
        cause=cause,
        available=after.available - before.available,
        pending=after.pending_points - before.pending_points,
        debt=after.debt - before.debt,
        program_version=program_version,
        why=why,
        state=pack(after, WIDEST_BYTES if must else _most_bytes(head, kind)),
        previous_hash=head.hash,
        commitment=commitment,
        hash=b"",
        due_on=due_on if due_on != next_due(before) else None,
    )
    return replace(unhashed, hash=chained_hash(unhashed))


def _most_bytes(head: Entry, kind: EntryKind) -> int:
    """What is chosen must leave room, or at least not take any where there is none."""
    if kind in NEVER_REFUSED:
        return WIDEST_BYTES
    return max(LARGEST_BYTES, len(head.state.encode()))


def first_previous_hash(account_id: str) -> bytes:
    """What stands for the hash before the first entry."""
    return hashlib.sha256(length_prefixed("stampbook/account", account_id)).digest()


def chained_hash(entry: Entry) -> bytes:
    """The hash that an entry must carry."""
    return hashlib.sha256(
        length_prefixed(
            entry.account_id,
            entry.previous_hash,
            str(entry.seq),
            entry.kind,
            printed(entry.at),
            entry.cause,
            f"{entry.available},{entry.pending},{entry.debt}",
            str(entry.program_version),
            packed_why(entry.why),
            state_digest(entry),
            entry.commitment,
        )
    ).digest()


def state_digest(entry: Entry) -> bytes:
    """What of the state the hash covers: it can be shown where the state itself is not."""
    return hashlib.sha256(entry.state.encode()).digest()


def packed_why(why: tuple[Why, ...]) -> str:
    """The reasons as stored: `[["base",12,1250],...]`, empty for none."""
    if not why:
        return ""
    rows = [[row.rule, row.points, row.minor] for row in why]
    return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)


def unpacked_why(text: str) -> tuple[Why, ...]:
    """The reasons that a stored text holds."""
    return tuple(Why(*row) for row in json.loads(text)) if text else ()


def commitment_to(salt: bytes, *details: bytes | str) -> bytes:
    """A salted hash of details that could identify; without the salt it tells nothing."""
    return hashlib.sha256(length_prefixed(salt, *details)).digest()


def first_broken(entries: Iterable[Entry], account_id: str) -> int | None:
    """Recompute a chain from entry 1 on; the first `seq` that does not hold, None when all do."""
    expected_hash, expected_seq = first_previous_hash(account_id), 1
    for entry in entries:
        holds = (
            entry.account_id == account_id
            and entry.seq == expected_seq
            and entry.previous_hash == expected_hash
            and entry.hash == chained_hash(entry)
        )
        if not holds:
            return expected_seq
        expected_hash, expected_seq = entry.hash, expected_seq + 1
    return None
