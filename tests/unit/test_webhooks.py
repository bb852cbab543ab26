"""What a webhook wants, when it is tried again, and how a delivery proves itself."""

import random
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.webhook_signing import printed_secret, read_secret, signed_headers
from chalicelib.domain.webhooks import (
    MOST_TRIES,
    SHARDS,
    Health,
    Webhook,
    next_try,
    place_of,
    problems_of,
    shard_of,
    worse,
)

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def hook(*events: str) -> Webhook:
    return Webhook("hook_a", 1, "https://shop.example", events, "", b"", (), NOW)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        (("*",), True),
        (("stampbook.points.*",), True),
        (("stampbook.*",), True),
        (("stampbook.points.earned",), True),
        (("stampbook.account.*", "stampbook.points.earned"), True),
        (("stampbook.points.*x",), False),
        (("stampbook.points",), False),
        (("stampbook.points.earn",), False),
        (("stampbook.account.*",), False),
    ],
)
def test_a_filter_is_a_type_a_prefix_or_everything(events: tuple[str, ...], wanted: bool) -> None:
    assert hook(*events).wants("stampbook.points.earned") is wanted


def test_a_filter_that_names_no_event_is_refused() -> None:
    assert problems_of(["stampbook.points.*", "*"], "") == []
    wrong = problems_of(["stampbook.point.*", "", "x"], "d" * 201)
    assert [error.pointer for error in wrong] == [
        *("/events/0", "/events/1", "/events/2", "/description")
    ]
    assert problems_of([], "")[0].pointer == "/events"


def test_a_failed_delivery_is_tried_again_for_three_days_and_not_for_four() -> None:
    chance = random.Random(7)
    jitters: tuple[Callable[[], float], ...] = (lambda: 0.0, lambda: 0.999, chance.random)
    for jitter in jitters:
        at, tries = NOW, 1
        while (again := next_try(tries, at, jitter())) is not None:
            assert again > at
            at, tries = again, tries + 1
        assert tries == MOST_TRIES
        assert timedelta(days=3) < at - NOW < timedelta(days=4)


def test_who_fails_again_and_again_is_left_alone_for_ever_longer_and_never_for_long() -> None:
    health: Health | None = None
    rests = []
    for _ in range(30):
        health = worse(health, NOW)
        rests.append(health.resting_until - NOW if health.resting_until else timedelta())
    assert rests[:9] == [timedelta()] * 9
    assert rests[9:13] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert rests == sorted(rests)
    assert rests[-1] == timedelta(minutes=30)
    assert health is not None
    assert health.since == NOW
    assert health.rests(NOW)
    assert not health.rests(NOW + timedelta(minutes=30))


def test_places_sort_as_things_happened() -> None:
    second = timedelta(seconds=1)
    places = [
        place_of(NOW, 9, "z"),
        place_of(NOW, 10, "a"),
        place_of(NOW + second, 2, "a"),
        place_of(NOW + timedelta(days=300), 0, "a"),
    ]
    assert places == sorted(places)


def test_members_are_dealt_to_all_shards() -> None:
    assert {shard_of(f"mem_{number}") for number in range(200)} == set(range(SHARDS))


def test_a_delivery_is_signed_as_the_specification_shows() -> None:
    """The example of the specification's own libraries."""
    secret = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret]
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_changed_both_sign() -> None:
    one, other = b"1" * 32, b"2" * 32
    both = signed_headers("m", 1, b"{}", [one, other])["webhook-signature"]
    alone = [signed_headers("m", 1, b"{}", [key])["webhook-signature"] for key in (one, other)]
    assert both.split(" ") == alone


def test_a_secret_is_read_as_it_was_printed() -> None:
    secret = bytes(range(32))
    assert printed_secret(secret) == f"whsec_{b64encode(secret).decode()}"
    assert read_secret(printed_secret(secret)) == secret
    with pytest.raises(ValueError, match="not a secret"):
        read_secret("sk_abc")
