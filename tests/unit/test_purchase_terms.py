"""Single sentences about what a purchase is taken on, and what it gives."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.account import LARGEST_FIGURE, Account, Gift, Lifetime, Lot, Month
from chalicelib.domain.earning import (
    Line,
    Remaining,
    Tender,
    eligible_minor,
    points_for,
    price,
    spread,
)
from chalicelib.domain.entries import Why
from chalicelib.domain.program import (
    EarningRate,
    Exclusions,
    Expiry,
    ExpiryKind,
    Pending,
    Program,
    Rounding,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.purchase_points import (
    Terms,
    check_acceptable,
    earn,
    earn_what_remains,
    tier_of,
)
from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    ClaimRecord,
    PurchaseFile,
    PurchaseRecord,
    ReturnRecord,
)
from chalicelib.domain.refusals import (
    CurrencyNotAccepted,
    InTheFuture,
    InvalidContent,
    TooFarBack,
)
from chalicelib.domain.returns import NOTHING_TAKEN
from tests.ledger_world import NOW, PROGRAM, line, purchase

TODAY = date(2026, 3, 14)
MILLISECOND = timedelta(milliseconds=1)
SILVER = Tier("silver", "Silver", 5, earn_percent=150, gift_points=7)
GOLD = Tier("gold", "Gold", 40)
LADDER = Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (SILVER, GOLD))
CLUB = replace(PROGRAM, version=3, tiers=LADDER)
MARCH = date(2026, 3, 1)


def _terms(rules: Program = PROGRAM, active: Program | None = None) -> Terms:
    return Terms(rules, active or rules, TODAY)


def _file(*lines: Line, events: tuple[ReturnRecord | ClaimRecord, ...] = ()) -> PurchaseFile:
    record = PurchaseRecord(
        "name", None, NOW, purchase("p", *lines), 1, NOTHING_EARNED, fingerprint={}, salt=b""
    )
    return PurchaseFile(record, events)


def _returned(number: int, *rows: tuple[int, int, int]) -> ReturnRecord:
    return ReturnRecord(
        "name", number, f"r-{number}", NOW, rows, NOTHING_TAKEN, (), fingerprint={}, salt=b""
    )


# --- whether it is taken -------------------------------------------------------------------------


def test_another_currency_is_refused_with_the_one_that_is_taken() -> None:
    with pytest.raises(CurrencyNotAccepted) as refusal:
        check_acceptable(PROGRAM, replace(purchase("p", line()), currency="USD"), NOW)
    assert refusal.value.accepted == ["EUR"]


def test_a_tills_clock_may_be_five_minutes_ahead_and_not_a_millisecond_more() -> None:
    ahead = NOW + timedelta(minutes=5)
    check_acceptable(PROGRAM, purchase("p", line(), at=ahead), NOW)
    with pytest.raises(InTheFuture):
        check_acceptable(PROGRAM, purchase("p", line(), at=ahead + MILLISECOND), NOW)


def test_a_purchase_may_be_as_late_as_the_program_says_and_is_told_how_late_that_is() -> None:
    oldest = NOW - timedelta(days=PROGRAM.limits.late_purchase_days)
    check_acceptable(PROGRAM, purchase("p", line(), at=oldest), NOW)
    with pytest.raises(TooFarBack) as refusal:
        check_acceptable(PROGRAM, purchase("p", line(), at=oldest - MILLISECOND), NOW)
    assert refusal.value.oldest == "2024-01-04T12:00:00.000Z"


# --- what it gives -------------------------------------------------------------------------------


def test_a_tiers_extra_points_and_gift_count_for_no_tier() -> None:
    member = Account(months=(Month(MARCH, 1, 900, 9),), lifetime=Lifetime(9, 0, 1, 900, 9))
    after, earned = earn(member, _terms(CLUB), purchase("p", line(amount_minor=3_000)))
    assert earned.why == (Why("base", 30, 3_000), Why("tier:silver", 15, 3_000), _GIFT_ROW)
    assert (earned.earned, earned.tier, earned.ladder) == (52, "silver", 3)
    assert after.months == (Month(MARCH, 2, 3_900, 39),)
    assert after.lifetime == Lifetime(
        earned=61, purchases=2, spend_minor=3_900, qualifying_points=39
    )
    assert after.available == earned.available_after == 52


_GIFT_ROW = Why("gift:silver", 7, 0)


def test_a_gift_is_given_by_the_purchase_that_reaches_its_tier_and_noted_with_its_days() -> None:
    program = replace(CLUB, pending=Pending(3), expiry=Expiry(ExpiryKind.AFTER_EARNING, 1))
    after, earned = earn(Account(), _terms(program), purchase("p", line(amount_minor=500)))
    assert earned.why == (Why("base", 5, 500), _GIFT_ROW)
    assert (earned.tier, earned.earned, earned.pending) == (None, 12, 12)
    assert (earned.available_after, earned.pending_after) == (0, 12)
    last_day = date(2026, 4, 30)
    assert after.gifts == (Gift("silver", 7, TODAY, date(2026, 3, 17), last_day),)
    assert earned.standing is not None
    assert (earned.standing.tier_id, earned.standing.since) == ("silver", TODAY)


def test_a_gift_that_is_given_after_its_last_day_is_noted_with_the_days_of_grace() -> None:
    program = replace(CLUB, expiry=Expiry(ExpiryKind.AFTER_EARNING, 1), grace_days=10)
    long_ago = NOW - timedelta(days=90)
    after, _ = earn(Account(), _terms(program), purchase("p", line(amount_minor=500), at=long_ago))
    [gift] = after.gifts
    assert (gift.reached_on, gift.expires_on) == (long_ago.date(), TODAY + timedelta(days=10))
    assert after.lots == (Lot(TODAY + timedelta(days=10), 12),)


def test_without_a_ladder_there_is_no_standing() -> None:
    _, earned = earn(Account(), _terms(), purchase("p", line()))
    assert (earned.standing, earned.ladder, earned.tier) == (None, 0, None)


def test_the_version_of_its_time_prices_a_purchase_and_the_one_of_now_gives_the_tier() -> None:
    member = Account(months=(Month(MARCH, 1, 900, 9),), lifetime=Lifetime(9, 0, 1, 900, 9))
    bought = purchase("p", line(amount_minor=3_000))
    _, by_old_rules = earn(member, _terms(PROGRAM, CLUB), bought)
    assert by_old_rules.why == (Why("base", 30, 3_000), _GIFT_ROW)
    assert (by_old_rules.tier, by_old_rules.ladder) == (None, 3)
    _, by_old_ladder = earn(member, _terms(CLUB, PROGRAM), bought)
    assert by_old_ladder.why == (Why("base", 30, 3_000), Why("tier:silver", 15, 3_000))
    assert (by_old_ladder.tier, by_old_ladder.ladder) == ("silver", 0)
    assert tier_of(CLUB, by_old_ladder) == SILVER
    assert tier_of(PROGRAM, by_old_ladder) is None


def test_points_of_a_purchase_pay_debt_first_and_say_so() -> None:
    _, earned = earn(Account(debt=14), _terms(), purchase("p", line(amount_minor=1_000)))
    assert (earned.debt_paid, earned.available_after, earned.debt_after) == (10, 0, 4)


def test_the_day_of_a_purchase_is_that_of_the_programs_zone() -> None:
    late = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    after, _ = earn(Account(), _terms(), purchase("p", line(), at=late))
    assert after.months == (Month(MARCH, 1, 1_000, 10),)


def test_activity_is_on_the_day_of_a_purchase_and_for_a_claim_today() -> None:
    at = NOW - timedelta(days=4)
    bought = purchase("p", line(), at=at)
    assert earn(Account(), _terms(), bought)[0].active_on == at.date()
    file = _file(line())
    file = replace(file, record=replace(file.record, purchase=bought))
    assert earn_what_remains(Account(), _terms(), file)[0].active_on == TODAY


def test_what_could_not_be_told_is_refused_by_the_lines() -> None:
    with pytest.raises(InvalidContent) as refusal:
        earn(Account(lots=(Lot(None, LARGEST_FIGURE),)), _terms(), purchase("p", line()))
    assert [error.pointer for error in refusal.value.errors] == ["/lines"]


# --- a claim -------------------------------------------------------------------------------------


def test_a_claim_gives_what_remains_by_the_claimers_own_tier() -> None:
    member = Account(months=(Month(MARCH, 1, 900, 9),), lifetime=Lifetime(9, 0, 1, 900, 9))
    file = _file(line("1", 3_000), line("2", 1_000), events=(_returned(1, (0, 1, 2_000)),))
    after, earned = earn_what_remains(member, _terms(CLUB), file)
    assert earned.why == (Why("base", 20, 2_000), Why("tier:silver", 10, 2_000), _GIFT_ROW)
    assert earned.tier == "silver"
    assert after.months == (Month(MARCH, 2, 2_900, 29),)


def test_of_what_came_back_whole_a_claim_gives_nothing_and_counts_no_purchase() -> None:
    file = _file(
        line("1", 3_000), events=(_returned(1, (0, 0, 1_000)), _returned(2, (0, 1, 2_000)))
    )
    after, earned = earn_what_remains(Account(), _terms(), file)
    assert (earned.earned, earned.why) == (0, ())
    assert after.lifetime == Lifetime()


# --- what happened to it -------------------------------------------------------------------------


def test_a_purchase_knows_whose_it_is_since_when_and_what_is_left_of_it() -> None:
    file = _file(line("1", 3_000, quantity=3), line("2", 500), events=(_returned(1, (0, 2, 900)),))
    assert (file.account_id, file.credited_at, file.earned) == (None, NOW, NOTHING_EARNED)
    earned = replace(NOTHING_EARNED, earned=26)
    claim = ClaimRecord("name", 2, "mem_1", NOW + timedelta(days=1), earned)
    file = replace(file, events=(*file.events, claim))
    assert (file.account_id, file.credited_at) == ("mem_1", NOW + timedelta(days=1))
    assert (file.earned, len(file.returns)) == (earned, 1)
    assert file.remaining() == (Remaining(1, 2_100), Remaining(1, 500))


def test_a_purchase_is_gone_with_its_money_or_with_its_pieces_if_it_cost_nothing() -> None:
    paid, free = _file(line("1", 100)), _file(line("1", 0, quantity=2))
    assert paid.is_gone((Remaining(1, 0),))
    assert not paid.is_gone((Remaining(0, 1),))
    assert free.is_gone((Remaining(0, 0),))
    assert not free.is_gone((Remaining(1, 0),))


# --- its price -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "points"),
    [
        (Rounding.FLOOR, [0, 0, 0, 1, 1, 1, 2]),
        (Rounding.CEILING, [0, 1, 1, 2, 2, 2, 3]),
        (Rounding.HALF_UP, [0, 0, 1, 1, 1, 2, 2]),
    ],
)
def test_points_are_rounded_as_the_program_says(rounding: Rounding, points: list[int]) -> None:
    rate = EarningRate(3, 100)
    amounts = [0, 16, 17, 34, 49, 50, 67]
    assert [points_for(rate, minor, rounding) for minor in amounts] == points


def test_a_tier_that_gives_no_more_has_no_row() -> None:
    plain = replace(SILVER, earn_percent=100)
    assert [row.rule for row in price(PROGRAM, [line()], [], tier=plain).why] == ["base"]
    one_percent = replace(SILVER, earn_percent=101)
    priced = price(PROGRAM, [line(amount_minor=10_000)], [], tier=one_percent)
    assert (priced.points, priced.qualifying_points) == (101, 100)


def test_a_tender_that_earns_nothing_lowers_every_line_by_its_share() -> None:
    lines = [line("1", 900), line("2", 100), replace(line("3", 500), eligible=False)]
    paid = [Tender("gift_card", 300), Tender("card", 1_200)]
    assert eligible_minor(PROGRAM, lines, paid) == [720, 80, 0]
    left = [Remaining(1, 450), Remaining(0, 0), Remaining(1, 500)]
    assert eligible_minor(PROGRAM, lines, paid, left) == [360, 0, 0]


def test_a_tender_that_is_more_than_all_lines_leaves_nothing() -> None:
    assert eligible_minor(PROGRAM, [line("1", 900), line("2", 0)], [Tender("gift_card", 999)]) == [
        0,
        0,
    ]


@pytest.mark.parametrize(
    "excluded", [Exclusions(categories=frozenset({"tea"})), Exclusions(skus=frozenset({"sku-1"}))]
)
def test_what_is_excluded_earns_nothing(excluded: Exclusions) -> None:
    program = replace(PROGRAM, excluded=excluded)
    assert price(program, [line(category="tea")], []).why == ()


def test_the_rest_of_a_division_goes_to_the_largest_remainders_and_to_the_first_of_equals() -> None:
    assert spread(10, [1, 1, 1]) == [4, 3, 3]
    assert spread(5, [10, 3, 7]) == [2, 1, 2]
    assert spread(7, [0, 0]) == [0, 0]
    assert spread(0, [3, 4]) == [0, 0]
