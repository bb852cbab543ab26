"""Whatever two accounts hold: what leaves one arrives in the other, to the point, and back."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, AccountStatus, Gift, Lot, PendingLot, Use, credit
from chalicelib.domain.lots import fold
from chalicelib.domain.merging import Pair, leave, move_in, moved_of, net, texts_of
from chalicelib.domain.packing import pack, unpack
from chalicelib.domain.parting import move_out
from chalicelib.domain.program import Expiry, ExpiryKind, Program
from chalicelib.domain.transfers import arrive, called_back, come_home, month_of, send
from tests.neighbours import SHARING
from tests.property.accounts import accounts_of_few_days

START = date(2026, 3, 14)
SPAN = 60
AGEING = replace(SHARING, expiry=Expiry(ExpiryKind.AFTER_EARNING, 3))
KEPT_ALIVE = replace(SHARING, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 2))
PROGRAMS = st.sampled_from([SHARING, AGEING, KEPT_ALIVE])
holders = accounts_of_few_days(START, SPAN).map(lambda account: fold(account, START).account)
later = st.integers(0, SPAN + 10).map(lambda days: START + timedelta(days=days))


def worth(*accounts: Account) -> int:
    return sum(net(account) for account in accounts)


@given(holders, holders, PROGRAMS)
def test_two_accounts_that_come_together_have_what_both_had(
    source: Account, target: Account, program: Program
) -> None:
    pair, moved = move_in(source, target, "mem_target", program, START)
    assert (net(pair.source), net(pair.target)) == (0, worth(source, target))
    assert moved_of(**texts_of(moved)) == moved
    assert unpack(pack(pair.target)) == pair.target


@given(holders, holders, PROGRAMS, later, st.integers(-500, 500))
def test_what_parts_again_has_together_what_was_together(
    source: Account, target: Account, program: Program, day: date, meanwhile: int
) -> None:
    """meanwhile: points that the target has earned or spent before they part."""
    pair, moved = move_in(source, target, "mem_target", program, START)
    both = fold(pair.target, day).account
    if meanwhile > 0:
        both, _ = credit(both, (Lot(None, meanwhile),))
    elif both.available:
        kept = max(0, both.available + meanwhile)
        both = replace(both, lots=(Lot(None, kept),) if kept else ())

    parted = move_out(pair.source, both, moved, program, day)

    assert worth(parted.source, parted.target) == net(both)
    assert fold(parted.source, day).expired == fold(parted.target, day).expired == ()
    assert (parted.source.moved_to, parted.target.sharers) == (None, 0)
    for account in (parted.source, parted.target):
        assert unpack(pack(account)) == account


@given(holders, holders, st.sampled_from([SHARING, AGEING]))
def test_what_parts_on_the_same_day_is_as_it_was(
    source: Account, target: Account, program: Program
) -> None:
    pair, moved = move_in(source, target, "mem_target", program, START)
    parted = move_out(pair.source, pair.target, moved, program, START)
    assert parted == Pair(source, target)


@given(holders, holders, PROGRAMS, st.integers(1, 400), later)
def test_what_is_sent_arrives_and_comes_home(
    sender: Account, receiver: Account, program: Program, points: int, day: date
) -> None:
    if sender.available < points:
        return
    poorer, lots = send(sender, points, program, START)
    matures_on = START + timedelta(days=SPAN + 20)
    richer = arrive(receiver, lots, matures_on, program, START)
    assert worth(poorer, richer) == worth(sender, receiver)
    assert richer.available - richer.debt == receiver.available - receiver.debt

    sender_then, receiver_then = fold(poorer, day).account, fold(richer, day).account
    back = called_back(receiver_then, lots, matures_on)
    home = come_home(sender_then, lots, month_of(START), program, day)

    assert worth(back, home) == worth(receiver_then, sender_then)
    assert net(home) == net(sender_then) + points
    assert fold(home, day).expired == ()
    assert home.uses == ()


def test_what_waits_no_longer_by_itself_is_taken_of_what_there_is_and_becomes_debt() -> None:
    day = START + timedelta(days=7)
    richer = Account(lots=(Lot(None, 5),), pending=(PendingLot(day, None, 20),))
    assert called_back(richer, (Lot(None, 20),), day) == Account(lots=(Lot(None, 5),))
    bundled = replace(richer, pending=(PendingLot(day + timedelta(days=9), None, 20),))
    assert called_back(bundled, (Lot(None, 20),), day) == replace(bundled, lots=(), debt=15)


def test_points_that_live_on_by_activity_live_as_long_as_the_account_they_come_to() -> None:
    quiet = Account(lots=(Lot(START + timedelta(days=3), 10),), active_on=date(2026, 1, 17))
    pair, _ = move_in(quiet, Account(active_on=START), "mem_target", KEPT_ALIVE, START)
    assert pair.target.lots == (Lot(date(2026, 5, 14), 10),)


def test_who_leaves_knows_its_limits_and_gifts_and_has_nothing_else() -> None:
    gift = Gift("silver", 10, START, START, None)
    joiner = Account(lots=(Lot(None, 10),), uses=(Use("mug", "", 1),), gifts=(gift,), sharers=1)
    pair, moved = move_in(joiner, Account(), "mem_owner", SHARING, START)
    assert pair.target.sharers == 2
    parted = leave(pair.source, pair.target, moved)
    assert parted.source == Account(
        AccountStatus.ACTIVE, uses=joiner.uses, gifts=joiner.gifts, sharers=1
    )
    assert parted.target == replace(pair.target, sharers=0, uses=())
