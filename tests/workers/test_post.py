"""The worker that posts what comes in bulk, over the real application's tables."""

import json
import logging
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.workers import post
from tests.api.shop import Shop
from tests.fakes.connections import FakeRefusedQueue

POINTS = 100  # of the usual purchase of 100 EUR


class Bulk:
    """A shop's own system, which sends what it has under a role of its own."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.source = f"bulk-{token_hex(4)}"
        self.role = f"AROA{token_hex(8).upper()}"
        self.refused = FakeRefusedQueue()
        ports = replace(shop.services.ports, refused=self.refused)
        wiring.install(replace(shop.services, ports=ports))
        body = {"provider": "queue", "source": self.source, "sender": self.role}
        reply = shop.client.post("/v1/connections", body, bearer=shop.staff("admin"))
        assert reply.status == 201, reply.body
        assert reply.json()["address"] is None

    def message(self, body: object, sender: str | None = None) -> dict[str, Any]:
        text = body if isinstance(body, str) else json.dumps(body)
        said = {"SenderId": sender or f"{self.role}:nightly-run", "ApproximateReceiveCount": "1"}
        name = token_hex(8)
        return {"messageId": name, "receiptHandle": name, "body": text, "attributes": said}

    def send(self, *bodies: object) -> list[str]:
        """The names of what has to come again."""
        return self.feed([self.message(body) for body in bodies])

    def feed(self, messages: list[dict[str, Any]]) -> list[str]:
        answer = post.handle({"Records": messages}, None)
        return [row["itemIdentifier"] for row in answer["batchItemFailures"]]

    @property
    def codes(self) -> list[Any]:
        """Why what was refused for good was."""
        return [told["problem"]["code"] for told in self.refused.told]  # type: ignore[index]  # documents


@pytest.fixture
def bulk(shop: Shop) -> Bulk:
    return Bulk(shop)


def test_purchases_and_returns_count_once_in_whatever_order_and_however_often_they_come(
    bulk: Bulk,
) -> None:
    member_id = bulk.shop.member()
    bought = bulk.shop.purchase(member_id)
    back = {"purchase_id": bought["purchase_id"], "return_id": "r-1", "amount_minor": 4_000}
    assert bulk.send(back, bought, back, bought) == []
    assert bulk.send(bought, back) == []
    assert bulk.shop.account(member_id)["available"] == POINTS - 40
    assert bulk.refused.told == []


def test_a_source_is_whose_role_sends_and_the_same_as_its_keys(bulk: Bulk) -> None:
    member_id = bulk.shop.member()
    bought = bulk.shop.purchase(member_id)
    assert bulk.send(bought) == []
    admin = bulk.shop.staff("admin")
    made = bulk.shop.client.post("/v1/keys", {"source": bulk.source}, bearer=admin)
    again = bulk.shop.client.post("/v1/purchases", bought, bearer=made.json()["secret"])
    assert again.headers["idempotent-replayed"] == "true"
    taken = {"provider": "queue", "source": "other", "sender": bulk.role}
    reply = bulk.shop.client.post("/v1/connections", taken, bearer=admin)
    assert (reply.code, reply.json()["reason"]) == ("conflict", "sender_taken")


def test_what_nobody_that_is_connected_has_sent_is_kept_aside_until_it_is_connected(
    bulk: Bulk,
) -> None:
    member_id, role = bulk.shop.member(), f"AROA{token_hex(8).upper()}"
    stranger = bulk.message(bulk.shop.purchase(member_id), sender=f"{role}:nightly-run")
    assert bulk.feed([stranger]) == [stranger["messageId"]]
    assert bulk.refused.told == []
    assert bulk.shop.account(member_id)["available"] == 0
    body = {"provider": "queue", "source": f"late-{token_hex(4)}", "sender": role}
    reply = bulk.shop.client.post("/v1/connections", body, bearer=bulk.shop.staff("admin"))
    assert reply.status == 201
    assert bulk.feed([stranger]) == []
    assert bulk.shop.account(member_id)["available"] == POINTS


def test_a_return_that_waited_for_its_purchase_and_does_not_fit_it_is_told(bulk: Bulk) -> None:
    member_id = bulk.shop.member()
    bought = bulk.shop.purchase(member_id)
    fits, too_much, unknown = (
        {"return_id": name, "purchase_id": bought["purchase_id"], **what}
        for name, what in (
            ("fits", {"amount_minor": 4_000}),
            ("too-much", {"amount_minor": 6_001}),
            ("unknown", {"lines": [{"line_id": "no", "quantity": 1, "amount_minor": 1}]}),
        )
    )
    assert bulk.send(fits, too_much, unknown, bought) == []
    assert bulk.shop.account(member_id)["available"] == POINTS - 40
    assert bulk.codes == ["return_exceeds_purchase", "invalid_content"]
    told = [(one["purchase_id"], one["return_id"]) for one in bulk.refused.told]
    assert told == [(bought["purchase_id"], "too-much"), (bought["purchase_id"], "unknown")]


def test_what_is_refused_is_told_with_its_problem_and_those_behind_it_are_posted(
    bulk: Bulk,
) -> None:
    member_id = bulk.shop.member()
    last = bulk.shop.purchase(member_id)
    card = bulk.shop.purchase(member_id, store_id="4111 1111 1111 1111")
    foreign = {**last, "points": 7, "Mia K.": 1, "5500000000000004": 1}
    unknown = bulk.shop.purchase("mem_unknown")
    twice = bulk.shop.purchase(member_id)
    assert bulk.send(
        "{", foreign, card, unknown, twice, {**twice, "currency": "EUR", "lines": []},
        {"return_id": "r", "purchase_id": "quote", "amount_minor": 1},
        {"return_id": "r", "purchase_id": twice["purchase_id"]},
        {"return_id": "r", "purchase_id": twice["purchase_id"], "amount_minor": 10_001},
        {**twice, "channel": "web"}, last,
    ) == []  # fmt: skip  # one message after another
    assert bulk.codes == [
        "malformed_json",
        "card_number_refused",
        "card_number_refused",
        "member_not_found",
        "invalid_content",
        "purchase_not_found",
        "invalid_content",
        "return_exceeds_purchase",
        "conflicting_replay",
    ]
    assert bulk.refused.told[-1]["purchase_id"] == twice["purchase_id"]
    for said in ("4111", "5500", "Mia"):
        assert said not in json.dumps(bulk.refused.told)
    problem: Any = bulk.refused.told[1]["problem"]
    assert {error["pointer"] for error in problem["errors"]} == {"/points", "/*"}
    assert bulk.shop.account(member_id)["available"] == 2 * POINTS


def test_what_meets_an_outage_comes_again_and_the_rest_of_its_batch_does_not(
    bulk: Bulk, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    library = logging.getLogger("aws_lambda_powertools")  # it keeps from the root what it logs
    library.addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG, library.name)
    bulk.refused.is_closed = True
    member_id = bulk.shop.member()
    good = bulk.message(bulk.shop.purchase(member_id))
    refused = bulk.message(bulk.shop.purchase("mem_unknown"))
    poison = bulk.message(bulk.shop.purchase(member_id))
    del poison["attributes"]["SenderId"]
    assert bulk.feed([refused, poison, good]) == [refused["messageId"], poison["messageId"]]
    assert bulk.shop.account(member_id)["available"] == POINTS
    bulk.refused.is_closed = False
    assert bulk.feed([refused, good]) == []
    assert bulk.codes == ["member_not_found"]
    library.removeHandler(caplog.handler)
    said = capsys.readouterr().out
    lines = [json.loads(line) for line in said.splitlines() if '"failure"' in line]
    assert [(line["worker"], line["message_id"]) for line in lines] == [
        ("post", refused["messageId"]),
        ("post", poison["messageId"]),
    ]
    assert "records successfully processed" in caplog.text
    for of_an_error in ("mem_unknown", "'SenderId'", ">:sqs"):
        assert of_an_error not in said + caplog.text
