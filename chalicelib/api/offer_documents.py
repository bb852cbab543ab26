"""How the document of an offer becomes the domain's, and back. The audience's condition is read
apart (`usecases/offer_drafts.py`): what it may ask depends on the program and the segments.
"""

from datetime import datetime
from typing import assert_never

from chalicelib.api.offer_models import (
    WEEKDAYS,
    BasketBody,
    BonusPointsBody,
    BudgetBody,
    ChallengeBody,
    EffectBody,
    Hours,
    MultiplierBody,
    OfferAnswer,
    OfferBody,
    OfferTextBody,
    PointsPerUnitBody,
    Products,
    RewardPriceBody,
    ScheduleAnswer,
    ScheduleBody,
    StackingBody,
)
from chalicelib.api.points import moment
from chalicelib.api.program_models import PendingPeriod
from chalicelib.domain.condition_reading import as_document
from chalicelib.domain.condition_texts import in_words
from chalicelib.domain.conditions import needs_profiling
from chalicelib.domain.instants import printed
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    Effect,
    LineMatch,
    Multiplier,
    Offer,
    OfferText,
    PointsPerUnit,
    RewardPrice,
    Schedule,
    Stacking,
    shown_status,
)
from chalicelib.domain.program import Pending, Program
from chalicelib.domain.refusals import FieldError
from chalicelib.usecases.list_offers import OfferView
from chalicelib.usecases.offer_drafts import DraftOffer

_LANGUAGES = ("en", "de")
_HOUR_MINUTES = 60


def draft_of(body: OfferBody) -> DraftOffer:
    """What a body describes; its id, number and version are given when it is kept."""
    errors: list[FieldError] = []
    offer = _offer(body, errors)
    return DraftOffer(offer, body.audience, tuple(errors))


def _offer(body: OfferBody, errors: list[FieldError]) -> Offer:
    return Offer(
        offer_id="",
        number=0,
        version=0,
        name=body.name,
        effect=_effect(body.effect),
        texts={
            language: OfferText(text.name, text.description)
            for language, text in body.texts.items()
        },
        occasion=body.occasion,
        schedule=_schedule(body.schedule, errors),
        basket=_basket(body.basket),
        challenge=_challenge(body.challenge),
        activation=body.activation,
        member_limit=body.member_limit,
        member_limit_period=body.member_limit_period,
        budget=Budget(body.budget.unit, body.budget.amount) if body.budget else None,
        most_points=body.most_points,
        stacking=Stacking(body.stacking.group, body.stacking.priority, body.stacking.exclusive),
        holdout_percent=body.holdout_percent,
        pending=Pending(body.pending.days, body.pending.until) if body.pending else None,
    )


def offer_answer(view: OfferView, program: Program, now: datetime) -> OfferAnswer:
    """An offer as staff see it. program: in whose words its audience is told; now: by which its
    status is."""
    offer = view.offer
    audience = offer.audience
    return OfferAnswer(
        offer_id=offer.offer_id,
        number=offer.number,
        version=offer.version,
        status=shown_status(offer, now),
        name=offer.name,
        texts={
            language: OfferTextBody(text.name, text.description)
            for language, text in offer.texts.items()
        },
        occasion=offer.occasion,
        schedule=_schedule_answer(offer.schedule),
        audience=as_document(audience) if audience is not None else None,
        audience_in_words=(
            {language: in_words(audience, language, program) for language in _LANGUAGES}
            if audience is not None
            else None
        ),
        needs_profiling=audience is not None and needs_profiling(audience),
        basket=_basket_body(offer.basket),
        effect=_effect_body(offer.effect),
        challenge=_challenge_body(offer.challenge),
        activation=offer.activation,
        member_limit=offer.member_limit,
        member_limit_period=offer.member_limit_period,
        budget=BudgetBody(offer.budget.unit, offer.budget.amount) if offer.budget else None,
        budget_left=view.budget_left,
        most_points=offer.most_points,
        stacking=StackingBody(
            group=offer.stacking.group,
            priority=offer.stacking.priority,
            exclusive=offer.stacking.exclusive,
        ),
        holdout_percent=offer.holdout_percent,
        pending=PendingPeriod(offer.pending.days, offer.pending.until) if offer.pending else None,
        launched_at=_instant(offer.launched_at),
        since=_instant(offer.since),
        ended_at=_instant(offer.ended_at),
        asked_by=offer.asked_by,
        approved_by=offer.approved_by,
    )


def _effect(body: EffectBody) -> Effect:
    match body:
        case MultiplierBody(percent):
            return Multiplier(percent)
        case BonusPointsBody(points):
            return BonusPoints(points)
        case PointsPerUnitBody(points):
            return PointsPerUnit(points)
        case RewardPriceBody(reward_id, points, early):
            return RewardPrice(reward_id, points, early)
        case _:
            assert_never(body)


def _effect_body(effect: Effect) -> EffectBody:
    match effect:
        case Multiplier(percent):
            return MultiplierBody(percent)
        case BonusPoints(points):
            return BonusPointsBody(points)
        case PointsPerUnit(points):
            return PointsPerUnitBody(points)
        case RewardPrice(reward_id, points, early):
            return RewardPriceBody(reward_id, points, early)
        case _:
            assert_never(effect)


def _schedule(body: ScheduleBody, errors: list[FieldError]) -> Schedule:
    return Schedule(
        starts_at=moment(body.starts_at, "/schedule/starts_at", errors),
        ends_at=moment(body.ends_at, "/schedule/ends_at", errors),
        weekdays=frozenset(WEEKDAYS.index(day) for day in body.weekdays),
        hours=tuple((_minute(hours.from_), _minute(hours.to)) for hours in body.hours),
        days_of_month=frozenset(body.days_of_month),
    )


def _schedule_answer(schedule: Schedule) -> ScheduleAnswer:
    return ScheduleAnswer(
        starts_at=_instant(schedule.starts_at),
        ends_at=_instant(schedule.ends_at),
        weekdays=[WEEKDAYS[day] for day in sorted(schedule.weekdays)],
        days_of_month=sorted(schedule.days_of_month),
        hours=[Hours(_clock_time(first), _clock_time(end)) for first, end in schedule.hours],
    )


def _basket(body: BasketBody) -> BasketTerms:
    products = body.products
    return BasketTerms(
        minimum_minor=body.minimum_minor,
        matches=LineMatch(
            frozenset(products.skus), frozenset(products.categories), frozenset(products.brands)
        ),
        quantity=body.quantity,
        channels=frozenset(body.channels),
        stores=frozenset(body.stores),
        first_purchase=body.first_purchase,
        with_reward=body.with_reward,
    )


def _basket_body(basket: BasketTerms) -> BasketBody:
    matches = basket.matches
    return BasketBody(
        minimum_minor=basket.minimum_minor,
        products=Products(sorted(matches.skus), sorted(matches.categories), sorted(matches.brands)),
        quantity=basket.quantity,
        channels=sorted(basket.channels),
        stores=sorted(basket.stores),
        first_purchase=basket.first_purchase,
        with_reward=basket.with_reward,
    )


def _challenge(body: ChallengeBody | None) -> Challenge | None:
    if body is None:
        return None
    return Challenge(body.kind, body.goal, tuple(body.items), body.period, body.repeats)


def _challenge_body(challenge: Challenge | None) -> ChallengeBody | None:
    if challenge is None:
        return None
    return ChallengeBody(
        kind=challenge.kind,
        goal=challenge.goal,
        items=list(challenge.items),
        period=challenge.period,
        repeats=challenge.repeats,
    )


def _minute(clock_time: str) -> int:
    hours, minutes = clock_time.split(":")
    return int(hours) * _HOUR_MINUTES + int(minutes)


def _clock_time(minute: int) -> str:
    return f"{minute // _HOUR_MINUTES:02d}:{minute % _HOUR_MINUTES:02d}"


def _instant(at: datetime | None) -> str | None:
    return printed(at) if at is not None else None
