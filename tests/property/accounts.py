"""Strategies for accounts, for the tests of points."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from chalicelib.domain.account import (
    MONTHS_KEPT,
    Account,
    AccountStatus,
    Gift,
    Held,
    Lifetime,
    Lot,
    Month,
    PendingLot,
    Use,
)
from chalicelib.domain.lots import EXPIRED_KEPT, MOST_PENDING
from chalicelib.domain.reviews import Review, Suspicion, WrittenOff

LARGEST_POINTS = 9_999_999
"""What a single figure of a real account stays below."""

days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
points = st.integers(1, 10_000)
amounts = st.integers(0, LARGEST_POINTS)
tier_ids = st.sampled_from(["silver", "gold", "platinum"])


@st.composite
def lots(draw: st.DrawFn, most: int = 24, among: st.SearchStrategy[date] = days) -> tuple[Lot, ...]:
    """Lots as an account holds them: one a day, earliest first, never-expiring last."""
    expiries = sorted(draw(st.sets(among, max_size=most - 1)))
    held = [Lot(day, draw(points)) for day in expiries]
    if draw(st.booleans()):
        held.append(Lot(None, draw(points)))
    return tuple(held)


@st.composite
def pending_lots(
    draw: st.DrawFn, most: int = 10, among: st.SearchStrategy[date] = days
) -> tuple[PendingLot, ...]:
    """Pending lots as an account holds them: one for each pair of days, earliest maturity first."""
    weeks = st.none() | st.sampled_from([0, 1, 5, 52])
    pairs = draw(st.sets(st.tuples(among, weeks), max_size=most))
    found = {
        (matures_on, None if wait is None else matures_on + timedelta(weeks=wait))
        for matures_on, wait in pairs
    }
    ordered = sorted(found, key=lambda pair: (pair[0], pair[1] or date.max))
    return tuple(PendingLot(*pair, draw(points)) for pair in ordered)


@st.composite
def months(draw: st.DrawFn) -> tuple[Month, ...]:
    """Some of the months kept up to the newest, newest first, none empty but the newest."""
    newest = draw(days).replace(day=1)
    back = sorted(draw(st.sets(st.integers(1, MONTHS_KEPT - 1), max_size=MONTHS_KEPT - 1)))
    figures = st.tuples(st.integers(1, 500), amounts, amounts)
    return tuple(Month(months_before(newest, step), *draw(figures)) for step in [0, *back])


def months_before(first_day: date, steps: int) -> date:
    """The first day of the month so many months before."""
    for _ in range(steps):
        first_day = (first_day - timedelta(days=1)).replace(day=1)
    return first_day


uses = st.builds(
    Use,
    st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=10, max_size=10),
    st.sampled_from(["", "2026", "2026-11", "2026-W48", "2026-11-22"]),
    st.integers(1, 99),
)
reviews = st.builds(Review, days, st.sampled_from(Suspicion), st.integers(1, 99_999))
gifts = st.builds(Gift, tier_ids, points, days, days, st.none() | days)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any account that keeps its own promises."""
    held = draw(lots())
    review = draw(st.none() | reviews)
    return Account(
        status=draw(st.sampled_from(AccountStatus)),
        lots=held,
        pending=draw(pending_lots()),
        debt=0 if held else draw(st.integers(0, 10_000)),
        months=draw(st.just(()) | months()),
        lifetime=Lifetime(*draw(st.tuples(amounts, amounts, amounts, amounts, amounts))),
        uses=tuple(draw(st.lists(uses, max_size=5))),
        expired=tuple(
            Lot(day, draw(points))
            for day in sorted(draw(st.sets(st.dates(max_value=date(2019, 12, 31)), max_size=3)))
        ),
        gifts=tuple(draw(st.lists(gifts, max_size=3, unique_by=lambda gift: gift.tier_id))),
        held=draw(st.none() | st.builds(Held, tier_ids, days)),
        active_on=draw(st.none() | days),
        moved_to=draw(st.none() | st.just("mem_01abcdefghjkmnpqrs")),
        sharers=draw(st.integers(0, 5)),
        under_review=review,
        withheld=draw(pending_lots()) if review else (),
        written_off=draw(st.none() | st.builds(WrittenOff, points, days)),
    )


@st.composite
def accounts_of_few_days(draw: st.DrawFn, start: date, span: int) -> Account:
    """An account all of whose lots have their days within `span` days from `start` on."""
    among = st.integers(0, span).map(lambda ahead: start + timedelta(days=ahead))
    held = draw(lots(most=8, among=among))
    return Account(
        lots=held,
        pending=draw(pending_lots(most=8, among=among)),
        debt=0 if held else draw(st.integers(0, 20_000)),
    )


def full_account() -> Account:
    """As full as the accounts of big spenders get: 24 lots, as many months as are kept, 10 pending
    days, a tier, its gift and what expired lately."""
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
        lifetime=Lifetime(45_000, 20_000, 420, 4_500_000, 42_000),
        expired=tuple(Lot(start - timedelta(days=30 * n), 40 + n) for n in range(4, 0, -1)),
        gifts=(Gift("silver", 100, start, start, start + timedelta(days=400)),),
        held=Held("silver", start),
        active_on=start,
    )


def fullest_account() -> Account:
    """As full as earning alone makes one: lots for every month of five years, every pending day
    that is told apart, every month of expiry that returns remember, and the gifts of five tiers."""
    full, start = full_account(), date(2026, 3, 31)
    return replace(
        full,
        lots=tuple(Lot(start + timedelta(days=30 * n), 12_345) for n in range(60)),
        pending=tuple(
            PendingLot(start + timedelta(days=n), start + timedelta(days=1_100 + n), 1_234)
            for n in range(MOST_PENDING)
        ),
        expired=tuple(
            Lot(start - timedelta(days=30 * n), 1_234) for n in range(EXPIRED_KEPT, 0, -1)
        ),
        gifts=tuple(Gift(f"platinum-{n}", 1_000, start, start, start) for n in range(5)),
    )
