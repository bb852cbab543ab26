"""Reads for an export what is known of a member's points: entries, and all that made them.

Of a merged account, or of one that shares a household's, what the statement shows: the account that
stands in for it, since it does.
"""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain import causes
from chalicelib.domain.instants import printed
from chalicelib.domain.purchases import ClaimRecord, PurchaseEvent, PurchaseFile, ReturnRecord
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.returned import RefusedReturn
from chalicelib.usecases.export_reading import Reading, Rows, plain, without_others
from chalicelib.usecases.merge_accounts import MERGE
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import Before, StatementEntry, read_statement
from chalicelib.usecases.reverse_merge import MERGE_END

_PAGE = 100
_NOT_OPERATIONS = ("enrolment", "expiry", "purchase", "redemption")
_SAME_PERSON = (MERGE, MERGE_END)
_UNTOLD = ("name", "fingerprint", "salt", "committed")
"""Digests, and what hides them."""

_UNTOLD_OF_OPERATIONS = ("by", "purchase", "version")
"""Who of staff did it, a purchase's digest, and what only the service understands."""


def account(reading: Reading) -> Iterator[Rows]:
    """What the member has now."""
    found = read_account(reading.ports, reading.member_id, reading.now)
    tier = found.tier.standing if found.tier is not None else None
    kept = plain(found.account)
    yield {"as_of": printed(found.as_of), "tier": plain(tier) if tier is not None else None} | (
        dict(without_others(kept, reading.member_id))
    )


def statement(reading: Reading) -> Iterator[Rows]:
    """Every change, newest first, with the hashes that prove it."""
    for row in _entries(reading):
        entry = row.entry
        told: dict[str, Any] = {
            "account_id": entry.account_id,
            "number": entry.seq,
            "kind": str(entry.kind),
            "at": printed(entry.at),
            "points": entry.points,
            "available": entry.available,
            "pending": entry.pending,
            "debt": entry.debt,
            "program_version": entry.program_version,
            "why": [plain(one) for one in entry.why],
            "explanation": [one.text for one in row.explanation],
            "after": plain(row.after),
            "previous_hash": entry.previous_hash.hex(),
            "hash": entry.hash.hex(),
            "written": row.written,
        }
        yield without_others(told, reading.member_id)


def purchases(reading: Reading) -> Iterator[Rows]:
    """Every purchase that counted for the member, and what happened to it."""
    for file in _purchases(reading):
        if file is None:
            yield {"erased": True}
            continue
        record = file.record
        told = {
            "account_id": file.account_id,
            "posted_at": printed(record.at),
            "program_version": record.program_version,
            "amount_minor": record.purchase.amount_minor,
            **plain(record.purchase),
            "earned": plain(file.earned),
            "offers": [plain(one, "shards") for one in record.offers],
            "not_applied": [plain(one) for one in record.not_applied],
            "language": record.language,
            "events": [_event(event) for event in file.events if _is_told(event)],
        }
        yield without_others(told, reading.member_id)


def purchase_lines(reading: Reading) -> Iterator[Rows]:
    """The lines of every purchase, each a row of its own, for spreadsheets."""
    for file in _purchases(reading):
        if file is not None:
            bought = file.record.purchase
            head = {
                "purchase_id": bought.purchase_id,
                "occurred_at": printed(bought.occurred_at),
                "currency": bought.currency,
            }
            yield from (head | plain(line) for line in bought.lines)


def redemptions(reading: Reading) -> Iterator[Rows]:
    """Every redemption, and how it ended."""
    for redemption_id in _named(reading, "redemption"):
        file = reading.ports.ledger.redemption(redemption_id)
        if file is None:
            continue
        told = {
            "status": file.status(reading.now),
            **plain(file.record, "fingerprint", "stock_shard"),
            "end": plain(file.end, "ended_by") if file.end is not None else None,
            "paid_for_a_purchase_at": printed(file.spent_on.at) if file.spent_on else None,
        }
        yield without_others(told, reading.member_id)


def operations(reading: Reading) -> Iterator[Rows]:
    """Everything else that moved points: transfers, households, corrections, imports."""
    for cause in _causes(reading):
        kind, _, name = cause.partition(":")
        if kind in _NOT_OPERATIONS:
            continue
        record = reading.ports.ledger.operation(kind, name)
        if record is None:
            continue
        told = {"kind": kind} | {
            name: part for name, part in record.answer.items() if name not in _UNTOLD_OF_OPERATIONS
        }
        yield told if kind in _SAME_PERSON else without_others(told, reading.member_id)


def _entries(reading: Reading) -> Iterator[StatementEntry]:
    before: Before | None = None
    while page := read_statement(reading.ports, reading.member_id, before, _PAGE, reading.now):
        yield from page
        written = [row.entry for row in page if row.written]
        if not written:
            return
        before = Before(written[-1].seq, written[-1].account_id)


def _causes(reading: Reading) -> Iterator[str]:
    """What made the entries, each once, newest first."""
    seen = {causes.operation_of(row.entry.cause): None for row in _entries(reading)}
    return iter(seen)


def _named(reading: Reading, kind: str) -> Iterator[str]:
    """The ids of the records of a kind, each once, newest first."""
    named = (cause.split(":") for cause in _causes(reading))
    return iter({parts[1]: None for parts in named if parts[0] == kind})


def _purchases(reading: Reading) -> Iterator[PurchaseFile | None]:
    """The purchases, but for those of others who share the account; None for one that was
    redacted."""
    themselves = same_person(reading.ports, reading.member_id)
    for name in _named(reading, "purchase"):
        try:
            found = reading.ports.ledger.purchase(name)
        except MemberErased:
            yield None
            continue
        if isinstance(found, PurchaseFile) and found.member_id in themselves:
            yield found


def _is_told(event: PurchaseEvent) -> bool:
    """What waited became a return or a refusal, which are told."""
    return isinstance(event, ReturnRecord | ClaimRecord | RefusedReturn)


def _event(event: PurchaseEvent) -> dict[str, Any]:
    kinds = {ReturnRecord: "return", ClaimRecord: "claim", RefusedReturn: "refused_return"}
    return {"event": kinds[type(event)], **plain(event, *_UNTOLD)}
