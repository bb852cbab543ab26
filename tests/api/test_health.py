"""The service's own word on whether it and all that it needs answer."""

import json
import threading
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.allowances import HEALTH
from chalicelib.usecases.check_health import Vital, check_health
from chalicelib.usecases.take_allowance import take_allowance
from tests.api.shop import Shop
from tests.ruin import Ruin


def test_whether_it_answers_at_all_everybody_may_ask_and_nobody_else_is_asked(shop: Shop) -> None:
    wiring.install(replace(shop.services, settings=replace(shop.services.settings, keys_table="x")))
    reply = shop.client.get("/v1/health")
    assert (reply.status, set(reply.json())) == (200, {"status", "now"})
    assert shop.client.get("/v1/health?deep=false").json().get("checks") is None


def test_whether_all_that_it_needs_answers_is_for_admins_and_keys(shop: Shop) -> None:
    path = "/v1/health?deep=true"
    assert shop.client.get(path).status == 401
    for group in ("marketer", "support", "privacy"):
        assert shop.client.get(path, bearer=shop.staff(group)).code == "scope_missing"
    assert shop.client.get(path, bearer=shop.token_for(shop.member())).code == "scope_missing"
    for bearer in (shop.till, shop.staff("admin", sub="olga")):
        reply = shop.client.get(path, bearer=bearer)
        assert reply.status == 200, reply.body
        names = [check["name"] for check in reply.json()["checks"]]
        tables = ["ledger", "people", "keys", "config", "anchors", "audit"]
        assert names[:7] == [*(f"table {name}" for name in tables), "data keys"]
        assert {"queue import", "queue export", "queue erase", "queue letter"} <= set(names)
        assert names[-1] == "snapshot"
        told = {check["name"]: check["says"] for check in reply.json()["checks"]}
        assert told["table ledger"] is None
        assert told["queue erase"].endswith("at work")


def test_it_is_asked_so_often_and_no_more(shop: Shop) -> None:
    bearer = shop.staff("admin", sub="often")
    allowed = [shop.client.get("/v1/health?deep=true", bearer=bearer) for _ in range(2)]
    assert {reply.status for reply in allowed} == {200}
    ports, now = shop.services.ports, shop.services.clock()
    for _ in range(HEALTH.at_most - 2):
        take_allowance(ports, HEALTH, "staff:often", now)
    assert shop.client.get("/v1/health?deep=true", bearer=bearer).status == 429


@pytest.mark.parametrize(
    ("broken", "failing"),
    [
        ({"ledger_table": "gone"}, ["table ledger"]),
        ({"audit_table": "gone", "kms_key_id": "gone"}, ["table audit", "data keys"]),
        ({"erase_queue": "http://127.0.0.1:1/gone"}, ["queue erase"]),
    ],
)
def test_what_does_not_answer_is_named_and_why_is_logged(
    broken: dict[str, str], failing: list[str], shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    wiring.install(
        replace(shop.services, settings=replace(shop.services.settings, **broken))  # type: ignore[arg-type]  # all of these are texts
    )
    capsys.readouterr()
    reply = shop.client.get("/v1/health?deep=true", bearer=shop.till)
    assert (reply.status, reply.code, reply.json()["failing"]) == (503, "not_healthy", failing)
    assert reply.headers["retry-after"] == "30"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = {line["check"]: line for line in lines if "check" in line}
    assert set(told) == set(failing)
    assert all(line["error"] for line in told.values())


def test_a_snapshot_that_does_not_answer_is_named(shop: Shop) -> None:
    queries: Any = Ruin(ValueError("down"), "")
    ports = replace(shop.services.ports, queries=queries)
    wiring.install(replace(shop.services, ports=ports))
    reply = shop.client.get("/v1/health?deep=true", bearer=shop.till)
    assert reply.json()["failing"] == ["snapshot"]


def test_who_is_late_fails_and_holds_nobody_up() -> None:
    released = threading.Event()

    def never() -> None:
        released.wait(20)

    began = monotonic()
    slow, quick = check_health(
        [Vital("slow", never), Vital("quick", lambda: "here")], monotonic, seconds=0.05
    )
    released.set()
    assert monotonic() - began < 10
    assert isinstance(slow.error, TimeoutError)
    assert (quick.error, quick.says) == (None, "here")
