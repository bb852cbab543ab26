"""What is due for a member of the roll: from its own facts first, then from its account.

For the worker that does it, and for the dry run: reads, and never writes. The roll may be of
minutes ago; whatever it says is looked up again before it decides.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.erasures import Erasure, ErasureStatus
from chalicelib.domain.freshness import Facts, Freshness, Schedule, facts_of, schedule
from chalicelib.domain.instants import local_date
from chalicelib.domain.program import Program
from chalicelib.usecases.current import as_of_now, own_head, standing_in
from chalicelib.usecases.ports import Ports, RollRow

RETENTION = Caller(
    CallerKind.STAFF, "retention", frozenset(), "retention", groups=frozenset({"retention"})
)
"""Who asks for the erasure of a member of whom nothing was heard for long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member's account says. seen_on: its last purchase or redemption. empty: as in `Facts`.
    points: that only this member would lose."""

    seen_on: date | None
    empty: bool
    points: int


@dataclass(frozen=True, slots=True)
class Look:
    """A member as it is now, and what becomes of it if nothing is heard of it any more. going: the
    erasure that was asked for because nothing was heard, as long as it has not begun."""

    member_id: str
    fresh: Freshness
    standing: Standing
    due: Schedule
    program: Program
    now: datetime
    going: str | None = None

    @property
    def today(self) -> date:
        """In the program's zone."""
        return local_date(self.now, self.program.zone)

    def has_come(self, day: date | None) -> bool:
        """Whether something is due by now."""
        return day is not None and day <= self.today


def is_worth_a_look(row: RollRow, program: Program, now: datetime, until: date) -> bool:
    """Whether anything can be due until a day, whatever the account says."""
    if row.spared:
        return False
    if row.going:
        return True
    today, rules = local_date(now, program.zone), program.retention
    for empty in (True, False):
        due = schedule(_facts(row, row.fresh, program, empty=empty), rules, today)
        days = (due.ask_on, due.warn_on, due.remove_on)
        if any(day is not None and day <= until for day in days):
            return True
    return row.fresh.untold


def look_at_member(ports: Ports, row: RollRow, program: Program, now: datetime) -> Look | None:
    """What is due for a member; None for nothing, whatever comes: its data is not to be touched.

    Raises StoreUnavailable, StoreNewer, MemberNotFound.
    """
    standing, erasure = _standing_of(ports, row.member_id, now), None
    if row.going:
        erasure = ports.erasures.newest(row.member_id)
    if standing is None or (erasure is not None and not _is_ours(erasure)):
        return None
    fresh = ports.roll.fresh(row.member_id)
    if standing.seen_on is not None:
        fresh = replace(fresh, seen_on=max(standing.seen_on, fresh.seen_on or standing.seen_on))
    facts = _facts(row, fresh, program, empty=standing.empty)
    due = schedule(facts, program.retention, local_date(now, program.zone))
    going = erasure.erasure_id if erasure is not None and erasure.is_open else None
    return Look(row.member_id, fresh, standing, due, program, now, going)


def _facts(row: RollRow, fresh: Freshness, program: Program, *, empty: bool) -> Facts:
    return facts_of(
        fresh,
        enrolled_at=row.enrolled_at,
        verified=bool(row.verified or fresh.healed),
        empty=empty,
        zone=program.zone,
    )


def _standing_of(ports: Ports, member_id: str, now: datetime) -> Standing | None:
    """None for an account that is merged with another, frozen or erased."""
    head = own_head(ports, member_id)
    own = head.entry.account()
    if own.status in (AccountStatus.FROZEN, AccountStatus.ERASED):
        return None
    if own.moved_to is None:
        account = as_of_now(ports, head, now).account
        return Standing(account.active_on, _is_empty(account), _points(account))
    shared = standing_in(ports, member_id).entry.account()
    if member_id not in shared.household:
        return None  # merged: it stays and goes with the other one
    days = [day for day in (own.active_on, shared.active_on) if day is not None]
    return Standing(max(days, default=None), empty=False, points=0)


def _is_empty(account: Account) -> bool:
    return not (account.lifetime.purchases or _points(account) or account.debt or account.sharers)


def _points(account: Account) -> int:
    return account.available + account.pending_points


def _is_ours(erasure: Erasure) -> bool:
    """Whether it is over, or was asked for by the schedule alone and can still be called off."""
    if not erasure.is_open:
        return True
    return erasure.by == RETENTION.source and erasure.status is ErasureStatus.REQUESTED
