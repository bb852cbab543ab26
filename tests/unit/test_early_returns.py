"""Single sentences about returns that come before their purchase, on a ledger in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.refusals import ConflictingReplay, TooFarBack
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnKept, ReturnPurchase, return_purchase
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.ledger_world import NOW, PROGRAM, TILL, World, fake_world, line, purchase


@pytest.fixture
def world() -> World:
    return fake_world()[0]


def _taken(world: World, label: str, member: str | None, *amounts: int) -> list[int | str | None]:
    """What became of each return that had waited: the points it took, or why it was refused."""
    posted = world.buy(label, member, *amounts).answer
    return [row.taken.taken if row.taken else row.refused for row in posted.returns_applied]


def test_returns_apply_in_the_order_in_which_they_came(world: World) -> None:
    member = world.member()
    for number, amount in enumerate((600, 500, 400)):
        world.send_back("p", f"r-{number}", amount)
    assert _taken(world, "p", member, 1_000) == [6, "return_exceeds_purchase", 4]
    assert world.available(member) == 0


def test_it_does_not_matter_whether_returns_come_before_or_after() -> None:
    figures = set()
    for early in range(4):
        world, _ = fake_world()
        member = world.member(points=5)
        parts = (333, 334, 333)
        for number, amount in enumerate(parts[:early]):
            world.send_back("p", f"r-{number}", amount)
        world.buy("p", member, 400, 600)
        for number, amount in enumerate(parts[early:], start=early):
            world.send_back("p", f"r-{number}", amount)
        head = world.ports.ledger.head(member)
        assert head is not None
        figures.add((head.entry.seq, head.entry.state))
    assert len(figures) == 1


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_reply_loses_no_return(lost: int) -> None:
    world, ledger = fake_world()
    member = world.member()
    ledger.lose_replies = 1
    assert world.send_back("p", "r", 400).replayed
    ledger.lose_replies = lost
    posted = world.buy("p", member, 1_000)
    assert posted.replayed
    assert [row.return_id for row in posted.answer.returns_applied] == ["r"]
    ledger.lose_replies = 0
    assert world.buy("p", member, 1_000) == posted
    assert world.available(member) == 6


def test_a_return_of_the_same_id_is_another_one_before_and_after_its_purchase(
    world: World,
) -> None:
    world.send_back("p", "r", 400)
    with pytest.raises(ConflictingReplay):
        world.send_back("p", "r", 401)
    world.buy("p", world.member(), 1_000)
    with pytest.raises(ConflictingReplay) as conflict:
        world.send_back("p", "r", 401)
    assert conflict.value.differing == ["amount_minor"]


def test_a_purchase_refused_for_another_reason_leaves_its_returns_waiting(world: World) -> None:
    member = world.member()
    world.send_back("p", "r", 400)
    late = purchase(world.purchase_id("p"), line("1", 1_000), at=NOW - timedelta(days=900))
    with pytest.raises(TooFarBack):
        post_purchase(world.ports, TILL, PostPurchase(late, MemberId(member)), NOW)
    assert world.send_back("p", "r", 400).replayed
    assert _taken(world, "p", member, 1_000) == [4]


def test_what_has_expired_is_told_once_before_the_purchase_and_its_returns(world: World) -> None:
    short = replace(PROGRAM, version=2, expiry=Expiry(ExpiryKind.AFTER_EARNING, 1))
    world.ports.programs.add(short, FROM_THE_BEGINNING)
    world.ports.programs.activate(2, FROM_THE_BEGINNING)
    member = world.member(points=7)
    later = NOW + timedelta(days=90)
    bought = purchase(world.purchase_id("p"), line("1", 1_000), at=later)
    world.send_back("p", "r", 400)
    post_purchase(world.ports, TILL, PostPurchase(bought, MemberId(member)), later)
    kinds = [entry.kind for entry in world.ports.ledger.entries(member, None, 9)]
    assert kinds == ["return", "earn", "expire", "earn", "open"]
    assert read_account(world.ports, member, later).account.available == 6


def test_pending_points_that_came_back_early_never_wait(world: World) -> None:
    tiers = Tiers(
        TierBasis.SPEND, TierWindow.CALENDAR_YEAR, (Tier("gold", "Gold", 900, gift_points=30),)
    )
    program = replace(PROGRAM, version=2, pending=Pending(14), tiers=tiers)
    world.ports.programs.add(program, FROM_THE_BEGINNING)
    world.ports.programs.activate(2, FROM_THE_BEGINNING)
    member = world.member()
    world.send_back("p", "r", 400)
    posted = world.buy("p", member, 1_000).answer
    assert (posted.points.earned, posted.points.pending_after) == (40, 6)
    assert posted.tier is not None
    assert posted.tier.standing.tier_id is None
    account = read_account(world.ports, member, NOW).account
    assert (account.pending_points, account.gifts, account.lifetime.earned) == (6, (), 6)


def test_a_dry_run_of_an_early_return_says_what_keeping_it_says_and_keeps_nothing(
    world: World,
) -> None:
    command = ReturnPurchase(world.purchase_id("p"), "r", 400)
    tried = return_purchase(world.ports, TILL, command, NOW, dry_run=True)
    assert tried.answer == ReturnKept("r")
    assert _taken(world, "p", world.member(), 1_000) == []
