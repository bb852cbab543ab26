"""Whatever a caller sends, the service answers what its document says, and never breaks.

Requests are generated from the document for every operation and every kind of caller that may call
it, half of them about things that exist; every answer is checked against the document.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chalicelib.api import openapi
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, MEMBER_SCOPES
from tests.api.client import Client, Reply
from tests.api.conftest import *  # noqa: F403  # its fixtures are found by name
from tests.api.shop import Shop

DOCUMENT: dict[str, Any] = json.loads(openapi.PATH.read_text(encoding="utf-8"))
REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:document", DRAFT202012.create_resource(DOCUMENT)
)
OPERATIONS: dict[str, Any] = {
    found.ok().label: found.ok()
    for found in cast(Any, schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
}
EXAMPLES = 40
SEED = 20261122


@pytest.fixture
def world(shop: Shop, client: Client) -> dict[str, str]:
    """Path arguments of things that exist: a member with points, a purchase, a redemption."""
    body = {
        "email": "ada@example.com",
        "consents": [{"purpose": "loyalty_terms", "granted": True, "policy_version": "1"}],
    }
    enrolled = client.post("/v1/members", body, bearer=shop.till)
    known = enrolled.json().get("member_id")
    assert known, enrolled.body
    purchase = shop.purchase(known)
    assert shop.post("/v1/purchases", purchase).status == 201
    reward = shop.reward(10)
    redeemed = shop.redeem(known, reward)
    found = {"member_id": known, "purchase_id": str(purchase["purchase_id"]), "reward_id": reward}
    if redeemed.status == 201:
        found["redemption_id"] = redeemed.json()["redemption_id"]
    return found


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
    bearers = [one for one, scopes in credentials.items() if not needed or needed & scopes]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(), st.sampled_from(bearers), st.booleans())
    def answers(case: Any, bearer: str, about_what_exists: bool) -> None:
        arguments = dict(case.path_parameters or {})
        if about_what_exists:
            arguments |= {name: text for name, text in world.items() if name in arguments}
        reply = sent(client, case, arguments, bearer)
        check(entry, reply)

    answers()


def sent(client: Client, case: Any, arguments: Mapping[str, Any], bearer: str) -> Reply:
    """Send a generated case as one of our callers."""
    case.path_parameters = dict(arguments)
    case.headers = {
        name: text for name, text in (case.headers or {}).items() if name.lower() != "authorization"
    }
    wire = case.as_transport_kwargs(base_url="http://gateway")
    parts = {name: wire.get(name) for name in ("params", "json", "data")}
    prepared = requests.Request(wire["method"], wire["url"], **parts).prepare()
    headers = {name: text for name, text in case.headers.items() if text.isascii()}
    if prepared.body:
        headers["Content-Type"] = case.media_type or "application/json"
    body: Any = prepared.body
    return client.call(
        case.method,
        prepared.path_url,
        bearer=bearer,
        body=body.encode() if isinstance(body, str) else body,
        headers=headers,
    )


def check(entry: Mapping[str, Any], reply: Reply) -> None:
    """Whether a reply has a status, a media type and a body that the document describes."""
    assert reply.status < 500 or reply.status == 503, reply.body
    assert str(reply.status) in entry["responses"], (reply.status, reply.body)
    content = entry["responses"][str(reply.status)].get("content")
    if content is None:
        assert reply.body == b""
        return
    kind = reply.headers["content-type"].partition(";")[0]
    assert kind in content
    if kind.endswith("json"):
        schema = _anchored(content[kind]["schema"])
        Draft202012Validator(schema, registry=REGISTRY).validate(reply.json())


def _anchored(schema: Any) -> Any:
    """The schema with its references into the document made whole."""
    return json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
