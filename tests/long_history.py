"""Accounts with a long history, put in place as they would have grown."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.entries import Entry, EntryKind, next_entry, opening_entry
from chalicelib.storage.ledger_items import EntryItem, entry_item


def put_history(member_id: str, entries: int, first_at: datetime) -> None:
    """Write an account of this many entries, an hour apart; entry n leaves n points."""
    with EntryItem.batch_write() as batch:
        for entry in _history(member_id, entries, first_at):
            batch.save(entry_item(entry))


def _history(member_id: str, entries: int, first_at: datetime) -> Iterator[Entry]:
    entry = opening_entry(member_id, AccountStatus.ACTIVE, first_at)
    yield entry
    for number in range(2, entries + 1):
        after = Account(lots=(Lot(None, number),))
        at = entry.at + timedelta(hours=1)
        kind, cause = EntryKind.ADJUST, f"test:{number}"
        entry = next_entry(entry, after, kind=kind, cause=cause, now=at)
        yield entry
