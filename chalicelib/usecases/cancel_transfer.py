"""A transfer is called back within its cooling-off: the points go home with their days."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.refusals import Conflict, NotFound, TransferFinal
from chalicelib.domain.transfers import CALLED_BACK, Transfer, called_back, come_home, month_of
from chalicelib.usecases.current import Current, as_of_one_now
from chalicelib.usecases.heirs import answering_for
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.read_transfer import TRANSFER_END, Side, seen_by
from chalicelib.usecases.settle import Attempts, Plan, settle


@dataclass(frozen=True, slots=True)
class TransferCancelled:
    """available_after: the sender's."""

    transfer_id: str
    points: int
    cancelled_at: datetime
    available_after: int


def cancel_transfer(
    ports: Ports, caller: Caller, transfer_id: str, reason: str | None, now: datetime
) -> Outcome[TransferCancelled]:
    """Call a transfer back, by its sender or by staff. It is done once; whoever asks again is told
    what was done. reason: why staff do it, for the audit alone.

    Raises NotFound (for the receiver, too: it is not its to call back), TransferFinal once the
    cooling-off is over, Conflict (`same_account`), TryAgain.
    """
    transfer, side = seen_by(ports, caller, transfer_id)
    if side is Side.RECEIVED:
        raise NotFound(what="transfer")
    if caller.kind is CallerKind.STAFF:
        ports.audit.record(
            who=caller.source,
            role=caller.role,
            action="transfer.cancelled",
            member_id=transfer.from_member,
            reason=reason,
            at=now,
            subject=transfer_id,
        )

    def decide(_: Attempts) -> Plan[TransferCancelled]:
        cause = causes.of_operation(TRANSFER_END, transfer_id)
        heads = [
            (answering_for(ports, transfer.to_account), cause),
            (answering_for(ports, transfer.from_account), causes.other_side(cause)),
        ]
        receiver, sender = as_of_one_now(ports, heads, now)
        if sender.today >= transfer.matures_on:
            raise TransferFinal(since=str(transfer.matures_on))
        if sender.account_id == receiver.account_id:
            raise Conflict(reason="same_account")
        entries = _entries(transfer, sender, receiver, cause)
        return _plan(transfer, caller, entries)

    def replay() -> TransferCancelled | None:
        record = ports.ledger.operation(TRANSFER_END, transfer_id)
        return _answered(record) if record is not None else None

    return settle(ports, decide, replay)


def _entries(
    transfer: Transfer, sender: Current, receiver: Current, cause: str
) -> tuple[Entry, ...]:
    poorer = called_back(receiver.account, transfer.lots, transfer.matures_on)
    sent_in = month_of(transfer.sent_on)
    richer = come_home(sender.account, transfer.lots, sent_in, sender.program, sender.today)
    return (
        *receiver.entries(
            poorer,
            kind=EntryKind.TRANSFER_OUT,
            cause=cause,
            why=(Why(CALLED_BACK, -transfer.points, 0),),
        ),
        *sender.entries(
            richer,
            kind=EntryKind.TRANSFER_IN,
            cause=causes.other_side(cause),
            why=(Why(CALLED_BACK, transfer.points, 0),),
        ),
    )


def _plan(
    transfer: Transfer, caller: Caller, entries: tuple[Entry, ...]
) -> Plan[TransferCancelled]:
    senders = entries[-1]
    available = senders.account().available
    record = OperationRecord(
        kind=TRANSFER_END,
        name=transfer.transfer_id,
        fingerprint={},
        answer={
            "from": entries[0].account_id,
            "to": senders.account_id,
            "points": transfer.points,
            "by": caller.source,
            "at": printed(senders.at),
            "available_after": available,
        },
    )
    answer = TransferCancelled(transfer.transfer_id, transfer.points, senders.at, available)
    return Plan(Write((record,), entries), answer)


def _answered(record: OperationRecord) -> TransferCancelled:
    kept = record.answer
    return TransferCancelled(
        transfer_id=record.name,
        points=int(kept["points"] or 0),
        cancelled_at=parsed(str(kept["at"])),
        available_after=int(kept["available_after"] or 0),
    )
