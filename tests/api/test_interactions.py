"""What members tell us, over HTTP: by themselves, by support for them, and how complaints move."""

from secrets import token_hex
from typing import Any

import pytest

from tests.api.client import Reply
from tests.api.club import Club

COMPLAINT = {"kind": "complaint", "text": "The cup was cold."}
MACHINE = {
    "kind": "warranty",
    "product": "Kronos 3",
    "purchased_on": "2026-10-31",
    "months": 24,
    "service_every_months": 6,
}


def tell(
    club: Club, member_id: str, body: object, *, bearer: str | None = None, key: str | None = None
) -> Reply:
    """The member, or whoever else, tells us something."""
    headers = {"Idempotency-Key": key or token_hex(8)}
    path = f"/v1/members/{member_id}/interactions"
    return club.client.post(path, body, bearer=bearer or club.own(member_id), headers=headers)


def move(club: Club, member_id: str, told: Reply, tag: str, **body: object) -> Reply:
    """Support moves a complaint on."""
    path = f"/v1/members/{member_id}/interactions/{told.json()['interaction_id']}"
    bearer = club.token_for("anna", ("support",))
    return club.client.patch(path, body, bearer=bearer, headers={"If-Match": tag})


@pytest.fixture
def mia(club: Club) -> str:
    """A member."""
    return str(club.member()["member_id"])


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"kind": "enquiry", "text": "When do you open?"}, {}),
        (COMPLAINT, {"state": "open"}),
        ({"kind": "feedback", "rating": 5, "text": "Good", "purchase_id": "p-1"}, {}),
        ({"kind": "feedback", "rating": 1}, {}),
        (MACHINE, {"remind_on": "2027-04-30", "reminded": []}),
        ({**MACHINE, "serial": "K3-778"}, {}),
    ],
)
def test_what_is_told_is_answered_and_read_again(
    club: Club, mia: str, body: dict[str, Any], shown: dict[str, Any]
) -> None:
    told = tell(club, mia, body, key="one")
    assert told.status == 201
    assert {**told.json(), **body, **shown} == told.json()
    path = f"/v1/members/me/interactions/{told.json()['interaction_id']}"
    assert club.client.get(path, bearer=club.own(mia)).json() == told.json()
    again = tell(club, mia, body, key="one")
    assert (again.body, again.headers["idempotent-replayed"]) == (told.body, "true")
    other = tell(club, mia, {"kind": "enquiry", "text": "Something else"}, key="one")
    assert (other.status, other.code) == (409, "conflicting_replay")


def test_support_moves_a_complaint_through_its_states_and_the_member_sees_it(
    club: Club, mia: str
) -> None:
    told = tell(club, mia, COMPLAINT)
    begun = move(club, mia, told, '"1"', state="in_progress", note="We ask the shop.")
    done = move(club, mia, told, '"2"', state="resolved")
    assert (begun.status, done.status, done.headers["etag"]) == (200, 200, '"3"')
    assert done.json()["history"][1]["by"] == "staff:anna"
    path = f"/v1/members/me/interactions/{told.json()['interaction_id']}"
    seen = club.client.get(path, bearer=club.own(mia)).json()
    assert seen["state"] == "resolved"
    rows = [(row["state"], row["by"], row.get("note")) for row in seen["history"]]
    assert rows == [
        ("open", "member", None),
        ("in_progress", "staff", "We ask the shop."),
        ("resolved", "staff", None),
    ]
    again = move(club, mia, told, '"3"', state="in_progress")
    assert again.json()["state"] == "in_progress"


def test_a_state_that_cannot_be_reached_and_a_stale_version_are_told(club: Club, mia: str) -> None:
    told, asked = tell(club, mia, COMPLAINT), tell(club, mia, {"kind": "enquiry", "text": "When?"})
    assert move(club, mia, told, '"1"', state="open").json()["reason"] == "state_not_reachable"
    assert move(club, mia, told, '"7"', state="resolved").status == 412
    assert move(club, mia, asked, '"1"', state="resolved").json()["reason"] == "not_a_complaint"
    path = f"/v1/members/{mia}/interactions/{told.json()['interaction_id']}"
    bearer = club.token_for("anna", ("support",))
    assert club.client.patch(path, {"state": "resolved"}, bearer=bearer).status == 428
    nothing = club.client.patch(
        f"/v1/members/{mia}/interactions/int_0",
        {"state": "resolved"},
        bearer=bearer,
        headers={"If-Match": '"1"'},
    )
    assert nothing.status == 404


def test_support_writes_down_what_a_member_says_and_is_recorded(club: Club, mia: str) -> None:
    bearer = club.token_for("anna", ("support",))
    told = tell(club, mia, COMPLAINT, bearer=bearer)
    path = f"/v1/members/{mia}/interactions"
    listed = club.client.get(path, bearer=bearer).json()["items"]
    assert [one["by"] for one in listed] == ["staff:anna"]
    move(club, mia, told, '"1"', state="rejected")
    mine = club.client.get(path, bearer=club.own(mia)).json()["items"]
    assert [one["by"] for one in mine] == ["staff"]
    recorded = {(row.action, row.role) for row in club.recorded(mia)}
    assert recorded >= {
        ("interaction.added", "support"),
        ("member.interactions.read", "support"),
        ("interaction.state_changed", "support"),
    }


def test_a_list_goes_on_behind_its_cursor_newest_first(club: Club, mia: str) -> None:
    made = [tell(club, mia, COMPLAINT).json()["interaction_id"] for _ in range(3)]
    path, mine = "/v1/members/me/interactions", club.own(mia)
    first = club.client.get(f"{path}?limit=2", bearer=mine).json()
    second = club.client.get(f"{path}?limit=2&cursor={first['next_cursor']}", bearer=mine).json()
    found = [one["interaction_id"] for one in [*first["items"], *second["items"]]]
    assert sorted(found) == sorted(made)
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"kind": "enquiry"}, {"/text": "missing"}),
        ({"kind": "complaint", "text": " "}, {"/text": "wrong_length"}),
        ({"kind": "feedback", "text": "Good"}, {"/rating": "missing"}),
        ({"kind": "survey", "rating": 3, "survey_id": "srv_1"}, None),
        ({**MACHINE, "purchased_on": "2026-11-23"}, {"/purchased_on": "out_of_range"}),
        ({**MACHINE, "purchased_on": "1949-12-31"}, {"/purchased_on": "out_of_range"}),
        ({**MACHINE, "months": 5}, {"/service_every_months": "out_of_range"}),
        ({**MACHINE, "months": 0}, {"/months": "out_of_range"}),
        ({"kind": "gossip"}, {"/kind": "not_allowed"}),
        ({**COMPLAINT, "text": "4111 1111 1111 1111"}, {"/text": "card_number_refused"}),
    ],
)
def test_what_is_wrong_is_told_at_once(
    club: Club, mia: str, body: dict[str, Any], pointers: dict[str, str] | None
) -> None:
    reply = tell(club, mia, body)
    expected = pointers or {"/rating": "not_expected", "/answers": "missing"}
    assert (reply.status, reply.pointers) == (422, expected)


def test_nobody_reads_or_writes_what_another_member_told(club: Club, mia: str) -> None:
    told = tell(club, mia, COMPLAINT).json()["interaction_id"]
    stranger = club.own(club.member()["member_id"])
    assert tell(club, mia, COMPLAINT, bearer=stranger).code == "member_not_found"
    path = f"/v1/members/{mia}/interactions/{told}"
    assert club.client.get(path, bearer=stranger).code == "member_not_found"
    own = club.client.get(f"/v1/members/me/interactions/{told}", bearer=stranger)
    assert own.code == "not_found"
    assert club.client.get(path, bearer=club.till).status == 403


def test_a_member_tells_so_much_a_day(club: Club, mia: str) -> None:
    replies = [tell(club, mia, COMPLAINT).status for _ in range(51)]
    assert (replies.count(201), replies.count(429)) == (50, 1)
