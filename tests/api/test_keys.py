"""API keys over HTTP: made, shown once, listed, revoked; what they open and for how long."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, get_args

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.api.keys import KeyScope
from chalicelib.domain.callers import CHECKOUT_SCOPES
from chalicelib.storage.api_keys import FOUND_SECONDS, DynamoApiKeys
from chalicelib.storage.tables import ConfigItem
from chalicelib.wiring import Services
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.fakes.seconds import Seconds
from tests.own_tables import own_tables


@pytest.fixture
def seconds() -> Seconds:
    """The monotonic clock of what is remembered."""
    return Seconds()


@pytest.fixture
def fresh(services: Services, connection: Connection, seconds: Seconds) -> Iterator[Services]:
    """A service that has no keys yet."""
    with own_tables(connection, ConfigItem):
        ports = replace(services.ports, keys=DynamoApiKeys(seconds))
        wiring.install(replace(services, ports=ports))
        yield wiring.services()


@pytest.fixture
def admin(client: Client, fresh: Services, token_for: Callable[..., str]) -> Client:
    """An admin, calling a service that has no keys yet."""
    assert client
    assert fresh
    from app import app

    return Client(app, token_for("ada", ["admin"]))


def _create(admin: Client, source: str = "till-berlin", **fields: Any) -> Reply:
    return admin.post("/v1/keys", {"source": source, **fields})


def test_a_key_is_made_with_its_secret_shown_once(admin: Client) -> None:
    reply = _create(admin)
    made = reply.json()
    assert reply.status == 201
    assert re.fullmatch("sk_[0-9a-hjkmnp-tv-z]{52}", made["secret"])
    assert made["key_id"].startswith("key_")
    assert made["scopes"] == sorted(CHECKOUT_SCOPES)
    assert (made["source"], made["numeric_ids"], made["revoked_at"]) == ("till-berlin", False, None)
    secret = made.pop("secret")
    listed = admin.get("/v1/keys")
    assert listed.json() == {"items": [made], "next_cursor": None}
    assert secret not in listed.body.decode()


def test_a_key_opens_what_its_scopes_say_and_no_more(admin: Client) -> None:
    secret = _create(admin, scopes=["rewards:read"]).json()["secret"]
    assert admin.get("/v1/rewards", bearer=secret).status == 200
    reply = admin.post("/v1/vouchers/lookup", {"voucher_code": "x"}, bearer=secret)
    assert (reply.status, reply.code) == (403, "scope_missing")


def test_a_revoked_key_opens_nothing_at_once_here_and_after_30_seconds_elsewhere(
    admin: Client, fresh: Services, seconds: Seconds
) -> None:
    made = _create(admin).json()
    elsewhere = replace(fresh, ports=replace(fresh.ports, keys=DynamoApiKeys(seconds)))

    def status(services: Services) -> int:
        wiring.install(services)
        return admin.get("/v1/rewards", bearer=made["secret"]).status

    assert (status(fresh), status(elsewhere)) == (200, 200)
    wiring.install(fresh)
    revoked = admin.post(f"/v1/keys/{made['key_id']}/revoke")
    assert (revoked.status, revoked.json()["revoked_at"]) == (200, "2026-11-22T09:30:00.000Z")
    assert (status(fresh), status(elsewhere)) == (401, 200)
    seconds.now += FOUND_SECONDS
    assert status(elsewhere) == 401


def test_revoking_again_answers_the_same(admin: Client, clock: Clock) -> None:
    key_id = _create(admin).json()["key_id"]
    first = admin.post(f"/v1/keys/{key_id}/revoke").json()
    clock.forward(minutes=5)
    assert admin.post(f"/v1/keys/{key_id}/revoke").json() == first
    unknown = admin.post("/v1/keys/key_unknown/revoke")
    assert (unknown.status, unknown.code) == (404, "not_found")


def test_a_source_moves_to_a_new_key_by_way_of_two(admin: Client) -> None:
    old = _create(admin).json()
    assert _create(admin).status == 201
    third = _create(admin)
    assert (third.status, third.code, third.json()["reason"]) == (409, "conflict", "two_live_keys")
    admin.post(f"/v1/keys/{old['key_id']}/revoke")
    assert _create(admin).status == 201


def test_of_eight_keys_made_at_once_for_one_source_two_come_to_live(admin: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: _create(admin).status, range(8)))
    assert sorted(statuses) == [201, 201, 409, 409, 409, 409, 409, 409]


def test_numeric_ids_are_the_sources_and_another_key_inherits_them(admin: Client) -> None:
    first = _create(admin, numeric_ids=True).json()
    other = _create(admin, numeric_ids=False)
    assert (other.status, other.json()["reason"]) == (409, "numeric_ids_differ")
    assert _create(admin).json()["numeric_ids"] is first["numeric_ids"] is True


@pytest.mark.parametrize("source", ["direct", "a", "9-lives", "x" * 40])
def test_a_source_is_a_short_name_and_direct_is_one(admin: Client, source: str) -> None:
    assert _create(admin, source).status == 201


@pytest.mark.parametrize(
    "source",
    ["", "-a", "a-", "Till", "till_1", "till 1", "member:mem_1", "staff:ada", "x" * 41, "a\n", "é"],
)
def test_a_source_never_speaks_for_a_person(admin: Client, source: str) -> None:
    reply = _create(admin, source)
    assert reply.status == 422
    assert list(reply.pointers) == ["/source"]


def test_everything_wrong_with_a_key_is_said_at_once(admin: Client) -> None:
    wrong = {"source": 7, "scopes": ["purchases:write", "keys:write"], "numeric_ids": 1, "more": 0}
    reply = admin.post("/v1/keys", wrong)
    assert set(reply.pointers) == {"/source", "/scopes/1", "/numeric_ids", "/more"}
    assert set(_create(admin, scopes=[]).pointers) == {"/scopes"}


def test_keys_are_listed_page_by_page(admin: Client, clock: Clock) -> None:
    made = []
    for number in range(3):
        clock.forward(seconds=1)
        made.append(_create(admin, f"till-{number}").json()["key_id"])
    first = admin.get("/v1/keys?limit=2").json()
    rest = admin.get(f"/v1/keys?limit=2&cursor={first['next_cursor']}").json()
    listed = [item["key_id"] for item in [*first["items"], *rest["items"]]]
    assert (listed, rest["next_cursor"]) == (made[::-1], None)


def test_only_admins_keep_keys(
    admin: Client, token_for: Callable[..., str], key_for: Callable[..., str]
) -> None:
    others = [token_for("mia", [group]) for group in ("marketer", "support", "privacy")]
    for bearer in (*others, key_for(), token_for("mem_1")):
        assert admin.get("/v1/keys", bearer=bearer).code == "scope_missing"
        assert admin.post("/v1/keys", {"source": "a"}, bearer=bearer).code == "scope_missing"


def test_the_contract_names_the_scopes_that_a_key_can_have() -> None:
    assert set(get_args(KeyScope)) == CHECKOUT_SCOPES
