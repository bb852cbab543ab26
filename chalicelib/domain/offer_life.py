"""What staff can make of an offer: launched, approved, paused, ended, replaced. Pure functions from
one version to the next; a request that is repeated finds its offer done and changes nothing.

Knows no storage, no HTTP, and not what an offer gives.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.offers import Offer, OfferStatus, Pause, shown_status
from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import cost_minor
from chalicelib.domain.refusals import Conflict, FieldError, SecondPersonRequired
from chalicelib.domain.reward_prices import is_earned_price

MOST_PAUSES = 50
"""Of one offer, which is read with all of them: about 3 KB. Whoever needs more wants a schedule."""

_FIXED = ("occasion", "audience", "challenge", "holdout_percent")
"""What stays as it was launched: who is treated and who is not, and what members have begun."""

_TELLING = frozenset({"name", "texts"})
"""What costs nothing to change."""

_PROGRESS = frozenset(
    {"version", "status", "launched_at", "since", "ended_at", "asked_by", "approved_by", "pauses"}
)
"""What no document says."""


def budgeted_minor(offer: Offer, program: Program) -> int | None:
    """What an offer can cost at most, in minor units; None without a budget."""
    if offer.budget is None:
        return None
    if offer.budget.unit == "minor":
        return offer.budget.amount
    return cost_minor(program, offer.budget.amount)


def needs_approval(offer: Offer, program: Program) -> bool:
    """Whether somebody has to look at it (again) before it gives anything."""
    if offer.approved_by is not None:
        return False
    cost = budgeted_minor(offer, program)
    return cost is None or cost > program.limits.offer_without_approval_minor


def launched(offer: Offer, by: str, program: Program, now: datetime) -> Offer:
    """A draft or paused offer launched by somebody, or awaiting another's approval. Launched or
    awaiting it already, it stays as it is. Raises Conflict."""
    match offer.status:
        case OfferStatus.DRAFT | OfferStatus.PAUSED:
            if needs_approval(offer, program):
                return _next(offer, status=OfferStatus.AWAITING_APPROVAL, asked_by=by)
            return _in_force(offer, now)
        case OfferStatus.LAUNCHED | OfferStatus.AWAITING_APPROVAL:
            return offer
        case _:
            raise Conflict(reason=f"offer_{offer.status}")


def approved(offer: Offer, by: str, now: datetime) -> Offer:
    """An offer that awaits it approved by somebody, who did not ask for it. Raises
    SecondPersonRequired, Conflict."""
    if offer.status is OfferStatus.LAUNCHED and offer.approved_by == by:
        return offer
    _require_awaited(offer, by)
    return _in_force(replace(offer, approved_by=by), now)


def rejected(offer: Offer, by: str) -> Offer:
    """An offer that awaits approval sent back: a draft, or paused where it was launched before.
    Raises SecondPersonRequired, Conflict."""
    _require_awaited(offer, by)
    return _next(offer, status=_at_rest(offer), asked_by=None)


def paused(offer: Offer, now: datetime) -> Offer:
    """A launched offer that gives nothing until it is resumed. Raises Conflict: also where it was
    paused MOST_PAUSES times."""
    if offer.status is OfferStatus.PAUSED:
        return offer
    if offer.status is not OfferStatus.LAUNCHED:
        raise Conflict(reason=f"offer_{offer.status}")
    if shown_status(offer, now) == "ended":
        raise Conflict(reason="offer_ended")
    if len(offer.pauses) >= MOST_PAUSES:
        raise Conflict(reason="paused_too_often")
    return _next(offer, status=OfferStatus.PAUSED, pauses=(*offer.pauses, Pause(now)))


def ended(offer: Offer, now: datetime) -> Offer:
    """A launched offer that is over for good. Raises Conflict."""
    if offer.status is OfferStatus.ENDED:
        return offer
    if offer.launched_at is None:
        raise Conflict(reason=f"offer_{offer.status}")
    pauses = _pauses_over(offer, now)
    return _next(offer, status=OfferStatus.ENDED, ended_at=now, asked_by=None, pauses=pauses)


def with_pauses(offer: Offer, pauses: tuple[Pause, ...]) -> Offer:
    """An offer with the pauses that were written down. One that goes on or is over, though nobody
    wrote down until when the last of them lasted, was resumed by a release that knows of none."""
    offer = replace(offer, pauses=pauses)
    until = offer.ended_at or offer.since
    if offer.is_at_rest or until is None:
        return offer
    return replace(offer, pauses=_pauses_over(offer, until))


def is_done_with(offer: Offer, late_since: datetime) -> bool:
    """Whether a launched offer gives nothing any more, not even to a purchase that comes late.

    late_since: what was bought before is not taken any more. A reward that was earned can be
    redeemed for ever.
    """
    return (
        offer.closes_at is not None and offer.closes_at < late_since and not is_earned_price(offer)
    )


def in_force_after(before: Offer | None, after: Offer) -> Offer:
    """What tills go by after a step: the terms that were in force last. What is changed while an
    offer is at rest is nobody's until it is resumed: somebody may have to approve it first.

    before: what they went by until then, None where nobody knows.
    """
    if before is None or after.status is OfferStatus.LAUNCHED:
        return after
    return on_the_course_of(before, after)


def on_the_course_of(terms: Offer, newest: Offer) -> Offer:
    """One version's terms with what became of the offer until its newest one."""
    return replace(terms, status=newest.status, ended_at=newest.ended_at, pauses=newest.pauses)


def archived(offer: Offer) -> Offer:
    """A draft put aside for good. Raises Conflict for what was launched."""
    if offer.status is OfferStatus.ARCHIVED:
        return offer
    if offer.launched_at is not None:
        raise Conflict(reason="offer_launched")
    return _next(offer, status=OfferStatus.ARCHIVED, asked_by=None)


def replaced(before: Offer, draft: Offer, program: Program, now: datetime) -> Offer:
    """An offer with what a draft says. Launched, it takes effect at once; awaiting approval, it is
    to be launched anew. Raises Conflict: also where the change of a launched one needs an approval,
    for which it has to be paused first."""
    if before.status in (OfferStatus.ENDED, OfferStatus.ARCHIVED):
        raise Conflict(reason=f"offer_{before.status}")
    kept = {name: getattr(before, name) for name in _PROGRESS | {"offer_id", "number"}}
    after = replace(draft, **kept)
    after = replace(after, approved_by=before.approved_by if _holds(before, after) else None)
    match before.status:
        case OfferStatus.LAUNCHED:
            if needs_approval(after, program):
                raise Conflict(reason="approval_needed_pause_first")
            return _in_force(after, now)
        case OfferStatus.AWAITING_APPROVAL:
            return _next(after, status=_at_rest(before), asked_by=None)
        case _:
            return _next(after)


def fixed_since_launch(before: Offer, draft: Offer) -> list[FieldError]:
    """What a draft would change that stays as it was launched."""
    if before.launched_at is None:
        return []
    detail = "This stays as it was launched; make another offer for anything else."
    # What a challenge gives could else be had for more than a return takes back.
    fixed = (*_FIXED, "effect") if before.challenge is not None else _FIXED
    wrong = [name for name in fixed if getattr(before, name) != getattr(draft, name)]
    errors = [FieldError(f"/{name}", "not_changeable", detail) for name in wrong]
    unit = before.budget.unit if before.budget else None
    if unit is not None and (draft.budget is None or draft.budget.unit != unit):
        errors.append(FieldError("/budget", "not_changeable", f"The budget stays one in {unit}."))
    return errors


def _holds(before: Offer, after: Offer) -> bool:
    """Whether an approval holds for what an offer would be: it costs no more than what was seen."""
    if before.budget is not None and after.budget is not None:
        return after.budget.amount <= before.budget.amount
    changed = {name for name in Offer.__slots__ if getattr(before, name) != getattr(after, name)}
    return changed <= _TELLING | _PROGRESS


def _require_awaited(offer: Offer, by: str) -> None:
    if offer.status is not OfferStatus.AWAITING_APPROVAL:
        raise Conflict(reason="not_awaiting_approval")
    if offer.asked_by == by:
        raise SecondPersonRequired


def _at_rest(offer: Offer) -> OfferStatus:
    return OfferStatus.DRAFT if offer.launched_at is None else OfferStatus.PAUSED


def _in_force(offer: Offer, now: datetime) -> Offer:
    return _next(
        offer,
        status=OfferStatus.LAUNCHED,
        launched_at=offer.launched_at or now,
        since=now,
        asked_by=None,
        pauses=_pauses_over(offer, now),
    )


def _pauses_over(offer: Offer, now: datetime) -> tuple[Pause, ...]:
    """The pauses of an offer, the last of which lasts no longer."""
    return tuple(
        replace(pause, ended_at=now) if pause.ended_at is None else pause for pause in offer.pauses
    )


def _next(offer: Offer, **changes: object) -> Offer:
    """The next version. changes: fields of Offer by name."""
    return replace(offer, version=offer.version + 1, **changes)  # type: ignore[arg-type]  # by name
