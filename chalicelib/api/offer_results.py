"""Results over HTTP: what an offer has done since its launch, and what it brought."""

import csv
import io
from typing import Literal

import msgspec

from chalicelib.api.points import Money
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.allowances import ANALYTICS
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.offer_results import Comparison, Effect
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.domain.uplift import CONFIDENCE, LEAST_MEMBERS, LEAST_PURCHASES, TooLittle
from chalicelib.usecases.read_offer_results import OfferResults, read_offer_results

routes = Routes(__name__)

_CSV = "text/csv; charset=utf-8"

_WHY = {
    TooLittle.NO_HOLDOUT: "Nobody is held back from this offer, so that there is nobody to compare"
    " with: what its members did they might have done without it.",
    TooLittle.FEW_MEMBERS: f"There are fewer than {LEAST_MEMBERS} members on one of the sides.",
    TooLittle.FEW_PURCHASES: f"One of the sides has made fewer than {LEAST_PURCHASES} purchases.",
}


class ResultsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """format: `csv` gives the figures for a spreadsheet."""

    format: Literal["json", "csv"] = "json"


class ReachedMembers(msgspec.Struct, frozen=True):
    """The audience as it was launched. members: all of it. followed: those whom results are read
    off, drawn by lot where there are many; of them `treated` could have the offer, from `held_out`
    it is kept. as_of: how fresh the list was."""

    members: int
    followed: int
    treated: int
    held_out: int
    as_of: Instant | None


class VersionUsed(msgspec.Struct, frozen=True):
    """uses: of which a return took something back from `taken_back`. points, cost: less that."""

    version: int
    uses: int
    taken_back: int
    points: int
    cost: Money


class OfferUsed(msgspec.Struct, frozen=True):
    """members: who used it, in any version."""

    members: int
    uses: int
    points: int
    cost: Money
    versions: list[VersionUsed]


class Measured(msgspec.Struct, frozen=True):
    """A member's mean on either side since the launch, and the difference: in 95 of 100 such trials
    the true one lies from `low` to `high`. differs: 0 does not."""

    treated: float
    holdout: float
    difference: float
    low: float
    high: float
    differs: bool


class UpliftAnswer(msgspec.Struct, frozen=True):
    """What the offer brought to a member of its audience, whether the member used it or not.
    enough: whether there is enough to say so; else `reason` says in one word why not, `why` in a
    sentence. visits: purchases. spend_minor: less returns, in minor units."""

    enough: bool
    reason: str | None
    why: str | None
    confidence: float
    treated: int
    held_out: int
    visits: Measured | None
    spend_minor: Measured | None


class OfferResultsAnswer(msgspec.Struct, frozen=True):
    """since: the launch. until: now, or the end of the offer. as_of: the newest change that the
    figures know of; a purchase is in them some minutes later. activated: members who have; null for
    an offer that needs none. reached: null where no audience was noted."""

    offer_id: str
    version: int
    name: str
    since: Instant
    until: Instant
    as_of: Instant | None
    currency: str
    reached: ReachedMembers | None
    activated: int | None
    used: OfferUsed
    uplift: UpliftAnswer


@routes.get(
    "/v1/offers/{offer_id}/results",
    opens=(Scope.OFFERS_READ,),
    summary="Read what an offer has done, and what it brought",
    query=ResultsQuery,
    answers={200: OfferResultsAnswer},
    refuses=(NotFound, Conflict),
    also=_CSV,
    rationed=ANALYTICS,
)
def get_offer_results(call: Call[None, ResultsQuery], offer_id: str) -> Answer:
    """Sums alone. What it brought is told beside the members that it was kept from, as far as there
    are enough of them; 409 `conflict` with reason `not_launched` before the launch."""
    answer = _answer(read_offer_results(call.ports, offer_id, call.now))
    return Answer(200, _csv(answer) if call.query.format == "csv" else answer)


def _answer(results: OfferResults) -> OfferResultsAnswer:
    offer, used, currency = results.offer, results.used, results.program.currency
    versions = [
        VersionUsed(
            one.version, one.uses, one.taken_back, one.points, Money(one.cost_minor, currency)
        )
        for one in used.versions
    ]
    return OfferResultsAnswer(
        offer_id=offer.offer_id,
        version=offer.version,
        name=offer.name,
        since=printed(results.since),
        until=printed(results.until),
        as_of=printed(results.as_of) if results.as_of else None,
        currency=currency,
        reached=_reached(results.audience) if results.audience else None,
        activated=results.activated,
        used=OfferUsed(
            used.members, used.uses, used.points, Money(used.cost_minor, currency), versions
        ),
        uplift=_uplift(results.comparison),
    )


def _reached(audience: LaunchAudience) -> ReachedMembers:
    return ReachedMembers(
        audience.members,
        audience.listed,
        audience.treated,
        audience.held_out,
        printed(audience.as_of) if audience.as_of else None,
    )


def _uplift(comparison: Comparison) -> UpliftAnswer:
    reason = comparison.too_little
    return UpliftAnswer(
        enough=reason is None,
        reason=reason.value if reason else None,
        why=_WHY[reason] if reason else None,
        confidence=CONFIDENCE,
        treated=comparison.treated,
        held_out=comparison.held_out,
        visits=_measured(comparison.visits, 4),
        spend_minor=_measured(comparison.spend, 2),
    )


def _measured(effect: Effect | None, digits: int) -> Measured | None:
    if effect is None:
        return None
    uplift = effect.uplift
    return Measured(
        treated=round(effect.treated, digits),
        holdout=round(effect.holdout, digits),
        difference=round(uplift.difference, digits),
        low=round(uplift.low, digits),
        high=round(uplift.high, digits),
        differs=uplift.differs,
    )


def _csv(answer: OfferResultsAnswer) -> str:
    """One row a figure; of what it brought with the bounds of its interval."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["figure", "version", "value", "low", "high"])
    reached, used, uplift = answer.reached, answer.used, answer.uplift
    if reached is not None:
        for name in ("members", "followed", "treated", "held_out"):
            lines.writerow([f"reached_{name}", "", getattr(reached, name), "", ""])
    if answer.activated is not None:
        lines.writerow(["activated", "", answer.activated, "", ""])
    lines.writerow(["used_members", "", used.members, "", ""])
    for one in used.versions:
        for name in ("uses", "taken_back", "points"):
            lines.writerow([name, one.version, getattr(one, name), "", ""])
        lines.writerow(["cost_minor", one.version, one.cost.amount_minor, "", ""])
    lines.writerow(["enough", "", "yes" if uplift.enough else uplift.reason, "", ""])
    for name, told in (("visits", uplift.visits), ("spend_minor", uplift.spend_minor)):
        if told is not None:
            lines.writerow([f"uplift_{name}", "", told.difference, told.low, told.high])
    return text.getvalue()
