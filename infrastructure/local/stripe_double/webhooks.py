"""Sends the events to one address, signed as Stripe signs them: some twice, some late so that
others overtake them, and again while the receiver does not answer 2xx.
"""

import hashlib
import hmac
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.local.stripe_double.objects import Json

_TRIES = 6
_FIRST_RETRY_SECONDS = 0.5
_LATE_SECONDS = 0.25
_SHARE_TWICE = 0.25
_SHARE_LATE = 0.25
_ANSWER_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go and the secret they are signed with (`whsec_...`)."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class _Delivery:
    event: Json
    due: float
    attempt: int = 1


def body_of(event: Json) -> bytes:
    """The bytes of an event as they are sent and signed."""
    return json.dumps(event, indent=2).encode()


def signature(secret: str, at: int, body: bytes) -> str:
    """The `Stripe-Signature` header for a body sent at an instant (epoch seconds)."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class Courier:
    """One thread that delivers events. `delivered(event_id)` is told of each first 2xx."""

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Callable[[], float],
        seed: int,
        delivered: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._chance = random.Random(seed)
        self._delivered = delivered
        self._changed = threading.Condition()
        self._waiting: list[_Delivery] = []
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="stripe-double", daemon=True)
        self._thread.start()

    def post(self, event: Json) -> None:
        """Queue an event, perhaps twice, perhaps behind those that come after it."""
        with self._changed:
            now = time.monotonic()
            late = self._chance.random() < _SHARE_LATE
            self._waiting.append(_Delivery(event, now + (_LATE_SECONDS if late else 0)))
            if self._chance.random() < _SHARE_TWICE:
                self._waiting.append(_Delivery(event, now + _LATE_SECONDS))
            self._changed.notify_all()

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until nothing is left to deliver or to try again; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._closed or not (self._waiting or self._busy), timeout_seconds
            )

    def close(self) -> None:
        """Stop; what was not delivered is sent after the next start (where state is kept)."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(_ANSWER_SECONDS)

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            accepted = self._send(delivery.event)
            if accepted:
                self._delivered(delivery.event["id"])
            with self._changed:
                self._busy = False
                if not accepted and delivery.attempt < _TRIES:
                    self._waiting.append(_again(delivery))
                self._changed.notify_all()

    def _next(self) -> _Delivery | None:
        with self._changed:
            while not self._closed:
                soonest = min(self._waiting, key=lambda waiting: waiting.due, default=None)
                wait = None if soonest is None else soonest.due - time.monotonic()
                if soonest is not None and wait is not None and wait <= 0:
                    self._waiting.remove(soonest)
                    self._busy = True
                    return soonest
                self._changed.wait(wait)
            return None

    def _send(self, event: Json) -> bool:
        body = body_of(event)
        request = urllib.request.Request(
            self._endpoint.url,
            body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "Stripe-Signature": signature(self._endpoint.secret, int(self._clock()), body),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:
                return 200 <= int(answer.status) < 300
        except (urllib.error.URLError, OSError):
            return False  # tried again later, as with any answer that is not 2xx


def _again(delivery: _Delivery) -> _Delivery:
    wait = _FIRST_RETRY_SECONDS * 2 ** (delivery.attempt - 1)
    return _Delivery(delivery.event, time.monotonic() + wait, delivery.attempt + 1)
