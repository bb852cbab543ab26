"""Points for a reward: one redemption and its voucher code, issued once for each key."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.account import Account
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.members import require_fresh_sign_in
from chalicelib.domain.redemptions import (
    RedemptionRecord,
    expiry_of,
    price_of,
    redeem,
)
from chalicelib.domain.refusals import (
    ConflictingReplay,
    RewardNotAvailable,
    RewardNotFound,
    RewardSoldOut,
)
from chalicelib.domain.reward_prices import RewardOffer
from chalicelib.domain.rewards import Reward, shard_order, unavailable_reason
from chalicelib.usecases.current import Current, current
from chalicelib.usecases.fund_offer import withdrawn
from chalicelib.usecases.ports import Outcome, Ports, StockChange, VoucherRecord, Write
from chalicelib.usecases.price_reward import account_at_price, price_of_offer
from chalicelib.usecases.settle import Attempts, Plan, preview, settle

STEP_UP_AFTER_CHANGE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RedeemReward:
    """points: only for a pay-with-points reward. key: the caller's idempotency key."""

    member_id: str
    reward_id: str
    points: int | None
    key: str


@dataclass(frozen=True, slots=True)
class RedemptionIssued:
    record: RedemptionRecord
    voucher_code: str


def voucher_code(ports: Ports, redemption_id: str) -> str:
    """The code of a redemption: derived, so that a replay can repeat it and nobody stores it."""
    return ports.namer.code("voucher", redemption_id)


def voucher_name(ports: Ports, code: str) -> str:
    """What stands for a code in a key."""
    return ports.namer.name("voucher", code)


def redeem_reward(
    ports: Ports, caller: Caller, command: RedeemReward, now: datetime, *, dry_run: bool = False
) -> Outcome[RedemptionIssued]:
    """Redeem a reward for a member.

    Raises RewardNotFound, RewardNotAvailable, RewardSoldOut, InsufficientPoints,
    MemberLimitReached, MemberNotFound, AccountFrozen, StepUpRequired, InvalidContent,
    ConflictingReplay, TryAgain.
    """
    redeeming = _Redeeming(ports, caller, command, now)
    return (preview if dry_run else settle)(ports, redeeming.decide, redeeming.replay)


class _Redeeming:
    """One redemption on its way out."""

    def __init__(self, ports: Ports, caller: Caller, command: RedeemReward, now: datetime) -> None:
        self._ports = ports
        self._caller = caller
        self._command = command
        self._now = now
        self._id = ports.namer.id("red", caller.source, "redeem", command.member_id, command.key)
        self._code = voucher_code(ports, self._id)
        self._content = fingerprint({"reward_id": command.reward_id, "points": command.points})

    def decide(self, attempts: Attempts) -> Plan[RedemptionIssued]:
        cause = causes.of_redemption(self._id)
        at = current(self._ports, self._command.member_id, cause, self._now)
        at.require_unfrozen()
        check_step_up(self._caller, at, self._now)
        return self._plan(at, self._asked(at, attempts), attempts)

    def replay(self) -> RedemptionIssued | None:
        file = self._ports.ledger.redemption(self._id)
        if file is None:
            return None
        differs = differing(file.record.fingerprint, self._content)
        if differs:
            raise ConflictingReplay(differing=differs)
        return RedemptionIssued(file.record, self._code)

    def _asked(self, at: Current, attempts: Attempts) -> "_Asked":
        reward = self._ports.rewards.get(self._command.reward_id)
        if reward is None:
            raise RewardNotFound()
        member_id, ask = self._command.member_id, attempts.nothing_is_written
        price = price_of_offer(self._ports, at, member_id, reward, self._id, ask=ask)
        opened = price.reward if price is not None else reward
        reason = unavailable_reason(opened, self._now)
        if reason is not None:
            raise RewardNotAvailable(reason=reason)
        points = price_of(reward, self._command.points)
        account = account_at_price(self._ports, at, member_id, price)
        return _Asked(reward, opened, price.points if price is not None else points, account, price)

    def _plan(self, at: Current, asked: "_Asked", attempts: Attempts) -> Plan[RedemptionIssued]:
        # Time never goes back in an account, or a clock that is late would open a spent period.
        after, lots, use = redeem(asked.account, asked.opened, asked.points, at.now, at.program)
        reward, price, member_id = asked.reward, asked.price, self._command.member_id
        shard = _shard(self._ports, reward, self._id, attempts)
        entries = at.entries(
            after,
            kind=EntryKind.REDEEM,
            cause=causes.of_redemption(self._id),
            why=(Why(reward.reward_id, -asked.points, 0),),
        )
        issued_at = entries[-1].at
        record = RedemptionRecord(
            redemption_id=self._id,
            account_id=at.account_id,
            at=issued_at,
            expires_at=expiry_of(reward, issued_at),
            reward=reward,
            points=asked.points,
            lots=lots,
            use=use,
            stock_shard=shard,
            available_after=after.available,
            fingerprint=self._content,
            offer=price.applied if price is not None else None,
            award=price is not None and price.award,
            named=member_id if at.account_id != member_id else None,
        )
        voucher = VoucherRecord(voucher_name(self._ports, self._code), self._id, issued_at)
        stock = StockChange(reward.reward_id, shard, -1) if shard is not None else None
        budgets = withdrawn(price.applied) if price is not None else ()
        write = Write((record, voucher), entries, stock, budgets=budgets)
        return Plan(write, RedemptionIssued(record, self._code))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a member asks for. opened: the reward with the doors open that an offer opens. points:
    what it costs this member. account: with what an offer's price uses, before any points."""

    reward: Reward
    opened: Reward
    points: int
    account: Account
    price: RewardOffer | None


def _shard(ports: Ports, reward: Reward, redemption_id: str, attempts: Attempts) -> int | None:
    """The next shard of the stock to try, None when the reward is not limited."""
    if reward.stock is None:
        return None
    left = [n for n in shard_order(reward, redemption_id) if n not in attempts.empty_shards]
    # One empty shard says little; asking all of them costs less than trying each in vain.
    ask = bool(attempts.empty_shards) or attempts.nothing_is_written
    if not left or (ask and ports.rewards.remaining(reward) == 0):
        raise RewardSoldOut()
    return left[0]


def check_step_up(caller: Caller, at: Current, now: datetime) -> None:
    """Whoever took over a mailbox has changed it: for a day, what a member gives away needs a
    fresh sign-in. Raises StepUpRequired."""
    changed = at.traits.contact_changed_at
    if caller.kind is not CallerKind.MEMBER or changed is None:
        return
    if now - changed < STEP_UP_AFTER_CHANGE:
        require_fresh_sign_in(caller, now)
