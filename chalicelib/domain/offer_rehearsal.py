"""One offer over the purchases of one account, one after the other, by the till's own decision.

What it would have given counts: its limits a member, how far a member is with a challenge, and the
points that conditions may ask for. Reads nothing and writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.account import Account, OfferUse, Progress
from chalicelib.domain.applied_offers import AppliedOffer, NotAppliedReason, OfferDecision
from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.challenge_decision import AllProgress, Counted, count
from chalicelib.domain.challenge_progress import progress_with, with_progress
from chalicelib.domain.conditions import Condition, Leaf, Predicate, leaves_of
from chalicelib.domain.fact_list import Facts
from chalicelib.domain.facts import facts_of
from chalicelib.domain.granted_offers import uses_that_count
from chalicelib.domain.instants import local_date
from chalicelib.domain.live_offers import LiveOffers, in_holdout
from chalicelib.domain.lots import Days, days_of, receive
from chalicelib.domain.offer_decision import Basket, Who, decide
from chalicelib.domain.offers import Offer
from chalicelib.domain.program import Program
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.simulations import Given, Tally
from chalicelib.domain.traits import Traits

AUDIENCE, HOLDOUT, COUNTED = "audience", "holdout", "counted"
"""Why a purchase got nothing, beside the reasons that a till tells: the member is not in the
audience, or held out of it, or one step further with a challenge."""

_OWN_POINTS = frozenset(
    {"available_points", "pending_points", "points_expiring_30_days", "lifetime_points"}
)
"""The facts that an offer's own points change."""


@dataclass(frozen=True, slots=True)
class Case:
    """A purchase with all that it was decided by. seq: of its entry. at: when it was posted.
    account: before it, as of that day. program: the active version then; today: in its zone."""

    seq: int
    at: datetime
    member_id: str
    basket: Basket
    spend_minor: int
    account: Account
    traits: Traits
    behaviour: Behaviour | None
    program: Program
    today: date


class Rehearsal:
    """An offer made ready to be run, live beside others.

    segments: by id, who is in them. Budgets are left aside: they are all members' together.
    """

    def __init__(
        self,
        offer: Offer,
        others: Sequence[Offer],
        segments: Mapping[str, Predicate],
    ) -> None:
        beside = [other for other in others if other.offer_id != offer.offer_id]
        self.offer = offer
        self.segments = segments
        self._live = LiveOffers(0, [*beside, offer])
        # As if it were no challenge: what a purchase has to be to count is the same.
        self._alone = LiveOffers(0, [replace(offer, challenge=None)])
        self.feeds_back = not _OWN_POINTS.isdisjoint(facts_asked(offer.audience))

    def decide(self, case: Case, facts: Facts, uses: tuple[OfferUse, ...]) -> OfferDecision:
        """What the till would have decided, had the offer been used so often before."""
        return decide(self._live, case.basket, self._who(case, facts, uses))

    def count(
        self, case: Case, facts: Facts, uses: tuple[OfferUse, ...], progress: AllProgress
    ) -> Counted:
        """What the till would have counted for challenges, had the member been so far before."""
        return count(self._live, case.basket, self._who(case, facts, uses), progress)

    def uses_of_others(self, case: Case) -> tuple[OfferUse, ...]:
        """How often the account had used others that are limited, as far as that counts."""
        basket = case.basket
        uses = uses_that_count(case.account, self._live, basket.occurred_at, basket.program.zone)
        return tuple(use for use in uses if use.number != self.offer.number)

    def why_not(
        self, case: Case, facts: Facts, uses: tuple[OfferUse, ...], told: OfferDecision
    ) -> str:
        """Why it did not apply, also where a member would not be told."""
        found = _refused(told, self.offer.offer_id)
        if found is None:
            alone = decide(self._alone, case.basket, self._who(case, facts, uses))
            found = _refused(alone, self.offer.offer_id)
        if found is not None:
            return found
        [live] = self._alone.all
        if live.in_audience is not None and not live.in_audience(facts):
            return AUDIENCE
        held_out = in_holdout(self.offer, case.member_id)
        return HOLDOUT if held_out else NotAppliedReason.SCHEDULE.value

    def _who(self, case: Case, facts: Facts, uses: tuple[OfferUse, ...]) -> Who:
        # Nobody can have activated what was not there: all are taken to have done so.
        activated = frozenset({*case.traits.activated, self.offer.offer_id})
        return Who(case.member_id, facts, uses, activated)


class Run:
    """A rehearsal over the purchases of one account. account: what stands for it in `Given`."""

    def __init__(self, rehearsal: Rehearsal, account: str) -> None:
        self.given: list[Given] = []
        self.beyond: list[Given] = []  # what its limit a member alone kept it from giving
        self._rehearsal = rehearsal
        self._account = account
        self._uses: dict[str, int] = {}
        self._points: list[tuple[Days, int]] = []
        self._progress = Progress(rehearsal.offer.number)

    def take(self, case: Case, tally: Tally) -> None:
        """Decide the next purchase; count in the tally what kept the offer from it and which others
        it met."""
        facts = self._facts(case)
        uses = self._uses_before(case)
        decision = self._rehearsal.decide(case, facts, uses)
        if self._rehearsal.offer.challenge is None:
            applied = _applied(decision.applied, self._rehearsal.offer.offer_id)
            reason = None
            _count_meetings(decision, self._rehearsal.offer.offer_id, tally)
        else:
            applied, reason = self._awarded(case, facts, uses)
        if applied is not None:
            self.given.append(self._as_given(case, facts, applied))
            self._keep(case, applied)
            return
        reason = reason or self._rehearsal.why_not(case, facts, uses, decision)
        tally.exclude(reason)
        if reason == NotAppliedReason.MEMBER_LIMIT:
            self._beyond(case, facts, uses)

    def _awarded(
        self, case: Case, facts: Facts, uses: tuple[OfferUse, ...]
    ) -> tuple[AppliedOffer | None, str | None]:
        """What a challenge gives with a purchase, or that it only counted it."""
        offer = self._rehearsal.offer
        progress = with_progress(case.account.progress, self._progress)
        counted = self._rehearsal.count(case, facts, uses, progress)
        self._progress = progress_with(counted.progress, offer.number)
        applied = _applied(counted.applied, offer.offer_id)
        if applied is None or offer.offer_id in counted.awarded:
            return applied, None
        return None, COUNTED

    def _beyond(self, case: Case, facts: Facts, uses: tuple[OfferUse, ...]) -> None:
        offer = self._rehearsal.offer
        others = tuple(use for use in uses if use.number != offer.number)
        decision = self._rehearsal.decide(case, facts, others)
        applied = _applied(decision.applied, offer.offer_id)
        if applied is not None:
            self.beyond.append(self._as_given(case, facts, applied))

    def _facts(self, case: Case) -> Facts:
        account = case.account
        if self._rehearsal.feeds_back and self._points:
            account = _richer(account, self._points, case)
        return facts_of(account, case.traits, case.behaviour, case.program, case.today)

    def _uses_before(self, case: Case) -> tuple[OfferUse, ...]:
        """The account's uses of others as they were, and of this offer those of the rehearsal."""
        offer = self._rehearsal.offer
        others = self._rehearsal.uses_of_others(case)
        period = period_of(
            offer.member_limit_period, case.basket.occurred_at, case.basket.program.zone
        )
        count = self._uses.get(period, 0)
        return (*others, OfferUse(offer.number, period, count)) if count else others

    def _keep(self, case: Case, applied: AppliedOffer) -> None:
        if applied.period is not None:
            self._uses[applied.period] = self._uses.get(applied.period, 0) + 1
        rules = case.basket.program
        occurred_on = local_date(case.basket.occurred_at, rules.zone)
        days = days_of(rules, self._rehearsal.offer.pending, occurred_on)
        self._points.append((days, applied.points))

    def _as_given(self, case: Case, facts: Facts, applied: AppliedOffer) -> Given:
        return Given(
            at_ms=round(case.at.timestamp() * 1_000),
            account=self._account,
            seq=case.seq,
            points=applied.points,
            cost=applied.cost,
            spend_minor=case.spend_minor,
            period=applied.period or "",
            tier=str(facts["tier"]),
            segments=tuple(
                segment for segment, is_in in self._rehearsal.segments.items() if is_in(facts)
            ),
        )


def facts_asked(condition: Condition | None) -> frozenset[str]:
    """The names of the facts that a condition asks for."""
    leaves = leaves_of(condition) if condition is not None else ()
    return frozenset(leaf.fact for leaf in leaves if isinstance(leaf, Leaf))


def _richer(account: Account, given: Sequence[tuple[Days, int]], case: Case) -> Account:
    """The account with the points that the offer would have given by then and that have not expired
    since. What it would have spent of them nobody knows: as much as it did."""
    left = [(days, points) for days, points in given if (days.expires_on or date.max) >= case.today]
    earned = account.lifetime.earned + sum(points for _, points in given)
    account = replace(account, lifetime=replace(account.lifetime, earned=earned))
    return receive(account, case.program, left, case.today).account


def _applied(applied: Sequence[AppliedOffer], offer_id: str) -> AppliedOffer | None:
    return next((one for one in applied if one.offer_id == offer_id), None)


def _refused(decision: OfferDecision, offer_id: str) -> str | None:
    return next(
        (one.reason.value for one in decision.not_applied if one.offer_id == offer_id), None
    )


def _count_meetings(decision: OfferDecision, offer_id: str, tally: Tally) -> None:
    for other, figures in _meetings(decision, offer_id):
        tally.meet(other, figures)


def _meetings(decision: OfferDecision, offer_id: str) -> Iterator[tuple[str, list[int]]]:
    if _applied(decision.applied, offer_id) is not None:
        for one in decision.applied:
            if one.offer_id != offer_id:
                yield one.offer_id, [1, 0, 0]
    for refused in decision.not_applied:
        if refused.offer_id == offer_id and refused.of is not None:
            yield refused.of, [0, 1, 0]
        elif refused.of == offer_id:
            yield refused.offer_id, [0, 0, 1]
