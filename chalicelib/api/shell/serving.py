"""What happens when somebody calls a route, in the contract's order.

Token, scope, whose it is, then headers, query and body; the view; the audit of what staff and keys
read; the answer or the problem.
Knows no resource.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalice.app import Response

from chalicelib import observability, tracing, wiring
from chalicelib.api import problems
from chalicelib.api.auth import authenticate
from chalicelib.api.shell import accesses, exchange, paths, reader
from chalicelib.api.shell.answering import answered, problem_answer
from chalicelib.api.shell.call import Answer, Call
from chalicelib.api.shell.exchange import Exchange
from chalicelib.api.shell.route import PUBLIC, Route
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.refusals import NotAuthenticated, Refusal, ScopeMissing, VersionStale
from chalicelib.usecases.take_allowance import take_allowance


def handler(route: Route) -> Callable[..., Response]:
    """The function that Chalice calls for this route. It never raises."""

    def handle(**path: str) -> Response:
        ongoing = exchange.current.get()
        ongoing.route = route.name
        try:
            with tracing.span(route.name):
                return answered(route, _serve(route, ongoing, path))
        except Exception as error:  # the last stop before Chalice, which would answer its own way
            return refused_or_failed(ongoing, error)

    handle.__name__ = route.view.__name__
    return handle


def refused_or_failed(ongoing: Exchange, error: Exception) -> Response:
    """The problem document of an exception; what nobody foresaw says nothing. Both that and an
    outage are logged: whoever is asked to try again cannot tell why."""
    problem = problems.problem_of(error) or problems.INTERNAL
    if problem.status >= 500:
        observability.log_failure(error, route=ongoing.route, request_id=ongoing.request_id)
    ongoing.code = problem.code
    return problem_answer(problem, ongoing.request_id)


def _serve(route: Route, ongoing: Exchange, path: Mapping[str, str]) -> Answer:
    services = wiring.services()
    now = services.clock()
    caller = authenticate(ongoing.headers, services.ports, services.tokens, now)
    ongoing.caller = caller.kind
    _check_scope(route, caller)
    named = paths.arguments(path, caller)
    call: Call[Any, Any] = Call(
        services=services,
        caller=caller,
        now=now,
        route=route.name,
        request_id=ongoing.request_id,
        address=ongoing.address,
        headers=ongoing.headers,
        body=None,
        query=None,
    )
    try:
        call = replace(reader.read(route, ongoing, call, named), reason=accesses.why(route, call))
    except Refusal as malformed:
        _check_existence(route, call, named)
        raise malformed
    if route.rationed is not None:
        take_allowance(call.ports, route.rationed, caller.source, now)
    answer = route.view(call, **named)
    accesses.record(route, call, named, answer)
    return answer


def _check_scope(route: Route, caller: Caller) -> None:
    if route.opens is PUBLIC:
        return
    if caller.kind is CallerKind.ANONYMOUS:
        raise NotAuthenticated("missing")
    if caller.scopes.isdisjoint(route.opens):
        raise ScopeMissing(route.opens[0])


def _check_existence(route: Route, call: Call[Any, Any], named: Mapping[str, str]) -> None:
    """Answer 404, 410 and 412 before what is wrong with the rest of the request."""
    if route.exists is None:
        return
    etag = route.exists(call, **named)
    sent = reader.if_match_of(call.headers)
    if route.if_match and etag is not None and sent is not None and sent != etag:
        raise VersionStale
