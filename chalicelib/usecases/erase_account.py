"""An account is erased: its points forfeited, its debt forgiven, by an entry like any other.

What others share passes to one of them in the same transaction; whoever shares another's account
has left it before.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.erasures import forgotten
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import Conflict, MemberErased
from chalicelib.usecases.current import own_head
from chalicelib.usecases.leave_household import leave_household
from chalicelib.usecases.pass_household import pass_household, places, sharers_of
from chalicelib.usecases.ports import Head, OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

ERASE = "erase"

ERASER = Caller(CallerKind.STAFF, "eraser", frozenset(), "eraser")
"""In whose name sharers leave: nobody's of staff."""


class NotAlone(Exception):
    """The account stands in for others than those who are known to be erased with it, or another
    one stands in for it."""


def erase_account(ports: Ports, account_id: str, twins: int | None, now: datetime) -> None:
    """Erase an account; nothing for one that is erased. twins: how many it stands in for since they
    were merged into it, all of which are erased with it; None where the account that stands in for
    this one is erased already, so that nothing of the kind can change any more.

    Raises NotAlone, TryAgain.
    """
    name = ports.namer.name(ERASE, account_id)
    cause = causes.of_operation(ERASE, name)

    def decide(_: Attempts) -> Plan[None] | Outcome[None]:
        head = own_head(ports, account_id)
        sharers = sharers_of(ports, head)
        if twins is not None and not _is_alone(head.entry.account(), sharers, twins):
            raise NotAlone
        passed = pass_household(ports, head, sharers, cause, now)
        at = passed.owner
        after, why = forgotten(at.account)
        entries = at.entries(after, kind=EntryKind.ERASE, cause=cause, why=why)
        record = _record(name, at.account, entries[-1])
        return Plan(Write((record, *passed.records), (*passed.entries, *entries)), None)

    def replay() -> None:
        return None

    try:
        settle(ports, decide, replay)
    except MemberErased:
        return


def _is_alone(account: Account, sharers: Sequence[Head], twins: int) -> bool:
    stays = places([one.entry for one in sharers])
    return account.moved_to is None and account.sharers - stays == twins


def _record(name: str, before: Account, entry: Entry) -> OperationRecord:
    return OperationRecord(
        kind=ERASE,
        name=name,
        fingerprint={},
        answer={
            "member_id": entry.account_id,
            "forfeited": before.available + before.pending_points,
            "forgiven": before.debt,
            "at": printed(entry.at),
        },
    )


def part_household(ports: Ports, member_id: str, now: datetime) -> None:
    """Let a member share nobody's account. Nothing for one who is erased, or whom one has made the
    owner meanwhile.

    Raises TryAgain.
    """
    try:
        account = own_head(ports, member_id).entry.account()
        if account.moved_to is not None and _shares(ports, member_id, account.moved_to):
            leave_household(ports, ERASER, member_id, now)
    except (MemberErased, Conflict):
        return


def _shares(ports: Ports, member_id: str, owner_id: str) -> bool:
    return member_id in own_head(ports, owner_id).entry.account().household
