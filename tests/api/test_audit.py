"""Who looked: found by those who watch, and told to the member whom it concerns, without names."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.storage.people_items import key_item
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.conftest import Clock


@pytest.fixture
def ada(club: Club) -> str:
    """A member whom nobody has looked at."""
    return str(club.member()["member_id"])


def look(club: Club, member_id: str, path: str = "", why: str | None = None, **who: str) -> None:
    """Somebody of support reads something of a member, a moment after whoever read before."""
    assert isinstance(club.services.clock, Clock)
    club.services.clock.now += timedelta(milliseconds=1)
    headers = {"X-Access-Reason": why} if why else {}
    bearer = club.token_for(who.get("sub", "anna"), ["support"])
    address = f"/v1/members/{member_id}{path}"
    reply = club.client.get(address, bearer=bearer, headers=headers)
    assert reply.status == 200, reply.body


def accesses(club: Club, member_id: str, query: str = "") -> Reply:
    """Who looked, as the member reads it."""
    return club.client.get(f"/v1/members/me/accesses{query}", bearer=club.own(member_id))


def audit(club: Club, query: str = "", group: str = "privacy") -> Any:
    """The audit as somebody of staff reads it."""
    reply = club.client.get(f"/v1/audit{query}", bearer=club.token_for("olga", [group]))
    assert reply.status == 200, reply.body
    return reply.json()


def test_a_member_sees_who_looked_in_what_role_and_why_and_no_name_of_staff(
    club: Club, ada: str
) -> None:
    look(club, ada, why="asked us to correct the name")
    look(club, ada, "/entries")
    reply = accesses(club, ada)
    assert [{k: v for k, v in row.items() if k != "at"} for row in reply.json()["items"]] == [
        {"who": "support", "what": "member.statement.read", "why": None},
        {
            "who": "support",
            "what": "member.profile.read_unmasked",
            "why": "asked us to correct the name",
        },
    ]
    assert b"anna" not in reply.body


def test_a_till_that_looked_a_member_up_is_named_by_its_source(club: Club, ada: str) -> None:
    card_number = club.profile(ada).json()["card_number"]
    assert club.found(card_number=card_number) == ada
    [row] = accesses(club, ada).json()["items"]
    assert row["who"].startswith("till-")
    assert row["what"] == "member.looked_up"


def test_accesses_come_in_pages_newest_first(club: Club, ada: str) -> None:
    for path in ("", "/entries", "/consents"):
        look(club, ada, path)
    first = accesses(club, ada, "?limit=2").json()
    rest = accesses(club, ada, f"?limit=2&cursor={first['next_cursor']}").json()
    assert [row["what"] for row in first["items"] + rest["items"]] == [
        "member.consents.read",
        "member.statement.read",
        "member.profile.read",
    ]
    assert rest["next_cursor"] is None


def test_privacy_sees_a_members_accesses_and_others_do_not(club: Club, ada: str) -> None:
    look(club, ada)
    path = f"/v1/members/{ada}/accesses"
    seen = {
        group: club.client.get(path, bearer=club.token_for("olga", [group])).status
        for group in ("privacy", "support", "admin", "marketer")
    }
    assert seen == {"privacy": 200, "support": 403, "admin": 403, "marketer": 403}
    stranger = str(club.member()["member_id"])
    assert club.client.get(path, bearer=club.own(stranger)).status == 404
    assert {row["who"] for row in accesses(club, ada).json()["items"]} == {"support", "privacy"}


def test_the_audit_is_searched_by_member_by_whom_and_for_what(club: Club, ada: str) -> None:
    look(club, ada, sub="anna")
    look(club, ada, "/entries", sub="anna")
    look(club, ada, "/entries", sub="ben")

    def found(query: str) -> list[tuple[str, str]]:
        items = audit(club, f"?member_id={ada}{query}")["items"]
        return [(row["who"], row["action"]) for row in items if row["action"] != "audit.read"]

    assert found("") == [
        ("staff:ben", "member.statement.read"),
        ("staff:anna", "member.statement.read"),
        ("staff:anna", "member.profile.read"),
    ]
    assert found("&who=staff:ben") == [("staff:ben", "member.statement.read")]
    assert found("&action=member.profile.read") == [("staff:anna", "member.profile.read")]
    assert len(found("&day=2026-11-22")) == 3
    assert found("&day=2026-11-21") == []


def test_without_a_member_the_day_is_today_and_what_concerns_none_is_there(
    club: Club, clock: Clock
) -> None:
    clock.forward(days=97)  # a day of this test's own
    key = club.client.post(
        "/v1/keys", {"source": "till-audit"}, bearer=club.token_for("root", ["admin"])
    ).json()
    items = audit(club, "?action=key.created")["items"]
    assert [(row["subject"], row["member_id"], row["role"]) for row in items] == [
        (key["key_id"], None, "admin")
    ]
    assert audit(club, "?action=key.created&day=2026-11-20")["items"] == []


def test_a_cursor_of_the_audit_is_good_for_its_own_search_alone(club: Club, ada: str) -> None:
    for _ in range(3):
        look(club, ada)
    first = audit(club, f"?member_id={ada}&limit=2")
    cursor = first["next_cursor"]
    again = audit(club, f"?member_id={ada}&limit=2&cursor={cursor}")
    assert [row["action"] for row in again["items"]] == ["member.profile.read"]
    other = club.client.get(
        f"/v1/audit?day=2026-11-22&cursor={cursor}", bearer=club.token_for("olga", ["privacy"])
    )
    assert (other.status, other.code) == (400, "bad_cursor")


def test_reading_the_audit_of_a_member_is_told_to_the_member(club: Club, ada: str) -> None:
    audit(club, f"?member_id={ada}")
    assert [row["what"] for row in accesses(club, ada).json()["items"]] == ["audit.read"]


def test_an_admin_finds_who_looked_but_not_what_they_wrote_of_a_member(
    club: Club, ada: str
) -> None:
    look(club, ada, why="Ms Meyer's daughter called")
    [told] = audit(club, f"?member_id={ada}&action=member.profile.read_unmasked")["items"]
    assert told["reason"] == "Ms Meyer's daughter called"
    [withheld] = audit(
        club, f"?member_id={ada}&action=member.profile.read_unmasked", group="admin"
    )["items"]
    assert (withheld["who"], withheld["reason"]) == ("staff:anna", None)


def test_once_the_key_of_a_member_is_gone_that_somebody_looked_stays_and_why_does_not(
    club: Club, ada: str
) -> None:
    look(club, ada, why="Ms Meyer called")
    key_item(ada, b"").delete()
    [record] = audit(club, f"?member_id={ada}")["items"]
    assert (record["action"], record["reason"]) == ("member.profile.read_unmasked", None)


@pytest.mark.parametrize(
    ("query", "code"),
    [("day=2026-02-30", "not_a_date"), ("day=yesterday", "wrong_format"), ("who=", "wrong_length")],
)
def test_a_search_that_means_nothing_is_refused(club: Club, query: str, code: str) -> None:
    reply = club.client.get(f"/v1/audit?{query}", bearer=club.token_for("olga", ["privacy"]))
    assert reply.status == 422
    assert reply.pointers == {f"/{query.partition('=')[0]}": code}
