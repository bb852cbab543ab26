"""The body and the answer of a reward, and how they become the domain's and back."""

from typing import Annotated

import msgspec

from chalicelib.api.points import Moment, moment
from chalicelib.api.shell import Instant
from chalicelib.domain import reward_checks as bounds
from chalicelib.domain.instants import printed
from chalicelib.domain.offer_terms import text_of
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward, RewardKind, RewardStatus
from chalicelib.usecases.list_rewards import RewardView

Tiers = Annotated[
    list[Annotated[str, msgspec.Meta(pattern=bounds.TIER_PATTERN)]],
    msgspec.Meta(min_length=1, max_length=bounds.MOST_TIERS),
]


class RewardValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money in the program's currency."""

    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_MINOR)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class RewardBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """points: the price; of points_payment the smallest number that is paid, worth `value`.
    value: for discount_amount and points_payment (any kind but discount_percent may say it).
    percent: for discount_percent. sku: for free_product. stock: units in all, null for no limit.
    member_limit: redemptions a member in each member_limit_period (for ever without one). tiers:
    who may redeem it, null for everybody. starts_at, ends_at: inclusive and exclusive. valid_days:
    how long its vouchers are good. on_expiry: whether a voucher's points return when it is not
    used."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_NAME)]
    kind: RewardKind
    points: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_POINTS)]
    description: Annotated[str, msgspec.Meta(max_length=bounds.LONGEST_DESCRIPTION)] | None = None
    value: RewardValue | None = None
    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_SKU)] | None = None
    percent: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    stock: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_STOCK)] | None = None
    member_limit: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_USES)] | None = None
    member_limit_period: LimitPeriod | None = None
    tiers: Tiers | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_DAYS)] = 30
    on_expiry: OnExpiry = OnExpiry.FORFEIT


class PriceOffer(msgspec.Struct, frozen=True):
    """An offer by its name, in the member's language."""

    offer_id: str
    name: str


class RewardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A reward. remaining: for staff, units left, null without a limit. available_to_me, reason:
    for members and tills, whether it can be redeemed now, and why not: archived, not_started,
    ended, tier, not_verified, account_full, member_limit_reached or sold_out. points_for_me: for
    members, what it costs them now; offer: what makes it cheaper, or lets them have it earlier."""

    reward_id: str
    version: int
    name: str
    description: str | msgspec.UnsetType = msgspec.UNSET
    kind: RewardKind
    points: int
    value: RewardValue | msgspec.UnsetType = msgspec.UNSET
    sku: str | msgspec.UnsetType = msgspec.UNSET
    percent: int | msgspec.UnsetType = msgspec.UNSET
    stock: int | None
    member_limit: int | None
    member_limit_period: LimitPeriod | msgspec.UnsetType = msgspec.UNSET
    tiers: list[str] | None
    starts_at: Instant | msgspec.UnsetType = msgspec.UNSET
    ends_at: Instant | msgspec.UnsetType = msgspec.UNSET
    valid_days: int
    on_expiry: OnExpiry
    status: RewardStatus
    remaining: int | msgspec.UnsetType | None = msgspec.UNSET
    available_to_me: bool | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET
    points_for_me: int | msgspec.UnsetType = msgspec.UNSET
    offer: PriceOffer | msgspec.UnsetType = msgspec.UNSET


class RewardList(msgspec.Struct, frozen=True):
    items: list[RewardAnswer]
    next_cursor: str | None


def draft_of(body: RewardBody, reward_id: str = "", version: int = 0) -> Reward:
    """The reward a body describes: of an id and the version that it changes, or of neither yet.

    Raises InvalidContent for instants at the ends of time.
    """
    errors: list[FieldError] = []
    draft = Reward(
        reward_id=reward_id,
        version=version,
        name=body.name,
        kind=body.kind,
        points=body.points,
        description=body.description,
        value_minor=body.value.amount_minor if body.value else None,
        currency=body.value.currency if body.value else None,
        sku=body.sku,
        percent=body.percent,
        stock=body.stock,
        member_limit=body.member_limit,
        member_limit_period=body.member_limit_period,
        tiers=frozenset(body.tiers) if body.tiers is not None else None,
        starts_at=moment(body.starts_at, "/starts_at", errors),
        ends_at=moment(body.ends_at, "/ends_at", errors),
        valid_days=body.valid_days,
        on_expiry=body.on_expiry,
    )
    if errors:
        raise InvalidContent(errors=errors)
    return draft


def staff_answer(reward: Reward, remaining: int | None) -> RewardAnswer:
    """A reward as staff see it."""
    return msgspec.structs.replace(_answer(reward), remaining=remaining)


def view_answer(view: RewardView) -> RewardAnswer:
    """A reward as members and tills see it."""
    return msgspec.structs.replace(
        _answer(view.reward),
        available_to_me=view.unavailable is None,
        reason=view.unavailable or msgspec.UNSET,
        points_for_me=msgspec.UNSET if view.points_for_me is None else view.points_for_me,
        offer=_offer(view),
    )


def _offer(view: RewardView) -> PriceOffer | msgspec.UnsetType:
    if view.price is None:
        return msgspec.UNSET
    offer = view.price.offer
    return PriceOffer(offer.offer_id, text_of(offer, view.language).name)


def _answer(reward: Reward) -> RewardAnswer:
    unset = msgspec.UNSET
    return RewardAnswer(
        reward_id=reward.reward_id,
        version=reward.version,
        name=reward.name,
        description=unset if reward.description is None else reward.description,
        kind=reward.kind,
        points=reward.points,
        value=_value(reward),
        sku=reward.sku or unset,
        percent=reward.percent or unset,
        stock=reward.stock,
        member_limit=reward.member_limit,
        member_limit_period=reward.member_limit_period or unset,
        tiers=sorted(reward.tiers) if reward.tiers is not None else None,
        starts_at=printed(reward.starts_at) if reward.starts_at else unset,
        ends_at=printed(reward.ends_at) if reward.ends_at else unset,
        valid_days=reward.valid_days,
        on_expiry=reward.on_expiry,
        status=reward.status,
    )


def _value(reward: Reward) -> RewardValue | msgspec.UnsetType:
    if reward.value_minor is None or reward.currency is None:
        return msgspec.UNSET
    return RewardValue(reward.value_minor, reward.currency)
