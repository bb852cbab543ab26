"""A till posts a purchase: it counts once, for ever, whoever repeats it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import EntryKind, commitment_to
from chalicelib.domain.explanations import Explanation, explained
from chalicelib.domain.fingerprints import differing
from chalicelib.domain.instants import printed, whole_milliseconds
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_points import Terms, check_acceptable, earn
from chalicelib.domain.purchase_texts import pack_purchase
from chalicelib.domain.purchases import (
    CLAIM_DAYS,
    NOTHING_EARNED,
    Earned,
    Purchase,
    PurchaseFile,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.refusals import ConflictingReplay, Refusal
from chalicelib.domain.returned import AwaitedPurchase, RefusedReturn
from chalicelib.domain.tiers import standing
from chalicelib.usecases.apply_return import Caught, Given, apply_waiting, flowing_back
from chalicelib.usecases.choose_offers import Chosen, choose_offers, in_one, withdrawals
from chalicelib.usecases.current import Current, current
from chalicelib.usecases.pay_with_points import pay_with_points
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.purchase_content import content_of
from chalicelib.usecases.read_account import TierView
from chalicelib.usecases.resolve_member import MemberRef, resolve_member
from chalicelib.usecases.settle import Attempts, Plan, preview, settle
from chalicelib.usecases.told_offers import ToldOffer, offers_given, offers_missed

CLAIM_CODE = "claim_code"


@dataclass(frozen=True, slots=True)
class PostPurchase:
    """member: who gets the points; None keeps the purchase for a claim."""

    purchase: Purchase
    member: MemberRef | None


@dataclass(frozen=True, slots=True)
class WaitedReturn:
    """A return that came before its purchase, as it was applied with it: what it took, or why it
    was refused."""

    return_id: str
    taken: Taken | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class PurchasePosted:
    """points: what the purchase gave, and the account when all of `returns_applied` went back.
    claim_code: leads a member to a purchase that was posted without one, for 30 days."""

    purchase_id: str
    member_id: str | None
    points: Earned
    explanation: tuple[Explanation, ...]
    tier: TierView | None
    claim_code: str | None
    returns_applied: tuple[WaitedReturn, ...] = ()
    not_applied: tuple[ToldOffer, ...] = ()


def purchase_name(ports: Ports, caller: Caller, purchase_id: str) -> str:
    """What stands for a purchase of the caller's source, for ever."""
    return ports.namer.name("purchase", caller.source, purchase_id)


def post_purchase(
    ports: Ports, caller: Caller, command: PostPurchase, now: datetime, *, dry_run: bool = False
) -> Outcome[PurchasePosted]:
    """Post a purchase, or with `dry_run` quote it: the same checks, the same answer, no write.

    Returns that came before it are applied with it. Raises MemberNotFound, MemberErased,
    CurrencyNotAccepted, TooFarBack, InTheFuture, InvalidContent (more than an account can hold),
    RedemptionNotFound, RedemptionAlreadyEnded, RedemptionAlreadySpent, ConflictingReplay, TryAgain.
    """
    posting = _Posting(ports, caller, command, now)
    return (preview if dry_run else settle)(ports, posting.decide, posting.replay)


class _Posting:
    """One purchase on its way in.

    What waits for it is learnt from `replay`, so that the usual purchase, for which nothing waits,
    does not ask: its write meets what waits under its number, and is decided again.
    """

    def __init__(self, ports: Ports, caller: Caller, command: PostPurchase, now: datetime) -> None:
        self._ports = ports
        self._command = command
        self._now = now
        self._name = purchase_name(ports, caller, command.purchase.purchase_id)
        self._salt = ports.entropy(16)
        self._awaited = AwaitedPurchase(self._name, ())

    def decide(self, attempts: Attempts) -> Plan[PurchasePosted]:
        check_acceptable(self._ports.programs.active(), self._command.purchase, self._now)
        # One that comes late is priced as of its own time.
        rules = self._ports.programs.active_at(self._command.purchase.occurred_at)
        if self._command.member is None:
            return self._for_nobody(rules)
        member_id = resolve_member(self._ports, self._command.member)
        return self._for_member(rules, member_id, ask=attempts.nothing_is_written)

    def replay(self) -> PurchasePosted | None:
        file = self._ports.ledger.purchase(self._name)
        if isinstance(file, AwaitedPurchase):
            self._awaited = file
        if not isinstance(file, PurchaseFile):
            return None
        differs = self._differing(file.record)
        if differs:
            raise ConflictingReplay(differing=differs)
        return _answer(self._ports, file)

    def _for_nobody(self, rules: Program) -> Plan[PurchasePosted]:
        at, content = whole_milliseconds(self._now), content_of(self._command.purchase, None)
        record = self._record(rules, None, NOTHING_EARNED, at, content)
        code = claim_code(self._ports, self._name)
        until = record.at + timedelta(days=CLAIM_DAYS)
        lead = OperationRecord(
            kind=CLAIM_CODE,
            name=self._ports.namer.name(CLAIM_CODE, code),
            fingerprint={},
            answer={"purchase": self._name, "until": printed(until)},
        )
        caught = self._with_what_waited(None, rules, record, Given())
        write = Write((record, lead, *caught.records))
        return Plan(write, _answer(self._ports, caught.file))

    def _for_member(self, rules: Program, member_id: str, *, ask: bool) -> Plan[PurchasePosted]:
        cause = causes.of_purchase(self._name, self._awaited.next_number)
        purchase = self._command.purchase
        at = current(self._ports, member_id, cause, self._now)
        paid = pay_with_points(self._ports, at, member_id, self._name, purchase, self._now)
        chosen = choose_offers(self._ports, at, member_id, rules, purchase, ask=ask)
        terms = Terms(rules, at.program, at.today)
        after, earned = earn(chosen.account, terms, purchase, chosen.granted)
        entries = at.entries(
            after,
            kind=EntryKind.EARN,
            cause=cause,
            program_version=rules.version,
            why=earned.why,
            commitment=commitment_to(self._salt, pack_purchase(purchase)),
        )
        record = self._members_record(rules, at, member_id, earned, entries[-1].at, chosen)
        given = Given(paid.redemptions, chosen.granted)
        caught = self._with_what_waited(at.then(entries), rules, record, given)
        write = Write(
            (caught.file.record, *caught.records, *paid.records),
            (*entries, *caught.entries),
            budgets=in_one((*withdrawals(chosen), *flowing_back(caught.records))),
        )
        return Plan(write, _answer(self._ports, caught.file))

    def _with_what_waited(
        self, at: Current | None, rules: Program, record: PurchaseRecord, given: Given
    ) -> Caught:
        file = PurchaseFile(record, self._awaited.returns)
        caught = apply_waiting(at, rules, file, given, self._ports.entropy)
        if caught.at is None or caught.at.program.tiers is None or not caught.entries:
            return caught
        # The purchase answers where the member stands when all of this is done.
        now = standing(caught.at.account, caught.at.program.tiers, caught.at.today)
        record = replace(record, earned=replace(record.earned, standing=now))
        return replace(caught, file=replace(caught.file, record=record))

    def _members_record(
        self,
        rules: Program,
        at: Current,
        member_id: str,
        earned: Earned,
        now: datetime,
        chosen: Chosen,
    ) -> PurchaseRecord:
        record = self._record(
            rules, at.account_id, earned, now, content_of(self._command.purchase, member_id)
        )
        return replace(
            record,
            named=member_id if at.account_id != member_id else None,
            offers=chosen.applied,
            not_applied=chosen.not_applied,
            language=at.traits.language,
        )

    def _record(
        self,
        rules: Program,
        account_id: str | None,
        earned: Earned,
        at: datetime,
        content: dict[str, str],
    ) -> PurchaseRecord:
        return PurchaseRecord(
            name=self._name,
            account_id=account_id,
            at=at,
            purchase=self._command.purchase,
            program_version=rules.version,
            earned=earned,
            fingerprint=content,
            salt=self._salt,
            number=self._awaited.next_number,
        )

    def _differing(self, record: PurchaseRecord) -> list[str]:
        """In what this is another purchase than the one that is kept. A member is compared by who
        it is. One that cannot be found any more is whom it was; where it was nobody, it is somebody
        else."""
        member = self._command.member
        try:
            member_id = resolve_member(self._ports, member) if member is not None else None
        except Refusal:
            differs = differing(record.fingerprint, content_of(self._command.purchase, "unknown"))
            was_somebody = record.account_id is not None
            return [name for name in differs if not (was_somebody and name == "member")]
        return differing(record.fingerprint, content_of(self._command.purchase, member_id))


def claim_code(ports: Ports, name: str) -> str:
    """The code on the receipt of a purchase that was posted without a member."""
    return ports.namer.code(CLAIM_CODE, name)


def tier_after(ports: Ports, earned: Earned) -> TierView | None:
    """Where the member stood after a purchase, as it was told then."""
    if earned.standing is None:
        return None
    ladder = ports.programs.version(earned.ladder).tiers
    return TierView(earned.standing, ladder) if ladder else None


def _answer(ports: Ports, file: PurchaseFile) -> PurchasePosted:
    record = file.record
    program = ports.programs.version(record.program_version)
    is_nobodys = record.account_id is None
    return PurchasePosted(
        purchase_id=record.purchase.purchase_id,
        member_id=record.member_id,
        points=record.earned if is_nobodys else file.answered,
        explanation=explained(
            program,
            record.earned.why,
            language=record.language,
            offers=offers_given(ports, record),
        ),
        tier=tier_after(ports, record.earned),
        claim_code=claim_code(ports, record.name) if is_nobodys else None,
        returns_applied=tuple(_waited(event) for event in file.waited),
        not_applied=offers_missed(ports, record, program),
    )


def _waited(event: ReturnRecord | RefusedReturn) -> WaitedReturn:
    if isinstance(event, RefusedReturn):
        return WaitedReturn(event.return_id, None, event.code)
    return WaitedReturn(event.return_id, event.taken, None)
