"""Segments over HTTP: written by marketers, named by each other, counted without names."""

from secrets import token_hex
from typing import Any

from tests.api.client import Reply
from tests.api.club import Club

AUSTRIANS = {"fact": "country", "op": "eq", "value": "AT"}


def create(club: Club, key: str | None = None, **fields: Any) -> Reply:
    """A marketer makes a segment."""
    headers = {"Idempotency-Key": key or token_hex(8)}
    bearer = club.token_for("mona", ("marketer",))
    return club.client.post("/v1/segments", fields, bearer=bearer, headers=headers)


def test_a_segment_is_written_read_changed_and_archived(club: Club) -> None:
    bearer = club.token_for("mona", ("marketer",))
    made = create(club, "k", name="Austrians", condition=AUSTRIANS)
    again = create(club, "k", name="Austrians", condition=AUSTRIANS)
    assert (made.status, made.headers["etag"]) == (201, '"1"')
    assert (again.headers["idempotent-replayed"], again.body) == ("true", made.body)
    segment = made.json()
    path = f"/v1/segments/{segment['segment_id']}"
    assert segment["in_words"] == {"en": "country: AT", "de": "Land: AT"}
    assert club.client.get(path, bearer=bearer).json() == segment

    named = {"all": [{"segment": segment["segment_id"]}, AUSTRIANS | {"fact": "language"}]}
    user = create(club, name="Of them", condition=named).json()
    assert user["condition"] == named
    assert user["in_words"]["en"] == "in the segment Austrians and language: AT"
    stuck = club.client.post(f"{path}/archive", bearer=bearer)
    assert (stuck.status, stuck.json()["reason"]) == (409, "segment_in_use")

    body = {"name": "Swiss", "condition": AUSTRIANS | {"value": "CH"}}
    changed = club.client.put(path, body, bearer=bearer, headers={"If-Match": '"1"'})
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    listed = club.client.get("/v1/segments", bearer=bearer).json()["items"]
    assert {row["name"] for row in listed} >= {"Swiss", "Of them"}
    for each in (user["segment_id"], segment["segment_id"]):
        gone = club.client.post(f"/v1/segments/{each}/archive", bearer=bearer)
        assert gone.json()["status"] == "archived"


def test_everything_wrong_is_answered_where_it_stands(club: Club) -> None:
    condition = {"any": [AUSTRIANS | {"op": "gt"}, {"fact": "teir", "op": "eq", "value": "gold"}]}
    refused = create(club, name="Wrong", condition=condition)
    found = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
    assert refused.status == 422
    assert found == [
        ("/condition/any/0/op", "not_allowed"),
        ("/condition/any/1/fact", "unknown_fact"),
    ]
    assert "tier" in refused.json()["errors"][1]["detail"]


def test_a_list_takes_members_and_a_preview_counts_without_naming_them(club: Club) -> None:
    bearer = club.token_for("mona", ("marketer",))
    segment_id = create(club, name="Regulars", kind="static").json()["segment_id"]
    mia = club.member()["member_id"]
    path = f"/v1/segments/{segment_id}/members"
    put = club.client.post(path, {"add": [mia, "mem_nobody"]}, bearer=bearer)
    assert put.json() == {
        "added": 1,
        "removed": 0,
        "unchanged": 0,
        "unknown": ["mem_nobody"],
        "full": [],
    }
    assert club.client.post(path, {"add": [mia]}, bearer=bearer).json()["unchanged"] == 1
    both = club.client.post(path, {"add": [mia], "remove": [mia]}, bearer=bearer)
    assert both.json()["errors"][0]["pointer"] == "/remove"
    assert club.client.post(path, {"remove": [mia]}, bearer=bearer).json()["removed"] == 1

    preview = club.client.post("/v1/segments/preview", {"segment_id": segment_id}, bearer=bearer)
    answer = preview.json()
    assert (preview.status, answer["members"], answer["sample"]) == (200, 0, [])
    assert answer["reachable"] == {"mail": 0, "sms": 0, "push": 0}
    two = club.client.post(
        "/v1/segments/preview", {"segment_id": segment_id, "condition": AUSTRIANS}, bearer=bearer
    )
    assert (two.status, two.json()["errors"][0]["pointer"]) == (422, "/segment_id")
