"""Captchas, checked over real HTTP against a double that behaves like Turnstile."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Barrier, Thread

import pytest

from chalicelib.providers.captcha import Turnstile
from chalicelib.usecases.ports import Captcha, StoreUnavailable
from infrastructure.local.captcha_double import CaptchaDouble, serving
from tests.fakes.outside import FakeCaptcha

SECRET = "captcha-secret"
ADDRESS = "203.0.113.7"

Solved = tuple[Captcha, str]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def double(clock: Clock) -> CaptchaDouble:
    return CaptchaDouble(SECRET, clock)


@pytest.fixture
def url(double: CaptchaDouble) -> Iterator[str]:
    with serving(double) as url:
        yield url


@pytest.fixture
def captcha(url: str) -> Captcha:
    return Turnstile(url, lambda: SECRET)


@pytest.fixture(params=["turnstile", "fake"])
def one_solved(request: pytest.FixtureRequest, url: str, double: CaptchaDouble) -> Solved:
    """Every implementation, with the token of a captcha that somebody solved."""
    token = double.issue()
    if request.param == "fake":
        return FakeCaptcha(token), token
    return Turnstile(url, lambda: SECRET), token


def test_a_solved_captcha_is_good_once(one_solved: Solved) -> None:
    captcha, token = one_solved
    assert captcha.solved("guessed", ADDRESS) is False
    assert captcha.solved(token, ADDRESS) is True
    assert captcha.solved(token, ADDRESS) is False


@pytest.mark.parametrize("token", ["", "guessed", "t" * 2049, "a&secret=x", "é\ud800", "\x00\r\n"])
def test_a_token_that_nobody_issued_is_refused(captcha: Captcha, token: str) -> None:
    assert captcha.solved(token, ADDRESS) is False


def test_a_captcha_solved_too_long_ago_is_refused(
    captcha: Captcha, double: CaptchaDouble, clock: Clock
) -> None:
    token = double.issue()
    clock.now += timedelta(minutes=5, seconds=1)
    assert captcha.solved(token, ADDRESS) is False


def test_of_eight_threads_with_one_token_one_is_believed(
    captcha: Captcha, double: CaptchaDouble
) -> None:
    token, start, found = double.issue(), Barrier(8), []

    def solve() -> None:
        start.wait()
        found.append(captcha.solved(token, ADDRESS))

    threads = [Thread(target=solve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False] * 7 + [True]


def test_our_own_wrong_secret_is_an_outage_and_no_unsolved_captcha(
    url: str, double: CaptchaDouble
) -> None:
    token = double.issue()
    for secret in ("wrong", ""):
        with pytest.raises(StoreUnavailable, match="input-secret"):
            Turnstile(url, lambda secret=secret: secret).solved(token, ADDRESS)  # type: ignore[misc]  # mypy cannot type a default in a lambda
    assert Turnstile(url, lambda: SECRET).solved(token, ADDRESS) is True


def test_a_closed_port_is_an_outage(double: CaptchaDouble) -> None:
    with serving(double) as gone:
        pass
    with pytest.raises(StoreUnavailable):
        Turnstile(gone, lambda: SECRET).solved("token", ADDRESS)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"success": "true"}'),
        (200, b'{"success": false}'),
        (200, b'{"success": false, "error-codes": ["internal-error"]}'),
        (200, b'{"success": false, "error-codes": ["invalid-input-response", "bad-request"]}'),
        (200, b'{"success": false, "error-codes": [[]]}'),
        (200, b"[" * 100_000),
        (200, b" " * 300_000 + b'{"success": true}'),
        (302, b'{"success": true}'),
        (500, b'{"success": true}'),
        (503, b""),
    ],
)
def test_an_answer_that_says_nothing_is_an_outage(status: int, body: bytes) -> None:
    with answering(status, body) as url, pytest.raises(StoreUnavailable):
        Turnstile(url, lambda: SECRET).solved("token", ADDRESS)


def test_a_refusal_with_a_4xx_is_a_refusal() -> None:
    body = b'{"success": false, "error-codes": ["invalid-input-response"]}'
    with answering(400, body) as url:
        assert Turnstile(url, lambda: SECRET).solved("token", ADDRESS) is False


def test_a_captcha_service_is_asked_over_https_only() -> None:
    with pytest.raises(ValueError, match="neither https"):
        Turnstile("http://challenges.example/siteverify", lambda: SECRET)


# --- the double itself ---------------------------------------------------------------------------


def asked(url: str, content_type: str, body: bytes) -> dict[str, object]:
    request = urllib.request.Request(url, body, {"Content-Type": content_type})
    with urllib.request.urlopen(request, timeout=5) as answer:
        read: dict[str, object] = json.loads(answer.read())
    return read


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "missing-input-secret"),
        ({"secret": ""}, "missing-input-secret"),
        ({"secret": "other", "response": "x"}, "invalid-input-secret"),
        ({"secret": SECRET}, "missing-input-response"),
        ({"secret": SECRET, "response": ""}, "missing-input-response"),
        ({"secret": SECRET, "response": "x"}, "invalid-input-response"),
        ({"secret": SECRET, "response": 7}, "invalid-input-response"),
    ],
)
def test_the_double_names_what_is_wrong(url: str, fields: dict[str, object], code: str) -> None:
    answer = asked(url, "application/json", json.dumps(fields).encode())
    assert (answer["success"], answer["error-codes"]) == (False, [code])


def test_the_double_reads_forms_and_says_when_and_where_it_was_solved(
    url: str, double: CaptchaDouble
) -> None:
    form = f"secret={SECRET}&response={double.issue()}&remoteip={ADDRESS}".encode()
    answer = asked(url, "application/x-www-form-urlencoded", form)
    assert answer["success"] is True
    assert answer["challenge_ts"] == "2026-11-22T00:00:00.000Z"
    assert answer["hostname"] == "127.0.0.1"


def test_the_double_says_that_a_token_was_used(url: str, double: CaptchaDouble) -> None:
    fields = json.dumps({"secret": SECRET, "response": double.issue()}).encode()
    asked(url, "application/json", fields)
    again = asked(url, "application/json", fields)
    assert again["error-codes"] == ["timeout-or-duplicate"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_the_double_refuses_what_it_cannot_read(url: str, content_type: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        asked(url, content_type, b"[")
    with caught.value as answer:
        assert json.loads(answer.read())["error-codes"] == ["bad-request"]


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that answers every POST alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
