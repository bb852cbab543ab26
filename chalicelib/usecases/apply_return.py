"""A return is taken out of an account: one that a till has just sent, or those that had waited for
their purchase and go into the same transaction with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain import causes
from chalicelib.domain.challenge_decision import challenges_back
from chalicelib.domain.entries import Entry, EntryKind, commitment_to
from chalicelib.domain.granted_offers import Granted, taken_back
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_points import Terms
from chalicelib.domain.purchase_texts import pack_return
from chalicelib.domain.purchases import PurchaseEvent, PurchaseFile, ReturnRecord
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.domain.refusals import InvalidContent, ReturnExceedsPurchase
from chalicelib.domain.returned import RefusedReturn, WaitingReturn
from chalicelib.domain.returns import (
    NOTHING_TAKEN,
    UNKNOWN_LINE,
    Rows,
    less,
    returned_rows,
    take,
)
from chalicelib.usecases.current import Current
from chalicelib.usecases.ports import BudgetChange, Entropy


@dataclass(frozen=True, slots=True)
class Given:
    """What a purchase was paid with and what it was given, beside what is in its own record:
    the redemptions that paid for it, and the offers that gave something to it."""

    redemptions: tuple[RedemptionRecord, ...] = ()
    granted: tuple[Granted, ...] = ()


@dataclass(frozen=True, slots=True)
class SentReturn:
    """A return as it was sent, and what is kept of it beside its lines."""

    return_id: str
    fingerprint: dict[str, str]
    salt: bytes


@dataclass(frozen=True, slots=True)
class Applied:
    """A return that went out of an account."""

    entries: tuple[Entry, ...]
    record: ReturnRecord


def apply_return(
    at: Current,
    rules: Program,
    file: PurchaseFile,
    sent: SentReturn,
    rows: Rows,
    given: Given,
) -> Applied:
    """Take a return out of the account of its purchase. rules: the version that priced it."""
    terms, purchase = Terms(rules, at.program, at.today), file.record.purchase
    left, day = file.remaining(), terms.day_of(purchase)
    lost = (given.granted, rules, purchase, left, less(left, rows), day)
    account, of_challenges = challenges_back(at.account, *lost)
    offers = taken_back(*lost).and_also(of_challenges)
    after, taken, why = take(account, terms, file, rows, given.redemptions, offers)
    entries = at.entries(
        after,
        kind=EntryKind.RETURN,
        cause=causes.of_purchase(file.record.name, file.next_number),
        program_version=rules.version,
        why=why,
        commitment=commitment_to(sent.salt, pack_return(sent.return_id, rows)),
    )
    record = replace(
        return_of_nobodys(file, sent, rows),
        taken=taken,
        why=why,
        at=entries[-1].at,
        budgets=offers.budgets,
    )
    return Applied(entries, record)


def flowing_back(records: Iterable[PurchaseEvent]) -> tuple[BudgetChange, ...]:
    """What returns give back to the budgets of offers."""
    return tuple(
        BudgetChange(*part)
        for record in records
        if isinstance(record, ReturnRecord)
        for part in record.budgets
    )


def return_of_nobodys(file: PurchaseFile, sent: SentReturn, rows: Rows) -> ReturnRecord:
    """The return of a purchase that nobody has: nothing is taken, less can be claimed."""
    return ReturnRecord(
        name=file.record.name,
        number=file.next_number,
        return_id=sent.return_id,
        at=file.record.at,
        lines=rows,
        taken=NOTHING_TAKEN,
        why=(),
        fingerprint=sent.fingerprint,
        salt=sent.salt,
    )


@dataclass(frozen=True, slots=True)
class Caught:
    """A purchase with what became of the returns that had waited for it. at: the account after
    them, None for a purchase that nobody has."""

    file: PurchaseFile
    at: Current | None
    entries: tuple[Entry, ...] = ()

    @property
    def records(self) -> tuple[PurchaseEvent, ...]:
        """What is written for them."""
        return self.file.events[len(self.file.waiting) :]

    def with_record(self, record: PurchaseEvent) -> "Caught":
        """The same with the next of them."""
        return replace(self, file=replace(self.file, events=(*self.file.events, record)))


def apply_waiting(
    at: Current | None,
    rules: Program,
    file: PurchaseFile,
    given: Given,
    entropy: Entropy,
) -> Caught:
    """Apply the returns that waited for a purchase, each as if it came now; one that does not fit
    it is kept as refused.

    at: the account as the purchase has left it. file: the purchase with nothing but what waited.
    """
    caught = Caught(file, at)
    for waiting in file.waiting:
        try:
            rows = returned_rows(caught.file, waiting.returned)
        except (ReturnExceedsPurchase, InvalidContent) as refusal:
            caught = caught.with_record(_refused(caught.file, waiting, refusal))
            continue
        sent = SentReturn(waiting.return_id, waiting.fingerprint, entropy(16))
        if caught.at is None:
            caught = caught.with_record(return_of_nobodys(caught.file, sent, rows))
            continue
        applied = apply_return(caught.at, rules, caught.file, sent, rows, given)
        caught = replace(
            caught.with_record(applied.record),
            at=caught.at.then(applied.entries),
            entries=(*caught.entries, *applied.entries),
        )
    return caught


def _refused(
    file: PurchaseFile, waiting: WaitingReturn, refusal: ReturnExceedsPurchase | InvalidContent
) -> RefusedReturn:
    # Lines that stand there twice were refused when it came: what is left are unknown ones.
    code = refusal.code if isinstance(refusal, ReturnExceedsPurchase) else UNKNOWN_LINE
    return RefusedReturn(
        name=file.record.name,
        number=file.next_number,
        return_id=waiting.return_id,
        at=file.record.at,
        code=code,
    )
