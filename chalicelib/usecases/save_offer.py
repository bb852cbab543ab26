"""The one write of an offer's next version, repeated until it is known what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.budgets import shards_for_budget
from chalicelib.domain.callers import Caller
from chalicelib.domain.offers import Offer
from chalicelib.domain.refusals import Conflict, NotFound, VersionStale
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.settle import Waiting


def known_offer(ports: Ports, offer_id: str) -> Offer:
    """An offer as it is. Raises NotFound."""
    offer = ports.offers.get(offer_id)
    if offer is None:
        raise NotFound(what="offer")
    return offer


def change_offer(
    ports: Ports,
    caller: Caller,
    offer_id: str,
    step: Callable[[Offer], Offer],
    action: Callable[[Offer], str],
    now: datetime,
) -> Offer:
    """Take an offer one step on, whatever its version; one that the step leaves as it is, is
    answered as it stands. action: what the audit calls it, of the offer after it. Raises NotFound,
    what the step raises, TryAgain."""
    waiting = Waiting(ports.patience)
    while True:
        before = known_offer(ports, offer_id)
        after = step(before)
        if after is before:
            return before
        try:
            save_offer(ports, caller, action(after), after, now)
        except VersionStale:  # somebody changed it meanwhile: go on from what it is now
            waiting.once_more()
            continue
        return after


def save_offer(ports: Ports, caller: Caller, action: str, offer: Offer, now: datetime) -> None:
    """Record the change, then write the version and move its budget.

    Raises VersionStale when somebody was faster, Conflict when more of the budget was given already
    than it would be, TryAgain when the store does not answer.
    """
    note(ports, caller, action, now, subject=offer.offer_id)
    late = timedelta(days=ports.programs.active().limits.late_purchase_days)
    waiting = Waiting(ports.patience)
    may_have_landed = False
    while True:
        try:
            written = ports.offers.put(offer, now, now - late)
            if written == "stale" and may_have_landed:
                written = "written" if ports.offers.get(offer.offer_id) == offer else "stale"
            break
        except StoreUnavailable:
            may_have_landed = True
            waiting.once_more()
    if written == "stale":
        raise VersionStale()
    if written == "too_few_units":
        raise Conflict(reason="budget_below_spent")


def with_shards(offer: Offer, before: Offer | None) -> Offer:
    """The offer with as many counters as its budget deserves, never fewer than it had."""
    if offer.budget is None:
        return offer
    had = before.budget.shards if before is not None and before.budget is not None else 1
    shards = max(had, shards_for_budget(offer.budget.amount))
    return replace(offer, budget=replace(offer.budget, shards=shards))
