"""Which route a request is for, where the gateway passes everything on under one."""

from typing import Any

import pytest

from app import app
from chalicelib.api.shell.one_route import EVERYTHING, found

PATHS = ["/v1/members", "/v1/members/{member_id}", "/v1/members/lookup", "/v1/a/{x}/b/{y}"]


def asked(path: str) -> dict[str, Any]:
    context = {"resourcePath": path, "stage": "$default"}  # AWS does not say which of the two it is
    return {"version": "1.0", "path": path, "requestContext": context}


@pytest.mark.parametrize(
    ("path", "route", "arguments"),
    [
        ("/v1/members", "/v1/members", None),
        ("/v1/members/mem_1", "/v1/members/{member_id}", {"member_id": "mem_1"}),
        ("/v1/members/lookup", "/v1/members/lookup", None),
        ("/v1/a/1/b/2%2F3", "/v1/a/{x}/b/{y}", {"x": "1", "y": "2%2F3"}),
    ],
)
def test_a_path_leads_to_its_route_and_a_word_goes_before_an_argument(
    path: str, route: str, arguments: dict[str, str] | None
) -> None:
    event = found(asked(path), PATHS)
    assert event["requestContext"] == {"resourcePath": route, "stage": "$default"}
    assert event["pathParameters"] == arguments


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/members/", "/v1/members/a/b", "/v2/members"])
def test_a_path_of_no_route_stays_unknown(path: str) -> None:
    event = found(asked(path), PATHS)
    assert event["requestContext"]["resourcePath"] == EVERYTHING
    assert event["pathParameters"] is None


def test_what_a_gateway_has_found_itself_stays_as_it_is() -> None:
    event = asked("/v1/members/{member_id}")
    del event["version"]
    assert found(event, PATHS) is event


def test_the_application_itself_answers_what_no_route_fits_in_its_own_words() -> None:
    class Here:
        aws_request_id = "here"

    event = asked("/v1/nowhere")
    event["requestContext"] |= {"httpMethod": "GET", "requestId": "one"}
    event |= {"headers": {}, "multiValueQueryStringParameters": None, "stageVariables": None}
    event |= {"pathParameters": None, "body": None, "isBase64Encoded": False}
    answer = app(event, Here())
    assert answer["statusCode"] == 404
    assert '"code":"route_not_found"' in answer["body"]
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
