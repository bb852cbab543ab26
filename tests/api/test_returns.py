"""Returns and claims over HTTP, on real transactions."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import Clock
from tests.api.shop import Shop, line


def returns_of(body: dict[str, Any]) -> str:
    return f"/v1/purchases/{body['purchase_id']}/returns"


def test_a_return_takes_back_what_the_line_had_given(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 2_050), line("2", 1_030, "coffee-beans", 2))
    assert shop.post("/v1/purchases", body).json()["points"]["earned"] == 40
    lines = [{"line_id": "2", "quantity": 1, "amount_minor": 515}]

    reply = shop.post(returns_of(body), {"return_id": "r-1", "lines": lines})

    assert reply.status == 201
    # What remains: floor(25.65) base and floor(5.15) for beans.
    assert reply.json()["points"]["taken"] == 40 - 25 - 5
    assert shop.account(member)["available"] == 30


@pytest.mark.parametrize("parts", [[3_333, 3_333, 3_334], [1, 9_999], [10_000]])
def test_any_split_of_a_full_return_takes_back_exactly_what_was_given(
    shop: Shop, parts: list[int]
) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 6_666, "coffee-beans"), line("2", 3_334))
    given = shop.post("/v1/purchases", body).json()["points"]["earned"]

    taken = [
        shop.post(returns_of(body), {"return_id": f"r-{number}", "amount_minor": part}).json()
        for number, part in enumerate(parts)
    ]

    assert sum(reply["points"]["taken"] for reply in taken) == given
    account = shop.account(member)
    assert (account["available"], account["debt"]) == (0, 0)
    assert account["lifetime"] == {"earned": 0, "redeemed": 0, "purchases": 0, "spend_minor": 0}


def test_what_was_already_spent_becomes_debt_that_the_next_purchase_pays(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 10_000))
    shop.post("/v1/purchases", body)
    assert shop.redeem(member, shop.reward(70)).status == 201

    returned = shop.post(returns_of(body), {"return_id": "r-1", "amount_minor": 10_000}).json()

    points = returned["points"]
    assert (points["taken"], points["from_available"], points["new_debt"]) == (100, 30, 70)
    assert shop.account(member)["debt"] == 70
    paying = shop.post("/v1/purchases", shop.purchase(member, line("1", 8_000))).json()["points"]
    assert (paying["earned"], paying["debt_paid"]) == (80, 70)
    assert (paying["available_after"], paying["debt_after"]) == (10, 0)


def test_a_return_is_repeated_with_the_first_answer_and_conflicts_with_another(
    shop: Shop,
) -> None:
    body = shop.purchase(shop.member(), line("1", 10_000))
    shop.post("/v1/purchases", body)
    first = shop.post(returns_of(body), {"return_id": "r-1", "amount_minor": 4_000})

    again = shop.post(returns_of(body), {"return_id": "r-1", "amount_minor": 4_000})
    other = shop.post(returns_of(body), {"return_id": "r-1", "amount_minor": 4_001})

    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert (other.status, other.json()["differing"]) == (409, ["amount_minor"])


def test_no_more_is_returned_than_is_left(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 1_000, quantity=2))
    shop.post("/v1/purchases", body)
    lines = [{"line_id": "1", "quantity": 1, "amount_minor": 500}]
    assert shop.post(returns_of(body), {"return_id": "r-1", "lines": lines}).status == 201

    more = [{"line_id": "1", "quantity": 2, "amount_minor": 500}]
    refused = shop.post(returns_of(body), {"return_id": "r-2", "lines": more})

    assert (refused.status, refused.code) == (422, "return_exceeds_purchase")
    assert refused.json()["remaining"] == [{"line_id": "1", "quantity": 1, "amount_minor": 500}]


def test_a_return_names_lines_that_the_purchase_has(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 1_000))
    shop.post("/v1/purchases", body)
    lines = [
        {"line_id": "1", "quantity": 1, "amount_minor": 500},
        {"line_id": "1", "quantity": 1, "amount_minor": 500},
        {"line_id": "9", "quantity": 1, "amount_minor": 1},
    ]

    reply = shop.post(returns_of(body), {"return_id": "r-1", "lines": lines})

    assert reply.pointers == {"/lines/1/line_id": "duplicate", "/lines/2/line_id": "unknown_line"}


def test_many_returns_at_once_never_take_more_than_was_bought(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 10_000))
    shop.post("/v1/purchases", body)

    def give_back(number: int) -> int:
        wanted = {"return_id": f"r-{number}", "amount_minor": 3_000}
        return shop.post(returns_of(body), wanted).status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(give_back, range(8)))

    assert sorted(statuses) == [201] * 3 + [422] * 5
    assert shop.account(member)["available"] == 10


def test_a_guest_purchase_is_claimed_with_the_code_on_its_receipt(shop: Shop) -> None:
    body = shop.purchase(None, line("1", 10_000))
    posted = shop.post("/v1/purchases", body).json()
    assert posted["points"]["earned"] == 0
    assert posted["member_id"] is None
    shop.post(returns_of(body), {"return_id": "r-1", "amount_minor": 4_000})
    member = shop.member()
    typed = {"claim_code": posted["claim_code"].lower().replace("-", " ")}

    claimed = shop.client.post("/v1/claims", typed, bearer=shop.token_for(member))
    again = shop.client.post("/v1/claims", typed, bearer=shop.token_for(member))
    other = shop.client.post("/v1/claims", typed, bearer=shop.token_for(shop.member()))

    assert claimed.status == 201
    assert claimed.json()["points"]["earned"] == 60
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == claimed.json()
    assert (other.status, other.code) == (409, "purchase_already_claimed")
    assert shop.account(member)["available"] == 60


def test_a_till_claims_for_a_member_and_returns_then_take_from_it(shop: Shop) -> None:
    body = shop.purchase(None, line("1", 10_000))
    shop.post("/v1/purchases", body)
    member = shop.member()
    path = f"/v1/purchases/{body['purchase_id']}/claim"

    claimed = shop.post(path, {"member": {"member_id": member}})
    returned = shop.post(returns_of(body), {"return_id": "r-1", "amount_minor": 2_500})

    assert claimed.json()["points"]["earned"] == 100
    assert returned.json()["points"]["taken"] == 25
    assert shop.account(member)["available"] == 75


def test_a_claim_code_is_good_for_thirty_days(shop: Shop, clock: Clock) -> None:
    posted = shop.post("/v1/purchases", shop.purchase(None)).json()
    clock.forward(days=31)
    member = shop.member()

    late = shop.client.post(
        "/v1/claims", {"claim_code": posted["claim_code"]}, bearer=shop.token_for(member)
    )
    unknown = shop.client.post(
        "/v1/claims", {"claim_code": "AAAA-AAAA-AAAA-AAAA"}, bearer=shop.token_for(member)
    )

    assert (late.status, late.code) == (404, "claim_not_found")
    assert (unknown.status, unknown.code) == (404, "claim_not_found")
