"""The bodies and answers of offers. How they become the domain's: `offer_documents.py`."""

from typing import Annotated, Any, Literal

import msgspec

from chalicelib.api.points import Minor, Moment
from chalicelib.api.program_models import Name, PendingPeriod
from chalicelib.api.shell import Instant
from chalicelib.domain import offer_checks as bounds
from chalicelib.domain.offers import Activation, ChallengeKind, Occasion
from chalicelib.domain.rewards import LimitPeriod

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ClockTime = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Language = Annotated[str, msgspec.Meta(pattern=bounds.LANGUAGE_PATTERN)]
Words = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_WORD)]],
    msgspec.Meta(max_length=bounds.MOST_WORDS),
]
Points = Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_POINTS)]


class OfferTextBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member reads of an offer."""

    name: Name
    description: Annotated[str, msgspec.Meta(max_length=bounds.LONGEST_DESCRIPTION)] = ""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """from, to: `HH:MM` in the program's zone, the second exclusive; `24:00` ends the day. From
    22:00 to 02:00 belongs to the day on which it begins."""

    from_: ClockTime
    to: ClockTime


class ScheduleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """starts_at, ends_at: inclusive and exclusive, null for no bound. weekdays, days_of_month,
    hours: in the program's zone; an empty list for all of them."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    weekdays: list[Weekday] = []
    days_of_month: list[Annotated[int, msgspec.Meta(ge=1, le=31)]] = []
    hours: Annotated[list[Hours], msgspec.Meta(max_length=bounds.MOST_HOURS)] = []


class ScheduleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """As it was written."""

    starts_at: Instant | None
    ends_at: Instant | None
    weekdays: list[Weekday]
    days_of_month: list[int]
    hours: list[Hours]


class Products(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line is one of these when each list that is not empty names it."""

    skus: Words = []
    categories: Words = []
    brands: Words = []


class BasketBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a purchase needs. minimum_minor, quantity: money and units of the products' lines (of
    all lines where no products are named), as far as they earn. channels, stores: empty for any.
    first_purchase: the member's first. with_reward: paid with a redemption."""

    minimum_minor: Minor = 0
    products: Products = Products()
    quantity: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_QUANTITY)] = 0
    channels: Words = []
    stores: Words = []
    first_purchase: bool = False
    with_reward: bool = False


class MultiplierBody(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="multiplier"
):
    """percent: of what the base rate and the rules give on the products' lines; 200 doubles it."""

    percent: Annotated[int, msgspec.Meta(ge=bounds.LEAST_PERCENT, le=bounds.MOST_PERCENT)]


class BonusPointsBody(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="bonus_points"
):
    """points: once a purchase, once an occasion, or each time that a challenge is done."""

    points: Points


class PointsPerUnitBody(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="points_per_unit"
):
    """points: for each unit of the products."""

    points: Points


class RewardPriceBody(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="reward_price"
):
    """points: what the reward costs with this offer, 0 for nothing. early: also before its window
    begins, and whatever the member's tier."""

    reward_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    points: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_POINTS)]
    early: bool = False


EffectBody = MultiplierBody | BonusPointsBody | PointsPerUnitBody | RewardPriceBody


class ChallengeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """goal: purchases (count), units (quantity), periods in a row with a purchase (streak), or
    different items (collect). items: categories or skus to collect. period: of a streak. repeats:
    how often it can be done, null for no end."""

    kind: ChallengeKind
    goal: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_GOAL)]
    items: Words = []
    period: LimitPeriod | None = None
    repeats: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_USES)] | None = None


class BudgetBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an offer may cost in all, in points, or in minor units of the program's currency at
    what its points cost the shop."""

    unit: Literal["points", "minor"]
    amount: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_BUDGET)]


class StackingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """group: of its offers the best one applies. priority: the higher goes first. exclusive: it
    applies alone."""

    group: Annotated[str, msgspec.Meta(pattern=bounds.GROUP_PATTERN)] | None = None
    priority: Annotated[int, msgspec.Meta(ge=-bounds.MOST_PRIORITY, le=bounds.MOST_PRIORITY)] = 0
    exclusive: bool = False


class OfferTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is written the same in the body and in the answer."""

    name: Name
    effect: EffectBody
    texts: Annotated[
        dict[Language, OfferTextBody], msgspec.Meta(max_length=bounds.MOST_LANGUAGES)
    ] = {}
    occasion: Occasion = Occasion.PURCHASE
    audience: dict[str, Any] | None = None
    basket: BasketBody = BasketBody()
    challenge: ChallengeBody | None = None
    activation: Activation = Activation.AUTOMATIC
    member_limit: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_USES)] | None = None
    member_limit_period: LimitPeriod | None = None
    budget: BudgetBody | None = None
    most_points: Points | None = None
    stacking: StackingBody = StackingBody()
    holdout_percent: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_HOLDOUT_PERCENT)] = 0
    pending: PendingPeriod | None = None


class OfferBody(OfferTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """name: for staff. texts: for members, by language (`en`, `de`); the name where there is none.
    occasion: when it gives: at a purchase, as a gift, or when points are spent on its reward.
    audience: a condition over the facts of `GET /v1/facts`, null for everybody; a segment in it is
    taken as it is now. challenge: what has to be done, over several purchases, for the effect.
    member_limit: uses a member in each member_limit_period (for ever without one). budget: null for
    no limit. most_points: of one purchase. holdout_percent: of the audience, who get nothing, so
    that its results can be told. pending: of its points, null for what the program says."""

    schedule: ScheduleBody = ScheduleBody()


class OfferAnswer(OfferTerms, frozen=True, kw_only=True):
    """status: draft, awaiting_approval, scheduled, live, paused, ended or archived.
    audience_in_words: by language. budget_left: null without a budget, or before it was launched.
    launched_at: the first time; since: when this version took effect."""

    offer_id: str
    number: int
    version: int
    status: str
    schedule: ScheduleAnswer
    audience_in_words: dict[str, str] | None
    needs_profiling: bool
    budget_left: int | None
    launched_at: Instant | None
    since: Instant | None
    ended_at: Instant | None
    asked_by: str | None
    approved_by: str | None


class OfferList(msgspec.Struct, frozen=True):
    items: list[OfferAnswer]
    next_cursor: str | None
