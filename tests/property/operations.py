"""All operations on points in any order, each compared with the plain rules.

Hypothesis plays the till, the members, the staff, the clock and the bad network; when program and
rules part ways it shrinks what led there to a story of a few calls.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import EarningRate, Rounding
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.refusals import ConflictingReplay, Refusal, SecondPersonRequired
from chalicelib.domain.returns import Returned, ReturnedLine
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward, RewardKind
from chalicelib.usecases.adjust_points import (
    AdjustPoints,
    adjust_points,
)
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.claim_purchase import claim_by_code, claim_purchase
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.end_redemption import (
    cancel_redemption,
    expire_redemption,
    use_redemption,
)
from chalicelib.usecases.ports import Outcome
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import prove_chain, read_statement
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.fakes.stored import snapshot_of
from tests.ledger_world import ANNA, BEN, NOW, PROGRAM, TILL, fake_world
from tests.property import seen
from tests.property.plain_rules import Member, Refused, Rules
from tests.simulation.invariants import broken

REWARDS: dict[str, dict[str, Any]] = {
    "mug": {"points": 30},
    "last": {"points": 20, "stock": 1, "on_expiry": OnExpiry.RETURN},
    "daily": {"points": 5, "member_limit": 1, "member_limit_period": LimitPeriod.DAY},
    "monthly": {"points": 5, "member_limit": 2, "member_limit_period": LimitPeriod.MONTH},
    "once": {"points": 5, "member_limit": 1, "stock": 2, "stock_shards": 2},
    "cash": {"points": 10, "kind": RewardKind.POINTS_PAYMENT, "value_minor": 100},
}

bought_lines = st.lists(
    st.tuples(
        st.sampled_from([0, 99, 1_000, 2_550, 7_777]),
        st.integers(1, 3),
        st.sampled_from([None, "beans", "gift_cards"]),
        st.sampled_from([None, "kronos"]),
    ),
    min_size=1,
    max_size=3,
)
paid = st.sampled_from([(), (Tender("card", 500),), (Tender("gift_card", 1_234),)])
shares = st.sampled_from([(1, 2), (1, 1), (1, 3), (2, 1)])
with_points = st.sampled_from(["cash", "cash", "mug"])
days_ago = st.sampled_from([0, 0, 0, 0, 1, 40, 400, 400, 801, -1])


class Operations(RuleBasedStateMachine):
    """The program beside the rules."""

    members: Any = Bundle("members")
    purchases: Any = Bundle("purchases")
    redemptions: Any = Bundle("redemptions")
    adjustments: Any = Bundle("adjustments")

    def __init__(self) -> None:
        super().__init__()
        self.world, self.ledger = fake_world()
        self.ports = self.world.ports
        self.plain = Rules(PROGRAM)
        self.now = NOW
        self.count = 0
        self.done: list[tuple[Callable[[], Outcome[Any]], Any]] = []
        self.rewards: dict[str, Reward] = {}
        self.posted: dict[str, PostPurchase] = {}
        self.codes: dict[str, str] = {}
        for label, terms in REWARDS.items():
            reward = self.world.reward(label, **terms)
            self.rewards[label] = reward
            if reward.stock is not None:
                self.plain.stock[reward.reward_id] = reward.stock

    @initialize(target=members)
    def begin_with_a_poor_and_a_rich_member(self) -> Any:
        return multiple(self.open(True, 0), self.open(True, 400))

    # --- members, time, staff and network ------------------------------------------------------

    @rule(target=members, active=st.booleans(), points=st.sampled_from([0, 25, 400]))
    def open(self, active: bool, points: int) -> str:
        status = AccountStatus.ACTIVE if active else AccountStatus.PENDING_VERIFICATION
        member = self.world.member(self._name("m"), status=status)
        self.plain.members[member] = Member(active=active, last_at=NOW)
        if points:
            self.adjust(member, points, False)
        return member

    @rule(member=members)
    def verify(self, member: str) -> None:
        change_status(self.ports, member, AccountStatus.ACTIVE, ("code",), self.now)
        self.plain.verify(member, self.now)

    @rule(hours=st.sampled_from([1, 11, 24, 24 * 20, 24 * 31, -2]))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(what=st.sampled_from(["reply", "write"]))
    def lose_the_next(self, what: str) -> None:
        if what == "reply":
            self.ledger.lose_replies += 1
        else:
            self.ledger.refuse_writes += 1

    @rule(points=st.integers(1, 3), rounding=st.sampled_from(Rounding))
    def change_the_program(self, points: int, rounding: Rounding) -> None:
        version = self.plain.program.version + 1
        program = replace(
            PROGRAM, version=version, base=EarningRate(points, 150), rounding=rounding
        )
        self.ports.programs.add(program, FROM_THE_BEGINNING)
        self.ports.programs.activate(version, FROM_THE_BEGINNING)
        self.plain.program = program

    # --- purchases -----------------------------------------------------------------------------

    @rule(
        target=purchases,
        member=st.none() | members,
        rows=bought_lines,
        tenders=paid,
        ago=days_ago,
    )
    def buy(
        self, member: str | None, rows: list[Any], tenders: tuple[Tender, ...], ago: int
    ) -> Any:
        name = self._name("p")
        lines = tuple(
            Line(str(n), "sku-1", quantity, minor, category, brand)
            for n, (minor, quantity, category, brand) in enumerate(rows)
        )
        at = self.now - timedelta(days=ago)
        bought = Purchase(name, at, PROGRAM.currency, lines, tenders)
        command = PostPurchase(bought, MemberId(member) if member else None)
        now = self.now
        answer = self._both(
            lambda **how: post_purchase(self.ports, TILL, command, self.now, **how),
            lambda: self.plain.post(name, member, lines, tenders, at, now),
            seen.earned,
            quoted=True,
        )
        if answer is None:
            return multiple()
        self.posted[name] = command
        self.codes[name] = answer.claim_code or ""
        return name

    @rule(name=purchases, minor=st.sampled_from([1, 99, 500, 1_000, 5_000, 20_000]))
    def return_an_amount(self, name: str, minor: int) -> None:
        self._return(name, minor, lambda: self.plain.return_amount(name, minor, self.now))

    @rule(
        name=purchases, share=st.sampled_from([(1, 2), (1, 1), (1, 3), (2, 1)]), first=st.booleans()
    )
    def return_lines(self, name: str, share: tuple[int, int], first: bool) -> None:
        left = self.plain.bought[name].left
        rows = {
            number: (row[0] * share[0] // share[1], row[1] * share[0] // share[1])
            for number, row in enumerate(left)
            if number == 0 or not first
        }
        lines = tuple(ReturnedLine(str(n), *row) for n, row in rows.items())
        self._return(name, lines, lambda: self.plain.return_lines(name, rows, self.now))

    def _return(
        self, name: str, returned: Returned, by_the_rules: Callable[[], dict[str, int]]
    ) -> None:
        command = ReturnPurchase(name, self._name("r"), returned)
        self._both(
            lambda **how: return_purchase(self.ports, TILL, command, self.now, **how),
            by_the_rules,
            seen.taken,
            quoted=True,
        )

    @rule(name=purchases, member=members)
    def claim(self, name: str, member: str) -> None:
        if self.plain.bought[name].owner != member:
            self._both(
                lambda: claim_purchase(self.ports, TILL, name, MemberId(member), self.now),
                lambda: self.plain.claim(name, member, self.now),
                seen.earned,
            )

    @rule(name=purchases, member=members)
    def claim_by_receipt(self, name: str, member: str) -> None:
        code = self.codes.get(name)
        if code and self.plain.bought[name].owner != member:
            self._both(
                lambda: claim_by_code(self.ports, member, code.lower(), self.now),
                lambda: self._claimed_in_time(name, member),
                seen.earned,
            )

    def _claimed_in_time(self, name: str, member: str) -> dict[str, int]:
        if self.now > self.plain.bought[name].posted_at + timedelta(days=30):
            raise Refused("claim_not_found")
        return self.plain.claim(name, member, self.now)

    # --- redemptions ---------------------------------------------------------------------------

    @rule(target=redemptions, member=members, label=st.sampled_from(sorted(REWARDS)))
    def redeem(self, member: str, label: str) -> Any:
        return self._redeem(member, label, None)

    @rule(
        target=redemptions, member=members, label=with_points, points=st.sampled_from([10, 15, 20])
    )
    def redeem_for_points(self, member: str, label: str, points: int) -> Any:
        return self._redeem(member, label, points)

    def _redeem(self, member: str, label: str, points: int | None) -> Any:
        reward = self.rewards[label]
        command = RedeemReward(member, reward.reward_id, points, self._name("k"))
        name = self._name("x")
        answer = self._both(
            lambda **how: redeem_reward(self.ports, TILL, command, self.now, **how),
            lambda: self.plain.redeem(name, member, reward, points, self.now),
            seen.issued,
            quoted=True,
        )
        if answer is None:
            return multiple()
        redemption_id = answer.record.redemption_id
        self.plain.redeemed[redemption_id] = self.plain.redeemed.pop(name)
        return redemption_id

    @rule(redemption_id=redemptions)
    def use(self, redemption_id: str) -> None:
        key = self._name("u")
        self._both(
            lambda: use_redemption(self.ports, TILL, redemption_id, key, self.now),
            lambda: self.plain.use(redemption_id, self.now),
            lambda answer: {"returned": answer.end.returned},
        )

    @rule(redemption_id=redemptions)
    def cancel(self, redemption_id: str) -> None:
        key = self._name("c")
        self._both(
            lambda: cancel_redemption(self.ports, TILL, redemption_id, key, self.now),
            lambda: self.plain.cancel(redemption_id, self.now),
            seen.ended,
        )

    @rule(redemption_id=redemptions)
    def expire(self, redemption_id: str) -> None:
        self.ledger.lose_replies = 0
        done = expire_redemption(self.ports, redemption_id, self.now)
        assert done == self.plain.expire(redemption_id, self.now)

    # --- adjustments ---------------------------------------------------------------------------

    @rule(
        target=adjustments,
        member=members,
        points=st.sampled_from([1, 40, -1, -25, 500, 501, -501]),
        allow_debt=st.booleans(),
    )
    def adjust(self, member: str, points: int, allow_debt: bool) -> Any:
        command = AdjustPoints(member, points, "goodwill", allow_debt, self._name("a"))
        answer = self._both(
            lambda **how: adjust_points(self.ports, ANNA, command, self.now, **how),
            lambda: self.plain.adjust(member, points, allow_debt, self.now),
            seen.adjusted,
            quoted=True,
        )
        if answer is None or answer.status != "awaiting_approval":
            return multiple()
        return answer.adjustment_id, command, self.now

    @rule(asked=consumes(adjustments))
    def approve(self, asked: tuple[str, AdjustPoints, datetime]) -> None:
        adjustment_id, command, at = asked
        with pytest.raises(SecondPersonRequired):
            decide_adjustment(self.ports, ANNA, adjustment_id, approve=True, now=at)
        self._both(
            lambda: decide_adjustment(self.ports, BEN, adjustment_id, approve=True, now=self.now),
            lambda: self._approved_in_time(command, at),
            seen.adjusted,
        )

    def _approved_in_time(self, command: AdjustPoints, at: datetime) -> dict[str, int]:
        if self.now > at + timedelta(days=7):
            raise Refused("conflict")
        return self.plain.approve(command.member_id, command.points, command.allow_debt, self.now)

    @rule(asked=consumes(adjustments))
    def reject(self, asked: tuple[str, AdjustPoints, datetime]) -> None:
        adjustment_id, _, at = asked
        if self.now <= at + timedelta(days=7):
            self._both(
                lambda: decide_adjustment(
                    self.ports, BEN, adjustment_id, approve=False, now=self.now
                ),
                lambda: {"waiting": 1},
                seen.adjusted,
            )

    # --- repetition ----------------------------------------------------------------------------

    @rule(data=st.data())
    def repeat_something(self, data: Any) -> None:
        if self.done:
            act, answer = data.draw(st.sampled_from(self.done))
            outcome = act()
            assert outcome.replayed, "done twice"
            assert outcome.answer == answer

    @rule(name=purchases)
    def repeat_a_purchase_with_more_money(self, name: str) -> None:
        command = self.posted[name]
        first = command.purchase.lines[0]
        dearer = replace(first, amount_minor=first.amount_minor + 1)
        bought = replace(command.purchase, lines=(dearer, *command.purchase.lines[1:]))
        with pytest.raises(ConflictingReplay) as conflict:
            post_purchase(self.ports, TILL, replace(command, purchase=bought), self.now)
        assert conflict.value.differing == ["lines"]

    # --- what holds after every step -----------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        self._every_account_is_what_the_rules_say()
        self._every_chain_holds_and_every_statement_sums_up()
        self._every_stock_is_what_the_rules_say()

    def _every_account_is_what_the_rules_say(self) -> None:
        for name, member in self.plain.members.items():
            account = read_account(self.ports, name, self.now).account
            assert (account.available, account.debt) == (member.available, member.debt), name
            life = account.lifetime
            assert (life.earned, life.redeemed) == (member.earned, member.redeemed), name
            assert (life.purchases, life.spend_minor) == (member.purchases, member.spend_minor)
            assert seen.months(account) == member.last_months(), name
            assert (account.status is AccountStatus.ACTIVE) == member.active

    def _every_chain_holds_and_every_statement_sums_up(self) -> None:
        for name, member in self.plain.members.items():
            proof = prove_chain(self.ports, name)
            assert (proof.broken_at, proof.entries) == (None, member.entries), name
            statement = read_statement(self.ports, name, None, 1_000)
            assert sum(row.entry.points for row in statement) == member.available - member.debt
            for row in statement:
                if row.explanation:
                    assert sum(part.points for part in row.explanation) == row.entry.points

    def _every_stock_is_what_the_rules_say(self) -> None:
        for reward in self.rewards.values():
            left = self.ports.rewards.remaining(reward)
            assert left == self.plain.stock.get(reward.reward_id), reward.name

    def teardown(self) -> None:
        """At the end of the story the books are right by every sentence about them."""
        assert broken(snapshot_of(self.ledger, self.ports.rewards)) == []

    # --- how the two are compared --------------------------------------------------------------

    def _both(
        self,
        act: Callable[..., Outcome[Any]],
        by_the_rules: Callable[[], dict[str, int]],
        view: Callable[[Any], dict[str, int]],
        *,
        quoted: bool = False,
    ) -> Any:
        """Do it for real and by the rules: both answer the same, or refuse with the same code.
        The answer; None for a refusal. quoted: a dry run says the same beforehand."""
        lost = self.ledger.lose_replies > 0
        quote = self._quoted(act) if quoted else None
        expected = _or_refused(by_the_rules)
        if isinstance(expected, Refused):
            with pytest.raises(Refusal) as refusal:
                act()
            assert refusal.value.code == expected.code
            assert quote in (None, expected.code)
            return None
        outcome = act()
        assert outcome.replayed <= lost, "the first answer calls itself a replay"
        assert quote in (None, seen.told(outcome.answer)), "a dry run says something else"
        got = view(outcome.answer)
        assert {name: got[name] for name in expected} == expected
        self.done.append((act, outcome.answer))
        self.ledger.lose_replies = self.ledger.refuse_writes = 0
        return outcome.answer

    def _quoted(self, act: Callable[..., Outcome[Any]]) -> Any:
        try:
            return seen.told(act(dry_run=True).answer)
        except Refusal as refusal:
            return refusal.code

    def _name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"


def _or_refused(by_the_rules: Callable[[], dict[str, int]]) -> dict[str, int] | Refused:
    try:
        return by_the_rules()
    except Refused as refused:
        return refused
