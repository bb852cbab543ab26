"""Keeping rewards when replies are lost and others are faster, over the catalogue in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.refusals import Conflict, RewardNotFound, TryAgain, VersionStale
from chalicelib.domain.rewards import Reward, RewardKind, RewardStatus
from chalicelib.usecases.archive_reward import archive_reward
from chalicelib.usecases.create_reward import create_reward
from chalicelib.usecases.ports import Ports, StoreUnavailable, Written
from chalicelib.usecases.replace_reward import replace_reward
from tests.fakes.audit import FakeAudit
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import NOW, fake_world

STAFF = Caller(CallerKind.STAFF, source="staff:mia", scopes=GROUP_SCOPES["marketer"], subject="mia")
MUG = Reward("", 0, "A mug", RewardKind.FREE_PRODUCT, 100, sku="MUG", stock=60)


class TroubledRewards(FakeRewards):
    """Has trouble with its writes: what `troubles` does around each, in their order."""

    def __init__(self, *troubles: str) -> None:
        super().__init__()
        self._troubles = list(troubles)
        self.meanwhile: Callable[[], object] = lambda: None

    def put(self, reward: Reward, at: datetime) -> Written:
        trouble = self._troubles.pop(0) if self._troubles else "none"
        if trouble == "fails":
            raise StoreUnavailable("throttled")
        if trouble == "raced":
            self.meanwhile()
        written = super().put(reward, at)
        if trouble == "loses its reply":
            raise StoreUnavailable("the reply was lost")
        return written


def _ports(rewards: FakeRewards) -> Ports:
    world, _ = fake_world()
    return replace(world.ports, rewards=rewards, audit=FakeAudit())


@pytest.mark.parametrize("trouble", ["none", "fails", "loses its reply"])
def test_a_reward_is_created_once_whatever_happens_to_its_write(trouble: str) -> None:
    ports = _ports(TroubledRewards(trouble))
    outcome = create_reward(ports, STAFF, MUG, "key", NOW)
    assert not outcome.replayed
    assert ports.rewards.all() == [outcome.answer]
    assert ports.rewards.remaining(outcome.answer) == 60


@pytest.mark.parametrize("trouble", ["none", "fails", "loses its reply"])
def test_a_change_whose_reply_was_lost_is_found_to_have_landed(trouble: str) -> None:
    ports = _ports(TroubledRewards("none", trouble))
    created = create_reward(ports, STAFF, MUG, "key", NOW).answer
    after = replace_reward(ports, STAFF, replace(created, stock=80), NOW)
    assert ports.rewards.get(created.reward_id) == after
    assert (after.version, ports.rewards.remaining(after)) == (2, 80)


def test_a_change_that_lost_to_another_is_stale_even_when_its_reply_was_lost() -> None:
    rewards = TroubledRewards("none", "fails", "raced")
    ports = _ports(rewards)
    created = create_reward(ports, STAFF, MUG, "key", NOW).answer
    faster = replace(created, version=2, points=150)
    rewards.meanwhile = lambda: FakeRewards.put(rewards, faster, NOW)
    with pytest.raises(VersionStale):
        replace_reward(ports, STAFF, replace(created, points=120), NOW)
    assert ports.rewards.get(created.reward_id) == faster


def test_archiving_archives_what_somebody_changed_meanwhile() -> None:
    rewards = TroubledRewards("none", "raced")
    ports = _ports(rewards)
    created = create_reward(ports, STAFF, MUG, "key", NOW).answer
    rewards.meanwhile = lambda: FakeRewards.put(
        rewards, replace(created, version=2, points=150), NOW
    )
    archived = archive_reward(ports, STAFF, created.reward_id, NOW)
    assert (archived.status, archived.points) == (RewardStatus.ARCHIVED, 150)
    assert archived.version == 3


def test_counters_never_become_fewer_so_that_units_can_be_given_back_to_each() -> None:
    ports = _ports(FakeRewards())
    created = create_reward(ports, STAFF, replace(MUG, stock=500), "key", NOW).answer
    few = replace_reward(ports, STAFF, replace(created, stock=1), NOW)
    unlimited = replace_reward(ports, STAFF, replace(few, stock=None), NOW)
    assert [r.stock_shards for r in (created, few, unlimited)] == [10, 10, 10]


def test_less_than_was_redeemed_cannot_be_the_stock() -> None:
    rewards = FakeRewards()
    ports = _ports(rewards)
    created = create_reward(ports, STAFF, MUG, "key", NOW).answer
    rewards.left[created.reward_id] = [0, 3]
    with pytest.raises(Conflict) as refusal:
        replace_reward(ports, STAFF, replace(created, stock=56), NOW)
    assert refusal.value.reason == "stock_below_redeemed"
    assert replace_reward(ports, STAFF, replace(created, stock=57), NOW).stock == 57


def test_a_store_that_stays_silent_is_given_up() -> None:
    ports = _ports(TroubledRewards(*["fails"] * 10_000))
    with pytest.raises(TryAgain):
        create_reward(ports, STAFF, MUG, "key", NOW)
    assert ports.rewards.all() == []


def test_what_does_not_exist_is_neither_replaced_nor_archived() -> None:
    ports = _ports(FakeRewards())
    with pytest.raises(RewardNotFound):
        replace_reward(ports, STAFF, replace(MUG, reward_id="rwd_1", version=1), NOW)
    with pytest.raises(RewardNotFound):
        archive_reward(ports, STAFF, "rwd_1", NOW)
