"""Reconciles the books: goes through all of the ledger, checks what must always hold, sums up what
members hold, and tells what is wrong. Repairs nothing.

A reconciliation goes on a few minutes at a time, by whoever is at it. Every partition is checked by
itself, entries and records against each other by sums over the whole pass; what looks wrong is read
again before it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.reconciliations import Reconciliation, Report
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.ledger_pass import LedgerPass, progress, run_pass
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reconcile_books import SETTLED_AFTER, Looking
from chalicelib.usecases.reconcile_found import BREACHES_KEPT, Found, found_in
from chalicelib.usecases.reconcile_stock import check_stock, stock_left
from chalicelib.usecases.reconcile_suspects import suspects_named

SEGMENTS = 4

LAYOUT = 1
"""Of the sums that are kept. A release that keeps others goes through the books anew."""

KeepGoing = Callable[[], bool]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ReconciliationState:
    """report: what was found; while it is under way what has been found so far, sums without a
    whole, and nothing yet of what only the whole shows."""

    reconciliation: Reconciliation
    report: Report


# --- running -------------------------------------------------------------------------------------


def reconcile_daily(
    ports: Ports, clock: Clock, keep_going: KeepGoing
) -> ReconciliationState | None:
    """Go on with the reconciliation that is under way, or begin the one of today (UTC). None where
    today's is done, or where there is no program yet. Raises StoreUnavailable, StoreNewer."""
    if ports.programs.active_number() is None:
        return None
    newest = _newest(ports)
    today = clock().astimezone(UTC).date()
    if newest is None or newest.report is None:
        return reconcile_now(ports, clock, keep_going)
    if newest.began_at.astimezone(UTC).date() >= today:
        return None
    return _run(ports, _begun(ports, newest, clock()), clock, keep_going)


def reconcile_now(ports: Ports, clock: Clock, keep_going: KeepGoing) -> ReconciliationState:
    """Go on with the reconciliation that is under way, or begin another.

    Refuses with Conflict(reason="no_program"). Raises StoreUnavailable, StoreNewer.
    """
    newest = _newest(ports)
    if newest is None or newest.report is not None:
        newest = _begun(ports, newest, clock())
    return _run(ports, newest, clock, keep_going)


def _begun(ports: Ports, before: Reconciliation | None, now: datetime) -> Reconciliation:
    """The reconciliation after one that is done, or after none; begun here, or by somebody else at
    the same time."""
    now = whole_milliseconds(now)
    reconciliation = Reconciliation(
        number=before.number + 1 if before else 1,
        began_at=now,
        as_of=now - SETTLED_AFTER,
        program_version=ports.programs.active().version,
        stock=stock_left(ports),
    )
    if ports.reconciliations.begin(reconciliation):
        return reconciliation
    return read_reconciliation(ports, reconciliation.number).reconciliation


def _run(
    ports: Ports, reconciliation: Reconciliation, clock: Clock, keep_going: KeepGoing
) -> ReconciliationState:
    if reconciliation.report is not None:
        return ReconciliationState(reconciliation, reconciliation.report)
    looking = Looking(ports, reconciliation)
    gone = run_pass(ports.books, _pass(reconciliation), looking, keep_going)
    found = found_in(*gone.sums)
    if not gone.done:
        return ReconciliationState(reconciliation, _report(found, {}))
    report = _concluded(ports, reconciliation, found)
    finished = replace(reconciliation, finished_at=whole_milliseconds(clock()), report=report)
    if ports.reconciliations.finish(finished):
        return ReconciliationState(finished, report)
    return read_reconciliation(ports, reconciliation.number)


def _concluded(ports: Ports, reconciliation: Reconciliation, found: Found) -> Report:
    """What only the whole shows."""
    found.tell(suspects_named(ports, found.tally.differences(), reconciliation.as_of))
    earlier = _before(ports, reconciliation)
    breaches, unsettled = check_stock(ports, reconciliation, found, earlier)
    found.tell(breaches)
    if found.liability.difference:
        what = "What accounts hold is not what their entries brought."
        found.tell([Breach("liability_differs", what, "")])
    return _report(found, unsettled)


def _before(ports: Ports, reconciliation: Reconciliation) -> dict[str, int]:
    """What the reconciliation before this one could not tell yet."""
    before = ports.reconciliations.get(reconciliation.number - 1)
    return before.report.unsettled if before and before.report else {}


def _report(found: Found, unsettled: dict[str, int]) -> Report:
    return Report(
        seen=dict(found.seen),
        breaches=tuple(found.breaches[:BREACHES_KEPT]),
        times=dict(found.times),
        unread=found.unread,
        accounts_unread=found.accounts_unread,
        unsettled=unsettled,
        liability=found.liability,
    )


def _pass(reconciliation: Reconciliation) -> LedgerPass:
    return LedgerPass(f"reconciliation-{reconciliation.number}-{LAYOUT}", SEGMENTS)


# --- reading -------------------------------------------------------------------------------------


def read_reconciliation(ports: Ports, number: int) -> ReconciliationState:
    """A reconciliation, done or under way. Raises NotFound, StoreUnavailable."""
    found = ports.reconciliations.get(number)
    if found is None:
        raise NotFound(what="reconciliation")
    if found.report is not None:
        return ReconciliationState(found, found.report)
    so_far = progress(ports.books, _pass(found), Looking(ports, found))
    return ReconciliationState(found, _report(found_in(*so_far.sums), {}))


def newest_reconciliation(ports: Ports) -> ReconciliationState:
    """The one that was begun last. Raises NotFound, StoreUnavailable."""
    newest = _newest(ports)
    if newest is None:
        raise NotFound(what="reconciliation")
    return read_reconciliation(ports, newest.number)


def _newest(ports: Ports) -> Reconciliation | None:
    found = ports.reconciliations.newest(1)
    return found[0] if found else None
