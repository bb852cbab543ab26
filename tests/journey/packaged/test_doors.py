"""Who gets in where, and what is served to everybody, of the deployed package."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.journey.deployment import Deployment
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON


def test_a_key_that_nobody_made_opens_nothing(service: Deployment) -> None:
    refused = service.call("POST", "/v1/purchases", {}, token="sk_made_up")
    assert (refused.status, refused.body["code"]) == (401, "not_authenticated")


def test_all_that_the_service_needs_answers_it_with_no_more_than_its_role_allows(
    service: Deployment, till: str
) -> None:
    health = service.call("GET", "/v1/health?deep=true", token=till)
    assert (health.status, health.body["status"]) == (200, "ok"), health.body


def test_an_unknown_route_is_a_problem_document_with_cors(service: Deployment) -> None:
    unknown = service.call("GET", "/v1/nowhere")
    assert (unknown.status, unknown.body["code"]) == (404, "route_not_found")
    assert unknown.headers["content-type"] == "application/problem+json"
    assert unknown.headers["access-control-allow-origin"] == "*"
    assert unknown.body["request_id"] == unknown.headers["x-request-id"]


def test_the_contract_and_its_page_are_served_from_the_package(service: Deployment) -> None:
    document = service.call("GET", "/v1/openapi.json")
    assert (document.status, document.body["openapi"][:3]) == (200, "3.1")
    page = service.call("GET", "/v1/docs")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")


def test_an_administrator_may_look_after_the_key_of_the_roots_and_not_sign(
    service: Deployment,
) -> None:
    iam = service.client("iam")
    iam.create_user(UserName="administrator")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_user_policy(
        UserName="administrator",
        PolicyName="everything",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    kms = service.client("kms", (key["AccessKeyId"], key["SecretAccessKey"]))
    root_key = service.resources["RootKey"]

    assert kms.get_public_key(KeyId=root_key)["KeySpec"] == "ECC_NIST_P256"
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.sign(KeyId=root_key, Message=b"1", SigningAlgorithm="ECDSA_SHA_256")
