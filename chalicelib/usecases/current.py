"""The account that an operation is about to write to, as of now.

Every decision about points begins here, so that what matures and expires by the clock is decided
in one place. Nothing is written by reading: what has expired becomes an entry with whatever is
written next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.entries import Entry, EntryKind, Why, next_entry
from chalicelib.domain.facts import Facts, facts_of
from chalicelib.domain.instants import local_date, whole_milliseconds
from chalicelib.domain.lots import fold
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import AccountFrozen, MemberErased, MemberNotFound
from chalicelib.domain.tiers import kept_since
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import Head, Ports


class AlreadyWritten(Exception):
    """The account's newest entry is this very operation's: an earlier try of it has landed."""


@dataclass(frozen=True, slots=True)
class Current:
    """An account as of now.

    head: its newest entry, as written. traits: the member's own, also where another account stands
    in for its. account: what the head has become by the clock; expired: the lots that it lost on
    the way, which no entry tells yet. program: the active version. now: never before the newest
    entry: time does not go back in an account. today: in the program's zone. via: as in `Entry`.
    frozen, behaviour: as in `Head`.
    """

    head: Entry
    traits: Traits
    account: Account
    expired: tuple[Lot, ...]
    program: Program
    now: datetime
    today: date
    via: tuple[tuple[str, int], ...] = ()
    frozen: bool = False
    behaviour: Behaviour | None = None

    def facts(self) -> Facts:
        """What offers may know of the member now."""
        return facts_of(self.account, self.traits, self.behaviour, self.program, self.today)

    def require_unfrozen(self) -> None:
        """Raise AccountFrozen where points may come and none may go."""
        if self.frozen:
            raise AccountFrozen

    @property
    def account_id(self) -> str:
        """Whose it is: of a merged account, the one that stands in for it."""
        return self.head.account_id

    def entries(
        self,
        after: Account,
        *,
        kind: EntryKind,
        cause: str,
        program_version: int = 0,
        why: tuple[Why, ...] = (),
        commitment: bytes = b"",
        must: bool = False,
    ) -> tuple[Entry, ...]:
        """The entry that leaves the account as `after`; one that tells what expired comes first.
        must: as in `next_entry`."""
        told = self.expiry()
        entry = next_entry(
            told[-1] if told else self.head,
            kept_since(self.account, after, self.program.tiers, self.today),
            kind=kind,
            cause=cause,
            now=self.now,
            program_version=program_version,
            why=why,
            commitment=commitment,
            must=must,
        )
        return (*told, replace(entry, via=self.via))

    def then(self, entries: tuple[Entry, ...]) -> "Current":
        """The account as entries will leave it that are written with the same operation."""
        return replace(self, head=entries[-1], account=entries[-1].account(), expired=())

    def expiry(self) -> tuple[Entry, ...]:
        """The entry that tells what has expired, if anything has."""
        if not self.expired:
            return ()
        entry = next_entry(
            self.head,
            kept_since(self.account, self.account, self.program.tiers, self.today),
            kind=EntryKind.EXPIRE,
            cause=causes.of_expiry(self.today),
            now=self.now,
            why=tuple(Why(str(lot.expires_on), -lot.points, 0) for lot in self.expired),
        )
        return (entry,)


def current(ports: Ports, account_id: str, cause: str, now: datetime) -> Current:
    """The account as of now, for an operation that would write under `cause`: of a merged one, that
    which stands in for it.

    A Query may show one item of a transaction a moment before another. Whoever finds its own entry
    and not yet its own record must not decide again from the points that it has spent itself.
    Raises MemberNotFound, AlreadyWritten.
    """
    [found] = as_of_one_now(ports, [(standing_in(ports, account_id), cause)], now)
    return found


def as_of_one_now(
    ports: Ports, heads: Sequence[tuple[Head, str]], now: datetime
) -> tuple[Current, ...]:
    """Accounts that were read, as of one now, which is before none of their newest entries.

    heads: each with the cause under which the operation would write to it. Raises AlreadyWritten.
    """
    for head, cause in heads:
        if head.entry.cause == cause:
            raise AlreadyWritten(cause)
    program = ports.programs.active()
    now = max(whole_milliseconds(now), *(head.entry.at for head, _ in heads))
    return tuple(_folded(head, program, now) for head, _ in heads)


def as_of_now(ports: Ports, head: Head, now: datetime) -> Current:
    """An account that was read, as of now."""
    program = ports.programs.active()
    return _folded(head, program, max(whole_milliseconds(now), head.entry.at))


def standing_in(ports: Ports, account_id: str) -> Head:
    """The account of a member as it is, or the one that stands in for it; with the member's own
    traits, and the way that led to it. Raises MemberNotFound."""
    head = own_head(ports, account_id)
    moved_to = head.entry.account().moved_to
    if moved_to is None:
        return head
    try:
        found = standing_in(ports, moved_to)
    except MemberErased:
        if own_head(ports, account_id).entry.seq == head.entry.seq:
            raise
        # Whoever it shared with was erased since it was read, and it is led elsewhere.
        return standing_in(ports, account_id)
    via = ((account_id, head.entry.seq), *found.via)
    frozen = head.frozen or found.frozen
    return Head(found.entry, head.traits, via, frozen, found.behaviour)


def own_head(ports: Ports, account_id: str) -> Head:
    """An account as it is, whether another stands in for it or not. Raises MemberNotFound,
    MemberErased."""
    head = ports.ledger.head(account_id)
    if head is None:
        raise MemberNotFound()
    status = head.entry.account().status
    if status is AccountStatus.ERASED:
        raise MemberErased
    return replace(head, frozen=status is AccountStatus.FROZEN)


def _folded(head: Head, program: Program, now: datetime) -> Current:
    today = local_date(now, program.zone)
    folded = fold(head.entry.account(), today)
    return Current(
        head.entry,
        head.traits,
        folded.account,
        folded.expired,
        program,
        now,
        today,
        head.via,
        head.frozen,
        head.behaviour,
    )
