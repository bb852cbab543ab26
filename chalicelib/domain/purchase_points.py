"""What a purchase gives to an account: decisions, no I/O. What a return takes: `returns.py`."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.domain.account import Account, Gift, Lot, check_figures, count_purchase
from chalicelib.domain.earning import GIFT, Priced, days_of_row, price
from chalicelib.domain.entries import Why
from chalicelib.domain.granted_offers import Granted
from chalicelib.domain.instants import local_date, printed
from chalicelib.domain.lots import Days, days_of, in_time, kept_alive
from chalicelib.domain.program import Program, Tier
from chalicelib.domain.purchases import Earned, Purchase, PurchaseFile
from chalicelib.domain.quarantine import receive_earned
from chalicelib.domain.refusals import CurrencyNotAccepted, InTheFuture, TooFarBack
from chalicelib.domain.tiers import gifts_due, kept_since, standing, tier_on

FUTURE_TOLERANCE = timedelta(minutes=5)


def check_acceptable(program: Program, purchase: Purchase, now: datetime) -> None:
    """Refuse what the program does not take: CurrencyNotAccepted, InTheFuture, TooFarBack."""
    if purchase.currency != program.currency:
        raise CurrencyNotAccepted(accepted=[program.currency])
    if purchase.occurred_at > now + FUTURE_TOLERANCE:
        raise InTheFuture()
    oldest = now - timedelta(days=program.limits.late_purchase_days)
    if purchase.occurred_at < oldest:
        raise TooFarBack(oldest=printed(oldest))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a purchase is decided by. rules: the program's version of when it was made, which
    prices it. active: the one of now, which says who has which tier. today: in its zone."""

    rules: Program
    active: Program
    today: date

    def day_of(self, purchase: Purchase) -> date:
        """The day of a purchase, in the zone that its own version had."""
        return local_date(purchase.occurred_at, self.rules.zone)


def earn(
    account: Account, terms: Terms, purchase: Purchase, granted: tuple[Granted, ...] = ()
) -> tuple[Account, Earned]:
    """What a purchase gives an account; debt is paid first. granted: what offers give to it.

    Raises InvalidContent where the account would hold more than can be told.
    """
    tier = tier_on(account, terms.rules.tiers, terms.day_of(purchase))
    priced = price(terms.rules, purchase.lines, purchase.tenders, tier=tier)
    counted = _Counted(terms.day_of(purchase), purchase.amount_minor, purchases=1)
    return _earned(account, terms, purchase, priced, tier, counted, granted)


def earn_what_remains(account: Account, terms: Terms, file: PurchaseFile) -> tuple[Account, Earned]:
    """What a claimed purchase gives: its own rules, for what has not been returned."""
    purchase, remaining = file.record.purchase, file.remaining()
    tier = tier_on(account, terms.rules.tiers, terms.day_of(purchase))
    priced = price(terms.rules, purchase.lines, purchase.tenders, remaining, tier)
    purchases = 0 if file.is_gone(remaining) else 1
    counted = _Counted(terms.today, sum(part.amount_minor for part in remaining), purchases)
    return _earned(account, terms, purchase, priced, tier, counted)


def tier_of(program: Program, earned: Earned) -> Tier | None:
    """The tier that a purchase was priced with, of the version that priced it."""
    levels = program.tiers.levels if program.tiers else ()
    return next((level for level in levels if level.tier_id == earned.tier), None)


@dataclass(frozen=True, slots=True)
class _Counted:
    """active_on: the day on which the member did something. spend_minor, purchases: what counts."""

    active_on: date
    spend_minor: int
    purchases: int


def _earned(
    account: Account,
    terms: Terms,
    purchase: Purchase,
    priced: Priced,
    tier: Tier | None,
    counts: _Counted,
    granted: tuple[Granted, ...] = (),
) -> tuple[Account, Earned]:
    occurred_on = terms.day_of(purchase)
    offered = sum(one.applied.points for one in granted)
    counted = count_purchase(
        account,
        occurred_on.replace(day=1),
        purchases=counts.purchases,
        spend_minor=counts.spend_minor,
        points=priced.points + offered,
        qualifying_points=priced.qualifying_points,
    )
    gifts = _gifts(counted, terms, occurred_on)
    points = sum(gift.points for gift in gifts)
    lifetime = replace(counted.lifetime, earned=counted.lifetime.earned + points)
    counted = replace(counted, gifts=counted.gifts + gifts, lifetime=lifetime)
    parts = [(days_of_row(terms.rules, row, occurred_on), row.points) for row in priced.why]
    parts += [(one.days(terms.rules, occurred_on), one.applied.points) for one in granted]
    parts += [(Days(gift.matures_on, gift.expires_on), gift.points) for gift in gifts]
    arrived = receive_earned(counted, terms.active, parts, terms.today)
    after = kept_alive(arrived.account, terms.active, counts.active_on)
    check_figures(after, "/lines")
    ladder = terms.active.tiers
    kept = kept_since(account, after, ladder, terms.today)
    return after, Earned(
        earned=priced.points + offered + points,
        pending=arrived.pending,
        debt_paid=arrived.debt_paid,
        available_after=after.available,
        pending_after=after.pending_points,
        debt_after=after.debt,
        why=(
            *priced.why,
            *(one.why for one in granted if one.applied.points or one.award),
            *(Why(GIFT + gift.tier_id, gift.points, 0) for gift in gifts),
        ),
        tier=tier.tier_id if tier else None,
        standing=standing(kept, ladder, terms.today) if ladder else None,
        ladder=terms.active.version if ladder else 0,
        held=arrived.held,
    )


def _gifts(account: Account, terms: Terms, occurred_on: date) -> tuple[Gift, ...]:
    """The gifts of the tiers that the account has now reached. What comes after its last day has
    that of its days of grace."""
    due = gifts_due(account, terms.active.tiers, terms.today)
    days = days_of(terms.rules, None, occurred_on)
    last = in_time(Lot(days.expires_on, 0), terms.active, terms.today).expires_on
    return tuple(
        Gift(tier.tier_id, tier.gift_points, occurred_on, days.matures_on, last) for tier in due
    )
