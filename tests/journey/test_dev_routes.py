"""The routes that exist on this machine only do what their page says, as strictly as the others."""

import base64
import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest

from tests.journey.running import ROOT, Service, make


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def test_a_token_says_what_was_wished_over_what_is_usual(service: Service) -> None:
    member = claims(service.token("mem_somebody"))
    assert (member["member_id"], member["token_use"]) == ("mem_somebody", "access")
    assert member["auth_time"] == member["iat"] == member["exp"] - 3600
    staff = claims(service.token("mem_somebody", "support"))
    assert (staff["cognito:groups"], staff.get("member_id")) == (["support"], None)
    wish = {"sub": "x", "expires_in": -60, "claims": {"aud": "else", "auth_time": 1, "nbf": None}}
    odd = claims(service.ask("POST /_dev/tokens", wish).body["token"])
    assert (odd["aud"], odd["auth_time"], odd["exp"] - odd["iat"]) == ("else", 1, -60)
    assert "nbf" not in odd


@pytest.mark.parametrize(
    ("line", "body", "pointer"),
    [
        ("POST /_dev/tokens", {"groups": []}, "/sub"),
        ("POST /_dev/tokens", {"sub": "x", "expires_in": "1"}, "/expires_in"),
        ("POST /_dev/tokens", {"sub": "x", "role": "admin"}, "/role"),
        ("PUT /_dev/clock", {"now": "tomorrow"}, "/now"),
        ("PUT /_dev/clock", {"now": "2020-01-01T00:00:00Z"}, "/now"),
        ("PUT /_dev/clock", {"now": "2150-01-01T00:00:00Z"}, "/now"),
    ],
)
def test_a_wrong_field_is_a_problem_document(
    service: Service, line: str, body: dict[str, Any], pointer: str
) -> None:
    answer = service.ask(line, body)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]


def test_a_text_message_is_captured_beside_the_mails(service: Service) -> None:
    phone = "+491713920012"
    terms = {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
    body = {"phone": phone, "consents": [terms], "external_id": f"x-{uuid4()}"}
    answer = service.till("POST /v1/members", body)
    if answer.status == 409:  # the demo's own member has this number
        wish = {"member_id": answer.body["member_id"], "channel": "phone"}
        assert service.ask("POST /v1/members/verify/resend", wish).status == 202
    newest = service.ask("GET /_dev/mail").body["items"][0]
    assert (newest["to"], newest["channel"]) == (phone, "sms")


def test_the_app_that_is_packaged_has_none_of_them() -> None:
    listed = "from app import app; print(*app.routes)"
    routes = printed_by(listed).split()
    assert "/v1/purchases" in routes
    assert [route for route in routes if not route.startswith("/v1/")] == []


def printed_by(code: str) -> str:
    """What a fresh interpreter prints: in this one others may have mounted what they liked."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_demo_tells_its_story_to_the_end() -> None:
    told = make("demo")
    assert told.returncode == 0, told.stderr
    assert "Idempotent-Replayed: true" in told.stdout
    assert '"valid": true' in told.stdout
    assert "nothing is left running" in told.stdout
