"""The offer: one document that says whom it is for, what it asks for, and what it gives.

A version, once launched, never changes: purchases keep the version that gave them points. Knows no
storage and no member. What a purchase gets of it is decided in `offer_decision.py`, what a document
must keep to in `offer_checks.py`, how it reads in `offer_texts.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from chalicelib.domain.program import Pending
from chalicelib.domain.rewards import LimitPeriod

if TYPE_CHECKING:  # the till's hot path needs the compiled condition, never its tree
    from chalicelib.domain.conditions import Condition


class OfferStatus(StrEnum):
    """What staff has made of an offer. Launched is shown as scheduled, live or ended by the clock
    (`shown_status`); only what was never launched is archived."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    LAUNCHED = "launched"
    PAUSED = "paused"
    ENDED = "ended"
    ARCHIVED = "archived"


class Occasion(StrEnum):
    """When an offer gives: at a purchase, as a gift once a period, or when points are spent."""

    PURCHASE = "purchase"
    JOINED = "joined"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    WAS_BROUGHT = "was_brought"
    BROUGHT = "brought"
    MOMENT = "moment"
    REDEMPTION = "redemption"


GIFT_OCCASIONS = frozenset(Occasion) - {Occasion.PURCHASE, Occasion.REDEMPTION}
"""Those on which an offer gives points without anything being bought."""


class Activation(StrEnum):
    AUTOMATIC = "automatic"
    OPT_IN = "opt_in"


@dataclass(frozen=True, slots=True)
class OfferText:
    """What a member reads of an offer, in one language."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an offer gives something, in the program's zone.

    starts_at, ends_at: inclusive and exclusive, None for no bound. weekdays: 0 for Monday to 6;
    days_of_month: 1 to 31; empty for every day. hours: (from_minute, to_minute) of the day, the
    second exclusive and at most 1440; empty for all day. Hours that wrap midnight belong to the
    day on which they begin.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    hours: tuple[tuple[int, int], ...] = ()
    days_of_month: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LineMatch:
    """A line matches when each non-empty list names it: its sku, its category, its brand."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether any line matches."""
        return not (self.skus or self.categories or self.brands)


@dataclass(frozen=True, slots=True)
class BasketTerms:
    """What an offer asks of a purchase.

    minimum_minor, quantity: of the matched lines' money that earns, and their units. channels,
    stores: empty for any. first_purchase: the member's first. with_reward: paid with a redemption.
    """

    minimum_minor: int = 0
    matches: LineMatch = LineMatch()
    quantity: int = 0
    channels: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    first_purchase: bool = False
    with_reward: bool = False


@dataclass(frozen=True, slots=True)
class Multiplier:
    """What base rate and rules give on the matched lines, times percent/100: 200 doubles it."""

    percent: int


@dataclass(frozen=True, slots=True)
class BonusPoints:
    """Points once a purchase, a gift, or an award."""

    points: int


@dataclass(frozen=True, slots=True)
class PointsPerUnit:
    """Points for each unit of the matched lines."""

    points: int


@dataclass(frozen=True, slots=True)
class RewardPrice:
    """A reward for fewer points than it costs. points: 0 for free. early: also before its window
    begins, and whatever the member's tier."""

    reward_id: str
    points: int
    early: bool = False


Effect = Multiplier | BonusPoints | PointsPerUnit | RewardPrice


class ChallengeKind(StrEnum):
    COUNT = "count"
    QUANTITY = "quantity"
    STREAK = "streak"
    COLLECT = "collect"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a member has to do, over several purchases, for the offer's effect.

    goal: purchases, units, periods in a row, or different items. items: categories or skus to
    collect. period: of a streak. repeats: how often it can be done, None for no end.
    """

    kind: ChallengeKind
    goal: int
    items: tuple[str, ...] = ()
    period: LimitPeriod | None = None
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What an offer may cost in all, in points or minor units. shards: over how many counters it is
    spread; never fewer than before."""

    unit: Literal["points", "minor"]
    amount: int
    shards: int = 1


@dataclass(frozen=True, slots=True)
class Stacking:
    """group: of its offers the best one applies. priority: the higher goes first. exclusive: it
    applies alone."""

    group: str | None = None
    priority: int = 0
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a launched offer gave nothing. began_at: inclusive; ended_at: exclusive, None
    while it lasts."""

    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One version of an offer.

    number: small, unique and for ever: what an account's state calls it. version: counts its
    writes, from 1. texts: by language. audience: with its segments inlined, None for everybody.
    member_limit: uses a member in each `member_limit_period`, None when unlimited. budget: None
    when unlimited. most_points: of one purchase. holdout_percent: 0 to 50, of the audience.
    pending: of its points, as the program says where it is None. launched_at: when it was launched
    first; since: when this version took effect; ended_at: when staff ended it. asked_by: who of
    staff asked for an approval, while it is awaited; approved_by: who gave it, as long as it holds.
    pauses: in their order; only the last one can last. Of the offer as it is, not of one version.
    """

    offer_id: str
    number: int
    version: int
    name: str
    effect: Effect
    texts: Mapping[str, OfferText]
    status: OfferStatus = OfferStatus.DRAFT
    occasion: Occasion = Occasion.PURCHASE
    schedule: Schedule = Schedule()
    audience: "Condition | None" = None
    basket: BasketTerms = BasketTerms()
    challenge: Challenge | None = None
    activation: Activation = Activation.AUTOMATIC
    member_limit: int | None = None
    member_limit_period: LimitPeriod | None = None
    budget: Budget | None = None
    most_points: int | None = None
    stacking: Stacking = Stacking()
    holdout_percent: int = 0
    pending: Pending | None = None
    launched_at: datetime | None = None
    since: datetime | None = None
    ended_at: datetime | None = None
    asked_by: str | None = None
    approved_by: str | None = None
    pauses: tuple[Pause, ...] = ()

    @property
    def is_at_rest(self) -> bool:
        """Whether it was launched and gives nothing until somebody resumes it."""
        resting = (OfferStatus.PAUSED, OfferStatus.AWAITING_APPROVAL)
        return self.launched_at is not None and self.status in resting

    @property
    def has_begun(self) -> bool:
        """Whether it was ever launched; whatever became of it since."""
        never = (OfferStatus.DRAFT, OfferStatus.ARCHIVED)
        return self.launched_at is not None and self.status not in never

    @property
    def closes_at(self) -> datetime | None:
        """From when on it gives nothing: by its schedule, or since staff ended it."""
        ends = [at for at in (self.schedule.ends_at, self.ended_at) if at is not None]
        return min(ends, default=None)


def shown_status(offer: Offer, now: datetime) -> str:
    """The status by the clock: of a launched offer `scheduled`, `live` or `ended`."""
    if offer.status is not OfferStatus.LAUNCHED:
        return offer.status.value
    if offer.closes_at is not None and now >= offer.closes_at:
        return "ended"
    starts_at = offer.schedule.starts_at
    return "scheduled" if starts_at is not None and now < starts_at else "live"
