"""Answers name the member who was named, whoever's account keeps the points: the first time, when
the request is repeated, and when it is read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.api.purchase_answers import kept_purchase
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.reconciliations import Report
from chalicelib.usecases.adjust_points import (
    ADJUSTMENT,
    AdjustPoints,
    adjust_points,
    answered,
)
from chalicelib.usecases.claim_purchase import claim_by_code, claim_purchase
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.post_purchase import purchase_name
from chalicelib.usecases.read_purchase import read_purchase
from chalicelib.usecases.reconcile import reconcile_now
from chalicelib.usecases.resolve_member import MemberId
from tests.contract.test_households import together
from tests.ledger_world import ANNA, TILL, fake_world
from tests.neighbours import Neighbours

World = Callable[..., Neighbours]
BEN = replace(ANNA, source="staff:ben", subject="ben")


def shared(near: Neighbours) -> tuple[str, str]:
    """The owner of a household, and who shares its account."""
    ann, ben = near.member("ann"), near.member("ben")
    together(near, ann, ben)
    return ann, ben


def merged(near: Neighbours) -> tuple[str, str]:
    """A member, and the one that was merged into it."""
    new, old = near.member("new"), near.member("old")
    near.merge(old, new, "m")
    return new, old


def test_a_purchase_names_its_member_first_again_and_when_it_is_read(
    neighbourhood: World,
) -> None:
    for stood_in_for in (shared, merged):
        near = neighbourhood()
        account, member = stood_in_for(near)
        label = f"p-{stood_in_for.__name__}"
        for _ in range(2):
            assert near.buy(label, member, 5).answer.member_id == member
        file = read_purchase(near.ports, TILL, near.world.purchase_id(label))
        assert (file.account_id, kept_purchase(file).member_id) == (account, member)


def test_a_claim_names_who_claimed_first_and_again(neighbourhood: World) -> None:
    near = neighbourhood()
    account, member = shared(near)
    code = near.world.buy("guest", None, 500).answer.claim_code
    assert code is not None
    purchase_id = near.world.purchase_id("guest")
    for _ in range(2):
        claimed = claim_purchase(near.ports, TILL, purchase_id, MemberId(member), near.now)
        assert claimed.answer.member_id == member
    assert claim_by_code(near.ports, member, code, near.now).answer.member_id == member
    file = read_purchase(near.ports, TILL, purchase_id)
    assert (file.account_id, file.member_id) == (account, member)


def test_an_adjustment_names_its_member_first_again_and_once_approved(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    account, member = shared(near)
    limit = near.program.limits.adjustment_without_approval
    for _ in range(2):
        done = near.adjust(member, 7, "small").answer
        assert (done.member_id, done.account_id, done.available_after) == (member, account, 7)
    command = AdjustPoints(member, limit + 1, "goodwill", False, f"{near.world.name}-large")
    asked = adjust_points(near.ports, ANNA, command, near.now).answer
    assert (asked.member_id, asked.status) == (member, "awaiting_approval")
    for _ in range(2):
        approved = decide_adjustment(
            near.ports, BEN, asked.adjustment_id, approve=True, now=near.now
        ).answer
        assert (approved.member_id, approved.account_id) == (member, account)


def test_records_of_before_mean_the_accounts_own_member(neighbourhood: World) -> None:
    near = neighbourhood()
    account = near.member("ann")
    near.buy("p", account, 5)
    name = purchase_name(near.ports, TILL, near.world.purchase_id("p"))
    file = near.ports.ledger.purchase(name)
    assert isinstance(file, PurchaseFile)
    assert (file.record.named, file.member_id) == (None, account)
    adjusted = near.adjust(account, 7, "a").answer
    record = near.ports.ledger.operation(ADJUSTMENT, adjusted.adjustment_id)
    assert record is not None
    before = {name: kept for name, kept in record.answer.items() if name != "account_id"}
    assert answered(replace(record, answer=before)) == adjusted


def test_the_books_of_an_adjustment_for_who_shares_an_account_reconcile() -> None:
    near = Neighbours(fake_world()[0])
    _, member = shared(near)
    limit = near.program.limits.adjustment_without_approval
    near.adjust(member, 7, "small")
    asked = near.adjust(member, limit + 1, "large").answer
    decide_adjustment(near.ports, BEN, asked.adjustment_id, approve=True, now=near.now)
    later = near.now + timedelta(days=1)
    state = reconcile_now(near.ports, lambda: later, lambda: True)
    assert isinstance(state.report, Report)
    assert state.report.breaches == ()
