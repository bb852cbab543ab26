"""An account comes under review: what it earns is held until somebody has looked.

By support with a reason, or by the watcher. Once: an account under review stays as it is.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.instants import printed
from chalicelib.domain.quarantine import put_under_review
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.reviews import REVIEW_OPENED, Review, Suspicion
from chalicelib.usecases.current import as_of_one_now, standing_in
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

REVIEW = "review"


@dataclass(frozen=True, slots=True)
class UnderReview:
    """member_id: whose account it is that is looked at: of a household, the one who owns it. held:
    points."""

    member_id: str
    since: date
    suspicion: Suspicion
    held: int


def open_review(
    ports: Ports, caller: Caller, member_id: str, reason: str, now: datetime
) -> Outcome[UnderReview]:
    """Support puts an account under review. reason: why, for the audit alone. Raises
    MemberNotFound, MemberErased, TryAgain."""
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action="review.opened",
        member_id=member_id,
        reason=reason,
        at=now,
    )
    return suspect(ports, member_id, Suspicion.STAFF, now)


def suspect(
    ports: Ports, member_id: str, suspicion: Suspicion, now: datetime
) -> Outcome[UnderReview]:
    """Put an account under review, unless it is. Raises MemberNotFound, MemberErased, TryAgain."""

    def decide(_: Attempts) -> Plan[UnderReview] | Outcome[UnderReview]:
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
        entries = at.entries(
            after, kind=EntryKind.STATUS, cause=cause, why=(Why(REVIEW_OPENED, 0, 0),)
        )
        answer = under_review(at.account_id, after)
        kept: dict[str, int | str | None] = {
            "member_id": at.account_id,
            "status": str(after.status),
            "suspicion": str(suspicion),
            "held": answer.held,
            "at": printed(entries[-1].at),
        }
        return Plan(Write((OperationRecord(REVIEW, name, {}, kept),), entries), answer)

    # What has landed is seen in the account itself.
    return settle(ports, decide, lambda: None)


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
