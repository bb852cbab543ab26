"""A member's profile: who sees what of it, and how it changes."""

from datetime import timedelta

from tests.api.club import Club
from tests.api.conftest import Clock

ADA = {
    "name": {"given": "Ada", "family": "Lovelace"},
    "birth_date": "1990-12-10",
    "postal_address": {
        "street": "Hauptstraße 1\nHinterhaus",
        "postal_code": "10115",
        "city": "Berlin",
        "country": "de",
    },
    "locale": "de-at",
    "attributes": {"favourite_drink": "flat white", "shoe_size": 39},
}


def test_a_member_reads_its_own_profile_in_full(club: Club) -> None:
    phone = club.phone()
    member = club.member(phone=phone, external_id="crm-77x", referred_by="2900000000001", **ADA)
    reply = club.profile(member["member_id"])
    assert reply.headers["etag"] == '"2"'
    profile = reply.json()
    assert profile.pop("enrolled_at").startswith("2026-11-22T09:30")
    assert profile.pop("details_confirmed_at").startswith("2026-11-22T09:30")
    address = ADA["postal_address"]
    assert isinstance(address, dict)
    assert profile == {
        "member_id": member["member_id"],
        "card_number": member["card_number"],
        "status": "active",
        "masked": False,
        "verified": ["email"],
        "email": member["email"],
        "phone": phone,
        "name": ADA["name"],
        "birth_date": "1990-12-10",
        "postal_address": address | {"country": "DE"},
        "locale": "de-AT",
        "external_id": "crm-77x",
        "attributes": ADA["attributes"],
        "referred_by": "2900000000001",
    }


def test_support_sees_a_masked_profile(club: Club) -> None:
    phone = club.phone()
    member = club.member(phone=phone, external_id=club.address(), **ADA)
    staff = club.token_for("anna", ["support"])
    profile = club.client.get(f"/v1/members/{member['member_id']}", bearer=staff).json()
    assert profile.pop("enrolled_at") == profile.pop("details_confirmed_at")
    assert profile == {
        "member_id": member["member_id"],
        "card_number": "*" * 9 + member["card_number"][-4:],
        "status": "active",
        "masked": True,
        "verified": ["email"],
        "email": "p***@example.com",
        "phone": "*" * 12 + phone[-2:],
        "name": {"given": "Ada"},
        "year_of_birth": 1990,
        "postal_address": {"street": "", "city": "Berlin", "country": "DE"},
        "locale": "de-AT",
    }


def test_staff_who_say_why_see_it_in_clear_and_are_recorded(club: Club) -> None:
    member = club.member(**ADA)
    reply = club.client.get(
        f"/v1/members/{member['member_id']}",
        bearer=club.token_for("anna", ["support"]),
        headers={"X-Access-Reason": "asked us to correct the name"},
    )
    assert reply.json()["email"] == member["email"]
    assert reply.json()["masked"] is False
    records = club.recorded(member["member_id"])
    assert [(r.who, r.action, r.member_id, r.reason) for r in records] == [
        (
            "staff:anna",
            "member.profile.read_unmasked",
            member["member_id"],
            "asked us to correct the name",
        )
    ]


def test_a_reason_that_holds_a_card_number_is_refused_and_not_recorded(club: Club) -> None:
    member = club.member()
    reply = club.client.get(
        f"/v1/members/{member['member_id']}",
        bearer=club.token_for("anna", ["support"]),
        headers={"X-Access-Reason": "asks about 4111 1111 1111 1111"},
    )
    assert (reply.status, reply.code) == (422, "card_number_refused")
    assert club.recorded(member["member_id"]) == []


def test_privacy_staff_see_consents_and_neither_profile_nor_preferences(club: Club) -> None:
    member = club.member()
    staff = club.token_for("anna", ["privacy"])
    status = {
        path: club.client.get(
            f"/v1/members/{member['member_id']}{path}",
            bearer=staff,
            headers={"X-Access-Reason": "asked us to"},
        ).status
        for path in ("", "/preferences", "/consents", "/consents/history")
    }
    assert status == {"": 403, "/preferences": 403, "/consents": 200, "/consents/history": 200}


def test_a_till_sees_no_profile(club: Club) -> None:
    member = club.member()
    for path in ("", "/preferences", "/consents", "/consents/history"):
        reply = club.client.get(f"/v1/members/{member['member_id']}{path}", bearer=club.till)
        assert (reply.status, reply.code) == (403, "scope_missing")


def test_foreign_and_unknown_members_look_alike(club: Club) -> None:
    mine, theirs = club.member(), club.member()
    own = club.own(mine["member_id"])
    foreign = club.client.get(f"/v1/members/{theirs['member_id']}", bearer=own)
    unknown = club.client.get("/v1/members/mem_nobody", bearer=own)
    staff = club.client.get("/v1/members/mem_nobody", bearer=club.token_for("a", ["support"]))
    assert {(reply.status, reply.code) for reply in (foreign, unknown, staff)} == {
        (404, "member_not_found")
    }


def test_a_merge_patch_changes_what_it_names_and_null_removes(club: Club) -> None:
    member_id = club.member(**ADA)["member_id"]
    patch = {
        "name": {"family": None},
        "birth_date": None,
        "postal_address": {"street": "Nebenweg 2"},
        "attributes": {"shoe_size": None, "favourite_drink": "tea"},
    }
    changed = club.patch(member_id, patch, headers={"Content-Type": "application/merge-patch+json"})
    assert changed.status == 200
    assert changed.headers["etag"] == '"3"'
    profile = changed.json()
    assert profile == club.profile(member_id).json()
    assert profile["name"] == {"given": "Ada"}
    assert "birth_date" not in profile
    assert profile["postal_address"]["street"] == "Nebenweg 2"
    assert profile["postal_address"]["city"] == "Berlin"
    assert profile["attributes"] == {"favourite_drink": "tea"}
    assert profile["locale"] == "de-AT"


def test_a_patch_needs_the_version_that_it_changes(club: Club) -> None:
    member_id = club.member()["member_id"]
    own = club.own(member_id)
    body = {"locale": "fr"}
    without = club.client.patch("/v1/members/me", body, bearer=own)
    stale = club.client.patch("/v1/members/me", body, bearer=own, headers={"If-Match": '"1"'})
    assert (without.status, stale.status) == (428, 412)
    stale_and_wrong = club.client.patch(
        "/v1/members/me", {"card_number": "1"}, bearer=own, headers={"If-Match": '"1"'}
    )
    assert stale_and_wrong.status == 412


def test_a_patch_is_told_all_that_is_wrong_with_it(club: Club) -> None:
    member_id = club.member()["member_id"]
    reply = club.patch(
        member_id,
        {
            "email": None,
            "phone": "12",
            "birth_date": "1899-12-31",
            "postal_address": {"city": "Bonn"},
            "attributes": {"height": 2},
        },
    )
    assert reply.pointers == {
        "/email": "last_address",
        "/phone": "not_international",
        "/birth_date": "out_of_range",
        "/postal_address/street": "wrong_length",
        "/postal_address/country": "unknown_country",
        "/attributes/height": "unknown_attribute",
    }
    assert club.patch(member_id, {"external_id": "x"}).pointers == {"/external_id": "unknown_field"}


def test_a_new_address_waits_for_its_code_and_the_old_one_is_told(club: Club) -> None:
    member = club.member()
    member_id, old, new = member["member_id"], member["email"], club.address()
    told = len(club.letters(old))
    changed = club.patch(member_id, {"email": new})
    assert changed.json()["email"] == old
    assert changed.json()["pending"] == {"email": new}
    assert len(club.letters(old)) == told + 1
    assert club.found(email=new) is None
    assert club.verify(club.code(new), member_id=member_id).status == 200
    assert (club.found(email=new), club.found(email=old)) == (member_id, None)
    profile = club.profile(member_id).json()
    assert (profile["email"], "pending" in profile) == (new, False)
    head = club.services.ports.ledger.head(member_id)
    assert head is not None
    assert head.traits.contact_changed_at == club.services.clock()


def test_a_code_for_one_new_address_proves_nothing_of_another(club: Club) -> None:
    member_id = club.member()["member_id"]
    first, second = club.address(), club.address()
    club.patch(member_id, {"email": first})
    code = club.code(first)
    club.patch(member_id, {"email": second})
    if code != club.code(second):
        assert club.verify(code, member_id=member_id).code == "code_refused"
    assert club.verify(club.code(second), member_id=member_id).status == 200
    assert club.found(email=first) is None


def test_changing_an_address_needs_a_fresh_sign_in(club: Club, clock: Clock) -> None:
    member_id = club.member()["member_id"]
    minutes = timedelta(minutes=10, seconds=1)
    times = (clock.now - minutes, clock.now + minutes)
    for auth_time in (*(int(time.timestamp()) for time in times), None):
        old = club.own(member_id, auth_time=auth_time)
        refused = club.patch(member_id, {"phone": club.phone()}, bearer=old)
        assert (refused.status, refused.code) == (403, "step_up_required")
        assert club.patch(member_id, {"locale": "fr"}, bearer=old).status == 200


def test_whether_a_new_address_is_anothers_is_told_to_its_owner_alone(club: Club) -> None:
    mine, theirs = club.member(), club.member()
    free = club.patch(mine["member_id"], {"email": club.address()})
    taken = club.patch(mine["member_id"], {"email": theirs["email"]})
    assert (taken.status, taken.json()["pending"]) == (free.status, {"email": theirs["email"]})
    letter = club.letters(theirs["email"])[-1]
    assert "belongs to a membership already" in letter
    assert not any(part.isdigit() for part in letter.split())


def test_two_who_prove_one_address_do_not_share_it(club: Club) -> None:
    first, second, wanted = club.member(), club.member(), club.address()
    club.patch(first["member_id"], {"email": wanted})
    code_of_first = club.code(wanted)
    club.patch(second["member_id"], {"email": wanted})
    code_of_second = club.code(wanted)
    assert club.verify(code_of_first, member_id=first["member_id"]).status == 200
    lost = club.verify(code_of_second, member_id=second["member_id"])
    assert (lost.status, lost.json()["reason"]) == (409, "identifier_taken")
    assert first["member_id"].encode() not in lost.body
    assert club.found(email=wanted) == first["member_id"]
    assert club.found(email=second["email"]) == second["member_id"]


def test_an_address_can_be_given_up_while_another_is_verified(club: Club) -> None:
    phone = club.phone()
    member = club.member(phone=phone)
    member_id = member["member_id"]
    assert club.patch(member_id, {"email": None}).pointers == {"/email": "last_address"}
    asked = {"member_id": member_id, "channel": "phone"}
    club.client.post("/v1/members/verify/resend", asked)
    assert club.verify(club.code(phone), channel="phone", member_id=member_id).status == 200
    changed = club.patch(member_id, {"email": None})
    assert (changed.status, "email" in changed.json()) == (200, False)
    assert (club.found(email=member["email"]), club.found(phone=phone)) == (None, member_id)
    # Somebody else can have it now.
    assert club.enrol(email=member["email"]).status == 201


def test_a_till_finds_a_member_by_each_of_its_identifiers(club: Club) -> None:
    phone, external_id = club.phone(), f"crm-{club.address()}"
    member = club.member(phone=phone, external_id=external_id, name={"given": "Ada"})
    card = member["card_number"]
    spellings = {
        "email": member["email"].upper(),
        "phone": f"{phone[:5]} {phone[5:]}",
        "card_number": f"{card[:4]} {card[4:]}",
        "external_id": external_id,
    }
    for name, text in spellings.items():
        reply = club.client.post("/v1/members/lookup", {name: text}, bearer=club.till)
        assert reply.json() == {
            "member_id": member["member_id"],
            "given_name": "Ada",
            "card_number": "*" * 9 + card[-4:],
            "tier": None,
        }


def test_a_look_up_takes_exactly_one_identifier(club: Club) -> None:
    for body in ({}, {"email": "a@example.com", "phone": "+4915112345678"}):
        reply = club.client.post("/v1/members/lookup", body, bearer=club.till)
        assert reply.pointers == {"": "one_of"}


def test_ten_look_ups_a_second_are_enough_for_a_key(club: Club, clock: Clock) -> None:
    body = {"email": "nobody@example.com"}
    codes = [
        club.client.post("/v1/members/lookup", body, bearer=club.till).status for _ in range(11)
    ]
    assert codes == [404] * 10 + [429]
    clock.forward(seconds=1)
    assert club.client.post("/v1/members/lookup", body, bearer=club.till).status == 404
