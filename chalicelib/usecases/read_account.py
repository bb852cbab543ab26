"""What a member has: now, or as of any instant."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.account import Account
from chalicelib.domain.entries import Entry
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class AccountAsOf:
    """as_of: the instant that was asked for. The account is all zeros before it existed."""

    account: Account
    as_of: datetime


def read_account(
    ports: Ports, member_id: str, now: datetime, as_of: datetime | None = None
) -> AccountAsOf:
    """An account as of now (one read) or as of an instant, inclusive. Raises MemberNotFound."""
    head = ports.ledger.head(member_id)
    if head is None:
        raise MemberNotFound()
    if as_of is None or as_of >= head.entry.at:
        return AccountAsOf(head.entry.account(), as_of or now)
    entry = _entry_as_of(ports, head.entry, as_of)
    return AccountAsOf(entry.account() if entry else Account(), as_of)


def _entry_as_of(ports: Ports, head: Entry, as_of: datetime) -> Entry | None:
    """The last entry at or before an instant, by bisection: instants never go back."""
    low, high, found = 1, head.seq - 1, None
    while low <= high:
        middle = (low + high) // 2
        entry = ports.ledger.entry(head.account_id, middle)
        if entry is not None and entry.at <= as_of:
            found, low = entry, middle + 1
        else:
            high = middle - 1
    return found
