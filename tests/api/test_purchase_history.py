"""A member's purchases: its own, newest first, with returns; support is not told where."""

from typing import Any

import pytest

from tests.api.client import Reply
from tests.api.shop import Shop, line


def bought(shop: Shop, member_id: str | None, points: int = 1, **fields: Any) -> str:
    """A purchase of as many euros; its id."""
    body = shop.purchase(member_id, line("1", points * 100), **fields)
    assert shop.post("/v1/purchases", body).status == 201
    return str(body["purchase_id"])


def history(shop: Shop, member_id: str, query: str = "", **how: Any) -> Reply:
    """The purchases, as the member reads them unless somebody else does."""
    how.setdefault("bearer", shop.token_for(member_id))
    return shop.client.get(f"/v1/members/{member_id}/purchases{query}", **how)


def ids(reply: Reply) -> list[str]:
    return [item["purchase_id"] for item in reply.json()["items"]]


def test_a_member_reads_its_purchases_newest_first_with_what_came_back(shop: Shop) -> None:
    member = shop.member()
    first, second = bought(shop, member, 5, store_id="berlin"), bought(shop, member, 7)
    back = {"return_id": "r-1", "amount_minor": 200}
    assert shop.post(f"/v1/purchases/{first}/returns", back).status == 201

    reply = history(shop, member)

    assert ids(reply) == [second, first]
    oldest = reply.json()["items"][-1]
    assert oldest == shop.client.get(f"/v1/purchases/{first}", bearer=shop.till).json()
    assert (oldest["store_id"], oldest["lines"][0]["amount_minor"]) == ("berlin", 500)
    assert [event["return_id"] for event in oldest["returns"]] == ["r-1"]
    assert reply.json()["masked"] is False


def test_a_claimed_purchase_is_among_them_and_others_entries_are_not(shop: Shop) -> None:
    member = shop.member()
    guest = bought(shop, None, 5)
    shop.post(f"/v1/purchases/{guest}/claim", {"member": {"member_id": member}})
    shop.redeem(member, shop.reward(2))
    assert ids(history(shop, member)) == [guest]


def test_pages_follow_each_other(shop: Shop) -> None:
    member = shop.member()
    made = [bought(shop, member) for _ in range(5)]
    seen: list[str] = []
    query = "?limit=2"
    while True:
        page = history(shop, member, query)
        seen += ids(page)
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
        query = f"?limit=2&cursor={cursor}"
    assert seen == made[::-1]


@pytest.mark.parametrize("group", ["support", "privacy"])
def test_staff_learn_where_it_was_bought_only_when_they_say_why(shop: Shop, group: str) -> None:
    member = shop.member()
    bought(shop, member, store_id="clinic", external="bon 7")
    staff = shop.staff(group)
    masked = history(shop, member, bearer=staff).json()
    whole = history(
        shop, member, bearer=staff, headers={"X-Access-Reason": "a receipt is lost"}
    ).json()
    assert (masked["masked"], masked["items"][0]["store_id"], masked["items"][0]["external"]) == (
        True,
        None,
        None,
    )
    assert (whole["masked"], whole["items"][0]["store_id"]) == (False, "clinic")
    told = {record.action for record in shop.recorded(member)}
    assert told == {"member.purchases.read", "member.purchases.read_unmasked"}


def test_who_shares_an_account_sees_its_own_purchases_and_nobody_elses(shop: Shop) -> None:
    shop.promise(household_members=3)
    owner, sharer = shop.member(), shop.member()
    before = bought(shop, sharer)
    code = shop.client.post(
        f"/v1/members/{owner}/household/invitations",
        bearer=shop.token_for(owner),
        headers={"Idempotency-Key": "k"},
    ).json()["code"]
    joined = shop.client.post(
        f"/v1/members/{sharer}/household", {"code": code}, bearer=shop.token_for(sharer)
    )
    assert joined.status == 201, joined.body
    theirs, own = bought(shop, owner), bought(shop, sharer)
    assert ids(history(shop, sharer)) == [own, before]
    assert ids(history(shop, owner)) == [theirs]


def test_who_was_merged_sees_what_was_bought_since_too(shop: Shop) -> None:
    old, new = shop.member(), shop.member()
    before = bought(shop, old)
    merged = shop.client.post(
        f"/v1/members/{new}/merges",
        {"from": old, "reason": "two cards"},
        bearer=shop.staff("support"),
        headers={"Idempotency-Key": "k"},
    )
    assert merged.status == 201, merged.body
    by_either = [bought(shop, new), bought(shop, old)]
    assert ids(history(shop, old)) == [*by_either[::-1], before]
    assert set(ids(history(shop, new))) >= {by_either[0]}
