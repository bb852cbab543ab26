"""Single sentences about points that paid for a purchase, and come back with it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.account import Account, Lifetime, Lot
from chalicelib.domain.earning import Line, Remaining
from chalicelib.domain.entries import Why
from chalicelib.domain.program import Expiry, ExpiryKind, Program
from chalicelib.domain.purchase_points import Terms
from chalicelib.domain.purchases import NOTHING_EARNED, PurchaseFile, PurchaseRecord
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.domain.refusals import MemberNotFound, RedemptionNotFound
from chalicelib.domain.rewards import Reward, RewardKind
from chalicelib.domain.spent_points import give_back_spent
from chalicelib.usecases.merge_accounts import MergeAccounts, merge_accounts
from chalicelib.usecases.read_statement import read_statement
from tests.ledger_world import ANNA, NOW, PROGRAM, fake_world, line, purchase

TODAY = date(2026, 3, 14)
MUG = Reward("rwd_mug", 1, "Mug", RewardKind.FREE_PRODUCT, 10, sku="mug")


def _spent(*lots: Lot, redemption_id: str = "red_1", reward: Reward = MUG) -> RedemptionRecord:
    points = sum(lot.points for lot in lots)
    until = NOW + timedelta(days=1)
    return RedemptionRecord(
        redemption_id, "mem_1", NOW, until, reward, points, lots, None, None, 0, {}
    )


def _file(*lines: Line) -> PurchaseFile:
    bought = purchase("p", *lines)
    return PurchaseFile(PurchaseRecord("name", "mem_1", NOW, bought, 1, NOTHING_EARNED, {}, b""))


def _given_back(
    account: Account,
    file: PurchaseFile,
    left: Remaining,
    *paid_with: RedemptionRecord,
    program: Program = PROGRAM,
) -> tuple[Account, tuple[Why, ...]]:
    return give_back_spent(account, Terms(PROGRAM, program, TODAY), file, (left,), paid_with)


def test_by_money_what_is_back_is_the_share_of_what_is_gone_rounded_down() -> None:
    file, record = _file(line("1", 1_000)), _spent(Lot(None, 10))
    shares = [
        _given_back(Account(), file, Remaining(1, left), record)[0].available
        for left in (1_000, 901, 900, 501, 1, 0)
    ]
    assert shares == [0, 0, 1, 4, 9, 10]


def test_of_a_purchase_that_cost_nothing_it_goes_by_pieces() -> None:
    file, record = _file(line("1", 0, quantity=3)), _spent(Lot(None, 10))
    shares = [
        _given_back(Account(), file, Remaining(left, 0), record)[0].available
        for left in (3, 2, 1, 0)
    ]
    assert shares == [0, 3, 6, 10]


def test_each_redemption_is_counted_by_itself_and_each_reward_told_once() -> None:
    tea = replace(MUG, reward_id="rwd_tea")
    paid_with = [
        _spent(Lot(None, 3)),
        _spent(Lot(None, 3), redemption_id="red_2"),
        _spent(Lot(None, 5), redemption_id="red_3", reward=tea),
    ]
    account, why = _given_back(Account(), _file(line("1", 1_000)), Remaining(0, 500), *paid_with)
    assert why == (Why("reward:rwd_mug", 2, 0), Why("reward:rwd_tea", 2, 0))
    assert account.available == 4


def test_a_reward_of_which_nothing_comes_back_is_not_told() -> None:
    account, why = _given_back(
        Account(), _file(line("1", 1_000)), Remaining(1, 999), _spent(Lot(None, 10))
    )
    assert (account, why) == (Account(), ())


def test_debt_is_paid_from_it_and_it_was_never_redeemed() -> None:
    account = Account(debt=7, lifetime=Lifetime(redeemed=10))
    account, _ = _given_back(
        account, _file(line("1", 1_000)), Remaining(0, 0), _spent(Lot(None, 10))
    )
    assert (account.available, account.debt, account.lifetime.redeemed) == (3, 0, 0)


def test_what_is_over_meanwhile_gets_the_days_of_grace_of_the_program_of_now() -> None:
    over, alive = Lot(TODAY - timedelta(days=1), 4), Lot(TODAY, 6)
    program = replace(PROGRAM, grace_days=9)
    account, _ = _given_back(
        Account(), _file(line("1", 1)), Remaining(0, 0), _spent(over, alive), program=program
    )
    assert account.lots == (alive, Lot(TODAY + timedelta(days=9), 4))


def test_where_points_live_on_it_comes_back_as_alive_as_the_others() -> None:
    program = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 12))
    account, _ = _given_back(
        Account(active_on=TODAY),
        _file(line("1", 1)),
        Remaining(0, 0),
        _spent(Lot(TODAY + timedelta(days=1), 4)),
        program=program,
    )
    assert account.lots == (Lot(date(2027, 3, 14), 4),)


def test_the_statement_names_what_came_back() -> None:
    world, _ = fake_world()
    mia = world.member(points=100)
    redeemed = world.redeem(mia, world.reward("pot", points=30), "k").answer.record
    world.pay("p", mia, redeemed.redemption_id, 1_000)
    answer = world.give_back("p", "r", 1_000).answer
    newest = read_statement(world.ports, mia, None, 1, NOW)[0]
    assert newest.explanation == answer.explanation
    assert [(row.points, row.text) for row in answer.explanation][1:] == [(30, "Came back: pot")]
    assert (newest.entry.points, answer.points.returned_to_member) == (20, 30)


def test_who_is_unknown_is_told_before_what_it_wants_to_pay_with() -> None:
    world, _ = fake_world()
    mia = world.member(points=100)
    redeemed = world.redeem(mia, world.reward("pot", points=30), "k").answer.record
    with pytest.raises(MemberNotFound):
        world.pay("p", "mem_nobody", redeemed.redemption_id, 1_000)
    with pytest.raises(RedemptionNotFound):
        world.pay("p", world.member("tom"), redeemed.redemption_id, 1_000)


def test_a_hundred_returns_of_a_cent_give_back_what_one_euro_was_paid_with() -> None:
    world, _ = fake_world()
    mia = world.member(points=77)
    redeemed = world.redeem(mia, world.reward("pot", points=77), "k").answer.record
    world.pay("p", mia, redeemed.redemption_id, 100)
    cents = [world.give_back("p", f"r-{number}", 1).answer.points for number in range(100)]
    assert sum(points.returned_to_member for points in cents) == 77
    assert {points.returned_to_member for points in cents} == {0, 1}
    assert world.available(mia) == 77


@pytest.mark.parametrize("payer", ["mia", "old"])
def test_who_was_brought_together_pays_with_what_either_redeemed(payer: str) -> None:
    world, _ = fake_world()
    members = {"mia": world.member("mia", points=100), "old": world.member("old", points=100)}
    redeemed = world.redeem(members["old"], world.reward("pot", points=30), "k").answer.record
    merge = MergeAccounts(members["mia"], members["old"], "the same person", "k")
    merge_accounts(world.ports, ANNA, merge, NOW)
    first = world.pay("p", members[payer], redeemed.redemption_id, 1_000)
    assert world.pay("p", members[payer], redeemed.redemption_id, 1_000).answer == first.answer
    assert world.give_back("p", "r", 1_000).answer.points.returned_to_member == 30
    assert world.available(members["mia"]) == 200
