"""Accounts, and the records of what happened to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.entries import Entry
from chalicelib.domain.purchases import ClaimRecord, PurchaseFile, PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import (
    EndedAs,
    RedemptionEnd,
    RedemptionFile,
    RedemptionRecord,
    SpentOn,
)
from chalicelib.domain.returned import AwaitedPurchase, RefusedReturn, WaitingReturn
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports.people import ReachChange


@dataclass(frozen=True, slots=True)
class Head:
    """An account as it is: its newest entry, and its traits. via: as in `Entry`. frozen: whether it
    is, or one that it stands in for on the way to it. behaviour: what was bought in it, as far as
    it was counted; None where the one whose account it is lets nobody look at that."""

    entry: Entry
    traits: Traits
    via: tuple[tuple[str, int], ...] = ()
    frozen: bool = False
    behaviour: Behaviour | None = None


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """The record of an operation that has no business record of its own (an adjustment).

    kind and name make its key; answer: what was answered, by field. Where entries came of it, `at`
    among them is theirs.
    """

    kind: str
    name: str
    fingerprint: dict[str, str]
    answer: dict[str, int | str | None]


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """Leads from what stands for a voucher's code to its redemption. at: when it was issued."""

    name: str
    redemption_id: str
    at: datetime


Cause = (
    PurchaseRecord
    | ReturnRecord
    | ClaimRecord
    | WaitingReturn
    | RefusedReturn
    | RedemptionRecord
    | RedemptionEnd
    | SpentOn
    | VoucherRecord
    | OperationRecord
)
"""The records that make operations count once: each is put only where nothing stands."""


@dataclass(frozen=True, slots=True)
class StockChange:
    """Take one unit (-1) from a shard of a reward's stock, or give it back (+1)."""

    reward_id: str
    shard: int
    units: int


@dataclass(frozen=True, slots=True)
class BudgetChange:
    """Take from a shard of an offer's budget (a negative amount, in the budget's unit), or give
    back to it."""

    offer_id: str
    shard: int
    amount: int


@dataclass(frozen=True, slots=True)
class Write:
    """All that one operation writes, in one transaction. reach: by member, what changes of who may
    write to it. budgets: one change for each shard."""

    causes: tuple[Cause, ...]
    entries: tuple[Entry, ...] = ()
    stock: StockChange | None = None
    reach: Mapping[str, ReachChange] = field(default_factory=dict)
    budgets: tuple[BudgetChange, ...] = ()

    @property
    def events(self) -> tuple[Entry | Cause, ...]:
        """What stands for the operations in it: of each the last entry in an account, or its record
        where it has none. What has expired stands for itself: the calendar did it."""
        entries = tuple({(entry.account_id, entry.cause): entry for entry in self.entries}.values())
        return (
            *entries,
            *(
                cause
                for number, cause in enumerate(self.causes)
                if _is_a_use(cause)
                or (not entries and (number == 0 or isinstance(cause, ReturnRecord)))
            ),
        )


def _is_a_use(cause: Cause) -> bool:
    """A use moves no points: it never has an entry, whatever else is written with it."""
    return isinstance(cause, RedemptionEnd) and cause.ended_as is EndedAs.USED


@dataclass(frozen=True, slots=True)
class DueHint:
    """An account whose next last day was `last_day` once, and may be still."""

    last_day: date
    account_id: str


@dataclass(frozen=True, slots=True)
class DuePage:
    """Some hints. cursor: where the next page begins, None after the last one."""

    hints: tuple[DueHint, ...]
    cursor: str | None


class Verdict(Enum):
    """What became of a write, in the order in which it is told."""

    COMMITTED = "committed"
    CAUSE_TAKEN = "cause_taken"  # a cause of it exists
    ENTRY_TAKEN = "entry_taken"  # another operation was first on an account
    STOCK_EMPTY = "stock_empty"  # the shard has no unit left
    BUDGET_EMPTY = "budget_empty"  # a shard holds less than was to be taken from it


class Ledger(Protocol):
    """Accounts, and the records of what happened to them. Every method may raise
    StoreUnavailable; those that read an account may raise StoreNewer."""

    def head(self, account_id: str) -> Head | None:
        """The account as it is: one consistent read. None: no such member."""
        ...

    def entries(self, account_id: str, before: int | None, limit: int) -> list[Entry]:
        """Entries, newest first, those with a number below `before`."""
        ...

    def entry(self, account_id: str, seq: int) -> Entry | None:
        """One entry."""
        ...

    def purchase(self, name: str) -> PurchaseFile | AwaitedPurchase | None:
        """A purchase and what happened to it; or the returns that wait for it. Raises MemberErased
        where it was redacted."""
        ...

    def redemption(self, redemption_id: str) -> RedemptionFile | None:
        """A redemption, its end, and the purchase that it paid for."""
        ...

    def voucher(self, name: str) -> VoucherRecord | None:
        """Where a voucher's code leads."""
        ...

    def operation(self, kind: str, name: str) -> OperationRecord | None:
        """The record of an operation."""
        ...

    def due_redemptions(self, day: date, until: datetime) -> Iterator[str]:
        """Ids of redemptions that give points back and expire on a day (UTC), up to an instant. A
        hint, not a truth: one that has ended is among them, one of just now may be missing."""
        ...

    def due_accounts(
        self, shard: int, first: date | None, last: date, cursor: str | None
    ) -> DuePage:
        """Accounts of a shard (`domain/due.py`) with points whose last day lies between two days,
        both included (from the beginning where `first` is None): by day, then account, none of a
        day twice. Of each account only the next last day is hinted at. Hints, no truths: what they
        lead to may be gone or have moved, those of just now may be missing."""
        ...

    def commit(self, write: Write) -> Verdict:
        """Write all of it or nothing. StoreUnavailable: unknown whether it landed."""
        ...
