"""A household whose owner is erased goes on with who has shared it longest, over the fake ledger
and the real one."""

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock, patch

import pytest

from chalicelib.domain import causes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.refusals import MemberErased, MemberLimitReached
from chalicelib.domain.reviews import ReviewOutcome, Suspicion
from chalicelib.usecases.current import as_of_one_now, own_head
from chalicelib.usecases.decide_review import DecideReview, decide_review
from chalicelib.usecases.erase_account import NotAlone, erase_account
from chalicelib.usecases.open_review import suspect
from chalicelib.usecases.ports import OperationRecord, Write
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import read_statement
from tests.ledger_world import ANNA, dynamo_world, fake_world, new_name
from tests.neighbours import FLEETING, SHARING, Neighbours

World = Callable[..., Neighbours]
SILVER = Tiers(
    TierBasis.POINTS,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 100, gift_points=10),),
)


def household(near: Neighbours) -> tuple[str, str, str]:
    """Ann's, which Ben and then Kim have joined; with 120 points."""
    ann, ben, kim = near.member("ann", 60), near.member("ben", 40), near.member("kim", 20)
    for member in (ben, kim):
        near.join(member, near.invite(ann, f"for {member}"))
    return ann, ben, kim


@pytest.fixture(params=["memory", "dynamodb"])
def street(request: pytest.FixtureRequest) -> World:
    """`street(program?)` gives neighbours over the fake and over the real ledger."""
    if request.param == "dynamodb":
        request.getfixturevalue("connection")
        return lambda program=SHARING: Neighbours(dynamo_world(new_name("passing")), program)
    return lambda program=SHARING: Neighbours(fake_world()[0], program)


def erased(near: Neighbours, owner: str, twins: int = 0) -> None:
    """The account of an owner is erased."""
    erase_account(near.ports, owner, twins, near.now)


def test_a_household_passes_whole_to_who_has_shared_it_longest_and_is_shared_on(
    street: World,
) -> None:
    near = street(replace(FLEETING, tiers=SILVER))
    ann, ben, kim = household(near)
    near.wait(20)
    near.buy("waits", kim, 7)
    near.wait(1)
    before = near.own(ann)
    for _ in range(2):
        erased(near, ann)

    assert before.pending_points > 0 < len(before.gifts)
    assert before.held is not None
    assert near.own(ben) == replace(before, household=(kim,), sharers=1)
    assert near.own(ann).status is AccountStatus.ERASED
    near.buy("later", kim, 5)
    assert near.account(kim) == near.account(ben)
    assert near.account(kim).pending_points == before.pending_points + 5
    newest = [near.kinds(one)[-2:] for one in (ann, ben, kim)]
    assert newest == [["merge", "erase"], ["merge", "earn"], ["merge", "merge"]]


def test_what_a_household_passed_on_still_knows_its_limits(street: World) -> None:
    near = street()
    ann, ben, kim = household(near)
    mug = near.world.reward(points=1, member_limit=1)
    kept = near.redeem(kim, mug, "k1").answer.record
    erased(near, ann)
    for member in (ben, kim):
        with pytest.raises(MemberLimitReached):
            near.redeem(member, mug, f"again {member}")
    for _ in range(2):
        near.remove(ben, kim)
    assert (near.own(ben).household, near.own(ben).sharers) == ((), 0)
    assert (near.account(ben).available, near.account(kim).available) == (119, 0)
    assert (kept.account_id, kept.member_id) == (ann, kim)


def test_an_heirs_twin_comes_along_and_the_owners_must_be_known(street: World) -> None:
    near = street()
    old, twin = near.member("old", 5), near.member("twin", 5)
    ann, ben, kim = household(near)
    near.leave(kim)
    near.merge(twin, kim, "kims")
    near.merge(old, ann, "anns")
    near.join(kim, near.invite(ann, "again"))
    with pytest.raises(NotAlone):
        erased(near, ann)
    erased(near, ann, twins=1)
    assert near.own(ben).sharers == 2
    assert near.account(twin) == near.account(kim) == near.account(ben)
    assert near.account(ben).available == 130


def test_a_frozen_account_inherits_nothing_and_the_owners_freeze_ends_with_it() -> None:
    near = Neighbours(fake_world()[0])
    ann, ben, kim = household(near)
    for member in (ann, ben):
        frozen(near, member)
    erased(near, ann)
    statuses = {member: near.own(member).status for member in (ben, kim)}
    assert statuses == {ben: AccountStatus.FROZEN, kim: AccountStatus.ACTIVE}
    assert near.own(kim).household == (ben,)
    assert near.redeem(kim, near.world.reward(points=120), "k").answer.record.account_id == kim
    erased(near, kim)
    assert near.own(ben).status is AccountStatus.FROZEN
    assert near.own(ben).household == ()


def frozen(near: Neighbours, member: str) -> None:
    """An account is frozen, by nobody of the people's side."""
    [at] = as_of_one_now(near.ports, [(own_head(near.ports, member), "")], near.now)
    record = OperationRecord("status", member, {}, {})
    after = replace(at.account, status=AccountStatus.FROZEN)
    cause = causes.of_operation("status", member)
    near.ports.ledger.commit(
        Write((record,), at.entries(after, kind=EntryKind.STATUS, cause=cause))
    )


def test_a_statement_goes_on_with_what_was_passed_on(street: World) -> None:
    near = street()
    ann, ben, kim = household(near)
    erased(near, ann)
    near.buy("later", ben, 5)

    def rows(member: str) -> list[tuple[str, str, int, int]]:
        told = read_statement(near.ports, member, None, 3, near.now)
        return [
            (row.entry.account_id, str(row.entry.kind), row.entry.points, row.after.available)
            for row in told
        ]

    heirs = [(ben, "earn", 5, 125), (ben, "merge", 120, 120)]
    assert rows(kim) == [*heirs, (kim, "merge", 0, 0)]
    assert rows(ben)[:2] == heirs


# --- once the owner is gone ----------------------------------------------------------------------


def test_an_erased_owner_forfeits_nothing_of_what_others_share() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    ann, ben, kim = household(near)
    near.wait(1)
    during = near.now
    near.wait(1)
    erased(near, ann)
    record = ledger.operation("erase", near.ports.namer.name("erase", ann))
    assert record is not None
    assert record.answer["forfeited"] == 0
    assert near.account(kim).available == near.account(ben).available == 120
    then = read_account(near.ports, kim, near.now, during).account
    assert then.available == 120
    with pytest.raises(MemberErased):
        near.account(ann)


def test_what_was_bought_and_redeemed_before_comes_back_to_the_household() -> None:
    near = Neighbours(fake_world()[0])
    ann, ben, kim = household(near)
    near.buy("kims", kim, 30)
    issued = near.redeem(kim, near.world.reward(points=50), "k").answer.record
    sent = near.send(kim, near.member("leo"), 25, "t").answer
    erased(near, ann)
    near.give_back("kims", "r", 10)
    assert near.account(kim).available == 65
    near.call_back(kim, sent.transfer_id)
    near.cancel(issued.redemption_id)
    assert near.account(ben).available == 140
    erased(near, ben)
    near.give_back("kims", "r2", 20)
    assert near.own(kim).available == near.account(kim).available == 120


def test_what_is_held_for_a_review_waits_on_at_the_heirs() -> None:
    near = Neighbours(fake_world()[0], FLEETING)
    ann, ben, kim = household(near)
    near.buy("waits", ann, 30)
    suspect(near.ports, kim, Suspicion.STAFF, near.now)
    held = near.own(ann).withheld
    erased(near, ann)
    assert held
    assert near.own(ben).withheld == held
    command = DecideReview(kim, ReviewOutcome.RELEASE, "all is well", "k")
    decided = decide_review(near.ports, ANNA, command, near.now).answer
    assert (decided.member_id, decided.points) == (ben, near.account(kim).pending_points)


def test_who_is_read_while_its_household_passes_is_led_to_the_heir() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    ann, ben, kim = household(near)
    stale = ledger.head(kim)
    erased(near, ann)
    heads = Mock(side_effect=[stale, *map(ledger.head, (ann, kim, kim, ben))])
    with patch.object(ledger, "head", heads):
        assert read_account(near.ports, kim, near.now).account.available == 120


def test_the_points_of_who_shares_with_nobody_any_more_are_forfeited() -> None:
    near = Neighbours(fake_world()[0])
    ann, ben, kim = household(near)
    for member in (ben, kim):
        near.leave(member)
    issued = near.redeem(ann, near.world.reward(points=50), "k").answer.record
    erased(near, ann)
    assert near.worth([ann, ben, kim]) == 0
    with pytest.raises(MemberErased):
        near.cancel(issued.redemption_id)
