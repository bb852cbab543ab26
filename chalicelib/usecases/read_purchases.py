"""What a member has bought, newest first, with what came back: from its own entries in the ledger.

Of an account that is shared, the member's own purchases alone: what others of the household bought
is theirs.
"""

from dataclasses import dataclass

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_statement import Before, statement_entries

_PAGE = 100
MOST_PASSED_OVER = 500
"""Entries that are looked at before somebody is answered, whether purchases made them or not."""


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """more_before: where to go on; None when all entries were looked at."""

    purchases: tuple[PurchaseFile, ...]
    more_before: Before | None


def read_purchases(
    ports: Ports,
    member_id: str,
    before: Before | None,
    limit: int,
    most_passed_over: int = MOST_PASSED_OVER,
) -> PurchasePage:
    """Purchases of a member, at most `limit`, and fewer where so much else had to be passed over
    that somebody should be answered first. Raises MemberNotFound, MemberErased."""
    themselves = frozenset(same_person(ports, member_id))
    found: list[PurchaseFile] = []
    looked_at = 0
    while page := statement_entries(ports, member_id, before, _PAGE):
        for entry in page:
            if len(found) == limit or looked_at == most_passed_over:
                return PurchasePage(tuple(found), before)
            before, looked_at = Before(entry.seq, entry.account_id), looked_at + 1
            file = _purchase_of(ports, entry)
            if file is not None and file.member_id in themselves:
                found.append(file)
        if len(page) < _PAGE:
            break
    return PurchasePage(tuple(found), None)


def _purchase_of(ports: Ports, entry: Entry) -> PurchaseFile | None:
    """The purchase that an entry tells of; None for any other, and for one that was redacted."""
    kind, _, rest = entry.cause.partition(":")
    if entry.kind is not EntryKind.EARN or kind != "purchase":
        return None
    try:
        file = ports.ledger.purchase(rest.rpartition(":")[0])
    except MemberErased:
        return None
    return file if isinstance(file, PurchaseFile) else None
