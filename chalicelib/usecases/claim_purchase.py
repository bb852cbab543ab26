"""A purchase that was posted without a member gets one: by the till, or by the code on the
receipt."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.explanations import Explanation, explained
from chalicelib.domain.instants import parsed
from chalicelib.domain.names import canonical_code
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_points import Terms, earn_what_remains
from chalicelib.domain.purchases import ClaimRecord, Earned, PurchaseFile
from chalicelib.domain.refusals import (
    ClaimNotFound,
    PurchaseAlreadyClaimed,
    PurchaseNotFound,
)
from chalicelib.usecases.current import current
from chalicelib.usecases.ports import Outcome, Ports, Write
from chalicelib.usecases.post_purchase import CLAIM_CODE, purchase_name, tier_after
from chalicelib.usecases.read_account import TierView
from chalicelib.usecases.resolve_member import MemberId, MemberRef, resolve_member
from chalicelib.usecases.settle import Attempts, Plan, settle
from chalicelib.usecases.whose_account import is_of


@dataclass(frozen=True, slots=True)
class PurchaseClaimed:
    purchase_id: str
    member_id: str
    points: Earned
    explanation: tuple[Explanation, ...]
    tier: TierView | None


def claim_purchase(
    ports: Ports, caller: Caller, purchase_id: str, member: MemberRef, now: datetime
) -> Outcome[PurchaseClaimed]:
    """Claim a purchase of the caller's own source for a member.

    Raises PurchaseNotFound, MemberNotFound, PurchaseAlreadyClaimed, TryAgain.
    """
    return _claim(ports, purchase_name(ports, caller, purchase_id), member, now)


def claim_by_code(
    ports: Ports, member_id: str, code: str, now: datetime
) -> Outcome[PurchaseClaimed]:
    """Claim the purchase that a receipt's code leads to, within its 30 days.

    Raises ClaimNotFound, MemberNotFound, PurchaseAlreadyClaimed, TryAgain.
    """
    try:
        name = ports.namer.name(CLAIM_CODE, canonical_code(code))
    except ValueError as error:
        raise ClaimNotFound() from error
    lead = ports.ledger.operation(CLAIM_CODE, name)
    if lead is None:
        raise ClaimNotFound()
    file = ports.ledger.purchase(str(lead.answer["purchase"]))
    claimed_before = isinstance(file, PurchaseFile) and _is_by(ports, file, member_id)
    if now > parsed(str(lead.answer["until"])) and not claimed_before:
        raise ClaimNotFound()
    return _claim(ports, str(lead.answer["purchase"]), MemberId(member_id), now)


def _claim(ports: Ports, name: str, member: MemberRef, now: datetime) -> Outcome[PurchaseClaimed]:
    def decide(_: Attempts) -> Plan[PurchaseClaimed]:
        file = _unclaimed(ports, name)
        member_id = resolve_member(ports, member)
        cause = causes.of_purchase(name, file.next_number)
        at = current(ports, member_id, cause, now)
        program = ports.programs.version(file.record.program_version)
        after, earned = earn_what_remains(at.account, Terms(program, at.program, at.today), file)
        entries = at.entries(
            after,
            kind=EntryKind.EARN,
            cause=cause,
            program_version=program.version,
            why=earned.why,
        )
        named = member_id if at.account_id != member_id else None
        record = ClaimRecord(
            name, file.next_number, at.account_id, entries[-1].at, earned, named=named
        )
        return Plan(Write((record,), entries), _answer(ports, program, file, record))

    def replay() -> PurchaseClaimed | None:
        file = ports.ledger.purchase(name)
        if not isinstance(file, PurchaseFile):
            return None
        program = ports.programs.version(file.record.program_version)
        member_id = resolve_member(ports, member)
        return next(
            (
                _answer(ports, program, file, event)
                for event in file.events
                if isinstance(event, ClaimRecord) and _is_by(ports, event, member_id)
            ),
            None,
        )

    return settle(ports, decide, replay)


def _is_by(ports: Ports, claimed: ClaimRecord | PurchaseFile, member_id: str) -> bool:
    """Whether a member claimed it, or somebody with whom it shares an account by now."""
    if claimed.account_id is None:
        return False
    return claimed.member_id == member_id or is_of(ports, claimed.account_id, member_id)


def _unclaimed(ports: Ports, name: str) -> PurchaseFile:
    file = ports.ledger.purchase(name)
    if not isinstance(file, PurchaseFile):
        raise PurchaseNotFound()
    if file.account_id is not None:
        # Also where the same member has it: then the earlier claim is found and replayed.
        raise PurchaseAlreadyClaimed()
    return file


def _answer(
    ports: Ports, program: Program, file: PurchaseFile, record: ClaimRecord
) -> PurchaseClaimed:
    return PurchaseClaimed(
        purchase_id=file.record.purchase.purchase_id,
        member_id=record.member_id,
        points=record.earned,
        explanation=explained(program, record.earned.why),
        tier=tier_after(ports, record.earned),
    )
