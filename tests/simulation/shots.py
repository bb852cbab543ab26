"""Requests for one operation of the contract: generated ones, and what becomes of them when they
are spoiled on purpose. A shot knows whether the contract forbids it. Knows no service.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Shot:
    """One request. value: the body as JSON has it, NOT_SET without one. forbidden: whether the
    contract says that it must be refused, whoever sends it."""

    method: str
    arguments: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes
    value: Any = NOT_SET
    forbidden: bool = False


Fits = Callable[[str], bool]
"""Whether a query as it is sent is one that the contract allows."""


def generated(
    operation: Any, mode: GenerationMode, at_most: int, chosen: int, fits: Fits
) -> list[Shot]:
    """What Schemathesis makes of an operation: as it should be, or (NEGATIVE) as it must not."""
    cases: list[Any] = []

    @seed(chosen)
    @settings(
        max_examples=at_most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        cases.append(case)

    # Where any text is right, as in most paths, nothing can be made wrong.
    with suppress(Unsatisfiable):
        keep()
    return [_shot(case, mode, fits) for case in cases[:at_most]]


def _shot(case: Any, mode: GenerationMode, fits: Fits) -> Shot:
    arguments = {name: str(text) for name, text in (case.path_parameters or {}).items()}
    case.path_parameters = dict.fromkeys(arguments, "x")
    case.headers = {name: text for name, text in (case.headers or {}).items() if _sendable(text)}
    wire = case.as_transport_kwargs(base_url="http://gateway")
    parts = {name: wire.get(name) for name in ("params", "json", "data")}
    prepared = requests.Request(wire["method"], wire["url"], **parts).prepare()
    body: Any = prepared.body or b""
    headers = {n: t for n, t in case.headers.items() if n.lower() != "authorization"}
    if body:
        headers["Content-Type"] = case.media_type or JSON
    query = prepared.path_url.partition("?")[2]
    wrong = mode is GenerationMode.NEGATIVE and (_wrong_body(case, bool(body)) or not fits(query))
    return Shot(
        method=case.method,
        arguments=arguments,
        query=query,
        headers=headers,
        body=body.encode() if isinstance(body, str) else body,
        value=case.body,
        forbidden=wrong,
    )


def _wrong_body(case: Any, is_sent: bool) -> bool:
    part = case.meta.components.get(ParameterLocation.BODY)
    return is_sent and part is not None and part.mode.is_negative


def _sendable(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable()


Change = Callable[[Random, Shot], Shot]


def spoiled(random: Random, shot: Shot, schema: Draft202012Validator | None) -> Shot:
    """A shot changed in one place, by chance."""
    changes: list[Change] = [other_query, other_query, other_headers]
    if shot.arguments:
        changes.append(other_argument)
    if schema is not None:
        changes += [lambda r, s: other_value(r, s, schema)] * 6 + [other_bytes]
    return random.choice(changes)(random, shot)


def other_value(random: Random, shot: Shot, schema: Draft202012Validator) -> Shot:
    """A body that the contract's schema refuses; the shot itself where none was found."""
    for _ in range(10):
        value = _changed(random, shot.value if shot.value is not NOT_SET else {})
        if not schema.is_valid(value):
            return _with_body(shot, value)
    return _with_body(shot, [])


def _with_body(shot: Shot, value: Any) -> Shot:
    headers = {**shot.headers, "Content-Type": JSON}
    body = json.dumps(value).encode()
    return replace(shot, headers=headers, body=body, value=value, forbidden=True)


WRONG: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**53, -(2**63), 10**30, "", " ", "x" * 5_000, "\x00", "NaN"),
    *("\ud800", "4111111111111111", "9999-12-31T23:59:59Z", [], {}, [[]], {"": ""}, [None] * 300),
)


def _changed(random: Random, value: Any) -> Any:
    """The value with one place of it removed, added or made another."""
    places = list(_places(value))
    if not places or random.random() < 0.05:
        return random.choice(WRONG)
    path = random.choice(places)
    *way, last = path
    copied = json.loads(json.dumps(value, default=str))
    inside = copied
    for step in way:
        inside = inside[step]
    kind = random.randrange(4)
    if kind == 0:
        del inside[last]
    elif kind == 1 and isinstance(inside, dict):
        inside[random.choice(["unknown", "", "__proto__", "member_id", "points"])] = inside[last]
    else:
        inside[last] = random.choice(WRONG)
    return copied


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    names = (
        value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    )
    for name in names:
        yield from _places(value[name], (*path, name))


NO_JSON = (
    b"{",
    b"[" * 5_000,
    b'{"a":1,"a":2}',
    b"NaN",
    b"\xff\xfe",
    b'"\\ud800"',
    b"{}{}",
    b"\xef\xbb\xbf{}",
    b"{'a':1}",
    b'{"a":1e999}',
)


def other_bytes(random: Random, shot: Shot) -> Shot:
    """A body that is no JSON, or none that is told to be some."""
    if random.random() < 0.2:
        kind = random.choice(["text/plain", "application/xml", "", "application/json; charset=x"])
        return replace(shot, headers={**shot.headers, "Content-Type": kind}, forbidden=True)
    headers = {**shot.headers, "Content-Type": JSON}
    return replace(shot, headers=headers, body=random.choice(NO_JSON), forbidden=True)


def other_query(random: Random, shot: Shot) -> Shot:
    """A query with a parameter that nobody knows."""
    name = random.choice(["unknown", "%00", "%ff", "limit[]", "q", "cursor%20"])
    query = "&".join(part for part in (shot.query, f"{name}={random.choice(NAMES)}") if part)
    return replace(shot, query=query, forbidden=True)


NAMES = ("%00", "%ff", "%2e%2e%2f", "me", "%F0%9F%98%80", "x" * 300, "4111111111111111", "%7B%7D")


def other_argument(random: Random, shot: Shot) -> Shot:
    """A path that names something which cannot be, or is nobody's."""
    name = random.choice(sorted(shot.arguments))
    return replace(shot, arguments={**shot.arguments, name: random.choice(NAMES)})


def other_headers(random: Random, shot: Shot) -> Shot:
    """A header of which a value was not thought."""
    name = random.choice(["Idempotency-Key", "If-Match", "X-Access-Reason", "X-Request-Id"])
    values = ["", " ", "x" * 300, '"', 'W/"1"', "*", "a b", "4111111111111111", "%00", "\t"]
    return replace(shot, headers={**shot.headers, name: random.choice(values)})


def path_of(template: str, shot: Shot) -> str:
    """The address that a shot goes to, its query included."""
    path = template
    for name, text in shot.arguments.items():
        plain = text if text in NAMES else quote(text, safe="")
        path = path.replace(f"{{{name}}}", plain)
    return f"{path}?{shot.query}" if shot.query else path
