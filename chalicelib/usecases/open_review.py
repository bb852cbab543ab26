"""An account comes under review: what it earns is held until somebody has looked.

By support with a reason, or by the watcher. Once: an account under review stays as it is. A request
of support is remembered by its key, so that a repeat of it does not open another review when the
first has been decided.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.instants import printed, whole_milliseconds
from chalicelib.domain.quarantine import put_under_review
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.reviews import REVIEW_OPENED, Review, Suspicion
from chalicelib.usecases.current import as_of_one_now, standing_in
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

REVIEW = "review"
REVIEW_OPENING = "review_opening"
"""The request of somebody of staff to open one."""


@dataclass(frozen=True, slots=True)
class OpenReview:
    """reason: why, for the audit alone. key: the caller's idempotency key."""

    member_id: str
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class UnderReview:
    """member_id: whose account it is that is looked at: of a household, the one who owns it. held:
    points."""

    member_id: str
    since: date
    suspicion: Suspicion
    held: int


def open_review(
    ports: Ports, caller: Caller, command: OpenReview, now: datetime
) -> Outcome[UnderReview]:
    """Support puts an account under review. Raises MemberNotFound, MemberErased, TryAgain."""
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action="review.opened",
        member_id=command.member_id,
        reason=command.reason,
        at=now,
    )
    name = ports.namer.name(REVIEW_OPENING, caller.source, command.member_id, command.key)

    def decide(_: Attempts) -> Plan[UnderReview] | Outcome[UnderReview]:
        # A write whose reply was lost may have been followed by a decision: look before deciding.
        told = replay()
        if told is not None:
            return Outcome(told, replayed=True)
        found = _decided(ports, command.member_id, Suspicion.STAFF, now)
        return _with_request(name, found, now)

    def replay() -> UnderReview | None:
        record = ports.ledger.operation(REVIEW_OPENING, name)
        return _told(record) if record is not None else None

    return settle(ports, decide, replay)


def suspect(
    ports: Ports, member_id: str, suspicion: Suspicion, now: datetime
) -> Outcome[UnderReview]:
    """Put an account under review, unless it is. Raises MemberNotFound, MemberErased, TryAgain."""
    # What has landed is seen in the account itself.
    return settle(ports, lambda _: _decided(ports, member_id, suspicion, now), lambda: None)


def _decided(
    ports: Ports, member_id: str, suspicion: Suspicion, now: datetime
) -> Plan[UnderReview] | Outcome[UnderReview]:
    head = standing_in(ports, member_id)
    name = review_name(ports, head.entry.account_id, head.entry.seq)
    cause = causes.of_operation(REVIEW, name)
    [at] = as_of_one_now(ports, [(head, cause)], now)
    if at.account.status is AccountStatus.ERASED:
        raise MemberErased()
    review = at.account.under_review
    if review is not None:
        return Outcome(_opened(ports, at.account_id, at.account, review), replayed=True)
    after = put_under_review(at.account, Review(at.today, suspicion, head.entry.seq))
    entries = at.entries(after, kind=EntryKind.STATUS, cause=cause, why=(Why(REVIEW_OPENED, 0, 0),))
    answer = under_review(at.account_id, after)
    kept: dict[str, int | str | None] = {
        "member_id": at.account_id,
        "status": str(after.status),
        "suspicion": str(suspicion),
        "held": answer.held,
        "at": printed(entries[-1].at),
    }
    return Plan(Write((OperationRecord(REVIEW, name, {}, kept),), entries), answer)


def _with_request(
    name: str, found: Plan[UnderReview] | Outcome[UnderReview], now: datetime
) -> Plan[UnderReview]:
    """What was decided, and that it was asked for; alone where the account is under review."""
    write = found.write if isinstance(found, Plan) else Write(())
    answer = found.answer
    kept: dict[str, int | str | None] = {
        "member_id": answer.member_id,
        "since": answer.since.isoformat(),
        "suspicion": str(answer.suspicion),
        "held": answer.held,
        "at": printed(write.entries[-1].at if write.entries else whole_milliseconds(now)),
    }
    asked = OperationRecord(REVIEW_OPENING, name, {}, kept)
    return Plan(replace(write, causes=(*write.causes, asked)), answer)


def _told(record: OperationRecord) -> UnderReview:
    """A request's first answer."""
    kept = record.answer
    return UnderReview(
        str(kept["member_id"]),
        date.fromisoformat(str(kept["since"])),
        Suspicion(str(kept["suspicion"])),
        int(kept["held"] or 0),
    )


def _opened(ports: Ports, account_id: str, account: Account, review: Review) -> UnderReview:
    """A review that goes on, as it was told when it was opened, whatever was earned since."""
    record = ports.ledger.operation(REVIEW, review_name(ports, account_id, review.behind))
    told = under_review(account_id, account)
    return replace(told, held=int(str(record.answer["held"]))) if record is not None else told


def review_name(ports: Ports, account_id: str, behind: int) -> str:
    """What stands for one review of an account."""
    return ports.namer.name(REVIEW, account_id, str(behind))


def under_review(account_id: str, account: Account) -> UnderReview:
    """An account under review, as it is told."""
    review = account.under_review
    assert review is not None  # noqa: S101  # asked only of one that is
    return UnderReview(account_id, review.since, review.suspicion, account.withheld_points)
