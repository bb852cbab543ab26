"""Two accounts of one person, over the fake ledger and the real one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from chalicelib.domain.account import AccountStatus, Lot
from chalicelib.domain.instants import local_date
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    MemberLimitReached,
    MemberNotFound,
    NotFound,
    RedemptionNotFound,
)
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.end_redemption import cancel_redemption, read_redemption
from chalicelib.usecases.list_rewards import read_reward
from chalicelib.usecases.merge_accounts import MOST_MERGED
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import Before, prove_chain, read_statement
from chalicelib.usecases.resolve_member import MemberId
from tests.ledger_world import ANNA, TILL, fake_world, line, purchase
from tests.neighbours import FLEETING, SHARING, Neighbours, himself

World = Callable[..., Neighbours]
LADDER = Tiers(
    TierBasis.POINTS,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 100, gift_points=10), Tier("gold", "Gold", 250)),
)


# --- what moves ----------------------------------------------------------------------------------


def test_all_that_the_source_has_moves_and_it_keeps_nothing(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 150), near.member("new", 120)
    near.wait(20)
    near.buy("waits", old, 30)

    merged = near.merge(old, new, "m").answer

    both, left = near.own(new), near.own(old)
    assert (merged.points, merged.available_after, merged.pending_after) == (180, 270, 30)
    assert (both.available, both.pending_points, both.sharers) == (270, 30, 1)
    assert (both.lifetime.earned, both.lifetime.purchases) == (300, 3)
    assert sum(month.qualifying_points for month in both.months) == 300
    assert (left.lots, left.pending, left.months, left.lifetime.earned) == ((), (), (), 0)
    assert (left.moved_to, near.kinds(old)[-1], near.kinds(new)[-1]) == (new, "merge", "merge")


def test_lots_that_come_together_pay_the_debt_that_comes_with_them(neighbourhood: World) -> None:
    near = neighbourhood()
    poor, rich = near.member("poor"), near.member("rich", 100)
    near.adjust(poor, -30, "debt")
    assert near.merge(poor, rich, "m").answer.points == -30
    assert (near.account(rich).available, near.account(rich).debt) == (70, 0)


def test_points_that_move_pay_the_debt_they_meet(neighbourhood: World) -> None:
    near = neighbourhood()
    poor, rich = near.member("poor"), near.member("rich", 100)
    near.adjust(poor, -130, "debt")
    near.merge(rich, poor, "m")
    assert (near.account(poor).available, near.account(poor).debt) == (0, 30)


def test_what_both_have_spent_together_makes_the_tier(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, tiers=LADDER))
    old, new = near.member("old", 150), near.member("new", 120)
    near.merge(old, new, "m")
    tier = read_account(near.ports, old, near.now).tier
    assert tier is not None
    assert tier.standing.tier_id == "gold"
    assert near.buy("next", new, 1).answer.points.earned == 1  # the gift was given to each, once


def test_what_expired_meanwhile_is_told_in_both_accounts(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 50), near.member("new", 50)
    near.wait(130)
    near.merge(old, new, "m")
    assert near.kinds(old)[-2:] == near.kinds(new)[-2:] == ["expire", "merge"]
    assert [lot.points for lot in near.own(new).expired] == [100]


# --- what goes to the account that stands in -----------------------------------------------------


def test_a_purchase_for_the_source_counts_for_the_target_once(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new")
    near.merge(old, new, "m")

    first, again = near.buy("p", old, 50), near.buy("p", old, 50)

    assert (first.replayed, again.replayed) == (False, True)
    assert first.answer == again.answer
    assert near.account(new).available == near.account(old).available == 150


def test_a_purchase_from_before_is_repeated_with_its_first_answer(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old"), near.member("new")
    first = near.buy("p", old, 50)
    near.merge(old, new, "m")
    again = near.buy("p", old, 50)
    assert again.replayed
    assert again.answer == first.answer


def test_a_return_of_the_sources_old_purchase_takes_from_the_target(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    near.merge(old, new, "m")
    near.give_back("first-old", "r", 60)
    assert near.account(new).available == 60
    assert near.account(new).lifetime.earned == 60


def test_a_redemption_of_the_source_comes_back_to_the_target(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new")
    mug = near.world.reward(points=60, member_limit=1)
    issued = near.redeem(old, mug, "k").answer.record
    near.merge(old, new, "m")

    with pytest.raises(MemberLimitReached):
        near.redeem(new, mug, "k2")
    for member in (old, new):
        assert read_redemption(near.ports, himself(member), issued.redemption_id).record == issued
    near.cancel(issued.redemption_id)

    assert near.account(new).available == 100
    assert near.redeem(new, mug, "k3").answer.record.account_id == new


def test_a_redemption_of_others_stays_theirs(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new, eve = near.member("old", 100), near.member("new"), near.member("eve")
    issued = near.redeem(old, near.world.reward(), "k").answer.record
    near.merge(old, new, "m")
    with pytest.raises(RedemptionNotFound):
        read_redemption(near.ports, himself(eve), issued.redemption_id)


def test_a_receipt_is_claimed_for_the_source_once(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old"), near.member("new")
    near.merge(old, new, "m")
    bought = purchase(near.world.purchase_id("guest"), line("1", 1_000))
    post_purchase(near.ports, TILL, PostPurchase(bought, None), near.now)

    first, again = (
        claim_purchase(near.ports, TILL, bought.purchase_id, MemberId(old), near.now)
        for _ in range(2)
    )

    assert (first.replayed, again.replayed) == (False, True)
    assert near.account(new).available == 10


def test_a_claim_repeated_when_the_two_are_apart_again_is_still_answered(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    old, new = near.member("old"), near.member("new")
    merge_id = near.merge(old, new, "m").answer.merge_id
    bought = purchase(near.world.purchase_id("guest"), line("1", 1_000))
    post_purchase(near.ports, TILL, PostPurchase(bought, None), near.now)
    claimed = claim_purchase(near.ports, TILL, bought.purchase_id, MemberId(old), near.now)
    near.part(merge_id)

    again = claim_purchase(near.ports, TILL, bought.purchase_id, MemberId(old), near.now)

    assert (again.replayed, again.answer) == (True, claimed.answer)


def test_rewards_are_shown_as_the_standing_in_account_can_have_them(
    neighbourhood: World,
) -> None:
    near = neighbourhood(replace(SHARING, tiers=LADDER))
    old, new = near.member("old"), near.member("new", 300)
    gilded = near.world.reward("gilded", points=1, tiers=frozenset({"gold"}))
    near.merge(old, new, "m")
    view = read_reward(near.ports, himself(old), gilded.reward_id, near.now)
    assert view.unavailable is None


def test_the_sources_statement_goes_on_in_the_target_and_its_proof_stays_its_own(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    near.merge(old, new, "m")
    near.buy("later", old, 5)

    rows = read_statement(near.ports, old, None, 10, near.now)

    assert [(row.entry.account_id, row.entry.kind) for row in rows] == [
        (new, "earn"),
        (new, "merge"),
        (old, "merge"),
        (old, "earn"),
        (old, "open"),
    ]
    assert rows[2].explanation[0].points == -100
    assert prove_chain(near.ports, old).broken_at is None
    assert prove_chain(near.ports, old).entries == 3


def test_a_statement_leads_through_all_accounts_that_stood_in_one_after_the_other(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    a, b, c = (near.member(label, 10) for label in "abc")
    near.buy("before", b, 1)
    near.merge(a, b, "ab")
    near.join(b, near.invite(c, "i"))
    near.buy("after", a, 5)

    def read(before: Before | None, limit: int) -> list[tuple[str, int]]:
        rows = read_statement(near.ports, a, before, limit, near.now)
        return [(row.entry.account_id, row.entry.seq) for row in rows]

    everything = [(c, 4), (c, 3), (b, 5), (b, 4), (a, 3), (a, 2), (a, 1)]
    assert read(None, 10) == everything
    for limit in (1, 2, 3):
        pages, before = [], None
        while page := read(before, limit):
            pages += page
            before = Before(page[-1][1], page[-1][0])
        assert pages == everything


def test_as_of_before_the_merge_each_had_its_own(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    before = near.now
    near.wait(1)
    merge_id = near.merge(old, new, "m").answer.merge_id
    merged_at = near.now
    near.wait(1)
    near.part(merge_id)

    def as_of(member: str, days: int) -> int:
        instant = before + timedelta(days=days)
        return read_account(near.ports, member, near.now, instant).account.available

    assert [as_of(old, days) for days in range(3)] == [100, 120, 100]
    assert [as_of(new, days) for days in range(3)] == [20, 120, 20]
    assert read_account(near.ports, old, near.now, merged_at).account.sharers == 1


def test_verifying_the_source_makes_both_active(neighbourhood: World) -> None:
    near = neighbourhood()
    new_here = AccountStatus.PENDING_VERIFICATION
    old, new = near.member("old", status=new_here), near.member("new", status=new_here)
    near.merge(old, new, "m")
    for _ in range(2):
        change_status(near.ports, old, AccountStatus.ACTIVE, ("code",), near.now)
    assert near.own(old).status is near.own(new).status is AccountStatus.ACTIVE
    assert near.kinds(old)[-1] == near.kinds(new)[-1] == "status"


# --- taking it back ------------------------------------------------------------------------------


def test_a_merge_taken_back_at_once_leaves_both_as_they_were(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 150), near.member("new", 120)
    near.wait(20)
    for label, member in (("a", old), ("b", new)):
        near.buy(label, member, 30)
    mug = near.world.reward(points=60, member_limit=3)
    near.redeem(old, mug, "k1")
    near.redeem(new, mug, "k2")
    before = near.points_of(old), near.points_of(new)

    merge_id = near.merge(old, new, "m").answer.merge_id
    parted = near.part(merge_id).answer

    assert (near.points_of(old), near.points_of(new)) == before
    assert (parted.source_after.available, parted.target_after.available) == (90, 60)
    assert parted.points == 120


@pytest.mark.parametrize(("debt", "points"), [(30, 100), (100, 30), (30, 0)])
def test_debt_goes_home_too(neighbourhood: World, debt: int, points: int) -> None:
    near = neighbourhood(FLEETING)
    for source, target in (("poor", "rich"), ("rich", "poor")):
        members = {
            "poor": near.member(f"poor of {source}"),
            "rich": near.member(f"rich of {source}", points),
        }
        near.wait(20)
        near.adjust(members["poor"], -debt, f"debt of {source}")
        before = near.points_of(members["poor"]), near.points_of(members["rich"])
        merge = near.merge(members[source], members[target], f"m of {source}").answer
        near.part(merge.merge_id)
        assert (near.points_of(members["poor"]), near.points_of(members["rich"])) == before


def test_the_source_acts_for_itself_again(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    near.part(near.merge(old, new, "m").answer.merge_id)
    near.buy("p", old, 7)
    assert (near.account(old).available, near.account(new).available) == (107, 20)
    assert near.own(new).sharers == 0


def test_what_the_target_has_spent_meanwhile_becomes_its_debt(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    merge_id = near.merge(old, new, "m").answer.merge_id
    near.redeem(new, near.world.reward(points=90), "k")
    near.part(merge_id)
    assert near.account(old).available == 100
    assert (near.account(new).available, near.account(new).debt) == (0, 70)


def test_the_target_gives_lots_of_the_same_days_before_any_other(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 50), near.member("new")
    near.wait(40)
    near.buy("later", new, 50)
    near.wait(20)
    before = near.points_of(old), near.points_of(new)
    merge_id = near.merge(old, new, "m").answer.merge_id
    near.part(merge_id)
    assert (near.points_of(old), near.points_of(new)) == before


def test_what_expired_unused_meanwhile_stays_expired(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 50), near.member("new")
    near.wait(60)
    near.buy("later", new, 50)
    merge_id = near.merge(old, new, "m").answer.merge_id
    near.wait(60)

    near.part(merge_id)

    assert near.own(old).lots == ()
    assert [lot.points for lot in near.own(old).expired] == [50]
    assert (near.own(new).available, near.own(new).expired) == (50, ())


def test_what_the_target_spent_before_it_expired_comes_back_with_the_days_of_grace(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 50), near.member("new")
    near.wait(60)
    near.buy("later", new, 50)
    merge_id = near.merge(old, new, "m").answer.merge_id
    near.redeem(new, near.world.reward(points=40), "k")  # of the source's, which expire first
    near.wait(60)

    near.part(merge_id)

    today = local_date(near.now, FLEETING.zone)
    assert near.own(old).lots == (Lot(today + timedelta(days=FLEETING.grace_days), 40),)
    assert [lot.points for lot in near.own(old).expired] == [10]
    assert near.own(new).available == 10


def test_what_matured_meanwhile_comes_back_matured(neighbourhood: World) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 50), near.member("new")
    merge_id = near.merge(old, new, "m").answer.merge_id
    near.wait(20)
    near.part(merge_id)
    assert (near.own(old).available, near.own(old).pending_points) == (50, 0)
    assert (near.own(new).available, near.own(new).pending_points) == (0, 0)


def test_what_was_returned_meanwhile_is_made_good_by_the_target(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    merge_id = near.merge(old, new, "m").answer.merge_id
    near.give_back("first-old", "r", 100)
    near.part(merge_id)
    assert near.account(old).available == 100
    assert (near.account(new).debt, near.worth([old, new])) == (80, 20)
    assert near.account(old).lifetime.earned + near.account(new).lifetime.earned == 20


# --- when it is refused --------------------------------------------------------------------------


def test_a_key_is_one_merge_and_another_content_is_told(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new, third = near.member("old", 100), near.member("new"), near.member("third")
    first, again = near.merge(old, new, "m"), near.merge(old, new, "m")
    assert (first.replayed, again.replayed) == (False, True)
    assert first.answer == again.answer
    with pytest.raises(ConflictingReplay) as refusal:
        near.merge(third, new, "m")
    assert refusal.value.differing == ["from"]


def test_a_merge_is_taken_back_once(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new")
    merge_id = near.merge(old, new, "m1").answer.merge_id
    first = near.part(merge_id)
    near.merge(old, new, "m2")
    again = near.part(merge_id)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.answer == again.answer
    assert near.account(old).available == near.account(new).available == 100


def test_a_dry_run_tells_what_would_come_together(neighbourhood: World) -> None:
    near = neighbourhood()
    old, new = near.member("old", 100), near.member("new", 20)
    assert near.merge(old, new, "m", dry_run=True).answer.available_after == 120
    assert near.account(new).available == 20


def _refused(act: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as refusal:
        act()
    return refusal.value.reason


def test_only_accounts_that_act_for_themselves_are_merged_and_never_in_a_circle(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    a, b, c = (near.member(label, 10) for label in "abc")
    near.merge(a, b, "ab")
    assert _refused(lambda: near.merge(b, a, "ba")) == "target_has_moved"
    assert _refused(lambda: near.merge(a, c, "ac")) == "source_has_moved"
    assert _refused(lambda: near.merge(c, a, "ca")) == "target_has_moved"
    assert _refused(lambda: near.merge(b, b, "bb")) == "same_account"
    with pytest.raises(MemberNotFound):
        near.merge("mem_nobody", b, "nobody")


def test_a_chain_of_merges_is_followed_and_taken_back_from_its_end(neighbourhood: World) -> None:
    near = neighbourhood()
    a, b, c = (near.member(label, 10) for label in "abc")
    first = near.merge(a, b, "ab").answer.merge_id
    second = near.merge(b, c, "bc").answer.merge_id
    near.buy("p", a, 5)
    assert near.account(a).available == near.account(c).available == 35
    assert near.own(c).sharers == 2

    assert _refused(lambda: near.part(first)) == "target_has_moved"
    near.part(second)
    assert near.account(a).available == 20
    near.part(first)

    assert [near.account(member).available for member in (a, b, c)] == [10, 10, 15]
    assert [near.own(member).sharers for member in (a, b, c)] == [0, 0, 0]


def test_a_chain_of_merges_stays_so_short_that_one_transaction_holds_it() -> None:
    near = Neighbours(fake_world()[0])
    chain = [near.member(f"m{number}") for number in range(MOST_MERGED + 2)]
    for number, (one, following) in enumerate(pairwise(chain[:-1])):
        near.merge(one, following, f"k{number}")
    assert near.own(chain[-2]).sharers == MOST_MERGED
    assert _refused(lambda: near.merge(chain[-2], chain[-1], "last")) == "too_many_merged"
    near.buy("p", chain[0], 5)
    assert near.account(chain[0]).available == 5


def test_a_member_who_is_active_is_not_merged_into_one_who_is_not(neighbourhood: World) -> None:
    near = neighbourhood()
    old = near.member("old", 10)
    new = near.member("new", status=AccountStatus.PENDING_VERIFICATION)
    assert _refused(lambda: near.merge(old, new, "m")) == "target_not_active"
    near.merge(new, old, "m")


def test_nobody_takes_back_a_merge_that_was_never_made(neighbourhood: World) -> None:
    with pytest.raises(NotFound):
        neighbourhood().part("mrg_nothing")


def test_a_lost_reply_is_found_again() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    old, new = near.member("old", 100), near.member("new")
    ledger.lose_replies = 1
    merged = near.merge(old, new, "m")
    ledger.lose_replies = 1
    parted = near.part(merged.answer.merge_id)
    assert merged.replayed
    assert parted.replayed
    assert (near.account(old).available, near.account(new).available) == (100, 0)


def test_the_audit_tells_of_both_members_who_merged_them_and_why() -> None:
    near = Neighbours(fake_world()[0])
    old, new = near.member("old"), near.member("new")
    near.part(near.merge(old, new, "m").answer.merge_id)
    assert near.audited() == [
        ("accounts.merged", old, "one person"),
        ("accounts.merged", new, "one person"),
        ("merge.reversed", old, None),
        ("merge.reversed", new, None),
    ]


def test_the_audit_tells_that_staff_cancelled_a_redemption_and_of_nobody_elses() -> None:
    near = Neighbours(fake_world()[0])
    mia = near.member("mia", 10)
    by_till, by_staff = (
        near.redeem(mia, near.world.reward(label, points=1), label).answer.record.redemption_id
        for label in ("cup", "mug")
    )
    near.cancel(by_till)
    cancel_redemption(near.ports, ANNA, by_staff, "k", near.now)
    assert near.audited() == [("redemption.cancelled", mia, None)]
