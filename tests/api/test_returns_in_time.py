"""Returns by the calendar, over HTTP, on real transactions: of points that wait, that matured, that
were spent and that have expired. Every figure of an answer is what the account says afterwards."""

from itertools import permutations
from typing import Any

import pytest

from chalicelib.domain.program import EarningRate, EarningRule, Expiry, ExpiryKind, Pending
from tests.api.conftest import Clock
from tests.api.shop import Shop, line

TWO_WEEKS = Pending(days=14)
A_YEAR = Expiry(ExpiryKind.AFTER_EARNING, months=12)


@pytest.fixture
def member(shop: Shop) -> str:
    """Of a shop whose points wait for two weeks and can be spent for a year."""
    shop.promise(pending=TWO_WEEKS, expiry=A_YEAR)
    return shop.member()


def bought(shop: Shop, member: str | None, *lines: Any) -> dict[str, Any]:
    """A purchase that was posted."""
    body = shop.purchase(member, *lines)
    assert shop.post("/v1/purchases", body).status == 201
    return body


def points_of_return(
    shop: Shop, member: str, body: dict[str, Any], return_id: str, wanted: object
) -> dict[str, int]:
    """The figures of a return, which must be those of the account after it."""
    field = "amount_minor" if isinstance(wanted, int) else "lines"
    path = f"/v1/purchases/{body['purchase_id']}/returns"
    reply = shop.post(path, {"return_id": return_id, field: wanted})
    assert reply.status == 201, reply.body
    points: dict[str, int] = reply.json()["points"]
    assert points["taken"] == points["from_pending"] + points["from_available"] + points["new_debt"]
    change = points["returned_to_member"] - points["taken"]
    assert sum(row["points"] for row in reply.json()["explanation"]) == change
    assert figures(shop, member) == (
        points["available_after"],
        points["pending_after"],
        points["debt_after"],
    )
    return points


def figures(shop: Shop, member: str) -> tuple[int, int, int]:
    """What can be spent, what waits, and what is owed."""
    account = shop.account(member)
    waiting = sum(lot["points"] for lot in account["pending"])
    return account["available"], waiting, account["debt"]


def taken(points: dict[str, int]) -> tuple[int, int, int]:
    return points["from_pending"], points["from_available"], points["new_debt"]


def test_what_waits_goes_while_it_waits(shop: Shop, clock: Clock, member: str) -> None:
    body = bought(shop, member, line("1", 10_000))
    other = bought(shop, member, line("1", 5_000))
    clock.forward(days=13)

    assert taken(points_of_return(shop, member, body, "r-1", 4_000)) == (40, 0, 0)
    assert taken(points_of_return(shop, member, body, "r-2", 6_000)) == (60, 0, 0)
    assert taken(points_of_return(shop, member, other, "r-3", 1_000)) == (10, 0, 0)
    assert figures(shop, member) == (0, 40, 0)


def test_what_has_matured_goes_from_what_can_be_spent(
    shop: Shop, clock: Clock, member: str
) -> None:
    body = bought(shop, member, line("1", 10_000))
    clock.forward(days=14)
    waiting = bought(shop, member, line("1", 5_000))

    assert taken(points_of_return(shop, member, body, "r-1", 4_000)) == (0, 40, 0)
    assert figures(shop, member) == (60, 50, 0)
    assert taken(points_of_return(shop, member, waiting, "r-1", 5_000)) == (50, 0, 0)


def test_what_was_spent_is_owed_until_the_next_purchase_has_matured(
    shop: Shop, clock: Clock, member: str
) -> None:
    body = bought(shop, member, line("1", 10_000))
    clock.forward(days=14)
    assert shop.redeem(member, shop.reward(70)).status == 201

    points = points_of_return(shop, member, body, "r-1", 10_000)
    paying = shop.post("/v1/purchases", shop.purchase(member, line("1", 9_000))).json()["points"]

    assert taken(points) == (0, 30, 70)
    assert (paying["pending"], paying["debt_paid"], paying["debt_after"]) == (90, 0, 70)
    clock.forward(days=13)
    assert figures(shop, member) == (0, 90, 70)
    clock.forward(days=1)
    assert figures(shop, member) == (20, 0, 0)


def test_nothing_is_taken_for_what_had_expired_unused(
    shop: Shop, clock: Clock, member: str
) -> None:
    body = bought(shop, member, line("1", 10_000))
    clock.forward(days=14)
    assert shop.redeem(member, shop.reward(30)).status == 201
    clock.forward(days=400)
    newer = bought(shop, member, line("1", 5_000))
    clock.forward(days=14)

    # Seventy expired unused, thirty were spent: those are taken from what there is now.
    points = points_of_return(shop, member, body, "r-1", 10_000)

    assert taken(points) == (0, 30, 0)
    assert figures(shop, member) == (20, 0, 0)
    path = f"/v1/purchases/{body['purchase_id']}"
    rows = shop.client.get(path, bearer=shop.till).json()["returns"]
    assert rows[0]["points"]["taken"] == 30
    assert taken(points_of_return(shop, member, newer, "r-1", 5_000)) == (0, 20, 30)


def test_the_statement_says_what_had_expired_and_was_not_taken(
    shop: Shop, clock: Clock, member: str
) -> None:
    body = bought(shop, member, line("1", 10_000))
    clock.forward(days=400)

    points = points_of_return(shop, member, body, "r-1", 10_000)

    assert taken(points) == (0, 0, 0)
    reply = shop.client.get(f"/v1/members/{member}/entries", bearer=shop.token_for(member))
    newest, expired = reply.json()["items"][:2]
    assert [(row["points"], row["text"]) for row in newest["explanation"]][1:] == [
        (100, "Had expired unused, so they were not taken")
    ]
    assert (newest["points"], expired["kind"], expired["points"]) == (0, "expire", -100)


def test_by_line_each_rule_takes_its_points_from_where_they_are(shop: Shop, clock: Clock) -> None:
    beans = EarningRule(
        "beans",
        "Coffee beans",
        EarningRate(1, 100),
        frozenset({"coffee-beans"}),
        pending=Pending(days=30),
    )
    shop.promise(rules=(beans,), pending=TWO_WEEKS)
    member = shop.member()
    body = bought(shop, member, line("1", 6_000, "coffee-beans", 2), line("2", 4_000))
    clock.forward(days=14)
    assert figures(shop, member) == (100, 60, 0)
    one = [{"line_id": "1", "quantity": 1, "amount_minor": 3_000}]

    assert taken(points_of_return(shop, member, body, "r-1", one)) == (30, 30, 0)
    clock.forward(days=16)
    assert figures(shop, member) == (100, 0, 0)
    both = [*one, {"line_id": "2", "quantity": 1, "amount_minor": 4_000}]
    assert taken(points_of_return(shop, member, body, "r-2", both)) == (0, 100, 0)


WAYS: list[object] = [
    3_333,
    [{"line_id": "1", "quantity": 1, "amount_minor": 2_000}],
    [{"line_id": "2", "quantity": 0, "amount_minor": 1}],
]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("days", [0, 7, 200])
def test_in_any_order_and_at_any_time_all_that_was_given_is_taken(
    shop: Shop, clock: Clock, member: str, order: tuple[int, ...], days: int
) -> None:
    body = shop.purchase(
        member, line("1", 5_555, "coffee-beans", 2), line("2", 4_444), line("3", 77, "gift-cards")
    )
    given = shop.post("/v1/purchases", body).json()["points"]["earned"]
    parts = []
    for number in order:
        parts.append(points_of_return(shop, member, body, f"r-{number}", WAYS[number]))
        clock.forward(days=days)

    rest = 5_555 + 4_444 + 77 - 3_333 - 2_000 - 1
    parts.append(points_of_return(shop, member, body, "r-rest", rest))

    excused = given - sum(part["taken"] for part in parts)
    assert excused == 0 if days < 200 else excused > 0
    assert figures(shop, member) == (0, 0, 0)
    lifetime = shop.account(member)["lifetime"]
    assert lifetime == {"earned": 0, "redeemed": 0, "purchases": 0, "spend_minor": 0}


def test_a_return_that_waited_takes_what_waits(shop: Shop, member: str) -> None:
    body = shop.purchase(member, line("1", 10_000))
    path = f"/v1/purchases/{body['purchase_id']}/returns"
    assert shop.post(path, {"return_id": "r-1", "amount_minor": 4_000}).status == 202

    posted = shop.post("/v1/purchases", body).json()

    points, applied = posted["points"], posted["returns_applied"][0]["points"]
    assert (points["earned"], points["pending"], points["pending_after"]) == (100, 100, 60)
    assert taken(applied) == (40, 0, 0)
    assert figures(shop, member) == (0, 60, 0)


def test_a_purchase_keeps_the_days_it_was_given_under_another_program(
    shop: Shop, clock: Clock, member: str
) -> None:
    body = bought(shop, member, line("1", 10_000))
    clock.forward(days=1)
    shop.promise()  # points can be spent at once and never expire

    assert taken(points_of_return(shop, member, body, "r-1", 10_000)) == (100, 0, 0)
