"""A small application on the shell, to prove the shell by, with doubles for all that it asks."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from chalice.app import Chalice

from chalicelib import wiring
from chalicelib.api.shell import (
    PUBLIC,
    Answer,
    Call,
    Page,
    Routes,
    cursor_after,
    mount,
    position_of,
)
from chalicelib.domain.api_keys import ApiKey, secret_hash
from chalicelib.domain.callers import Scope
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.names import Namer
from chalicelib.domain.refusals import MemberNotFound, NotAuthenticated
from chalicelib.settings import Settings
from chalicelib.usecases.ports import Claims, Ports
from chalicelib.wiring import Services

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
KEY = "sk_" + "0123456789abcdefghjkmnpqrs" * 2
MEMBER, STRANGER, UNLINKED, LINKED = "t-member", "t-stranger", "t-unlinked", "t-linked"
SUPPORT, MARKETER = "t-support", "t-marketer"
VERSION = "3"
TOKENS = {
    MEMBER: Claims("sub-1", "mem_1", frozenset(), None),
    STRANGER: Claims("sub-2", "mem_2", frozenset(), None),
    UNLINKED: Claims("sub-3", None, frozenset({"friends-of-the-house"}), None),
    LINKED: Claims("sub-4", None, frozenset(), NOW),
    SUPPORT: Claims("sub-5", "mem_1", frozenset({"support"}), NOW),
    MARKETER: Claims("sub-6", None, frozenset({"marketer", "unknown"}), NOW),
}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="card"):
    brand: str


class Cash(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cash"):
    amount_minor: int


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body with one field of each kind."""

    lines: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=1000)]
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    day: date | None = None
    colour: Colour = Colour.RED
    phone: str | None = None
    eligible: bool = True
    tender: Card | Cash | None = None
    attributes: dict[str, str | int | bool] = {}
    name: str | msgspec.UnsetType | None = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.name == "nobody":
            raise ValueError("The name must be somebody's.")


class DryRun(msgspec.Struct, frozen=True):
    dry_run: bool = False


class Seen(msgspec.Struct, frozen=True):
    """What the view saw."""

    lines: int
    dry_run: bool


class Named(msgspec.Struct, frozen=True):
    name: str


class Names(msgspec.Struct, frozen=True):
    items: list[int]
    next_cursor: str | None


routes = Routes(__name__)


@routes.post(
    "/v1/things",
    opens=(Scope.PURCHASES,),
    summary="Post a thing",
    body=Thing,
    query=DryRun,
    answers={201: Seen},
    idempotency_key=True,
)
def post_thing(call: Call[Thing, DryRun]) -> Answer:
    """Post a thing,
    whatever it is."""
    return Answer(201, Seen(len(call.body.lines), call.query.dry_run), replayed=call.query.dry_run)


@routes.post(
    "/v1/open/{purchase_id}",
    opens=PUBLIC,
    summary="Post a thing as anybody",
    body=Thing,
    answers={200: Named},
)
def post_open(call: Call[Thing, None], purchase_id: str) -> Answer:
    return Answer(200, Named(f"{call.caller.kind} {purchase_id}"))


def thing_exists(_: Call[Any, Any], member_id: str) -> str:
    if member_id not in ("mem_1", "mem_2"):
        raise MemberNotFound
    return VERSION


@routes.patch(
    "/v1/members/{member_id}/thing",
    opens=(Scope.SELF, Scope.MEMBERS_READ),
    summary="Change a member's thing",
    body=Thing,
    answers={200: Named},
    if_match=True,
    exists=thing_exists,
)
def patch_thing(call: Call[Thing, None], member_id: str) -> Answer:
    thing_exists(call, member_id)
    return Answer(200, Named(f"{member_id} {call.if_match}"), etag="4")


@routes.post(
    "/v1/members/{member_id}/touch", opens=(Scope.SELF,), summary="Touch", answers={204: None}
)
def touch(_: Call[None, None], member_id: str) -> Answer:
    assert member_id == "mem_1"
    return Answer(204)


@routes.get("/v1/names", opens=PUBLIC, summary="List names", query=Page, answers={200: Names})
def list_names(call: Call[None, Page]) -> Answer:
    begin = position_of(call, "everybody", call.query.cursor)[0] if call.query.cursor else 0
    end = int(begin) + call.query.limit
    return Answer(200, Names([int(begin)], cursor_after(call, "everybody", [end])))


@routes.get("/v1/others", opens=PUBLIC, summary="List others", query=Page, answers={200: Names})
def list_others(call: Call[None, Page]) -> Answer:
    position_of(call, "everybody", call.query.cursor or "")
    return Answer(200, Names([], None))


@routes.post("/v1/hook", opens=PUBLIC, summary="A signed call", raw_body=True, answers={200: Named})
def post_hook(call: Call[None, None]) -> Answer:
    return Answer(200, Named(call.raw.decode(errors="replace")))


@dataclass(slots=True)
class Failing:
    """What the view of `/v1/failing` raises next."""

    error: Exception = field(default_factory=RuntimeError)


failing = Failing()


@routes.get("/v1/failing", opens=PUBLIC, summary="Fail", answers={200: Named})
def get_failing(_: Call[None, None]) -> Answer:
    raise failing.error


@routes.get("/v1/undeclared", opens=PUBLIC, summary="Answer else", answers={200: Named})
def get_undeclared(_: Call[None, None]) -> Answer:
    return Answer(200, Seen(1, False))


@dataclass(slots=True)
class FakeKeys:
    """One live key."""

    key: ApiKey

    def find(self, hashed: str) -> ApiKey | None:
        return self.key if hashed == secret_hash(KEY) else None


class FakePeople:
    """Knows who `sub-4` is."""

    def find(self, identifier: Identifier) -> str | None:
        return "mem_1" if identifier == Identifier(Kind.SUBJECT, "sub-4") else None


class FakeTokens:
    """Believes the tokens above."""

    def verify(self, token: str, now: datetime) -> Claims:
        assert now == NOW
        if token not in TOKENS:
            raise NotAuthenticated("signature")
        return TOKENS[token]


def services(
    *, numeric_ids: bool = False, scopes: frozenset[Scope] = frozenset({Scope.PURCHASES})
) -> Services:
    """Services of doubles; what a test of the shell has no use for is absent."""
    key = ApiKey("key_1", "till", scopes, numeric_ids, NOW)
    doubles: dict[str, Any] = {
        "keys": FakeKeys(key),
        "people": FakePeople(),
        "namer": Namer(b"n" * 32),
    }
    ports: Callable[..., Ports] = Ports
    absent = {entry.name: None for entry in fields(Ports)}
    names = {entry.name.upper(): "test" for entry in fields(Settings)} | {"ALLOWANCE_FACTOR": "1"}
    return Services(ports(**absent | doubles), lambda: NOW, FakeTokens(), Settings.read(names))


app = Chalice("shell-test", configure_logs=False)
mount(app, lambda: [routes])


def application(installed: Services) -> Chalice:
    """The small application, with its services in place."""
    wiring.install(installed)
    return app
