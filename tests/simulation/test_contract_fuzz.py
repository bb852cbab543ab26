"""Whatever a caller sends, the service answers what its document says, and never breaks.

More than 20,000 requests a run: for every operation what Schemathesis makes of the document, right
and wrong, and what becomes of it when it is spoiled, by every kind of caller, half of them about
things that exist. Every answer is checked against the document; what it forbids must be refused.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from random import Random
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest
import schemathesis
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from schemathesis import GenerationMode

from chalicelib import wiring
from chalicelib.api import openapi
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, MEMBER_SCOPES
from chalicelib.domain.instants import printed
from tests.api.client import Client, Reply
from tests.api.conftest import *  # noqa: F403  # its fixtures are found by name
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.at_stripe import AtStripe
from tests.simulation.shots import Shot, generated, path_of, spoiled

DOCUMENT: dict[str, Any] = json.loads(openapi.PATH.read_text(encoding="utf-8"))
REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:document", DRAFT202012.create_resource(DOCUMENT)
)
OPERATIONS: dict[str, Any] = {
    found.ok().label: found.ok()
    for found in cast(Any, schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
}
LEAST_REQUESTS = 20_000
QUOTA = -(-LEAST_REQUESTS // len(OPERATIONS))
# Of each operation's: made by Schemathesis as they should be, and as they must not; the others are
# the right ones, spoiled.
RIGHT, WRONG = QUOTA * 2 // 5, QUOTA // 4
ALLOWED = {"reconciliation": 5, "analytics": 20}  # what reads all that the others wrote
ALLOWED_ELSE = 100  # uses of whatever is rationed; what comes after them is answered 429
SEED = 20261122


class Enough:
    """Allowances for most of the requests to an operation, and not for all."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        assert whose is not None
        assert at_most > 0 < window_seconds
        assert now.tzinfo is not None
        self._taken[kind] += 1
        allowed = ALLOWED.get(kind, ALLOWED_ELSE)
        return 0 if self._taken[kind] <= allowed else window_seconds


class _Believing:
    """A captcha that everybody solves."""

    def solved(self, token: str, address: str) -> bool:
        return bool(token and address)


@pytest.fixture
def world(shop: Shop, client: Client, clock: Clock) -> Iterator[dict[str, str]]:
    """Names of things that exist: a member with points, a purchase, a redemption, a reward. No
    provider is out."""
    stripe, ports = AtStripe(clock), shop.services.ports
    ports = replace(ports, cards=stripe.cards(), allowances=Enough(), captcha=_Believing())
    wiring.install(replace(shop.services, ports=ports))
    body = {
        "email": f"ada{shop.member()[-8:].lower()}@example.com",
        "consents": [{"purpose": "loyalty_terms", "granted": True, "policy_version": "1"}],
    }
    enrolled = client.post("/v1/members", body, bearer=shop.till)
    known = enrolled.json().get("member_id")
    assert known, enrolled.body
    purchase = shop.purchase(known)
    assert shop.post("/v1/purchases", purchase).status == 201
    yield {
        "member_id": known,
        "purchase_id": str(purchase["purchase_id"]),
        "reward_id": shop.reward(10),
        "redemption_id": shop.redeem(shop.member(), shop.reward(0)).json().get("redemption_id", ""),
        **_told(shop, known),
        "currency": "EUR",
        "occurred_at": printed(shop.services.clock()),
        "purpose": "loyalty_terms",
    }
    stripe.double.close()


def _told(shop: Shop, member_id: str) -> dict[str, str]:
    """A survey that can be answered, and something that the member has told."""
    asked = {"question_id": "wish", "text": "Your wish?", "kind": "text"}
    survey = {"name": "Wishes", "kind": "survey", "points": 1, "questions": [asked]}
    said = {"kind": "complaint", "text": "The cup was cold."}
    made = [
        shop.client.post(path, body, bearer=bearer, headers={"Idempotency-Key": "fuzz"}).json()
        for path, body, bearer in (
            ("/v1/surveys", survey, shop.staff("marketer")),
            (f"/v1/members/{member_id}/interactions", said, shop.staff("support")),
        )
    ]
    return {"survey_id": made[0]["survey_id"], "interaction_id": made[1]["interaction_id"]}


@pytest.fixture
def credentials(
    world: Mapping[str, str], shop: Shop, token_for: Callable[..., str]
) -> dict[str, frozenset[str]]:
    """A credential of each kind of caller, with its scopes."""
    found = {
        shop.till: frozenset(map(str, CHECKOUT_SCOPES)),
        token_for("somebody", member_id=world["member_id"]): frozenset(map(str, MEMBER_SCOPES)),
    }
    for group, scopes in GROUP_SCOPES.items():
        found[token_for(f"staff-{group}", [group])] = frozenset(map(str, scopes))
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_document_describes(
    label: str, client: Client, world: Mapping[str, str], credentials: Mapping[str, frozenset[str]]
) -> None:
    operation = OPERATIONS[label]
    entry = DOCUMENT["paths"][operation.path][operation.method]
    needed = set(entry["x-scopes"])
    entitled = [one for one, scopes in credentials.items() if not needed or needed & scopes]
    random = Random(f"{SEED} {label}")
    sent = forbidden = 0
    for shot in shots(label, random):
        aimed = _about_what_exists(shot, world) if random.random() < 0.5 else shot
        bearer = random.choice(entitled if random.random() < 0.9 else [*credentials, None])
        reply = client.call(
            shot.method,
            path_of(operation.path, aimed),
            bearer=bearer,
            body=aimed.body,
            headers=aimed.headers,
        )
        check(entry, reply)
        if shot.forbidden:
            assert 400 <= reply.status < 500, (aimed, reply)
        sent, forbidden = sent + 1, forbidden + shot.forbidden
    assert sent == QUOTA
    assert forbidden >= QUOTA // 10


def shots(label: str, random: Random) -> list[Shot]:
    """The requests to one operation, as many as it has to answer."""
    operation, schema = OPERATIONS[label], _schema_of(label)
    fits = partial(_query_fits, label)
    right = generated(operation, GenerationMode.POSITIVE, RIGHT, SEED, fits)
    wrong = generated(operation, GenerationMode.NEGATIVE, WRONG, SEED, fits)
    made = [*right, *wrong]
    return made + [spoiled(random, random.choice(right), schema) for _ in range(QUOTA - len(made))]


@cache
def _schema_of(label: str) -> Draft202012Validator | None:
    """What the document says of an operation's body; None for one that takes none, or any."""
    body = OPERATIONS[label].definition.raw.get("requestBody")
    schema = body["content"].get("application/json", {}).get("schema") if body else None
    return Draft202012Validator(_anchored(schema), registry=REGISTRY) if schema else None


def _query_fits(label: str, query: str) -> bool:
    """Whether a query is one that the document allows, by its texts as they are sent: a number that
    was made as a text is a number there."""
    described = OPERATIONS[label].definition.raw.get("parameters", ())
    known = {part["name"]: part for part in described if part.get("in") == "query"}
    sent = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in sent]
    missing = [name for name, part in known.items() if part["required"] and name not in names]
    if missing or len(set(names)) < len(names) or not known.keys() >= set(names):
        return False
    return all(_text_fits(json.dumps(known[name]["schema"]), text) for name, text in sent)


def _text_fits(schema: str, text: str) -> bool:
    number = int(text) if re.fullmatch("-?[0-9]{1,19}", text) else text
    meant = (text, number, {"true": True, "false": False}.get(text, text))
    return any(_validator(schema).is_valid(value) for value in meant)


def _about_what_exists(shot: Shot, world: Mapping[str, str]) -> Shot:
    """The same shot with the names of things that exist, in its address and in its body."""
    arguments = {name: world.get(name) or text for name, text in shot.arguments.items()}
    aimed = replace(shot, arguments=arguments)
    is_json = shot.headers.get("Content-Type", "").endswith("json")
    if shot.forbidden or not is_json or not isinstance(shot.value, dict):
        return aimed
    return replace(aimed, body=json.dumps(_named(shot.value, world)).encode())


def _named(value: Any, world: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(member, world) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        name: world[name] if world.get(name) and isinstance(member, str) else _named(member, world)
        for name, member in value.items()
    }


def check(entry: Mapping[str, Any], reply: Reply) -> None:
    """Whether a reply has a status, a media type and a body that the document describes."""
    assert reply.status < 500, reply.body
    assert str(reply.status) in entry["responses"], (reply.status, reply.body)
    content = entry["responses"][str(reply.status)].get("content")
    if content is None:
        assert reply.body == b""
        return
    kind = reply.headers["content-type"].partition(";")[0]
    assert kind in content
    if kind.endswith("json"):
        _validator(json.dumps(content[kind]["schema"])).validate(reply.json())


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(_anchored(json.loads(schema)), registry=REGISTRY)


def _anchored(schema: Any) -> Any:
    """The schema with its references into the document made whole."""
    return json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
