"""Which tokens are believed. Keys and time are given; no network."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.refusals import NotAuthenticated
from chalicelib.providers.jwks import KeySet
from chalicelib.providers.oidc import OidcVerifier
from infrastructure.local.issuer import Issuer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = Issuer("https://issuer.example", "stampbook", lambda: NOW)
STRANGER = Issuer("https://issuer.example", "stampbook", lambda: NOW)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
CURVE_JWK = jwt.algorithms.ECAlgorithm.to_jwk(CURVE_KEY.public_key(), as_dict=True) | {"kid": "ec"}
RSA_JWK = json.loads(ISSUER.jwks())["keys"][0]
DOCUMENT = json.dumps({"keys": [RSA_JWK, CURVE_JWK]}).encode()
GOOD = ISSUER.token("mem_a")

VERIFIER = OidcVerifier(
    "https://issuer.example",
    "stampbook",
    KeySet("https://issuer.example/jwks", lambda _: DOCUMENT, lambda: 0.0),
)


def refused(token: str, reason: str | None = None) -> bool:
    with pytest.raises(NotAuthenticated) as caught:
        VERIFIER.verify(token, NOW)
    return reason is None or caught.value.reason == reason


def with_claims(**claims: object) -> str:
    return ISSUER.token("mem_a", claims=claims)


def forged(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"x") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def payload_of(token: str) -> dict[str, Any]:
    encoded = token.split(".")[1]
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=="))
    return payload


# --- believed ------------------------------------------------------------------------------------


def test_a_members_token_names_the_member_and_when_it_signed_in() -> None:
    claims = VERIFIER.verify(GOOD, NOW)
    assert (claims.subject, claims.member_id) == ("mem_a", "mem_a")
    assert (claims.groups, claims.auth_time) == (frozenset(), NOW)


def test_a_staff_token_has_its_groups_and_no_member() -> None:
    claims = VERIFIER.verify(ISSUER.token("anna", ["support", "privacy"]), NOW)
    assert claims.member_id is None
    assert claims.groups == {"support", "privacy"}


def test_groups_may_stand_under_their_plain_name() -> None:
    assert VERIFIER.verify(with_claims(groups=["admin"]), NOW).groups == {"admin"}


def test_cognitos_own_groups_go_before_the_plain_name() -> None:
    token = with_claims(**{"cognito:groups": ["support"], "groups": ["admin"]})
    assert VERIFIER.verify(token, NOW).groups == {"support"}


def test_an_es256_token_is_believed() -> None:
    token = jwt.encode(payload_of(GOOD), CURVE_KEY, "ES256", {"kid": "ec"})
    assert VERIFIER.verify(token, NOW).subject == "mem_a"


def test_a_cognito_token_names_its_audience_as_client_id() -> None:
    assert VERIFIER.verify(with_claims(aud=None, client_id="stampbook"), NOW).subject == "mem_a"


def test_one_of_several_audiences_is_enough() -> None:
    assert VERIFIER.verify(with_claims(aud=["other", "stampbook"]), NOW).subject == "mem_a"


def test_a_token_without_token_use_and_auth_time_is_believed() -> None:
    assert VERIFIER.verify(with_claims(token_use=None, auth_time=None), NOW).auth_time is None


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_clocks_may_be_a_minute_apart(claim: str) -> None:
    edge = SECONDS - 59 if claim == "exp" else SECONDS + 60
    assert VERIFIER.verify(with_claims(**{claim: edge}), NOW).subject == "mem_a"


def test_time_is_the_services_own_not_the_machines() -> None:
    token = ISSUER.token("mem_a", expires_in=60)
    years_ago = NOW - timedelta(days=3650)
    assert VERIFIER.verify(with_claims(iat=0, auth_time=0), years_ago).subject == "mem_a"
    with pytest.raises(NotAuthenticated):
        VERIFIER.verify(token, NOW + timedelta(seconds=120))


# --- refused -------------------------------------------------------------------------------------

WRONG_CLAIMS: list[tuple[str, dict[str, object]]] = [
    ("issuer", {"iss": "https://issuer.example/"}),
    ("issuer", {"iss": None}),
    ("issuer", {"iss": ["https://issuer.example"]}),
    ("audience", {"aud": "other"}),
    ("audience", {"aud": None}),
    ("audience", {"aud": []}),
    ("audience", {"aud": {"stampbook": 1}}),
    ("audience", {"aud": "other", "client_id": "stampbook"}),
    ("audience", {"aud": None, "client_id": "other"}),
    ("token_use", {"token_use": "id"}),
    ("token_use", {"token_use": 1}),
    ("expired", {"exp": SECONDS - 60}),
    ("malformed", {"exp": None}),
    ("malformed", {"exp": str(SECONDS + 60)}),
    ("malformed", {"exp": True}),
    ("malformed", {"exp": float("nan")}),
    ("malformed", {"exp": float("inf")}),
    ("malformed", {"exp": 10**400}),
    ("malformed", {"exp": -1}),
    ("not_yet_valid", {"nbf": SECONDS + 61}),
    ("not_yet_valid", {"iat": SECONDS + 61}),
    ("malformed", {"nbf": "soon"}),
    ("malformed", {"sub": None}),
    ("malformed", {"sub": ""}),
    ("malformed", {"sub": 7}),
    ("malformed", {"sub": "a\n"}),
    ("malformed", {"sub": "\ud800"}),
    ("malformed", {"sub": "s" * 256}),
    ("malformed", {"member_id": 7}),
    ("malformed", {"member_id": ""}),
    ("malformed", {"auth_time": "now"}),
    ("malformed", {"cognito:groups": "admin"}),
    ("malformed", {"cognito:groups": [["admin"]]}),
    ("malformed", {"groups": {"admin": True}}),
]


@pytest.mark.parametrize(("reason", "claims"), WRONG_CLAIMS)
def test_a_well_signed_token_with_a_wrong_claim_is_refused(
    reason: str, claims: dict[str, object]
) -> None:
    assert refused(with_claims(**claims), reason)


def test_a_token_of_another_issuers_key_is_refused() -> None:
    assert refused(STRANGER.token("mem_a"), "unknown_key")


def test_a_foreign_signature_under_a_known_key_id_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(payload_of(GOOD), key, "RS256", {"kid": RSA_JWK["kid"]})
    assert refused(token, "signature")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256", "RS512", "PS256", None])
def test_a_token_does_not_choose_its_algorithm(algorithm: str | None) -> None:
    header = {"alg": algorithm, "kid": RSA_JWK["kid"]}
    assert refused(forged(header, payload_of(GOOD)), "signature")


def test_the_public_key_is_no_hmac_secret() -> None:
    public = jwt.algorithms.RSAAlgorithm.from_jwk(RSA_JWK)
    assert isinstance(public, rsa.RSAPublicKey)
    secret = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    unsigned = forged({"alg": "HS256", "kid": RSA_JWK["kid"]}, payload_of(GOOD)).rpartition(".")[0]
    mac = hmac.digest(secret, unsigned.encode(), hashlib.sha256)
    signature = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert refused(f"{unsigned}.{signature}", "signature")


def test_an_rsa_key_verifies_no_curve_signature() -> None:
    token = jwt.encode(payload_of(GOOD), CURVE_KEY, "ES256", {"kid": RSA_JWK["kid"]})
    assert refused(token, "signature")


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 7},
        {"alg": "RS256", "kid": RSA_JWK["kid"], "crit": ["exp"]},
        {"alg": "RS256", "kid": RSA_JWK["kid"], "b64": False},
    ],
)
def test_a_header_that_we_do_not_understand_is_refused(header: dict[str, Any]) -> None:
    assert refused(forged(header, payload_of(GOOD)), "malformed")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c",
        "Bearer x.y.z",
        "\ud800.\ud800.\ud800",
        f"{GOOD}=",
        f"{GOOD}\n",
        f" {GOOD}",
        GOOD.replace(".", "\u2024"),
        forged({"alg": "RS256"}, {}) * 200,
        base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=") + ".e30.x",
        base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("=") + ".e30.x",
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token, "malformed")


@pytest.mark.parametrize("payload", [b"[]", b"not json", b"\xff", b"[" * 3000, b'"text"', b"1"])
def test_a_well_signed_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    token = jwt.PyJWS().encode(payload, CURVE_KEY, "ES256", {"kid": "ec"})
    assert refused(token, "malformed")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_token_is_never_believed(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(GOOD) - 1))
    letter = data.draw(st.characters().filter(lambda found: found != GOOD[place]))
    kind = data.draw(st.sampled_from(["replace", "insert", "cut"]))
    middle = {"replace": letter, "insert": letter + GOOD[place], "cut": ""}[kind]
    changed = GOOD[:place] + middle + GOOD[place + 1 :]
    if changed != GOOD:
        assert refused(changed)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){0,4}"))
def test_no_text_raises_anything_but_a_refusal(token: str) -> None:
    assert refused(token)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "iss",
        "aud",
        "client_id",
        "token_use",
        "exp",
        "nbf",
        "iat",
        "auth_time",
        "sub",
        "member_id",
        "groups",
        "cognito:groups",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, JSON, min_size=1))
def test_no_well_signed_claims_raise_anything_but_a_refusal(claims: dict[str, object]) -> None:
    try:
        believed = VERIFIER.verify(with_claims(**claims), NOW)
    except NotAuthenticated:
        return
    assert believed.subject.isprintable()
    assert all(isinstance(group, str) for group in believed.groups)


@settings(max_examples=150, deadline=None)
@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku", "jwk", "x5u"]), JSON))
def test_no_header_raises_anything_but_a_refusal(header: dict[str, Any]) -> None:
    assert refused(forged(header, payload_of(GOOD)))
