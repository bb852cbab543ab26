"""Points from member to member, over the fake ledger and the real one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.account import AccountStatus, Lot, PendingLot
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import local_date
from chalicelib.domain.program import Limits, Transfers
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InsufficientPoints,
    MemberNotFound,
    NotFound,
    ReceiverNotFound,
    StepUpRequired,
    TransferFinal,
    TransferLimitReached,
    TransferNotAllowed,
)
from chalicelib.domain.traits import Traits
from chalicelib.usecases.cancel_transfer import cancel_transfer
from chalicelib.usecases.read_transfer import Side, read_transfer
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.transfer_points import TransferPoints, transfer_points
from tests.ledger_world import ANNA, fake_world
from tests.neighbours import COOLING_OFF_DAYS, FLEETING, SHARING, Neighbours, himself

World = Callable[..., Neighbours]
AT_ONCE = replace(SHARING, transfers=Transfers(400, 500, cooling_off_days=0))


def test_sent_points_wait_at_the_receiver_and_are_its_own_after_the_cooling_off(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 100), near.member("tom")

    sent = near.send(mia, tom, 60, "k").answer

    assert (sent.available_after, near.account(mia).available) == (40, 40)
    assert (near.account(tom).available, near.account(tom).pending_points) == (0, 60)
    near.wait(COOLING_OFF_DAYS - 1)
    assert near.account(tom).available == 0
    near.wait(1)
    assert (near.account(tom).available, near.account(tom).pending_points) == (60, 0)
    assert local_date(near.now, SHARING.zone) == sent.matures_on
    assert near.kinds(mia) == ["open", "earn", "transfer_out"]
    assert near.kinds(tom) == ["open", "transfer_in"]


def test_without_a_cooling_off_points_arrive_at_once_and_pay_debt_first(
    neighbourhood: World,
) -> None:
    near = neighbourhood(AT_ONCE)
    mia, tom = near.member("mia", 100), near.member("tom")
    near.adjust(tom, -20, "debt")

    sent = near.send(mia, tom, 60, "k").answer

    assert not sent.cools_off
    assert (near.account(tom).available, near.account(tom).debt) == (40, 0)
    with pytest.raises(TransferFinal):
        near.call_back(mia, sent.transfer_id)


def test_the_points_that_would_expire_first_are_sent_and_keep_their_days(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    mia, tom = near.member("mia", 50), near.member("tom")
    near.wait(40)
    near.buy("later", mia, 50)
    near.wait(20)
    first, second = near.account(mia).lots

    near.send(mia, tom, 70, "k")

    assert near.account(mia).lots == (Lot(second.expires_on, 30),)
    today = local_date(near.now, FLEETING.zone)
    matures_on = today + timedelta(days=COOLING_OFF_DAYS)
    assert near.account(tom).pending == (
        PendingLot(matures_on, first.expires_on, 50),
        PendingLot(matures_on, second.expires_on, 20),
    )


def test_points_whose_last_day_comes_before_they_arrive_last_until_they_do(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    mia, tom = near.member("mia", 50), near.member("tom")
    (lot,) = near.account(mia).pending
    assert lot.expires_on is not None
    near.wait((lot.expires_on - local_date(near.now, FLEETING.zone)).days - 2)

    sent = near.send(mia, tom, 50, "k").answer

    near.wait(COOLING_OFF_DAYS)
    assert near.account(tom).lots == (Lot(sent.matures_on, 50),)
    near.wait(1)
    assert near.account(tom).lots == ()


def test_what_expires_meanwhile_is_told_in_both_accounts_by_the_same_write(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    mia, tom = near.member("mia", 50), near.member("tom", 50)
    near.wait(60)
    for member in (mia, tom):
        near.buy(f"kept-{member}", member, 30)
    near.wait(60)

    near.send(mia, tom, 30, "k")

    assert near.kinds(mia)[-2:] == ["expire", "transfer_out"]
    assert near.kinds(tom)[-2:] == ["expire", "transfer_in"]


def test_a_key_is_one_transfer_and_another_content_is_told(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom, zoe = near.member("mia", 100), near.member("tom"), near.member("zoe")
    first = near.send(mia, tom, 60, "k")

    again = near.send(mia, tom, 60, "k")

    assert again.replayed
    assert again.answer == first.answer
    with pytest.raises(ConflictingReplay) as other_points:
        near.send(mia, tom, 61, "k")
    with pytest.raises(ConflictingReplay) as other_receiver:
        near.send(mia, zoe, 60, "k")
    with pytest.raises(ConflictingReplay):
        near.send(mia, "mem_nobody", 60, "k")
    assert (other_points.value.differing, other_receiver.value.differing) == (["points"], ["to"])
    assert near.account(mia).available == 40


def test_a_dry_run_answers_the_same_and_writes_nothing(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 100), near.member("tom")

    told = near.send(mia, tom, 60, "k", dry_run=True).answer

    assert near.account(mia).available == 100
    assert near.send(mia, tom, 60, "k").answer == told


def test_a_program_without_transfers_allows_none(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, transfers=None))
    mia, tom = near.member("mia", 100), near.member("tom")
    with pytest.raises(TransferNotAllowed) as refusal:
        near.send(mia, tom, 1, "k")
    assert refusal.value.reason == "off"


def test_a_transfer_and_a_months_transfers_have_a_most(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 2_000), near.member("tom")
    with pytest.raises(TransferLimitReached) as at_once:
        near.send(mia, tom, 401, "k1")
    near.send(mia, tom, 300, "k2")
    with pytest.raises(TransferLimitReached) as this_month:
        near.send(mia, tom, 201, "k3")
    near.send(mia, tom, 200, "k4")
    near.wait(31)
    near.send(mia, tom, 400, "k5")

    assert at_once.value.extras() == {"limit": 400, "left": 400}
    assert this_month.value.extras() == {"limit": 500, "left": 200, "period": "month"}


def test_nobody_sends_more_than_is_available_nor_before_being_verified(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 100), near.member("tom")
    new = near.member("new", 100, AccountStatus.PENDING_VERIFICATION)
    with pytest.raises(InsufficientPoints):
        near.send(mia, tom, 101, "k")
    with pytest.raises(TransferNotAllowed) as refusal:
        near.send(new, tom, 1, "k")
    with pytest.raises(MemberNotFound):
        near.send("mem_nobody", tom, 1, "k")
    assert refusal.value.reason == "not_verified"


def test_nobody_can_be_told_from_who_cannot_receive(neighbourhood: World) -> None:
    near = neighbourhood(replace(SHARING, limits=Limits(adjustment_without_approval=2**53)))
    mia = near.member("mia", 100)
    new = near.member("new", status=AccountStatus.PENDING_VERIFICATION)
    rich = near.member("rich", 1)
    near.adjust(rich, 2**53 - 2, "all there is")
    refusals = []
    for receiver in ("mem_nobody", new, rich):
        with pytest.raises(ReceiverNotFound) as refusal:
            near.send(mia, receiver, 10, f"to {receiver}")
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1


def test_who_has_too_few_points_learns_nothing_of_a_receiver(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 5), near.member("tom")
    for receiver in (tom, "mem_nobody", mia):
        with pytest.raises(InsufficientPoints):
            near.send(mia, receiver, 6, "k")


def test_nobody_sends_to_its_own_account_by_whatever_name(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, old = near.member("mia", 100), near.member("old")
    near.merge(old, mia, "m")
    for receiver in (mia, old):
        with pytest.raises(TransferNotAllowed) as refusal:
            near.send(mia, receiver, 10, f"to {receiver}")
        assert refusal.value.reason == "same_account"


def test_a_transfer_is_called_back_once_with_its_days_and_its_place_in_the_month(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    mia, tom = near.member("mia", 400), near.member("tom")
    near.wait(20)
    before = near.account(mia)
    sent = near.send(mia, tom, 400, "k").answer
    near.wait(COOLING_OFF_DAYS - 1)

    first, again = (near.call_back(mia, sent.transfer_id) for _ in range(2))

    assert (first.replayed, again.replayed) == (False, True)
    assert first.answer == again.answer
    assert near.account(mia).lots == before.lots
    assert near.account(mia).uses == ()
    assert near.account(tom).pending == ()
    assert near.kinds(mia)[-2:] == ["transfer_out", "transfer_in"]
    assert near.kinds(tom)[-2:] == ["transfer_in", "transfer_out"]


def test_points_whose_last_day_is_over_are_called_back_with_the_days_of_grace(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    mia, tom = near.member("mia", 50), near.member("tom")
    (lot,) = near.account(mia).pending
    assert lot.expires_on is not None
    near.wait((lot.expires_on - local_date(near.now, FLEETING.zone)).days - 2)
    sent = near.send(mia, tom, 50, "k").answer
    near.wait(COOLING_OFF_DAYS - 1)

    near.call_back(mia, sent.transfer_id)

    grace = local_date(near.now, FLEETING.zone) + timedelta(days=FLEETING.grace_days)
    assert near.account(mia).lots == (Lot(grace, 50),)


def test_after_the_cooling_off_a_transfer_is_final(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 100), near.member("tom")
    sent = near.send(mia, tom, 60, "k").answer
    near.wait(COOLING_OFF_DAYS)
    with pytest.raises(TransferFinal) as refusal:
        near.call_back(mia, sent.transfer_id)
    assert refusal.value.since == str(sent.matures_on)


def test_a_called_back_transfer_answers_so_also_after_the_cooling_off(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 100), near.member("tom")
    sent = near.send(mia, tom, 60, "k").answer
    first = near.call_back(mia, sent.transfer_id).answer
    near.wait(COOLING_OFF_DAYS)
    again = near.call_back(mia, sent.transfer_id)
    assert again.replayed
    assert again.answer == first


def test_a_transfer_is_called_back_from_whoever_stands_in_for_its_receiver(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    mia, tom, kim = near.member("mia", 100), near.member("tom"), near.member("kim", 10)
    sent = near.send(mia, tom, 60, "k").answer
    near.merge(tom, kim, "m")
    near.call_back(mia, sent.transfer_id)
    assert near.account(mia).available == 100
    assert (near.account(kim).available, near.account(kim).pending_points) == (10, 0)
    assert near.worth([mia, tom, kim]) == 110


def test_points_that_came_together_in_one_account_need_no_calling_back(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    mia, tom = near.member("mia", 100), near.member("tom")
    sent = near.send(mia, tom, 60, "k").answer
    near.merge(tom, mia, "m")
    with pytest.raises(Conflict) as refusal:
        near.call_back(mia, sent.transfer_id)
    assert refusal.value.reason == "same_account"
    near.wait(COOLING_OFF_DAYS)
    assert near.account(mia).available == 100


def test_only_the_sender_and_staff_call_a_transfer_back(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom, eve = near.member("mia", 100), near.member("tom"), near.member("eve")
    sent = near.send(mia, tom, 60, "k").answer
    for stranger in (tom, eve):
        with pytest.raises(NotFound):
            near.call_back(stranger, sent.transfer_id)
    cancelled = cancel_transfer(near.ports, ANNA, sent.transfer_id, "a mistake", near.now).answer
    assert cancelled.available_after == 100


def test_each_side_sees_its_own_side_of_a_transfer(neighbourhood: World) -> None:
    near = neighbourhood()
    mia, tom, eve = near.member("mia", 100), near.member("tom"), near.member("eve")
    sent = near.send(mia, tom, 60, "k").answer

    def seen(caller: Caller) -> tuple[str, str]:
        found = read_transfer(near.ports, caller, sent.transfer_id, near.now)
        return found.side, found.status

    assert seen(himself(mia)) == ("sent", "cooling_off")
    assert seen(himself(tom)) == ("received", "cooling_off")
    assert seen(ANNA) == ("both", "cooling_off")
    with pytest.raises(NotFound):
        seen(himself(eve))
    near.wait(COOLING_OFF_DAYS)
    assert seen(himself(tom)) == ("received", "done")


def test_who_shares_an_account_no_longer_calls_back_nothing_that_left_it(
    neighbourhood: World,
) -> None:
    near = neighbourhood()
    ann, ben, tom = near.member("ann", 100), near.member("ben"), near.member("tom")
    near.join(ben, near.invite(ann, "i"))
    sent = near.send(ben, tom, 60, "k").answer.transfer_id
    seen = read_transfer(near.ports, himself(ben), sent, near.now)
    assert seen.side is Side.SENT

    near.leave(ben)

    for refused in (
        lambda: read_transfer(near.ports, himself(ben), sent, near.now),
        lambda: near.call_back(ben, sent),
    ):
        with pytest.raises(NotFound):
            refused()
    assert near.call_back(ann, sent).answer.available_after == 100


def test_what_was_sent_before_joining_goes_home_with_who_left_again(neighbourhood: World) -> None:
    near = neighbourhood()
    ann, ben, tom = near.member("ann"), near.member("ben", 100), near.member("tom")
    sent = near.send(ben, tom, 60, "k").answer.transfer_id
    near.join(ben, near.invite(ann, "i"))
    near.leave(ben)
    assert near.call_back(ben, sent).answer.available_after == 60
    assert near.account(ann).available == 40


def test_support_sends_for_a_member_and_that_is_recorded() -> None:
    near = Neighbours(fake_world()[0])
    mia, tom = near.member("mia", 100), near.member("tom")
    command = TransferPoints(mia, MemberId(tom), 60, "k", "asked for by phone")

    sent = transfer_points(near.ports, ANNA, command, near.now).answer

    assert sent.from_member == mia
    assert near.audited() == [("points.transferred", mia, "asked for by phone")]


def test_after_a_change_of_contact_a_member_signs_in_again_before_it_sends() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    mia, tom = near.member("mia", 100), near.member("tom")
    ledger.keep_traits(mia, Traits(contact_changed_at=near.now))
    command = TransferPoints(mia, MemberId(tom), 60, "k")
    with pytest.raises(StepUpRequired):
        transfer_points(near.ports, himself(mia), command, near.now)
    transfer_points(near.ports, himself(mia, signed_in_at=near.now), command, near.now)


def test_a_lost_reply_is_found_again_on_either_side() -> None:
    world, ledger = fake_world()
    near = Neighbours(world)
    mia, tom = near.member("mia", 100), near.member("tom")
    ledger.lose_replies = 1
    sent = near.send(mia, tom, 60, "k")
    ledger.lose_replies = 1
    cancelled = near.call_back(mia, sent.answer.transfer_id)
    assert sent.replayed
    assert cancelled.replayed
    assert near.account(mia).available == 100
