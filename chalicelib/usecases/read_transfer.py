"""A transfer as its sender, its receiver or support may see it, and how it is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.account import Account
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.instants import local_date, parsed, printed
from chalicelib.domain.packing import pack, unpack
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.transfers import Transfer
from chalicelib.usecases.ports import OperationRecord, Ports
from chalicelib.usecases.whose_account import is_of

TRANSFER, TRANSFER_END = "transfer", "transfer_end"


class Side(StrEnum):
    """Whose side of a transfer is seen."""

    SENT = "sent"
    RECEIVED = "received"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TransferSeen:
    """status: `cooling_off`, `done` or `cancelled`, by the clock. cancelled_at: None until then."""

    transfer: Transfer
    side: Side
    status: str
    cancelled_at: datetime | None


def read_transfer(ports: Ports, caller: Caller, transfer_id: str, now: datetime) -> TransferSeen:
    """A transfer that the caller has to do with. Raises NotFound, also for a foreign one."""
    transfer, side = seen_by(ports, caller, transfer_id)
    end = ports.ledger.operation(TRANSFER_END, transfer_id)
    cancelled_at = parsed(str(end.answer["at"])) if end is not None else None
    today = local_date(max(now, transfer.at), ports.programs.active().zone)
    waits = today < transfer.matures_on
    status = "cancelled" if end is not None else "cooling_off" if waits else "done"
    return TransferSeen(transfer, side, status, cancelled_at)


def seen_by(ports: Ports, caller: Caller, transfer_id: str) -> tuple[Transfer, Side]:
    """A transfer, and which side of it is the caller's. Raises NotFound."""
    record = ports.ledger.operation(TRANSFER, transfer_id)
    if record is None:
        raise NotFound(what="transfer")
    transfer = kept_transfer(record)
    if caller.kind is not CallerKind.MEMBER:
        return transfer, Side.BOTH
    if caller.member_id is not None:
        # Of the account that the points left or reached, not of the member who sent or was sent
        # them: who shares that account no longer cannot move its points any more.
        if is_of(ports, transfer.from_account, caller.member_id):
            return transfer, Side.SENT
        if is_of(ports, transfer.to_account, caller.member_id):
            return transfer, Side.RECEIVED
    raise NotFound(what="transfer")


def record_of(transfer: Transfer, content: dict[str, str]) -> OperationRecord:
    """What is kept of a transfer; no name, no card number."""
    return OperationRecord(
        kind=TRANSFER,
        name=transfer.transfer_id,
        fingerprint=content,
        answer={
            "from_member": transfer.from_member,
            "from": transfer.from_account,
            "to_member": transfer.to_member,
            "to": transfer.to_account,
            "points": transfer.points,
            "lots": pack(Account(lots=transfer.lots)),
            "at": printed(transfer.at),
            "sent_on": str(transfer.sent_on),
            "matures_on": str(transfer.matures_on),
            "available_after": transfer.available_after,
        },
    )


def kept_transfer(record: OperationRecord) -> Transfer:
    """The transfer that a record keeps."""
    kept = record.answer
    return Transfer(
        transfer_id=record.name,
        from_member=str(kept["from_member"]),
        from_account=str(kept["from"]),
        to_member=str(kept["to_member"]),
        to_account=str(kept["to"]),
        points=int(kept["points"] or 0),
        lots=unpack(str(kept["lots"])).lots,
        at=parsed(str(kept["at"])),
        sent_on=date.fromisoformat(str(kept["sent_on"])),
        matures_on=date.fromisoformat(str(kept["matures_on"])),
        available_after=int(kept["available_after"] or 0),
    )
