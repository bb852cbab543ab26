"""Points from one member to another: out of one account and into the other in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.allowances import TRANSFERS
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.refusals import (
    AccountFull,
    ConflictingReplay,
    InvalidContent,
    MemberNotFound,
    ReceiverNotFound,
    TransferNotAllowed,
)
from chalicelib.domain.transfers import SENT, Transfer, arrive, mature_on, rules_of, send
from chalicelib.usecases.current import Current, as_of_one_now, standing_in
from chalicelib.usecases.ports import Head, Outcome, Ports, Write
from chalicelib.usecases.read_transfer import TRANSFER, kept_transfer, record_of
from chalicelib.usecases.redeem_reward import check_step_up
from chalicelib.usecases.resolve_member import MemberRef, resolve_member
from chalicelib.usecases.settle import Attempts, Plan, preview, settle
from chalicelib.usecases.take_allowance import take_allowance


@dataclass(frozen=True, slots=True)
class TransferPoints:
    """to: who receives. key: the caller's idempotency key. reason: why staff do it, for the audit
    alone."""

    member_id: str
    to: MemberRef
    points: int
    key: str
    reason: str | None = None


def transfer_points(
    ports: Ports, caller: Caller, command: TransferPoints, now: datetime, *, dry_run: bool = False
) -> Outcome[Transfer]:
    """Send a member's points to another member.

    Raises MemberNotFound, AccountFrozen, TransferNotAllowed, TransferLimitReached,
    InsufficientPoints, ReceiverNotFound, StepUpRequired, TooManyRequests, ConflictingReplay,
    TryAgain.
    """
    sending = _Sending(ports, caller, command, now)
    if caller.kind is CallerKind.MEMBER:
        # Each try tells whether a card number is somebody's: nobody shall go through all of them.
        take_allowance(ports, TRANSFERS, command.member_id, now)
    if dry_run:
        return preview(ports, sending.decide, sending.replay)
    if caller.kind is CallerKind.STAFF:
        ports.audit.record(
            who=caller.source,
            role=caller.role,
            action="points.transferred",
            member_id=command.member_id,
            reason=command.reason,
            at=now,
            subject=sending.transfer_id,
        )
    return settle(ports, sending.decide, sending.replay)


class _Sending:
    """One transfer on its way."""

    def __init__(
        self, ports: Ports, caller: Caller, command: TransferPoints, now: datetime
    ) -> None:
        self._ports = ports
        self._caller = caller
        self._command = command
        self._now = now
        path = f"transfer/{command.member_id}"
        self.transfer_id = ports.namer.id("trf", caller.source, path, command.key)
        self._cause = causes.of_operation(TRANSFER, self.transfer_id)

    def decide(self, _: Attempts) -> Plan[Transfer]:
        heads = [(standing_in(self._ports, self._command.member_id), self._cause)]
        receiver_id, receiver_head = self._receiver()
        if receiver_head is not None:
            heads.append((receiver_head, causes.other_side(self._cause)))
        sender, *receivers = as_of_one_now(self._ports, heads, self._now)
        sender.require_unfrozen()
        check_step_up(self._caller, sender, self._now)
        # All about the sender comes first: who has too few points learns nothing of anybody.
        after, lots = send(sender.account, self._command.points, sender.program, sender.today)
        receiver = _checked(sender, receivers)
        return self._plan((sender, after), (receiver, receiver_id), lots)

    def replay(self) -> Transfer | None:
        record = self._ports.ledger.operation(TRANSFER, self.transfer_id)
        if record is None:
            return None
        transfer = kept_transfer(record)
        differs = differing(record.fingerprint, self._content(self._receiver_again(transfer)))
        if differs:
            raise ConflictingReplay(differing=differs)
        return transfer

    def _receiver(self) -> tuple[str, Head | None]:
        """The member who is meant, and the account that is its; None where there is none."""
        try:
            receiver_id = resolve_member(self._ports, self._command.to)
            return receiver_id, standing_in(self._ports, receiver_id)
        except MemberNotFound:
            return "", None

    def _receiver_again(self, transfer: Transfer) -> str:
        """One that cannot be found any more is whom it was."""
        try:
            return resolve_member(self._ports, self._command.to)
        except MemberNotFound:
            return transfer.to_member

    def _content(self, receiver_id: str) -> dict[str, str]:
        return fingerprint({"to": receiver_id, "points": self._command.points})

    def _plan(
        self, sent: tuple[Current, Account], to: tuple[Current, str], lots: tuple[Lot, ...]
    ) -> Plan[Transfer]:
        (sender, after), (receiver, receiver_id) = sent, to
        points = self._command.points
        matures_on = mature_on(rules_of(sender.program), sender.today)
        entries = (
            *_received(receiver, lots, matures_on, causes.other_side(self._cause)),
            *sender.entries(
                after,
                kind=EntryKind.TRANSFER_OUT,
                cause=self._cause,
                why=(Why(SENT, -points, 0),),
            ),
        )
        transfer = Transfer(
            transfer_id=self.transfer_id,
            from_member=self._command.member_id,
            from_account=sender.account_id,
            to_member=receiver_id,
            to_account=receiver.account_id,
            points=points,
            lots=lots,
            at=entries[-1].at,
            sent_on=sender.today,
            matures_on=matures_on,
            available_after=after.available,
        )
        record = record_of(transfer, self._content(receiver_id))
        return Plan(Write((record,), entries), transfer)


def _checked(sender: Current, receivers: list[Current]) -> Current:
    """The receiver's account, where it can receive. Why it cannot is nobody's business."""
    if receivers and receivers[0].account_id == sender.account_id:
        raise TransferNotAllowed(reason="same_account")
    if not receivers or receivers[0].account.status is not AccountStatus.ACTIVE:
        raise ReceiverNotFound()
    if receivers[0].frozen:
        raise ReceiverNotFound()
    return receivers[0]


def _received(
    receiver: Current, lots: tuple[Lot, ...], matures_on: date, cause: str
) -> tuple[Entry, ...]:
    points = sum(lot.points for lot in lots)
    try:
        after = arrive(receiver.account, lots, matures_on, receiver.program, receiver.today)
        why = (Why(SENT, points, 0),)
        return receiver.entries(after, kind=EntryKind.TRANSFER_IN, cause=cause, why=why)
    except (AccountFull, InvalidContent) as full:
        raise ReceiverNotFound() from full
