"""When an issuer's keys are fetched, which of them are used, and what a failing issuer does."""

import json
import threading
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.providers.jwks import KeySet, usable_keys
from chalicelib.usecases.ports import StoreUnavailable

ADDRESS = "https://issuer.example/jwks"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # on purpose
JWK = jwt.algorithms.RSAAlgorithm.to_jwk(PRIVATE.public_key(), as_dict=True)
CURVE = jwt.algorithms.ECAlgorithm.to_jwk(
    ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True
)


def document(*key_ids: str) -> bytes:
    return json.dumps({"keys": [JWK | {"kid": key_id} for key_id in key_ids]}).encode()


class FakeIssuer:
    """Answers with a document, or not at all while it is None; counts; has a clock by hand."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.asked = 0
        self.now = 1000.0

    def fetch(self, url: str) -> bytes:
        assert url == ADDRESS
        self.asked += 1
        if self.answer is None:
            raise StoreUnavailable("down")
        return self.answer

    def seconds(self) -> float:
        return self.now

    def keys(self) -> KeySet:
        return KeySet(ADDRESS, self.fetch, self.seconds)


def test_keys_are_fetched_once_in_ten_minutes() -> None:
    issuer = FakeIssuer(document("a"))
    keys = issuer.keys()
    for _ in range(5):
        assert keys.find("a") is not None
        issuer.now += 119
    assert issuer.asked == 1
    issuer.now += 119
    assert keys.find("a") is not None
    assert issuer.asked == 2


def test_a_new_key_is_found_at_once_when_the_last_fetch_is_half_a_minute_ago() -> None:
    issuer = FakeIssuer(document("a"))
    keys = issuer.keys()
    assert keys.find("a") is not None
    issuer.answer = document("a", "b")
    issuer.now += 30
    assert keys.find("b") is not None
    assert issuer.asked == 2


def test_a_key_that_the_issuer_withdrew_is_gone_after_ten_minutes() -> None:
    issuer = FakeIssuer(document("a", "b"))
    keys = issuer.keys()
    assert keys.find("a") is not None
    issuer.answer = document("b")
    issuer.now += 600
    assert keys.find("a") is None


def test_garbage_key_ids_reach_the_issuer_twice_a_minute_at_most() -> None:
    issuer = FakeIssuer(document("a"))
    keys = issuer.keys()
    for number in range(600):
        assert keys.find(f"garbage-{number}") is None
        issuer.now += 0.1
    assert issuer.asked == 2


def test_a_failing_issuer_leaves_the_keys_we_have() -> None:
    issuer = FakeIssuer(document("a"))
    keys = issuer.keys()
    assert keys.find("a") is not None
    issuer.answer = None
    issuer.now += 86_400
    assert keys.find("a") is not None
    assert keys.find("a") is not None
    assert issuer.asked == 2  # it is left alone for a while


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"keys": []}', b'{"keys": 7}'])
def test_a_document_without_keys_counts_as_a_failure(answer: bytes) -> None:
    issuer = FakeIssuer(document("a"))
    keys = issuer.keys()
    assert keys.find("a") is not None
    issuer.answer = answer
    issuer.now += 600
    assert keys.find("a") is not None
    issuer.now += 5
    with pytest.raises(StoreUnavailable):
        issuer.keys().find("a")


def test_no_keys_at_all_is_an_outage_not_a_wrong_token() -> None:
    issuer = FakeIssuer(None)
    keys = issuer.keys()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            keys.find("a")
    assert issuer.asked == 1  # and a dead issuer is not waited for by every request
    issuer.answer = document("a")
    issuer.now += 5
    assert keys.find("a") is not None


def test_sixteen_threads_fetch_once() -> None:
    issuer = FakeIssuer(document("a"))
    keys = issuer.keys()
    start = threading.Barrier(16)
    found: list[bool] = []

    def look() -> None:
        start.wait()
        found.append(keys.find("a") is not None)

    run_all([look] * 16)
    assert found == [True] * 16
    assert issuer.asked == 1


def test_nobody_waits_for_another_threads_refresh() -> None:
    issuer = FakeIssuer(document("a"))
    fetching, release = threading.Event(), threading.Event()

    def slow(url: str) -> bytes:
        if issuer.asked:
            fetching.set()
            assert release.wait(10)
        return issuer.fetch(url)

    keys = KeySet(ADDRESS, slow, issuer.seconds)
    assert keys.find("a") is not None
    issuer.now += 600
    refreshing = threading.Thread(target=keys.find, args=("a",))
    refreshing.start()
    assert fetching.wait(10)
    assert keys.find("a") is not None  # while the other thread still waits for the issuer
    release.set()
    refreshing.join()


def run_all(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- which keys ----------------------------------------------------------------------------------


def test_a_keys_type_decides_its_algorithm() -> None:
    found = usable_keys(json.dumps({"keys": [JWK | {"kid": "r"}, CURVE | {"kid": "e"}]}).encode())
    assert {kid: key.algorithm for kid, key in found.items()} == {"r": "RS256", "e": "ES256"}


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "x"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "x", "alg": "HS256"},
        JWK,
        JWK | {"kid": ""},
        JWK | {"kid": "x", "use": "enc"},
        JWK | {"kid": "x", "alg": "RS512"},
        JWK | {"kid": "x", "alg": "HS256"},
        JWK | {"kid": "x", "n": "%%%"},
        JWK | {"kid": "x", "n": 7},
        JWK | {"kid": "x", "e": "AA"},
        CURVE | {"kid": "x", "crv": "P-521"},
        CURVE | {"kid": "x", "x": "AAAA"},
        jwt.algorithms.RSAAlgorithm.to_jwk(PRIVATE, as_dict=True) | {"kid": "x"},
        jwt.algorithms.RSAAlgorithm.to_jwk(WEAK.public_key(), as_dict=True) | {"kid": "x"},
        {"kid": "x"},
        {"kty": ["RSA"], "kid": ["x"]},
        "text",
        None,
    ],
)
def test_what_is_no_public_signing_key_of_a_safe_kind_is_passed_over(entry: object) -> None:
    found = usable_keys(json.dumps({"keys": [entry, JWK | {"kid": "good"}]}).encode())
    assert set(found) == {"good"}


@given(st.binary(max_size=200))
def test_no_document_raises(data: bytes) -> None:
    assert usable_keys(data) == {}


@pytest.mark.parametrize(
    "address",
    ["http://issuer.example/jwks", "file:///etc/passwd", "ftp://x/y", "https://", "jwks.json", ""],
)
def test_keys_come_over_https_only(address: str) -> None:
    with pytest.raises(ValueError, match="neither https nor http on this machine"):
        KeySet(address)
