"""Imports over HTTP: asked for, uploaded to an address, started; who may, and what is refused."""

import urllib.request
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest

from chalicelib.usecases.create_import import import_name
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop


@pytest.fixture
def admin(token_for: Callable[..., str]) -> str:
    return token_for("ada", ["admin"])


def body(**fields: object) -> dict[str, object]:
    """An import with an id of its own; fields replace or add."""
    return {"import_id": f"move-{token_hex(6)}", "kind": "balances"} | fields


def created(client: Client, admin: str, **fields: object) -> Any:
    reply = client.post("/v1/imports", body(**fields), bearer=admin)
    assert reply.status == 201, reply.body
    return reply.json()


def upload(job: Any, content: bytes) -> None:
    request = urllib.request.Request(job["upload"]["url"], content, method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def start(client: Client, admin: str, job: Any) -> Reply:
    return client.post(f"/v1/imports/{job['import_id']}/start", bearer=admin)


def test_an_import_awaits_its_file_at_an_address(client: Client, admin: str) -> None:
    asked = body(source="old-shop", dry_run=True)
    reply = client.post("/v1/imports", asked, bearer=admin)
    assert reply.status == 201
    job = reply.json()
    assert job["upload"]["url"].startswith("http")
    assert job["upload"]["expires_at"] == "2026-11-22T10:30:00.000Z"
    assert {name: value for name, value in job.items() if name != "upload"} == {
        **asked,
        "status": "awaiting_file",
        "progress_percent": 0,
        "rows": {"done": 0, "applied": 0, "replayed": 0, "refused": 0},
        "problem": None,
        "created_at": "2026-11-22T09:30:00.000Z",
        "started_at": None,
        "finished_at": None,
        "report": None,
    }
    assert client.get(f"/v1/imports/{asked['import_id']}", bearer=admin).json() == {
        **job,
        "upload": client.get(f"/v1/imports/{asked['import_id']}", bearer=admin).json()["upload"],
    }


def test_asking_again_gives_a_new_address_and_other_content_is_a_conflict(
    client: Client, admin: str, clock: Clock, token_for: Callable[..., str]
) -> None:
    job = created(client, admin)
    clock.forward(minutes=50)
    ben = token_for("ben", ["admin"])
    again = client.post("/v1/imports", body(import_id=job["import_id"]), bearer=ben)
    assert again.status == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["upload"]["expires_at"] > job["upload"]["expires_at"]
    other = body(import_id=job["import_id"], kind="history", dry_run=True)
    refused = client.post("/v1/imports", other, bearer=ben)
    assert (refused.status, refused.code) == (409, "conflicting_replay")
    assert refused.json()["differing"] == ["dry_run", "kind"]


def test_an_import_starts_once_its_file_is_there(client: Client, admin: str, shop: Shop) -> None:
    assert shop
    job = created(client, admin)
    early = start(client, admin, job)
    assert (early.status, early.json()["reason"]) == (409, "file_missing")
    upload(job, b"row_id,member_id,points\n")
    started = start(client, admin, job)
    assert (started.status, started.json()["status"]) == (202, "running")
    assert "idempotent-replayed" not in started.headers
    again = start(client, admin, job)
    assert (again.status, again.headers["idempotent-replayed"]) == (202, "true")
    assert started.json()["upload"] is None


def test_imports_are_listed_newest_first_page_by_page(
    client: Client, admin: str, clock: Clock
) -> None:
    ids = []
    for _ in range(4):
        clock.forward(minutes=1)
        ids.append(created(client, admin)["import_id"])
    seen: list[str] = []
    path = "/v1/imports?limit=2"
    for _ in range(2):
        page = client.get(path, bearer=admin).json()
        seen += [job["import_id"] for job in page["items"]]
        assert all("upload" not in job for job in page["items"])
        path = f"/v1/imports?limit=2&cursor={page['next_cursor']}"
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"import_id": ""}, "/import_id"),
        ({"import_id": "a b"}, "/import_id"),
        ({"import_id": "-a"}, "/import_id"),
        ({"import_id": "a" * 65}, "/import_id"),
        ({"kind": "members"}, "/kind"),
        ({"source": "Old Shop"}, "/source"),
        ({"dry_run": "true"}, "/dry_run"),
        ({"more": 1}, "/more"),
        ({"import_id": "4111111111111111"}, "/import_id"),
    ],
)
def test_what_is_no_import_is_refused(
    client: Client, admin: str, fields: dict[str, object], pointer: str
) -> None:
    refused = client.post("/v1/imports", body(**fields), bearer=admin)
    assert refused.status == 422
    assert list(refused.pointers) == [pointer]


@pytest.mark.parametrize("group", ["marketer", "support", "privacy"])
def test_imports_are_for_admins_alone(
    client: Client, token_for: Callable[..., str], group: str
) -> None:
    refused = client.post("/v1/imports", body(), bearer=token_for("x", [group]))
    assert (refused.status, refused.json()["scope"]) == (403, "imports:write")


@pytest.mark.parametrize("path", ["/v1/imports/unknown", "/v1/imports/unknown/start"])
def test_an_unknown_import_is_not_found(client: Client, admin: str, path: str) -> None:
    method = "POST" if path.endswith("start") else "GET"
    assert client.call(method, path, bearer=admin).status == 404


def test_no_key_of_any_store_holds_the_callers_id(client: Client, admin: str, shop: Shop) -> None:
    job = created(client, admin)
    name = import_name(shop.services.ports, job["import_id"])
    assert job["import_id"] not in name
    assert job["import_id"] not in job["upload"]["url"]
    assert name in job["upload"]["url"]
