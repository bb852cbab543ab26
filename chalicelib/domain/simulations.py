"""What an offer would have given: the question, and the sums that answer it.

Sums alone: whose points they are stands nowhere in here. Knows neither the ledger nor how an offer
is decided.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import months_after
from chalicelib.domain.offers import Offer, OfferStatus

MOST_MONTHS = 24
MOST_SIDE_BY_SIDE = 4
MOST_SEGMENTS = 20
LARGEST_KEPT = 5
MEMBER_LIMIT, BUDGET = "member_limit", "budget"


@dataclass(frozen=True, slots=True)
class OfferVersion:
    """A version of an offer, which never changes."""

    offer_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """The question, as it is kept: what each of `offers` would have given, had it alone been live
    beside `others`, for the purchases of so many months up to `at`. segments: ids of those that
    what it gave is told apart by."""

    simulation_id: str
    at: datetime
    months: int
    offers: tuple[OfferVersion, ...]
    others: tuple[OfferVersion, ...]
    segments: tuple[str, ...] = ()

    @property
    def since(self) -> datetime:
        """Purchases after it, until `at`, are looked at."""
        day = months_after(self.at.date(), -self.months)
        return datetime.combine(day, self.at.timetz())


def as_if_live(offer: Offer, simulation: Simulation) -> Offer:
    """An offer as it would have been, live over all of the time looked at: its weekdays and hours
    hold, its first and last day do not, as they are usually yet to come."""
    return replace(
        offer,
        status=OfferStatus.LAUNCHED,
        schedule=replace(offer.schedule, starts_at=None, ends_at=None),
        launched_at=simulation.since,
        since=simulation.since,
        ended_at=None,
        pauses=(),
    )


# --- what was found ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What an offer would have given to a purchase, were there neither budget nor member limit.

    at_ms: milliseconds since 1970. seq: of the purchase's entry. account: its place among those
    looked at, which tells nobody whose it is. cost: in the unit of the budget. spend_minor: of the
    purchase. period: the one of its limit. tier: the member's then. segments: ids of those that the
    member was in.
    """

    at_ms: int
    account: str
    seq: int
    points: int
    cost: int
    spend_minor: int
    period: str
    tier: str
    segments: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What was found of one offer; a mutable sum, as JSON can say it.

    members: accounts that it would have given something. purchases, points, cost, spend_minor: of
    the purchases it would have applied to; cost in the unit of its budget. by_week: Monday ->
    [purchases, points]. by_tier, by_segment: id -> [members, purchases, points]; a member who
    changed tier counts in each. largest: points of single members. excluded: reason -> purchases
    it would not have applied to.
    overlap: id of another offer -> purchases [both apply, the other one beats it, it beats the
    other one].
    """

    members: int = 0
    purchases: int = 0
    points: int = 0
    cost: int = 0
    spend_minor: int = 0
    by_week: dict[str, list[int]] = field(default_factory=dict)
    by_tier: dict[str, list[int]] = field(default_factory=dict)
    by_segment: dict[str, list[int]] = field(default_factory=dict)
    largest: list[int] = field(default_factory=list)
    excluded: dict[str, int] = field(default_factory=dict)
    overlap: dict[str, list[int]] = field(default_factory=dict)

    def add_member(self, given: Sequence[Given], zone: str) -> None:
        """Count all that one account would have been given."""
        if not given:
            return
        self.members += 1
        self.largest = _largest([*self.largest, sum(one.points for one in given)])
        for tier in {one.tier for one in given}:
            _add(self.by_tier, tier, [1, 0, 0])
        for segment in {segment for one in given for segment in one.segments}:
            _add(self.by_segment, segment, [1, 0, 0])
        for one in given:
            self._add_one(one, zone)

    def exclude(self, reason: str, purchases: int = 1) -> None:
        """Count purchases that it would not have applied to."""
        self.excluded[reason] = self.excluded.get(reason, 0) + purchases

    def meet(self, offer_id: str, figures: list[int]) -> None:
        """Count purchases on which it met another offer, as in `overlap`."""
        _add(self.overlap, offer_id, figures)

    def add(self, other: "Tally") -> None:
        """Count all that another tally found elsewhere, with other accounts."""
        self.members += other.members
        self.purchases += other.purchases
        self.points += other.points
        self.cost += other.cost
        self.spend_minor += other.spend_minor
        self.largest = _largest([*self.largest, *other.largest])
        for reason, purchases in other.excluded.items():
            self.exclude(reason, purchases)
        for name in ("by_week", "by_tier", "by_segment", "overlap"):
            for key, figures in getattr(other, name).items():
                _add(getattr(self, name), key, figures)

    def _add_one(self, one: Given, zone: str) -> None:
        self.purchases += 1
        self.points += one.points
        self.cost += one.cost
        self.spend_minor += one.spend_minor
        _add(self.by_week, _monday(one.at_ms, zone).isoformat(), [1, one.points])
        _add(self.by_tier, one.tier, [0, 1, one.points])
        for segment in one.segments:
            _add(self.by_segment, segment, [0, 1, one.points])


def within_limits(
    given: Iterable[Given], *, member_limit: int | None, budget: int | None, waits: bool = False
) -> tuple[list[Given], dict[str, int]]:
    """What is left of what an offer would have given, one after the other as tills posted it, when
    no account gets it more often than its limit allows and nothing is given that the budget cannot
    pay as a whole.

    waits: what could not be paid is asked for again with the account's next, as awards are: so that
    it gets no more, as a budget only shrinks. Returns what is left by account, and how many
    purchases went without, by reason.
    """
    kept: list[Given] = []
    uses: dict[tuple[str, str], int] = {}
    without: dict[str, int] = {}
    waiting: set[str] = set()
    left = budget
    for one in sorted(given, key=lambda one: (one.at_ms, one.account, one.seq)):
        key = one.account, one.period
        if member_limit is not None and uses.get(key, 0) >= member_limit:
            without[MEMBER_LIMIT] = without.get(MEMBER_LIMIT, 0) + 1
        elif one.account in waiting or (left is not None and one.cost > left):
            without[BUDGET] = without.get(BUDGET, 0) + 1
            if waits:
                waiting.add(one.account)
        else:
            left = left - one.cost if left is not None else None
            uses[key] = uses.get(key, 0) + 1
            kept.append(one)
    kept.sort(key=lambda one: one.account)
    return kept, without


def _monday(at_ms: int, zone: str) -> date:
    day = local_date(datetime.fromtimestamp(at_ms / 1000, UTC), zone)
    return day - timedelta(days=day.weekday())


def _largest(points: list[int]) -> list[int]:
    return sorted(points, reverse=True)[:LARGEST_KEPT]


def _add(sums: dict[str, list[int]], key: str, figures: Sequence[int]) -> None:
    before = sums.get(key, [0] * len(figures))
    sums[key] = [one + more for one, more in zip(before, figures, strict=True)]
