"""The settling loop, over the ledger in memory: how long it waits, and what it asks first."""

from dataclasses import replace
from typing import cast

import pytest

from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.redemptions import RedemptionFile
from chalicelib.domain.refusals import InsufficientPoints, Refusal, TryAgain
from chalicelib.domain.returned import AwaitedPurchase
from chalicelib.usecases.ports import Ledger, Outcome, Patience, Ports, StoreUnavailable, Write
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.settle import Attempts, Plan, preview, settle
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, TILL, fake_world, line, purchase


class Waited:
    """A clock that only pauses move, and the pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


def impatient(ports: Ports, waited: Waited, jitter: float = 1.0) -> Ports:
    return replace(ports, patience=Patience(waited.monotonic, waited.pause, lambda: jitter))


def test_what_stays_unknown_is_given_up_within_three_seconds() -> None:
    world, _ = fake_world()
    waited = Waited()

    def never(_: Attempts) -> Plan[str]:
        raise StoreUnavailable("throttled")

    with pytest.raises(TryAgain) as given_up:
        settle(impatient(world.ports, waited), never, lambda: None)

    assert given_up.value.retry_after_seconds == 1
    assert waited.now < 3.0
    assert waited.pauses[:5] == [0.025, 0.05, 0.1, 0.2, 0.2]


def test_the_jitter_is_full_so_that_callers_spread() -> None:
    world, _ = fake_world()
    waited = Waited()
    failures = iter([True, True, False])

    def decide(_: Attempts) -> Outcome[str]:
        if next(failures):
            raise StoreUnavailable("conflict")
        return Outcome("done")

    outcome = settle(impatient(world.ports, waited, jitter=0.5), decide, lambda: None)

    assert outcome.answer == "done"
    assert waited.pauses == [0.0125, 0.025]


def test_a_refusal_is_answered_only_after_the_record_was_looked_for() -> None:
    world, _ = fake_world()

    def refuse(_: Attempts) -> Plan[str]:
        raise InsufficientPoints(required=60, available=0, missing=60)

    landed = settle(world.ports, refuse, lambda: "what the first try answered")

    assert landed == Outcome("what the first try answered", replayed=True)
    with pytest.raises(InsufficientPoints):
        settle(world.ports, refuse, lambda: None)


def test_a_preview_writes_nothing_and_waits_out_a_store_that_is_busy() -> None:
    world, ledger = fake_world()
    member = world.member()
    before = len(ledger.causes)
    busy = iter([True, False])

    def decide(_: Attempts) -> Plan[str]:
        if next(busy):
            raise StoreUnavailable("busy")
        return Plan(Write(()), "would be")

    waited = Waited()
    assert preview(impatient(world.ports, waited), decide, lambda: None).answer == "would be"
    assert (len(waited.pauses), len(ledger.causes)) == (1, before)
    assert world.available(member) == 0


@pytest.mark.parametrize("lost", [1, 3])
def test_a_write_whose_replies_were_lost_is_found_to_have_landed(lost: int) -> None:
    world, ledger = fake_world()
    member = world.member()
    ledger.lose_replies = lost
    command = PostPurchase(purchase("p-1", line(amount_minor=5_000)), MemberId(member))

    outcome = post_purchase(world.ports, TILL, command, NOW)

    assert outcome.replayed
    assert world.available(member) == 50


def test_refusals_are_told_apart_by_their_code_and_fields() -> None:
    refusal: Refusal = InsufficientPoints(required=60, available=40, missing=20)

    assert refusal.extras() == {"required": 60, "available": 40, "missing": 20}
    assert "insufficient_points" in str(refusal)


class Behind:
    """A ledger whose accounts are seen a moment before its records, as a Query may see them."""

    def __init__(self, ledger: FakeLedger, reads_behind: int) -> None:
        self._ledger = ledger
        self._behind = reads_behind

    def redemption(self, redemption_id: str) -> RedemptionFile | None:
        self._behind -= 1
        return None if self._behind >= 0 else self._ledger.redemption(redemption_id)

    def purchase(self, name: str) -> PurchaseFile | AwaitedPurchase | None:
        self._behind -= 1
        return None if self._behind >= 0 else self._ledger.purchase(name)

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)


@pytest.mark.parametrize("reads_behind", [0, 1, 3])
def test_who_sees_its_own_entry_before_its_record_is_not_refused(reads_behind: int) -> None:
    world, ledger = fake_world()
    member, reward = world.member(points=60), world.reward(points=60)
    first = world.redeem(member, reward, "k")
    behind = cast(Ledger, Behind(ledger, reads_behind))

    again = replace(world, ports=replace(world.ports, ledger=behind)).redeem(member, reward, "k")

    assert again == replace(first, replayed=True)
    assert world.available(member) == 0


def test_a_purchase_that_sees_its_own_entry_before_its_record_is_not_counted_again() -> None:
    world, ledger = fake_world()
    member = world.member()
    first = world.buy("p", member, 5_000)
    behind = cast(Ledger, Behind(ledger, 2))

    again = replace(world, ports=replace(world.ports, ledger=behind)).buy("p", member, 5_000)

    assert again == replace(first, replayed=True)
    assert world.available(member) == 50


def test_a_record_that_never_shows_is_given_up_without_an_answer() -> None:
    world, ledger = fake_world()
    member, reward = world.member(points=60), world.reward(points=60)
    world.redeem(member, reward, "k")
    behind = cast(Ledger, Behind(ledger, 10_000))

    with pytest.raises(TryAgain):
        replace(world, ports=replace(world.ports, ledger=behind)).redeem(member, reward, "k")
