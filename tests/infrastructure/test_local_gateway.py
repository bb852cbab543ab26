"""Between request and app the local gateway does what API Gateway and Lambda do."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.app import Response as ChaliceResponse

from infrastructure.local.gateway import Gateway
from infrastructure.local.server import Request, Response


def request(
    method: str = "GET",
    path: str = "/",
    *,
    query: str = "",
    headers: list[tuple[str, str]] | None = None,
    body: bytes = b"",
) -> Request:
    return Request(method, path, query, headers or [], body, "127.0.0.9")


@pytest.fixture
def app() -> Chalice:
    made = Chalice(app_name="local-gateway-test", configure_logs=False)

    def event_of_the_current_request(**_: str) -> dict[str, Any]:
        assert made.current_request
        return dict(made.current_request.to_original_event())

    made.route("/things/{thing_id}", methods=["GET", "POST"], cors=True, content_types=[])(
        event_of_the_current_request
    )
    made.route("/things/special", methods=["GET"])(lambda: {"special": True})
    made.route("/file", methods=["GET"])(
        lambda: ChaliceResponse(b"\x00\xff", {"Content-Type": "application/octet-stream"})
    )
    return made


@pytest.fixture
def gateway(app: Chalice) -> Gateway:
    return Gateway(app)


def event(answer: Response) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    loaded: dict[str, Any] = json.loads(answer.body)
    return loaded


def test_the_event_is_that_of_a_rest_api(gateway: Gateway) -> None:
    seen = event(
        gateway.answer(
            request(
                "POST",
                "/things/a%2Fb",
                query="x=1&x=2&y=%C3%A4&z=",
                headers=[("X-A", "1"), ("X-A", "2"), ("Content-Type", "application/json")],
                body=b'{"a": 1}',
            )
        )
    )
    assert seen["resource"] == seen["requestContext"]["resourcePath"] == "/things/{thing_id}"
    assert seen["pathParameters"] == {"thing_id": "a%2Fb"}
    assert seen["queryStringParameters"] == {"x": "2", "y": "ä", "z": ""}
    assert seen["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": ["ä"], "z": [""]}
    assert seen["headers"]["X-A"] == "2"
    assert seen["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert seen["requestContext"]["identity"]["sourceIp"] == "127.0.0.9"
    assert (seen["body"], seen["isBase64Encoded"]) == ('{"a": 1}', False)


def test_what_is_absent_is_null_as_on_api_gateway(gateway: Gateway) -> None:
    seen = event(gateway.answer(request("GET", "/things/1")))
    absent = ("body", "queryStringParameters", "multiValueQueryStringParameters", "headers")
    assert [seen[name] for name in absent] == [None] * 4


def test_bytes_of_a_binary_type_arrive_in_base64_and_broken_text_is_replaced(
    gateway: Gateway,
) -> None:
    def body(content_type: str) -> tuple[Any, Any]:
        headers = [("Content-Type", content_type)]
        seen = event(
            gateway.answer(request("POST", "/things/1", headers=headers, body=b"\xff\x00{"))
        )
        return seen["body"], seen["isBase64Encoded"]

    assert body("application/octet-stream") == ("/wB7", True)
    assert body("application/json; charset=utf-8") == ("\ufffd\x00{", False)


def test_bytes_leave_as_bytes(gateway: Gateway) -> None:
    headers = [("Accept", "application/octet-stream")]
    assert gateway.answer(request("GET", "/file", headers=headers)).body == b"\x00\xff"


def test_a_fixed_path_wins_over_a_parameter(gateway: Gateway) -> None:
    assert event(gateway.answer(request("GET", "/things/special"))) == {"special": True}


@pytest.mark.parametrize("path", ["/nothing", "/things", "/things/", "/things/1/2", "//things/1"])
def test_an_unknown_path_is_a_404_problem_with_cors_for_every_method(
    gateway: Gateway, path: str
) -> None:
    for method in ("GET", "POST", "OPTIONS", "HEAD"):
        answer = gateway.answer(request(method, path, headers=[("x-request-id", "mine-1")]))
        document = json.loads(answer.body)
        assert (answer.status, document["code"]) == (404, "route_not_found")
        assert document["request_id"] == "mine-1"
        assert ("Access-Control-Allow-Origin", "*") in answer.headers


def test_a_preflight_names_the_methods_of_the_path(gateway: Gateway) -> None:
    answer = gateway.answer(request("OPTIONS", "/things/1"))
    assert answer.status == 200
    assert ("Access-Control-Allow-Methods", "GET,POST,OPTIONS") in answer.headers


def test_requests_at_once_do_not_see_each_other(app: Chalice) -> None:
    together = threading.Barrier(8)

    def wait_and_tell(name: str) -> dict[str, str]:
        together.wait()
        assert app.current_request
        return {"asked": name, "seen": (app.current_request.uri_params or {})["name"]}

    app.route("/wait/{name}", methods=["GET"])(wait_and_tell)
    gateway = Gateway(app)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda n: gateway.answer(request("GET", f"/wait/{n}")), range(8))
        told = [event(answer) for answer in answers]
    assert [row["seen"] for row in told] == [row["asked"] for row in told] == list("01234567")
