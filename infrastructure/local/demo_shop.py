"""The demo's coffee shop: its program, its rewards, its catalogue. Facts alone."""

from dataclasses import dataclass

from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import (
    Controller,
    EarningRate,
    EarningRule,
    ErasureRules,
    Exclusions,
    Expiry,
    ExpiryKind,
    Limits,
    Pending,
    Program,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
    Transfers,
)
from chalicelib.domain.purposes import LOYALTY_TERMS, Purpose, PurposeKind
from chalicelib.domain.retention import Retention
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward, RewardKind

CURRENCY = "EUR"

PROGRAM = Program(
    version=1,
    name="Kaffeehaus Karte",
    zone="Europe/Berlin",
    currency=CURRENCY,
    base=EarningRate(points=1, per_minor=100),
    rules=(
        EarningRule(
            rule_id="beans-double",
            name="Coffee beans count double",
            rate=EarningRate(points=1, per_minor=100),
            categories=frozenset({"beans"}),
        ),
    ),
    excluded=Exclusions(
        categories=frozenset({"gift-cards"}), tenders=frozenset({"gift_card", "points"})
    ),
    limits=Limits(adjustment_without_approval=500, late_purchase_days=30),
    purposes=(
        Purpose(LOYALTY_TERMS, PurposeKind.TERMS, text="The terms of the Kaffeehaus card"),
        Purpose(
            "marketing_mail",
            PurposeKind.MARKETING,
            MessageChannel.MAIL,
            double_opt_in=True,
            text="News and offers by mail",
        ),
        Purpose("profiling", PurposeKind.PROFILING, text="Offers that fit what I buy and like"),
    ),
    attributes=("favourite_drink",),
    pending=Pending(days=14),
    expiry=Expiry(ExpiryKind.AFTER_EARNING, months=12),
    tiers=Tiers(
        TierBasis.POINTS,
        TierWindow.ROLLING_12_MONTHS,
        (
            Tier("bronze", "Bronze", threshold=50, earn_percent=110),
            Tier("silver", "Silver", threshold=120, earn_percent=125),
            Tier("gold", "Gold", threshold=220, earn_percent=150, gift_points=50),
        ),
        grace_days=30,
    ),
    transfers=Transfers(most_points=200, most_points_a_month=400, cooling_off_days=2),
    household_members=5,
    thousand_points_minor=4_000,
    erasure=ErasureRules(cool_off_days=0),
    retention=Retention(inactive_months=36, warn_days=30, unverified_days=30),
    controller=Controller("Kaffeehaus Karte GmbH", "privacy@kaffeehaus.example"),
)


def _reward(name: str, kind: RewardKind, points: int, **terms: object) -> Reward:
    """A draft: its id, version and shards are given when it is created."""
    return Reward(reward_id="", version=0, name=name, kind=kind, points=points, **terms)  # type: ignore[arg-type]  # the fields of Reward, by name


REWARDS: dict[str, Reward] = {
    "free-coffee": _reward("A coffee on us", RewardKind.FREE_PRODUCT, 50, sku="flat-white"),
    "two-euros-off": _reward(
        "2 euros off",
        RewardKind.DISCOUNT_AMOUNT,
        40,
        value_minor=200,
        currency=CURRENCY,
        on_expiry=OnExpiry.RETURN,
    ),
    "ten-percent-off": _reward(
        "10 percent off, once a month",
        RewardKind.DISCOUNT_PERCENT,
        60,
        percent=10,
        member_limit=1,
        member_limit_period=LimitPeriod.MONTH,
    ),
    "pay-with-points": _reward(
        "Pay with points: 20 points are a euro",
        RewardKind.POINTS_PAYMENT,
        20,
        value_minor=100,
        currency=CURRENCY,
    ),
    "concert-ticket": _reward(
        "A ticket for Friday's concert, of 50",
        RewardKind.VOUCHER_POOL,
        80,
        stock=50,
        value_minor=1200,
        currency=CURRENCY,
    ),
    "plant-a-tree": _reward("We plant a tree", RewardKind.DONATION, 30),
    "barista-course": _reward(
        "A morning with our barista, for gold members",
        RewardKind.VOUCHER_POOL,
        200,
        tiers=frozenset({"gold"}),
    ),
}
"""By the idempotency key that each is created with."""


@dataclass(frozen=True, slots=True)
class Article:
    """price_minor: of one."""

    sku: str
    category: str
    price_minor: int
    brand: str | None = None


CATALOGUE = (
    Article("espresso", "drinks", 250),
    Article("cappuccino", "drinks", 390),
    Article("flat-white", "drinks", 420),
    Article("filter-coffee", "drinks", 340),
    Article("croissant", "bakery", 280),
    Article("cheesecake", "bakery", 450),
    Article("beans-250g", "beans", 890, "Karte"),
    Article("beans-1kg", "beans", 2890, "Karte"),
    Article("mug", "goods", 1490),
    Article("gift-card-25", "gift-cards", 2500),
)
