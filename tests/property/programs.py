"""Strategies for programs and what is bought under them, for the tests of points."""

from datetime import date

from hypothesis import strategies as st

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import (
    EarningRate,
    EarningRule,
    Exclusions,
    Expiry,
    ExpiryAlignment,
    ExpiryKind,
    Pending,
    Program,
    Rounding,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from tests.ledger_world import PROGRAM

_categories = st.sampled_from([None, "beans", "tea", "gift_cards"])
_brands = st.sampled_from([None, "kronos", "other"])
rates = st.builds(EarningRate, st.integers(1, 7), st.sampled_from([1, 3, 7, 50, 100, 250]))

pendings = st.builds(
    Pending, st.sampled_from([0, 1, 14, 30, 400]), st.none() | st.just(date(2026, 4, 1))
)
expiries = st.none() | st.builds(
    Expiry,
    st.sampled_from(ExpiryKind),
    st.integers(1, 36),
    st.sampled_from(ExpiryAlignment),
)


def _names(of: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(of))


@st.composite
def ladders(draw: st.DrawFn) -> Tiers:
    """Ladders of one to three tiers on every basis and window."""
    thresholds = sorted(draw(st.sets(st.integers(1, 3_000), min_size=1, max_size=3)))
    levels = tuple(
        Tier(
            tier_id=f"tier-{number}",
            name=f"Tier {number}",
            threshold=threshold,
            earn_percent=draw(st.sampled_from([100, 110, 133, 150, 200, 1_000])),
            gift_points=draw(st.sampled_from([0, 0, 50, 333])),
        )
        for number, threshold in enumerate(thresholds)
    )
    return Tiers(
        basis=draw(st.sampled_from(TierBasis)),
        window=draw(st.sampled_from(TierWindow)),
        levels=levels,
        grace_days=draw(st.integers(0, 62)),
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of every rounding, pending, expiry and ladder, with up to three rules and
    exclusions of every kind."""
    rules = tuple(
        EarningRule(
            rule_id=f"rule-{number}",
            name=f"Rule {number}",
            rate=draw(rates),
            categories=draw(_names(["beans", "tea"])),
            brands=draw(_names(["kronos"])),
            skus=draw(_names(["sku-1", "sku-2"])),
            pending=draw(st.none() | pendings),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    excluded = Exclusions(
        categories=draw(_names(["gift_cards", "tea"])),
        skus=draw(_names(["sku-3"])),
        tenders=draw(_names(["gift_card", "points"])),
    )
    return Program(
        version=1,
        name=PROGRAM.name,
        zone=PROGRAM.zone,
        currency=PROGRAM.currency,
        base=draw(rates),
        rounding=draw(st.sampled_from(Rounding)),
        rules=rules,
        excluded=excluded,
        limits=PROGRAM.limits,
        pending=draw(pendings),
        expiry=draw(expiries),
        grace_days=draw(st.integers(0, 60)),
        tiers=draw(st.none() | ladders()),
    )


@st.composite
def lines(draw: st.DrawFn, most: int = 5) -> tuple[Line, ...]:
    """One to `most` lines, some free, some not eligible."""
    return tuple(
        Line(
            line_id=str(number),
            sku=draw(st.sampled_from(["sku-1", "sku-2", "sku-3"])),
            quantity=draw(st.integers(1, 4)),
            amount_minor=draw(st.integers(0, 3_000)),
            category=draw(_categories),
            brand=draw(_brands),
            eligible=draw(st.booleans() | st.just(True)),
        )
        for number in range(draw(st.integers(1, most)))
    )


tenders = st.lists(
    st.builds(
        Tender, st.sampled_from(["card", "cash", "gift_card", "points"]), st.integers(0, 2_000)
    ),
    max_size=3,
).map(tuple)
