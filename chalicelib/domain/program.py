"""The program: one versioned document that says how points are earned. Knows no storage.

A version, once written, never changes: purchases keep the version they were priced with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.purposes import LOYALTY_TERMS, Purpose, by_name
from chalicelib.domain.retention import Retention
from chalicelib.domain.rfm import Rfm


class Rounding(StrEnum):
    """How a rule's points are rounded, once, on the purchase. Half goes up."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class EarningRate:
    """`points` for every `per_minor` of money (minor units of the program's currency)."""

    points: int
    per_minor: int


@dataclass(frozen=True, slots=True)
class Pending:
    """How long points wait before they can be spent: the return window.

    They mature `days` whole days after the day of the purchase, and not before `until`.
    """

    days: int = 0
    until: date | None = None


class ExpiryKind(StrEnum):
    """What the months of an expiry are counted from."""

    AFTER_EARNING = "after_earning"
    AFTER_INACTIVITY = "after_inactivity"


class ExpiryAlignment(StrEnum):
    """On which last day lots come to lie: few days, so that an account stays small."""

    MONTH_END = "month_end"
    YEAR_END = "year_end"


@dataclass(frozen=True, slots=True)
class Expiry:
    """Points expire `months` after their purchase, at the end of that month or year; or that long
    after the account's last purchase or redemption, on the very day."""

    kind: ExpiryKind
    months: int
    aligned: ExpiryAlignment = ExpiryAlignment.MONTH_END


class TierBasis(StrEnum):
    """What brings a tier: points of purchases, their money in minor units, or their number."""

    POINTS = "points"
    SPEND = "spend"
    VISITS = "visits"


class TierWindow(StrEnum):
    """Over which time it is counted, in calendar months of the program's zone."""

    ROLLING_12_MONTHS = "rolling_12_months"
    CALENDAR_YEAR = "calendar_year"
    SINCE_JOINING = "since_joining"


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier. threshold: in the unit of the basis. earn_percent: of the points of a purchase,
    100 for no more than anybody. gift_points: once, when it is reached."""

    tier_id: str
    name: str
    threshold: int
    earn_percent: int = 100
    gift_points: int = 0


@dataclass(frozen=True, slots=True)
class Tiers:
    """The ladder, lowest threshold first. grace_days: how long a tier outlasts its period."""

    basis: TierBasis
    window: TierWindow
    levels: tuple[Tier, ...]
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Transfers:
    """Points from member to member. most_points: of one transfer. most_points_a_month: that a
    member can send in a calendar month. cooling_off_days: how long they wait at the receiver,
    and can be called back."""

    most_points: int
    most_points_a_month: int
    cooling_off_days: int


@dataclass(frozen=True, slots=True)
class EarningRule:
    """Extra points on the lines it matches, on top of the base rate.

    A line matches when each non-empty list names it: its category, its brand, its sku.
    pending: of its points; as the program says where it is None.
    """

    rule_id: str
    name: str
    rate: EarningRate
    categories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What earns nothing: categories and skus of lines, kinds of tenders (gift cards, points)."""

    categories: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    tenders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """adjustment_without_approval in points; late_purchase_days in whole days before now.
    offer_without_approval_minor: what an offer's budget may cost before a second person looks."""

    adjustment_without_approval: int = 500
    late_purchase_days: int = 30
    offer_without_approval_minor: int = 50_000


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the members' data, and how to reach them about it; the privacy notice says
    both."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class ErasureRules:
    """cool_off_days: how long a member can think better of being forgotten."""

    cool_off_days: int = 14


@dataclass(frozen=True, slots=True)
class Abuse:
    """From when on a member's returns look like abuse, within 30 days: `returns` of them, and with
    them at least `percent` of the points that were earned."""

    returns: int
    percent: int


@dataclass(frozen=True, slots=True)
class Referral:
    """What the first purchase of at least `minimum_minor` of a member whom another one brought
    gives to either. most_a_month: how many are given to who brought them before somebody looks."""

    referrer_points: int
    referred_points: int
    most_a_month: int
    minimum_minor: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """One version of the program.

    zone: IANA name, the zone of every date. currency: ISO 4217, the one that earns.
    purposes: what a member may be asked to consent to, as it was written: a bare name stands for
      a purpose of no kind; `loyalty_terms` is always one.
    attributes: names of the custom member attributes that the program declares.
    expiry, tiers, transfers: None for never, none and not allowed.
    grace_days: how long points can be spent that come back after their last day.
    household_members: how many members can share an account, 1 for none.
    thousand_points_minor: what 1,000 points cost the shop, for the liability in money.
    abuse: None where nobody looks for it. referral: None where bringing somebody gives nothing.
    retention: how long members are kept of whom nothing is heard.
    erasure: how a member is forgotten who asks for it.
    controller: who answers for the members' data, None where nobody was named yet.
    rfm: from where on members are in which class by how lately, often and for how much they buy.
    """

    version: int
    name: str
    zone: str
    currency: str
    base: EarningRate
    rounding: Rounding = Rounding.FLOOR
    rules: tuple[EarningRule, ...] = ()
    excluded: Exclusions = Exclusions()
    limits: Limits = Limits()
    purposes: tuple[str | Purpose, ...] = (LOYALTY_TERMS,)
    attributes: tuple[str, ...] = ()
    pending: Pending = Pending()
    expiry: Expiry | None = None
    grace_days: int = 30
    tiers: Tiers | None = None
    transfers: Transfers | None = None
    household_members: int = 1
    thousand_points_minor: int = 1_000
    abuse: Abuse | None = None
    referral: Referral | None = None
    retention: Retention = Retention()  # noqa: RUF009  # it is frozen
    erasure: ErasureRules = ErasureRules()
    controller: Controller | None = None
    rfm: Rfm = Rfm()  # noqa: RUF009  # it is frozen

    @property
    def asks_for(self) -> Mapping[str, Purpose]:
        """Its purposes by their names."""
        return by_name(self.purposes)


BASE_RULE = "base"
"""The rule id under which the base rate explains itself."""
