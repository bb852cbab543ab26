"""Single sentences about points on their way from account to account."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.account import (
    LARGEST_FIGURE,
    Account,
    AccountStatus,
    Lot,
    PendingLot,
    Use,
)
from chalicelib.domain.program import Expiry, ExpiryKind, Transfers
from chalicelib.domain.refusals import (
    InsufficientPoints,
    InvalidContent,
    TransferLimitReached,
    TransferNotAllowed,
)
from chalicelib.domain.transfers import (
    arrive,
    called_back,
    come_home,
    mature_on,
    rules_of,
    send,
)
from tests.ledger_world import PROGRAM

TODAY, TO_COME = date(2026, 3, 14), date(2026, 3, 21)
APRIL, JUNE = date(2026, 4, 30), date(2026, 6, 30)
RULES = Transfers(most_points=50, most_points_a_month=80, cooling_off_days=7)
SHARING = replace(PROGRAM, transfers=RULES, grace_days=10)
RICH = Account(lots=(Lot(APRIL, 30), Lot(None, 70)))


# --- sending -------------------------------------------------------------------------------------


def test_points_are_sent_in_spending_order_and_counted_in_their_month() -> None:
    before = replace(RICH, uses=(Use("cup", "", 1), Use("transfer", "2026-02", 50)))
    after, lots = send(before, 40, SHARING, TODAY)
    assert lots == (Lot(APRIL, 30), Lot(None, 10))
    assert after.lots == (Lot(None, 60),)
    assert after.uses == (Use("cup", "", 1), Use("transfer", "2026-03", 40))


def test_as_many_points_as_a_month_may_see_can_be_sent_in_it_and_no_more() -> None:
    before = replace(RICH, uses=(Use("transfer", "2026-03", 40),))
    assert send(before, 40, SHARING, TODAY)[0].uses == (Use("transfer", "2026-03", 80),)
    with pytest.raises(TransferLimitReached) as refusal:
        send(before, 41, SHARING, TODAY)
    assert refusal.value.extras() == {"limit": 80, "left": 40, "period": "month"}


def test_what_is_left_of_a_month_that_saw_more_under_other_rules_is_nothing() -> None:
    before = replace(RICH, uses=(Use("transfer", "2026-03", 90),))
    with pytest.raises(TransferLimitReached) as refusal:
        send(before, 1, SHARING, TODAY)
    assert refusal.value.left == 0


def test_one_transfer_has_a_limit_of_its_own() -> None:
    assert send(RICH, 50, SHARING, TODAY)[0].available == 50
    with pytest.raises(TransferLimitReached) as refusal:
        send(RICH, 51, SHARING, TODAY)
    assert refusal.value.extras() == {"limit": 50, "left": 50}


def test_who_has_too_few_points_is_told_so() -> None:
    with pytest.raises(InsufficientPoints):
        send(Account(lots=(Lot(None, 9),)), 10, SHARING, TODAY)


def test_who_is_not_verified_or_has_no_such_program_sends_nothing() -> None:
    unverified = replace(RICH, status=AccountStatus.PENDING_VERIFICATION)
    for account, program, reason in ((unverified, SHARING, "not_verified"), (RICH, PROGRAM, "off")):
        with pytest.raises(TransferNotAllowed) as refusal:
            send(account, 1, program, TODAY)
        assert refusal.value.reason == reason


# --- arriving ------------------------------------------------------------------------------------


def test_points_wait_until_they_cannot_be_called_back_and_keep_their_last_days() -> None:
    assert mature_on(rules_of(SHARING), TODAY) == TO_COME
    early = Lot(date(2026, 3, 16), 5)
    after = arrive(Account(), (early, Lot(APRIL, 30), Lot(None, 10)), TO_COME, SHARING, TODAY)
    assert after.pending == (
        PendingLot(TO_COME, TO_COME, 5),
        PendingLot(TO_COME, APRIL, 30),
        PendingLot(TO_COME, None, 10),
    )


def test_without_cooling_off_points_are_there_at_once_and_pay_debt() -> None:
    after = arrive(Account(debt=8), (Lot(APRIL, 30),), TODAY, SHARING, TODAY)
    assert (after.lots, after.debt) == ((Lot(APRIL, 22),), 0)


def test_what_could_not_be_told_does_not_arrive() -> None:
    full = Account(lots=(Lot(None, LARGEST_FIGURE),))
    with pytest.raises(InvalidContent) as refusal:
        arrive(full, (Lot(None, 1),), TODAY, SHARING, TODAY)
    assert [error.pointer for error in refusal.value.errors] == ["/points"]


# --- calling back --------------------------------------------------------------------------------


def test_what_waits_goes_home_and_all_else_stays() -> None:
    other = PendingLot(JUNE, None, 4)
    before = replace(RICH, pending=(PendingLot(TO_COME, APRIL, 30), PendingLot(TO_COME, None, 10)))
    before = replace(before, pending=(*before.pending, other))
    after = called_back(before, (Lot(APRIL, 30), Lot(None, 10)), TO_COME)
    assert after == replace(RICH, pending=(other,))


def test_what_does_not_wait_there_any_more_is_taken_from_what_is_there_or_owed() -> None:
    before = Account(lots=(Lot(None, 6),), pending=(PendingLot(TO_COME, APRIL, 3),))
    after = called_back(before, (Lot(APRIL, 8), Lot(None, 4)), TO_COME)
    assert (after.lots, after.pending, after.debt) == ((), (), 3)


def test_points_come_home_with_their_days_and_can_be_sent_again_in_that_month() -> None:
    uses = (Use("cup", "2026-03", 40), Use("transfer", "2026-03", 45))
    lots = (Lot(date(2026, 3, 16), 10), Lot(APRIL, 30))
    day = date(2026, 3, 17)
    after = come_home(Account(debt=4, uses=uses), lots, "2026-03", SHARING, day)
    assert after.lots == (Lot(date(2026, 3, 27), 6), Lot(APRIL, 30))
    assert after.uses == (uses[0], Use("transfer", "2026-03", 5))


def test_when_all_has_come_home_nothing_was_sent() -> None:
    uses = (Use("cup", "", 1), Use("transfer", "2026-03", 30))
    after = come_home(Account(uses=uses), (Lot(APRIL, 30),), "2026-03", SHARING, TODAY)
    assert after.uses == (Use("cup", "", 1),)
    april = come_home(Account(uses=uses), (Lot(APRIL, 30),), "2026-04", SHARING, TODAY)
    assert april.uses == uses


def test_points_come_home_to_where_those_live_that_stayed() -> None:
    program = replace(SHARING, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 5))
    before = Account(active_on=date(2026, 3, 10))
    after = come_home(before, (Lot(APRIL, 30),), "2026-03", program, TODAY)
    assert after.lots == (Lot(date(2026, 8, 10), 30),)
