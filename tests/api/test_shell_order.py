"""In which order a call is checked, and who may call: token, scope, whose it is, then the rest."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.api.auth import authenticate
from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.callers import GROUP_SCOPES, CallerKind, Scope
from chalicelib.domain.refusals import NotAuthenticated
from tests.api.client import Client
from tests.api.shell_app import (
    KEY,
    LINKED,
    MARKETER,
    MEMBER,
    NOW,
    STRANGER,
    SUPPORT,
    UNLINKED,
    FakeKeys,
    application,
    services,
)

GOOD = {"lines": [{"line_id": "l1", "quantity": 1}]}
BAD = {"lines": 1}
THING = "/v1/members/{}/thing"


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client(application(services()))
    wiring.install(None)


MALFORMED = [
    "",
    "Bearer",
    "Bearer ",
    "Basic dTpw",
    "Bearer a b",
    "Bearer a,b",
    "Bearer ä",
    "Bearer sk_\x00",
    "Bearer =",
    "Bearer " + "a" * 9000,
    "token",
    "Bearer\tt-member",
]


@pytest.mark.parametrize("header", MALFORMED)
def test_a_malformed_authorization_header_is_401_and_never_an_error_of_ours(
    client: Client, header: str
) -> None:
    reply = client.post("/v1/things", GOOD, headers={"Authorization": header})
    assert (reply.status, reply.code) == (401, "not_authenticated")
    assert reply.headers["www-authenticate"] == 'Bearer realm="stampbook", error="invalid_token"'


def test_without_a_header_the_answer_says_how_to_prove_oneself(client: Client) -> None:
    reply = client.post("/v1/things", GOOD)
    assert (reply.status, reply.json()["reason"]) == (401, "missing")
    assert reply.headers["www-authenticate"] == 'Bearer realm="stampbook"'


@pytest.mark.parametrize("secret", [KEY[:-1] + "0", "sk_x", "sk_" + "0" * 52, "nonsense"])
def test_unknown_keys_and_tokens_look_alike_to_a_caller(client: Client, secret: str) -> None:
    reply = client.post("/v1/things", GOOD, bearer=secret)
    assert (reply.status, reply.code) == (401, "not_authenticated")


def test_a_revoked_key_is_as_unknown_as_one_that_never_was() -> None:
    installed = services()
    keys = installed.ports.keys
    assert isinstance(keys, FakeKeys)
    keys.key = ApiKey("key_1", "till", frozenset({Scope.PURCHASES}), False, NOW, revoked_at=NOW)
    client = Client(application(installed))
    revoked = client.post("/v1/things", GOOD, bearer=KEY)
    unknown = client.post("/v1/things", GOOD, bearer="sk_" + "0" * 52)
    wiring.install(None)
    assert revoked.status == unknown.status == 401
    assert _without_id(revoked.json()) == _without_id(unknown.json())


def test_an_identity_that_is_sent_to_a_public_route_is_verified_all_the_same(
    client: Client,
) -> None:
    assert client.post("/v1/open/p", GOOD).json() == {"name": "anonymous p"}
    assert client.post("/v1/open/p", GOOD, bearer=KEY).json() == {"name": "checkout p"}
    assert client.post("/v1/open/p", GOOD, bearer=MEMBER).json() == {"name": "member p"}
    assert client.post("/v1/open/p", GOOD, bearer="nobody").status == 401


def test_the_scheme_of_the_header_may_be_written_in_any_case(client: Client) -> None:
    reply = client.post("/v1/open/p", GOOD, headers={"authorization": f"bEARER  {KEY}"})
    assert reply.json() == {"name": "checkout p"}


def test_a_caller_without_the_scope_is_told_which_is_missing(client: Client) -> None:
    reply = client.post("/v1/things", BAD, bearer=MARKETER)
    assert (reply.status, reply.code) == (403, "scope_missing")
    assert reply.json()["scope"] == "purchases:write"


def test_me_is_the_member_whom_the_token_names(client: Client) -> None:
    headers = {"If-Match": '"3"'}
    for bearer in (MEMBER, LINKED):
        reply = client.patch(THING.format("me"), GOOD, bearer=bearer, headers=headers)
        assert reply.json() == {"name": "mem_1 3"}
    reply = client.patch(THING.format("mem%5F1"), GOOD, bearer=MEMBER, headers=headers)
    assert reply.json() == {"name": "mem_1 3"}


@pytest.mark.parametrize(
    ("bearer", "member_id"),
    [
        (STRANGER, "mem_1"),
        (STRANGER, "mem_unknown"),
        (UNLINKED, "me"),
        (UNLINKED, "mem_1"),
        (SUPPORT, "me"),
        (SUPPORT, "mem_unknown"),
    ],
)
def test_unknown_and_foreign_members_look_alike_whatever_else_is_wrong(
    client: Client, bearer: str, member_id: str
) -> None:
    replies = [
        client.patch(THING.format(member_id), GOOD, bearer=bearer, headers={"If-Match": '"3"'}),
        client.patch(THING.format(member_id), GOOD, bearer=bearer, headers={"If-Match": '"9"'}),
        client.patch(THING.format(member_id), BAD, bearer=bearer),
        client.patch(THING.format(member_id) + "?x=1", body=b"[[", bearer=bearer),
    ]
    assert {(reply.status, reply.code) for reply in replies} == {(404, "member_not_found")}
    assert len({str(_without_id(reply.json())) for reply in replies}) == 1


def test_the_version_is_asked_for_before_the_body_is_looked_at(client: Client) -> None:
    address = THING.format("me")
    missing = client.patch(address, BAD, bearer=MEMBER)
    assert (missing.status, missing.code) == (428, "if_match_missing")
    stale = client.patch(address, BAD, bearer=MEMBER, headers={"If-Match": '"2"'})
    assert (stale.status, stale.code) == (412, "version_stale")
    wrong = client.patch(address, BAD, bearer=MEMBER, headers={"If-Match": '"3"'})
    assert (wrong.status, wrong.code) == (422, "invalid_content")


@pytest.mark.parametrize("sent", ["3", 'W/"3"', '"3', "*", '"3", "4"', "", '""', '"\u00e4"'])
def test_what_is_not_one_strong_tag_matches_no_version(client: Client, sent: str) -> None:
    reply = client.patch(THING.format("me"), BAD, bearer=MEMBER, headers={"If-Match": sent})
    assert (reply.status, reply.code) == (412, "version_stale")


@pytest.mark.parametrize("member_id", ["%ff", "%00%ff", "x" * 300, "%F0%28%8C%28"])
def test_what_cannot_be_an_id_names_nothing(client: Client, member_id: str) -> None:
    for bearer in (MEMBER, SUPPORT):
        reply = client.patch(THING.format(member_id), GOOD, bearer=bearer)
        assert (reply.status, reply.code) == (404, "member_not_found")


def test_a_key_calls_as_its_source_with_no_more_than_a_checkout_may() -> None:
    installed = services(scopes=frozenset({Scope.PURCHASES, Scope.KEYS}), numeric_ids=True)
    headers = {"authorization": f"Bearer {KEY}"}
    caller = authenticate(headers, installed.ports, installed.tokens, NOW)
    assert (caller.kind, caller.source, caller.subject) == (CallerKind.CHECKOUT, "till", "key_1")
    assert caller.scopes == {Scope.PURCHASES}
    assert caller.numeric_ids
    assert caller.member_id is None


def test_a_token_with_a_group_is_staff_and_nobodys_member() -> None:
    installed = services()
    headers = {"authorization": f"Bearer {SUPPORT}"}
    caller = authenticate(headers, installed.ports, installed.tokens, NOW)
    assert (caller.kind, caller.source, caller.member_id) == (CallerKind.STAFF, "staff:sub-5", None)
    assert caller.scopes == GROUP_SCOPES["support"]
    assert caller.signed_in_at == NOW


def test_a_token_with_an_unknown_group_alone_is_a_member_like_any_other() -> None:
    installed = services()
    headers = {"authorization": f"Bearer {UNLINKED}"}
    caller = authenticate(headers, installed.ports, installed.tokens, NOW)
    assert (caller.kind, caller.member_id) == (CallerKind.MEMBER, None)


def test_a_token_that_is_not_believed_is_not_asked_about_again() -> None:
    installed = services()
    with pytest.raises(NotAuthenticated):
        authenticate({"authorization": "Bearer x"}, installed.ports, installed.tokens, NOW)


def _without_id(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name != "request_id"}
