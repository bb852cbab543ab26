"""Households over HTTP, on real transactions."""

from typing import Any

import pytest

from chalicelib.domain.program import Program
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.api.shop import Shop


@pytest.fixture(autouse=True)
def program(shop: Shop) -> Program:
    """A program in which two share an account."""
    return shop.promise(household_members=2)


def invite(shop: Shop, owner: str, key: str = "k") -> Reply:
    headers = {"Idempotency-Key": key}
    path = "/v1/members/me/household/invitations"
    return shop.client.post(path, bearer=shop.token_for(owner), headers=headers)


def join(shop: Shop, member: str, code: str, query: str = "") -> Reply:
    path = f"/v1/members/me/household{query}"
    return shop.client.post(path, {"code": code}, bearer=shop.token_for(member))


def seen(shop: Shop, member: str, bearer: str | None = None) -> Any:
    path = f"/v1/members/{member}/household"
    return shop.client.get(path, bearer=bearer or shop.token_for(member)).json()


def leave(shop: Shop, member: str, sharer: str = "") -> Reply:
    path = f"/v1/members/{member}/household" + (f"/{sharer}" if sharer else "")
    return shop.client.delete(path, bearer=shop.token_for(member))


def pair(shop: Shop) -> tuple[str, str]:
    owner, other = shop.member(), shop.member()
    shop.earn(owner, 60)
    shop.earn(other, 40)
    return owner, other


def test_two_share_an_account_until_one_leaves(shop: Shop) -> None:
    owner, other = pair(shop)

    invited, again = invite(shop, owner), invite(shop, owner)
    told = join(shop, other, invited.json()["code"], "?dry_run=true")
    joined = join(shop, other, invited.json()["code"])

    assert (invited.status, invited.json()["expires_at"]) == (201, "2026-11-29T09:30:00.000Z")
    assert (again.json(), again.headers["idempotent-replayed"]) == (invited.json(), "true")
    assert (joined.status, joined.json()) == (201, told.json())
    assert joined.json()["moved"] == {"available": 40, "pending": 0, "debt": 0}
    assert (joined.json()["available_after"], joined.json()["members"]) == (100, 2)
    assert "move to the owner's account" in joined.json()["joining"]
    assert "stay with the household" in joined.json()["leaving"]
    assert shop.account(owner) == shop.account(other)
    assert [leave(shop, other).status for _ in range(2)] == [204, 204]
    shop.earn(other, 5)
    assert (shop.account(owner)["available"], shop.account(other)["available"]) == (100, 5)


def test_those_inside_see_each_other_by_their_given_names(shop: Shop, club: Club) -> None:
    shop.promise(household_members=2)
    ann, ben = (club.member(name={"given": name})["member_id"] for name in ("Ann", "Ben"))
    join(shop, ben, invite(shop, ann).json()["code"])

    inside = [
        {"member_id": ann, "given_name": "Ann", "owner": True},
        {"member_id": ben, "given_name": "Ben", "owner": False},
    ]
    assert seen(shop, ann)["members"] == seen(shop, ben)["members"] == inside
    assert seen(shop, ben, shop.staff("support"))["members"] == inside
    stranger = shop.member()
    assert seen(shop, stranger)["members"] == []
    assert seen(shop, stranger)["most_members"] == 2
    assert seen(shop, ann, shop.token_for(stranger))["code"] == "member_not_found"
    assert seen(shop, ann, shop.till)["code"] == "scope_missing"


def test_the_owner_removes_a_member(shop: Shop) -> None:
    owner, other = pair(shop)
    join(shop, other, invite(shop, owner).json()["code"])
    stays = leave(shop, owner)
    assert (stays.status, stays.json()["reason"]) == (409, "owner_cannot_leave")
    assert leave(shop, other, owner).status == 404
    assert [leave(shop, owner, other).status for _ in range(2)] == [204, 204]
    assert leave(shop, owner, "mem_nobody").status == 404
    assert leave(shop, owner).status == 204


def test_a_code_is_good_once_and_for_a_week(shop: Shop, clock: Clock) -> None:
    owner, other = pair(shop)
    late = shop.member()
    used, spare = (invite(shop, owner, key).json()["code"] for key in ("a", "b"))
    join(shop, other, used)
    again = join(shop, other, used)
    assert again.headers["idempotent-replayed"] == "true"
    assert (join(shop, late, used).status, join(shop, late, used).code) == (
        404,
        "invitation_not_found",
    )
    full = join(shop, late, spare)
    assert (full.status, full.json()["reason"]) == (409, "household_full")
    leave(shop, other)
    clock.forward(days=7, milliseconds=1)
    assert join(shop, late, spare).code == "invitation_not_found"
    assert join(shop, late, "no code").code == "invitation_not_found"


def test_a_member_reads_the_shared_entries_since_it_joined_in_pages(shop: Shop) -> None:
    owner, other = pair(shop)
    join(shop, other, invite(shop, owner).json()["code"])
    shop.earn(owner, 3)
    token = shop.token_for(other)

    rows, cursor = [], ""
    while True:
        page = shop.client.get(f"/v1/members/me/entries?limit=2{cursor}", bearer=token).json()
        rows += [(item["account_id"], item["kind"], item["points"]) for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert rows == [
        (owner, "earn", 3),
        (owner, "merge", 40),
        (other, "merge", -40),
        (other, "earn", 40),
        (other, "open", 0),
    ]


def test_a_member_sees_and_cancels_what_it_redeemed_for_the_household(shop: Shop) -> None:
    owner, other = pair(shop)
    join(shop, other, invite(shop, owner).json()["code"])
    redemption_id = shop.redeem(other, shop.reward(90)).json()["redemption_id"]
    path = f"/v1/redemptions/{redemption_id}"
    assert shop.client.get(path, bearer=shop.token_for(other)).status == 200
    cancelled = shop.client.post(
        f"{path}/cancel", bearer=shop.token_for(other), headers={"Idempotency-Key": "c"}
    )
    assert cancelled.json()["available_after"] == 100


def test_without_households_in_the_program_nobody_invites(shop: Shop) -> None:
    owner, _ = pair(shop)
    shop.promise()
    refused = invite(shop, owner)
    assert (refused.status, refused.json()["reason"]) == (409, "households_off")
