"""A request from its parts to its answer: key, route, idempotency, operation, events.

Knows no socket: `server.py` reads and writes the bytes.
"""

import copy
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from infrastructure.local.stripe_double import forms, refused, routes, state
from infrastructure.local.stripe_double.forms import Params
from infrastructure.local.stripe_double.idempotency import Keys
from infrastructure.local.stripe_double.objects import API_VERSION, Json, new_id
from infrastructure.local.stripe_double.obstacles import Fails, LosesReply, Obstacle, Waits
from infrastructure.local.stripe_double.refused import Refused
from infrastructure.local.stripe_double.routes import Route
from infrastructure.local.stripe_double.work import Work


class ReplyLost(Exception):
    """The work is done and the answer must not be sent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to be sent as JSON."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Errand:
    """What a request asks for, and what is in its way."""

    route: Route
    ids: tuple[str, ...]
    obstacle: Obstacle | None


@dataclass(slots=True)
class Service:
    """`told(event)`, where set, is called for every new event, after it was saved."""

    api_key: str
    clock: Callable[[], float]
    state: state.State
    file: Path | None
    told: Callable[[Json], None] | None = None
    obstacles: deque[Obstacle] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys(self.state)

    def answer(self, asked: Asked) -> Answered:
        """Answer a request. ReplyLost when the connection is to be closed instead."""
        headers = {"Request-Id": new_id("req", 14), "Stripe-Version": API_VERSION}
        obstacle = self.obstacles.popleft() if self.obstacles else None
        try:
            route, ids, params = self._understood(asked)
            if isinstance(obstacle, Fails):
                raise obstacle.refusal()
            answered = self._once(asked, params, headers, _Errand(route, ids, obstacle))
        except Refused as refusal:
            answered = Answered(refusal.status, refusal.body, headers)
        if isinstance(obstacle, LosesReply):
            raise ReplyLost
        return answered

    def _understood(self, asked: Asked) -> tuple[Route, tuple[str, ...], Params]:
        parts = urlsplit(asked.target)
        route, ids = routes.find(asked.method, parts.path)
        self._authenticate(asked.headers.get("authorization", ""), route)
        text = asked.body if asked.method == "POST" else parts.query
        try:
            params = forms.parsed(text)
        except ValueError as error:
            raise Refused(400, f"Invalid request: {error}", kept=False) from error
        params.pop("key", None)
        unknown = [name for name in params if name not in route.takes]
        if unknown:
            raise refused.unknown_parameters(unknown)
        return route, ids, params

    def _authenticate(self, header: str, route: Route) -> None:
        kind, _, sent = header.partition(" ")
        key = forms.basic_user(sent) if kind.lower() == "basic" else sent
        by_customer = not key or key.startswith(("pk_test_", "sk_test_"))
        if key == self.api_key or (route.by_customer and by_customer):
            return
        said = f"Invalid API Key provided: {key[:8]}****" if key else _NO_KEY
        raise Refused(401, said, kept=False)

    def _once(
        self, asked: Asked, params: Params, headers: dict[str, str], errand: "_Errand"
    ) -> Answered:
        key = asked.headers.get("idempotency-key", "") if asked.method == "POST" else ""
        path, now = urlsplit(asked.target).path, int(self.clock())
        request = {"id": headers["Request-Id"], "idempotency_key": key or None}
        work = Work(self.state, now, params, request)
        if not key:
            return self._operate(errand, work, headers, keep=lambda _: None)
        headers["Idempotency-Key"] = key
        kept = self.keys.claim(key, path, params, now)
        if kept is not None:
            replay = {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
            return Answered(kept["status"], kept["body"], {**headers, **replay})

        def keep(answered: Answered) -> None:
            answer = {"status": answered.status, "body": answered.body, "request": request["id"]}
            self.keys.keep(key, path, params, now, answer)

        try:
            return self._operate(errand, work, headers, keep)
        finally:
            self.keys.drop(key)

    def _operate(
        self,
        errand: "_Errand",
        work: Work,
        headers: dict[str, str],
        keep: Callable[[Answered], None],
    ) -> Answered:
        if isinstance(errand.obstacle, Waits):
            errand.obstacle.arrived.set()
            errand.obstacle.go.wait()
        with self.lock:
            told = len(self.state.events)
            try:
                body = copy.deepcopy(errand.route.operation(work, *errand.ids))
                answered = Answered(200, body, headers)
            except Refused as refusal:
                if not refusal.kept:
                    raise
                answered = Answered(refusal.status, refusal.body, headers)
            keep(answered)
            state.save(self.state, self.file)
            fresh = list(self.state.events.values())[told:]
        if self.told is not None:
            for event in fresh:
                self.told(event)
        return answered


_NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, "
    "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
)
