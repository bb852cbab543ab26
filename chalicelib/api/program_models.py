"""The program as a document: the bodies and answers of its routes.

The fields are those of `domain/program.py`, name by name.
"""

from datetime import date
from typing import Annotated

import msgspec

from chalicelib.domain import program_checks as bounds
from chalicelib.domain import promise_checks as promised
from chalicelib.domain import retention as kept_for
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import (
    ExpiryAlignment,
    ExpiryKind,
    Rounding,
    TierBasis,
    TierWindow,
)
from chalicelib.domain.purposes import PurposeKind
from chalicelib.domain.rfm import MOST_STEP, Rfm

MOST_VERSIONS = 999_999

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_NAME)]
Words = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_WORD)]],
    msgspec.Meta(max_length=bounds.MOST_WORDS),
]
Named = Annotated[
    list[Annotated[str, msgspec.Meta(pattern=bounds.NAMED_PATTERN)]],
    msgspec.Meta(max_length=bounds.MOST_NAMED),
]


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`points` for every `per_minor` of money, in minor units of the program's currency."""

    points: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_POINTS)]
    per_minor: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_PER_MINOR)]


class PendingPeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points can be spent `days` whole days after the day of their purchase, and not before
    `until`, a day in the program's zone."""

    days: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_PENDING_DAYS)] = 0
    until: date | None = None


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Extra points, on top of the base rate, on the lines that every list of it names (an empty
    list names them all). rule_id: unique, and not `base`. pending: how long its points wait; null:
    as long as the program says."""

    rule_id: Annotated[str, msgspec.Meta(pattern=bounds.RULE_ID_PATTERN)]
    name: Name
    rate: Rate
    categories: Words = []
    brands: Words = []
    skus: Words = []
    pending: PendingPeriod | None = None


class Excluded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What earns nothing. tenders: kinds of payment, such as `gift_card`."""

    categories: Words = []
    skus: Words = []
    tenders: Words = []


class ProgramLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """adjustment_without_approval: points. late_purchase_days: how late a purchase can come.
    offer_without_approval_minor: what an offer's budget may cost before a second person of staff
    has to approve its launch; 0 for every offer."""

    adjustment_without_approval: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_POINTS)] = 500
    late_purchase_days: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_DAYS)] = 30
    offer_without_approval_minor: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_MINOR)] = (
        50_000
    )


class PointsExpiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """after_earning: points expire `months` after the day of their purchase, at the end of that
    month, or with `aligned` year_end of that year. after_inactivity: so many months after the
    account's last purchase, claim or redemption, on the very day. months: at most 36, to a year's
    end 120."""

    kind: ExpiryKind
    months: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_MONTHS_TO_YEAR_END)]
    aligned: ExpiryAlignment = ExpiryAlignment.MONTH_END


class TierLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """threshold: in points, minor units or purchases, as the basis says; higher than the level
    before. earn_percent: of a purchase's points, 100 for no more than anybody. gift_points: once,
    when the tier is reached."""

    tier_id: Annotated[str, msgspec.Meta(pattern=promised.TIER_ID_PATTERN)]
    name: Name
    threshold: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_THRESHOLD)]
    earn_percent: Annotated[
        int, msgspec.Meta(ge=promised.LEAST_PERCENT, le=promised.MOST_PERCENT)
    ] = 100
    gift_points: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_GIFT)] = 0


class TierLadder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """basis: what is counted of purchases. window: over which time, in calendar months. levels:
    lowest threshold first. grace_days: how long a tier outlasts its period."""

    basis: TierBasis
    window: TierWindow
    levels: Annotated[list[TierLevel], msgspec.Meta(min_length=1, max_length=promised.MOST_LEVELS)]
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_TIER_GRACE_DAYS)] = 0


class TransferRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """most_points: of one transfer. most_points_a_month: that a member sends in a calendar month.
    cooling_off_days: how long they wait at the receiver, and can be called back."""

    most_points: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_TRANSFERRED)]
    most_points_a_month: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_TRANSFERRED)]
    cooling_off_days: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_COOLING_OFF_DAYS)]


class RetentionRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """inactive_months: how long after the last sign of life (a purchase, a redemption, a change or
    confirmation of the profile, consents or preferences) a member is removed; null for never.
    warn_days: how long before that it is warned. unverified_days: how long somebody is kept whom a
    till enrolled, who proved no address and never bought anything; null for ever.
    ask_after_months: after which time a member is asked whether its details still hold; null for
    never."""

    inactive_months: Annotated[int, msgspec.Meta(ge=1, le=kept_for.MOST_MONTHS)] | None = None
    warn_days: Annotated[int, msgspec.Meta(ge=1, le=kept_for.MOST_WARN_DAYS)] = 30
    unverified_days: Annotated[int, msgspec.Meta(ge=1, le=kept_for.MOST_UNVERIFIED_DAYS)] | None = (
        None
    )
    ask_after_months: Annotated[int, msgspec.Meta(ge=1, le=kept_for.MOST_MONTHS)] | None = 12


class ErasureTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """cool_off_days: how long a member who asked to be forgotten can think better of it."""

    cool_off_days: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_COOL_OFF_DAYS)] = 14


class PurposeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What members may be asked to consent to. kind: what the consent allows; profiling: that what
    members do and like decides what they are offered. channel: the only one that it is for; null
    with the kind marketing: each one. double_opt_in: it counts once it was confirmed on that
    channel. text: what members consent to, in the words that they are shown."""

    purpose: Annotated[str, msgspec.Meta(pattern=bounds.NAMED_PATTERN)]
    kind: PurposeKind = PurposeKind.OTHER
    channel: MessageChannel | None = None
    double_opt_in: bool = False
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_PURPOSE)] | None = (
        None
    )


Purposes = Annotated[
    list[Annotated[str, msgspec.Meta(pattern=bounds.NAMED_PATTERN)] | PurposeBody],
    msgspec.Meta(max_length=bounds.MOST_NAMED),
]


class AbuseRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose returns are looked at before points can be spent: within 30 days at least `returns` of
    them, with at least `percent` of the points that were earned."""

    returns: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_RETURNS)]
    percent: Annotated[int, msgspec.Meta(ge=1, le=100)]


class ReferralRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the first purchase of at least minimum_minor of a member whom another one brought gives
    to either. most_a_month: of who brought them; beyond it somebody looks first."""

    referrer_points: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_GIFT)]
    referred_points: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_GIFT)]
    most_a_month: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_REFERRED)]
    minimum_minor: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_MINOR)] = 0


_Step = Annotated[int, msgspec.Meta(ge=1, le=MOST_STEP)]
_Steps = tuple[_Step, _Step, _Step, _Step]


class RfmSteps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where on members are in which class by how lately, how often and for how much they buy:
    four rising numbers each. recency_days: class 5 up to the first number of days since the last
    purchase, class 1 beyond the last one. purchases, spend_minor: of the last 365 days; class 1
    below the first, class 5 from the last one on."""

    recency_days: _Steps = Rfm().recency_days
    purchases: _Steps = Rfm().purchases
    spend_minor: _Steps = Rfm().spend_minor


class ControllerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """contact: an address, a phone number or a page, as the privacy notice is to show it."""

    name: Name
    contact: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ProgramBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """zone: an IANA name, the zone of every date. currency: ISO 4217, the one that earns. base:
    what every eligible line earns. rounding: of each rule's points, once, on the purchase.
    purposes: what members may be asked to consent to, `loyalty_terms` always among it; a bare name
    is a purpose of the kind other.
    attributes: names of the members' custom attributes. pending: how long points wait before they
    can be spent. expiry: null for points that never expire. grace_days: how long points can be
    spent that come back after their last day. tiers: null for none. transfers: of points between
    members, null to allow none. household_members: how many can share an account, 1 for none.
    thousand_points_minor: what 1,000 points cost the shop. abuse: null where nobody looks for it.
    referral: null where bringing somebody gives nothing. retention: how long members are kept of
    whom nothing is heard. controller: who answers for the members' data; the privacy notice names
    them. rfm: how members are told apart by what they buy."""

    name: Name
    zone: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_WORD)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    base: Rate
    rounding: Rounding = Rounding.FLOOR
    rules: Annotated[list[Rule], msgspec.Meta(max_length=bounds.MOST_RULES)] = []
    excluded: Excluded = Excluded()
    limits: ProgramLimits = ProgramLimits()
    purposes: Purposes = msgspec.field(default_factory=lambda: [bounds.REQUIRED_PURPOSE])
    attributes: Named = []
    pending: PendingPeriod = PendingPeriod()
    expiry: PointsExpiry | None = None
    grace_days: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_GRACE_DAYS)] = 30
    tiers: TierLadder | None = None
    transfers: TransferRules | None = None
    household_members: Annotated[int, msgspec.Meta(ge=1, le=promised.MOST_HOUSEHOLD)] = 1
    thousand_points_minor: Annotated[int, msgspec.Meta(ge=0, le=promised.MOST_MINOR)] = 1_000
    abuse: AbuseRules | None = None
    referral: ReferralRules | None = None
    retention: RetentionRules = RetentionRules()
    erasure: ErasureTerms = ErasureTerms()
    controller: ControllerBody | None = None
    rfm: RfmSteps = RfmSteps()


class ProgramAnswer(ProgramBody, frozen=True, kw_only=True):
    """One version. active_version: the one in force. latest_version: the newest one stored, whose
    number is the ETag that a change is made to."""

    version: int
    active_version: int
    latest_version: int


class ProgramActivatedAnswer(ProgramAnswer, frozen=True, kw_only=True):
    """previous_version: the one that was active before; the same when nothing was switched."""

    previous_version: int
