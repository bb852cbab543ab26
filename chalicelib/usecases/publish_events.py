"""What happened to the ledger, as events for others. One event an operation and account that it
wrote to, no personal data.

Consumers go by `seq` within an account and drop ids that they have seen: nothing promises order.
"""

import hashlib
from collections.abc import Mapping

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.merging import Move
from chalicelib.domain.purchases import PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import RedemptionEnd
from chalicelib.usecases.ports import Cause, Event, OperationRecord

SOURCE = "/stampbook/ledger"

_TYPES = {
    EntryKind.OPEN: "stampbook.account.opened",
    EntryKind.EARN: "stampbook.points.earned",
    EntryKind.RETURN: "stampbook.points.taken_back",
    EntryKind.REDEEM: "stampbook.points.redeemed",
    EntryKind.CANCEL: "stampbook.points.given_back",
    EntryKind.EXPIRE: "stampbook.points.expired",
    EntryKind.ADJUST: "stampbook.points.adjusted",
    EntryKind.TRANSFER_IN: "stampbook.points.transferred_in",
    EntryKind.TRANSFER_OUT: "stampbook.points.transferred_out",
    EntryKind.STATUS: "stampbook.account.status_changed",
    EntryKind.BONUS: "stampbook.points.bonus_given",
    EntryKind.ERASE: "stampbook.member.erased",
}

_MOVES = {
    Move.MERGED: "stampbook.account.merged",
    Move.SEPARATED: "stampbook.account.separated",
    Move.JOINED: "stampbook.account.household_joined",
    Move.LEFT: "stampbook.account.household_left",
    Move.PASSED: "stampbook.account.household_passed",
}
"""What an entry of kind `merge` is called, by its reason."""


def event_of(record: Entry | Cause, key: str) -> Event | None:
    """The event that a record stands for; None where it concerns nobody outside.

    key: the record's place in the ledger, from which the id of an event without entry is made.
    """
    match record:
        case Entry():
            return _of_entry(record)
        case PurchaseRecord():
            data = {"amount_minor": record.purchase.amount_minor}
            kind = "stampbook.purchase.kept_for_claim"
            return Event(_id(key), SOURCE, kind, record.name, record.at, data)
        case ReturnRecord():
            kind, number = "stampbook.purchase.returned_unclaimed", {"number": record.number}
            return Event(_id(key), SOURCE, kind, record.name, record.at, number)
        case RedemptionEnd():
            kind = f"stampbook.redemption.{record.ended_as}"
            subject = record.redemption_id
            data_of_end = {"redemption_id": subject, "ended_as": str(record.ended_as)}
            return Event(_id(key), SOURCE, kind, subject, record.at, data_of_end)
        case OperationRecord() if "adjustment" in record.kind:
            return _of_adjustment(record, key)
        case _:
            return None


def _of_entry(entry: Entry) -> Event:
    after = entry.account()
    data: Mapping[str, object] = {
        "member_id": entry.account_id,
        "seq": entry.seq,
        "kind": str(entry.kind),
        "points": entry.points,
        "available_after": after.available,
        "pending_after": after.pending_points,
        "debt_after": after.debt,
        "status": str(after.status),
        "program_version": entry.program_version,
        "cause": entry.cause,
        "at": printed(entry.at),
        **({"moved_to": after.moved_to} if after.moved_to is not None else {}),
    }
    moved = entry.kind is EntryKind.MERGE
    kind = _MOVES[Move(entry.why[0].rule)] if moved else _TYPES[entry.kind]
    return Event(entry.hash.hex(), SOURCE, kind, entry.account_id, entry.at, data)


def _of_adjustment(record: OperationRecord, key: str) -> Event:
    status, at = str(record.answer["status"]), parsed(str(record.answer["at"]))
    data: Mapping[str, object] = {
        "adjustment_id": record.name,
        "member_id": record.answer["member_id"],
        "points": record.answer["points"],
        "status": status,
    }
    return Event(_id(key), SOURCE, f"stampbook.adjustment.{status}", record.name, at, data)


def _id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
