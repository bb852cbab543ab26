"""Whether a deployed service serves: asked over HTTP, of the address in API_URL alone.

`make deploy` runs it after every deployment. It changes nothing, unless API_KEY is the key of a
source that was made for it: then one purchase without a member is posted, and posted again. Must
not import the service: what is tried is what is deployed.
"""

import json
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

API_URL = os.environ.get("API_URL", "")
API_KEY = os.environ.get("API_KEY", "")
IS_LOCAL = urllib.parse.urlsplit(API_URL).hostname in ("127.0.0.1", "localhost")
# What was deployed this moment starts up, and in AWS a gateway's new stage spreads.
PATIENCE_SECONDS = 5.0 if IS_LOCAL else 30.0

pytestmark = pytest.mark.skipif(not API_URL, reason="API_URL names no deployed service")


def asked(
    method: str, path: str, body: object = None, key: str = ""
) -> tuple[int, dict[str, str], Any]:
    """Status, headers in lower case and the body, parsed where it is JSON."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API_URL + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return _read(answer.status, answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _read(refusal.code, refusal)


def _read(status: int, answer: Any) -> tuple[int, dict[str, str], Any]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    content = answer.read()
    return (
        status,
        headers,
        json.loads(content) if "json" in headers.get("content-type", "") else content,
    )


@pytest.fixture(scope="module", autouse=True)
def awake() -> None:
    """The service, once it answers at all; a cold one may let the gateway's patience run out."""
    patience = threading.Event()  # nobody sets it: an interval, not an end
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        status, _, _ = asked("GET", "/v1/openapi.json")
        if status < 500:
            return
        patience.wait(1)


def test_the_contract_is_served() -> None:
    status, _, document = asked("GET", "/v1/openapi.json")
    assert (status, document["openapi"][:3]) == (200, "3.1")


def test_a_key_that_nobody_made_is_looked_for_and_not_found() -> None:
    """That takes the secret, the tables and the role: what a broken deployment lacks."""
    status, headers, problem = asked("POST", "/v1/purchases", {}, key="sk_" + "0" * 52)
    assert (status, problem["code"]) == (401, "not_authenticated"), problem
    assert headers["content-type"] == "application/problem+json"


def test_nobody_reads_an_account_without_a_token() -> None:
    status, _, problem = asked("GET", "/v1/members/me/account")
    assert (status, problem["code"]) == (401, "not_authenticated"), problem


@pytest.mark.skipif(IS_LOCAL, reason="a local gateway does not read its answers in the document")
def test_an_unknown_route_is_told_by_the_service_and_not_by_a_default() -> None:
    status, headers, _ = asked("GET", "/v1/nowhere")
    assert (status, headers.get("access-control-allow-origin")) == (404, "*")


@pytest.mark.skipif(not API_KEY, reason="API_KEY names no source to post as")
def test_a_purchase_is_posted_once_and_replayed() -> None:
    purchase = {
        "purchase_id": f"smoke-{uuid4().hex}",
        "occurred_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "currency": os.environ.get("CURRENCY", "EUR"),
        "lines": [{"line_id": "1", "sku": "smoke", "quantity": 1, "amount_minor": 100}],
    }
    first = asked("POST", "/v1/purchases", purchase, API_KEY)
    again = asked("POST", "/v1/purchases", purchase, API_KEY)
    assert (first[0], again[0]) == (201, 201), (first, again)
    assert again[1]["idempotent-replayed"] == "true"
    assert again[2] == first[2]
