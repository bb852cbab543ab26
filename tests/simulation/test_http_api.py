"""A stage whose API is of the other kind (`ApiKind=http`), on a local AWS.

MiniStack makes the API, but sends its functions events of format 2.0 whatever the integration says:
those of AWS, of format 1.0 as its documentation gives them, are handed to the function directly.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from infrastructure.deploy import deploy
from tests.journey.deployment import client
from tests.packaged import NEEDS_LAMBDAS_PYTHON, the_package
from tests.simulation.staged import Stage, staged

pytestmark = NEEDS_LAMBDAS_PYTHON

# "Working with AWS Lambda proxy integrations for HTTP APIs", payload format version 1.0.
DOCUMENTED: dict[str, Any] = {
    "version": "1.0",
    "resource": "/my/path",
    "path": "/my/path",
    "httpMethod": "GET",
    "headers": {"header1": "value1", "header2": "value2"},
    "multiValueHeaders": {"header1": ["value1"], "header2": ["value1", "value2"]},
    "queryStringParameters": {"parameter1": "value1", "parameter2": "value"},
    "multiValueQueryStringParameters": {
        "parameter1": ["value1", "value2"],
        "parameter2": ["value"],
    },
    "requestContext": {
        "accountId": "123456789012",
        "apiId": "id",
        "authorizer": {"claims": None, "scopes": None},
        "domainName": "id.execute-api.us-east-1.amazonaws.com",
        "domainPrefix": "id",
        "extendedRequestId": "request-id",
        "httpMethod": "GET",
        "identity": {
            "accessKey": None,
            "accountId": None,
            "caller": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": "192.0.2.1",
            "user": None,
            "userAgent": "user-agent",
            "userArn": None,
            "clientCert": None,
        },
        "path": "/my/path",
        "protocol": "HTTP/1.1",
        "requestId": "id=",
        "requestTime": "04/Mar/2020:19:15:17 +0000",
        "requestTimeEpoch": 1583349317135,
        "resourceId": None,
        "resourcePath": "/my/path",
        "stage": "$default",
    },
    "pathParameters": None,
    "stageVariables": None,
    "body": "Hello from Lambda!",
    "isBase64Encoded": False,
}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    # A firewall is asked for, too: none can stand before this kind.
    with staged(ApiKind="http", Firewall="on") as one:
        # Its smoke test goes by way of the local gateway, whose events are of the other format.
        untried = replace(one.target, tried=lambda _: True)
        assert deploy(untried, the_package()), one.said
        one.fill_in_the_secret()
        yield one


def asked(stage: Stage, event: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    """What the function that the API calls answers: status, headers and the parsed body."""
    functions = client(stage.cloud.endpoint, "lambda")
    answer = functions.invoke(FunctionName=_called(stage), Payload=json.dumps(event).encode())
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    headers = {name.lower(): value for name, value in said["headers"].items()}
    return said["statusCode"], headers, json.loads(said["body"])


def event_of(method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
    """As the gateway would send it; what it writes in `resource` there, no route of ours is."""
    route, _, query = path.partition("?")
    pairs = [pair.split("=") for pair in query.split("&") if pair]
    named = {name: [v for n, v in pairs if n == name] for name, _ in pairs}
    sent = {"content-type": "application/json"} if body is not None else {}
    sent |= {"authorization": f"Bearer {token}", "if-match": '"0"'} if token else {}
    context = DOCUMENTED["requestContext"] | {"httpMethod": method, "path": route}
    return DOCUMENTED | {
        "resource": "$default",
        "path": route,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: found[-1] for name, found in named.items()} or None,
        "multiValueQueryStringParameters": named or None,
        "requestContext": context | {"resourcePath": "$default"},
        "body": None if body is None else json.dumps(body),
    }


def in_base64(event: dict[str, Any]) -> dict[str, Any]:
    """As it sends bodies of kinds that it does not know, such as merge patches."""
    return event | {
        "body": base64.b64encode(event["body"].encode()).decode(),
        "isBase64Encoded": True,
    }


def _called(stage: Stage) -> str:
    """What the API's one integration calls."""
    gateway = client(stage.cloud.endpoint, "apigatewayv2")
    (api,) = stage.target.stack.resources("AWS::ApiGatewayV2::Api").values()
    (integration,) = gateway.get_integrations(ApiId=api)["Items"]
    return str(integration["IntegrationUri"])


def test_the_stack_has_one_api_with_one_route_for_everything_and_nothing_of_the_other_kind(
    stage: Stage,
) -> None:
    stack, gateway = stage.target.stack, client(stage.cloud.endpoint, "apigatewayv2")
    assert stack.status() == "CREATE_COMPLETE"
    (api,) = stack.resources("AWS::ApiGatewayV2::Api").values()
    for kind in ("AWS::ApiGateway::RestApi", "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation"):
        assert stack.resources(kind) == {}
    outputs = stack.outputs()
    assert outputs["ApiUrl"].startswith(f"https://{api}.execute-api.us-east-1.")
    assert not {"RestAPIId", "EndpointURL", "DomainTarget"} & set(outputs)

    (integration,) = gateway.get_integrations(ApiId=api)["Items"]
    assert integration["PayloadFormatVersion"] == "1.0"
    assert integration["IntegrationUri"].endswith(":live")
    (route,) = gateway.get_routes(ApiId=api)["Items"]
    assert route["RouteKey"] == "$default"
    assert route["Target"] == f"integrations/{integration['IntegrationId']}"
    (served,) = gateway.get_stages(ApiId=api)["Items"]
    assert (served["StageName"], served["AutoDeploy"]) == ("$default", True)


def test_every_alarm_watches_something_that_there_is(stage: Stage) -> None:
    stack, watch = stage.target.stack, client(stage.cloud.endpoint, "cloudwatch")
    functions = stack.resources("AWS::Lambda::Function").values()
    queues = {q.rpartition("/")[2] for q in stack.resources("AWS::SQS::Queue").values()}
    there = {"FunctionName": {*functions}, "QueueName": queues, "stage": {"rehearsed"}}
    found = watch.describe_alarms()["MetricAlarms"]
    assert len(found) >= 40
    for alarm in found:
        (dimension,) = alarm["Dimensions"]
        assert dimension["Value"] in there[dimension["Name"]], alarm["AlarmName"]


def test_events_as_aws_documents_them_are_answered_as_those_of_the_other_kind(
    stage: Stage,
) -> None:
    status, headers, problem = asked(stage, DOCUMENTED)
    assert (status, problem["code"]) == (404, "route_not_found")
    assert headers["access-control-allow-origin"] == "*"
    status, _, document = asked(stage, event_of("GET", "/v1/openapi.json"))
    assert (status, document["openapi"][:3]) == (200, "3.1")
    status, _, problem = asked(stage, event_of("GET", "/v1/members/me/account"))
    assert (status, problem["code"]) == (401, "not_authenticated")


def test_a_till_and_staff_work_by_it(stage: Stage) -> None:
    marketer, admin = stage.issuer.token("mia", ["marketer"]), stage.issuer.token("ann", ["admin"])
    base = {"name": "Coffee", "zone": "Europe/Berlin", "currency": "EUR"}
    program = base | {"base": {"points": 1, "per_minor": 100}}
    assert asked(stage, event_of("PUT", "/v1/program", program, marketer))[0] in (200, 201)
    status, _, key = asked(stage, event_of("POST", "/v1/keys", {"source": "till-1"}, admin))
    assert status == 201
    line = {"line_id": "1", "sku": "beans", "quantity": 1, "amount_minor": 2550}
    purchase = {"purchase_id": "p-1", "currency": "EUR", "member": None, "lines": [line]}
    purchase["occurred_at"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    posting = event_of("POST", "/v1/purchases", purchase, key["secret"])
    assert asked(stage, posting)[0] == 201
    for again in (posting, in_base64(posting)):
        status, headers, _ = asked(stage, again)
        assert (status, headers["idempotent-replayed"]) == (201, "true")

    status, _, problem = asked(stage, event_of("GET", "/v1/rewards/nowhere", token=marketer))
    assert (status, problem["code"]) == (404, "reward_not_found")
    assert asked(stage, event_of("GET", "/v1/keys?limit=1", token=admin))[0] == 200
    twice = event_of("GET", "/v1/keys?limit=1&limit=2", token=admin)
    assert asked(stage, twice)[0] == 422
