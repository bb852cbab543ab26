"""The double's webhooks are Stripe's: signed, repeated, reordered, sent again until accepted."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from infrastructure.local import stripe_double
from infrastructure.local.stripe_double import Double, Endpoint
from tests.contract.stripe_shapes import assert_fits

KEY, SECRET, NOW = "sk_test_double", "whsec_double", 1_790_000_000


class Receiver:
    """An endpoint that keeps what it is sent and answers as `answer(event id)` says."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.answer: Callable[[str], int] = lambda _: 200
        self.arrived = threading.Semaphore(0)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(outer.answer(outer.ids()[-1]))
                self.end_headers()
                outer.arrived.release()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def endpoint(self) -> Endpoint:
        host, port = self.server.server_address[:2]
        return Endpoint(f"http://{host!s}:{port}/hook", SECRET)

    def ids(self) -> list[str]:
        return [opened(body, header).id for body, header in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def opened(body: bytes, header: str) -> stripe.Event:
    """The event, verified by the library itself (the double's clock is far from the wall's)."""
    event = stripe.Webhook.construct_event(body, header, SECRET, tolerance=10**10)
    assert isinstance(event, stripe.Event)
    return event


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


def started(receiver: Receiver, seed: int = 1, file: Path | None = None) -> Double:
    return stripe_double.start(KEY, lambda: NOW, webhook=receiver.endpoint(), seed=seed, file=file)


def create_customers(double: Double, count: int) -> None:
    stripe.enable_telemetry = False
    client = stripe.StripeClient(KEY, base_addresses={"api": double.url})
    for _ in range(count):
        client.v1.customers.create()


def test_webhooks_verify_with_the_librarys_own_function_and_carry_the_whole_event(
    receiver: Receiver,
) -> None:
    double = started(receiver)
    create_customers(double, 1)
    assert double.drain()
    event = opened(*receiver.got[0])
    assert_fits(event, stripe.Event)
    assert receiver.got[0][1].startswith(f"t={NOW},v1=")
    assert event.type == "customer.created"
    assert event.data.object["object"] == "customer"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*receiver.got[0], "whsec_other", tolerance=10**10)
    double.close()


def test_every_event_arrives_some_twice_and_some_out_of_order_by_the_seed(
    receiver: Receiver,
) -> None:
    double = started(receiver, seed=7)
    create_customers(double, 30)
    assert double.drain()
    made = [event["id"] for event in double.events]
    counts = Counter(receiver.ids())
    assert set(counts) == set(made)
    assert set(counts.values()) == {1, 2}
    assert list(dict.fromkeys(receiver.ids())) != made
    assert {event["pending_webhooks"] for event in double.events} == {0}
    double.close()


def test_an_event_is_sent_again_until_it_is_accepted_and_not_for_ever(receiver: Receiver) -> None:
    receiver.answer = lambda event_id: 503 if receiver.ids().count(event_id) < 3 else 200
    double = started(receiver, seed=2)
    create_customers(double, 1)
    assert double.drain()
    assert receiver.ids().count(double.events[0]["id"]) >= 3
    assert double.events[0]["pending_webhooks"] == 0
    double.close()


def test_what_was_not_delivered_before_a_restart_is_delivered_after_it(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answer = lambda _: 503
    first = started(receiver, file=tmp_path / "stripe.json")
    create_customers(first, 1)
    assert receiver.arrived.acquire(timeout=10)
    first.close()
    receiver.answer = lambda _: 200
    second = started(receiver, file=tmp_path / "stripe.json")
    assert second.drain()
    assert second.events[0]["pending_webhooks"] == 0
    assert [event["id"] for event in second.events] == [receiver.ids()[-1]]
    second.close()
