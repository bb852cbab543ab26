"""What a redemption costs, is worth, and counts against: pure rules."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.account import Account, Lot, Use
from chalicelib.domain.redemptions import (
    USES_KEPT,
    RedemptionRecord,
    period_of,
    price_of,
    redeem,
    short_name,
    voucher_value_minor,
)
from chalicelib.domain.refusals import InvalidContent, MemberLimitReached, RewardNotAvailable
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from tests.ledger_world import PROGRAM

CUP = Reward("rwd_cup0123456789", 1, "A cup", RewardKind.FREE_PRODUCT, 10, sku="CUP")
PAYMENT = Reward("rwd_pay0123456789", 1, "Pay", RewardKind.POINTS_PAYMENT, 10, value_minor=50)
NEW_YEAR_IN_BERLIN = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
RICH = Account(lots=(Lot(None, 1_000),))


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (None, ""),
        (LimitPeriod.DAY, "2026-01-01"),
        (LimitPeriod.WEEK, "2026-W01"),
        (LimitPeriod.MONTH, "2026-01"),
        (LimitPeriod.YEAR, "2026"),
    ],
)
def test_periods_are_those_of_the_programs_zone(period: LimitPeriod | None, text: str) -> None:
    assert period_of(period, NEW_YEAR_IN_BERLIN, "Europe/Berlin") == text


def test_only_pay_with_points_takes_a_number_of_points() -> None:
    assert (price_of(CUP, None), price_of(PAYMENT, None), price_of(PAYMENT, 70)) == (10, 10, 70)
    for reward, asked in ((CUP, 10), (PAYMENT, 5), (PAYMENT, 15)):
        with pytest.raises(InvalidContent):
            price_of(reward, asked)


def test_a_voucher_of_pay_with_points_is_worth_what_was_paid() -> None:
    issued = RedemptionRecord(
        "red_1", "mem_1", NEW_YEAR_IN_BERLIN, NEW_YEAR_IN_BERLIN, PAYMENT, 70, (), None, None, 0, {}
    )

    assert voucher_value_minor(issued) == 350
    assert voucher_value_minor(replace(issued, reward=CUP)) is None


def test_a_limit_counts_its_own_period_and_forgets_older_ones() -> None:
    limited = replace(CUP, member_limit=1, member_limit_period=LimitPeriod.YEAR)
    older = Use(short_name(limited), "2025", 1)

    after, _, use = redeem(replace(RICH, uses=(older,)), limited, 10, NEW_YEAR_IN_BERLIN, PROGRAM)

    assert use == (short_name(limited), "2026")
    assert after.uses == (Use(short_name(limited), "2026", 1),)
    with pytest.raises(MemberLimitReached):
        redeem(after, limited, 10, NEW_YEAR_IN_BERLIN, PROGRAM)


def test_an_account_with_too_many_limited_rewards_says_so_rather_than_grow() -> None:
    uses = tuple(Use(f"other{number:05d}", "", 1) for number in range(USES_KEPT))

    with pytest.raises(RewardNotAvailable) as refused:
        redeem(
            replace(RICH, uses=uses), replace(CUP, member_limit=1), 10, NEW_YEAR_IN_BERLIN, PROGRAM
        )

    assert refused.value.reason == "account_full"
