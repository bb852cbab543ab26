"""What offers would have given, had they been live for the purchases of the last months.

A pass over the ledger in bounded pages that every look at the simulation carries on; it changes
nothing. Each purchase is decided as the till would have decided it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.names import new_id
from chalicelib.domain.offers import Occasion, Offer, RewardPrice
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Conflict, FieldError, InvalidContent, NotFound
from chalicelib.domain.segments import SegmentStatus
from chalicelib.domain.simulations import (
    MEMBER_LIMIT,
    MOST_SEGMENTS,
    MOST_SIDE_BY_SIDE,
    Given,
    OfferVersion,
    Simulation,
    Tally,
    within_limits,
)
from chalicelib.usecases.ledger_pass import LedgerPass, Progress, for_seconds, run_pass
from chalicelib.usecases.offer_visitor import (
    ACCOUNTS,
    OFFERS,
    PURCHASES,
    UNREADABLE,
    OfferVisitor,
    offer_of,
)
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_offer import known_offer

SECONDS = 10.0
"""How long a request goes on with a simulation; the function that serves it has twice that."""

SEGMENTS = 20
"""Parts of the ledger, one after the other: how many are done is the share looked at."""


@dataclass(frozen=True, slots=True)
class SimulateOffer:
    """versions: of the offer, the newest one where none is named. beside: other offers, in their
    newest versions, to set beside it. segments: ids of those that what they give is told apart by;
    the newest ones where that is None."""

    offer_id: str
    months: int
    versions: tuple[int, ...] = ()
    beside: tuple[str, ...] = ()
    segments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SimulatedOffer:
    """What one version would have given so far. Its budget is counted when all was looked at: who
    comes first is not known before."""

    offer: Offer
    tally: Tally


@dataclass(frozen=True, slots=True)
class OfferSimulated:
    """What is known of a simulation so far. share_percent: of the ledger that was looked at, all of
    it when the simulation is `complete`. purchases, accounts: of the months looked at, whether an
    offer would have applied or not. program: the active one, in whose words points cost money."""

    simulation: Simulation
    program: Program
    complete: bool
    share_percent: int
    purchases: int = 0
    accounts: int = 0
    unreadable: int = 0
    offers: tuple[SimulatedOffer, ...] = ()


def simulate_offer(ports: Ports, command: SimulateOffer, now: datetime) -> OfferSimulated:
    """Begin to run offers over the purchases of the last months, for some seconds.

    Raises NotFound, InvalidContent (no such version or offer beside it, too many of them),
    Conflict (an offer that gives nothing at purchases), StoreUnavailable.
    """
    offers, segments = _asked(ports, command)
    # Also those that are long over: they were live when some of the purchases were made.
    known = ports.offers.live().by_id
    others = [
        known[offer.offer_id].offer if offer.offer_id in known else offer
        for offer in ports.offers.all()
        if offer.launched_at is not None
    ]
    simulation = Simulation(
        new_id("sim", ports.entropy(16)),
        whole_milliseconds(now),
        command.months,
        tuple(OfferVersion(offer.offer_id, offer.version) for offer in offers),
        tuple(OfferVersion(offer.offer_id, offer.version) for offer in others),
        segments,
    )
    ports.measures.keep_simulation(simulation)
    return _carried_on(ports, simulation)


def continue_simulation(ports: Ports, offer_id: str, simulation_id: str) -> OfferSimulated:
    """Go on with a simulation for some seconds where it is not complete, and say what is known.

    offer_id: the offer that it was asked of. Raises NotFound, StoreUnavailable.
    """
    simulation = ports.measures.simulation(simulation_id)
    if simulation is None or simulation.offers[0].offer_id != offer_id:
        raise NotFound(what="offer_simulation")
    return _carried_on(ports, simulation)


# --- what is asked -------------------------------------------------------------------------------


def _asked(ports: Ports, command: SimulateOffer) -> tuple[list[Offer], tuple[str, ...]]:
    """The offers, and the segments that they are told apart by."""
    newest = known_offer(ports, command.offer_id)
    problems: list[FieldError] = []
    versions = [newest] if not command.versions else _versions(ports, command, problems)
    offers = [*versions, *_beside(ports, command, problems)]
    segments = _segments(ports, command, problems)
    if len(offers) > MOST_SIDE_BY_SIDE:
        detail = f"Set at most {MOST_SIDE_BY_SIDE} versions side by side."
        problems.append(FieldError("/versions", "too_many", detail))
    if problems:
        raise InvalidContent(errors=problems)
    for offer in offers:
        _require_at_purchases(offer)
    return offers, segments


def _versions(ports: Ports, command: SimulateOffer, problems: list[FieldError]) -> list[Offer]:
    found = []
    for place, version in enumerate(command.versions):
        try:
            found.append(ports.offers.version(command.offer_id, version))
        except LookupError:
            detail = "There is no such version of the offer."
            problems.append(FieldError(f"/versions/{place}", "unknown", detail))
    return found


def _beside(ports: Ports, command: SimulateOffer, problems: list[FieldError]) -> list[Offer]:
    found = []
    for place, offer_id in enumerate(command.beside):
        other = ports.offers.get(offer_id)
        if other is None:
            problems.append(FieldError(f"/beside/{place}", "unknown", "There is no such offer."))
        else:
            found.append(other)
    return found


def _segments(ports: Ports, command: SimulateOffer, problems: list[FieldError]) -> tuple[str, ...]:
    every = ports.segments.all()
    active = [one.segment_id for one in every if one.status is SegmentStatus.ACTIVE]
    if command.segments is None:
        return tuple(active[:MOST_SEGMENTS])
    problems += [
        FieldError(f"/segments/{place}", "unknown_segment", f"There is no segment {segment_id}.")
        for place, segment_id in enumerate(command.segments)
        if segment_id not in active
    ]
    return command.segments


def _require_at_purchases(offer: Offer) -> None:
    if offer.occasion is not Occasion.PURCHASE or isinstance(offer.effect, RewardPrice):
        raise Conflict(reason="gives_nothing_at_purchases")


# --- what is found -------------------------------------------------------------------------------


def _carried_on(ports: Ports, simulation: Simulation) -> OfferSimulated:
    progress = run_pass(
        ports.books,
        LedgerPass(simulation.simulation_id, SEGMENTS),
        OfferVisitor(ports, simulation),
        for_seconds(ports.patience, SECONDS),
    )
    program = ports.programs.active()
    places = range(len(simulation.offers))
    found = (_simulated(ports, simulation, place, progress, program.zone) for place in places)
    return OfferSimulated(
        simulation=simulation,
        program=program,
        complete=progress.done,
        share_percent=100 * progress.segments_done // SEGMENTS,
        purchases=sum(sums[PURCHASES] for sums in progress.sums),
        accounts=sum(sums[ACCOUNTS] for sums in progress.sums),
        unreadable=sum(sums[UNREADABLE] for sums in progress.sums),
        offers=tuple(found),
    )


def _simulated(
    ports: Ports, simulation: Simulation, place: int, progress: Progress, zone: str
) -> SimulatedOffer:
    offer = offer_of(ports, simulation, place)
    tally = Tally()
    for sums in progress.sums:
        tally.add(Tally(**sums[OFFERS][place]))
    if progress.done and offer.budget is not None and tally.cost > offer.budget.amount:
        given = ports.measures.given(simulation, place)
        tally = _paid(tally, offer, given, offer.budget.amount, zone)
    return SimulatedOffer(offer, tally)


def _paid(before: Tally, offer: Offer, given: Iterable[Given], budget: int, zone: str) -> Tally:
    """What is left of a tally when the budget has to pay for it, one purchase after the other.

    Who went without by the budget has uses left for later: the limit is counted anew, too.
    """
    kept, without = within_limits(
        given,
        member_limit=offer.member_limit,
        budget=budget,
        waits=offer.challenge is not None,
    )
    beyond_limit = len(kept) + sum(without.values()) - before.purchases
    tally = Tally(excluded=dict(before.excluded), overlap=before.overlap)
    for reason, purchases in {**without, MEMBER_LIMIT: without.get(MEMBER_LIMIT, 0)}.items():
        tally.exclude(reason, purchases - (beyond_limit if reason == MEMBER_LIMIT else 0))
    for _, of_one in groupby(kept, key=lambda one: one.account):
        tally.add_member(list(of_one), zone)
    tally.excluded = {reason: number for reason, number in tally.excluded.items() if number}
    return tally
