"""Support has looked at an account: what was held is the member's, or it is taken.

To take more than the program's limit needs a second person, who decides the same after the first.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.instants import printed
from chalicelib.domain.quarantine import forfeit, release
from chalicelib.domain.refusals import Conflict, ConflictingReplay, SecondPersonRequired
from chalicelib.domain.reviews import REVIEW_FORFEITED, REVIEW_RELEASED, Review, ReviewOutcome
from chalicelib.usecases.current import Current, current
from chalicelib.usecases.open_review import review_name
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

REVIEW_END = "review_end"
REVIEW_ASKED = "review_asked"
"""That somebody has asked to take what a review holds; one for each review."""

DONE, AWAITING = "done", "awaiting_approval"


@dataclass(frozen=True, slots=True)
class DecideReview:
    """reason: why, for the audit alone. key: the caller's idempotency key."""

    member_id: str
    outcome: ReviewOutcome
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class ReviewDecided:
    """status: `done`, or `awaiting_approval` while nothing has moved. points: that were held. The
    figures are those of the account, None while nothing has moved."""

    member_id: str
    outcome: ReviewOutcome
    status: str
    points: int
    available_after: int | None
    pending_after: int | None
    debt_after: int | None


def decide_review(
    ports: Ports, caller: Caller, command: DecideReview, now: datetime
) -> Outcome[ReviewDecided]:
    """End the review of a member's account, or ask for a second person to.

    Raises MemberNotFound, Conflict (`not_under_review`), SecondPersonRequired, ConflictingReplay,
    TryAgain.
    """
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action=f"review.{command.outcome}",
        member_id=command.member_id,
        reason=command.reason,
        at=now,
    )
    deciding = _Deciding(ports, caller, command, now)
    return settle(ports, deciding.decide, deciding.replay)


class _Deciding:
    """One decision on its way."""

    def __init__(self, ports: Ports, caller: Caller, command: DecideReview, now: datetime) -> None:
        self._ports = ports
        self._by = caller.source
        self._command = command
        self._now = now
        path = f"review/{command.member_id}"
        self._name = ports.namer.id("rev", caller.source, path, command.key)
        self._cause = causes.of_operation(REVIEW_END, self._name)
        self._content = fingerprint({"outcome": str(command.outcome), "reason": command.reason})

    def decide(self, _: Attempts) -> Plan[ReviewDecided]:
        at = current(self._ports, self._command.member_id, self._cause, self._now)
        review = at.account.under_review
        if review is None:
            raise Conflict(reason="not_under_review")
        held = at.account.withheld_points
        if self._command.outcome is ReviewOutcome.FORFEIT and self._needs_another(at, review):
            return self._asked(at, review, held)
        entries = self._entries(at)
        answer = self._answer(at.account_id, DONE, held, entries)
        return Plan(Write((self._record(answer, entries),), entries), answer)

    def replay(self) -> ReviewDecided | None:
        record = self._ports.ledger.operation(REVIEW_END, self._name)
        if record is None:
            return None
        differs = differing(record.fingerprint, self._content)
        if differs:
            raise ConflictingReplay(differing=differs)
        return _answered(record)

    def _needs_another(self, at: Current, review: Review) -> bool:
        """Whether nobody else has asked for it yet, where somebody else must have."""
        if at.account.withheld_points <= at.program.limits.adjustment_without_approval:
            return False
        asked = self._ports.ledger.operation(REVIEW_ASKED, self._review(at, review))
        if asked is not None and asked.answer["by"] == self._by:
            raise SecondPersonRequired()
        return asked is None

    def _asked(self, at: Current, review: Review, held: int) -> Plan[ReviewDecided]:
        answer = self._answer(at.account_id, AWAITING, held, ())
        asked = OperationRecord(
            REVIEW_ASKED,
            self._review(at, review),
            {},
            {"member_id": at.account_id, "by": self._by, "at": printed(at.now)},
        )
        return Plan(Write((self._record(answer, (), at.now), asked)), answer)

    def _review(self, at: Current, review: Review) -> str:
        return review_name(self._ports, at.account_id, review.behind)

    def _entries(self, at: Current) -> tuple[Entry, ...]:
        if self._command.outcome is ReviewOutcome.RELEASE:
            after = release(at.account, at.program, at.today)
            why = (Why(REVIEW_RELEASED, 0, 0),)
            return at.entries(after, kind=EntryKind.STATUS, cause=self._cause, why=why)
        after, points = forfeit(at.account, at.today)
        kind = EntryKind.ADJUST if points else EntryKind.STATUS
        why = (Why(REVIEW_FORFEITED, -points, 0),)
        return at.entries(after, kind=kind, cause=self._cause, why=why)

    def _answer(
        self, account_id: str, status: str, held: int, entries: tuple[Entry, ...]
    ) -> ReviewDecided:
        after = entries[-1].account() if entries else None
        return ReviewDecided(
            member_id=account_id,
            outcome=self._command.outcome,
            status=status,
            points=held,
            available_after=after.available if after else None,
            pending_after=after.pending_points if after else None,
            debt_after=after.debt if after else None,
        )

    def _record(
        self, answer: ReviewDecided, entries: tuple[Entry, ...], asked_at: datetime | None = None
    ) -> OperationRecord:
        at = entries[-1].at if entries else asked_at or self._now
        kept: dict[str, int | str | None] = {
            "member_id": answer.member_id,
            "outcome": str(answer.outcome),
            "decided": answer.status,
            "points": answer.points,
            "by": self._by,
            "at": printed(at),
            "status": str(entries[-1].account().status) if entries else None,
            "available_after": answer.available_after,
            "pending_after": answer.pending_after,
            "debt_after": answer.debt_after,
        }
        return OperationRecord(REVIEW_END, self._name, self._content, kept)


def _answered(record: OperationRecord) -> ReviewDecided:
    kept = record.answer

    def figure(name: str) -> int | None:
        value = kept[name]
        return None if value is None else int(value)

    return ReviewDecided(
        member_id=str(kept["member_id"]),
        outcome=ReviewOutcome(str(kept["outcome"])),
        status=str(kept["decided"]),
        points=int(kept["points"] or 0),
        available_after=figure("available_after"),
        pending_after=figure("pending_after"),
        debt_after=figure("debt_after"),
    )
