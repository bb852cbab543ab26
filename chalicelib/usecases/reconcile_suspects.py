"""Names what the sums of a whole pass say is missing or doubled.

A difference is a suspect, no more: what was being written while the pass went by can look like one.
So both sides are read again, by their keys, and only what still differs is told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.postings import Posting
from chalicelib.domain.checks.tally import Difference, Differences
from chalicelib.domain.names import canonical_code
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.books import AccountBook, Book, PurchaseBook, RedemptionBook
from chalicelib.usecases.post_purchase import CLAIM_CODE, claim_code
from chalicelib.usecases.reconcile_accounts import postings_of, stood_in
from chalicelib.usecases.reconcile_books import CLAIM, VOUCHER
from chalicelib.usecases.redeem_reward import voucher_code, voucher_name

_YOUNG = timedelta(days=1)
"""What was made no longer before the instant that is compared may be later than it says, by a clock
that is late, and so have been written while the pass went by."""


def suspects_named(ports: Ports, differences: Differences, as_of: datetime) -> Iterator[Breach]:
    """What of the differences between entries and records is one when it is read again.

    Raises StoreUnavailable.
    """
    seen: set[tuple[str, ...]] = set()
    for difference in differences.found:
        kind, *rest = difference.text.split("\n")
        if kind == VOUCHER:
            yield from _voucher(ports, rest[0], difference, as_of)
        elif kind == CLAIM:
            yield from _claim_code(ports, rest[0], difference, as_of)
        elif (kind, *rest) not in seen:  # of two sides that differ, each is a difference
            seen.add((kind, *rest))
            yield from _posting(ports, kind, rest[0])
    if not differences.complete:
        what = "Entries and records differ in more places than can be named."
        yield Breach("differences_unnamed", what, "")


# --- entries and records -------------------------------------------------------------------------


def _posting(ports: Ports, cause: str, account_id: str) -> Iterator[Breach]:
    record = ports.books.caused(cause)
    said = _naming(ports, record, cause)
    owners = {account_id, *(posting.account_id for posting in said)}
    standing_in = (one for owner in owners for one in stood_in(ports, owner, None))
    accounts = [ports.books.account(one) for one in sorted({*owners, *standing_in})]
    books = [book for book in (record, *accounts) if book is not None]
    if any(book.unreadable for book in books):
        return  # told already, or a newer release's
    done = [
        (book, posting)
        for book in accounts
        if book is not None
        for posting in _naming(ports, book, cause)
    ]
    yield from _compared(record, said, done)


def _naming(ports: Ports, book: Book | None, cause: str) -> list[Posting]:
    found = postings_of(ports, book) if book is not None else ()
    return [posting for posting in found if posting.cause == cause]


def _compared(
    record: Book | None, said: list[Posting], done: list[tuple[AccountBook, Posting]]
) -> Iterator[Breach]:
    at = record.key if record is not None else ""
    if not done and said:
        yield Breach("entry_missing", "A record moved points, and no entry names it.", at)
    elif done and not said:
        what = "An entry names a record that is not there, or that moved nothing."
        yield Breach("record_missing", what, *_place(done[0]))
    elif len(done) > 1:
        yield Breach("entry_doubled", "Two entries name one record.", *_place(done[-1]))
    elif said and done and said[0] != done[0][1]:
        what = f"An entry and its record differ in: {_differing(said[0], done[0][1])}."
        yield Breach("entry_differs", what, *_place(done[0]))


def _place(done: tuple[AccountBook, Posting]) -> tuple[str, int | None]:
    book, posting = done
    numbers = [entry.seq for entry in book.entries if entry.cause == posting.cause]
    return book.key, numbers[-1]


def _differing(said: Posting, done: Posting) -> str:
    names = (name for name in Posting.__slots__ if getattr(said, name) != getattr(done, name))
    return ", ".join(names)


# --- what leads to a redemption or purchase ------------------------------------------------------


def _voucher(
    ports: Ports, redemption_id: str, difference: Difference, as_of: datetime
) -> Iterator[Breach]:
    book = ports.books.caused(causes.of_redemption(redemption_id))
    voucher = ports.ledger.voucher(voucher_name(ports, voucher_code(ports, redemption_id)))
    led_to = book.record if isinstance(book, RedemptionBook) else None
    leads = voucher is not None and voucher.redemption_id == redemption_id
    if book is None or not book.unreadable:
        at = led_to.at if led_to is not None else None
        yield from _lead("voucher", redemption_id, difference, at, leads, as_of)


def _claim_code(
    ports: Ports, purchase: str, difference: Difference, as_of: datetime
) -> Iterator[Breach]:
    book = ports.books.caused(causes.of_purchase(purchase, 0))
    code = canonical_code(claim_code(ports, purchase))
    lead = ports.ledger.operation(CLAIM_CODE, ports.namer.name(CLAIM_CODE, code))
    led_to = book.record if isinstance(book, PurchaseBook) else None
    leads = lead is not None and lead.answer["purchase"] == purchase
    if book is None or not book.unreadable:
        of_nobody = led_to is not None and led_to.account_id is None
        at = led_to.at if led_to is not None and of_nobody else None
        yield from _lead("claim_code", purchase, difference, at, leads, as_of)


def _lead(
    what: str,
    key: str,
    difference: Difference,
    made_at: datetime | None,
    leads: bool,
    as_of: datetime,
) -> Iterator[Breach]:
    """made_at: of what is led to, None where it is not there. leads: whether its own lead is."""
    words = what.replace("_", " ")
    if made_at is None:
        yield Breach(f"{what}_leads_nowhere", f"A {words} leads to nothing.", key)
    elif not leads:
        yield Breach(f"{what}_missing", f"No {words} leads here.", key)
    elif difference.times > 0 and made_at < as_of - _YOUNG:
        yield Breach(f"{what}_doubled", f"More than one {words} leads here.", key)
