"""Each record of the ledger as the item that is put for it; `ledger_items.py` reads it back."""

from datetime import UTC

import msgspec

from chalicelib.domain.fingerprints import REDACTED
from chalicelib.domain.instants import printed
from chalicelib.domain.purchases import ClaimRecord, PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord, SpentOn
from chalicelib.domain.returned import RefusedReturn, WaitingReturn
from chalicelib.domain.rewards import OnExpiry
from chalicelib.storage import keys
from chalicelib.storage.ledger_items import (
    EndItem,
    OperationItem,
    RedemptionItem,
    SpentItem,
    VoucherItem,
)
from chalicelib.storage.purchase_puts import purchase_item
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import Cause, OperationRecord, VoucherRecord


def cause_item(cause: Cause, *, is_event: bool) -> LedgerItem:
    """Any record as it is stored."""
    ev = 1 if is_event else None
    match cause:
        case PurchaseRecord() | ReturnRecord() | ClaimRecord() | WaitingReturn() | RefusedReturn():
            return purchase_item(cause, ev)
        case RedemptionRecord():
            item = RedemptionItem(
                keys.redemption(cause.redemption_id), keys.ONLY, d=_json(cause), ev=ev
            )
            item.rd = 1 if cause.fingerprint == REDACTED else None
            if cause.reward.on_expiry is OnExpiry.RETURN:
                item.due_bucket = keys.due(cause.expires_at.astimezone(UTC).date())
                item.due_at = printed(cause.expires_at)
            return item
        case RedemptionEnd():
            pk = keys.redemption(cause.redemption_id)
            return EndItem(pk, keys.REDEMPTION_END, d=_json(cause), ev=ev)
        case SpentOn():
            pk = keys.redemption(cause.redemption_id)
            return SpentItem(pk, keys.REDEMPTION_SPENT, d=_json(cause), ev=ev)
        case VoucherRecord():
            return VoucherItem(keys.voucher(cause.name), keys.ONLY, d=_json(cause), ev=ev)
        case OperationRecord():
            pk = keys.claim(cause.kind, cause.name)
            rd = 1 if cause.fingerprint == REDACTED else None
            return OperationItem(pk, keys.ONLY, d=_json(cause), rd=rd, ev=ev)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
