"""Each record of the ledger as the item that is put for it; `ledger_items.py` reads it back."""

from dataclasses import astuple
from datetime import UTC

import msgspec

from chalicelib.domain.entries import packed_why
from chalicelib.domain.instants import printed
from chalicelib.domain.purchase_texts import pack_purchase, pack_return
from chalicelib.domain.purchases import ClaimRecord, Earned, PurchaseRecord, ReturnRecord, Taken
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord
from chalicelib.domain.rewards import OnExpiry
from chalicelib.storage import keys
from chalicelib.storage.ledger_items import (
    ClaimItem,
    EndItem,
    OperationItem,
    PurchaseItem,
    RedemptionItem,
    ReturnItem,
    VoucherItem,
)
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import Cause, OperationRecord, VoucherRecord


def cause_item(cause: Cause, *, is_event: bool) -> LedgerItem:
    """Any record as it is stored."""
    ev = 1 if is_event else None
    match cause:
        case PurchaseRecord():
            return PurchaseItem(
                keys.purchase(cause.name),
                keys.purchase_event(0),
                a=cause.account_id,
                at=printed(cause.at),
                v=cause.program_version,
                d=pack_purchase(cause.purchase),
                g=_given(cause.earned),
                w=packed_why(cause.earned.why) or None,
                f=_json(cause.fingerprint),
                z=cause.salt,
                ev=ev,
            )
        case ReturnRecord():
            return ReturnItem(
                keys.purchase(cause.name),
                keys.purchase_event(cause.number),
                at=printed(cause.at),
                d=pack_return(cause.return_id, cause.lines),
                g=_taken(cause.taken),
                w=packed_why(cause.why) or None,
                f=_json(cause.fingerprint),
                z=cause.salt,
                ev=ev,
            )
        case ClaimRecord():
            return ClaimItem(
                keys.purchase(cause.name),
                keys.purchase_event(cause.number),
                a=cause.account_id,
                at=printed(cause.at),
                g=_given(cause.earned),
                w=packed_why(cause.earned.why) or None,
                ev=ev,
            )
        case RedemptionRecord():
            item = RedemptionItem(
                keys.redemption(cause.redemption_id), keys.ONLY, d=_json(cause), ev=ev
            )
            if cause.reward.on_expiry is OnExpiry.RETURN:
                item.due_bucket = keys.due(cause.expires_at.astimezone(UTC).date())
                item.due_at = printed(cause.expires_at)
            return item
        case RedemptionEnd():
            pk = keys.redemption(cause.redemption_id)
            return EndItem(pk, keys.REDEMPTION_END, d=_json(cause), ev=ev)
        case VoucherRecord():
            return VoucherItem(keys.voucher(cause.name), keys.ONLY, d=_json(cause), ev=ev)
        case OperationRecord():
            pk = keys.claim(cause.kind, cause.name)
            return OperationItem(pk, keys.ONLY, d=_json(cause), ev=ev)


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
    place = astuple(earned.standing) if earned.standing else None
    return _json([sums, earned.tier, earned.ladder, place])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
