"""How old points are, entry by entry; and what members hold, in every way that it is asked for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.account import Account, AccountStatus, Lot, PendingLot
from chalicelib.domain.ages import Ages
from chalicelib.domain.entries import Entry, EntryKind, next_entry, opening_entry
from chalicelib.domain.liability import Liability, shares
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from tests.ledger_world import NOW, PROGRAM

EARN, REDEEM, RETURN = EntryKind.EARN, EntryKind.REDEEM, EntryKind.RETURN
DEC, JAN = date(2026, 12, 31), date(2027, 1, 31)


class Story:
    """An account's entries, told one after the other: what it holds after each, and when."""

    def __init__(self) -> None:
        self.entries = [opening_entry("mem_1", AccountStatus.ACTIVE, at(1))]
        self.ages = Ages()

    def then(
        self, month: int, kind: EntryKind, *lots: Lot, debt: int = 0, cause: str = "c"
    ) -> "Story":
        """An entry of a month that leaves the account with these lots."""
        after = Account(lots=lots, debt=debt)
        self._follow(month, kind, after, cause)
        return self

    def then_waits(self, month: int, *pending: PendingLot) -> "Story":
        """An entry of a month that leaves the account with these pending lots alone."""
        self._follow(month, EARN, Account(pending=pending), "c")
        return self

    def _follow(self, month: int, kind: EntryKind, after: Account, cause: str) -> None:
        entry = next_entry(self.entries[-1], after, kind=kind, cause=cause, now=at(month))
        self.entries.append(entry)
        self.ages.follow(entry, f"2026-{month:02d}")

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(sorted(self.ages.by_month().items()))


def at(month: int) -> datetime:
    return datetime(2026, month, 10, tzinfo=UTC)


def test_points_are_as_old_as_the_entry_that_brought_them() -> None:
    story = Story().then(2, EARN, Lot(None, 10)).then(3, EARN, Lot(None, 15))
    assert [*story] == [("2026-02", 10), ("2026-03", 5)]


def test_spending_takes_the_earliest_of_a_lot_and_a_return_the_newest() -> None:
    def earned() -> Story:
        return Story().then(2, EARN, Lot(None, 10)).then(3, EARN, Lot(None, 20))

    assert [*earned().then(4, REDEEM, Lot(None, 8))] == [("2026-03", 8)]
    assert [*earned().then(4, RETURN, Lot(None, 8))] == [("2026-02", 8)]


def test_spending_goes_by_last_day_before_it_goes_by_age() -> None:
    story = Story().then(2, EARN, Lot(JAN, 10)).then(3, EARN, Lot(DEC, 5), Lot(JAN, 10))
    assert [*story.then(4, REDEEM, Lot(JAN, 10))] == [("2026-02", 10)]


def test_what_comes_back_from_a_redemption_is_as_old_as_it_was() -> None:
    story = Story().then(2, EARN, Lot(None, 10)).then(3, EARN, Lot(None, 20))
    story.then(4, REDEEM, Lot(None, 5), cause="redemption:1")
    story.then(5, EntryKind.CANCEL, Lot(None, 20), cause="redemption:1:end")
    assert [*story] == [("2026-02", 10), ("2026-03", 10)]


def test_what_pays_debt_on_its_way_back_is_the_earliest_of_it() -> None:
    story = Story().then(2, EARN, Lot(None, 10)).then(3, EARN, Lot(None, 20))
    story.then(4, REDEEM, cause="redemption:1").then(5, RETURN, debt=12)
    story.then(6, EntryKind.CANCEL, Lot(None, 8), cause="redemption:1:end")
    assert [*story] == [("2026-03", 8)]


def test_lots_that_live_on_with_every_purchase_keep_their_age() -> None:
    story = Story().then(2, EARN, Lot(DEC, 10)).then(3, EARN, Lot(JAN, 17))
    assert [*story] == [("2026-02", 10), ("2026-03", 7)]
    assert [*story.then(4, REDEEM, Lot(date(2027, 2, 28), 9))] == [("2026-02", 2), ("2026-03", 7)]


def test_points_keep_their_age_when_they_mature() -> None:
    story = Story().then_waits(2, PendingLot(date(2026, 3, 1), DEC, 10))
    story.ages.fold(Account(lots=(Lot(DEC, 10),)))
    assert [*story] == [("2026-02", 10)]
    assert [*story.then(4, EARN, Lot(DEC, 14))] == [("2026-02", 10), ("2026-04", 4)]


def test_what_expires_is_of_no_age_any_more() -> None:
    story = Story().then(2, EARN, Lot(DEC, 10)).then(3, EARN, Lot(DEC, 10), Lot(JAN, 5))
    assert [*story.then(12, EntryKind.EXPIRE, Lot(JAN, 5))] == [("2026-03", 5)]


# --- the sums ------------------------------------------------------------------------------------


SILVER = replace(
    PROGRAM,
    tiers=Tiers(TierBasis.POINTS, TierWindow.SINCE_JOINING, (Tier("silver", "Silver", 100),)),
    thousand_points_minor=350,
)


def summed(*stories: list[Entry], as_of: datetime = NOW + timedelta(days=400)) -> Liability:
    liability = Liability()
    for entries in stories:
        liability.add_account(entries, SILVER, as_of)
    return liability


def test_what_members_hold_is_what_their_entries_brought() -> None:
    rich = Story().then(2, EARN, Lot(DEC, 10), Lot(None, 5)).entries
    poor = Story().then(2, EARN, Lot(None, 10)).then(3, RETURN, debt=7).entries
    liability = summed(rich, poor, as_of=at(5))
    held = liability.held
    assert (held.accounts, held.available, held.pending, held.debt) == (2, 15, 0, 7)
    assert liability.by_expiry == {"2026-12": 10, "never": 5}
    assert liability.by_earned == {"2026-02": 15}
    assert liability.entered == {"open": 0, "earn": 25, "return": -17}
    assert liability.difference == 0


def test_it_is_as_of_an_instant_whatever_came_later() -> None:
    entries = Story().then(2, EARN, Lot(None, 10)).then(6, EARN, Lot(None, 90)).entries
    assert summed(entries, as_of=at(5)).held.available == 10
    assert summed(entries, as_of=at(6)).held.available == 90
    assert summed(entries, as_of=datetime(2025, 1, 1, tzinfo=UTC)).held.accounts == 0


def test_what_the_calendar_has_taken_is_held_by_nobody_and_told_apart() -> None:
    entries = Story().then(2, EARN, Lot(DEC, 10), Lot(JAN, 5)).entries
    liability = summed(entries, as_of=datetime(2027, 1, 15, tzinfo=UTC))
    assert (liability.held.available, liability.expired) == (5, 10)
    assert liability.by_expiry == {"2027-01": 5}
    assert liability.by_earned == {"2026-02": 5}
    assert liability.difference == 0


def test_what_has_matured_by_then_is_available() -> None:
    entries = Story().then_waits(2, PendingLot(date(2026, 3, 1), DEC, 10)).entries
    before, after = summed(entries, as_of=at(2)).held, summed(entries, as_of=at(3)).held
    assert (before.pending, before.available) == (10, 0)
    assert (after.pending, after.available) == (0, 10)


def test_an_account_of_another_sum_than_its_entries_makes_a_difference() -> None:
    entries = Story().then(2, EARN, Lot(None, 10)).entries
    wrong = [entries[0], replace(entries[1], available=9)]
    assert summed(wrong).difference == 1


def test_parts_cost_together_what_the_whole_costs() -> None:
    parts = [1, 1, 1, 1, 1, 994]
    assert sum(shares(parts, SILVER)) == 350
    assert shares([], SILVER) == []
