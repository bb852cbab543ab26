"""Keeps the digest of what a member buys in step with its account: entry by entry, in their order,
from where it stands. So duplicates, any order and replays change nothing, and whoever lets us look
at what it buys again has it built anew from the first entry.

Only the member's own purchases count: what others buy who share its account is theirs.
"""

from datetime import date

from chalicelib.domain.behaviour import Behaviour, Bought, up_to, with_bought
from chalicelib.domain.bought import bought
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.instants import local_date
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.import_row import IMPORT
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.settle import Waiting

COUNTED = frozenset({EntryKind.EARN, EntryKind.RETURN})

MOST_AT_A_TIME = 100
"""Entries between two writes: who is killed on the way goes on from the last of them."""


def follow_behaviour(ports: Ports, account_id: str, seq: int | None = None) -> None:
    """Bring the digest of an account up to its entry `seq` at least, to its newest one for None.

    Nothing is written where no purpose of the kind profiling is in force. Raises TryAgain,
    StoreUnavailable, StoreNewer.
    """
    waiting = Waiting(ports.patience)
    while True:
        kept = ports.behaviours.kept(account_id)
        if kept is None or not kept.traits.profiling:
            return
        before = kept.behaviour or Behaviour()
        if seq is not None and before.seq >= seq:
            return
        entries = _next_entries(ports, account_id, before.seq)
        if not entries:
            return
        if not ports.behaviours.keep(account_id, kept, after_entries(ports, before, entries)):
            waiting.once_more()


def _next_entries(ports: Ports, account_id: str, seq: int) -> list[Entry]:
    """The next entries after one, in their order."""
    page = ports.ledger.entries(account_id, seq + 1 + MOST_AT_A_TIME, MOST_AT_A_TIME)
    return [entry for entry in reversed(page) if entry.seq > seq]


def after_entries(ports: Ports, before: Behaviour, entries: list[Entry]) -> Behaviour:
    """The digest after the next entries of an account, in their order. Raises StoreUnavailable."""
    for entry in entries:
        told = _told(ports, entry) if entry.kind in COUNTED else None
        if told is not None:
            zone = ports.programs.active().zone
            before = with_bought(before, told, local_date(entry.at, zone))
    return up_to(before, entries[-1].seq)


def _told(ports: Ports, entry: Entry) -> Bought | None:
    """What an entry says of what the account's own member buys; None for nothing."""
    kind, _, rest = entry.cause.partition(":")
    if kind == IMPORT:
        return _imported(entry)
    name, _, number = rest.partition(":")
    try:
        file = ports.ledger.purchase(name)
    except MemberErased:
        return None
    if not isinstance(file, PurchaseFile):
        # A Query may show an entry a moment before its record.
        raise StoreUnavailable("the record of an entry is a moment behind it")
    if file.member_id != entry.account_id and file.member_id in entry.account().household:
        return None
    rules = ports.programs.version(file.record.program_version)
    day = local_date(file.record.purchase.occurred_at, rules.zone)
    try:
        return bought(file, int(number), day)
    except LookupError as error:
        raise StoreUnavailable("the record of an entry is a moment behind it") from error


def _imported(entry: Entry) -> Bought:
    """A purchase that was brought over from the product before: its day and its money."""
    [why] = entry.why
    _, occurred_on, _ = why.rule.split(":")
    return Bought(on=date.fromisoformat(occurred_on), purchases=1, spend_minor=why.minor)
