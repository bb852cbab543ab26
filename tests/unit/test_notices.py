"""When a member is told of points that expire: pure rules, and the words."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.account import Account, Lot, PendingLot
from chalicelib.domain.notice_letters import expiring_letter
from chalicelib.domain.notices import Notice, Told, after_telling, due_notices, expiring

LAST = date(2026, 12, 31)
LOTS = (Lot(LAST, 120),)


def before(days: int) -> date:
    return LAST - timedelta(days=days)


def notice(days_left: int, points: int = 120, stage: int = 30) -> Notice:
    return Notice(LAST, stage, points, days_left)


@pytest.mark.parametrize(
    ("days_left", "stage"),
    [(31, None), (30, 30), (29, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)],
)
def test_a_stage_begins_so_many_days_before_the_last_day(days_left: int, stage: int | None) -> None:
    due = due_notices(LOTS, {}, before(days_left))
    assert [notice.stage for notice in due] == ([stage] if stage is not None else [])
    assert all(notice.days_left == days_left for notice in due)


def test_each_stage_is_due_once_and_never_both_at_once() -> None:
    told: dict[date, int] = {}
    given = []
    for days_left in range(40, -3, -1):
        for due in due_notices(LOTS, told, before(days_left)):
            told[due.expires_on] = due.stage
            given.append((due.stage, due.days_left))
    assert given == [(30, 30), (7, 7)]


@pytest.mark.parametrize(
    ("first_seen", "given"),
    [(20, [(30, 20), (7, 7)]), (8, [(30, 8), (7, 7)]), (5, [(7, 5)]), (0, [(7, 0)])],
)
def test_who_is_first_seen_late_is_told_the_real_number_of_days(
    first_seen: int, given: list[tuple[int, int]]
) -> None:
    told: dict[date, int] = {}
    found = []
    for days_left in range(first_seen, -1, -1):
        for due in due_notices(LOTS, told, before(days_left)):
            told[due.expires_on] = due.stage
            found.append((due.stage, due.days_left))
    assert found == given


def test_a_clock_that_steps_back_tells_no_earlier_stage() -> None:
    assert due_notices(LOTS, {LAST: 7}, before(12)) == ()


def test_every_last_day_has_notices_of_its_own() -> None:
    lots = (Lot(LAST, 10), Lot(LAST + timedelta(days=3), 20), Lot(None, 5))
    due = due_notices(lots, {LAST: 7}, before(5))
    assert due == (Notice(LAST + timedelta(days=3), 30, 20, 8),)


def test_what_would_expire_counts_what_matures_until_then_and_pays_debt_first() -> None:
    account = Account(
        debt=5,
        pending=(
            PendingLot(before(10), LAST, 30),
            PendingLot(LAST + timedelta(days=1), LAST + timedelta(days=40), 50),
        ),
    )
    assert expiring(account, LAST) == (Lot(LAST, 25),)
    assert expiring(account, before(1)) == ()


def test_what_was_told_of_days_long_gone_is_forgotten() -> None:
    told = Told("mem_1", 4, {before(8): 7, before(7): 7}, {before(8): 7})
    after = after_telling(told, letters=[notice(0, stage=7)], today=LAST, by="run")
    assert after == Told("mem_1", 5, {before(7): 7}, {LAST: 7}, "run")


# --- words ---------------------------------------------------------------------------------------


def test_a_letter_says_how_many_points_until_when_and_in_how_many_days() -> None:
    letter = expiring_letter("Kaffeehaus Karte", "en-GB", [notice(30, points=1_250)])
    assert letter.subject == "Points at Kaffeehaus Karte expire soon"
    assert "- 1,250 points: the last day is 31 December 2026 (in 30 days)" in letter.text


def test_a_letter_speaks_the_members_language_or_english() -> None:
    german = expiring_letter("Kaffeehaus", "de-AT", [notice(20, points=1_250)])
    assert "- 1.250 Punkte: der letzte Tag ist der 31. Dezember 2026 (in 20 Tagen)" in german.text
    english = expiring_letter("Kaffeehaus", None, [notice(20)])
    assert expiring_letter("Kaffeehaus", "gsw-LI", [notice(20)]) == english


@pytest.mark.parametrize(
    ("days_left", "english", "german"),
    [
        (0, "(today)", "(heute)"),
        (1, "(tomorrow)", "(morgen)"),
        (2, "(in 2 days)", "(in 2 Tagen)"),
    ],
)
def test_near_days_have_names(days_left: int, english: str, german: str) -> None:
    notices = [notice(days_left, points=1, stage=7)]
    assert f"1 point: the last day is 31 December 2026 {english}" in (
        expiring_letter("K", "en", notices).text
    )
    assert f"1 Punkt: der letzte Tag ist der 31. Dezember 2026 {german}" in (
        expiring_letter("K", "de", notices).text
    )


def test_a_letter_has_a_row_for_each_last_day() -> None:
    notices = [notice(3, stage=7), Notice(date(2027, 1, 31), 30, 8, 34)]
    rows = [row for row in expiring_letter("K", "en", notices).text.splitlines() if row[:1] == "-"]
    assert len(rows) == 2
