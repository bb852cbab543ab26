"""Single sentences about what a redemption asks of an account, and what of it comes back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.account import Account, AccountStatus, Lifetime, Lot, Month, Use
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Program,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.redemptions import (
    EndedAs,
    RedemptionEnd,
    RedemptionFile,
    RedemptionRecord,
    expiry_of,
    give_back,
    price_of,
    redeem,
    short_name,
    voucher_value_minor,
)
from chalicelib.domain.refusals import (
    InvalidContent,
    MemberLimitReached,
    RewardNotAvailable,
)
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from tests.ledger_world import PROGRAM

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
TODAY = NOW.date()
APRIL, JUNE = date(2026, 4, 30), date(2026, 6, 30)
CUP = Reward("rwd_cup0123456789", 1, "A cup", RewardKind.FREE_PRODUCT, 10, sku="CUP")
PAYMENT = Reward("rwd_pay0123456789", 1, "Pay", RewardKind.POINTS_PAYMENT, 10, value_minor=50)
RICH = Account(lots=(Lot(APRIL, 15), Lot(None, 100)))
LADDER = Tiers(
    TierBasis.POINTS,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 50), Tier("gold", "Gold", 100)),
)
CLUB = replace(PROGRAM, tiers=LADDER)


def _member(qualifying_points: int) -> Account:
    return replace(RICH, months=(Month(date(2026, 3, 1), 1, 0, qualifying_points),))


def _issued(lots: tuple[Lot, ...], use: tuple[str, str] | None = None) -> RedemptionRecord:
    points = sum(lot.points for lot in lots)
    until = NOW + timedelta(days=30)
    return RedemptionRecord("red_1", "mem_1", NOW, until, CUP, points, lots, use, None, 0, {})


# --- what it asks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reward", "asked", "code", "detail"),
    [
        (
            CUP,
            10,
            "not_expected",
            "Only a points_payment reward takes a number of points; leave it out.",
        ),
        (PAYMENT, 5, "not_a_multiple", "Pay with a multiple of 10 points."),
        (PAYMENT, 15, "not_a_multiple", "Pay with a multiple of 10 points."),
        (PAYMENT, 0, "not_a_multiple", "Pay with a multiple of 10 points."),
    ],
)
def test_a_number_of_points_that_is_not_the_price_is_refused_by_its_field(
    reward: Reward, asked: int, code: str, detail: str
) -> None:
    with pytest.raises(InvalidContent) as refusal:
        price_of(reward, asked)
    [error] = refusal.value.errors
    assert (error.pointer, error.code, error.detail) == ("/points", code, detail)


def test_the_smallest_number_and_any_multiple_of_it_can_be_paid() -> None:
    assert [price_of(PAYMENT, asked) for asked in (None, 10, 20)] == [10, 10, 20]


def test_who_is_not_verified_spends_nothing() -> None:
    account = replace(RICH, status=AccountStatus.PENDING_VERIFICATION)
    with pytest.raises(RewardNotAvailable) as refusal:
        redeem(account, CUP, 10, NOW, PROGRAM)
    assert refusal.value.reason == "not_verified"


def test_points_go_in_spending_order_and_are_counted_as_redeemed() -> None:
    before = replace(RICH, lifetime=Lifetime(earned=115, redeemed=3))
    after, lots, use = redeem(before, CUP, 20, NOW, PROGRAM)
    assert lots == (Lot(APRIL, 15), Lot(None, 5))
    assert (after.lots, use) == ((Lot(None, 95),), None)
    assert after.lifetime == Lifetime(earned=115, redeemed=23)


@pytest.mark.parametrize("qualifying_points", [0, 49])
def test_below_its_tiers_a_reward_is_not_there(qualifying_points: int) -> None:
    with pytest.raises(RewardNotAvailable) as refusal:
        redeem(_member(qualifying_points), replace(CUP, tiers=frozenset({"silver"})), 10, NOW, CLUB)
    assert refusal.value.reason == "tier"


def test_another_tier_than_its_own_even_a_higher_one_does_not_open_a_reward() -> None:
    with pytest.raises(RewardNotAvailable):
        redeem(_member(100), replace(CUP, tiers=frozenset({"silver"})), 10, NOW, CLUB)


@pytest.mark.parametrize(("qualifying_points", "tier"), [(50, "silver"), (100, "gold")])
def test_a_members_own_tier_opens_a_reward(qualifying_points: int, tier: str) -> None:
    reward = replace(CUP, tiers=frozenset({tier}))
    assert redeem(_member(qualifying_points), reward, 10, NOW, CLUB)[0].available == 105


def test_a_redemption_keeps_points_alive_that_expire_by_inactivity() -> None:
    program = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 3))
    after, _, _ = redeem(RICH, CUP, 10, NOW, program)
    assert after.lots == (Lot(date(2026, 6, 14), 5), Lot(None, 100))
    assert after.active_on == TODAY


def test_a_limit_that_is_reached_says_how_often_in_which_period() -> None:
    reward = replace(CUP, member_limit=2, member_limit_period=LimitPeriod.MONTH)
    account = replace(RICH, uses=(Use(short_name(reward), "2026-03", 2),))
    with pytest.raises(MemberLimitReached) as refusal:
        redeem(account, reward, 10, NOW, PROGRAM)
    assert refusal.value.extras() == {"limit": 2, "period": "month"}


def test_uses_of_one_period_are_counted_together() -> None:
    reward = replace(CUP, member_limit=3)
    account, _, _ = redeem(RICH, reward, 10, NOW, PROGRAM)
    account, _, use = redeem(account, reward, 10, NOW, PROGRAM)
    assert account.uses == (Use("cup0123456", "", 2),)
    assert use == ("cup0123456", "")


# --- how it ends ---------------------------------------------------------------------------------


def test_points_come_back_to_their_lots_and_count_as_redeemed_no_more() -> None:
    record = _issued((Lot(APRIL, 15), Lot(None, 5)))
    before = Account(lots=(Lot(None, 95),), lifetime=Lifetime(redeemed=23))
    after, debt_paid = give_back(before, record, PROGRAM, TODAY)
    assert after.lots == (Lot(APRIL, 15), Lot(None, 100))
    assert (after.lifetime.redeemed, debt_paid) == (3, 0)


def test_points_that_come_back_pay_debt_first() -> None:
    after, debt_paid = give_back(Account(debt=4), _issued((Lot(None, 5),)), PROGRAM, TODAY)
    assert (after.lots, after.debt, debt_paid) == ((Lot(None, 1),), 0, 4)


def test_points_that_come_back_too_late_have_the_days_of_grace() -> None:
    program = replace(PROGRAM, grace_days=9)
    for day, last_day in ((APRIL, APRIL), (APRIL + timedelta(days=1), date(2026, 5, 10))):
        after, _ = give_back(Account(), _issued((Lot(APRIL, 5),)), program, day)
        assert after.lots == (Lot(last_day, 5),)


def test_points_come_back_to_where_those_live_that_stayed() -> None:
    program = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 3))
    before = Account(active_on=date(2026, 5, 2))
    after, _ = give_back(before, _issued((Lot(APRIL, 5),)), program, date(2026, 5, 10))
    assert after.lots == (Lot(date(2026, 8, 2), 5),)


def test_a_use_is_given_back_to_its_own_reward_and_period_alone() -> None:
    uses = (Use("cup0123456", "2026-03", 3), Use("cup0123456", "2026-02", 3), Use("tea", "", 3))
    record = _issued((Lot(None, 5),), ("cup0123456", "2026-03"))
    after, _ = give_back(Account(uses=uses), record, PROGRAM, TODAY)
    assert after.uses == (Use("cup0123456", "2026-03", 2), *uses[1:])


def test_the_last_use_that_is_given_back_leaves_nothing() -> None:
    record = _issued((Lot(None, 5),), ("cup0123456", ""))
    before = Account(uses=(Use("cup0123456", "", 1), Use("tea", "", 1)))
    after, _ = give_back(before, record, PROGRAM, TODAY)
    assert after.uses == (Use("tea", "", 1),)


def test_a_voucher_is_issued_until_the_very_instant_it_expires_at() -> None:
    record = _issued((Lot(None, 5),))
    file = RedemptionFile(record, None)
    assert record.expires_at == expiry_of(CUP, NOW)
    assert file.status(record.expires_at - timedelta(milliseconds=1)) == "issued"
    assert file.status(record.expires_at) == "expired"


def test_how_a_redemption_ended_stays_true() -> None:
    record = _issued((Lot(None, 5),))
    file = RedemptionFile(record, RedemptionEnd("red_1", EndedAs.USED, NOW, "till"))
    assert file.status(record.expires_at) == "used"


def test_money_of_points_is_whole_units_of_what_the_smallest_payment_gives() -> None:
    paid = replace(_issued((Lot(None, 70),)), reward=PAYMENT)
    discount = replace(CUP, kind=RewardKind.DISCOUNT_AMOUNT, value_minor=250)
    assert voucher_value_minor(paid) == 350
    assert isinstance(voucher_value_minor(paid), int)
    assert voucher_value_minor(replace(paid, reward=discount)) == 250


@pytest.mark.parametrize("program", [PROGRAM, CLUB])
def test_a_reward_for_everybody_asks_for_no_tier(program: Program) -> None:
    assert redeem(RICH, CUP, 10, NOW, program)[0].available == 105
