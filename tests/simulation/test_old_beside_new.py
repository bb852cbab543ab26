"""While a release is deployed, the one before it runs beside it, on the same tables.

The newer one is played by what it leaves behind: an attribute that this release does not know, on
every item of a table. Whatever this release is asked then, it answers without losing any of them,
or says "try again".
"""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.wiring import Services
from tests import second_opinion
from tests.api.club import Club
from tests.api.conftest import (  # noqa: F401  # fixtures, found by their names
    captcha,
    client,
    clock,
    club,
    issuer,
    issuer_clock,
    key_for,
    mailbox,
    services,
    token_for,
)
from tests.api.shop import Shop
from tests.own_stage import own_stage

OF_TOMORROW = "of_tomorrow"
TABLES = ("ledger", "people", "keys", "config", "audit", "anchors")
Call = Callable[[], Any]


@pytest.fixture
def real(bound: Settings) -> Iterator[Services]:
    """Tables of its own: what is planted in them would stop every other test."""
    with own_stage(bound) as own:
        yield wiring.build(own)


def test_this_release_loses_nothing_of_a_newer_one_that_runs_beside_it(
    club: Club,  # noqa: F811  # the fixture
    real: Services,
) -> None:
    calls = _calls(club, Shop(club.client, club.services, club.till, club.token_for))
    answers = {name: call().status for name, call in calls.items()}
    assert {name: status for name, status in answers.items() if status >= 400} == {}

    for table in TABLES:
        place = _Place(getattr(real.settings, f"{table}_table"))
        planted = place.plant()
        later = {name: call().status for name, call in calls.items()}
        wrong = {name: s for name, s in later.items() if s >= 400 and s != 503}
        assert wrong == {}, table
        lost = place.lost(planted)
        assert lost == [], table
        place.clear(planted)

    answers = {name: call().status for name, call in calls.items()}
    assert {name: status for name, status in answers.items() if status >= 400} == {}


def _calls(people: Club, shop: Shop) -> dict[str, Call]:
    """What is asked of a service in an hour, each again and again, by those it is asked by."""
    person = people.member(name={"given": "Ada"})
    member_id, own = person["member_id"], people.own(person["member_id"])
    reward_id = shop.reward(1, stock=1_000)
    marketer, admin = shop.staff("marketer"), shop.staff("admin")
    first = shop.purchase(member_id)
    numbers = iter(range(1_000))

    def patched() -> Any:
        etag = people.profile(member_id).headers.get("etag", '"1"')
        body = {"name": {"given": f"Ada {next(numbers)}"}}
        return people.client.patch("/v1/members/me", body, bearer=own, headers={"If-Match": etag})

    def wished() -> Any:
        path = "/v1/members/me/preferences"
        etag = people.client.get(path, bearer=own).headers.get("etag", '"1"')
        body = {"max_messages_per_week": next(numbers) % 7 + 1}
        return people.client.put(path, body, bearer=own, headers={"If-Match": etag})

    def agreed() -> Any:
        said = {"purpose": "profiling", "granted": True, "policy_version": f"{next(numbers)}"}
        return people.client.put("/v1/members/me/consents", {"consents": [said]}, bearer=own)

    def renamed() -> Any:
        path = f"/v1/rewards/{reward_id}"
        held = people.client.get(path, bearer=marketer)
        if held.status != 200:
            return held
        body = {"name": f"A cup {next(numbers)}", "kind": "free_product", "sku": "CUP", "points": 1}
        headers = {"If-Match": held.headers["etag"]}
        return people.client.put(path, body | {"stock": 1_000}, bearer=marketer, headers=headers)

    return {
        "purchase": lambda: shop.post("/v1/purchases", shop.purchase(member_id)),
        "replay": lambda: shop.post("/v1/purchases", first),
        "redemption": lambda: shop.redeem(member_id, reward_id),
        "balance": lambda: people.client.get("/v1/members/me/account", bearer=own),
        "profile": patched,
        "preferences": wished,
        "consent": agreed,
        "reward": renamed,
        "key": lambda: people.client.post(
            "/v1/keys", {"source": f"s{next(numbers)}"}, bearer=admin
        ),
        "offers": lambda: people.client.get("/v1/members/me/offers", bearer=own),
    }


class _Place:
    """A table, looked at from outside."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._client = boto3.client("dynamodb", endpoint_url=second_opinion.dynamodb_endpoint())

    def plant(self) -> list[Any]:
        """Leave an attribute of tomorrow on every item; their keys."""
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in self._items()]
        for key in keys:
            self._change(key, f"SET {OF_TOMORROW} = :it", {":it": {"S": "kept"}})
        return keys

    def lost(self, planted: list[Any]) -> list[Any]:
        """Those that are there no more, or have lost what was left on them."""
        whole = [{"pk": i["pk"], "sk": i["sk"]} for i in self._items() if OF_TOMORROW in i]
        return [key for key in planted if key not in whole]

    def clear(self, planted: list[Any]) -> None:
        for key in planted:
            self._change(key, f"REMOVE {OF_TOMORROW}", None)

    def _change(self, key: Any, expression: str, values: Any) -> None:
        given = {"ExpressionAttributeValues": values} if values else {}
        self._client.update_item(
            TableName=self._table, Key=key, UpdateExpression=expression, **given
        )

    def _items(self) -> list[Any]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table, ConsistentRead=True
        )
        return [item for page in pages for item in page["Items"]]
