"""The three traps that a ledger falls into when a reply is lost or two come at once."""

from functools import partial

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import (
    ConflictingReplay,
    InsufficientPoints,
    PurchaseAlreadyClaimed,
    ReturnExceedsPurchase,
    RewardSoldOut,
)
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.post_purchase import purchase_name
from chalicelib.usecases.read_statement import prove_chain
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from tests.at_once import Act, at_once
from tests.interposed import losing_replies
from tests.ledger_world import NOW, TILL, World, dynamo_world, new_name


@pytest.fixture
def world(connection: Connection) -> World:
    assert connection
    return dynamo_world(new_name("trap"))


def _holds(world: World, member_id: str, entries: int) -> bool:
    proof = prove_chain(world.ports, member_id)
    return proof.broken_at is None and proof.entries == entries


# --- a redemption whose reply was lost is replayed, not refused -------------------------------


def test_a_redemption_whose_reply_was_lost_is_found_though_the_points_are_gone(
    world: World, connection: Connection
) -> None:
    mia, mug = world.member(points=100), world.reward(points=60)
    with losing_replies(connection):
        outcome = world.redeem(mia, mug, "k1")
    assert outcome.replayed
    assert outcome.answer.record.available_after == 40
    assert outcome.answer.voucher_code
    assert world.available(mia) == 40
    assert _holds(world, mia, 3)


def test_a_repeated_redemption_is_answered_alike_when_the_points_are_long_gone(
    world: World,
) -> None:
    mia, mug = world.member(points=100), world.reward(points=60)
    first = world.redeem(mia, mug, "k1")
    with pytest.raises(InsufficientPoints):
        world.redeem(mia, mug, "k2")
    again = world.redeem(mia, mug, "k1")
    assert again.replayed
    assert again.answer == first.answer


def test_a_redemption_that_took_the_last_unit_itself_is_not_told_that_it_is_sold_out(
    world: World, connection: Connection
) -> None:
    mia, mug = world.member(points=200), world.reward(points=60, stock=1)
    with losing_replies(connection):
        outcome = world.redeem(mia, mug, "k1")
    assert outcome.replayed
    assert world.ports.rewards.remaining(mug) == 0
    with pytest.raises(RewardSoldOut):
        world.redeem(mia, mug, "k2")
    assert world.redeem(mia, mug, "k1").answer == outcome.answer


def test_a_repeated_redemption_of_another_reward_names_what_differs(world: World) -> None:
    mia, mug, cup = world.member(points=100), world.reward(), world.reward("cup")
    world.redeem(mia, mug, "k1")
    with pytest.raises(ConflictingReplay) as refusal:
        world.redeem(mia, cup, "k1")
    assert refusal.value.differing == ["reward_id"]


# --- two returns of one purchase never take back more than was bought -------------------------


def test_two_returns_of_all_of_a_purchase_at_once_take_it_back_once(world: World) -> None:
    mia = world.member()
    world.buy("p", mia, 10_000)
    outcomes = at_once([partial(world.give_back, "p", f"r-{n}", 10_000) for n in range(2)])
    assert [answer.points.taken for answer in outcomes.answers] == [100]
    assert [type(refusal) for refusal in outcomes.refusals] == [ReturnExceedsPurchase]
    assert world.available(mia) == 0
    assert _holds(world, mia, 3)


def test_many_partial_returns_at_once_take_back_exactly_what_the_purchase_gave(
    world: World,
) -> None:
    mia = world.member()
    world.buy("p", mia, 3_333, 3_333, 3_334)
    outcomes = at_once([partial(world.give_back, "p", f"r-{n}", 2_500) for n in range(6)])
    assert len(outcomes.first) == 4
    assert sum(answer.points.taken for answer in outcomes.answers) == 100
    assert world.available(mia) == 0


def test_the_same_return_many_times_at_once_is_one_return(world: World) -> None:
    mia = world.member()
    world.buy("p", mia, 10_000)
    outcomes = at_once([partial(world.give_back, "p", "r-1", 4_000)] * 4)
    assert (len(outcomes.first), len(outcomes.replays)) == (1, 3)
    assert len(set(outcomes.answers)) == 1
    assert world.available(mia) == 60


# --- a claim and a return of one guest purchase ----------------------------------------------


def _claim(world: World, member_id: str) -> Act:
    name = world.purchase_id("guest")
    return partial(claim_purchase, world.ports, TILL, name, MemberId(member_id), NOW)


def _return(world: World) -> Act:
    return partial(world.give_back, "guest", "r-1", 4_000)


@pytest.mark.parametrize("claim_first", [True, False])
def test_a_claim_and_a_return_of_a_guest_purchase_give_the_same_in_both_orders(
    world: World, claim_first: bool
) -> None:
    mia = world.member()
    world.buy("guest", None, 6_000, 4_000)
    acts = [_claim(world, mia), _return(world)]
    for act in acts if claim_first else reversed(acts):
        act()
    assert world.available(mia) == 60


@pytest.mark.parametrize("_", range(10))
def test_a_claim_and_a_return_of_a_guest_purchase_at_once_give_what_remains(
    world: World, _: int
) -> None:
    mia = world.member()
    world.buy("guest", None, 6_000, 4_000)
    outcomes = at_once([_claim(world, mia), _return(world)])
    assert not outcomes.refusals
    assert world.available(mia) == 60
    name = purchase_name(world.ports, TILL, world.purchase_id("guest"))
    file = world.ports.ledger.purchase(name)
    assert isinstance(file, PurchaseFile)
    assert [event.number for event in file.events] == [1, 2]


def test_two_members_who_claim_one_purchase_at_once_are_one_owner(world: World) -> None:
    mia, tom = world.member("mia"), world.member("tom")
    world.buy("guest", None, 10_000)
    outcomes = at_once([_claim(world, mia), _claim(world, tom)])
    assert [type(refusal) for refusal in outcomes.refusals] == [PurchaseAlreadyClaimed]
    assert world.available(mia) + world.available(tom) == 100


# --- and what a lost reply may not do to the others ------------------------------------------


def test_every_operation_whose_reply_was_lost_is_found_again(
    world: World, connection: Connection
) -> None:
    mia, mug = world.member(points=100), world.reward()
    world.buy("guest", None, 2_000)
    acts: list[Act] = [
        lambda: world.buy("p", mia, 5_000),
        lambda: world.give_back("p", "r-1", 1_000),
        _claim(world, mia),
        lambda: world.adjust(mia, 7, "a1"),
        lambda: world.redeem(mia, mug, "k1"),
        lambda: world.buy("guest-2", None, 100),
    ]
    for act in acts:
        with losing_replies(connection):
            outcome = act()
        assert outcome.replayed, outcome
    assert world.available(mia) == 100 + 50 - 10 + 20 + 7 - 60
    assert _holds(world, mia, 7)


def test_a_dry_run_writes_nothing_and_says_what_the_real_one_would(world: World) -> None:
    mia, mug = world.member(points=100), world.reward(stock=1)
    command = RedeemReward(mia, mug.reward_id, None, "k1")
    quoted = redeem_reward(world.ports, TILL, command, NOW, dry_run=True)
    assert (world.available(mia), world.ports.rewards.remaining(mug)) == (100, 1)
    real = redeem_reward(world.ports, TILL, command, NOW)
    assert quoted.answer == real.answer
    assert not real.replayed
