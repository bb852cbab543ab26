"""The purchases of an account, each with all that the till knew when it was posted, so that they
can be decided again. Reads alone.

What the account was, its entries say; the traits are those of now, as no others are kept; what the
member had bought by then is followed anew where somebody asks for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import fold
from chalicelib.domain.offer_decision import basket_of
from chalicelib.domain.offer_rehearsal import Case
from chalicelib.domain.purchases import PurchaseFile, PurchaseRecord
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.traits import Traits
from chalicelib.usecases.follow_behaviour import COUNTED, after_entries
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.books import AccountBook

MOST_READ = 1_500
"""Purchases of one account that are read: whoever buys more than twice a day is no member but a
till's test card, and must not keep a page from ever coming to its end."""

_CLOCKS_DIFFER = 5 * 60
"""Seconds by which a till's clock may be ahead: a purchase can be posted before it was made."""


@dataclass(frozen=True, slots=True)
class Window:
    """Purchases that were made after `since`, until `until`, are looked at."""

    since: datetime
    until: datetime

    def covers(self, instant: datetime) -> bool:
        """Whether it lies within."""
        return self.since < instant <= self.until

    def may_cover(self, entry: Entry) -> bool:
        """Whether the purchase of an entry can lie within: it is asked before that is read."""
        return entry.at.timestamp() > self.since.timestamp() - _CLOCKS_DIFFER


class PastPurchases:
    """Of one page of the ledger: what it reads of members it reads once.

    follows_behaviour: whether anybody asks what members had bought by then, which costs the read of
    all they ever bought.
    """

    def __init__(self, ports: Ports, window: Window, *, follows_behaviour: bool) -> None:
        self._ports = ports
        self._window = window
        self._follows_behaviour = follows_behaviour
        self._traits: dict[str, Traits] = {}

    def is_too_long(self, book: AccountBook) -> bool:
        """Whether an account has more purchases to read than a page has time for."""
        if self._nothing_bought(book) is not None:
            reads = sum(entry.kind in COUNTED for entry in book.entries)
        else:
            reads = sum(self._is_asked_for(entry) for entry in book.entries)
        return reads > MOST_READ

    def of(self, book: AccountBook) -> Iterator[Case]:
        """An account's purchases of the window in the order in which they were posted, those of who
        was erased left out. Raises StoreUnavailable, StoreNewer."""
        if not book.entries or book.entries[-1].account().status is AccountStatus.ERASED:
            return
        before = book.entries[0]
        behaviour = self._nothing_bought(book)
        for entry in book.entries[1:]:
            if self._is_asked_for(entry):
                record = self._posted_by(entry)
                if record is not None and self._window.covers(record.purchase.occurred_at):
                    yield self._case(book, before, entry, record, behaviour)
            if behaviour is not None:
                behaviour = after_entries(self._ports, behaviour, [entry])
            before = entry

    def _is_asked_for(self, entry: Entry) -> bool:
        return entry.kind is EntryKind.EARN and self._window.may_cover(entry)

    def _nothing_bought(self, book: AccountBook) -> Behaviour | None:
        own = self._traits_of(book, book.account_id)
        return Behaviour() if self._follows_behaviour and own.profiling else None

    def _posted_by(self, entry: Entry) -> PurchaseRecord | None:
        """The purchase that an entry was written with; None for one that was claimed later, to
        which no offers apply, and for one that is no more than figures."""
        kind, _, rest = entry.cause.partition(":")
        if kind != "purchase":  # brought along from the product before
            return None
        try:
            file = self._ports.ledger.purchase(rest.partition(":")[0])
        except MemberErased:
            return None
        if not isinstance(file, PurchaseFile):
            return None
        record = file.record
        return record if entry.cause == causes.of_purchase(record.name, record.number) else None

    def _case(
        self,
        book: AccountBook,
        before: Entry,
        entry: Entry,
        record: PurchaseRecord,
        behaviour: Behaviour | None,
    ) -> Case:
        programs = self._ports.programs
        active = programs.active_at(entry.at)
        today = local_date(entry.at, active.zone)
        member_id = record.member_id or book.account_id
        return Case(
            seq=entry.seq,
            at=entry.at,
            member_id=member_id,
            basket=basket_of(programs.version(record.program_version), record.purchase),
            spend_minor=record.purchase.amount_minor,
            account=fold(before.account(), today).account,
            traits=self._traits_of(book, member_id),
            behaviour=behaviour,
            program=active,
            today=today,
        )

    def _traits_of(self, book: AccountBook, member_id: str) -> Traits:
        if member_id == book.account_id:
            return book.traits or Traits()
        if member_id not in self._traits:  # somebody who shares the account
            head = self._ports.ledger.head(member_id)
            self._traits[member_id] = head.traits if head is not None else Traits()
        return self._traits[member_id]
