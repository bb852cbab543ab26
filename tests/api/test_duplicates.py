"""Members who are probably one person, as support is told of them."""

from tests.api.club import Club

ADA = {"name": {"given": "Ada", "family": "Lovelace"}}


def test_support_is_told_of_somebody_who_joined_twice_and_merges_the_two(club: Club) -> None:
    staff, stem = club.token_for("anna", ["support"]), club.address().split("@")[0]
    first = club.member(email=f"{stem}@example.com")["member_id"]
    second = club.member(email=f"{stem}+more@example.com")["member_id"]
    why = {"X-Access-Reason": "they asked"}
    path = f"/v1/members/{second}/duplicates"
    both = {"member_ids": sorted((first, second)), "alike": ["mailbox"]}
    assert club.client.get(path, bearer=staff, headers=why).json() == {"items": [both]}
    assert both in listed(club, staff)
    body = {"from": second, "reason": "one person"}
    headers = {"Idempotency-Key": "m-1"}
    merges = f"/v1/members/{first}/merges"
    assert club.client.post(merges, body, bearer=staff, headers=headers).status == 201
    assert club.client.get(path, bearer=staff).json() == {"items": []}
    assert both not in listed(club, staff)


def listed(club: Club, staff: str) -> list[object]:
    """All pairs, page by page."""
    pairs: list[object] = []
    path = "/v1/duplicates?limit=50"
    while True:
        page = club.client.get(path, bearer=staff).json()
        pairs += page["items"]
        if page["next_cursor"] is None:
            return pairs
        path = f"/v1/duplicates?limit=50&cursor={page['next_cursor']}"


def test_a_member_learns_nothing_of_its_duplicates(club: Club) -> None:
    member_id = club.member()["member_id"]
    own = club.own(member_id)
    for path in (f"/v1/members/{member_id}/duplicates", "/v1/duplicates"):
        assert club.client.get(path, bearer=own).status == 403
