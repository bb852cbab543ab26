"""What the service says of itself: that it is there, its contract, and the page that shows it."""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from chalicelib import observability, wiring
from chalicelib.api.shell import PUBLIC, Answer, Call, Instant, Routes
from chalicelib.domain.allowances import HEALTH
from chalicelib.domain.callers import CallerKind, Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import NotAuthenticated, NotHealthy, ScopeMissing
from chalicelib.usecases.check_health import check_health
from chalicelib.usecases.take_allowance import take_allowance

routes = Routes(__name__)

_DOCS_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the viewer writes its styles into its own elements
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_FILES_MAY_BE_KEPT = {"Cache-Control": "public, max-age=300"}


class HealthQuery(msgspec.Struct, frozen=True):
    """deep: ask everything that the service needs, too."""

    deep: bool = False


class Check(msgspec.Struct, frozen=True):
    """Something that the service needs, and that answered. says: what it told of itself."""

    name: str
    milliseconds: float
    says: str | None


class Health(msgspec.Struct, frozen=True):
    """The service answers requests. now: by its own clock. checks: of everything that it needs,
    where `deep` was asked for."""

    status: Literal["ok"]
    now: Instant
    checks: list[Check] | msgspec.UnsetType = msgspec.UNSET


@routes.get(
    "/v1/health",
    opens=PUBLIC,
    summary="Ask whether the service answers",
    query=HealthQuery,
    answers={200: Health},
    refuses=(ScopeMissing, NotHealthy),
)
def get_health(call: Call[None, HealthQuery]) -> Answer:
    """Without `deep` nobody else is asked, and everybody may: for load balancers. With `deep=true`
    every table, the key service, the queues and the snapshot are, by API keys and admins, 30 times
    a minute: 503 `not_healthy` names in `failing` those that do not answer within 8 seconds."""
    if not call.query.deep:
        return Answer(200, Health("ok", printed(call.now)))
    if call.caller.kind is CallerKind.ANONYMOUS:
        raise NotAuthenticated("missing")
    if call.caller.kind is not CallerKind.CHECKOUT and Scope.HEALTH not in call.caller.scopes:
        raise ScopeMissing(Scope.HEALTH)
    take_allowance(call.ports, HEALTH, call.caller.source, call.now)
    return Answer(200, Health("ok", printed(call.now), _all_well(call)))


def _all_well(call: Call[None, HealthQuery]) -> list[Check]:
    checked = check_health(wiring.vitals(call.services), call.ports.patience.monotonic)
    for one in checked:
        if one.error is not None:
            observability.log_failure(one.error, check=one.name, request_id=call.request_id)
    if failing := [one.name for one in checked if one.error is not None]:
        raise NotHealthy(failing)
    return [Check(one.name, one.milliseconds, one.says) for one in checked]


@routes.get(
    "/v1/openapi.json",
    opens=PUBLIC,
    summary="Read the contract as OpenAPI 3.1",
    answers={200: "application/json"},
)
def get_document(_: Call[None, None]) -> Answer:
    return Answer(200, _file("openapi.json"), headers=_FILES_MAY_BE_KEPT)


@routes.get(
    "/v1/docs",
    opens=PUBLIC,
    summary="Read the contract as a page",
    answers={200: "text/html; charset=utf-8"},
)
def get_docs(_: Call[None, None]) -> Answer:
    headers = {**_FILES_MAY_BE_KEPT, "Content-Security-Policy": _DOCS_POLICY}
    return Answer(200, _file("docs.html"), headers=headers)


@routes.get(
    "/v1/docs/viewer.js",
    opens=PUBLIC,
    summary="The viewer of the page",
    answers={200: "text/javascript; charset=utf-8"},
)
def get_viewer(_: Call[None, None]) -> Answer:
    return Answer(200, _file("viewer.js"), headers=_FILES_MAY_BE_KEPT)


@cache
def _file(name: str) -> str:
    return (resources.files("chalicelib.api") / "static" / name).read_text(encoding="utf-8")
