"""The routes that exist on this machine only: tokens, captchas, mail, the clock, the workers.

Declared in the service's own way, mounted beside its routes by `run.py`, and in no package.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.api.shell import PUBLIC, Answer, Call, Instant, Routes
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.refusals import FieldError, InvalidContent
from infrastructure.local.captcha_double import CaptchaDouble
from infrastructure.local.clock import MovableClock, OutOfReach
from infrastructure.local.issuer import Issuer

_HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Handles:
    """What the routes turn. mail: the captured messages, newest first. drain: returns when the
    workers have nothing left to do."""

    issuer: Issuer
    captcha: CaptchaDouble
    clock: MovableClock
    mail: Callable[[], Sequence[Mapping[str, object]]]
    drain: Callable[[], None]


class TokenWish(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """expires_in: seconds from now, negative for a token that is over already."""

    sub: str
    groups: list[str] = []
    expires_in: int = _HOUR_SECONDS
    claims: dict[str, Any] = {}


class Token(msgspec.Struct, frozen=True):
    token: str


class Captcha(msgspec.Struct, frozen=True):
    captcha_token: str


class Mail(msgspec.Struct, frozen=True):
    items: list[dict[str, Any]]


class Clock(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    now: Instant


def dev_routes(handles: Handles) -> Routes:
    """The routes, bound to what they turn."""
    routes = Routes(__name__)
    _people(routes, handles)
    _time(routes, handles)
    return routes


def _people(routes: Routes, handles: Handles) -> None:
    """Who somebody is, without an identity provider, a browser and a mailbox."""

    @routes.post(
        "/_dev/tokens", opens=PUBLIC, summary="Sign a token", body=TokenWish, answers={200: Token}
    )
    def make_token(call: Call[TokenWish, None]) -> Answer:
        wish = call.body
        made = handles.issuer.token(wish.sub, wish.groups, wish.expires_in, wish.claims)
        return Answer(200, Token(made))

    @routes.get(
        "/_dev/jwks.json", opens=PUBLIC, summary="The keys", answers={200: "application/json"}
    )
    def publish_keys(call: Call[None, None]) -> Answer:  # noqa: ARG001  # every view is called so
        return Answer(200, handles.issuer.jwks().decode())

    @routes.post("/_dev/captcha", opens=PUBLIC, summary="Solve a captcha", answers={200: Captcha})
    def solve_captcha(call: Call[None, None]) -> Answer:  # noqa: ARG001  # every view is called so
        return Answer(200, Captcha(handles.captcha.issue()))

    @routes.get("/_dev/mail", opens=PUBLIC, summary="The captured mail", answers={200: Mail})
    def read_mail(call: Call[None, None]) -> Answer:  # noqa: ARG001  # every view is called so
        return Answer(200, Mail([dict(item) for item in handles.mail()]))


def _time(routes: Routes, handles: Handles) -> None:
    """The clock, and what runs by it."""

    @routes.get("/_dev/clock", opens=PUBLIC, summary="The service's clock", answers={200: Clock})
    def read_clock(call: Call[None, None]) -> Answer:
        return Answer(200, Clock(printed(call.now)))

    @routes.put(
        "/_dev/clock", opens=PUBLIC, summary="Move the clock", body=Clock, answers={200: Clock}
    )
    def move_clock(call: Call[Clock, None]) -> Answer:
        return Answer(200, Clock(printed(_moved(handles, call.body))))

    @routes.post("/_dev/drain", opens=PUBLIC, summary="Wait for the workers", answers={200: Clock})
    def drain(call: Call[None, None]) -> Answer:
        handles.drain()
        return Answer(200, Clock(printed(call.now)))


def _moved(handles: Handles, wish: Clock) -> datetime:
    """Move the clock and let the workers that are due run."""
    try:
        now = handles.clock.move(parsed(wish.now))
    except ValueError as error:
        raise _refused("not_an_instant", "This is no RFC 3339 instant.") from error
    except OutOfReach as error:
        raise _refused("out_of_reach", "A day back at most, and not beyond 2100.") from error
    handles.drain()
    return now


def _refused(code: str, detail: str) -> InvalidContent:
    return InvalidContent([FieldError("/now", code, detail)])
