"""Many at once, against a real store: exactly one of them is first."""

from functools import partial

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.refusals import (
    InsufficientPoints,
    MemberLimitReached,
    RedemptionAlreadyEnded,
    RewardSoldOut,
)
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from tests.at_once import Act, at_once
from tests.ledger_world import ANNA, BEN, NOW, TILL, World, dynamo_world, new_name


@pytest.fixture
def world(connection: Connection) -> World:
    assert connection
    return dynamo_world(new_name("once"))


def _entries(world: World, member_id: str) -> int:
    return len(world.ports.ledger.entries(member_id, None, 100))


def test_sixteen_tills_posting_one_purchase_get_one_first_answer_and_fifteen_replays(
    world: World,
) -> None:
    mia = world.member()
    outcomes = at_once([partial(world.buy, "p", mia, 10_000)] * 16)
    assert (len(outcomes.first), len(outcomes.replays)) == (1, 15)
    assert len(set(outcomes.answers)) == 1
    assert world.available(mia) == 100
    assert _entries(world, mia) == 2


def test_fifty_members_wanting_the_last_unit_get_it_once(world: World) -> None:
    members = [world.member(f"m{number}", points=60) for number in range(50)]
    mug = world.reward(stock=1)
    outcomes = at_once([partial(world.redeem, member, mug, "k") for member in members])
    assert len(outcomes.first) == 1
    assert [type(refusal) for refusal in outcomes.refusals] == [RewardSoldOut] * 49
    assert world.ports.rewards.remaining(mug) == 0
    assert sum(world.available(member) for member in members) == 49 * 60


def test_the_last_units_of_several_counters_are_all_found(world: World) -> None:
    members = [world.member(f"m{number}", points=60) for number in range(12)]
    mug = world.reward(stock=6, stock_shards=3)
    outcomes = at_once([partial(world.redeem, member, mug, "k") for member in members])
    assert len(outcomes.first) == 6
    assert [type(refusal) for refusal in outcomes.refusals] == [RewardSoldOut] * 6
    assert world.ports.rewards.remaining(mug) == 0


def test_two_redemptions_of_sixty_from_a_hundred_points_are_one(world: World) -> None:
    mia, mug = world.member(points=100), world.reward(points=60)
    outcomes = at_once([partial(world.redeem, mia, mug, f"k{number}") for number in range(2)])
    assert len(outcomes.first) == 1
    assert [type(refusal) for refusal in outcomes.refusals] == [InsufficientPoints]
    assert world.available(mia) == 40


def test_a_limit_of_two_is_two_however_many_try_at_once(world: World) -> None:
    mia, mug = world.member(points=600), world.reward(points=10, member_limit=2)
    outcomes = at_once([partial(world.redeem, mia, mug, f"k{number}") for number in range(8)])
    assert len(outcomes.first) == 2
    assert [type(refusal) for refusal in outcomes.refusals] == [MemberLimitReached] * 6


@pytest.mark.parametrize("_", range(10))
def test_a_use_and_a_cancel_of_one_redemption_at_once_are_one_of_them(world: World, _: int) -> None:
    mia, mug = world.member(points=100), world.reward(stock=1)
    redemption_id = world.redeem(mia, mug, "k").answer.record.redemption_id
    ends: list[Act] = [
        partial(use_redemption, world.ports, TILL, redemption_id, "u", NOW),
        partial(cancel_redemption, world.ports, TILL, redemption_id, "c", NOW),
    ]
    outcomes = at_once(ends)
    assert len(outcomes.first) == 1
    assert [type(refusal) for refusal in outcomes.refusals] == [RedemptionAlreadyEnded]
    used = outcomes.answers[0].end.ended_as == "used"
    assert world.available(mia) == (40 if used else 100)
    assert world.ports.rewards.remaining(mug) == (0 if used else 1)


def test_one_cancel_sent_many_times_at_once_gives_the_points_back_once(world: World) -> None:
    mia, mug = world.member(points=100), world.reward(stock=1)
    redemption_id = world.redeem(mia, mug, "k").answer.record.redemption_id
    cancel = partial(cancel_redemption, world.ports, TILL, redemption_id, "c", NOW)
    outcomes = at_once([cancel] * 8)
    assert (len(outcomes.first), len(outcomes.replays)) == (1, 7)
    assert world.available(mia) == 100
    assert world.ports.rewards.remaining(mug) == 1


def test_an_approval_and_a_rejection_at_once_are_one_of_them(world: World) -> None:
    mia = world.member()
    command = AdjustPoints(mia, 900, "a broken machine", False, world.purchase_id("a"))
    asked = adjust_points(world.ports, ANNA, command, NOW).answer
    decide = partial(decide_adjustment, world.ports, BEN, asked.adjustment_id, now=NOW)
    outcomes = at_once([partial(decide, approve=True), partial(decide, approve=False)])
    assert len(outcomes.first) == len(outcomes.refusals) == 1
    approved = outcomes.answers[0].status == "approved"
    assert world.available(mia) == (900 if approved else 0)


def test_many_verifications_at_once_make_one_status_entry(world: World) -> None:
    mia = world.member(status=AccountStatus.PENDING_VERIFICATION)
    verify = partial(change_status, world.ports, mia, AccountStatus.ACTIVE, ("code",), NOW)
    assert not at_once([verify] * 8).refusals
    assert _entries(world, mia) == 2


def test_purchases_of_one_member_at_once_all_count(world: World) -> None:
    mia = world.member()
    outcomes = at_once([partial(world.buy, f"p{number}", mia, 1_000) for number in range(16)])
    assert len(outcomes.first) == 16
    assert world.available(mia) == 160
    assert sorted(answer.points.available_after for answer in outcomes.answers) == list(
        range(10, 170, 10)
    )
