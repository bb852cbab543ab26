"""Cursors continue the list that they were given for, and no other."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.api.refused import BadCursor
from chalicelib.api.shell import Call, cursor_after, position_of
from chalicelib.domain.callers import Caller, CallerKind
from tests.api.client import Client
from tests.api.shell_app import NOW, application, services


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client(application(services()))
    wiring.install(None)


def call(route: str = "GET /v1/names") -> Call[None, None]:
    caller = Caller(CallerKind.ANONYMOUS, "anonymous", frozenset(), "")
    return Call(services(), caller, NOW, route, "r", "192.0.2.1", {}, None, None)


def test_a_cursor_leads_on_from_where_its_page_ended(client: Client) -> None:
    first = client.get("/v1/names?limit=10").json()
    second = client.get(f"/v1/names?limit=10&cursor={first['next_cursor']}").json()
    assert (first["items"], second["items"]) == ([0], [10])


def test_a_list_without_a_limit_has_25_items_and_never_more_than_100(client: Client) -> None:
    cursor = client.get("/v1/names").json()["next_cursor"]
    assert client.get(f"/v1/names?cursor={cursor}").json()["items"] == [25]
    assert client.get("/v1/names?limit=100").status == 200
    assert client.get("/v1/names?limit=101").status == 422


def test_a_cursor_of_another_route_is_refused(client: Client) -> None:
    cursor = client.get("/v1/names").json()["next_cursor"]
    reply = client.get(f"/v1/others?cursor={cursor}")
    assert (reply.status, reply.code) == (400, "bad_cursor")


def test_a_cursor_of_another_owner_is_refused() -> None:
    cursor = cursor_after(call(), "mem_1", ["a", 7])
    assert position_of(call(), "mem_1", cursor) == ["a", 7]
    with pytest.raises(BadCursor):
        position_of(call(), "mem_2", cursor)
    with pytest.raises(BadCursor):
        position_of(call("GET /v1/others"), "mem_1", cursor)


def test_a_cursor_in_which_any_bit_was_changed_is_refused() -> None:
    sealed = urlsafe_b64decode(cursor_after(call(), "mem_1", [7]))
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadCursor):
            position_of(call(), "mem_1", urlsafe_b64encode(changed).decode())


@pytest.mark.parametrize(
    "cursor", ["", "x", "ä", "====", "AAAA", "%00", "a" * 1000, "%F0%9F%98%80"]
)
def test_what_was_never_a_cursor_is_refused_as_one(client: Client, cursor: str) -> None:
    reply = client.get(f"/v1/others?cursor={cursor}")
    assert (reply.status, reply.code) == (400, "bad_cursor")
