"""A full account takes what has happened, and refuses what somebody chooses."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.account import (
    MOST_OFFER_USES,
    Account,
    AccountStatus,
    Lot,
    OfferUse,
    PendingLot,
    Progress,
    Use,
)
from chalicelib.domain.challenge_progress import MOST_PROGRESS
from chalicelib.domain.challenges import MOST_IN_A_ROW, PERIODS_KEPT
from chalicelib.domain.entries import NEVER_REFUSED, Entry, EntryKind, next_entry, opening_entry
from chalicelib.domain.lots import MOST_PENDING
from chalicelib.domain.packing import LARGEST_BYTES, WIDEST_BYTES, pack
from chalicelib.domain.redemptions import USES_KEPT
from chalicelib.domain.refusals import AccountFull
from chalicelib.domain.reviews import Review, Suspicion, WrittenOff
from chalicelib.domain.transfers import MOST_PENDING_WITH_SENT, arrive
from tests.ledger_world import PROGRAM
from tests.property.accounts import fullest_account

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
TODAY = date(2026, 3, 14)
LONGEST = PERIODS_KEPT + MOST_IN_A_ROW
"""Counters of a streak in days, at their most."""


def everything() -> Account:
    """All that earning, limits, a household and a review leave in an account, at its most."""
    most = fullest_account()
    return replace(
        most,
        uses=tuple(Use(f"abcdefg{n:03d}", "2026-11-22", 99) for n in range(USES_KEPT)),
        household=tuple(f"mem_{n:026d}" for n in range(10)),
        sharers=30,
        under_review=Review(TODAY, Suspicion.REFERRAL, 123_456),
        withheld=most.pending,
        written_off=WrittenOff(123_456_789, TODAY),
        offer_uses=tuple(OfferUse(90_000 + n, "2026-11-22", 99) for n in range(MOST_OFFER_USES)),
        progress=tuple(
            Progress(90_000 + n, (("", 99), *((str(739_000 + day), 9) for day in range(LONGEST))))
            for n in range(MOST_PROGRESS)
        ),
    )


def after(kind: EntryKind, before: Account, then: Account) -> Entry:
    """The entry that leads from one account to another."""
    head = replace(opening_entry("mem_1", AccountStatus.ACTIVE, NOW), state=pack(before, 10_000))
    return next_entry(head, then, kind=kind, cause="c", now=NOW)


def test_everything_at_its_most_is_smaller_than_the_widest_bound() -> None:
    assert LARGEST_BYTES < len(pack(everything(), WIDEST_BYTES)) < WIDEST_BYTES


@pytest.mark.parametrize("kind", sorted(NEVER_REFUSED))
def test_what_has_happened_is_taken_by_an_account_that_is_full(kind: EntryKind) -> None:
    assert after(kind, Account(), everything()).account() == everything()


@pytest.mark.parametrize("kind", sorted(set(EntryKind) - NEVER_REFUSED))
def test_what_is_chosen_is_refused_where_there_is_no_room(kind: EntryKind) -> None:
    with pytest.raises(AccountFull):
        after(kind, Account(), everything())


def test_what_must_happen_is_taken_whatever_its_kind() -> None:
    head = opening_entry("mem_1", AccountStatus.ACTIVE, NOW)
    entry = next_entry(head, everything(), kind=EntryKind.MERGE, cause="c", now=NOW, must=True)
    assert entry.account() == everything()


def test_points_of_a_full_account_can_be_spent_as_long_as_it_grows_no_further() -> None:
    full = everything()
    poorer = replace(full, lots=full.lots[1:])
    assert after(EntryKind.REDEEM, full, poorer).account() == poorer
    with pytest.raises(AccountFull):
        after(EntryKind.REDEEM, poorer, full)


# --- points from others --------------------------------------------------------------------------


def test_small_transfers_leave_room_for_what_a_member_earns_itself() -> None:
    account = Account()
    for day in range(200):
        account = arrive(account, (Lot(None, 1),), TODAY + timedelta(days=day + 7), PROGRAM, TODAY)
    assert len(account.pending) == MOST_PENDING_WITH_SENT < MOST_PENDING
    assert account.pending_points == 200


def test_what_others_send_moves_none_of_a_members_own_days() -> None:
    own = tuple(
        PendingLot(TODAY + timedelta(days=n + 1), None, 10) for n in range(MOST_PENDING_WITH_SENT)
    )
    account = arrive(
        Account(pending=own), (Lot(None, 1),), TODAY + timedelta(days=400), PROGRAM, TODAY
    )
    assert account.pending[:-1] == own[:-1]
    assert account.pending[-1] == replace(own[-1], points=11)
