"""A redemption ends: used, cancelled or expired, exactly one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.names import canonical_code
from chalicelib.domain.redemptions import (
    EndedAs,
    RedemptionEnd,
    RedemptionFile,
    RedemptionRecord,
    give_back,
)
from chalicelib.domain.refusals import (
    ConflictingReplay,
    RedemptionAlreadyEnded,
    RedemptionNotFound,
    VoucherNotFound,
)
from chalicelib.domain.reward_prices import without_price
from chalicelib.domain.rewards import OnExpiry
from chalicelib.usecases.fund_offer import flowing_back
from chalicelib.usecases.heirs import current_of
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, StockChange, Write
from chalicelib.usecases.redeem_reward import voucher_name
from chalicelib.usecases.settle import Attempts, Plan, settle
from chalicelib.usecases.whose_account import is_of

VOUCHER_USE = "voucher_use"


@dataclass(frozen=True, slots=True)
class RedemptionEnded:
    record: RedemptionRecord
    end: RedemptionEnd


def read_redemption(ports: Ports, caller: Caller, redemption_id: str) -> RedemptionFile:
    """A redemption that the caller may see. Raises RedemptionNotFound, also for a foreign one."""
    file = ports.ledger.redemption(redemption_id)
    if file is None or not _may_see(ports, caller, file.record.account_id):
        raise RedemptionNotFound()
    return file


def _may_see(ports: Ports, caller: Caller, account_id: str) -> bool:
    """A member sees what is of its account, and of the one that it has become a part of."""
    if caller.kind is not CallerKind.MEMBER:
        return True
    return caller.member_id is not None and is_of(ports, account_id, caller.member_id)


def redemption_of_voucher(ports: Ports, code: str) -> str:
    """The redemption id that a voucher's code leads to, however it was typed.

    Raises VoucherNotFound.
    """
    try:
        voucher = ports.ledger.voucher(voucher_name(ports, canonical_code(code)))
    except ValueError:
        voucher = None
    if voucher is None:
        raise VoucherNotFound()
    return voucher.redemption_id


def use_redemption(
    ports: Ports, caller: Caller, redemption_id: str, key: str, now: datetime
) -> Outcome[RedemptionEnded]:
    """The till takes the voucher. The same key again is the same use.

    Raises RedemptionNotFound, RedemptionAlreadyEnded, TryAgain.
    """
    ended_by = ports.namer.name("use", caller.source, redemption_id, key)

    def plan(file: RedemptionFile) -> Plan[RedemptionEnded]:
        end = RedemptionEnd(redemption_id, EndedAs.USED, whole_milliseconds(now), ended_by)
        return Plan(Write((end,)), RedemptionEnded(file.record, end))

    return _end(ports, caller, redemption_id, ended_by, now, plan)


def use_voucher(
    ports: Ports, caller: Caller, code: str, key: str, now: datetime
) -> Outcome[RedemptionEnded]:
    """The till takes the voucher of this code. The same key again is the same use.

    Raises VoucherNotFound, RedemptionAlreadyEnded, ConflictingReplay, TryAgain.
    """
    redemption_id = redemption_of_voucher(ports, code)
    ended_by = ports.namer.name("use voucher", caller.source, key)

    def plan(file: RedemptionFile) -> Plan[RedemptionEnded]:
        end = RedemptionEnd(redemption_id, EndedAs.USED, whole_milliseconds(now), ended_by)
        # No id in the path tells vouchers apart: a key needs a record of what it was used for.
        lead = OperationRecord(VOUCHER_USE, ended_by, {}, {"redemption_id": redemption_id})
        return Plan(Write((end, lead)), RedemptionEnded(file.record, end))

    def check_key() -> None:
        lead = ports.ledger.operation(VOUCHER_USE, ended_by)
        if lead is not None and lead.answer["redemption_id"] != redemption_id:
            raise ConflictingReplay(differing=["voucher_code"])

    return _end(ports, caller, redemption_id, ended_by, now, plan, check_key)


def cancel_redemption(
    ports: Ports, caller: Caller, redemption_id: str, key: str, now: datetime
) -> Outcome[RedemptionEnded]:
    """Take a redemption back: points to their lots, stock and limits too. That staff do it is
    recorded first.

    Raises RedemptionNotFound, RedemptionAlreadyEnded, TryAgain.
    """
    ended_by = ports.namer.name("cancel", caller.source, redemption_id, key)
    if caller.kind is CallerKind.STAFF:
        ports.audit.record(
            who=caller.source,
            role=caller.role,
            action="redemption.cancelled",
            member_id=read_redemption(ports, caller, redemption_id).record.account_id,
            reason=None,
            at=now,
            subject=redemption_id,
        )

    def plan(file: RedemptionFile) -> Plan[RedemptionEnded]:
        return _returned(ports, file, EndedAs.CANCELLED, ended_by, now)

    return _end(ports, caller, redemption_id, ended_by, now, plan)


def expire_redemption(ports: Ports, redemption_id: str, now: datetime) -> bool:
    """Write the end of a redemption whose reward returns points on expiry, once it is due.

    Safe to run twice at once. Returns whether this call ended it. Raises TryAgain.
    """
    ended_by = ports.namer.name("expire", redemption_id)

    def decide(_: Attempts) -> Plan[bool] | Outcome[bool]:
        file = ports.ledger.redemption(redemption_id)
        if file is None or file.end is not None or now < file.record.expires_at:
            return Outcome(False)
        if file.record.reward.on_expiry is not OnExpiry.RETURN:
            return Outcome(False)
        return Plan(_returned(ports, file, EndedAs.EXPIRED, ended_by, now).write, True)

    return settle(ports, decide, lambda: None).answer


def _end(
    ports: Ports,
    caller: Caller,
    redemption_id: str,
    ended_by: str,
    now: datetime,
    plan: Callable[[RedemptionFile], Plan[RedemptionEnded]],
    check_key: Callable[[], None] = lambda: None,
) -> Outcome[RedemptionEnded]:
    def replayed(file: RedemptionFile) -> RedemptionEnded | None:
        end = file.end
        return RedemptionEnded(file.record, end) if end and end.ended_by == ended_by else None

    def decide(_: Attempts) -> Plan[RedemptionEnded] | Outcome[RedemptionEnded]:
        file = read_redemption(ports, caller, redemption_id)
        earlier = replayed(file)
        if earlier is not None:
            return Outcome(earlier, replayed=True)
        status = file.status(now)
        if status != "issued":
            raise RedemptionAlreadyEnded(ended_as=status)
        return plan(file)

    def replay() -> RedemptionEnded | None:
        earlier = replayed(read_redemption(ports, caller, redemption_id))
        if earlier is None:
            check_key()
        return earlier

    return settle(ports, decide, replay)


def _returned(
    ports: Ports, file: RedemptionFile, ended_as: EndedAs, ended_by: str, now: datetime
) -> Plan[RedemptionEnded]:
    record = file.record
    cause = causes.of_redemption_end(record.redemption_id)
    at = current_of(ports, record.account_id, cause, now)
    before, offer = at.account, record.offer
    if offer is not None:
        before = without_price(before, offer, award=record.award)
    after, debt_paid = give_back(before, record, at.program, at.today)
    entries = at.entries(
        after,
        kind=EntryKind.CANCEL,
        cause=cause,
        why=(Why(record.reward.reward_id, record.points, 0),),
    )
    end = RedemptionEnd(
        redemption_id=record.redemption_id,
        ended_as=ended_as,
        at=entries[-1].at,
        ended_by=ended_by,
        returned=record.points,
        debt_paid=debt_paid,
        available_after=after.available,
    )
    stock = None
    if record.stock_shard is not None:
        stock = StockChange(record.reward.reward_id, record.stock_shard, +1)
    budgets = flowing_back(offer) if offer is not None else ()
    write = Write((end,), entries, stock, budgets=budgets)
    return Plan(write, RedemptionEnded(file.record, end))
