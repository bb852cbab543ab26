"""The one write of an offer's next version, repeated until it is known what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.budgets import shards_for_budget
from chalicelib.domain.callers import Caller
from chalicelib.domain.offers import Offer
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.versions import step_on, write_version


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
    return step_on(
        ports.patience,
        lambda: known_offer(ports, offer_id),
        step,
        save=lambda after: save_offer(ports, caller, action(after), after, now),
    )


def save_offer(ports: Ports, caller: Caller, action: str, offer: Offer, now: datetime) -> None:
    """Record the change, then write the version and move its budget.

    Raises VersionStale when somebody was faster, Conflict when more of the budget was given already
    than it would be, TryAgain when the store does not answer.
    """
    note(ports, caller, action, now, subject=offer.offer_id)
    late = timedelta(days=ports.programs.active().limits.late_purchase_days)
    written = write_version(
        ports.patience,
        put=lambda: ports.offers.put(offer, now, now - late),
        landed=lambda: ports.offers.get(offer.offer_id) == offer,
    )
    if written == "too_few_units":
        raise Conflict(reason="budget_below_spent")


def with_shards(offer: Offer, before: Offer | None) -> Offer:
    """The offer with as many counters as its budget deserves, never fewer than it had."""
    if offer.budget is None:
        return offer
    had = before.budget.shards if before is not None and before.budget is not None else 1
    shards = max(had, shards_for_budget(offer.budget.amount))
    return replace(offer, budget=replace(offer.budget, shards=shards))
