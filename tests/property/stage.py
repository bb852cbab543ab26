"""Where stories about points are played: members, time, programs and a bad network.

What can happen on it is in `buying.py`, `spending.py` and `moving.py`.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, RewardKind
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.change_status import change_status
from tests.ledger_world import ANNA, NOW
from tests.property import seen
from tests.property.plans import GOLD, SILVER, Plan, plans
from tests.property.side_by_side import SideBySide

REWARDS: dict[str, dict[str, Any]] = {
    "mug": {"points": 30, "valid_days": 400},
    "last": {"points": 20, "stock": 1, "on_expiry": OnExpiry.RETURN},
    "daily": {"points": 5, "member_limit": 1, "member_limit_period": LimitPeriod.DAY},
    "monthly": {"points": 5, "member_limit": 2, "member_limit_period": LimitPeriod.MONTH},
    "once": {"points": 5, "member_limit": 1, "stock": 2, "stock_shards": 2},
    "cash": {"points": 10, "kind": RewardKind.POINTS_PAYMENT, "value_minor": 100},
    "club": {"points": 5, "tiers": frozenset({SILVER, GOLD}), "on_expiry": OnExpiry.RETURN},
}

hours = st.sampled_from([11, 24, 24 * 6, 24 * 20, 24 * 31, 24 * 45, 24 * 150, 24 * 370, -2])
LONG_AGO = NOW - timedelta(days=1_000)
"""Before all that comes late."""

other_times = st.sampled_from([-24 * 500, -24 * 40, -24 * 20, -25, 1, 24 * 20, 24 * 40, 24 * 500])


class Stage(RuleBasedStateMachine):
    """The program beside the rules. steps: how many were compared, in all stories."""

    steps: ClassVar[int] = 0

    members: Any = Bundle("members")
    purchases: Any = Bundle("purchases")
    promised: Any = Bundle("promised")
    redemptions: Any = Bundle("redemptions")
    adjustments: Any = Bundle("adjustments")
    transfers: Any = Bundle("transfers")
    merges: Any = Bundle("merges")
    invitations: Any = Bundle("invitations")

    def __init__(self) -> None:
        super().__init__()
        self.sides = SideBySide(REWARDS)
        self.ports, self.plain = self.sides.ports, self.sides.plain

    @property
    def now(self) -> datetime:
        return self.sides.now

    @initialize(target=members, plan=plans)
    def begin_with_a_poor_and_a_rich_member(self, plan: Plan) -> Any:
        self.sides.change_program(plan.program(2), LONG_AGO)
        return multiple(self.join(True, 0), self.join(True, 400))

    @rule(target=members, active=st.booleans(), points=st.sampled_from([0, 25, 400]))
    def join(self, active: bool, points: int) -> str:
        member = self.sides.join(active)
        if points:
            self.adjusted(member, points, False)
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
        self.sides.change_program(plan.program(version), self.now)

    @rule(member=members, by=other_times)
    def ask_as_of_another_time(self, member: str, by: int) -> None:
        self.sides.compare_as_of(member, timedelta(hours=by))

    @rule(data=st.data())
    def repeat_something(self, data: Any) -> None:
        if self.sides.done:
            act, answer = data.draw(st.sampled_from(self.sides.done))
            outcome = act()
            assert outcome.replayed, "done twice"
            assert outcome.answer == answer

    def adjusted(self, member: str, points: int, allow_debt: bool) -> Any:
        """Staff give or take points. What waits for approval: its id and the command."""
        command = AdjustPoints(member, points, "goodwill", allow_debt, self.sides.name("a"))
        answer = self.sides.both(
            lambda **how: adjust_points(self.ports, ANNA, command, self.now, **how),
            lambda: self.plain.adjust(member, points, allow_debt, self.now),
            seen.adjusted,
            quoted=True,
        )
        if answer is None or answer.status != "awaiting_approval":
            return None
        return answer.adjustment_id, command, self.now

    # --- what holds after every step -----------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        Stage.steps += 1
        self.sides.compare()

    def teardown(self) -> None:
        """At the end of the story the books are right by every sentence about them."""
        self.sides.close_the_books()
