"""Rewards for less, or earlier, as members redeem them, cancel them, and see them in the list."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.api.reward_models import view_answer
from chalicelib.domain.account import Progress
from chalicelib.domain.callers import MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.offers import (
    Budget,
    Challenge,
    ChallengeKind,
    Occasion,
    Offer,
    OfferStatus,
    RewardPrice,
)
from chalicelib.domain.refusals import RewardNotAvailable
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward
from chalicelib.domain.snapshot_rows import reward_rows
from chalicelib.usecases.end_redemption import cancel_redemption, expire_redemption
from chalicelib.usecases.list_rewards import list_rewards
from chalicelib.usecases.read_member_offers import read_member_offers
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from tests.ledger_world import NOW, PROGRAM, TILL, World, fake_world


@dataclass(frozen=True, slots=True)
class Club:
    """A member with 100 points, and a mug for 60 of them."""

    world: World
    member_id: str
    mug: Reward

    def offer(self, points: int = 40, *, early: bool = False, **given: Any) -> Offer:
        number = self.world.ports.offers.next_number()
        offer = Offer(
            offer_id=f"off_{number}",
            number=number,
            version=1,
            name="A mug for less",
            effect=RewardPrice(self.mug.reward_id, points, early),
            texts={},
            status=OfferStatus.LAUNCHED,
            occasion=Occasion.REDEMPTION,
            launched_at=NOW - timedelta(days=1),
        )
        offer = replace(offer, **given)
        assert self.world.ports.offers.put(offer, NOW) == "written"
        return offer

    def redeem(self, key: str = "k", *, dry_run: bool = False) -> tuple[str, int]:
        """The redemption's id and what it cost."""
        command = RedeemReward(self.member_id, self.mug.reward_id, None, key)
        outcome = redeem_reward(self.world.ports, TILL, command, NOW, dry_run=dry_run)
        return outcome.answer.record.redemption_id, outcome.answer.record.points

    def cancel(self, redemption_id: str) -> None:
        cancel_redemption(self.world.ports, TILL, redemption_id, "c", NOW)

    def left(self, offer: Offer) -> int:
        return self.world.ports.offers.budget_left([offer])[offer.offer_id]

    def points(self) -> int:
        return self.world.available(self.member_id)

    def progress(self) -> tuple[Progress, ...]:
        head = self.world.ports.ledger.head(self.member_id)
        assert head is not None
        return head.entry.account().progress

    def to_redeem(self) -> list[int | None]:
        """What the list of offers says that waits."""
        found = read_member_offers(self.world.ports, self.member_id, NOW)
        return [view.to_redeem for view in found.offers]

    def listed(self) -> tuple[object, object, object]:
        """What the list of rewards says to the member: points, why not, which offer."""
        source = f"member:{self.member_id}"
        caller = Caller(CallerKind.MEMBER, source, MEMBER_SCOPES, "sub", self.member_id)
        [view] = list_rewards(self.world.ports, caller, None, 10, NOW).views
        told = msgspec.to_builtins(view_answer(view))
        return told["points_for_me"], told.get("reason"), told.get("offer", {}).get("name")


def club(**mug: Any) -> Club:
    world, _ = fake_world()
    return Club(world, world.member(points=100), world.reward(**mug))


def test_a_member_pays_the_offers_price_and_a_repeat_says_the_same() -> None:
    one = club()
    one.offer()
    assert one.listed() == (40, None, "A mug for less")
    assert one.redeem(dry_run=True)[1] == 40
    assert one.redeem() == one.redeem()
    assert (one.redeem()[1], one.points()) == (40, 60)


def test_without_an_offer_the_reward_costs_what_it_costs() -> None:
    one = club()
    assert one.listed() == (60, None, None)
    assert one.redeem()[1] == 60


def test_cancelling_gives_back_the_points_the_use_and_the_budget() -> None:
    one = club()
    offer = one.offer(
        budget=Budget("points", 30, shards=2),
        member_limit=1,
        member_limit_period=LimitPeriod.MONTH,
    )
    redemption_id, points = one.redeem("a")
    assert (points, one.left(offer), one.points()) == (40, 10, 60)
    assert one.redeem("b", dry_run=True)[1] == 60  # the limit is reached
    one.cancel(redemption_id)
    assert (one.left(offer), one.points()) == (30, 100)
    assert one.redeem("c")[1] == 40


def test_a_voucher_that_expires_and_gives_back_gives_back_to_the_offer_too() -> None:
    one = club(on_expiry=OnExpiry.RETURN)
    offer = one.offer(budget=Budget("points", 20), member_limit=1)
    redemption_id, _ = one.redeem()
    assert one.left(offer) == 0
    assert expire_redemption(one.world.ports, redemption_id, NOW + timedelta(days=31))
    assert (one.left(offer), one.points()) == (20, 100)


def test_the_snapshot_counts_what_was_saved_and_what_came_back() -> None:
    one = club()
    one.offer(40)
    redemption_id, _ = one.redeem()
    one.cancel(redemption_id)
    file = one.world.ports.ledger.redemption(redemption_id)
    assert file is not None
    rows = [*reward_rows(file.record, PROGRAM), *reward_rows(file.record, PROGRAM, file.end)]
    told = [(row["kind"], row["points"], row["member_id"], row["cost_minor"]) for row in rows]
    assert told == [("use", 20, one.member_id, 20), ("taken_back", -20, one.member_id, -20)]
    assert len({row["event"] for row in rows}) == 2


def test_an_empty_budget_leaves_the_price_that_everybody_pays() -> None:
    one = club()
    offer = one.offer(budget=Budget("points", 20, shards=2))
    assert one.redeem("a", dry_run=True)[1] == 40
    assert one.redeem("a")[1] == 40  # of both shards together
    assert one.left(offer) == 0
    assert one.redeem("b", dry_run=True)[1] == 60
    assert one.redeem("b")[1] == 60
    assert one.listed()[0] == 60


def test_early_access_opens_a_reward_that_is_not_there_yet_for_others() -> None:
    one = club(starts_at=NOW + timedelta(days=3), tiers=frozenset({"gold"}))
    assert one.listed() == (60, "not_started", None)
    with pytest.raises(RewardNotAvailable):
        one.redeem()
    one.offer(60, early=True)
    assert one.listed() == (60, None, "A mug for less")
    assert one.redeem()[1] == 60


def test_the_fifth_purchase_gives_one_for_free_once_and_cancelling_gives_the_award_back() -> None:
    one = club()
    fifth = Challenge(ChallengeKind.COUNT, 5)
    one.offer(0, occasion=Occasion.PURCHASE, challenge=fifth)
    for number in range(5):
        assert one.listed()[0] == 60
        one.world.buy(f"p{number}", one.member_id, 50)
    posted = one.world.buy("p4", one.member_id, 50).answer
    assert "A mug for less: a reward waits to be redeemed" in {
        told.text for told in posted.explanation
    }
    assert one.listed()[0] == 0
    assert one.to_redeem() == [1]
    redemption_id, points = one.redeem("a")
    assert (points, one.points(), one.to_redeem()) == (0, 100, [0])
    assert one.listed()[0] == 60
    one.cancel(redemption_id)
    assert one.redeem("b")[1] == 0
    assert [progress.left for progress in one.progress()] == [0]


def test_a_free_one_that_was_redeemed_before_the_return_is_made_up_for_by_the_next() -> None:
    one = club()
    second = Challenge(ChallengeKind.COUNT, 2)
    one.offer(0, occasion=Occasion.PURCHASE, challenge=second)
    for label in "ab":
        one.world.buy(label, one.member_id, 50)
    assert one.redeem("a")[1] == 0
    for before, after in ("bc", "cd", "de"):
        one.world.give_back(before, "r", 50)
        one.world.buy(after, one.member_id, 50)
        assert one.listed()[0] == 60
    for label in "fg":
        one.world.buy(label, one.member_id, 50)
    assert one.listed()[0] == 0
