"""All members that are one person: those whose accounts support has merged.

Members who share a household's account are people of their own.
"""

from collections.abc import Iterator

from chalicelib.domain import causes
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.usecases.current import own_head
from chalicelib.usecases.merge_accounts import MERGE
from chalicelib.usecases.ports import Ports

_PAGE = 100


def same_person(ports: Ports, member_id: str) -> list[str]:
    """The ids of all members that are the same person as this one, which is among them.

    Costs two reads where nothing was merged, else one of all entries of each account that others
    were merged into. Raises MemberNotFound, StoreUnavailable.
    """
    people = [_stands_for_the_person(ports, own_head(ports, member_id).entry)]
    for newest in people:  # it grows while it is gone through: what was merged into a merged one
        people += _merged_into(ports, newest)
    return [newest.account_id for newest in people]


def _stands_for_the_person(ports: Ports, newest: Entry) -> Entry:
    """The account at the end of all merges that led on from one."""
    moved_to = newest.account().moved_to
    if moved_to is None:
        return newest
    following = own_head(ports, moved_to).entry
    if newest.account_id in following.account().household:
        return newest
    return _stands_for_the_person(ports, following)


def _merged_into(ports: Ports, newest: Entry) -> Iterator[Entry]:
    """The accounts for which one stands in since they were merged into it."""
    account = newest.account()
    sharers = (own_head(ports, member_id).entry for member_id in account.household)
    left = account.sharers - sum(_and_its_own(sharer) for sharer in sharers)
    seen: set[str] = set()
    before: int | None = None
    while left > 0 and (page := ports.ledger.entries(newest.account_id, before, _PAGE)):
        for source_id in filter(None, (_source_of(ports, entry) for entry in page)):
            source = own_head(ports, source_id).entry
            if source_id not in seen and source.account().moved_to == newest.account_id:
                seen.add(source_id)
                left -= _and_its_own(source)
                yield source
        before = page[-1].seq


def _and_its_own(newest: Entry) -> int:
    return 1 + newest.account().sharers


def _source_of(ports: Ports, entry: Entry) -> str | None:
    """Whose account an entry has merged into its own; it may have parted again since."""
    kind, _, name = causes.operation_of(entry.cause).partition(":")
    if entry.kind is not EntryKind.MERGE or kind != MERGE or entry.cause.endswith(name):
        return None
    record = ports.ledger.operation(MERGE, name)
    return str(record.answer["from"]) if record is not None else None
