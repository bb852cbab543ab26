"""What members want to hear (preferences) and agree to (consents)."""

from chalicelib.domain.instants import local_date
from tests.api.club import TERMS, Club
from tests.api.conftest import Clock

WISHES = {
    "channels": ["mail", "push"],
    "categories": ["coffee-beans", "Tea & more"],
    "language": "de",
    "max_messages_per_week": 2,
    "quiet_hours": {"from": "21:00", "until": "08:30"},
}


def test_preferences_are_set_as_a_whole_by_who_has_read_them(club: Club) -> None:
    own = club.own(club.member()["member_id"])
    path = "/v1/members/me/preferences"
    first = club.client.get(path, bearer=own)
    assert (first.status, first.headers["etag"]) == (200, '"0"')
    assert first.json() == {
        "channels": [],
        "categories": [],
        "language": None,
        "max_messages_per_week": None,
        "quiet_hours": None,
    }
    assert club.client.put(path, WISHES, bearer=own).status == 428
    put = club.client.put(path, WISHES, bearer=own, headers={"If-Match": '"0"'})
    assert (put.status, put.headers["etag"], put.json()) == (200, '"1"', WISHES)
    assert club.client.get(path, bearer=own).json() == WISHES
    stale = club.client.put(path, {}, bearer=own, headers={"If-Match": '"0"'})
    assert (stale.status, stale.code) == (412, "version_stale")
    emptied = club.client.put(path, {}, bearer=own, headers={"If-Match": '"1"'})
    assert (emptied.headers["etag"], emptied.json()) == ('"2"', first.json())


def test_interests_are_kept_beside_the_account_for_offers(club: Club) -> None:
    address = {"street": "a 1", "city": "Graz", "country": "AT", "postal_code": "8010"}
    said = [TERMS, {"purpose": "profiling", "granted": True, "policy_version": "1"}]
    member_id = club.member(
        birth_date="1990-12-10",
        postal_address=address,
        preferences=WISHES,
        consents=said,
        locale="fr-FR",
        attributes={"favourite_drink": "tea", "shoe_size": 39},
    )["member_id"]
    head = club.services.ports.ledger.head(member_id)
    assert head is not None
    traits = head.traits
    assert (traits.country, traits.birth_month) == ("AT", 12)
    assert traits.interests == ("coffee-beans", "Tea & more")
    assert traits.purposes == ("loyalty_terms", "profiling")
    assert traits.language == "de"
    assert traits.joined_on == local_date(club.services.clock(), "Europe/Berlin")
    assert traits.attributes == (("favourite_drink", "tea"), ("shoe_size", "39"))
    club.patch(member_id, {"attributes": {"favourite_drink": "x" * 61}})
    own = club.own(member_id)
    put = club.client.put("/v1/members/me/preferences", {}, bearer=own, headers={"If-Match": '"1"'})
    assert put.status == 200
    head = club.services.ports.ledger.head(member_id)
    assert head is not None
    assert (head.traits.language, head.traits.interests) == ("fr", ())
    # What is too long to be kept whole is not kept in part.
    assert head.traits.attributes == (("shoe_size", "39"),)


def test_everything_wrong_with_preferences_is_told_at_once(club: Club) -> None:
    own = club.own(club.member()["member_id"])
    reply = club.client.put(
        "/v1/members/me/preferences",
        {
            "categories": ["x" * 41, "ok"],
            "language": "English",
            "max_messages_per_week": 51,
            "quiet_hours": {"from": "9:00", "until": "24:00"},
        },
        bearer=own,
        headers={"If-Match": '"0"'},
    )
    assert reply.pointers == {
        "/categories/0": "wrong_length",
        "/language": "malformed",
        "/max_messages_per_week": "out_of_range",
        "/quiet_hours/from": "malformed",
        "/quiet_hours/until": "malformed",
    }


def _mail(*, granted: bool, version: str = "1") -> dict[str, object]:
    return {"purpose": "marketing_mail", "granted": granted, "policy_version": version}


def test_consents_change_where_they_are_named_and_keep_their_history(
    club: Club, clock: Clock
) -> None:
    own = club.own(club.member(consents=[TERMS, _mail(granted=True)])["member_id"])
    path = "/v1/members/me/consents"
    first = club.client.get(path, bearer=own).json()["consents"]
    assert [(said["purpose"], said["granted"]) for said in first] == [
        ("loyalty_terms", True),
        ("marketing_mail", True),
    ]
    assert first[0]["at"] == "2026-11-22T09:30:00.000Z"
    assert first[0]["source"].startswith("till-")
    clock.forward(hours=1)
    change = {"consents": [_mail(granted=False)]}
    changed = club.client.put(path, change, bearer=own)
    assert changed.status == 200
    assert changed.json()["consents"][0] == first[0]
    assert changed.json()["consents"][1] == {
        "purpose": "marketing_mail",
        "granted": False,
        "policy_version": "1",
        "at": "2026-11-22T10:30:00.000Z",
        "source": "member",
        "confirmed": True,
    }
    # To say the same again adds nothing.
    assert club.client.put(path, change, bearer=own).json() == changed.json()
    history = club.client.get(f"{path}/history", bearer=own).json()
    assert [(said["purpose"], said["granted"]) for said in history["items"]] == [
        ("marketing_mail", False),
        ("marketing_mail", True),
        ("loyalty_terms", True),
    ]
    assert history["next_cursor"] is None


def test_the_history_is_read_in_pages_by_its_owner_alone(club: Club) -> None:
    members = [club.member() for _ in range(2)]
    own, other = (club.own(member["member_id"]) for member in members)
    path = "/v1/members/me/consents"
    for number in range(4):
        said = {"consents": [_mail(granted=number % 2 == 0, version=str(number))]}
        club.client.put(path, said, bearer=own)
    seen, cursor = [], ""
    for _ in range(3):
        page = club.client.get(f"{path}/history?limit=2{cursor}", bearer=own).json()
        seen += [said["policy_version"] for said in page["items"]]
        last, cursor = cursor, f"&cursor={page['next_cursor']}"
    assert seen == ["3", "2", "1", "0", "2026-01"]
    assert page["next_cursor"] is None
    assert club.client.get(f"{path}/history?limit=2{last}", bearer=other).code == "bad_cursor"


def test_the_terms_end_only_with_the_membership(club: Club) -> None:
    own = club.own(club.member()["member_id"])
    said = {"consents": [_mail(granted=True), TERMS | {"granted": False}]}
    reply = club.client.put("/v1/members/me/consents", said, bearer=own)
    assert (reply.status, reply.code) == (409, "use_erasure")
    standing = club.client.get("/v1/members/me/consents", bearer=own).json()["consents"]
    assert [said["purpose"] for said in standing] == ["loyalty_terms"]


def test_an_unknown_purpose_is_refused(club: Club) -> None:
    own = club.own(club.member()["member_id"])
    said = {"consents": [_mail(granted=True), _mail(granted=False), TERMS | {"purpose": "x"}]}
    reply = club.client.put("/v1/members/me/consents", said, bearer=own)
    assert reply.pointers == {
        "/consents/1/purpose": "duplicate",
        "/consents/2/purpose": "unknown_purpose",
    }


def test_staff_read_consents_and_change_none(club: Club) -> None:
    member_id = club.member()["member_id"]
    staff = club.token_for("anna", ["privacy"])
    path = f"/v1/members/{member_id}/consents"
    assert club.client.get(path, bearer=staff).status == 200
    assert club.client.get(f"{path}/history", bearer=staff).status == 200
    assert club.client.put(path, {"consents": []}, bearer=staff).status == 403
    assert club.client.get("/v1/members/mem_x/consents", bearer=staff).status == 404
    support = club.token_for("ben", ["support"])
    assert club.client.get("/v1/members/mem_x/preferences", bearer=support).status == 404
