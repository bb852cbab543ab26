"""What an account's entries name is redacted: purchases and what happened to them, and requests.

Goes through an account's entries from the newest on, page by page. Redemptions that are open end
as erased; those of who shared the account stay open where its household passed on. Must be safe to
repeat, and count the same when it is.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.fingerprints import REDACTED
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.redaction import redacted_event, redacted_purchase
from chalicelib.domain.redemptions import (
    EndedAs,
    RedemptionEnd,
    RedemptionFile,
    RedemptionRecord,
)
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.heirs import PASS, answering_for
from chalicelib.usecases.join_household import JOIN
from chalicelib.usecases.pass_household import FOLLOW
from chalicelib.usecases.ports import (
    Cause,
    Outcome,
    Ports,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
    Write,
)
from chalicelib.usecases.ports.ledger import OperationRecord
from chalicelib.usecases.read_transfer import TRANSFER
from chalicelib.usecases.settle import Attempts, Plan, settle

PAGE = 50

_OF_TWO = (TRANSFER,)
"""Kinds whose request was another member's as well, and holds no text."""

_SHARED = (JOIN, FOLLOW)
"""Kinds by which an account becomes a part of another one, whose owner is somebody else."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A page. below: under which number it goes on, None at the end. counts: how much of which kind
    is gone. shared: accounts of others that this one has shared."""

    below: int | None
    counts: Counter[str]
    shared: tuple[str, ...]


def redact_page(
    ports: Ports, account_id: str, members: Collection[str], below: int | None, now: datetime
) -> Redacted:
    """Redact what the next entries name, those with a number below `below`.

    members: who is erased. What others did who shared the account stays theirs. Of an account of
    somebody else, it is what the erased did with it. Raises TryAgain, StoreUnavailable.
    """
    page = ports.ledger.entries(account_id, below, PAGE)
    redacting = _Redacting(ports, account_id, members, now)
    for entry in page:
        redacting.entry(entry)
    return Redacted(
        page[-1].seq if len(page) == PAGE else None,
        redacting.counts,
        tuple(redacting.shared),
    )


class _Redacting:
    """A page on its way."""

    def __init__(
        self, ports: Ports, account_id: str, members: Collection[str], now: datetime
    ) -> None:
        self._ports = ports
        self._account_id = account_id
        self._members = members
        self._is_own = account_id in members
        self._now = now
        self._seen: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.shared: list[str] = []

    def entry(self, entry: Entry) -> None:
        """Redact the record that an entry names, once a page."""
        book = self._ports.books.caused(entry.cause)
        if book is None:
            return
        is_new = book.key not in self._seen
        self._seen.add(book.key)
        match book:
            case PurchaseBook() if book.file is None or book.file.member_id in self._members:
                self.counts["purchases_redacted"] += _earned_by_purchase(entry)
                if is_new:
                    _redact_purchase(self._ports, book)
            case RedemptionBook(record=RedemptionRecord() as record) if is_new:
                self.counts["redemptions_ended"] += self._redemption(record)
            case RecordBook(record=OperationRecord() as record) if is_new and self._is_own:
                self._operation(record)

    def _redemption(self, record: RedemptionRecord) -> int:
        """1 where it ends as erased: its member's own, and one behind which no account is left."""
        is_theirs = record.member_id in self._members
        if is_theirs and record.fingerprint != REDACTED:
            self._ports.eraser.redact([replace(record, fingerprint=REDACTED)])
        if not (is_theirs and self._is_own) and _is_answered_for(self._ports, record.account_id):
            return 0
        return _end_redemption(self._ports, record.redemption_id, self._now)

    def _operation(self, record: OperationRecord) -> None:
        self.counts["operations_redacted"] += _redact_operation(self._ports, record)
        if record.answer.get("from") != self._account_id:
            return
        if record.kind == PASS:
            self.counts["points_passed_on"] += max(0, int(record.answer["points"] or 0))
        if record.kind in _SHARED:
            self.shared.append(str(record.answer["to"]))


def _earned_by_purchase(entry: Entry) -> bool:
    """What happened to a purchase since has entries of its own."""
    return entry.kind is EntryKind.EARN and entry.cause.startswith("purchase:")


def _redact_purchase(ports: Ports, book: PurchaseBook) -> None:
    record = book.record
    if record is None:
        return
    zone = ports.programs.version(record.program_version).zone

    def named(return_id: str) -> str:
        return ports.namer.name("redacted return", record.name, return_id)

    after: list[Cause] = [redacted_event(event, named) for event in book.happened]
    after.append(redacted_purchase(record, zone))
    before = [*book.happened, record]
    ports.eraser.redact([new for old, new in zip(before, after, strict=True) if new != old])


def _is_answered_for(ports: Ports, account_id: str) -> bool:
    try:
        answering_for(ports, account_id)
    except MemberErased:
        return False
    return True


def _end_redemption(ports: Ports, redemption_id: str, now: datetime) -> int:
    """1 where its end is that its member was erased."""
    ended_by = ports.namer.name("erase", redemption_id)

    def decide(_: Attempts) -> Plan[EndedAs | None] | Outcome[EndedAs | None]:
        file = ports.ledger.redemption(redemption_id)
        if file is None or file.status(now) != "issued":
            return Outcome(_ended_as(file))
        end = RedemptionEnd(redemption_id, EndedAs.ERASED, whole_milliseconds(now), ended_by)
        return Plan(Write((end,)), EndedAs.ERASED)

    ended = settle(ports, decide, lambda: None).answer
    return int(ended is EndedAs.ERASED)


def _ended_as(file: RedemptionFile | None) -> EndedAs | None:
    return file.end.ended_as if file is not None and file.end is not None else None


def _redact_operation(ports: Ports, record: OperationRecord) -> int:
    if not record.fingerprint or record.kind in _OF_TWO:
        return 0
    if record.fingerprint != REDACTED:
        ports.eraser.redact([replace(record, fingerprint=REDACTED)])
    return 1
