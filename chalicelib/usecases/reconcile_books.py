"""Looks at every partition of the ledger: what is wrong within it, and what it says of others.

What looks wrong is read again before it is told: a page is no snapshot, and of an operation that is
being written one item can be seen without the other. Repairs nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.checks.accounts import check_account
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.records import (
    check_awaited,
    check_purchase,
    check_redemption,
    check_spent,
)
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.reconciliations import Reconciliation
from chalicelib.domain.redemptions import RedemptionFile
from chalicelib.usecases.ledger_pass import Place, Sums
from chalicelib.usecases.ports import OperationRecord, Ports, VoucherRecord
from chalicelib.usecases.ports.books import (
    NEWER_RELEASE,
    AccountBook,
    Book,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
)
from chalicelib.usecases.reconcile_accounts import postings_of, zone_of
from chalicelib.usecases.reconcile_budgets import paid_of
from chalicelib.usecases.reconcile_found import Found, Out, found_in
from chalicelib.usecases.reconcile_operations import check_operation, claim_code_of

VOUCHER, CLAIM = "voucher", "claim_code"
"""Begin the texts of slips that are no postings: a voucher for each redemption, a claim code for
each purchase that was posted for nobody."""

SETTLED_AFTER = timedelta(seconds=30)
"""No request takes longer to write what it decided: of an instant this long ago all is there."""

_READINGS = 3


class Looking:
    """The visitor of a reconciliation's pass."""

    def __init__(self, ports: Ports, reconciliation: Reconciliation) -> None:
        self._ports = ports
        self._as_of = reconciliation.as_of
        self._began_at = reconciliation.began_at
        self._program = ports.programs.version(reconciliation.program_version)

    def start(self) -> Sums:
        return Found().packed()

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:  # noqa: ARG002  # as the protocol says
        found = found_in(sums)
        for seen in books:
            book, breaches = self._settled(seen)
            found.tell(breaches)
            self._count(found, book)
        return found.packed()

    def _settled(self, book: Book) -> tuple[Book, list[Breach]]:
        """A partition, read again while something in it looks wrong, and what is."""
        breaches = list(breaches_of(self._ports, book))
        for _ in range(_READINGS - 1):
            again = self._ports.books.book(book.key) if breaches else None
            if again is None:
                break
            book, breaches = again, list(breaches_of(self._ports, again))
        return book, breaches

    def _count(self, found: Found, book: Book) -> None:
        if any(item.problem == NEWER_RELEASE for item in book.unreadable):
            found.unread += 1
        sign = 1 if isinstance(book, AccountBook) else -1
        for posting in postings_of(self._ports, book):
            if posting.at <= self._as_of:
                found.tally.add(posting.text, posting.content(), sign)
        self._count_budgets(found, book)
        match book:
            case AccountBook():
                found.seen.update({"accounts": 1, "entries": len(book.entries)})
                found.accounts_unread += 1 if book.unreadable else 0
                if not book.unreadable:
                    found.liability.add_account(book.entries, self._program, self._as_of)
            case PurchaseBook():
                found.seen.update({"purchases": 1, "purchase_events": len(book.happened)})
                self._count_purchase(found, book)
            case RedemptionBook():
                found.seen["redemptions"] += 1
                self._count_redemption(found, book)
            case RecordBook():
                found.seen["other_records"] += 1
                self._count_record(found, book)

    def _count_purchase(self, found: Found, book: PurchaseBook) -> None:
        record = book.record
        if record is not None and record.account_id is None and record.at <= self._as_of:
            found.tally.add(f"{CLAIM}\n{book.name}", b"", -1)

    def _count_budgets(self, found: Found, book: Book) -> None:
        for paid in paid_of(book):
            if paid.amount:
                found.moved(paid.offer_id, self._units(paid.amount, paid.at))

    def _count_redemption(self, found: Found, book: RedemptionBook) -> None:
        record, end = book.record, book.end
        if record is None:
            return
        if record.at <= self._as_of:
            found.tally.add(f"{VOUCHER}\n{book.redemption_id}", b"", -1)
        if record.stock_shard is None:
            return
        reward_id = record.reward.reward_id
        found.moved(reward_id, self._units(1, record.at))
        if end is not None and end.available_after is not None:
            found.moved(reward_id, self._units(-1, end.at))

    def _units(self, units: int, at: datetime) -> Out:
        if at <= self._as_of:
            return Out(settled=units)
        at_first = abs(units) if at <= self._began_at + SETTLED_AFTER else 0
        return Out(since=units, moves=1, at_first=at_first)

    def _count_record(self, found: Found, book: RecordBook) -> None:
        match book.record:
            case VoucherRecord() as voucher:
                if voucher.at <= self._as_of:
                    found.tally.add(f"{VOUCHER}\n{voucher.redemption_id}", b"", 1)
            case OperationRecord() as operation:
                lead = claim_code_of(operation)
                if lead is not None and lead[1] <= self._as_of:
                    found.tally.add(f"{CLAIM}\n{lead[0]}", b"", 1)


# --- one partition -------------------------------------------------------------------------------


def breaches_of(ports: Ports, book: Book) -> Iterator[Breach]:
    """Everything that is wrong within a partition. Raises StoreUnavailable."""
    if book.unreadable:  # what is beside it would look as wrong as if the item were missing
        yield from _unreadable(book)
        return
    match book:
        case AccountBook():
            yield from _account_breaches(ports, book)
        case PurchaseBook():
            yield from _purchase_breaches(ports, book)
        case RedemptionBook(file=None):
            yield Breach("redemption_missing", "An end has no redemption.", book.key)
        case RedemptionBook(file=RedemptionFile() as redemption):
            yield from _redemption_breaches(ports, book, redemption)
        case RecordBook(record=OperationRecord() as operation):
            yield from check_operation(ports, book, operation)
        case RecordBook() if book.is_event:
            what = "A voucher is marked beside its redemption's entry."
            yield Breach("event_wrong", what, book.key)


def _unreadable(book: Book) -> Iterator[Breach]:
    for item in book.unreadable:
        if item.problem != NEWER_RELEASE:
            what = f"An item ({item.sort_key}) cannot be read: {item.problem}."
            yield Breach("unreadable", what, book.key)


def _account_breaches(ports: Ports, book: AccountBook) -> Iterator[Breach]:
    if not book.entries:
        yield Breach("entries_missing", "An account has no entry.", book.key)
        return
    yield from check_account(book.key, book.account_id, book.entries, book.events)
    moved_to = book.entries[-1].account().moved_to
    if moved_to is not None and ports.ledger.head(moved_to) is None:
        what = "Another account stands in for this one, and there is no such account."
        yield Breach("moved_to_nowhere", what, book.key, book.entries[-1].seq)


def _purchase_breaches(ports: Ports, book: PurchaseBook) -> Iterator[Breach]:
    file = book.file
    if file is None:
        yield from check_awaited(book.key, book.happened, book.events)
    elif zone_of(ports, book) is None:
        what = "No version of the program has the number that priced a purchase."
        yield Breach("program_unknown", what, book.key)
    else:
        yield from check_purchase(book.key, file, book.events)
        yield from _payment_breaches(ports, book.key, file)


def _payment_breaches(ports: Ports, key: str, file: PurchaseFile) -> Iterator[Breach]:
    """What is wrong with the redemptions that paid for a purchase, which are few."""
    points = 0
    for tender in file.record.purchase.tenders:
        if tender.redemption_id is None:
            continue
        paid = ports.books.caused(causes.of_redemption(tender.redemption_id))
        spent_on = paid.spent_on if isinstance(paid, RedemptionBook) else None
        if spent_on is None or spent_on.purchase != file.record.name:
            what = "A purchase names a redemption that paid for none, or for another."
            yield Breach("payment_wrong", what, key)
        elif isinstance(paid, RedemptionBook) and paid.record is not None:
            points += paid.record.points
    yield from check_spent(key, file, points)


def _redemption_breaches(
    ports: Ports, book: RedemptionBook, file: RedemptionFile
) -> Iterator[Breach]:
    yield from check_redemption(book.key, file, book.events)
    if file.spent_on is None:
        return
    paid = ports.books.caused(causes.of_purchase(file.spent_on.purchase, 0))
    record = paid.record if isinstance(paid, PurchaseBook) else None
    tenders = record.purchase.tenders if record is not None else ()
    if book.redemption_id not in {tender.redemption_id for tender in tenders}:
        what = "A redemption paid for a purchase that does not name it."
        yield Breach("payment_wrong", what, book.key, 2)
