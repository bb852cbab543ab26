"""Puts blueprints onto a Chalice application, and around all of it what every answer carries:
request id, CORS, no caching, one problem shape also for Chalice's own errors, one log line.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib import observability
from chalicelib.api import refused
from chalicelib.api.shell import exchange
from chalicelib.api.shell.exchange import Exchange
from chalicelib.api.shell.one_route import EVERYTHING
from chalicelib.api.shell.route_table import RouteTable
from chalicelib.api.shell.routes import CORS
from chalicelib.api.shell.serving import refused_or_failed

_EVERYWHERE: Mapping[str, str] = {
    **CORS.get_access_control_headers(),
    "Cache-Control": "no-store",  # answers speak of people and of points
    "X-Content-Type-Options": "nosniff",
}


def mount(
    app: Chalice,
    blueprints: Callable[[], Iterable[Blueprint]],
    homes: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Register the blueprints, each when it is asked for, and what surrounds every request.

    homes: the modules of a path's blueprints; see RouteTable.
    """
    app.register_middleware(_around, "http")
    table = RouteTable(homes or {}, blueprints, app.register_blueprint)
    app.routes = table  # type: ignore[assignment]  # Chalice only looks paths up and goes through


def _around(request: Request, get_response: Callable[[Request], Response]) -> Response:
    began = time.perf_counter()
    ongoing = exchange.begun(request)
    reset = exchange.current.set(ongoing)
    try:
        with observability.noting() as noted:
            response = get_response(request)
    finally:
        exchange.current.reset(reset)
    if ongoing.route == "unknown":  # no view was reached: Chalice answered by itself
        response = _instead_of(ongoing, response)
    headers = {**_EVERYWHERE, **response.headers, "X-Request-Id": ongoing.request_id}
    response.headers = headers
    observability.log_request(
        route=ongoing.route,
        status=response.status_code,
        milliseconds=(time.perf_counter() - began) * 1000,
        caller=ongoing.caller,
        code=ongoing.code,
        request_id=ongoing.request_id,
        replayed="Idempotent-Replayed" in response.headers,
        noted=noted,
    )
    return response


def _instead_of(ongoing: Exchange, response: Response) -> Response:
    if ongoing.request.path == EVERYTHING:  # the gateway knew no better, and neither did we
        return refused_or_failed(ongoing, refused.RouteNotFound())
    if response.status_code == 405:
        allowed = str(response.headers.get("Allow", "")).split(", ")
        return refused_or_failed(ongoing, refused.MethodNotAllowed(sorted(allowed)))
    return refused_or_failed(ongoing, RuntimeError(f"Chalice answered {response.status_code}"))
