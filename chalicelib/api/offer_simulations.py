"""Simulations over HTTP: what offers would have given, before they are launched."""

from typing import Any, Literal

import msgspec

from chalicelib.api.offer_simulation_models import (
    SimulateBody,
    SimulationAnswer,
    simulation_answer,
    simulation_csv,
)
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.allowances import SIMULATION_READINGS, SIMULATIONS
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import Conflict, InvalidContent, NotFound
from chalicelib.usecases.save_offer import known_offer
from chalicelib.usecases.simulate_offer import (
    OfferSimulated,
    SimulateOffer,
    continue_simulation,
    simulate_offer,
)

routes = Routes(__name__)

_CSV = "text/csv; charset=utf-8"


class SimulationQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """format: `csv` gives the figures for a spreadsheet, once the simulation is complete."""

    format: Literal["json", "csv"] = "json"


def simulated_offer_exists(call: Call[Any, Any], offer_id: str) -> None:
    """Asked when a request is malformed. Raises NotFound."""
    known_offer(call.ports, offer_id)


@routes.post(
    "/v1/offers/{offer_id}/simulate",
    opens=(Scope.OFFERS_WRITE,),
    summary="Say what an offer would have given, beside other versions and offers",
    body=SimulateBody,
    answers={200: SimulationAnswer, 202: SimulationAnswer},
    refuses=(NotFound, InvalidContent, Conflict),
    exists=simulated_offer_exists,
    rationed=SIMULATIONS,
)
def post_offer_simulation(call: Call[SimulateBody, None], offer_id: str) -> Answer:
    """Runs it over the real purchases of the last months by the till's own decision: to whom, how
    many points and at what cost, and why not to others. Changes nothing. 202 when there was more to
    look at than some seconds are enough for: each reading goes on with it. An offer that gives no
    points at purchases is 409 `conflict`."""
    body = call.body
    segments = tuple(body.segments) if body.segments is not None else None
    command = SimulateOffer(
        offer_id, body.months, tuple(body.versions), tuple(body.beside), segments
    )
    return _shown(call, simulate_offer(call.ports, command, call.now))


@routes.get(
    "/v1/offers/{offer_id}/simulations/{simulation_id}",
    opens=(Scope.OFFERS_READ,),
    summary="Go on with a simulation, and read what is known so far",
    query=SimulationQuery,
    answers={200: SimulationAnswer, 202: SimulationAnswer},
    refuses=(NotFound,),
    also=_CSV,
    rationed=SIMULATION_READINGS,
)
def get_offer_simulation(
    call: Call[None, SimulationQuery], offer_id: str, simulation_id: str
) -> Answer:
    """As of the instant at which it was asked for; 202 until all of the ledger was looked at. Kept
    for 60 days."""
    found = continue_simulation(call.ports, offer_id, simulation_id)
    return _shown(call, found, as_csv=call.query.format == "csv")


def _shown(call: Call[Any, Any], found: OfferSimulated, *, as_csv: bool = False) -> Answer:
    segments = call.ports.segments.all() if found.simulation.segments else []
    answer = simulation_answer(found, {segment.segment_id: segment.name for segment in segments})
    if not found.complete:
        return Answer(202, answer)
    return Answer(200, simulation_csv(answer) if as_csv else answer)
