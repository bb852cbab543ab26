"""What members and staff do with points: rewards, and adjustments with a second person's word."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import consumes, multiple, rule

from chalicelib.domain.refusals import SecondPersonRequired
from chalicelib.usecases.adjust_points import AdjustPoints
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.end_redemption import (
    cancel_redemption,
    expire_redemption,
    use_redemption,
)
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from tests.ledger_world import ANNA, BEN, TILL
from tests.property import seen
from tests.property.plain_book import Refused
from tests.property.stage import REWARDS, Stage

APPROVED_WITHIN = timedelta(days=7)

with_points = st.sampled_from(["cash", "cash", "mug"])


class Spending(Stage):
    """Redemptions and adjustments."""

    @rule(target=Stage.redemptions, member=Stage.members, label=st.sampled_from(sorted(REWARDS)))
    def redeem(self, member: str, label: str) -> Any:
        return self._redeem(member, label, None)

    @rule(
        target=Stage.redemptions,
        member=Stage.members,
        label=with_points,
        points=st.sampled_from([10, 15, 20]),
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

    @rule(redemption_id=Stage.redemptions)
    def use(self, redemption_id: str) -> None:
        key = self.sides.name("u")
        self.sides.both(
            lambda: use_redemption(self.ports, TILL, redemption_id, key, self.now),
            lambda: self.plain.redemptions.use(redemption_id, self.now),
            lambda answer: {"returned": answer.end.returned},
        )

    @rule(redemption_id=Stage.redemptions)
    def cancel(self, redemption_id: str) -> None:
        key = self.sides.name("c")
        self.sides.both(
            lambda: cancel_redemption(self.ports, TILL, redemption_id, key, self.now),
            lambda: self.plain.redemptions.cancel(redemption_id, self.now),
            seen.ended,
        )

    @rule(redemption_id=Stage.redemptions)
    def expire(self, redemption_id: str) -> None:
        self.sides.ledger.lose_replies = 0
        done = expire_redemption(self.ports, redemption_id, self.now)
        assert done == self.plain.redemptions.expire(redemption_id, self.now)

    # --- adjustments ---------------------------------------------------------------------------

    @rule(
        target=Stage.adjustments,
        member=Stage.members,
        points=st.sampled_from([1, 40, -1, -25, 500, 501, -501]),
        allow_debt=st.booleans(),
    )
    def adjust(self, member: str, points: int, allow_debt: bool) -> Any:
        return self.adjusted(member, points, allow_debt) or multiple()

    @rule(asked=consumes(Stage.adjustments))
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
        if self.now > at + APPROVED_WITHIN:
            raise Refused("conflict")
        return self.plain.approve(command.member_id, command.points, command.allow_debt, self.now)

    @rule(asked=consumes(Stage.adjustments))
    def reject(self, asked: tuple[str, AdjustPoints, datetime]) -> None:
        adjustment_id, _, at = asked
        if self.now <= at + APPROVED_WITHIN:
            self.sides.both(
                lambda: decide_adjustment(
                    self.ports, BEN, adjustment_id, approve=False, now=self.now
                ),
                lambda: {"waiting": 1},
                seen.adjusted,
            )
