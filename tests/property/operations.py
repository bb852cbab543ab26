"""All operations on points in any order, each compared with the plain rules.

Hypothesis plays the till, the members, the staff, the clock and the bad network; when program and
rules part ways it shrinks what led there to a story of a few calls.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

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
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.refusals import ConflictingReplay, SecondPersonRequired
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, RewardKind
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.claim_purchase import claim_by_code, claim_purchase
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.end_redemption import (
    cancel_redemption,
    expire_redemption,
    use_redemption,
)
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.ledger_world import ANNA, BEN, PROGRAM, TILL
from tests.property import seen
from tests.property.plain_book import Refused
from tests.property.plans import GOLD, SILVER, Plan, plans
from tests.property.side_by_side import SideBySide

REWARDS: dict[str, dict[str, Any]] = {
    "mug": {"points": 30},
    "last": {"points": 20, "stock": 1, "on_expiry": OnExpiry.RETURN},
    "daily": {"points": 5, "member_limit": 1, "member_limit_period": LimitPeriod.DAY},
    "monthly": {"points": 5, "member_limit": 2, "member_limit_period": LimitPeriod.MONTH},
    "once": {"points": 5, "member_limit": 1, "stock": 2, "stock_shards": 2},
    "cash": {"points": 10, "kind": RewardKind.POINTS_PAYMENT, "value_minor": 100},
    "club": {"points": 5, "tiers": frozenset({SILVER, GOLD}), "on_expiry": OnExpiry.RETURN},
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
days_ago = st.sampled_from([0, 0, 0, 0, 1, 20, 40, 400, 801, -1])
hours = st.sampled_from([1, 11, 24, 24 * 20, 24 * 31, 24 * 150, 24 * 370, -2])
other_times = st.sampled_from([-24 * 500, -24 * 40, -24 * 20, -25, 1, 24 * 20, 24 * 40, 24 * 500])


class Operations(RuleBasedStateMachine):
    """The program beside the rules. steps: how many were compared, in all stories."""

    steps: ClassVar[int] = 0

    members: Any = Bundle("members")
    purchases: Any = Bundle("purchases")
    redemptions: Any = Bundle("redemptions")
    adjustments: Any = Bundle("adjustments")

    def __init__(self) -> None:
        super().__init__()
        self.sides = SideBySide(REWARDS)
        self.ports, self.plain = self.sides.ports, self.sides.plain
        self.posted: dict[str, PostPurchase] = {}
        self.codes: dict[str, str] = {}

    @property
    def now(self) -> datetime:
        return self.sides.now

    @initialize(target=members, plan=plans)
    def begin_with_a_poor_and_a_rich_member(self, plan: Plan) -> Any:
        self.change_the_program(plan)
        return multiple(self.join(True, 0), self.join(True, 400))

    # --- members, time, staff and network ------------------------------------------------------

    @rule(target=members, active=st.booleans(), points=st.sampled_from([0, 25, 400]))
    def join(self, active: bool, points: int) -> str:
        member = self.sides.join(active)
        if points:
            self.adjust(member, points, False)
        return member

    @rule(member=members)
    def verify(self, member: str) -> None:
        change_status(self.ports, member, AccountStatus.ACTIVE, ("code",), self.now)
        self.plain.verify(member, self.now)

    @rule(by=hours)
    def let_time_pass(self, by: int) -> None:
        self.sides.now += timedelta(hours=by)

    @rule(what=st.sampled_from(["reply", "write"]))
    def lose_the_next(self, what: str) -> None:
        if what == "reply":
            self.sides.ledger.lose_replies += 1
        else:
            self.sides.ledger.refuse_writes += 1

    @rule(plan=plans)
    def change_the_program(self, plan: Plan) -> None:
        version = self.plain.book.program.version + 1
        self.sides.change_program(plan.program(version))

    @rule(member=members, by=other_times)
    def ask_as_of_another_time(self, member: str, by: int) -> None:
        self.sides.compare_as_of(member, timedelta(hours=by))

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
        name = self.sides.name("p")
        lines = tuple(
            Line(str(n), "sku-1", quantity, minor, category, brand)
            for n, (minor, quantity, category, brand) in enumerate(rows)
        )
        at = self.now - timedelta(days=ago)
        bought = Purchase(name, at, PROGRAM.currency, lines, tenders)
        command = PostPurchase(bought, MemberId(member) if member else None)
        now = self.now
        answer = self.sides.both(
            lambda **how: post_purchase(self.ports, TILL, command, self.now, **how),
            lambda: self.plain.purchases.post(name, member, lines, tenders, at, now),
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
        self._return(name, minor, lambda: self.plain.purchases.return_amount(name, minor, self.now))

    @rule(
        name=purchases, share=st.sampled_from([(1, 2), (1, 1), (1, 3), (2, 1)]), first=st.booleans()
    )
    def return_lines(self, name: str, share: tuple[int, int], first: bool) -> None:
        left = self.plain.purchases.all[name].left
        rows = {
            number: (row[0] * share[0] // share[1], row[1] * share[0] // share[1])
            for number, row in enumerate(left)
            if number == 0 or not first
        }
        lines = tuple(ReturnedLine(str(n), *row) for n, row in rows.items())
        self._return(name, lines, lambda: self.plain.purchases.return_lines(name, rows, self.now))

    def _return(
        self, name: str, returned: Returned, by_the_rules: Callable[[], dict[str, int]]
    ) -> None:
        command = ReturnPurchase(name, self.sides.name("r"), returned)
        self.sides.both(
            lambda **how: return_purchase(self.ports, TILL, command, self.now, **how),
            by_the_rules,
            seen.taken,
            quoted=True,
        )

    @rule(name=purchases, member=members)
    def claim(self, name: str, member: str) -> None:
        if self.plain.purchases.all[name].owner != member:
            self.sides.both(
                lambda: claim_purchase(self.ports, TILL, name, MemberId(member), self.now),
                lambda: self.plain.purchases.claim(name, member, self.now),
                seen.earned,
            )

    @rule(name=purchases, member=members)
    def claim_by_receipt(self, name: str, member: str) -> None:
        code = self.codes.get(name)
        if code and self.plain.purchases.all[name].owner != member:
            self.sides.both(
                lambda: claim_by_code(self.ports, member, code.lower(), self.now),
                lambda: self.plain.purchases.claim_by_receipt(name, member, self.now),
                seen.earned,
            )

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
        reward = self.sides.rewards[label]
        command = RedeemReward(member, reward.reward_id, points, self.sides.name("k"))
        name = self.sides.name("x")
        answer = self.sides.both(
            lambda **how: redeem_reward(self.ports, TILL, command, self.now, **how),
            lambda: self.plain.redemptions.redeem(name, member, reward, points, self.now),
            seen.issued,
            quoted=True,
        )
        if answer is None:
            return multiple()
        redemption_id = answer.record.redemption_id
        self.plain.redemptions.rename(name, redemption_id)
        return redemption_id

    @rule(redemption_id=redemptions)
    def use(self, redemption_id: str) -> None:
        key = self.sides.name("u")
        self.sides.both(
            lambda: use_redemption(self.ports, TILL, redemption_id, key, self.now),
            lambda: self.plain.redemptions.use(redemption_id, self.now),
            lambda answer: {"returned": answer.end.returned},
        )

    @rule(redemption_id=redemptions)
    def cancel(self, redemption_id: str) -> None:
        key = self.sides.name("c")
        self.sides.both(
            lambda: cancel_redemption(self.ports, TILL, redemption_id, key, self.now),
            lambda: self.plain.redemptions.cancel(redemption_id, self.now),
            seen.ended,
        )

    @rule(redemption_id=redemptions)
    def expire(self, redemption_id: str) -> None:
        self.sides.ledger.lose_replies = 0
        done = expire_redemption(self.ports, redemption_id, self.now)
        assert done == self.plain.redemptions.expire(redemption_id, self.now)

    # --- adjustments ---------------------------------------------------------------------------

    @rule(
        target=adjustments,
        member=members,
        points=st.sampled_from([1, 40, -1, -25, 500, 501, -501]),
        allow_debt=st.booleans(),
    )
    def adjust(self, member: str, points: int, allow_debt: bool) -> Any:
        command = AdjustPoints(member, points, "goodwill", allow_debt, self.sides.name("a"))
        answer = self.sides.both(
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
        self.sides.both(
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
            self.sides.both(
                lambda: decide_adjustment(
                    self.ports, BEN, adjustment_id, approve=False, now=self.now
                ),
                lambda: {"waiting": 1},
                seen.adjusted,
            )

    # --- repetition ----------------------------------------------------------------------------

    @rule(data=st.data())
    def repeat_something(self, data: Any) -> None:
        if self.sides.done:
            act, answer = data.draw(st.sampled_from(self.sides.done))
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
        Operations.steps += 1
        self.sides.compare()

    def teardown(self) -> None:
        """At the end of the story the books are right by every sentence about them."""
        self.sides.close_the_books()
