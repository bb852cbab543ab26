"""Points from member to member over HTTP, on real transactions."""

from typing import Any

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.program import Program, Transfers
from chalicelib.domain.traits import Traits
from chalicelib.storage.ledger_items import traits_item
from chalicelib.storage.writing import Put, transact
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.api.shop import Shop

ALLOWED = Transfers(most_points=200, most_points_a_month=250, cooling_off_days=7)


@pytest.fixture(autouse=True)
def program(shop: Shop) -> Program:
    """A program that lets points be sent."""
    return shop.promise(transfers=ALLOWED)


def send(
    shop: Shop,
    sender: str,
    to: Any,
    points: Any = 60,
    *,
    key: str = "k",
    bearer: str | None = None,
    query: str = "",
    headers: dict[str, str] | None = None,
) -> Reply:
    return shop.client.post(
        f"/v1/members/{sender}/transfers{query}",
        {"to": to if isinstance(to, dict) else {"member_id": to}, "points": points},
        bearer=bearer or shop.token_for(sender),
        headers={"Idempotency-Key": key, **(headers or {})},
    )


def cancel(shop: Shop, transfer_id: str, bearer: str) -> Reply:
    return shop.client.post(f"/v1/transfers/{transfer_id}/cancel", bearer=bearer)


def two(shop: Shop, points: int = 100) -> tuple[str, str]:
    sender = shop.member()
    shop.earn(sender, points)
    return sender, shop.member()


def test_a_member_sends_points_and_calls_them_back(shop: Shop) -> None:
    sender, receiver = two(shop)

    sent, again = send(shop, sender, receiver), send(shop, sender, receiver)

    transfer_id = sent.json()["transfer_id"]
    assert (sent.status, sent.json()) == (
        201,
        {
            "transfer_id": transfer_id,
            "points": 60,
            "status": "cooling_off",
            "matures_on": "2026-11-29",
            "available_after": 40,
        },
    )
    assert again.json() == sent.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert shop.account(receiver)["pending"] == [{"points": 60, "matures_on": "2026-11-29"}]
    token = shop.token_for(sender)
    first, second = (cancel(shop, transfer_id, token) for _ in range(2))
    assert (first.status, first.json()["status"], first.json()["available_after"]) == (
        200,
        "cancelled",
        100,
    )
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert shop.account(receiver)["pending"] == []


def test_a_dry_run_tells_and_writes_nothing(shop: Shop) -> None:
    sender, receiver = two(shop)
    told = send(shop, sender, receiver, query="?dry_run=true")
    assert (told.status, told.json()["available_after"]) == (201, 40)
    assert shop.account(sender)["available"] == 100


def test_after_the_cooling_off_it_is_the_receivers(shop: Shop, clock: Clock) -> None:
    sender, receiver = two(shop)
    transfer_id = send(shop, sender, receiver).json()["transfer_id"]
    clock.forward(days=7)
    late = cancel(shop, transfer_id, shop.token_for(sender))
    assert (late.status, late.code, late.json()["since"]) == (409, "transfer_final", "2026-11-29")
    assert shop.account(receiver)["available"] == 60


def test_points_go_by_the_number_of_a_card(shop: Shop, club: Club) -> None:
    shop.promise(transfers=ALLOWED)
    sender, receiver = shop.member(), club.member()
    shop.earn(sender, 100)
    sent = send(shop, sender, {"card_number": receiver["card_number"]})
    assert sent.status == 201
    same = send(shop, sender, receiver["member_id"])
    assert same.headers["idempotent-replayed"] == "true"
    assert shop.account(receiver["member_id"])["pending"][0]["points"] == 60


def test_each_side_sees_its_own_side_and_nothing_of_the_other(shop: Shop) -> None:
    sender, receiver = two(shop)
    transfer_id = send(shop, sender, receiver).json()["transfer_id"]
    path = f"/v1/transfers/{transfer_id}"

    def seen(bearer: str) -> Any:
        reply = shop.client.get(path, bearer=bearer)
        return reply.json() if reply.status == 200 else reply.status

    mine, theirs = seen(shop.token_for(sender)), seen(shop.token_for(receiver))
    assert (mine["direction"], theirs["direction"]) == ("sent", "received")
    assert receiver not in str(mine)
    assert sender not in str(theirs)
    assert "available_after" not in theirs
    support = seen(shop.staff("support"))
    assert (support["from_member_id"], support["to_member_id"]) == (sender, receiver)
    assert seen(shop.token_for(shop.member())) == 404
    assert seen(shop.till) == 403
    assert cancel(shop, transfer_id, shop.token_for(receiver)).status == 404


def test_who_cannot_receive_is_answered_like_who_does_not_exist(shop: Shop) -> None:
    sender = shop.member()
    shop.earn(sender, 100)
    inactive = shop.member(AccountStatus.PENDING_VERIFICATION)
    replies = [
        send(shop, sender, to)
        for to in ("mem_nobody", inactive, {"card_number": "2900000000001"}, "x" * 128)
    ]
    bodies = {str({**reply.json(), "request_id": None}) for reply in replies}
    assert [(reply.status, reply.code) for reply in replies] == [(404, "receiver_not_found")] * 4
    assert len(bodies) == 1


def test_what_the_program_does_not_allow_is_refused_with_a_code(shop: Shop) -> None:
    sender, receiver = two(shop, 500)
    large = send(shop, sender, receiver, 201)
    send(shop, sender, receiver, 200)
    month = send(shop, sender, receiver, 51, key="k2")
    own = send(shop, sender, sender, 10, key="k3")
    poor = send(shop, shop.member(), receiver, 10)
    shop.promise()
    off = send(shop, sender, receiver, 10, key="k4")

    assert (large.code, large.json()["limit"]) == ("transfer_limit_reached", 200)
    assert (month.json()["left"], month.json()["period"]) == (50, "month")
    assert (own.code, own.json()["reason"]) == ("transfer_not_allowed", "same_account")
    assert (poor.code, poor.json()["missing"]) == ("insufficient_points", 10)
    assert (off.code, off.json()["reason"]) == ("transfer_not_allowed", "off")
    assert {reply.status for reply in (large, month, own, poor, off)} == {409}


def test_a_transfer_that_is_malformed_says_where(shop: Shop) -> None:
    sender, receiver = two(shop)
    both = {"member_id": receiver, "card_number": "2900000000001"}
    assert send(shop, sender, {}).pointers == {"/to": "one_of"}
    assert send(shop, sender, both).pointers == {"/to": "one_of"}
    wrong = send(shop, sender, {"card_number": "123"}, 0)
    assert wrong.pointers.keys() == {"/to/card_number", "/points"}
    unknown = send(shop, "mem_nobody", {}, bearer=shop.staff("support"))
    assert (unknown.status, unknown.code) == (404, "member_not_found")


def test_support_sends_with_a_reason_that_is_recorded(shop: Shop) -> None:
    sender, receiver = map(shop.with_key, two(shop))
    support, why = shop.staff("support"), {"X-Access-Reason": "asked for by phone"}

    sent = send(shop, sender, receiver, bearer=support, headers=why).json()
    cancel(shop, sent["transfer_id"], support)

    records = [item for item in shop.recorded(sender) if item.subject == sent["transfer_id"]]
    assert sorted((item.action, item.member_id, item.reason) for item in records) == [
        ("points.transferred", sender, "asked for by phone"),
        ("transfer.cancelled", sender, None),
    ]
    assert send(shop, sender, receiver, bearer=shop.till).status == 403
    assert send(shop, sender, receiver, bearer=shop.token_for(receiver)).status == 404


def test_after_a_change_of_contact_sending_needs_a_fresh_sign_in(shop: Shop, clock: Clock) -> None:
    sender, receiver = two(shop)
    transact([Put(traits_item(sender, Traits(contact_changed_at=clock.now)))])
    old = shop.token_for(sender, auth_time=int(clock.now.timestamp()) - 660)
    refused = send(shop, sender, receiver, bearer=old)
    assert (refused.status, refused.code) == (403, "step_up_required")
    fresh = shop.token_for(sender, auth_time=int(clock.now.timestamp()))
    assert send(shop, sender, receiver, bearer=fresh).status == 201


def test_nobody_goes_through_all_card_numbers(shop: Shop) -> None:
    sender, _ = two(shop)
    tries = shop.services.settings.allowance_factor * 60 + 1
    statuses = [
        send(shop, sender, "mem_nobody", query="?dry_run=true", key=f"k{number}").status
        for number in range(tries)
    ]
    assert statuses == [404] * (tries - 1) + [429]


def test_both_statements_tell_of_it_and_name_nobody(shop: Shop) -> None:
    sender, receiver = two(shop)
    transfer_id = send(shop, sender, receiver).json()["transfer_id"]
    cancel(shop, transfer_id, shop.token_for(sender))

    def told(member: str) -> list[tuple[str, int, str]]:
        path = f"/v1/members/{member}/entries"
        items = shop.client.get(path, bearer=shop.token_for(member)).json()["items"]
        return [
            (item["kind"], item["points"], item["explanation"][0]["text"])
            for item in items
            if item["kind"].startswith("transfer")
        ]

    assert told(sender) == [
        ("transfer_in", 60, "Called back"),
        ("transfer_out", -60, "Sent to another member"),
    ]
    assert told(receiver) == [
        ("transfer_out", -60, "Called back by who had sent them"),
        ("transfer_in", 60, "Received from another member"),
    ]
