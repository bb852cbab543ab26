"""Whatever is sent, merged, shared and taken back in whatever order: no point is made or lost by
that, and the books hold.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from chalicelib.domain.merging import net
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.refusals import Refusal
from chalicelib.usecases.read_statement import prove_chain, read_statement
from tests.fakes.stored import snapshot_of
from tests.ledger_world import fake_world
from tests.neighbours import FLEETING, SHARING, Neighbours
from tests.simulation.invariants import broken

MEMBERS = 4
members = st.integers(0, MEMBERS - 1)
LADDER = Tiers(
    TierBasis.SPEND,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 10_000, gift_points=7), Tier("gold", "Gold", 30_000, 150)),
)
PROGRAMS = (
    SHARING,
    FLEETING,
    replace(FLEETING, tiers=LADDER, pending=Pending(3)),
    replace(
        SHARING, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 2), tiers=LADDER, household_members=2
    ),
)


class Moves(RuleBasedStateMachine):
    """Four neighbours who do everything to each other. Whatever is refused changes nothing."""

    @initialize(program=st.sampled_from(PROGRAMS))
    def begin(self, program: Any) -> None:
        world, self.ledger = fake_world()
        self.near = Neighbours(world, program)
        self.members = [self.near.member(f"m{n}", 20 * n) for n in range(MEMBERS)]
        self.mug = world.reward(points=15, member_limit=2)
        self.bought = [f"first-{member.rpartition('_')[2]}" for member in self.members[1:]]
        self.redeemed: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.merged: list[str] = []
        self.number = 0

    def label(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def attempt(self, act: Any, *args: Any) -> Any:
        """The answer; None where it was refused."""
        try:
            return act(*args)
        except Refusal:
            return None

    def move(self, act: Any, *args: Any) -> Any:
        """The same for what only moves points: all there were are there afterwards."""
        before = self.near.worth(self.members)
        outcome = self.attempt(act, *args)
        assert self.near.worth(self.members) == before
        return outcome

    # --- what makes and takes points -------------------------------------------------------------

    @rule(who=members, euros=st.integers(1, 150))
    def buy(self, who: int, euros: int) -> None:
        label = self.label()
        self.near.buy(label, self.members[who], euros)
        self.bought.append(label)

    @rule(which=st.integers(0, 20), euros=st.integers(1, 150))
    def give_back(self, which: int, euros: int) -> None:
        label = self.bought[which % len(self.bought)]
        self.attempt(self.near.give_back, label, self.label(), euros)

    @rule(who=members)
    def redeem(self, who: int) -> None:
        outcome = self.attempt(self.near.redeem, self.members[who], self.mug, self.label())
        if outcome is not None:
            self.redeemed.append(outcome.answer.record.redemption_id)

    @precondition(lambda self: self.redeemed)
    @rule(which=st.integers(0, 20))
    def cancel(self, which: int) -> None:
        redemption_id = self.redeemed[which % len(self.redeemed)]
        self.attempt(self.near.cancel, redemption_id, self.label())

    @rule(who=members, points=st.integers(-60, 60).filter(bool))
    def adjust(self, who: int, points: int) -> None:
        self.near.adjust(self.members[who], points, self.label())

    @rule(days=st.sampled_from([1, 6, 20, 40, 100]))
    def wait(self, days: int) -> None:
        self.near.wait(days)

    # --- what moves them -------------------------------------------------------------------------

    @rule(who=members, to=members, points=st.integers(1, 60))
    def send(self, who: int, to: int, points: int) -> None:
        sender, receiver = self.members[who], self.members[to]
        outcome = self.move(self.near.send, sender, receiver, points, self.label())
        if outcome is not None:
            self.sent.append((sender, outcome.answer.transfer_id))

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 20))
    def call_back(self, which: int) -> None:
        self.move(self.near.call_back, *self.sent[which % len(self.sent)])

    @rule(source=members, into=members)
    def merge(self, source: int, into: int) -> None:
        outcome = self.move(self.near.merge, self.members[source], self.members[into], self.label())
        if outcome is not None:
            self.merged.append(outcome.answer.merge_id)

    @precondition(lambda self: self.merged)
    @rule(which=st.integers(0, 20))
    def part(self, which: int) -> None:
        self.move(self.near.part, self.merged[which % len(self.merged)])

    @rule(owner=members, who=members)
    def join(self, owner: int, who: int) -> None:
        code = self.attempt(self.near.invite, self.members[owner], self.label())
        if code is not None:
            self.move(self.near.join, self.members[who], code)

    @rule(who=members)
    def leave(self, who: int) -> None:
        self.move(self.near.leave, self.members[who])

    @rule(owner=members, who=members)
    def remove(self, owner: int, who: int) -> None:
        self.move(self.near.remove, self.members[owner], self.members[who])

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def account_and_statement_agree(self) -> None:
        if not hasattr(self, "near"):
            return
        for member in self.members:
            row = read_statement(self.near.ports, member, None, 1, self.near.now)[0]
            assert net(row.after) == net(self.near.account(member))

    def teardown(self) -> None:
        if not hasattr(self, "near"):
            return
        for member in self.members:
            assert prove_chain(self.near.ports, member).broken_at is None
        assert broken(snapshot_of(self.ledger, self.near.world.ports.rewards)) == []


TestMoves = pytest.mark.timeout(300)(Moves.TestCase)
TestMoves.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
