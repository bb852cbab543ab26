"""Accounts that somebody looks at, over the fake ledger and the real one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.account import PendingLot
from chalicelib.domain.program import Abuse, Limits, Pending
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InsufficientPoints,
    SecondPersonRequired,
)
from chalicelib.domain.reviews import ReviewOutcome, Suspicion
from chalicelib.usecases.decide_review import DecideReview, ReviewDecided, decide_review
from chalicelib.usecases.open_review import OpenReview, UnderReview, open_review, suspect
from chalicelib.usecases.ports import Outcome
from chalicelib.usecases.read_reviews import read_reviews
from chalicelib.usecases.read_statement import prove_chain, read_statement
from chalicelib.usecases.reconcile import reconcile_now
from chalicelib.usecases.watch_ledger import watch
from tests.fakes.audit import FakeAudit
from tests.ledger_world import ANNA, BEN, fake_world
from tests.neighbours import SHARING, Neighbours

World = Callable[..., Neighbours]
RELEASE, FORFEIT = ReviewOutcome.RELEASE, ReviewOutcome.FORFEIT
WATCHED = replace(SHARING, abuse=Abuse(returns=3, percent=50))


def look(near: Neighbours, member_id: str) -> UnderReview:
    """Anna wants to look at an account."""
    asked = OpenReview(member_id, "odd", f"k{len(near.kinds(member_id))}")
    return open_review(near.ports, ANNA, asked, near.now).answer


def decide(
    near: Neighbours, member_id: str, outcome: ReviewOutcome, label: str = "v", by: object = ANNA
) -> Outcome[ReviewDecided]:
    """Somebody has looked."""
    command = DecideReview(member_id, outcome, "looked", f"{near.world.name}-{label}")
    return decide_review(near.ports, by, command, near.now)  # type: ignore[arg-type]  # a caller


def show_all(near: Neighbours, member_id: str) -> None:
    """The watcher is shown every entry of an account, the newest first."""
    for entry in near.ports.ledger.entries(member_id, None, 100):
        watch(near.ports, entry, near.now)


# --- held ----------------------------------------------------------------------------------------


def test_what_is_earned_under_review_is_held_and_the_rest_can_be_spent(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    mia = near.member("mia", 50)
    assert look(near, mia).held == 0
    bought = near.buy("p", mia, 30).answer
    assert (bought.points.earned, bought.points.pending, bought.points.held) == (30, 30, 30)
    assert near.buy("p", mia, 30).answer == bought  # the same again is told the same
    account = near.account(mia)
    assert (account.available, account.withheld_points) == (50, 30)
    mug = near.world.reward(points=60)
    with pytest.raises(InsufficientPoints):
        near.redeem(mia, mug, "k")


def test_what_waits_is_held_from_then_on_and_no_day_lets_it_go(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, pending=Pending(14)))
    mia = near.member("mia", 50)
    assert look(near, mia).held == 50
    near.wait(400)
    account = near.account(mia)
    assert (account.available, account.withheld_points) == (0, 50)


def test_released_points_wait_for_the_days_that_are_left(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, pending=Pending(14)))
    mia = near.member("mia", 50)
    look(near, mia)
    near.wait(7)
    near.buy("p", mia, 30)
    near.wait(7)
    decided = decide(near, mia, RELEASE).answer
    assert (decided.points, decided.available_after, decided.pending_after) == (80, 50, 30)
    [waits] = near.account(mia).pending
    assert waits == PendingLot((near.now + timedelta(days=7)).date(), None, 30)
    assert near.kinds(mia)[-1] == "status"


def test_a_return_of_what_is_held_takes_it_from_there(neighbourhood: World) -> None:
    near = neighbourhood()
    mia = near.member("mia", 50)
    look(near, mia)
    near.buy("p", mia, 30)
    taken = near.give_back("p", "r", 30).answer.points
    assert (taken.taken, taken.from_pending, taken.available_after) == (30, 30, 50)
    taken = near.give_back("first-mia", "r", 10).answer.points
    assert (taken.from_pending, taken.from_available) == (0, 10)


def test_an_account_comes_under_review_once(neighbourhood: World) -> None:
    near = neighbourhood()
    mia = near.member("mia", 50)
    first = suspect(near.ports, mia, Suspicion.REFUNDS, near.now)
    again = suspect(near.ports, mia, Suspicion.STAFF, near.now)
    assert (first.replayed, again.replayed, again.answer) == (False, True, first.answer)
    assert near.kinds(mia) == ["open", "earn", "status"]


# --- decided -------------------------------------------------------------------------------------


def test_a_decision_is_made_once_however_often_it_is_sent(neighbourhood: World) -> None:
    near = neighbourhood()
    mia = near.member("mia", 50)
    look(near, mia)
    near.buy("p", mia, 30)
    first = decide(near, mia, FORFEIT)
    again = decide(near, mia, FORFEIT)
    assert (first.replayed, again.replayed, again.answer) == (False, True, first.answer)
    assert (first.answer.status, first.answer.points) == ("done", 30)
    with pytest.raises(ConflictingReplay):
        decide(near, mia, RELEASE)
    with pytest.raises(Conflict) as refusal:
        decide(near, mia, RELEASE, "other")
    assert refusal.value.reason == "not_under_review"
    assert (near.account(mia).available, near.kinds(mia)[-1]) == (50, "adjust")


def test_a_return_of_what_was_forfeited_takes_nothing_again(neighbourhood: World) -> None:
    near = neighbourhood()
    mia = near.member("mia", 50)
    look(near, mia)
    near.buy("p", mia, 30)
    decide(near, mia, FORFEIT)
    returned = near.give_back("p", "r", 30).answer
    assert (returned.points.taken, near.account(mia).available) == (0, 50)
    assert "not taken again" in returned.explanation[-1].text
    later = near.buy("later", mia, 20)
    assert near.give_back("later", "r", 20).answer.points.taken == later.answer.points.earned


def test_to_take_much_needs_a_second_person_who_decides_the_same(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, limits=Limits(20, 800)))
    mia = near.member("mia", 50)
    look(near, mia)
    near.buy("p", mia, 30)
    asked = decide(near, mia, FORFEIT).answer
    assert (asked.status, asked.points, asked.available_after) == ("awaiting_approval", 30, None)
    with pytest.raises(SecondPersonRequired):
        decide(near, mia, FORFEIT, "again")
    assert near.account(mia).withheld_points == 30
    assert decide(near, mia, FORFEIT, by=BEN).answer.status == "done"
    assert near.account(mia).withheld_points == 0


def test_what_one_asked_to_take_another_can_release_and_a_later_review_begins_anew(
    neighbourhood: World,
) -> None:
    near = neighbourhood(replace(SHARING, limits=Limits(20, 800)))
    mia = near.member("mia", 50)
    for label in ("one", "two"):
        look(near, mia)
        near.buy(f"p-{label}", mia, 30)
        assert decide(near, mia, FORFEIT, label).answer.status == "awaiting_approval"
        assert decide(near, mia, RELEASE, f"{label}-r", BEN).answer.status == "done"
    assert near.account(mia).available == 110


def test_accounts_under_review_are_not_brought_together(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 50), near.member("tom", 20)
    look(near, mia)
    for source, target in ((mia, tom), (tom, mia)):
        with pytest.raises(Conflict) as refusal:
            near.merge(source, target, f"m-{source}")
        assert refusal.value.reason == "under_review"


def test_a_statement_says_what_is_held_and_its_proof_holds(neighbourhood: World) -> None:
    near = neighbourhood()
    mia = near.member("mia", 50)
    look(near, mia)
    near.buy("p", mia, 30)
    decide(near, mia, RELEASE)
    rows = read_statement(near.ports, mia, None, 10, near.now)
    assert [row.after.withheld_points for row in rows] == [0, 30, 0, 0, 0]
    assert "held" in rows[2].explanation[0].text
    assert prove_chain(near.ports, mia).broken_at is None


def test_who_looks_and_who_decides_is_recorded_with_the_reason() -> None:
    world, _ = fake_world()
    near = Neighbours(world)
    mia = near.member("mia", 50)
    look(near, mia)
    decide(near, mia, RELEASE)
    assert isinstance(near.ports.audit, FakeAudit)
    assert near.audited() == [("review.opened", mia, "odd"), ("review.release", mia, "looked")]


def test_a_reconciliation_finds_nothing_wrong_with_reviews() -> None:
    world, _ = fake_world()
    near = Neighbours(world, replace(SHARING, limits=Limits(20, 800), pending=Pending(5)))
    for label, outcome in (("a", RELEASE), ("b", FORFEIT), ("c", FORFEIT)):
        member = near.member(label, 50 if label != "c" else 0)
        look(near, member)
        near.buy(f"p-{label}", member, 10)
        decide(near, member, outcome, f"1-{label}")
        if outcome is FORFEIT and label == "b":
            decide(near, member, outcome, f"2-{label}", BEN)
        near.give_back(f"p-{label}", "r", 5)
    later = near.now + timedelta(hours=1)
    state = reconcile_now(near.ports, lambda: later, lambda: True)
    assert state.report is not None
    assert (state.report.breaches, state.report.liability.difference) == ((), 0)


# --- watched -------------------------------------------------------------------------------------


def test_much_that_comes_back_puts_an_account_under_review(neighbourhood: World) -> None:
    near = neighbourhood(WATCHED)
    mia = near.member("mia", 100)
    for number in range(2):
        near.give_back("first-mia", f"r-{number}", 30)
        show_all(near, mia)
        assert near.account(mia).under_review is None
    near.give_back("first-mia", "r-2", 10)
    show_all(near, mia)
    show_all(near, mia)
    review = near.account(mia).under_review
    assert review is not None
    assert review.suspicion is Suspicion.REFUNDS
    assert near.kinds(mia).count("status") == 1
    [listed] = [one for one in read_reviews(near.ports, None, 25).reviews if one.member_id == mia]
    assert listed.suspicion is Suspicion.REFUNDS


@pytest.mark.parametrize(
    "terms", [{"abuse": None}, {"abuse": Abuse(4, 50)}, {"abuse": Abuse(3, 80)}]
)
def test_returns_below_the_programs_bounds_are_nobodys_business(
    neighbourhood: World, terms: dict[str, Abuse | None]
) -> None:
    near = neighbourhood(replace(SHARING, **terms))  # type: ignore[arg-type]  # a field by its name
    mia = near.member("mia", 100)
    for number in range(3):
        near.give_back("first-mia", f"r-{number}", 20)
    show_all(near, mia)
    assert near.account(mia).under_review is None


def test_what_lies_a_month_back_counts_no_longer(neighbourhood: World) -> None:
    near = neighbourhood(WATCHED)
    mia = near.member("mia", 100)
    near.give_back("first-mia", "r-0", 30)
    near.wait(31)
    for number in (1, 2):
        near.give_back("first-mia", f"r-{number}", 30)
    show_all(near, mia)
    assert near.account(mia).under_review is None


def test_returns_that_were_looked_at_are_not_looked_at_again(neighbourhood: World) -> None:
    near = neighbourhood(WATCHED)
    mia = near.member("mia", 100)
    for number in range(3):
        near.give_back("first-mia", f"r-{number}", 20)
    show_all(near, mia)
    decide(near, mia, RELEASE)
    near.buy("p", mia, 10)
    near.give_back("p", "r", 5)
    show_all(near, mia)
    assert near.account(mia).under_review is None
    assert mia not in [one.member_id for one in read_reviews(near.ports, None, 100).reviews]
