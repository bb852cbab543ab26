"""What a purchase does for the challenges of its member, and what a return undoes. No I/O.

A challenge gives on its own account: no other offer beats it, and it beats none. Whether a purchase
is one that it asks for is decided once, when it is bought; how much of it still counts, after every
return anew, with the version that counted it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.account import Account, Counters, Progress
from chalicelib.domain.applied_offers import AppliedOffer, NotApplied, NotAppliedReason
from chalicelib.domain.budgets import one_shard
from chalicelib.domain.challenge_progress import has_room, progress_with, with_progress
from chalicelib.domain.challenges import Bought, due, less, moved, steps
from chalicelib.domain.earning import Remaining
from chalicelib.domain.entries import Why
from chalicelib.domain.granted_offers import BudgetParts, Granted, TakenBack
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.lots import Days
from chalicelib.domain.offer_decision import Basket, Who, basket_of, fits
from chalicelib.domain.offer_measures import cost_of, places_on
from chalicelib.domain.offers import BonusPoints, Offer, OfferStatus
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase

AllProgress = tuple[Progress, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a purchase did for challenges. progress: of the account after it. applied: each that
    counted it, with the points of the awards it gave, 0 for none; awarded: those of them that gave
    one. not_applied: those whose award waits until their budget has enough."""

    progress: AllProgress
    applied: tuple[AppliedOffer, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    awarded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Uncounted:
    """What a return undid. awards: how many are taken back; points: those they gave."""

    progress: AllProgress
    awards: int = 0
    points: int = 0


def count(
    live: LiveOffers,
    basket: Basket,
    who: Who,
    progress: AllProgress,
    without: frozenset[str] = frozenset(),
) -> Counted:
    """What a purchase does for the live challenges.

    progress: of the account before it. without: the ids of offers whose budget is empty; what their
    awards wait for is counted all the same.
    """
    counted = Counted(progress)
    going_on: dict[int, Offer] | None = None
    for ready in live.challenges:
        by = _steps(ready.offer, basket)
        if by and fits(ready, basket, who):
            going_on = _going_on(live, basket) if going_on is None else going_on
            counted = _counted(counted, going_on, ready.offer, by, basket, without)
    return counted


def uncount(
    offer: Offer,
    program: Program,
    purchase: Purchase,
    before: Sequence[Remaining],
    after: Sequence[Remaining],
    progress: AllProgress,
) -> Uncounted:
    """What a return undoes of what a purchase did for a challenge.

    offer: the version that counted it. program: the one that priced it. before, after: what is left
    of its lines.
    """
    challenge = offer.challenge
    if challenge is None:
        return Uncounted(progress)
    was = _steps(offer, basket_of(program, purchase, before))
    now = _steps(offer, basket_of(program, purchase, after))
    one = moved(challenge, progress_with(progress, offer.number), less(now, was))
    lost = min(one.awarded, max(0, -due(challenge, one)))
    left = with_progress(progress, _given(one, -lost))
    return Uncounted(left, lost, lost * points_of_award(offer))


def challenges_back(
    account: Account,
    granted: Sequence[Granted],
    program: Program,
    purchase: Purchase,
    before: Sequence[Remaining],
    after: Sequence[Remaining],
    occurred_on: date,
) -> tuple[Account, TakenBack]:
    """The account with its purchase counted back from challenges, and what goes of their awards.

    granted: what counted or gave something to it. The rest as in `granted_offers.taken_back`.
    """
    rows: list[tuple[Why, Days]] = []
    budgets: list[tuple[str, int, int]] = []
    for one in granted:
        undone = uncount(one.offer, program, purchase, before, after, account.progress)
        account = replace(account, progress=undone.progress)
        if undone.points:
            rows.append((Why(one.rule, -undone.points, 0), one.days(program, occurred_on)))
            budgets += _flowing_back(one, undone.points, program)
    return account, TakenBack(tuple(rows), (), tuple(budgets))


def _flowing_back(one: Granted, points: int, program: Program) -> BudgetParts:
    """What goes back to a budget. An award was perhaps given with another purchase: to a shard of
    this one's choice."""
    cost = cost_of(one.offer, points, program.thousand_points_minor)
    if one.offer.budget is None or not cost:
        return ()
    name = f"{one.applied.offer_id} {one.applied.number}"
    parts = one.applied.shards[:1] or one_shard(one.offer.budget.shards, name, cost)
    return ((one.applied.offer_id, parts[0][0], cost),)


def points_of_award(offer: Offer) -> int:
    """The points of one award; 0 where it is a price for a reward."""
    return offer.effect.points if isinstance(offer.effect, BonusPoints) else 0


def _counted(
    counted: Counted,
    going_on: dict[int, Offer],
    offer: Offer,
    by: Counters,
    basket: Basket,
    without: frozenset[str],
) -> Counted:
    challenge = offer.challenge
    if challenge is None or not has_room(counted.progress, offer.number, going_on):
        return counted
    one = moved(challenge, progress_with(counted.progress, offer.number), by)
    awards = max(0, due(challenge, one))
    waits = bool(awards) and offer.offer_id in without
    awards = 0 if waits else awards
    points = awards * points_of_award(offer)
    cost = cost_of(offer, points, basket.program.thousand_points_minor)
    minor = sum(basket.nets[index] for index in places_on(offer, basket.measures))
    applied = AppliedOffer(offer.offer_id, offer.number, offer.version, points, minor, cost)
    told = NotApplied(offer.offer_id, offer.version, NotAppliedReason.BUDGET)
    return Counted(
        with_progress(counted.progress, _given(one, awards), going_on),
        (*counted.applied, applied),
        (*counted.not_applied, *([told] if waits else [])),
        counted.awarded | ({offer.offer_id} if awards else frozenset()),
    )


def _going_on(live: LiveOffers, basket: Basket) -> dict[int, Offer]:
    """The offers, by number, of which an account has to know how far it is: progress with those
    that are over makes room."""
    return {
        ready.offer.number: ready.offer
        for ready in live.all
        if ready.offer.status is not OfferStatus.ENDED
        and (ready.offer.closes_at is None or basket.occurred_at < ready.offer.closes_at)
    }


def _given(progress: Progress, awards: int) -> Progress:
    awarded = progress.awarded + awards
    return Progress(progress.number, progress.counters, awarded, progress.used)


def _steps(offer: Offer, basket: Basket) -> Counters:
    if offer.challenge is None:
        return ()
    lines = [
        Bought(basket.lines[index].sku, basket.lines[index].category, basket.quantities[index])
        for index in places_on(offer, basket.measures)
    ]
    return steps(offer.challenge, lines, basket.local.date())
