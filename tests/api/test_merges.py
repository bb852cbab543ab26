"""Merging two accounts of one person over HTTP, on real transactions."""

from typing import Any

from tests.api.client import Reply
from tests.api.shop import Shop


def merge(
    shop: Shop, source: str, target: str, *, key: str = "k", query: str = "", **body: object
) -> Reply:
    return shop.client.post(
        f"/v1/members/{target}/merges{query}",
        {"from": source, "reason": "one person, two cards", **body},
        bearer=shop.staff("support"),
        headers={"Idempotency-Key": key},
    )


def reverse(shop: Shop, merge_id: str) -> Reply:
    why = {"X-Access-Reason": "were two people after all"}
    path = f"/v1/merges/{merge_id}/reverse"
    return shop.client.post(path, bearer=shop.staff("support"), headers=why)


def two(shop: Shop) -> tuple[str, str]:
    old, new = shop.member(), shop.member()
    shop.earn(old, 100)
    shop.earn(new, 20)
    return old, new


def test_support_merges_two_accounts_and_takes_it_back(shop: Shop) -> None:
    old, new = two(shop)

    merged, again = merge(shop, old, new), merge(shop, old, new)

    merge_id = merged.json()["merge_id"]
    assert (merged.status, merged.json()) == (
        201,
        {
            "merge_id": merge_id,
            "from": old,
            "into": new,
            "points": 100,
            "available_after": 120,
            "pending_after": 0,
            "debt_after": 0,
        },
    )
    assert (again.json(), again.headers["idempotent-replayed"]) == (merged.json(), "true")
    assert shop.account(old)["available"] == shop.account(new)["available"] == 120
    shop.earn(old, 5)
    assert shop.account(new)["available"] == 125

    first, second = reverse(shop, merge_id), reverse(shop, merge_id)

    figures = {"pending_after": 0, "debt_after": 0}
    assert (first.status, first.json()) == (
        200,
        {
            "merge_id": merge_id,
            "points": 100,
            "separated_member_id": old,
            "separated": {"available_after": 100, **figures},
            "remaining_member_id": new,
            "remaining": {"available_after": 25, **figures},
        },
    )
    assert (second.json(), second.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (shop.account(old)["available"], shop.account(new)["available"]) == (100, 25)


def test_a_dry_run_tells_and_writes_nothing(shop: Shop) -> None:
    old, new = two(shop)
    assert merge(shop, old, new, query="?dry_run=true").json()["available_after"] == 120
    assert shop.account(new)["available"] == 20


def test_why_stands_in_the_audit_of_both(shop: Shop) -> None:
    old, new = map(shop.with_key, two(shop))
    merge_id = merge(shop, old, new).json()["merge_id"]
    reverse(shop, merge_id)
    both = shop.recorded(old) + shop.recorded(new)
    records = [item for item in both if item.subject == merge_id]
    told = {(item.action, item.member_id, item.reason, item.who) for item in records}
    assert told == {
        (action, member, reason, "staff:anna")
        for action, reason in (
            ("accounts.merged", "one person, two cards"),
            ("merge.reversed", "were two people after all"),
        )
        for member in (old, new)
    }


def test_a_merge_needs_a_reason_in_the_body_or_the_header(shop: Shop) -> None:
    old, new = two(shop)
    path, support = f"/v1/members/{new}/merges", shop.staff("support")
    headers = {"Idempotency-Key": "k"}
    none = shop.client.post(path, {"from": old}, bearer=support, headers=headers)
    headers["X-Access-Reason"] = "asked for by phone"
    said = shop.client.post(path, {"from": old}, bearer=support, headers=headers)
    assert (none.status, none.pointers) == (422, {"/reason": "missing"})
    assert said.status == 201


def test_conflicts_say_what_stands_in_the_way(shop: Shop) -> None:
    old, new = two(shop)
    third = shop.member()
    first = merge(shop, old, new).json()["merge_id"]
    assert merge(shop, new, old, key="back").json()["reason"] == "target_has_moved"
    assert merge(shop, old, third, key="again").json()["reason"] == "source_has_moved"
    assert merge(shop, new, new, key="self").json()["reason"] == "same_account"
    merge(shop, new, third, key="on")
    late = reverse(shop, first)
    assert (late.status, late.code, late.json()["reason"]) == (409, "conflict", "target_has_moved")
    assert merge(shop, third, "mem_nobody").code == "member_not_found"
    assert merge(shop, "mem_nobody", third).code == "member_not_found"
    assert reverse(shop, "mrg_nothing").status == 404


def test_only_support_merges(shop: Shop) -> None:
    old, new = two(shop)
    path, headers = f"/v1/members/{new}/merges", {"Idempotency-Key": "k"}
    for bearer in (shop.till, shop.token_for(new), shop.staff("privacy"), shop.staff("admin")):
        reply = shop.client.post(path, {"from": old}, bearer=bearer, headers=headers)
        assert (reply.status, reply.code) == (403, "scope_missing")


def test_the_source_keeps_its_statement_and_its_proof_and_sees_what_came_since(shop: Shop) -> None:
    old, new = two(shop)
    merge(shop, old, new)
    shop.earn(old, 7)
    token = shop.token_for(old)
    items = _all_entries(shop, token)
    assert [(item["kind"], item["account_id"]) for item in items] == [
        ("earn", new),
        ("merge", new),
        ("merge", old),
        ("earn", old),
        ("open", old),
    ]
    assert items[0]["available_after"] == shop.account(old)["available"]
    assert items[2]["explanation"][0]["text"] == "Accounts of one person were brought together"
    proof = shop.client.get("/v1/members/me/entries/proof", bearer=token).json()
    assert (proof["valid"], proof["entries"]) == (True, 3)


def _all_entries(shop: Shop, token: str) -> list[Any]:
    """A statement, page by page."""
    items: list[Any] = []
    cursor = ""
    while True:
        path = f"/v1/members/me/entries?limit=2{cursor}"
        page = shop.client.get(path, bearer=token).json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"


def test_a_redemption_is_used_and_cancelled_by_whoever_has_the_account(shop: Shop) -> None:
    old, new = two(shop)
    redemption_id = shop.redeem(old, shop.reward(60)).json()["redemption_id"]
    merge(shop, old, new)
    path = f"/v1/redemptions/{redemption_id}"
    for member in (old, new):
        assert shop.client.get(path, bearer=shop.token_for(member)).status == 200
    assert shop.client.get(path, bearer=shop.token_for(shop.member())).status == 404
    headers = {"Idempotency-Key": "c"}
    shop.client.post(f"{path}/cancel", bearer=shop.token_for(new), headers=headers)
    assert shop.account(new)["available"] == 120
