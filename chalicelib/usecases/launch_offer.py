"""An offer begins: launched or resumed, and where it may cost much, approved by a second person."""

from datetime import datetime

from chalicelib.domain import offer_life
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.offer_schedule_checks import over_already
from chalicelib.domain.offers import Offer, OfferStatus
from chalicelib.domain.refusals import Conflict, InvalidContent, VersionStale
from chalicelib.usecases.fix_audience import fix_audience
from chalicelib.usecases.offer_drafts import problems_now
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_offer import change_offer


def launch_offer(ports: Ports, caller: Caller, offer_id: str, now: datetime) -> Offer:
    """Launch a draft, or have it await another's approval; done already, it stays as it is.

    Raises NotFound, Conflict, InvalidContent (it has become wrong since it was written, or is
    over before it begins), TryAgain.
    """
    at = whole_milliseconds(now)

    def step(offer: Offer) -> Offer:
        if offer.status is OfferStatus.PAUSED:
            raise Conflict(reason="offer_paused")
        return _begun(ports, caller, offer, at)

    return change_offer(ports, caller, offer_id, step, _begin_or_ask, now)


def resume_offer(ports: Ports, caller: Caller, offer_id: str, now: datetime) -> Offer:
    """Let a paused offer go on; where it would cost more than was approved, await that.

    Raises NotFound, Conflict, InvalidContent, TryAgain.
    """
    at = whole_milliseconds(now)

    def step(offer: Offer) -> Offer:
        if offer.launched_at is None:
            raise Conflict(reason=f"offer_{offer.status}")
        return _begun(ports, caller, offer, at)

    return change_offer(ports, caller, offer_id, step, _begin_or_ask, now)


def approve_offer(
    ports: Ports, caller: Caller, offer_id: str, version: int | None, now: datetime
) -> Offer:
    """Approve what somebody else asked for, which launches it. version: the one that was read, None
    for whichever it is. Raises NotFound, VersionStale, SecondPersonRequired, Conflict, TryAgain."""
    at = whole_milliseconds(now)

    def step(offer: Offer) -> Offer:
        _require_version(offer, version)
        after = offer_life.approved(offer, caller.source, at)
        return _checked(ports, offer, after, at)

    return change_offer(ports, caller, offer_id, step, lambda _: "offer.approved", now)


def reject_offer(
    ports: Ports, caller: Caller, offer_id: str, version: int | None, now: datetime
) -> Offer:
    """Send back what somebody else asked for. version: as above. Raises NotFound, VersionStale,
    SecondPersonRequired, Conflict, TryAgain."""

    def step(offer: Offer) -> Offer:
        _require_version(offer, version)
        return offer_life.rejected(offer, caller.source)

    return change_offer(ports, caller, offer_id, step, lambda _: "offer.rejected", now)


def _begun(ports: Ports, caller: Caller, offer: Offer, at: datetime) -> Offer:
    after = offer_life.launched(offer, caller.source, ports.programs.active(), at)
    return _checked(ports, offer, after, at)


def _checked(ports: Ports, before: Offer, after: Offer, at: datetime) -> Offer:
    """The offer after a step, if nothing is wrong with it by now; whom it is for is noted when it
    is launched for the first time."""
    if after is not before:
        _require_good(ports, before, at)
    if before.launched_at is None and after.launched_at is not None:
        fix_audience(ports, after, at)
    return after


def _begin_or_ask(after: Offer) -> str:
    if after.status is OfferStatus.AWAITING_APPROVAL:
        return "offer.approval_requested"
    return "offer.launched" if after.since == after.launched_at else "offer.resumed"


def _require_version(offer: Offer, version: int | None) -> None:
    if version is not None and offer.version != version:
        raise VersionStale


def _require_good(ports: Ports, offer: Offer, at: datetime) -> None:
    if errors := [*problems_now(ports, offer), *over_already(offer.schedule, at)]:
        raise InvalidContent(errors=errors)
