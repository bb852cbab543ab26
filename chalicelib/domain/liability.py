"""The liability: the points that members hold, sorted in the ways in which they are asked about.

Summed up account by account, each as it was at one instant, and tied to the ledger: what accounts
hold is what their entries brought. Knows no storage and no order of accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.account import Account, AccountStatus, Lot, PendingLot
from chalicelib.domain.ages import Ages
from chalicelib.domain.earning import spread
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import fold
from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import cost_minor
from chalicelib.domain.tiers import tier_on

NEVER = "never"
NO_TIER = ""


@dataclass(slots=True)
class Holdings:
    """Points of some accounts, and how many accounts."""

    accounts: int = 0
    available: int = 0
    pending: int = 0
    debt: int = 0

    def add(self, other: "Holdings") -> None:
        """Add others'."""
        self.accounts += other.accounts
        self.available += other.available
        self.pending += other.pending
        self.debt += other.debt


@dataclass(slots=True)
class Liability:
    """Sums over accounts, in points.

    held: of all. by_tier: the same by tier id. by_expiry: available and pending points by the month
    of their last day. by_earned: by the month of the entry that brought them. expired: what the
    calendar has taken and no entry tells yet; in none of the others. entered: the points of all
    entries, by kind. Tied: held + expired = entered.
    """

    held: Holdings = field(default_factory=Holdings)
    by_tier: dict[str, Holdings] = field(default_factory=dict)
    by_expiry: dict[str, int] = field(default_factory=dict)
    by_earned: dict[str, int] = field(default_factory=dict)
    expired: int = 0
    entered: dict[str, int] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        """What accounts hold beyond what their entries brought: 0, or the books are wrong."""
        net = self.held.available + self.held.pending - self.held.debt
        return net + self.expired - sum(self.entered.values())

    def add(self, other: "Liability") -> None:
        """Add what was summed up over other accounts."""
        self.held.add(other.held)
        for tier_id, held in other.by_tier.items():
            self.by_tier.setdefault(tier_id, Holdings()).add(held)
        _add(self.by_expiry, other.by_expiry)
        _add(self.by_earned, other.by_earned)
        self.expired += other.expired
        _add(self.entered, other.entered)

    def add_account(self, entries: Sequence[Entry], program: Program, as_of: datetime) -> None:
        """Add an account as it was at an instant. entries: all of them, in their order."""
        known = [entry for entry in entries if entry.at <= as_of]
        if not known:
            return
        ages = Ages()
        for entry in known:
            _add(self.entered, {str(entry.kind): entry.points})
            ages.follow(entry, f"{local_date(entry.at, program.zone):%Y-%m}")
        day = local_date(as_of, program.zone)
        folded = fold(known[-1].account(), day)
        ages.fold(folded.account)
        _add(self.by_earned, ages.by_month())
        self.expired += sum(lot.points for lot in folded.expired)
        tier = tier_on(folded.account, program.tiers, day)
        self._hold(folded.account, tier.tier_id if tier else NO_TIER)

    def _hold(self, account: Account, tier_id: str) -> None:
        counts = account.moved_to is None and account.status is not AccountStatus.ERASED
        own = Holdings(int(counts), account.available, account.pending_points, account.debt)
        self.held.add(own)
        self.by_tier.setdefault(tier_id, Holdings()).add(own)
        lots: tuple[Lot | PendingLot, ...] = (*account.lots, *account.pending, *account.withheld)
        for lot in lots:
            month = f"{lot.expires_on:%Y-%m}" if lot.expires_on else NEVER
            _add(self.by_expiry, {month: lot.points})


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for key, points in more.items():
        sums[key] = sums.get(key, 0) + points


def shares(points: Sequence[int], program: Program) -> list[int]:
    """What parts cost, so that they add up to what the whole costs."""
    return spread(cost_minor(program, sum(points)), points)
