"""Single sentences about two accounts that come together, and part again."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.account import (
    LARGEST_FIGURE,
    MONTHS_KEPT,
    Account,
    AccountStatus,
    Gift,
    Lifetime,
    Lot,
    Month,
    OfferUse,
    PendingLot,
    Progress,
    Use,
)
from chalicelib.domain.merging import (
    Moved,
    Pair,
    leave,
    months_together,
    move_in,
    moved_of,
    net,
    texts_of,
    uses_together,
)
from chalicelib.domain.parting import move_out
from chalicelib.domain.program import Expiry, ExpiryKind
from chalicelib.domain.refusals import InvalidContent
from tests.ledger_world import PROGRAM

TODAY = date(2026, 3, 14)
MARCH, APRIL, JUNE = date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 30)
FLEETING = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_EARNING, 2), grace_days=9)
IDLING = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 2))
SILVER = Gift("silver", 7, TODAY, TODAY, None)
WAITING = AccountStatus.PENDING_VERIFICATION


def _in(source: Account, target: Account, program: Any = PROGRAM) -> tuple[Pair, Moved]:
    return move_in(source, target, "mem_2", program, TODAY)


def _out(pair: Pair, moved: Moved, day: date = TODAY, program: Any = PROGRAM) -> Pair:
    return move_out(pair.source, pair.target, moved, program, day)


# --- together ------------------------------------------------------------------------------------


def test_all_there_is_comes_together() -> None:
    source = Account(
        lots=(Lot(APRIL, 5), Lot(None, 1)),
        pending=(PendingLot(JUNE, None, 3),),
        months=(Month(date(2026, 3, 1), 1, 100, 1),),
        lifetime=Lifetime(1, 2, 3, 4, 5),
        uses=(Use("cup", "", 1), Use("tea", "", 2)),
        expired=(Lot(date(2026, 1, 31), 4),),
        gifts=(SILVER,),
        active_on=date(2026, 3, 2),
        sharers=2,
    )
    target = Account(
        lots=(Lot(APRIL, 10),),
        pending=(PendingLot(JUNE, None, 30),),
        months=(Month(date(2026, 3, 1), 1, 900, 9), Month(date(2026, 2, 1), 1, 10, 1)),
        lifetime=Lifetime(10, 20, 30, 40, 50),
        uses=(Use("cup", "", 10),),
        expired=(Lot(date(2026, 1, 31), 40), Lot(date(2026, 2, 28), 1)),
        gifts=(replace(SILVER, tier_id="gold"),),
        active_on=date(2026, 2, 2),
        sharers=1,
    )
    pair, moved = _in(source, target)
    assert pair.source == Account(sharers=2, moved_to="mem_2")
    assert pair.target == Account(
        lots=(Lot(APRIL, 15), Lot(None, 1)),
        pending=(PendingLot(JUNE, None, 33),),
        months=(Month(date(2026, 3, 1), 2, 1_000, 10), Month(date(2026, 2, 1), 1, 10, 1)),
        lifetime=Lifetime(11, 22, 33, 44, 55),
        uses=(Use("cup", "", 11), Use("tea", "", 2)),
        expired=(Lot(date(2026, 1, 31), 44), Lot(date(2026, 2, 28), 1)),
        gifts=(replace(SILVER, tier_id="gold"), SILVER),
        active_on=date(2026, 3, 2),
        sharers=4,
    )
    assert (moved.what, moved.paid) == (source, ())


@pytest.mark.parametrize("swapped", [False, True])
def test_debt_of_either_is_paid_by_what_would_be_spent_first(swapped: bool) -> None:
    rich, poor = Account(lots=(Lot(APRIL, 5), Lot(None, 9))), Account(debt=7)
    pair, moved = _in(poor, rich) if swapped else _in(rich, poor)
    assert (pair.target.lots, pair.target.debt) == ((Lot(None, 7),), 0)
    assert moved.paid == (Lot(APRIL, 5), Lot(None, 2))


def test_debts_come_together_too() -> None:
    pair, moved = _in(Account(debt=3), Account(debt=4))
    assert (pair.target.debt, moved.paid, net(pair.target)) == (7, (), -7)


def test_who_was_active_last_keeps_all_points_alive() -> None:
    source = Account(lots=(Lot(MARCH, 5),), active_on=date(2026, 3, 2))
    pair, _ = _in(source, Account(lots=(Lot(None, 1),)), IDLING)
    assert pair.target.lots == (Lot(date(2026, 5, 2), 5), Lot(None, 1))
    unknown, _ = _in(replace(source, active_on=None), Account(), IDLING)
    assert (unknown.target.lots, unknown.target.active_on) == ((Lot(MARCH, 5),), None)


def test_the_one_that_moves_away_stays_as_verified_as_it_was() -> None:
    pair, _ = _in(Account(status=WAITING, lots=(Lot(None, 2),)), Account())
    assert (pair.source.status, pair.target.status) == (WAITING, AccountStatus.ACTIVE)


def test_two_accounts_that_could_not_be_told_in_one_do_not_come_together() -> None:
    full = Account(lots=(Lot(None, LARGEST_FIGURE),))
    with pytest.raises(InvalidContent) as refusal:
        _in(full, Account(lots=(Lot(None, 1),)))
    assert [error.pointer for error in refusal.value.errors] == [""]


def test_months_are_kept_as_far_back_as_ever() -> None:
    months = [Month(date(2024, 1, 1), 1, 1, 1), Month(date(2023, 12, 1), 2, 2, 2)]
    newest = Month(date(2026, 3, 1), 3, 3, 3)
    assert MONTHS_KEPT == 27
    assert months_together([*months, newest]) == (newest, months[0])
    assert months_together([]) == ()


def test_uses_of_one_reward_in_two_periods_stay_apart() -> None:
    uses = (Use("cup", "2026-02", 1), Use("cup", "2026-03", 2), Use("cup", "2026-02", 4))
    assert uses_together(uses) == (Use("cup", "2026-02", 5), Use("cup", "2026-03", 2))


def test_what_moved_is_read_as_it_was_kept() -> None:
    what = Account(lots=(Lot(APRIL, 5),), months=(Month(date(2026, 3, 1), 1, 2, 3),))
    moved = Moved(what, (Lot(APRIL, 2), Lot(None, 1)))
    assert moved_of(**texts_of(moved)) == moved


def test_who_leaves_goes_without_points_but_with_limits_and_gifts() -> None:
    what = Account(lots=(Lot(None, 5),), uses=(Use("cup", "", 1),), gifts=(SILVER,))
    source = Account(status=WAITING, sharers=2, moved_to="mem_2")
    target = Account(lots=(Lot(None, 50),), uses=(Use("cup", "", 3),), sharers=4)
    pair = leave(source, target, Moved(what, ()))
    assert pair.source == Account(status=WAITING, sharers=2, uses=what.uses, gifts=what.gifts)
    assert pair.target == replace(target, uses=(Use("cup", "", 2),), sharers=1)


def test_a_use_that_was_cancelled_in_between_counts_for_nobody_any_more() -> None:
    what = Account(uses=(Use("cup", "", 1), Use("tea", "", 2)))
    target = Account(uses=(Use("tea", "", 1),), sharers=1)
    pair = leave(Account(moved_to="mem_2"), target, Moved(what, ()))
    assert pair.source.uses == (Use("tea", "", 1),)
    assert pair.target.uses == ()


# --- apart ---------------------------------------------------------------------------------------


def test_what_came_together_and_parts_at_once_is_as_it_was() -> None:
    source = Account(
        status=WAITING,
        lots=(Lot(APRIL, 5), Lot(None, 1)),
        pending=(PendingLot(APRIL, JUNE, 3), PendingLot(JUNE, None, 3)),
        months=(Month(date(2026, 3, 1), 1, 100, 1),),
        lifetime=Lifetime(1, 2, 3, 4, 5),
        uses=(Use("cup", "", 1), Use("tea", "", 2)),
        expired=(Lot(date(2026, 1, 31), 4), Lot(date(2026, 2, 28), 2)),
        gifts=(SILVER,),
        active_on=date(2026, 3, 2),
        sharers=2,
    )
    target = Account(
        lots=(Lot(APRIL, 10),),
        pending=(PendingLot(JUNE, None, 30),),
        months=(Month(date(2026, 3, 1), 1, 900, 9),),
        lifetime=Lifetime(10, 20, 30, 40, 50),
        uses=(Use("cup", "", 10),),
        expired=(Lot(date(2026, 1, 31), 40),),
        gifts=(replace(SILVER, tier_id="gold"), SILVER),
        active_on=date(2026, 3, 9),
        sharers=1,
    )
    pair, moved = _in(source, target)
    apart = _out(pair, moved)
    assert apart.source == source
    assert replace(apart.target, gifts=()) == replace(target, gifts=())
    assert set(apart.target.gifts) == set(target.gifts)


@pytest.mark.parametrize("swapped", [False, True])
def test_debt_that_was_paid_comes_back_with_what_had_paid_it(swapped: bool) -> None:
    rich, poor = Account(lots=(Lot(APRIL, 5), Lot(None, 9))), Account(debt=7)
    source, target = (poor, rich) if swapped else (rich, poor)
    pair, moved = _in(source, target)
    assert _out(pair, moved) == Pair(source, replace(target, sharers=0))


def test_debt_that_later_points_have_paid_comes_back_with_new_ones() -> None:
    pair, moved = _in(Account(debt=7), Account(lots=(Lot(APRIL, 3),)), FLEETING)
    assert (pair.target.debt, moved.paid) == (4, (Lot(APRIL, 3),))
    earned_since = replace(pair.target, debt=0, lots=(Lot(JUNE, 6),))
    apart = _out(replace(pair, target=earned_since), moved, program=FLEETING)
    assert apart.source.debt == 7
    assert apart.target.lots == (Lot(APRIL, 3), Lot(date(2026, 5, 31), 4), Lot(JUNE, 6))


def test_what_has_expired_since_stays_expired_at_the_one_whose_it_was() -> None:
    source = Account(lots=(Lot(MARCH, 5), Lot(None, 1)), expired=(Lot(date(2026, 1, 31), 4),))
    target = Account(lots=(Lot(None, 9),), expired=(Lot(date(2026, 1, 31), 1),))
    pair, moved = _in(source, target)
    expired = (Lot(date(2026, 1, 31), 5), Lot(MARCH, 5))
    later = replace(pair.target, lots=(Lot(None, 10),), expired=expired)
    apart = _out(replace(pair, target=later), moved, APRIL)
    assert apart.source.expired == (Lot(date(2026, 1, 31), 4), Lot(MARCH, 5))
    assert apart.target.expired == (Lot(date(2026, 1, 31), 1),)
    assert (apart.source.lots, apart.target.lots) == ((Lot(None, 1),), (Lot(None, 9),))


def test_what_had_expired_and_was_excused_in_between_is_nobodys_any_more() -> None:
    january, february = date(2026, 1, 31), date(2026, 2, 28)
    source = Account(expired=(Lot(january, 4),))
    pair, moved = _in(source, Account(lots=(Lot(None, 9),), expired=(Lot(february, 5),)))
    excused = replace(pair.target, expired=(Lot(january, 1), Lot(february, 5)))
    apart = _out(replace(pair, target=excused), moved)
    assert apart.source == Account(expired=(Lot(january, 1),))
    assert apart.target == Account(lots=(Lot(None, 9),), expired=(Lot(february, 5),))


def test_what_waits_moves_back_with_its_own_last_day() -> None:
    source = Account(pending=(PendingLot(APRIL, JUNE, 3),))
    target = Account(pending=(PendingLot(APRIL, None, 3),))
    assert _out(*_in(source, target)) == Pair(source, target)


def test_what_was_spent_before_it_could_expire_comes_back_with_days_of_grace() -> None:
    pair, moved = _in(Account(lots=(Lot(MARCH, 5),)), Account(lots=(Lot(None, 9),)), FLEETING)
    later = replace(pair.target, lots=(Lot(None, 9),), expired=(Lot(MARCH, 2),))
    apart = _out(replace(pair, target=later), moved, APRIL, FLEETING)
    assert apart.source.lots == (Lot(date(2026, 5, 9), 3),)
    assert (apart.source.expired, apart.target.expired) == ((Lot(MARCH, 2),), ())
    assert apart.target.lots == (Lot(None, 6),)


def test_what_is_no_longer_there_becomes_the_targets_debt() -> None:
    source = Account(lots=(Lot(APRIL, 5),), pending=(PendingLot(APRIL, None, 3),))
    source = replace(source, pending=(*source.pending, PendingLot(JUNE, None, 4)))
    pair, moved = _in(source, Account())
    apart = _out(replace(pair, target=replace(pair.target, lots=(), pending=())), moved)
    assert apart.source == source
    assert (apart.target.debt, apart.target.lots) == (12, ())


def test_lots_of_the_same_day_go_first_then_the_newest() -> None:
    pair, moved = _in(Account(lots=(Lot(APRIL, 5),)), Account(lots=(Lot(JUNE, 5),)))
    spent = replace(pair.target, lots=(Lot(MARCH, 4), Lot(APRIL, 3), Lot(JUNE, 5)))
    apart = _out(replace(pair, target=spent), moved)
    assert apart.target.lots == (Lot(MARCH, 4), Lot(JUNE, 3))
    assert apart.source.lots == (Lot(APRIL, 5),)


def test_of_uses_that_ended_in_between_only_what_is_left_moves_back() -> None:
    source = Account(uses=(Use("cup", "", 3), Use("tea", "", 2)))
    pair, moved = _in(source, Account(uses=(Use("mug", "", 1),)))
    later = replace(pair.target, uses=(Use("mug", "", 1), Use("cup", "", 2)))
    apart = _out(replace(pair, target=later), moved)
    assert apart.source.uses == (Use("cup", "", 2),)
    assert apart.target.uses == (Use("mug", "", 1),)


def test_uses_of_limited_offers_come_together_and_part_like_those_of_rewards() -> None:
    source = Account(offer_uses=(OfferUse(1, "", 3), OfferUse(2, "2026-03", 2)))
    pair, moved = _in(source, Account(offer_uses=(OfferUse(1, "", 1), OfferUse(3, "", 1))))
    together = (OfferUse(1, "", 4), OfferUse(3, "", 1), OfferUse(2, "2026-03", 2))
    assert pair.target.offer_uses == together
    later = replace(pair.target, offer_uses=(OfferUse(1, "", 2), OfferUse(3, "", 1)))
    for apart in (_out(replace(pair, target=later), moved), leave(pair.source, later, moved)):
        assert apart.source.offer_uses == (OfferUse(1, "", 2),)
        assert apart.target.offer_uses == (OfferUse(3, "", 1),)


def test_of_gifts_that_went_in_between_only_what_is_left_moves_back() -> None:
    gold = replace(SILVER, tier_id="gold")
    pair, moved = _in(Account(gifts=(SILVER, gold)), Account(gifts=(SILVER,)))
    apart = _out(replace(pair, target=replace(pair.target, gifts=(SILVER, SILVER))), moved)
    assert (apart.source.gifts, apart.target.gifts) == ((SILVER,), (SILVER,))


def test_figures_that_were_taken_back_in_between_are_missing_at_the_target() -> None:
    month = Month(date(2026, 3, 1), 1, 100, 10)
    source = Account(months=(month,), lifetime=Lifetime(10, 0, 1, 100, 10))
    pair, moved = _in(source, Account())
    later = replace(
        pair.target,
        months=(Month(date(2026, 3, 1), 0, 0, 0),),
        lifetime=Lifetime(),
    )
    apart = _out(replace(pair, target=later), moved)
    assert (apart.source.months, apart.source.lifetime) == (source.months, source.lifetime)
    assert apart.target.months == (Month(date(2026, 3, 1), -1, -100, -10),)
    assert apart.target.lifetime == Lifetime(-10, 0, -1, -100, -10)


def test_progress_comes_together_and_goes_home_so_that_nobody_is_awarded_twice() -> None:
    source = Account(progress=(Progress(3, (("n", 4),), 1, 1), Progress(4, (("n", 1),))))
    target = Account(progress=(Progress(3, (("n", 2),)),))
    pair, moved = _in(source, target)
    assert pair.target.progress == (Progress(3, (("n", 6),), 1, 1), Progress(4, (("n", 1),)))
    assert pair.source.progress == ()
    for parted in (leave(pair.source, pair.target, moved), _out(pair, moved)):
        assert (parted.source.progress, parted.target.progress) == (
            source.progress,
            target.progress,
        )
