"""What would be written down as expired, before it is: a dry run of the worker, for any day.

Found as the worker finds it, by the index of last days, and each account folded as the worker folds
it. Nothing is written. An account counts where the index hints at its last day of now, so that no
two hints count it twice.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.account import Lot
from chalicelib.domain.due import SHARDS
from chalicelib.domain.lots import next_due
from chalicelib.domain.notices import expiring
from chalicelib.domain.program import Program
from chalicelib.usecases.due_rounds import Lanes, day_done
from chalicelib.usecases.expire_points import NAME
from chalicelib.usecases.ports import DueHint, Ports


@dataclass(frozen=True, slots=True)
class Position:
    """Where a dry run goes on: in which shard, behind which hint (None: at its beginning)."""

    shard: int = 0
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ExpiringDay:
    """Points whose last day this is, and how many accounts they are in."""

    last_day: date
    points: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a part of the accounts would lose. days: earliest first. accounts: how many would lose
    any. position: of the next part, None when there is none."""

    program: Program
    days: tuple[ExpiringDay, ...]
    accounts: int
    position: Position | None


def foresee_expiry(
    ports: Ports, on: date, position: Position, keep_going: Callable[[], bool], lanes: Lanes = map
) -> Foreseen:
    """What expires until the day `on` is over, if nothing happens to the accounts until then.

    At least a page of the index, and on while `keep_going` says so. What has expired already and no
    entry tells counts too. Raises StoreUnavailable, StoreNewer.
    """
    points: Counter[date] = Counter()
    accounts: Counter[date] = Counter()
    losing = 0

    def lost(hint: DueHint) -> tuple[Lot, ...]:
        head = ports.ledger.head(hint.account_id)
        account = head.entry.account() if head is not None else None
        if account is None or next_due(account) != hint.last_day:
            return ()
        return expiring(account, on)

    at: Position | None = position
    while at is not None:
        page = ports.ledger.due_accounts(at.shard, _first(ports, at.shard, on), on, at.cursor)
        for lots in lanes(lost, page.hints):
            losing += bool(lots)
            for lot in lots:
                day = lot.expires_on or date.max
                points[day] += lot.points
                accounts[day] += 1
        at = _behind(at, page.cursor)
        if not keep_going():
            break
    days = tuple(ExpiringDay(day, points[day], accounts[day]) for day in sorted(points))
    return Foreseen(ports.programs.active(), days, losing, at)


def _first(ports: Ports, shard: int, on: date) -> date | None:
    """The days before it are written down; what else the index says of them is history."""
    through = day_done(ports, NAME, shard)
    return min(through + timedelta(days=1), on) if through is not None else None


def _behind(at: Position, cursor: str | None) -> Position | None:
    if cursor is not None:
        return Position(at.shard, cursor)
    return Position(at.shard + 1) if at.shard + 1 < SHARDS else None
