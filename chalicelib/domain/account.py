"""An account: what a member has, as integers. Points arithmetic and its invariants live here.

Every function takes an account and gives a new one; none knows a clock, a store or a cause.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from chalicelib.domain.refusals import FieldError, InsufficientPoints, InvalidContent
from chalicelib.domain.reviews import Review, WrittenOff

MONTHS_KEPT = 27
"""A tier can rest on any 12 months that ended within the last 12 and its days of grace."""
LARGEST_FIGURE = 2**53 - 1
"""Beyond it JSON readers elsewhere round, and the packed state could outgrow its bound."""
MOST_OFFER_USES = 40
"""That an account keeps; beyond it an offer that is limited a member does not apply."""


class AccountStatus(StrEnum):
    PENDING_VERIFICATION = "pending_verification"
    ACTIVE = "active"
    FROZEN = "frozen"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Lot:
    """Available points that expire together. `expires_on`: the last day, None for never."""

    expires_on: date | None
    points: int


@dataclass(frozen=True, slots=True)
class PendingLot:
    """Points that can be spent from `matures_on` on."""

    matures_on: date
    expires_on: date | None
    points: int


@dataclass(frozen=True, slots=True)
class Month:
    """What a calendar month (its first day, in the program's zone) brought."""

    first_day: date
    purchases: int
    spend_minor: int
    qualifying_points: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often a limited reward was redeemed in a period (`2026-11`, `""` for ever); of the
    reward `transfer`, how many points were sent."""

    reward: str
    period: str
    count: int


@dataclass(frozen=True, slots=True)
class OfferUse:
    """How often an offer that is limited a member, by its number, gave something in a period
    (`2026-11`, `""` for ever)."""

    number: int
    period: str
    count: int


Counters = tuple[tuple[str, int], ...]
"""What has been counted, by name; sorted, without zeros."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an account is with an offer. number: the offer's. awarded: how often it was given;
    used: how many of these, of a price for a reward, have been redeemed."""

    number: int
    counters: Counters = ()
    awarded: int = 0
    used: int = 0

    @property
    def left(self) -> int:
        """Awards that wait to be redeemed. A return can take one that was redeemed: the next one
        makes up for it."""
        return max(0, self.awarded - self.used)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to remember."""
        return not (any(count for _, count in self.counters) or self.awarded or self.used)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Sums since joining. earned: points of purchases less what returns took; qualifying_points:
    those of them that count for a tier, as in `Month`."""

    earned: int = 0
    redeemed: int = 0
    purchases: int = 0
    spend_minor: int = 0
    qualifying_points: int = 0


@dataclass(frozen=True, slots=True)
class Gift:
    """What reaching a tier gave, once. The dates are those of the lot it was given as."""

    tier_id: str
    points: int
    reached_on: date
    matures_on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """The tier that the account's newest entry left it in, and since when."""

    tier_id: str
    since: date


@dataclass(frozen=True, slots=True)
class Account:
    """The state after an entry.

    lots: earliest expiry first, never-expiring last, one lot a day, none of zero points.
    pending: earliest maturity first, then as lots; one for each pair of days.
    months: newest first, of the 27 months up to the newest.
    expired: what expired unused, by its last day, less what returns have excused since.
    active_on: the day of the newest purchase or redemption.
    moved_to: the account that stands in for this one since it was merged, None for itself.
    sharers: how many accounts this one stands in for. household: those of them whose members have
    joined it to share it.
    under_review: set while somebody looks at it; withheld: what waits for that, in the order of
    `pending`. written_off: what reviews took. offer_uses: those that the limits of offers count.
    progress: with challenges and gifts of offers, by their numbers.
    Available points and debt never coexist.
    """

    status: AccountStatus = AccountStatus.ACTIVE
    lots: tuple[Lot, ...] = ()
    pending: tuple[PendingLot, ...] = ()
    debt: int = 0
    months: tuple[Month, ...] = ()
    lifetime: Lifetime = Lifetime()
    uses: tuple[Use, ...] = ()
    expired: tuple[Lot, ...] = ()
    gifts: tuple[Gift, ...] = ()
    held: Held | None = None
    active_on: date | None = None
    moved_to: str | None = None
    sharers: int = 0
    household: tuple[str, ...] = ()
    under_review: Review | None = None
    withheld: tuple[PendingLot, ...] = ()
    written_off: WrittenOff | None = None
    offer_uses: tuple[OfferUse, ...] = ()
    progress: tuple[Progress, ...] = ()

    def __post_init__(self) -> None:
        assert self.debt >= 0, "debt is never negative"  # noqa: S101  # documentation that runs
        assert not (self.lots and self.debt), "points and debt coexist"  # noqa: S101  # the same
        assert self.under_review or not self.withheld, "held for nobody"  # noqa: S101  # the same
        points = [lot.points for lot in self.lots]
        points += [lot.points for lot in (*self.pending, *self.withheld)]
        assert all(part > 0 for part in points), "an empty lot"  # noqa: S101  # the same

    @property
    def available(self) -> int:
        """Points that can be spent now."""
        return sum(lot.points for lot in self.lots)

    @property
    def pending_points(self) -> int:
        """Points that mature later, and those that are held."""
        return sum(lot.points for lot in self.pending) + self.withheld_points

    @property
    def withheld_points(self) -> int:
        """Points that cannot be spent before somebody has looked at the account."""
        return sum(lot.points for lot in self.withheld)


def spending_order(lot: Lot) -> date:
    """Earliest expiry first, never-expiring last."""
    return lot.expires_on or date.max


def credit(account: Account, lots: tuple[Lot, ...]) -> tuple[Account, int]:
    """Make points available; debt is paid first, from the lots that would be spent first.

    Returns the account after it and the points that paid debt.
    """
    paying, kept = split_lots(tuple(sorted(lots, key=spending_order)), account.debt)
    paid = sum(lot.points for lot in paying)
    richer = replace(account, lots=merged(account.lots + kept), debt=account.debt - paid)
    return richer, paid


def spend(account: Account, points: int) -> tuple[Account, tuple[Lot, ...]]:
    """Take points in spending order. Returns the account after it and the lots they came from.

    Raises InsufficientPoints when fewer are available.
    """
    if points > account.available:
        missing = points - account.available
        raise InsufficientPoints(required=points, available=account.available, missing=missing)
    taken, kept = split_lots(account.lots, points)
    return replace(account, lots=kept), taken


def take_back(account: Account, points: int) -> tuple[Account, int, int]:
    """Take points that should never have been kept: newest lots first, what is missing is debt.

    Returns the account after it, the points that were available, and the new debt.
    """
    from_available = min(points, account.available)
    kept, _ = split_lots(account.lots, account.available - from_available)
    new_debt = points - from_available
    return replace(account, lots=kept, debt=account.debt + new_debt), from_available, new_debt


def count_purchase(
    account: Account,
    month: date,
    *,
    purchases: int,
    spend_minor: int,
    points: int,
    qualifying_points: int,
) -> Account:
    """Add a purchase's figures (or, negative, take a return's back) to its month and the lifetime.

    month: the first day of the purchase's month in the program's zone. qualifying_points: those of
    `points` that count for a tier.
    """
    before = next((m for m in account.months if m.first_day == month), Month(month, 0, 0, 0))
    after = Month(
        month,
        before.purchases + purchases,
        before.spend_minor + spend_minor,
        before.qualifying_points + qualifying_points,
    )
    others = [m for m in account.months if m.first_day != month]
    months = sorted([*others, after], key=lambda m: m.first_day, reverse=True)
    oldest = _months_back(months[0].first_day, MONTHS_KEPT - 1)
    lifetime = replace(
        account.lifetime,
        earned=account.lifetime.earned + points,
        purchases=account.lifetime.purchases + purchases,
        spend_minor=account.lifetime.spend_minor + spend_minor,
        qualifying_points=account.lifetime.qualifying_points + qualifying_points,
    )
    kept = tuple(month for month in months if month.first_day >= oldest)
    return replace(account, months=kept, lifetime=lifetime)


def check_figures(account: Account, pointer: str) -> None:
    """Refuse what took a figure beyond the largest; `pointer` names the field that did.

    Raises InvalidContent.
    """
    lifetime, points = account.lifetime, account.available + account.pending_points
    if max(points, account.debt, lifetime.earned, lifetime.spend_minor) > LARGEST_FIGURE:
        detail = "The account would hold more than 2^53 - 1; write less."
        raise InvalidContent(errors=[FieldError(pointer, "out_of_range", detail)])


def _months_back(first_day: date, months: int) -> date:
    number = first_day.year * 12 + first_day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def split_lots(lots: tuple[Lot, ...], points: int) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """The first `points` points of the lots, in the order in which they are given, and the rest."""
    first: list[Lot] = []
    rest: list[Lot] = []
    for lot in lots:
        part = min(lot.points, points)
        points -= part
        if part:
            first.append(Lot(lot.expires_on, part))
        if lot.points > part:
            rest.append(Lot(lot.expires_on, lot.points - part))
    return tuple(first), tuple(rest)


def merged(lots: tuple[Lot, ...]) -> tuple[Lot, ...]:
    """Lots with those of one day as one, in spending order."""
    sums: dict[date | None, int] = {}
    for lot in lots:
        sums[lot.expires_on] = sums.get(lot.expires_on, 0) + lot.points
    return tuple(sorted((Lot(day, points) for day, points in sums.items()), key=spending_order))
