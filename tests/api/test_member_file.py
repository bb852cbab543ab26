"""The one view for support: everything of a member, masked unless somebody says why."""

from secrets import token_hex
from typing import Any

import pytest

from tests.api.belongings import card, interaction
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.api.shop import Shop

WHY = {"X-Access-Reason": "asked us what we know"}


def file_of(shop: Shop, member_id: str, group: str = "support", **how: Any) -> Reply:
    return shop.client.get(f"/v1/members/{member_id}/file", bearer=shop.staff(group), **how)


@pytest.fixture
def ada(shop: Shop, club: Club) -> str:
    """A member who has one of everything."""
    person = {"name": {"given": "Ada", "family": "Byron"}, "birth_date": "1990-12-10"}
    member_id = str(club.member(**person)["member_id"])
    body = shop.purchase(member_id, store_id="clinic")
    assert shop.post("/v1/purchases", body).status == 201
    issued = shop.redeem(member_id, shop.reward(10)).json()
    used = shop.redeem(member_id, shop.reward(10)).json()
    path = f"/v1/redemptions/{used['redemption_id']}/use"
    assert shop.post(path, {}, key=token_hex(8)).status == 200
    assert issued["status"] == "issued"
    card(shop, club, member_id)
    interaction(shop, club, member_id)
    return member_id


def test_the_file_holds_what_each_of_its_parts_holds(shop: Shop, ada: str) -> None:
    support = shop.staff("support")

    def part(path: str) -> Any:
        reply = shop.client.get(f"/v1/members/{ada}{path}", bearer=support)
        assert reply.status == 200, reply.body
        return reply.json()

    file = file_of(shop, ada).json()
    assert file["profile"] == part("")
    assert file["account"] == part("/account")
    assert file["preferences"] == part("/preferences")
    assert file["consents"] == part("/consents")["consents"]
    assert file["entries"] == part("/entries?limit=10")["items"]
    assert file["purchases"] == part("/purchases?limit=10")["items"]
    assert file["interactions"] == part("/interactions?limit=10")["items"]
    assert file["duplicates"] == part("/duplicates")["items"]
    assert [one["last4"] for one in file["payment_methods"]] == ["4242"]
    assert [one["status"] for one in file["redemptions"]] == ["issued"]
    assert file["rights"] == {"erasure": None, "hold": None, "restriction": None}


@pytest.mark.parametrize("group", ["support", "privacy"])
def test_it_is_masked_unless_a_reason_is_stated(shop: Shop, ada: str, group: str) -> None:
    masked = file_of(shop, ada, group)
    whole = file_of(shop, ada, group, headers=WHY)
    assert (masked.json()["masked"], masked.json()["profile"]["masked"]) == (True, True)
    for hidden in (b"Byron", b"1990-12-10", b"clinic"):
        assert hidden not in masked.body
        assert hidden in whole.body
    assert (whole.json()["masked"], whole.json()["profile"]["masked"]) == (False, False)
    told = {(record.action, record.reason) for record in shop.recorded(ada)}
    assert told >= {
        ("member.file.read", None),
        ("member.file.read_unmasked", WHY["X-Access-Reason"]),
    }


def test_it_tells_what_the_member_or_the_law_has_asked_for(
    shop: Shop, club: Club, ada: str, clock: Clock
) -> None:
    privacy = shop.staff("privacy")
    for path in ("hold", "restriction"):
        put = shop.client.put(
            f"/v1/members/{ada}/{path}", {"reason": "a letter of Ms Byron"}, bearer=privacy
        )
        assert put.status == 200, put.body
    asked = club.client.delete(f"/v1/members/{ada}", bearer=club.own(ada))
    assert asked.status == 202, asked.body
    rights = file_of(shop, ada).json()["rights"]
    assert rights["erasure"]["erasure_id"] == asked.json()["erasure_id"]
    assert rights["hold"]["reason"] is None
    in_full = file_of(shop, ada, headers=WHY).json()["rights"]
    assert in_full["hold"]["reason"] == in_full["restriction"]["reason"] == "a letter of Ms Byron"
    assert clock.now.isoformat()[:10] in in_full["hold"]["since"]


def test_nobody_reads_the_file_of_nobody_and_members_and_marketers_none(
    shop: Shop, club: Club, ada: str
) -> None:
    assert file_of(shop, "mem_nobody").code == "member_not_found"
    own = club.client.get("/v1/members/me/file", bearer=club.own(ada))
    assert (own.status, own.code) == (403, "scope_missing")
    assert {group: file_of(shop, ada, group).status for group in ("marketer", "admin")} == {
        "marketer": 403,
        "admin": 403,
    }
