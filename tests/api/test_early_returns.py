"""Returns that come before their purchase, over HTTP, on real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from tests.api.client import Reply
from tests.api.shop import Shop, line


def returned(
    shop: Shop, body: dict[str, Any], return_id: str, wanted: object, how: str = ""
) -> Reply:
    """The till takes an amount or lines back."""
    field = "amount_minor" if isinstance(wanted, int) else "lines"
    path = f"/v1/purchases/{body['purchase_id']}/returns{how}"
    return shop.post(path, {"return_id": return_id, field: wanted})


def kept(shop: Shop, body: dict[str, Any]) -> Reply:
    return shop.client.get(f"/v1/purchases/{body['purchase_id']}", bearer=shop.till)


def statement(shop: Shop, member: str) -> list[tuple[str, int, int]]:
    """kind, points and what was available after it, newest first."""
    reply = shop.client.get(f"/v1/members/{member}/entries", bearer=shop.token_for(member))
    return [(row["kind"], row["points"], row["available_after"]) for row in reply.json()["items"]]


def test_a_return_waits_for_its_purchase_and_goes_with_it(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 10_000))

    early = returned(shop, body, "r-1", 4_000)
    assert (early.status, early.json()) == (
        202,
        {"return_id": "r-1", "purchase_id": body["purchase_id"], "status": "awaiting_purchase"},
    )
    assert kept(shop, body).status == 404
    posted = shop.post("/v1/purchases", body)

    assert posted.status == 201
    points, applied = posted.json()["points"], posted.json()["returns_applied"]
    assert (points["earned"], points["available_after"]) == (100, 60)
    assert [row["return_id"] for row in applied] == ["r-1"]
    assert (applied[0]["points"]["taken"], applied[0]["points"]["available_after"]) == (40, 60)
    assert shop.account(member)["available"] == 60
    assert statement(shop, member) == [("return", -40, 60), ("earn", 100, 100), ("open", 0, 0)]


def test_it_is_the_same_return_before_and_after_its_purchase(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 10_000))
    first = returned(shop, body, "r-1", 4_000)

    def again_and_another() -> None:
        again, other = returned(shop, body, "r-1", 4_000), returned(shop, body, "r-1", 4_001)
        assert again.headers["idempotent-replayed"] == "true"
        assert (again.status, again.json()) == (first.status, first.json())
        assert (other.status, other.json()["differing"]) == (409, ["amount_minor"])

    assert "idempotent-replayed" not in first.headers
    again_and_another()
    assert shop.post("/v1/purchases", body).status == 201
    again_and_another()
    assert shop.account(member)["available"] == 60


def test_the_purchase_repeated_says_the_same_whatever_came_back_since(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 10_000))
    returned(shop, body, "r-1", 4_000)
    first = shop.post("/v1/purchases", body)
    later = returned(shop, body, "r-2", 6_000)

    again = shop.post("/v1/purchases", body)

    assert (later.status, later.json()["points"]["taken"]) == (201, 60)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    stands = kept(shop, body).json()
    assert [row["return_id"] for row in stands["returns"]] == ["r-1", "r-2"]
    assert (stands["points"], stands["returns_refused"]) == (first.json()["points"], [])


def test_trying_an_early_return_out_keeps_nothing(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 10_000))

    tried = returned(shop, body, "r-1", 4_000, "?dry_run=true")

    assert (tried.status, tried.json()["status"]) == (202, "awaiting_purchase")
    assert shop.post("/v1/purchases", body).json()["returns_applied"] == []


def test_a_quote_knows_what_waits(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 10_000))
    returned(shop, body, "r-1", 4_000)

    quote = shop.post("/v1/purchases/quote", body).json()

    assert kept(shop, body).status == 404
    assert quote == shop.post("/v1/purchases", body).json()


def test_what_does_not_fit_the_purchase_is_refused_and_nothing_is_lost_in_silence(
    shop: Shop,
) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 6_000), line("2", 4_000))
    returned(shop, body, "too-much", 10_001)
    returned(shop, body, "strange", [{"line_id": "9", "quantity": 1, "amount_minor": 1}])
    returned(shop, body, "good", [{"line_id": "2", "quantity": 1, "amount_minor": 4_000}])

    posted = shop.post("/v1/purchases", body).json()

    told = [(row["return_id"], row["refused"]) for row in posted["returns_applied"]]
    assert told == [
        ("too-much", "return_exceeds_purchase"),
        ("strange", "unknown_line"),
        ("good", None),
    ]
    assert [row["points"] and row["points"]["taken"] for row in posted["returns_applied"]] == [
        None,
        None,
        40,
    ]
    stands = kept(shop, body).json()
    assert [row["return_id"] for row in stands["returns"]] == ["good"]
    refused = [(row["return_id"], row["refused"]) for row in stands["returns_refused"]]
    assert refused == told[:2]
    assert shop.account(member)["available"] == 60
    again = returned(shop, body, "too-much", 10_001)
    assert (again.status, again.headers["idempotent-replayed"]) == (202, "true")


def test_ten_returns_wait_and_an_eleventh_is_refused(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 10_000))
    kept_ten = [returned(shop, body, f"r-{number}", 1_000).status for number in range(10)]

    full = returned(shop, body, "r-10", 1)

    assert kept_ten == [202] * 10
    assert (full.status, full.code, full.json()["limit"]) == (409, "too_many_returns_waiting", 10)
    assert returned(shop, body, "r-3", 1_000).headers["idempotent-replayed"] == "true"
    posted = shop.post("/v1/purchases", body).json()
    assert sum(row["points"]["taken"] for row in posted["returns_applied"]) == 100
    assert posted["points"]["available_after"] == shop.account(member)["available"] == 0
    assert shop.account(member)["lifetime"]["purchases"] == 0


def test_a_guests_purchase_comes_back_before_it_and_the_rest_is_claimed(shop: Shop) -> None:
    body = shop.purchase(None, line("1", 10_000))
    returned(shop, body, "r-1", 4_000)
    posted = shop.post("/v1/purchases", body).json()
    assert [row["points"]["taken"] for row in posted["returns_applied"]] == [0]
    member = shop.member()

    claimed = shop.post(
        f"/v1/purchases/{body['purchase_id']}/claim", {"member": {"member_id": member}}
    )

    assert claimed.json()["points"]["earned"] == 60
    assert shop.account(member)["available"] == 60
    assert shop.post("/v1/purchases", body).json() == posted


def test_a_return_waits_for_its_own_sources_purchase_only(
    shop: Shop, key_for: Callable[..., str]
) -> None:
    body = shop.purchase(shop.member(), line("1", 10_000))
    returned(shop, body, "r-1", 4_000)

    foreign = shop.client.post("/v1/purchases", body, bearer=key_for())

    assert (foreign.status, foreign.json()["returns_applied"]) == (201, [])


def test_no_return_waits_for_what_can_never_come(shop: Shop) -> None:
    for purchase_id in ("quote", "p" * 129):
        reply = shop.post(
            f"/v1/purchases/{purchase_id}/returns", {"return_id": "r", "amount_minor": 1}
        )
        assert (reply.status, reply.code) == (404, "purchase_not_found")


def test_what_is_wrong_with_an_early_return_by_itself_is_told_at_once(shop: Shop) -> None:
    body = shop.purchase(None)
    twice = [{"line_id": "1", "quantity": 1, "amount_minor": 1}] * 2

    malformed = shop.post(f"/v1/purchases/{body['purchase_id']}/returns", {"return_id": 7})
    doubled = returned(shop, body, "r-1", twice)

    assert malformed.status == 422
    assert (doubled.status, doubled.pointers) == (422, {"/lines/1/line_id": "duplicate"})


@pytest.mark.parametrize("_", range(4))
def test_a_purchase_and_its_returns_sent_at_once_come_to_the_same(shop: Shop, _: int) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 6_666, "coffee-beans"), line("2", 3_334))
    acts: list[Callable[[], Reply]] = [lambda: shop.post("/v1/purchases", body)]
    for number in range(4):
        acts.append(lambda number=number: returned(shop, body, f"r-{number}", 2_500))  # type: ignore[misc]  # binds the number

    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda act: act(), [*acts[1:], acts[0]]))

    assert replies[-1].status == 201
    assert {reply.status for reply in replies[:-1]} <= {201, 202}
    early = [row["return_id"] for row in replies[-1].json()["returns_applied"]]
    assert len(early) == sum(reply.status == 202 for reply in replies[:-1])
    account = shop.account(member)
    assert (account["available"], account["debt"]) == (0, 0)
    assert account["lifetime"] == {"earned": 0, "redeemed": 0, "purchases": 0, "spend_minor": 0}
    assert len(kept(shop, body).json()["returns"]) == 4


def test_a_tier_that_a_purchase_reached_and_lost_at_once_is_not_told_and_leaves_no_gift(
    shop: Shop,
) -> None:
    level = Tier("silver", "Silver", 50, earn_percent=150, gift_points=25)
    tiers = Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (level,))
    shop.promise(tiers=tiers)
    member = shop.member()
    body = shop.purchase(member, line("1", 10_000))
    returned(shop, body, "r-1", 9_000)

    posted = shop.post("/v1/purchases", body).json()

    assert (posted["points"]["earned"], posted["tier"]["id"]) == (125, None)
    assert posted["returns_applied"][0]["points"]["taken"] == 115
    assert shop.account(member)["tier"]["id"] is None
    assert shop.account(member)["available"] == posted["points"]["available_after"] == 10
