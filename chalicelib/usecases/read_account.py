"""What a member has: now, or as of any instant, past or to come."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.account import Account
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import fold
from chalicelib.domain.program import Program, Tiers
from chalicelib.domain.tiers import Standing, standing
from chalicelib.usecases.current import own_head, standing_in
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class TierView:
    """Where a member stands, and on which ladder."""

    standing: Standing
    tiers: Tiers


@dataclass(frozen=True, slots=True)
class AccountAsOf:
    """as_of: the instant that was asked for. tier: None where the program has no tiers. The account
    is all zeros before it existed."""

    account: Account
    tier: TierView | None
    as_of: datetime


def read_account(
    ports: Ports, member_id: str, now: datetime, as_of: datetime | None = None
) -> AccountAsOf:
    """An account as of now (one read) or as of an instant, inclusive: a past one by its entries,
    one to come by the clock, if nothing else happens. Of a merged account it is the one that stands
    in for it, or did then. Raises MemberNotFound."""
    if as_of is None:
        head = standing_in(ports, member_id).entry
        return _folded(head.account(), ports.programs.active(), max(now, head.at), now)
    account = _account_as_of(ports, own_head(ports, member_id).entry, as_of)
    return _folded(account, ports.programs.active(), as_of, as_of)


def tier_view(account: Account, program: Program, at: datetime) -> TierView | None:
    """Where a folded account stands by a program's ladder."""
    if program.tiers is None:
        return None
    day = local_date(at, program.zone)
    return TierView(standing(account, program.tiers, day), program.tiers)


def _folded(account: Account, program: Program, at: datetime, as_of: datetime) -> AccountAsOf:
    folded = fold(account, local_date(at, program.zone)).account
    return AccountAsOf(folded, tier_view(folded, program, at), as_of)


def _account_as_of(ports: Ports, head: Entry, as_of: datetime) -> Account:
    """What an account was at an instant, or the one that stood in for it then."""
    entry = head if head.at <= as_of else _entry_as_of(ports, head, as_of)
    account = entry.account() if entry is not None else Account()
    if account.moved_to is None:
        return account
    # Whose it was may have been erased since: what it was then is still told to who shared it.
    other = ports.ledger.head(account.moved_to)
    return _account_as_of(ports, other.entry, as_of) if other is not None else Account()


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
