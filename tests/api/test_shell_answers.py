"""What every answer carries, errors and preflights too, and what the log says of it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.refusals import (
    CurrencyNotAccepted,
    InsufficientPoints,
    TooManyRequests,
    TryAgain,
)
from chalicelib.usecases.ports import StoreNewer, StoreUnavailable
from tests.api.client import Client
from tests.api.shell_app import KEY, MEMBER, SUPPORT, application, failing, services

GOOD = {"lines": [{"line_id": "l1", "quantity": 1}]}
ALLOWED = {"Authorization", "Content-Type", "Idempotency-Key", "If-Match"}
EXPOSED = {"ETag", "Idempotent-Replayed", "Retry-After", "X-Request-Id"}


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client(application(services()))
    wiring.install(None)


def lines_of(captured: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


EVERY_STATUS = {
    200: ("GET", "/v1/names", None),
    401: ("POST", "/v1/things", GOOD),
    404: ("GET", "/v1/nowhere", None),
    405: ("DELETE", "/v1/things", None),
    415: ("POST", "/v1/open/p", None),
    422: ("POST", "/v1/open/p", {}),
    500: ("GET", "/v1/failing", None),
}


@pytest.mark.parametrize(("status", "call"), EVERY_STATUS.items())
def test_every_answer_may_be_read_by_a_browser_of_another_site(
    client: Client, status: int, call: tuple[str, str, object]
) -> None:
    failing.error = RuntimeError()
    method, path, body = call
    reply = client.call(method, path, body, body=b"x" if status == 415 else None)
    assert reply.status == status
    assert reply.headers["access-control-allow-origin"] == "*"
    assert set(reply.headers["access-control-expose-headers"].split(",")) >= EXPOSED
    assert reply.headers["x-request-id"]
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["status"] == status
        assert reply.json()["request_id"] == reply.headers["x-request-id"]


def test_a_preflight_allows_what_the_contract_names(client: Client) -> None:
    reply = client.call("OPTIONS", "/v1/things")
    assert reply.status == 200
    assert set(reply.headers["access-control-allow-headers"].split(",")) >= ALLOWED
    assert set(reply.headers["access-control-allow-methods"].split(",")) == {"POST", "OPTIONS"}


def test_a_method_that_a_path_does_not_take_is_405_and_says_which_it_takes(client: Client) -> None:
    reply = client.delete("/v1/things")
    assert (reply.status, reply.code) == (405, "method_not_allowed")
    assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize("sent", ["abc-1.2_3", "x" * 64])
def test_a_harmless_request_id_is_echoed(client: Client, sent: str) -> None:
    reply = client.get("/v1/names", headers={"X-Request-Id": sent})
    assert reply.headers["x-request-id"] == sent


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x" * 65,
        "a b",
        "a\r\nSet-Cookie: x",
        "ä",
        "{}",
        "a\n",
        "4111-1111-1111-1111",  # a card's number has no place in a log
    ],
)
def test_a_request_id_that_could_do_harm_is_replaced(client: Client, sent: str) -> None:
    reply = client.get("/v1/names", headers={"X-Request-Id": sent})
    assert reply.headers["x-request-id"] not in ("", sent)


def test_a_replay_and_a_version_are_told_in_headers(client: Client) -> None:
    headers = {"Idempotency-Key": "k"}
    reply = client.post("/v1/things?dry_run=true", GOOD, bearer=KEY, headers=headers)
    assert reply.headers["idempotent-replayed"] == "true"
    first = client.post("/v1/things", GOOD, bearer=KEY, headers=headers)
    assert "idempotent-replayed" not in first.headers
    changed = client.patch("/v1/members/me/thing", GOOD, bearer=MEMBER, headers={"If-Match": '"3"'})
    assert changed.headers["etag"] == '"4"'


def test_an_answer_is_kept_by_nobody_on_its_way(client: Client) -> None:
    assert client.get("/v1/names").headers["cache-control"] == "no-store"
    assert client.get("/v1/names").headers["x-content-type-options"] == "nosniff"


def test_a_refusals_own_fields_stand_beside_the_standard_ones(client: Client) -> None:
    failing.error = InsufficientPoints(required=60, available=40, missing=20)
    reply = client.get("/v1/failing")
    assert reply.json() == {
        "type": "urn:stampbook:problem:insufficient_points",
        "title": "Insufficient points",
        "status": 409,
        "detail": "There are not enough available points.",
        "code": "insufficient_points",
        "request_id": reply.headers["x-request-id"],
        "required": 60,
        "available": 40,
        "missing": 20,
    }


def test_a_422_about_one_field_points_at_it(client: Client) -> None:
    failing.error = CurrencyNotAccepted(["EUR"])
    reply = client.get("/v1/failing")
    assert (reply.status, reply.pointers) == (422, {"/currency": "currency_not_accepted"})


@pytest.mark.parametrize(
    ("error", "status", "code", "seconds"),
    [
        (TooManyRequests(17), 429, "too_many_requests", "17"),
        (TooManyRequests(0), 429, "too_many_requests", "1"),
        (TryAgain(2), 503, "try_again", "2"),
        (StoreUnavailable("throttled"), 503, "try_again", "1"),
        (StoreNewer("schema 9"), 503, "try_again", "1"),
    ],
)
def test_what_passes_says_when_to_come_again(
    client: Client, error: Exception, status: int, code: str, seconds: str
) -> None:
    failing.error = error
    reply = client.get("/v1/failing")
    assert (reply.status, reply.code, reply.headers["retry-after"]) == (status, code, seconds)


def test_what_nobody_foresaw_tells_the_caller_nothing_and_the_log_where(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.error = RuntimeError("ada@example.com has 4111111111111111")
    reply = client.get("/v1/failing")
    assert (reply.status, reply.code) == (500, "internal_error")
    failure, request = lines_of(capsys)
    assert failure["error"] == "RuntimeError"
    assert failure["request_id"] == request["request_id"] == reply.headers["x-request-id"]
    assert any("get_failing" in frame for frame in failure["frames"])
    assert b"ada" not in reply.body
    assert "ada" not in json.dumps(failure)


def test_an_answer_that_is_not_declared_is_a_failure_of_ours(client: Client) -> None:
    assert client.get("/v1/undeclared").status == 500


def test_a_request_is_one_line_of_what_is_allowed_to_be_known(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "staging")
    client.patch("/v1/members/mem_1/thing?x=secret", {"lines": "secret"}, bearer=MEMBER)
    [line] = lines_of(capsys)
    metrics = line.pop("_aws")
    assert line.pop("latency") >= 0
    assert line.pop("request_id")
    assert line == {
        "event": "request",
        "route": "PATCH /v1/members/{member_id}/thing",
        "status": 428,
        "caller": "member",
        "code": "if_match_missing",
        "refused": 1,
        "stage": "staging",
    }
    by_route, by_code = metrics["CloudWatchMetrics"]
    assert by_route["Dimensions"] == [["stage"], ["stage", "route"]]
    assert by_route["Metrics"] == [{"Name": "latency", "Unit": "Milliseconds"}]
    assert by_code["Dimensions"] == [["stage"], ["stage", "code"]]
    assert by_code["Metrics"] == [{"Name": "refused", "Unit": "Count"}]


def test_an_environment_that_is_incomplete_fails_as_a_problem_document(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_TABLE", "")
    wiring.install(None)
    reply = client.get("/v1/names")
    assert (reply.status, reply.code) == (500, "internal_error")


def test_requests_at_once_never_see_each_others_headers(client: Client) -> None:
    kinds = {"anonymous": None, "checkout": KEY, "member": MEMBER, "staff": SUPPORT}

    def calls(kind: str) -> set[str]:
        replies = (client.post("/v1/open/p", GOOD, bearer=kinds[kind]) for _ in range(100))
        return {reply.json()["name"] for reply in replies}

    with ThreadPoolExecutor(len(kinds)) as pool:
        for kind, seen in zip(kinds, pool.map(calls, kinds), strict=True):
            assert seen == {f"{kind} p"}
