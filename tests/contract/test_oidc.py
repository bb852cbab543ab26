"""Tokens of a Cognito user pool, with its keys fetched over HTTP."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib.domain.refusals import NotAuthenticated
from chalicelib.providers.jwks import KeySet
from chalicelib.providers.oidc import OidcVerifier
from chalicelib.usecases.ports import StoreUnavailable, TokenVerifier
from infrastructure.local.ministack import free_port

PASSWORD = "Correct-horse-1"


@pytest.fixture(scope="session")
def signed_in(stack: object) -> dict[str, str]:
    """A person of staff who has just signed in: pool, client, AccessToken, IdToken."""
    assert stack
    cognito = boto3.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="staff")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool, GroupName="support")
    cognito.admin_create_user(UserPoolId=pool, Username="anna", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="anna", Password=PASSWORD, Permanent=True
    )
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="anna", GroupName="support")
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
    )
    return {"pool": pool, "client": client, **answer["AuthenticationResult"]}


@pytest.fixture
def verifier(signed_in: dict[str, str], endpoint: str) -> TokenVerifier:
    pool = signed_in["pool"]
    keys = KeySet(f"{endpoint}/{pool}/.well-known/jwks.json")
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
    return OidcVerifier(issuer, signed_in["client"], keys)


def said_in(token: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return said


def test_an_access_token_of_cognito_is_believed(
    verifier: TokenVerifier, signed_in: dict[str, str]
) -> None:
    token = signed_in["AccessToken"]
    claims = verifier.verify(token, datetime.now(UTC))
    assert claims.subject == said_in(token)["sub"]
    assert claims.groups == {"support"}
    assert claims.auth_time == datetime.fromtimestamp(said_in(token)["auth_time"], UTC)
    assert claims.member_id is None


def test_an_id_token_of_cognito_opens_nothing(
    verifier: TokenVerifier, signed_in: dict[str, str]
) -> None:
    with pytest.raises(NotAuthenticated):
        verifier.verify(signed_in["IdToken"], datetime.now(UTC))


def test_cognitos_token_ends_by_the_services_clock(
    verifier: TokenVerifier, signed_in: dict[str, str]
) -> None:
    with pytest.raises(NotAuthenticated):
        verifier.verify(signed_in["AccessToken"], datetime.now(UTC) + timedelta(days=2))


def test_a_token_for_another_client_is_refused(signed_in: dict[str, str], endpoint: str) -> None:
    pool = signed_in["pool"]
    keys = KeySet(f"{endpoint}/{pool}/.well-known/jwks.json")
    other = OidcVerifier(f"https://cognito-idp.us-east-1.amazonaws.com/{pool}", "other", keys)
    with pytest.raises(NotAuthenticated):
        other.verify(signed_in["AccessToken"], datetime.now(UTC))


@pytest.mark.parametrize("path", ["/nothing/.well-known/jwks.json", "/_ministack/health"])
def test_an_address_without_keys_is_an_outage(
    signed_in: dict[str, str], endpoint: str, path: str
) -> None:
    verifier = OidcVerifier("issuer", "audience", KeySet(endpoint + path))
    with pytest.raises(StoreUnavailable):
        verifier.verify(signed_in["AccessToken"], datetime.now(UTC))


def test_an_issuer_that_nobody_answers_for_is_an_outage(signed_in: dict[str, str]) -> None:
    keys = KeySet(f"http://127.0.0.1:{free_port()}/jwks.json")
    with pytest.raises(StoreUnavailable):
        OidcVerifier("issuer", "audience", keys).verify(signed_in["AccessToken"], datetime.now(UTC))
