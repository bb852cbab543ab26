"""Single sentences about operations on points, on a ledger in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.program import EarningRate
from chalicelib.domain.refusals import (
    ConflictingReplay,
    InsufficientPoints,
    MemberLimitReached,
    MemberNotFound,
    RewardSoldOut,
)
from chalicelib.domain.rewards import LimitPeriod
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.merge_accounts import MergeAccounts, merge_accounts
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.ledger_world import ANNA, NOW, PROGRAM, TILL, World, fake_world, line, purchase


@pytest.fixture
def world() -> World:
    return fake_world()[0]


def _switch_program(world: World) -> None:
    dearer = replace(PROGRAM, version=2, base=EarningRate(5, 100), rules=())
    assert world.ports.programs.add(dearer, FROM_THE_BEGINNING)
    world.ports.programs.activate(2, FROM_THE_BEGINNING)


def test_a_purchase_repeated_with_other_content_names_what_differs(world: World) -> None:
    mia, tom = world.member("mia"), world.member("tom")
    world.buy("p", mia, 1_000)
    with pytest.raises(ConflictingReplay) as other_lines:
        world.buy("p", mia, 2_000)
    with pytest.raises(ConflictingReplay) as other_member:
        world.buy("p", tom, 1_000)
    with pytest.raises(ConflictingReplay) as nobody:
        world.buy("p", None, 1_000)
    assert other_lines.value.differing == ["lines"]
    assert other_member.value.differing == nobody.value.differing == ["member"]


def test_a_return_repeated_with_other_content_names_what_differs(world: World) -> None:
    world.buy("p", world.member(), 1_000)
    world.give_back("p", "r", 100)
    with pytest.raises(ConflictingReplay) as refusal:
        world.give_back("p", "r", 200)
    assert refusal.value.differing == ["amount_minor"]


class _NobodyKnown:
    """People among whom nobody is found."""

    def find(self, _: Identifier) -> None:
        return None

    def is_buried(self, _: Identifier) -> bool:
        return False


def test_a_guests_purchase_repeated_for_somebody_unknown_is_another_request(world: World) -> None:
    world.buy("guest", None, 1_000)
    ports = replace(world.ports, people=cast(Any, _NobodyKnown()))
    bought = purchase(world.purchase_id("guest"), line("1", 1_000))
    unknown = PostPurchase(bought, Identifier(Kind.EMAIL, "who@example.org"))
    with pytest.raises(ConflictingReplay) as refusal:
        post_purchase(ports, TILL, unknown, NOW)
    assert refusal.value.differing == ["member"]
    fresh = replace(unknown, purchase=replace(bought, purchase_id="another"))
    with pytest.raises(MemberNotFound):
        post_purchase(ports, TILL, fresh, NOW)


class _Known:
    """People of whom some are found."""

    def __init__(self, leads: dict[Identifier, str]) -> None:
        self.leads = leads

    def find(self, identifier: Identifier) -> str | None:
        return self.leads.get(identifier)

    def is_buried(self, _: Identifier) -> bool:
        return False


def test_a_purchase_of_a_merged_member_is_the_same_when_its_address_is_gone(world: World) -> None:
    mia, target = world.member("mia"), world.member("target")
    address = Identifier(Kind.EMAIL, "mia@example.org")
    known = _Known({address: mia})
    ports = replace(world.ports, people=cast(Any, known))
    merge_accounts(ports, ANNA, MergeAccounts(target, mia, "the same person", "k"), NOW)
    bought = PostPurchase(purchase(world.purchase_id("p"), line("1", 1_000)), address)
    first = post_purchase(ports, TILL, bought, NOW)

    known.leads.clear()
    again = post_purchase(ports, TILL, bought, NOW)

    assert (first.replayed, again.replayed) == (False, True)
    assert again.answer == first.answer
    other = replace(bought, purchase=replace(bought.purchase, lines=(line("1", 2_000),)))
    with pytest.raises(ConflictingReplay) as refusal:
        post_purchase(ports, TILL, other, NOW)
    assert refusal.value.differing == ["lines"]


def test_a_return_and_a_replay_go_by_the_rules_of_the_purchase(world: World) -> None:
    mia = world.member()
    first = world.buy("p", mia, 1_000)
    _switch_program(world)
    assert world.buy("p", mia, 1_000).answer == first.answer
    assert world.give_back("p", "r", 1_000).answer.points.taken == 10
    assert world.available(mia) == 0


def test_a_claim_goes_by_the_rules_of_the_purchase(world: World) -> None:
    mia = world.member()
    world.buy("guest", None, 1_000)
    _switch_program(world)
    claimed = claim_purchase(
        world.ports, TILL, world.purchase_id("guest"), MemberId(mia), NOW
    ).answer
    assert claimed.points.earned == 10
    assert world.buy("later", mia, 1_000).answer.points.earned == 50


def test_a_clock_that_is_late_opens_no_spent_day(world: World) -> None:
    mia = world.member(points=100)
    daily = world.reward("daily", points=1, member_limit=1, member_limit_period=LimitPeriod.DAY)
    tomorrow, key = NOW + timedelta(days=1), iter("abcd")

    def redeem(now: Any) -> None:
        command = RedeemReward(mia, daily.reward_id, None, next(key))
        redeem_reward(world.ports, TILL, command, now)

    redeem(NOW)
    redeem(tomorrow)
    for now in (NOW, tomorrow):
        with pytest.raises(MemberLimitReached):
            redeem(now)


def test_units_in_any_counter_are_found_before_a_reward_is_sold_out(world: World) -> None:
    mia, mug = world.member(points=100), world.reward(points=10, stock=4, stock_shards=4)
    for number in range(4):
        world.redeem(mia, mug, f"k{number}")
    with pytest.raises(RewardSoldOut):
        world.redeem(mia, mug, "k5")


@pytest.mark.parametrize("dry_run", [True, False])
def test_too_few_points_are_told_before_an_empty_stock(world: World, dry_run: bool) -> None:
    mia, mug = world.member(points=5), world.reward(points=10, stock=0, stock_shards=1)
    command = RedeemReward(mia, mug.reward_id, None, "k")
    with pytest.raises(InsufficientPoints):
        redeem_reward(world.ports, TILL, command, NOW, dry_run=dry_run)
