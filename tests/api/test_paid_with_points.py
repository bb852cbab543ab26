"""Purchases that a redemption paid for, and their returns, over HTTP, on real transactions."""

from secrets import token_hex
from typing import Any

import pytest

from chalicelib.domain.program import Expiry, ExpiryKind
from tests.api.client import Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop, line


def redeemed(shop: Shop, member: str, points: int, **terms: Any) -> str:
    """The id of a redemption of this many points."""
    reply = shop.redeem(member, shop.reward(points, **terms))
    assert reply.status == 201, reply.body
    return str(reply.json()["redemption_id"])


def paid(shop: Shop, member: str | None, minor: int, *redemptions: str) -> dict[str, Any]:
    """The body of a purchase that redemptions paid for."""
    tenders = [
        {"kind": "points", "amount_minor": 0, "redemption_id": redemption_id}
        for redemption_id in redemptions
    ]
    return shop.purchase(member, line("1", minor), tenders=tenders)


def returned(shop: Shop, body: dict[str, Any], return_id: str, minor: int) -> Reply:
    path = f"/v1/purchases/{body['purchase_id']}/returns"
    return shop.post(path, {"return_id": return_id, "amount_minor": minor})


def status_of(shop: Shop, redemption_id: str) -> str:
    reply = shop.client.get(f"/v1/redemptions/{redemption_id}", bearer=shop.till)
    return str(reply.json()["status"])


def end(shop: Shop, redemption_id: str, how: str) -> Reply:
    return shop.post(f"/v1/redemptions/{redemption_id}/{how}", {}, key=token_hex(8))


def test_a_purchase_uses_the_redemption_that_pays_for_it(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 200)
    redemption = redeemed(shop, member, 80)
    body = paid(shop, member, 10_000, redemption)

    quoted = shop.post("/v1/purchases/quote", body)
    assert status_of(shop, redemption) == "issued"
    posted = shop.post("/v1/purchases", body)

    assert (quoted.status, posted.status) == (200, 201)
    assert quoted.json() == posted.json()
    assert posted.json()["points"]["available_after"] == 220
    assert status_of(shop, redemption) == "used"
    for how in ("cancel", "use"):
        refused = end(shop, redemption, how)
        assert (refused.code, refused.json()["ended_as"]) == ("redemption_already_ended", "used")
    again = shop.post("/v1/purchases", body)
    assert (again.headers["idempotent-replayed"], again.json()) == ("true", posted.json())
    kept = shop.client.get(f"/v1/purchases/{body['purchase_id']}", bearer=shop.till).json()
    assert kept["tenders"][0]["redemption_id"] == redemption


def test_a_redemption_pays_for_one_purchase_for_ever(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 100)
    redemption = redeemed(shop, member, 80)
    shop.post("/v1/purchases", paid(shop, member, 10_000, redemption))

    body = paid(shop, member, 500, redemption)
    for path in ("/v1/purchases", "/v1/purchases/quote"):
        other = shop.post(path, body)
        assert (other.status, other.code) == (409, "redemption_already_spent")

    assert shop.account(member)["available"] == 120


def test_a_redemption_that_was_used_at_the_till_is_linked_all_the_same(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 100)
    redemption = redeemed(shop, member, 80)
    assert end(shop, redemption, "use").status == 200
    body = paid(shop, member, 10_000, redemption)

    assert shop.post("/v1/purchases", body).status == 201
    assert returned(shop, body, "r-1", 10_000).json()["points"]["returned_to_member"] == 80


@pytest.mark.parametrize("ended_as", ["cancelled", "expired"])
def test_what_was_cancelled_or_has_expired_pays_for_nothing(
    shop: Shop, clock: Clock, ended_as: str
) -> None:
    member = shop.member()
    shop.earn(member, 100)
    redemption = redeemed(shop, member, 80, valid_days=1)
    if ended_as == "cancelled":
        assert end(shop, redemption, "cancel").status == 200
    else:
        clock.forward(days=2)

    refused = shop.post("/v1/purchases", paid(shop, member, 10_000, redemption))

    assert (refused.status, refused.code) == (409, "redemption_already_ended")
    assert refused.json()["ended_as"] == ended_as


def test_nobody_pays_with_somebody_elses_redemption_nor_learns_that_there_is_one(
    shop: Shop,
) -> None:
    member, other = shop.member(), shop.member()
    shop.earn(other, 100)
    redemption = redeemed(shop, other, 80)

    refusals = [
        shop.post("/v1/purchases", paid(shop, member, 10_000, name))
        for name in (redemption, "red_unknown")
    ]

    assert {(reply.status, reply.code) for reply in refusals} == {(404, "redemption_not_found")}
    assert status_of(shop, redemption) == "issued"


def test_a_guest_pays_with_no_redemption_and_nobody_with_one_twice(shop: Shop) -> None:
    guest = shop.post("/v1/purchases", paid(shop, None, 500, "red_a", "red_b"))
    twice = paid(shop, shop.member(), 500, "red_a", "red_a")
    twice["currency"] = 7

    assert guest.pointers == {
        "/tenders/0/redemption_id": "member_required",
        "/tenders/1/redemption_id": "member_required",
    }
    assert shop.post("/v1/purchases", twice).pointers == {
        "/tenders/1/redemption_id": "duplicate",
        "/currency": "wrong_type",
    }


def test_which_redemption_paid_is_a_part_of_the_content(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 200)
    first, second = redeemed(shop, member, 80), redeemed(shop, member, 90)
    body = paid(shop, member, 500, first)
    shop.post("/v1/purchases", body)
    body["tenders"][0]["redemption_id"] = second

    other = shop.post("/v1/purchases", body)

    assert (other.code, other.json()["differing"]) == ("conflicting_replay", ["tenders"])
    assert status_of(shop, second) == "issued"


def test_a_full_return_gives_back_what_was_spent_and_says_so(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 80)
    redemption = redeemed(shop, member, 80, name="A pound of beans")
    body = paid(shop, member, 10_000, redemption)
    shop.post("/v1/purchases", body)
    path = f"/v1/purchases/{body['purchase_id']}/returns?dry_run=true"
    tried = shop.post(path, {"return_id": "r-1", "amount_minor": 10_000})

    reply = returned(shop, body, "r-1", 10_000)

    points = reply.json()["points"]
    assert (points["taken"], points["returned_to_member"], points["new_debt"]) == (100, 80, 0)
    assert points["available_after"] == shop.account(member)["available"] == 80
    rows = [(row["points"], row["text"]) for row in reply.json()["explanation"]]
    assert rows[-1] == (80, "Came back: A pound of beans")
    assert tried.json() == reply.json() == returned(shop, body, "r-1", 10_000).json()
    assert shop.account(member)["lifetime"]["redeemed"] == 0
    statement = shop.client.get(f"/v1/members/{member}/entries", bearer=shop.token_for(member))
    newest = statement.json()["items"][0]
    assert (newest["kind"], newest["points"], newest["available_after"]) == ("return", -20, 80)
    assert newest["explanation"] == reply.json()["explanation"]


def test_what_comes_back_is_there_before_anything_is_taken(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 80)
    body = paid(shop, member, 8_000, redeemed(shop, member, 80))
    shop.post("/v1/purchases", body)
    redeemed(shop, member, 80)  # what the purchase gave is spent, too

    points = returned(shop, body, "r-1", 8_000).json()["points"]

    assert (points["returned_to_member"], points["from_available"], points["new_debt"]) == (
        80,
        80,
        0,
    )
    assert (points["available_after"], points["debt_after"]) == (0, 0)


def test_what_comes_back_pays_debt_first(shop: Shop) -> None:
    member = shop.member()
    first = shop.purchase(member, line("1", 10_000))
    shop.post("/v1/purchases", first)
    body = paid(shop, member, 0, redeemed(shop, member, 100))
    shop.post("/v1/purchases", body)
    assert returned(shop, first, "r-1", 10_000).json()["points"]["debt_after"] == 100
    path = f"/v1/purchases/{body['purchase_id']}/returns"
    pieces = [{"line_id": "1", "quantity": 1, "amount_minor": 0}]

    points = shop.post(path, {"return_id": "r-2", "lines": pieces}).json()["points"]

    assert (points["returned_to_member"], points["available_after"]) == (100, 0)
    assert points["debt_after"] == shop.account(member)["debt"] == 0


@pytest.mark.parametrize("parts", [[3_333, 3_333, 3_334], [1, 9_999], [1] * 9 + [9_991]])
def test_any_split_gives_back_exactly_what_was_spent(shop: Shop, parts: list[int]) -> None:
    member = shop.member()
    shop.earn(member, 170)
    body = paid(shop, member, 10_000, redeemed(shop, member, 77), redeemed(shop, member, 92))
    shop.post("/v1/purchases", body)

    replies = [returned(shop, body, f"r-{n}", part).json() for n, part in enumerate(parts)]

    assert sum(reply["points"]["returned_to_member"] for reply in replies) == 77 + 92
    assert sum(reply["points"]["taken"] for reply in replies) == 100
    account = shop.account(member)
    assert (account["available"], account["lifetime"]["redeemed"]) == (170, 0)


def test_points_come_back_to_their_days_those_spent_last_first(shop: Shop, clock: Clock) -> None:
    shop.promise(expiry=Expiry(ExpiryKind.AFTER_EARNING, months=12))
    member = shop.member()
    shop.earn(member, 60)
    clock.forward(days=40)
    shop.earn(member, 40)
    body = paid(shop, member, 0, redeemed(shop, member, 100))
    body["lines"] = [line("1", 10_000, "gift-cards")]
    shop.post("/v1/purchases", body)

    returned(shop, body, "r-1", 5_000)
    half = shop.account(member)["expiring"]
    clock.forward(days=370)  # the first lot's last day is over by then
    returned(shop, body, "r-2", 5_000)

    assert half == [
        {"points": 10, "expires_on": "2027-11-30"},
        {"points": 40, "expires_on": "2028-01-31"},
    ]
    assert shop.account(member)["expiring"] == [
        {"points": 40, "expires_on": "2028-01-31"},
        {"points": 50, "expires_on": "2028-02-05"},  # thirty days of grace
    ]


def test_a_return_that_waited_gives_back_what_had_been_spent_as_well(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 80)
    body = paid(shop, member, 10_000, redeemed(shop, member, 80))
    assert returned(shop, body, "r-1", 5_000).status == 202

    posted = shop.post("/v1/purchases", body).json()

    applied = posted["returns_applied"][0]["points"]
    assert (applied["taken"], applied["returned_to_member"]) == (50, 40)
    assert posted["points"]["available_after"] == shop.account(member)["available"] == 90
    assert returned(shop, body, "r-2", 5_000).json()["points"]["returned_to_member"] == 40
