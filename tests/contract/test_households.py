"""Members who share one account, over the fake ledger and the real one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from unittest.mock import Mock, patch

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.refusals import (
    Conflict,
    InvitationNotFound,
    MemberLimitReached,
    MemberNotFound,
    NotFound,
    StepUpRequired,
)
from chalicelib.domain.traits import Traits
from chalicelib.usecases.invite_to_household import INVITATION_DAYS, invite_to_household
from chalicelib.usecases.join_household import join_household
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import Before, read_statement
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from tests.at_once import at_once
from tests.ledger_world import dynamo_world, fake_world, new_name
from tests.neighbours import FLEETING, SHARING, Neighbours, himself

World = Callable[..., Neighbours]
GIFTS = Tiers(
    TierBasis.POINTS,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 100, gift_points=10),),
)


def together(near: Neighbours, owner: str, *others: str) -> None:
    """Let others join an owner's household."""
    for member in others:
        near.join(member, near.invite(owner, f"for {member}"))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as refusal:
        act()
    return refusal.value.reason


# --- joining -------------------------------------------------------------------------------------


def test_who_joins_brings_its_points_and_all_earn_for_one_account(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    ann, ben = near.member("ann", 100), near.member("ben", 40)
    near.wait(20)
    near.buy("waits", ben, 7)

    joined = near.join(ben, near.invite(ann, "i")).answer
    near.buy("later", ben, 5)

    assert (joined.moved_available, joined.moved_pending, joined.members) == (40, 7, 2)
    assert (joined.available_after, joined.pending_after) == (140, 7)
    assert near.account(ann) == near.account(ben)
    assert (near.account(ben).available, near.account(ben).pending_points) == (140, 12)
    assert (near.own(ann).household, near.own(ann).sharers) == ((ben,), 1)


def test_any_of_them_spends_the_points_of_all(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    together(near, ann, ben)
    issued = near.redeem(ben, near.world.reward(points=90), "k").answer.record
    assert issued.account_id == ann
    assert near.account(ann).available == 10


def test_a_dry_run_tells_before_what_moves(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    code = near.invite(ann, "i")
    told = near.join(ben, code, dry_run=True).answer
    assert near.account(ben).available == 40
    assert near.join(ben, code).answer == told


def test_an_invitation_is_the_same_for_the_same_key_and_good_once(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben, kim = near.member("ann"), near.member("ben"), near.member("kim")
    code = near.invite(ann, "i")
    assert near.invite(ann, "i") == code != near.invite(ann, "i2")

    first, again = near.join(ben, code), near.join(ben, code.lower().replace("-", " "))

    assert (first.replayed, again.replayed) == (False, True)
    assert first.answer == again.answer
    with pytest.raises(InvitationNotFound):
        near.join(kim, code)


def test_codes_that_are_unknown_malformed_or_late_are_answered_alike(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann"), near.member("ben")
    late = near.invite(ann, "i")
    near.wait(INVITATION_DAYS)
    near.now += timedelta(milliseconds=1)
    for code in ("0000-0000-0000-0000", "no code", late):
        with pytest.raises(InvitationNotFound):
            near.join(ben, code)


def test_an_invitation_is_good_to_its_last_instant(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann"), near.member("ben")
    code = near.invite(ann, "i")
    near.wait(INVITATION_DAYS)
    near.join(ben, code)


def test_no_more_join_than_the_program_allows(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben, kim, leo = (near.member(label) for label in ("ann", "ben", "kim", "leo"))
    spare = near.invite(ann, "spare")
    together(near, ann, ben, kim)
    assert refused(lambda: near.join(leo, spare)) == "household_full"
    assert refused(lambda: near.invite(ann, "more")) == "household_full"
    near.leave(ben)
    near.join(leo, spare)
    assert near.own(ann).household == (kim, leo)


def test_an_account_merged_into_the_owners_takes_nobodys_place(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, old, ben, kim = (near.member(label, 10) for label in ("ann", "old", "ben", "kim"))
    near.merge(old, ann, "m")
    together(near, ann, ben, kim)
    assert near.account(old).available == 40
    assert (near.own(ann).sharers, near.own(ann).household) == (3, (ben, kim))


def test_a_program_without_households_has_none(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, household_members=1))
    assert refused(lambda: near.invite(near.member("ann"), "i")) == "households_off"


def test_who_may_invite_and_who_may_join(neighbourhood: World) -> None:
    near = neighbourhood()
    new_here = AccountStatus.PENDING_VERIFICATION
    ann, ben, kim = near.member("ann"), near.member("ben"), near.member("kim")
    new = near.member("new", status=new_here)
    together(near, ann, ben)
    code, kims = near.invite(ann, "i"), near.invite(kim, "i")
    assert refused(lambda: near.invite(ben, "i")) == "not_the_owner"
    assert refused(lambda: near.invite(new, "i")) == "owner_not_active"
    assert refused(lambda: near.join(ann, code)) == "same_account"
    assert refused(lambda: near.join(ben, code)) == "already_shares"
    assert refused(lambda: near.join(ann, kims)) == "owns_a_household"
    assert refused(lambda: near.join(new, code)) == "not_verified"
    with pytest.raises(MemberNotFound):
        near.invite("mem_nobody", "i")
    with pytest.raises(MemberNotFound):
        near.join("mem_nobody", code)


def test_an_owner_who_shares_anothers_account_by_now_invites_nobody(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben, kim = near.member("ann"), near.member("ben"), near.member("kim")
    code = near.invite(ben, "i")
    together(near, ann, ben)
    with pytest.raises(InvitationNotFound):
        near.join(kim, code)


def test_an_account_that_is_shared_is_not_merged_away(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben, kim = near.member("ann"), near.member("ben"), near.member("kim")
    together(near, ann, ben)
    assert refused(lambda: near.merge(ann, kim, "m")) == "source_has_household"
    assert refused(lambda: near.merge(ben, kim, "m")) == "source_has_moved"
    assert refused(lambda: near.merge(kim, ben, "m")) == "target_has_moved"


# --- leaving -------------------------------------------------------------------------------------


def test_who_leaves_leaves_the_points_and_earns_for_itself(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    together(near, ann, ben)

    near.leave(ben)
    near.leave(ben)
    near.buy("p", ben, 5)

    assert (near.account(ann).available, near.account(ben).available) == (100, 5)
    assert (near.own(ann).household, near.own(ann).sharers) == ((), 0)
    assert near.kinds(ben) == ["open", "earn", "merge", "merge", "earn"]


def test_the_owner_sends_a_member_away_and_cannot_leave_others_alone(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben, kim = near.member("ann"), near.member("ben"), near.member("kim")
    together(near, ann, ben)
    assert refused(lambda: near.leave(ann)) == "owner_cannot_leave"
    for owner, sharer in ((ann, kim), (kim, ben), (ben, ann), (ann, ann), (ann, "mem_nobody")):
        with pytest.raises(NotFound):
            near.remove(owner, sharer)
    for _ in range(2):
        near.remove(ann, ben)
    near.leave(ann)
    assert near.own(ben).moved_to is None


def test_a_merged_account_is_no_household_to_leave(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old"), near.member("new")
    near.merge(old, new, "m")
    assert refused(lambda: near.leave(old)) == "not_in_a_household"
    with pytest.raises(NotFound):
        near.remove(new, old)


def test_who_has_left_can_join_again_by_a_new_invitation(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    for number in range(3):
        near.join(ben, near.invite(ann, f"i{number}"))
        near.leave(ben)
        near.buy(f"p{number}", ben, 1)
    assert (near.account(ann).available, near.account(ben).available) == (102, 1)


def test_what_a_purchase_from_before_gave_is_owed_by_who_left(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    together(near, ann, ben)
    near.leave(ben)
    near.give_back("first-ben", "r", 40)
    assert (near.account(ann).available, near.account(ben).debt) == (100, 40)


def test_joining_and_leaving_renews_neither_limits_nor_gifts(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, tiers=GIFTS))
    ann, ben = near.member("ann"), near.member("ben", 150)
    mug = near.world.reward(points=1, member_limit=1)
    near.redeem(ben, mug, "k1")
    near.send(ben, ann, 100, "t")
    together(near, ann, ben)
    with pytest.raises(MemberLimitReached):
        near.redeem(ann, mug, "k2")
    near.leave(ben)
    with pytest.raises(MemberLimitReached):
        near.redeem(ben, mug, "k3")
    assert near.buy("big", ben, 500).answer.points.earned == 500  # reaches the tier, no gift again
    assert near.buy("own", ann, 1).answer.points.earned == 1


def test_a_use_that_was_cancelled_meanwhile_counts_no_more_for_who_leaves(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann"), near.member("ben", 10)
    mug = near.world.reward(points=1, member_limit=1)
    redeemed = near.redeem(ben, mug, "k1").answer.record.redemption_id
    together(near, ann, ben)
    near.cancel(redeemed)
    near.leave(ben)
    near.buy("own", ben, 5)
    assert near.redeem(ben, mug, "k2").answer.record.account_id == ben
    assert near.redeem(ann, mug, "k3").answer.record.account_id == ann


# --- what members see ----------------------------------------------------------------------------


def test_a_member_reads_the_households_entries_since_it_joined_and_its_own(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    near.buy("before", ann, 1)
    together(near, ann, ben)
    near.buy("after", ann, 2)

    def read(before: Before | None, limit: int) -> list[tuple[bool, int]]:
        rows = read_statement(near.ports, ben, before, limit, near.now)
        return [(row.entry.account_id == ann, row.entry.seq) for row in rows]

    everything = [(True, 5), (True, 4), (False, 3), (False, 2), (False, 1)]
    assert read(None, 10) == everything
    pages, before = [], None
    while page := read(before, 2):
        pages += page
        shared, seq = page[-1]
        before = Before(seq, ann if shared else ben)
    assert pages == everything
    near.leave(ben)
    assert read(None, 10) == [(False, 4), (False, 3), (False, 2), (False, 1)]
    assert read(Before(5, ann), 10) == [(False, 4), (False, 3), (False, 2), (False, 1)]


def test_what_expired_stands_first_on_every_members_statement(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    together(near, ann, ben)
    near.wait(150)
    for member in (ann, ben):
        first = read_statement(near.ports, member, None, 5, near.now)[0]
        assert (first.written, first.entry.points, first.after.available) == (False, -100, 0)
        assert near.account(member).available == 0


def test_nobody_sees_what_the_household_had_before_it_joined_or_after_it_left(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    start = near.now
    near.wait(1)
    together(near, ann, ben)
    near.wait(1)
    near.leave(ben)
    seen = [
        read_account(near.ports, ben, near.now, start + timedelta(days=days)).account.available
        for days in range(3)
    ]
    assert seen == [40, 100, 0]


# --- safety --------------------------------------------------------------------------------------


def test_after_its_own_change_of_contact_a_member_signs_in_before_it_gives_away() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    ann, ben = near.member("ann", 60), near.member("ben", 40)
    code = near.invite(ann, "i")
    ledger.keep_traits(ben, Traits(contact_changed_at=near.now))
    with pytest.raises(StepUpRequired):
        join_household(near.ports, himself(ben), ben, code, near.now)
    near.join(ben, code)
    mug = near.world.reward(points=10)

    def redeem(member: str, key: str) -> None:
        command = RedeemReward(member, mug.reward_id, None, key)
        redeem_reward(near.ports, himself(member), command, near.now)

    redeem(ann, "k1")  # whose contact did not change
    with pytest.raises(StepUpRequired):
        redeem(ben, "k2")


def test_after_its_own_change_of_contact_a_member_signs_in_before_it_lets_anybody_in() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    ann, ben = near.member("ann", 60), near.member("ben")
    ledger.keep_traits(ann, Traits(contact_changed_at=near.now))
    with pytest.raises(StepUpRequired):
        invite_to_household(near.ports, himself(ann), ann, "k", near.now)
    fresh = himself(ann, near.now)
    near.join(ben, invite_to_household(near.ports, fresh, ann, "k", near.now).answer.code)
    assert near.own(ann).household == (ben,)


def test_whom_to_send_away_takes_as_many_reads_whatever_that_member_did() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    ann, ben = near.member("ann"), near.member("ben")
    for number in range(60):
        near.adjust(ben, 1, f"a{number}")
    pages = Mock(wraps=ledger.entries)
    with patch.object(ledger, "entries", pages), pytest.raises(NotFound):
        near.remove(ann, ben)
    assert pages.call_count == 1


def test_of_many_who_join_at_once_as_many_do_as_there_is_room(connection: Connection) -> None:
    assert connection
    near = Neighbours(dynamo_world(new_name("room")))
    ann = near.member("ann", 10)
    members = [near.member(f"m{number}", 10) for number in range(8)]
    codes = [near.invite(ann, f"i{number}") for number in range(8)]
    outcomes = at_once([partial(near.join, *pair) for pair in zip(members, codes, strict=True)])
    assert len(outcomes.first) == 2
    assert {refusal.extras()["reason"] for refusal in outcomes.refusals} == {"household_full"}
    assert near.worth([ann, *members]) == 90
    assert near.account(ann).available == 30


def test_one_code_admits_one_of_many_at_once(connection: Connection) -> None:
    assert connection
    near = Neighbours(dynamo_world(new_name("code")))
    ann = near.member("ann")
    code = near.invite(ann, "i")
    members = [near.member(f"m{number}") for number in range(8)]
    outcomes = at_once([partial(near.join, member, code) for member in members])
    assert len(outcomes.first) == 1
    assert {type(refusal) for refusal in outcomes.refusals} == {InvitationNotFound}
    assert len(near.own(ann).household) == 1


def test_points_sent_back_and_forth_at_once_are_neither_lost_nor_doubled(
    connection: Connection,
) -> None:
    assert connection
    near = Neighbours(dynamo_world(new_name("ring")))
    members = [near.member(f"m{number}", 100) for number in range(3)]
    sends = [
        partial(near.send, one, other, 5, f"{one}-{other}-{number}")
        for number in range(4)
        for one in members
        for other in members
        if one != other
    ]
    outcomes = at_once(sends)
    assert len(outcomes.first) == len(sends)
    assert near.worth(members) == 300
    assert [near.account(member).available for member in members] == [60] * 3
