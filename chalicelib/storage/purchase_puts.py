"""Purchases and what happened to them as the items that are put for them; `purchase_items.py` reads
them back."""

from dataclasses import astuple

import msgspec

from chalicelib.domain.applied_texts import pack_budgets, pack_offers
from chalicelib.domain.entries import packed_why
from chalicelib.domain.fingerprints import REDACTED
from chalicelib.domain.instants import printed
from chalicelib.domain.purchase_texts import (
    pack_purchase,
    pack_refused,
    pack_return,
    pack_waiting,
)
from chalicelib.domain.purchases import (
    ClaimRecord,
    Earned,
    PurchaseEvent,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.returned import RefusedReturn, WaitingReturn
from chalicelib.storage import keys
from chalicelib.storage.purchase_items import (
    ClaimItem,
    PurchaseItem,
    RefusedItem,
    ReturnItem,
    WaitingItem,
)
from chalicelib.storage.tables import LedgerItem


def purchase_item(record: PurchaseRecord | PurchaseEvent, ev: int | None) -> LedgerItem:
    """A purchase, or what happened to it, as it is stored. ev: 1 where it is its own event."""
    place = keys.purchase(record.name), keys.purchase_event(record.number)
    at = printed(record.at)
    match record:
        case PurchaseRecord():
            return PurchaseItem(
                *place,
                a=record.account_id,
                at=at,
                v=record.program_version,
                d=pack_purchase(record.purchase),
                g=_given(record.earned),
                w=packed_why(record.earned.why) or None,
                f=_json(record.fingerprint),
                z=record.salt or None,
                m=record.committed or None,
                n=record.named,
                o=pack_offers(record.offers, record.not_applied),
                la=record.language,
                rd=_mark(record.is_redacted),
                ev=ev,
            )
        case ReturnRecord():
            return ReturnItem(
                *place,
                at=at,
                d=pack_return(record.return_id, record.lines),
                g=_taken(record.taken),
                w=packed_why(record.why) or None,
                f=_json(record.fingerprint),
                z=record.salt or None,
                m=record.committed or None,
                o=pack_budgets(record.budgets),
                rd=_mark(record.fingerprint == REDACTED),
                ev=ev,
            )
        case ClaimRecord():
            return ClaimItem(
                *place,
                a=record.account_id,
                at=at,
                g=_given(record.earned),
                w=packed_why(record.earned.why) or None,
                n=record.named,
                ev=ev,
            )
        case WaitingReturn():
            details = pack_waiting(record.return_id, record.returned)
            item = WaitingItem(*place, at=at, d=details, f=_json(record.fingerprint), ev=ev)
            item.rd = _mark(record.fingerprint == REDACTED)
            return item
        case RefusedReturn():
            details = pack_refused(record.return_id, record.code)
            return RefusedItem(*place, at=at, d=details, rd=_mark(record.is_redacted), ev=ev)


def _mark(is_redacted: bool) -> int | None:
    return 1 if is_redacted else None


def _taken(taken: Taken) -> str:
    return _json(
        [
            taken.taken,
            taken.from_pending,
            taken.from_available,
            taken.new_debt,
            taken.returned_to_member,
            taken.available_after,
            taken.pending_after,
            taken.debt_after,
        ]
    )


def _given(earned: Earned) -> str:
    sums = [
        earned.earned,
        earned.pending,
        earned.debt_paid,
        earned.available_after,
        earned.pending_after,
        earned.debt_after,
    ]
    if earned.held:
        sums.append(earned.held)
    place = astuple(earned.standing) if earned.standing else None
    return _json([sums, earned.tier, earned.ladder, place])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
