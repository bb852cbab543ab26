"""Strategies for accounts, programs and purchases, for the tests of points."""

from datetime import date, timedelta

from hypothesis import strategies as st

from chalicelib.domain.account import (
    MONTHS_KEPT,
    Account,
    AccountStatus,
    Lifetime,
    Lot,
    Month,
    PendingLot,
    Use,
)
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import EarningRate, EarningRule, Exclusions, Program, Rounding
from tests.ledger_world import PROGRAM

LARGEST_POINTS = 9_999_999
"""What a single figure of a real account stays below."""

days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
points = st.integers(1, 10_000)
amounts = st.integers(0, LARGEST_POINTS)


@st.composite
def lots(draw: st.DrawFn, most: int = 24) -> tuple[Lot, ...]:
    """Lots as an account holds them: one a day, earliest first, never-expiring last."""
    expiries = sorted(draw(st.sets(days, max_size=most - 1)))
    held = [Lot(day, draw(points)) for day in expiries]
    if draw(st.booleans()):
        held.append(Lot(None, draw(points)))
    return tuple(held)


@st.composite
def months(draw: st.DrawFn) -> tuple[Month, ...]:
    """Some of the 13 months up to the newest, newest first, none empty but the newest."""
    newest = draw(days).replace(day=1)
    back = sorted(draw(st.sets(st.integers(1, MONTHS_KEPT - 1), max_size=MONTHS_KEPT - 1)))
    figures = st.tuples(st.integers(1, 500), amounts, amounts)
    return tuple(Month(months_before(newest, step), *draw(figures)) for step in [0, *back])


def months_before(first_day: date, steps: int) -> date:
    """The first day of the month so many months before."""
    for _ in range(steps):
        first_day = (first_day - timedelta(days=1)).replace(day=1)
    return first_day


pending = st.builds(PendingLot, days, st.none() | days, points)
uses = st.builds(
    Use,
    st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=10, max_size=10),
    st.sampled_from(["", "2026", "2026-11", "2026-W48", "2026-11-22"]),
    st.integers(1, 99),
)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any account that keeps its own promises."""
    held = draw(lots())
    return Account(
        status=draw(st.sampled_from(AccountStatus)),
        lots=held,
        pending=tuple(draw(st.lists(pending, max_size=10))),
        debt=0 if held else draw(st.integers(0, 10_000)),
        months=draw(st.just(()) | months()),
        lifetime=Lifetime(*draw(st.tuples(amounts, amounts, amounts, amounts))),
        uses=tuple(draw(st.lists(uses, max_size=5))),
    )


def full_account() -> Account:
    """As full as accounts get: 24 lots, 13 months, 10 pending days, in figures of a big spender."""
    start = date(2026, 3, 14)
    return Account(
        lots=(
            *(Lot(start + timedelta(days=30 * n), 1_200 + n) for n in range(23)),
            Lot(None, 2_500),
        ),
        pending=tuple(
            PendingLot(start + timedelta(days=n), start + timedelta(days=400 + n), 150 + n)
            for n in range(10)
        ),
        months=tuple(
            Month(months_before(start.replace(day=1), n), 20 + n, 45_000 + n, 450 + n)
            for n in range(MONTHS_KEPT)
        ),
        lifetime=Lifetime(45_000, 20_000, 420, 4_500_000),
    )


# --- purchases --------------------------------------------------------------------------------

_categories = st.sampled_from([None, "beans", "tea", "gift_cards"])
_brands = st.sampled_from([None, "kronos", "other"])
rates = st.builds(EarningRate, st.integers(1, 7), st.sampled_from([1, 3, 7, 50, 100, 250]))


def _names(of: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(of))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of every rounding, with up to three rules and exclusions of every kind."""
    rules = tuple(
        EarningRule(
            rule_id=f"rule-{number}",
            name=f"Rule {number}",
            rate=draw(rates),
            categories=draw(_names(["beans", "tea"])),
            brands=draw(_names(["kronos"])),
            skus=draw(_names(["sku-1", "sku-2"])),
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
