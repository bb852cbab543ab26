"""Reconciliations over HTTP: begin or go on with one, and read what it found."""

import re

import msgspec

from chalicelib import observability
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.allowances import RECONCILIATIONS
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.reconcile import (
    ReconciliationState,
    newest_reconciliation,
    read_reconciliation,
    reconcile_now,
)

routes = Routes(__name__)

WORK_SECONDS = 8.0
"""What a request may take of it; the schedule does the rest."""

_ID = re.compile(r"rec_(\d{8})", re.ASCII)


class BreachAnswer(msgspec.Struct, frozen=True):
    """code: stable. what: a sentence. key: of the records it was found in (a reward's id for its
    stock, empty for the whole); number: of the entry or event there, null for all of them."""

    code: str
    what: str
    key: str
    number: int | None


class ReconciliationAnswer(msgspec.Struct, frozen=True):
    """What a reconciliation found; while it is `under_way`, what it has found so far.

    as_of: the instant whose entries and records are compared with each other. seen: what was looked
    at, by kind. times: how many breaches of each code; breaches: the first of them. unread: records
    left aside because a newer release wrote them. unsettled: units of limited rewards, by reward,
    that did not add up while it was being redeemed; a breach if they do not the next time either.
    """

    reconciliation_id: str
    status: str
    clean: bool
    began_at: str
    as_of: str
    finished_at: str | None
    seen: dict[str, int]
    times: dict[str, int]
    breaches: list[BreachAnswer]
    unread: int
    unsettled: dict[str, int]


@routes.post(
    "/v1/reconciliations",
    opens=(Scope.RECONCILIATIONS,),
    summary="Check the books: begin a reconciliation, or go on with the one under way",
    answers={200: ReconciliationAnswer, 202: ReconciliationAnswer},
    refuses=(Conflict,),
    rationed=RECONCILIATIONS,
)
def start_reconciliation(call: Call[None, None]) -> Answer:
    """200 when it is finished, 202 while it is under way: it goes on by itself every five minutes,
    and sooner with every request."""
    keep_going = for_seconds(call.ports.patience, WORK_SECONDS)
    state = reconcile_now(call.ports, lambda: call.now, keep_going)
    if not state.report.clean:
        observability.log_breaches(state.report.times, state.reconciliation.number)
    return Answer(200 if state.reconciliation.finished_at else 202, _answer(state))


@routes.get(
    "/v1/reconciliations/{reconciliation_id}",
    opens=(Scope.RECONCILIATIONS,),
    summary="Read what a reconciliation found",
    answers={200: ReconciliationAnswer},
    refuses=(NotFound,),
)
def get_reconciliation(call: Call[None, None], reconciliation_id: str) -> Answer:
    """`latest` for the one that was begun last. There is one every day."""
    if reconciliation_id == "latest":
        return Answer(200, _answer(newest_reconciliation(call.ports)))
    known = _ID.fullmatch(reconciliation_id)
    if known is None:
        raise NotFound(what="reconciliation")
    return Answer(200, _answer(read_reconciliation(call.ports, int(known[1]))))


def reconciliation_id(number: int) -> str:
    """The id that stands for a reconciliation outside."""
    return f"rec_{number:08d}"


def _answer(state: ReconciliationState) -> ReconciliationAnswer:
    kept, report = state.reconciliation, state.report
    return ReconciliationAnswer(
        reconciliation_id=reconciliation_id(kept.number),
        status="finished" if kept.finished_at else "under_way",
        clean=report.clean,
        began_at=printed(kept.began_at),
        as_of=printed(kept.as_of),
        finished_at=printed(kept.finished_at) if kept.finished_at else None,
        seen=report.seen,
        times=report.times,
        breaches=[BreachAnswer(b.code, b.what, b.key, b.number) for b in report.breaches],
        unread=report.unread,
        unsettled=report.unsettled,
    )
