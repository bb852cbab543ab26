"""What an import does with rows: points, figures, the statement; and that each counts once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.account import Account, Lot, Month
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.imports import Tally
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.merge_accounts import MergeAccounts, merge_accounts
from chalicelib.usecases.read_statement import read_statement
from tests.import_world import (
    NOW,
    YEARLY,
    ImportWorld,
    fake_import_world,
    table,
)
from tests.ledger_world import ANNA

MARCH_2027 = date(2027, 3, 31)


@pytest.fixture
def world() -> ImportWorld:
    return fake_import_world()[0]


def account(world: ImportWorld, member_id: str) -> Account:
    head = world.ports.ledger.head(member_id)
    assert head is not None
    return head.entry.account()


# --- balances ------------------------------------------------------------------------------------


def test_a_balance_is_points_that_last_as_long_as_if_they_were_earned_today(
    world: ImportWorld,
) -> None:
    mia = world.member("mia")
    job = world.run("a", table("row_id member_id points", ("1", mia, 250)))
    assert job.tally == Tally(applied=1)
    assert account(world, mia).lots == (Lot(MARCH_2027, 250),)
    assert world.story(mia)[1:] == [(EntryKind.ADJUST, 250, (Why("import", 250, 0),))]


def test_points_keep_the_last_day_that_their_row_names(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = table(
        "row_id member_id points expires_on",
        ("1", mia, 100, "2026-12-31"),
        ("2", mia, 50, ""),
        ("3", mia, 7, "2026-03-14"),
    )
    assert world.run("a", rows).tally == Tally(applied=3)
    today = date(2026, 3, 14)
    assert account(world, mia).lots == (
        Lot(today, 7),
        Lot(date(2026, 12, 31), 100),
        Lot(MARCH_2027, 50),
    )


def test_points_that_have_expired_are_refused(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = table("row_id member_id points expires_on", ("1", mia, 100, "2026-03-13"))
    assert world.run("a", rows).tally == Tally(refused=1)
    assert world.refusals("w-a") == [(2, "in_the_past")]


def test_a_day_is_a_day_of_the_programs_zone(world: ImportWorld) -> None:
    mia = world.member("mia")
    world.now = datetime(2026, 3, 14, 23, 0, tzinfo=UTC)  # the 15th in Berlin
    rows = table("row_id member_id points expires_on", ("1", mia, 100, "2026-03-14"))
    assert world.run("a", rows).tally == Tally(refused=1)


def test_a_debt_is_brought_over_where_its_row_says_that_it_is_meant(world: ImportWorld) -> None:
    mia, tom = world.member("mia"), world.member("tom")
    rows = table(
        "row_id member_id points allow_debt",
        ("1", mia, -40, "true"),
        ("2", tom, -40, ""),
        ("3", tom, -40, "false"),
    )
    assert world.run("a", rows).tally == Tally(applied=1, refused=2)
    assert account(world, mia).debt == 40
    assert account(world, tom).debt == 0
    assert world.refusals("w-a") == [(3, "negative_points"), (4, "negative_points")]


def test_a_balance_pays_a_debt_first(world: ImportWorld) -> None:
    mia = world.member("mia")
    world.run("a", table("row_id member_id points allow_debt", ("1", mia, -40, "TRUE")))
    world.run("b", table("row_id member_id points", ("2", mia, 100)))
    assert account(world, mia).lots == (Lot(MARCH_2027, 60),)


def test_a_balance_of_zero_counts_and_leaves_no_entry(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = table("row_id member_id points expires_on", ("1", mia, 0, "2020-01-01"))
    assert world.run("a", rows).tally == Tally(applied=1)
    assert len(world.story(mia)) == 1
    assert world.run("b", rows).tally == Tally(replayed=1)


def test_a_balance_of_an_account_that_has_moved_goes_where_it_has_moved_to(
    world: ImportWorld,
) -> None:
    old, new = world.member("old", email="old@example.com"), world.member("new")
    before = table("row_id email points", ("1", "old@example.com", 40))
    world.run("a", before)
    merge_accounts(world.ports, ANNA, MergeAccounts(new, old, "the same person", "k"), NOW)
    world.run("b", table("row_id member_id points", ("2", old, 60)))
    assert account(world, new).available == 100
    assert account(world, old).available == 0
    assert world.run("c", before).tally == Tally(replayed=1)


def test_what_has_expired_is_told_before_what_is_brought_over(world: ImportWorld) -> None:
    mia = world.member("mia")
    world.run("a", table("row_id member_id points expires_on", ("1", mia, 9, "2026-03-20")))
    world.now = NOW + timedelta(days=10)
    world.run("b", table("row_id member_id points", ("2", mia, 5)))
    assert [(kind, points) for kind, points, _ in world.story(mia)[1:]] == [
        (EntryKind.ADJUST, 9),
        (EntryKind.EXPIRE, -9),
        (EntryKind.ADJUST, 5),
    ]


# --- history -------------------------------------------------------------------------------------

HISTORY = "row_id member_id occurred_at amount_minor points"
LADDER = Tiers(
    TierBasis.POINTS,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 100, gift_points=20), Tier("gold", "Gold", 1_000, gift_points=50)),
)


def test_a_purchase_of_before_counts_in_its_month_and_moves_no_points(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = table(
        HISTORY,
        ("1", mia, "2026-01-31T23:30:00Z", 1250, 12),  # February in Berlin
        ("2", mia, "2026-02-01T10:00:00+01:00", 800, 8),
    )
    assert world.run("a", rows, "history").tally == Tally(applied=2)
    after = account(world, mia)
    assert (after.available, after.pending_points, after.debt) == (0, 0, 0)
    assert after.months == (Month(date(2026, 2, 1), 2, 2050, 20),)
    life = after.lifetime
    assert (life.earned, life.purchases, life.spend_minor, life.qualifying_points) == (
        20,
        2,
        2050,
        20,
    )
    assert [kind for kind, _, _ in world.story(mia)[1:]] == [EntryKind.EARN, EntryKind.EARN]
    assert {points for _, points, _ in world.story(mia)} == {0}


def test_a_purchase_of_long_ago_counts_for_the_lifetime_alone(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = table(
        HISTORY,
        ("1", mia, "2026-02-01T10:00:00Z", 800, 8),
        ("2", mia, "2019-02-01T10:00:00Z", 900, 9),
    )
    world.run("a", rows, "history")
    assert account(world, mia).months == (Month(date(2026, 2, 1), 1, 800, 8),)
    assert account(world, mia).lifetime.qualifying_points == 17


def test_history_gives_the_tier_that_was_held_and_not_its_gift_again() -> None:
    world, _ = fake_import_world(replace(YEARLY, tiers=LADDER))
    mia = world.member("mia")
    rows = table(HISTORY, ("1", mia, "2026-02-01T10:00:00Z", 15_000, 150))
    world.run("a", rows, "history")
    after = account(world, mia)
    assert after.held is not None
    assert after.held.tier_id == "silver"
    assert [(gift.tier_id, gift.points) for gift in after.gifts] == [("silver", 0)]


def test_a_purchase_of_the_future_is_refused(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = table(
        HISTORY,
        ("1", mia, "2026-03-14T12:05:00Z", 1, 1),
        ("2", mia, "2026-03-14T12:05:01Z", 1, 1),
    )
    assert world.run("a", rows, "history").tally == Tally(applied=1, refused=1)
    assert world.refusals("w-a") == [(3, "in_the_future")]


def test_the_statement_says_in_words_what_was_brought_over(world: ImportWorld) -> None:
    mia = world.member("mia")
    world.run("a", table(HISTORY, ("1", mia, "2024-05-03T10:00:00Z", 1250, 12)), "history")
    world.run("b", table("row_id member_id points", ("1", mia, 250)))
    statement = read_statement(world.ports, mia, None, 10, NOW)
    assert [[row.text for row in entry.explanation] for entry in statement] == [
        ["Brought over from the program before this one"],
        ["Bought before this program, on 3 May 2024, for 12.50 EUR; it gave 12 points then"],
        [],
    ]
    assert [sum(row.points for row in entry.explanation) for entry in statement] == [250, 0, 0]


# --- once, for ever ------------------------------------------------------------------------------


def test_a_file_imported_twice_changes_nothing_the_second_time() -> None:
    world, ledger = fake_import_world()
    mia, tom = world.member("mia"), world.member("tom", external_id="T-1")
    balances = table(
        "row_id member_id external_id points", ("1", mia, "", 250), ("2", "", "T-1", 0)
    )
    history = table(HISTORY, ("1", tom, "2024-05-03T10:00:00Z", 1250, 12))
    world.run("a", balances)
    world.run("h", history, "history")
    before = {account: dict(entries) for account, entries in ledger.accounts.items()}

    assert world.run("b", balances).tally == Tally(replayed=2)
    assert world.run("i", history, "history").tally == Tally(replayed=1)
    assert ledger.accounts == before


def test_a_row_counts_once_however_its_member_is_named_and_wherever_it_stands(
    world: ImportWorld,
) -> None:
    mia = world.member("mia", email="mia@example.com", external_id="M-1")
    world.run("a", table("row_id member_id points", ("1", mia, 250)))
    again = table("points external_id row_id email", (250, "", "1", "Mia@Example.com"))
    assert world.run("b", again).tally == Tally(replayed=1)
    assert account(world, mia).available == 250


def test_a_row_id_with_other_content_is_refused_and_the_first_one_stands(
    world: ImportWorld,
) -> None:
    mia = world.member("mia")
    world.run("a", table("row_id member_id points", ("1", mia, 250)))
    world.run("b", table("row_id member_id points expires_on", ("1", mia, 300, "2026-12-31")))
    assert account(world, mia).available == 250
    [row] = world.report("w-b")
    assert row[:3] == ["2", "1", "conflicting_replay"]
    assert "expires_on, points" in row[3]


def test_a_row_that_stands_twice_in_a_file_counts_once_and_the_first_one_wins(
    world: ImportWorld,
) -> None:
    mia, tom = world.member("mia"), world.member("tom")
    rows = table(
        "row_id member_id points", ("1", mia, 250), ("1", tom, 250), ("1", mia, 250), ("2", tom, 1)
    )
    assert world.run("a", rows).tally == Tally(applied=2, replayed=1, refused=1)
    assert world.refusals("w-a") == [(3, "conflicting_replay")]
    assert (account(world, mia).available, account(world, tom).available) == (250, 1)


def test_balances_and_history_may_have_the_same_row_ids(world: ImportWorld) -> None:
    mia = world.member("mia")
    world.run("a", table("row_id member_id points", ("1", mia, 250)))
    rows = table(HISTORY, ("1", mia, "2024-05-03T10:00:00Z", 1250, 12))
    assert world.run("h", rows, "history").tally == Tally(applied=1)


def test_a_row_that_counted_is_replayed_even_when_it_would_be_refused_by_now(
    world: ImportWorld,
) -> None:
    mia = world.member("mia")
    rows = table("row_id member_id points expires_on", ("1", mia, 100, "2026-03-14"))
    world.run("a", rows)
    world.now = NOW + timedelta(days=40)
    assert world.run("b", rows).tally == Tally(replayed=1)


def test_a_dry_run_checks_every_row_and_applies_none() -> None:
    world, ledger = fake_import_world()
    mia = world.member("mia")
    world.run("a", table("row_id member_id points", ("1", mia, 250)))
    before = {account: dict(entries) for account, entries in ledger.accounts.items()}
    rows = table(
        "row_id member_id points",
        ("1", mia, 250),
        ("1", mia, 251),
        ("2", mia, 9),
        ("3", "mem_nobody", 9),
    )
    assert world.run("b", rows, dry_run=True).tally == Tally(1, 1, 2)
    assert world.refusals("w-b") == [(3, "conflicting_replay"), (5, "member_not_found")]
    assert ledger.accounts == before


def test_an_import_gives_points_beyond_the_limit_of_an_adjustment_without_approval(
    world: ImportWorld,
) -> None:
    mia = world.member("mia")
    most = YEARLY.limits.adjustment_without_approval
    world.run("a", table("row_id member_id points", ("1", mia, most + 1)))
    assert account(world, mia).available == most + 1
    # ... and is no adjustment of a key of anybody's.
    command = AdjustPoints(mia, 5, "goodwill", False, "1")
    adjust_points(world.ports, ANNA, command, NOW)
    assert account(world, mia).available == most + 6
