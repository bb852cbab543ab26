"""Single sentences about what a return takes, and from where."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.account import Account, Gift, Lifetime, Lot, Month, PendingLot
from chalicelib.domain.earning import Line
from chalicelib.domain.entries import Why
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Program,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.purchase_points import Terms, earn
from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    ClaimRecord,
    PurchaseFile,
    PurchaseRecord,
    Taken,
)
from chalicelib.domain.refusals import InvalidContent, ReturnExceedsPurchase
from chalicelib.domain.returned import ReturnedLine
from chalicelib.domain.returns import returned_rows, take
from tests.ledger_world import NOW, PROGRAM, line, purchase

TODAY = NOW.date()
ONE_MONTH = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_EARNING, 1), grace_days=10)
IDLING = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 1))
LAST_DAY = date(2026, 4, 30)
AFTERWARDS = date(2026, 5, 4)
SILVER = Tier("silver", "Silver", 10, earn_percent=150, gift_points=7)
CLUB = replace(
    PROGRAM, tiers=Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (SILVER,)), version=3
)


def _file(*lines: Line, program: Program = PROGRAM) -> PurchaseFile:
    bought = purchase("p", *lines)
    _, earned = earn(Account(), Terms(program, program, TODAY), bought)
    return PurchaseFile(PurchaseRecord("name", "mem_1", NOW, bought, 1, earned, {}, b""))


def _take(
    account: Account,
    file: PurchaseFile,
    minor: int,
    program: Program = PROGRAM,
    today: date = TODAY,
) -> tuple[Account, Taken, tuple[Why, ...]]:
    return take(account, Terms(program, program, today), file, returned_rows(file, minor))


def _lots(account: Account) -> list[tuple[date | None, int]]:
    return [(lot.expires_on, lot.points) for lot in account.lots]


# --- what comes back -----------------------------------------------------------------------------


def test_lines_that_the_purchase_has_not_are_told_each_at_its_place() -> None:
    back = tuple(ReturnedLine(name, 1, 0) for name in ("1", "tea", "1", "milk", "tea"))
    with pytest.raises(InvalidContent) as refusal:
        returned_rows(_file(line("1")), back)
    told = [(error.pointer, error.code, error.detail) for error in refusal.value.errors]
    assert told == [
        ("/lines/2/line_id", "duplicate", "Each line can stand here once."),
        ("/lines/4/line_id", "unknown_line", "The purchase has no such line."),
        ("/lines/1/line_id", "unknown_line", "The purchase has no such line."),
        ("/lines/3/line_id", "unknown_line", "The purchase has no such line."),
    ]


@pytest.mark.parametrize(
    "back",
    [
        1_501,
        (ReturnedLine("1", 3, 0),),
        (ReturnedLine("1", 0, 1_001),),
        (ReturnedLine("1", 2, 1_000), ReturnedLine("2", 2, 1)),
    ],
)
def test_more_than_remains_is_refused_with_what_does(
    back: int | tuple[ReturnedLine, ...],
) -> None:
    with pytest.raises(ReturnExceedsPurchase) as refusal:
        returned_rows(_file(line("1", 1_000, quantity=2), line("2", 500)), back)
    assert refusal.value.remaining == [
        {"line_id": "1", "quantity": 2, "amount_minor": 1_000},
        {"line_id": "2", "quantity": 1, "amount_minor": 500},
    ]


def test_all_that_remains_can_come_back_by_lines_and_by_amount() -> None:
    file = _file(line("1", 1_000, quantity=2), line("free", 0), line("2", 500))
    by_line = tuple(ReturnedLine(name, 1, 500) for name in ("2", "1"))
    assert returned_rows(file, by_line) == ((2, 1, 500), (0, 1, 500))
    assert returned_rows(file, 1_500) == ((0, 0, 1_000), (2, 0, 500))
    assert returned_rows(file, 3) == ((0, 0, 2), (2, 0, 1))


# --- from where it goes --------------------------------------------------------------------------


def test_what_waits_goes_first_from_the_lot_that_the_purchase_gave() -> None:
    program = replace(PROGRAM, pending=Pending(5))
    waiting = (PendingLot(TODAY + timedelta(days=5), None, 10), PendingLot(LAST_DAY, None, 10))
    account = Account(lots=(Lot(None, 3),), pending=waiting)
    after, taken, why = _take(account, _file(line("1", 1_000)), 400, program)
    assert [lot.points for lot in after.pending] == [6, 10]
    assert taken == Taken(4, 4, 0, 0, 0, 3, 16, 0)
    assert why == (Why("base", -4, -400),)


def test_what_waits_no_longer_goes_from_the_newest_lots() -> None:
    program = replace(PROGRAM, pending=Pending(5))
    account = Account(lots=(Lot(LAST_DAY, 3), Lot(None, 3)))
    for day in (5, 6):
        after, taken, _ = _take(
            account, _file(line("1", 1_000)), 400, program, TODAY + timedelta(days=day)
        )
        assert _lots(after) == [(LAST_DAY, 2)]
        assert taken == Taken(4, 0, 4, 0, 0, 2, 0, 0)


def test_what_is_missing_becomes_debt() -> None:
    account = Account(lots=(Lot(None, 3),))
    after, taken, _ = _take(account, _file(line("1", 1_000)), 1_000)
    assert (after.lots, after.debt) == ((), 7)
    assert taken == Taken(10, 0, 3, 7, 0, 0, 0, 7)


def test_what_has_expired_unused_is_excused_and_the_rest_is_taken() -> None:
    account = Account(lots=(Lot(None, 20),), expired=(Lot(LAST_DAY, 6),))
    after, taken, why = _take(account, _file(line("1", 1_000)), 1_000, ONE_MONTH, AFTERWARDS)
    assert after.expired == ()
    assert (taken.taken, taken.from_available, after.available) == (4, 4, 16)
    assert why == (Why("base", -10, -1_000), Why("expired", 6, 0))


@pytest.mark.parametrize("day", [LAST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1)])
def test_what_has_expired_on_another_day_excuses_nothing(day: date) -> None:
    account = Account(lots=(Lot(None, 20),), expired=(Lot(day, 6),))
    after, taken, why = _take(account, _file(line("1", 1_000)), 1_000, ONE_MONTH, AFTERWARDS)
    assert (taken.taken, after.expired) == (10, account.expired)
    assert why == (Why("base", -10, -1_000),)


@pytest.mark.parametrize(("day", "excused"), [(13, 0), (14, 6), (30, 6)])
def test_where_points_live_on_by_activity_any_later_day_excuses(day: int, excused: int) -> None:
    account = Account(lots=(Lot(None, 20),), expired=(Lot(date(2026, 4, day), 6),))
    _, taken, _ = _take(account, _file(line("1", 1_000)), 1_000, IDLING, AFTERWARDS)
    assert taken.taken == 10 - excused


def test_points_that_never_expire_are_never_excused() -> None:
    account = Account(lots=(Lot(None, 20),), expired=(Lot(LAST_DAY, 6),))
    assert _take(account, _file(line("1", 1_000)), 1_000, today=AFTERWARDS)[1].taken == 10


@pytest.mark.parametrize(("day", "excused"), [(3, 0), (4, 6), (14, 6)])
def test_what_came_too_late_and_lived_by_grace_is_excused_from_then_on(
    day: int, excused: int
) -> None:
    file = _file(line("1", 1_000))
    claim = ClaimRecord("name", 1, "mem_1", NOW + timedelta(days=51), NOTHING_EARNED)
    late = replace(file, record=replace(file.record, account_id=None), events=(claim,))
    account = Account(lots=(Lot(None, 20),), expired=(Lot(date(2026, 5, day), 6),))
    assert late.credited_at.date() == AFTERWARDS
    _, taken, _ = _take(account, late, 1_000, ONE_MONTH, AFTERWARDS + timedelta(days=20))
    assert taken.taken == 10 - excused


@pytest.mark.parametrize(("days_later", "excused"), [(0, 6), (1, 0)])
def test_what_came_on_its_last_day_kept_it(days_later: int, excused: int) -> None:
    file = _file(line("1", 1_000))
    record = replace(file.record, at=NOW + timedelta(days=47))
    assert record.at.date() == LAST_DAY
    account = Account(
        lots=(Lot(None, 20),), expired=(Lot(LAST_DAY + timedelta(days=days_later), 6),)
    )
    _, taken, _ = _take(account, replace(file, record=record), 1_000, ONE_MONTH, AFTERWARDS)
    assert taken.taken == 10 - excused


# --- figures and gifts ---------------------------------------------------------------------------


def test_figures_of_the_month_and_of_all_time_go_back_whole() -> None:
    account, file = Account(lots=(Lot(None, 30),)), _file(line("1", 1_000), line("2", 2_000))
    counted = replace(
        account,
        months=(Month(date(2026, 3, 1), 2, 4_000, 40),),
        lifetime=Lifetime(40, 5, 2, 4_000, 40),
    )
    part, _, _ = _take(counted, file, 600)
    assert part.months == (Month(date(2026, 3, 1), 2, 3_400, 34),)
    assert part.lifetime == Lifetime(34, 5, 2, 3_400, 34)
    whole, _, _ = _take(counted, file, 3_000)
    assert whole.months == (Month(date(2026, 3, 1), 1, 1_000, 10),)
    assert whole.lifetime == Lifetime(10, 5, 1, 1_000, 10)


def test_what_the_tier_of_a_purchase_gave_more_goes_with_it() -> None:
    file = _file(line("1", 1_000))
    silver = replace(file.record.earned, tier="silver", earned=15)
    file = replace(file, record=replace(file.record, earned=silver))
    after, taken, why = _take(Account(lots=(Lot(None, 15),)), file, 500, CLUB)
    assert why == (Why("base", -5, -500), Why("tier:silver", -3, -500))
    assert (taken.taken, after.available) == (8, 7)


def _gifted(expires_on: date | None, matures_on: date = TODAY, **more: object) -> Account:
    account = Account(
        months=(Month(date(2026, 3, 1), 1, 1_000, 10),),
        lifetime=Lifetime(17, 0, 1, 1_000, 10),
        gifts=(Gift("silver", 7, TODAY, matures_on, expires_on),),
    )
    return replace(account, **more)  # type: ignore[arg-type]  # fields of an account


def test_a_gift_goes_with_the_return_of_what_had_brought_it() -> None:
    account = _gifted(None, lots=(Lot(None, 17),))
    after, taken, why = _take(account, _file(line("1", 1_000)), 100, CLUB)
    assert why == (Why("base", -1, -100), Why("gift:silver", -7, 0))
    assert (taken.taken, after.available, after.gifts) == (8, 9, ())
    assert after.lifetime.earned == 9


def test_a_gift_that_waits_goes_from_what_waits() -> None:
    tomorrow = TODAY + timedelta(days=1)
    waiting = (PendingLot(tomorrow, LAST_DAY, 7), PendingLot(tomorrow, None, 10))
    account = _gifted(LAST_DAY, tomorrow, lots=(Lot(None, 17),), pending=waiting)
    after, taken, _ = _take(account, _file(line("1", 1_000)), 100, CLUB)
    assert after.pending == waiting[1:]
    assert (taken.from_pending, taken.from_available) == (7, 1)


@pytest.mark.parametrize(
    ("program", "day", "excused"),
    [
        (CLUB, LAST_DAY, 7),
        (CLUB, LAST_DAY + timedelta(days=1), 0),
        (CLUB, LAST_DAY - timedelta(days=1), 0),
        (replace(CLUB, expiry=IDLING.expiry), LAST_DAY + timedelta(days=1), 7),
        (replace(CLUB, expiry=IDLING.expiry), LAST_DAY - timedelta(days=1), 0),
    ],
)
def test_a_gift_that_has_expired_unused_is_excused(
    program: Program, day: date, excused: int
) -> None:
    account = _gifted(LAST_DAY, lots=(Lot(None, 17),), expired=(Lot(day, 7),))
    never = replace(program, expiry=None)  # the rules of the purchase: its own points stay
    terms, file = Terms(never, program, AFTERWARDS), _file(line("1", 1_000))
    after, taken, why = take(account, terms, file, returned_rows(file, 100))
    assert (taken.taken, after.available) == (8 - excused, 17 - 8 + excused)
    assert [row for row in why if row.rule == "expired"] == (
        [Why("expired", excused, 0)] if excused else []
    )


def test_a_return_that_changes_no_figure_has_no_reason() -> None:
    file = _file(line("1", 1_000), line("gift", 500, category="gift_cards"))
    rows = returned_rows(file, (ReturnedLine("gift", 1, 500),))
    account = Account(lots=(Lot(None, 10),))
    after, taken, why = take(account, Terms(PROGRAM, PROGRAM, TODAY), file, rows)
    assert (why, taken.taken, after.available) == ((), 0, 10)
    assert after.lifetime.spend_minor == -500
