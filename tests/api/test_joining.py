"""Becoming a member: by a till, by oneself, and proving who reads an address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from secrets import token_hex

import pytest

from tests.api.club import TERMS, Club
from tests.api.conftest import Clock


def test_a_till_enrols_a_member_who_waits_for_verification(club: Club) -> None:
    reply = club.enrol(name={"given": "Ada"})
    assert reply.status == 201
    answer = reply.json()
    assert answer["member_id"].startswith("mem_")
    assert len(answer["card_number"]) == 13
    assert answer["status"] == "pending_verification"


def test_a_known_address_is_answered_with_its_member(club: Club) -> None:
    email = club.address()
    first = club.enrol(email=email).json()
    again = club.enrol(email=email.upper())
    assert (again.status, again.code) == (409, "already_member")
    assert again.json()["member_id"] == first["member_id"]


def test_an_idempotency_key_repeats_the_first_answer(club: Club) -> None:
    email, key = club.address(), token_hex(8)
    first = club.enrol(key, email=email)
    again = club.enrol(key, email=email)
    assert (again.status, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = club.enrol(key, email=email, locale="de")
    assert (other.status, other.code) == (409, "conflicting_replay")
    assert other.json()["differing"] == ["locale"]


def test_no_attribute_takes_a_card_number_whatever_a_program_calls_it(club: Club) -> None:
    reply = club.enrol(attributes={"phone": "4242 4242 4242 4242"})
    assert (reply.status, reply.code) == (422, "card_number_refused")
    assert reply.pointers["/attributes/phone"] == "card_number_refused"


def test_every_field_that_is_wrong_is_told_at_once(club: Club) -> None:
    reply = club.enrol(
        email="nobody",
        phone="0151 12345678",
        name={"given": ""},
        birth_date="2999-01-01",
        postal_address={"street": "a\nb\nc\nd", "city": "Berlin", "country": "ZZ"},
        locale="german",
        external_id=" ",
        attributes={"height": 3},
        referred_by="a friend",
        preferences={"quiet_hours": {"from": "25:00", "until": "07:00"}, "categories": [""]},
        consents=[{"purpose": "cookies", "granted": True, "policy_version": ""}],
    )
    assert (reply.status, reply.code) == (422, "invalid_content")
    assert reply.pointers == {
        "/email": "malformed",
        "/phone": "not_international",
        "/name/given": "wrong_length",
        "/birth_date": "out_of_range",
        "/postal_address/street": "too_many_lines",
        "/postal_address/country": "unknown_country",
        "/locale": "malformed",
        "/external_id": "malformed",
        "/attributes/height": "unknown_attribute",
        "/referred_by": "malformed",
        "/preferences/quiet_hours/from": "malformed",
        "/preferences/categories/0": "wrong_length",
        "/consents/0/purpose": "unknown_purpose",
        "/consents/0/policy_version": "malformed",
        "/consents": "loyalty_terms_required",
    }


def test_an_address_is_needed_and_the_terms_must_be_granted(club: Club) -> None:
    body = {"consents": [TERMS | {"granted": False}]}
    reply = club.client.post("/v1/members", body, bearer=club.till)
    assert reply.pointers == {"/email": "missing", "/consents": "loyalty_terms_required"}


def test_false_addresses_are_refused_where_somebody_joins_and_where_somebody_moves(
    club: Club,
) -> None:
    home = {"street": "Weg 1", "city": "Berlin", "country": "DE", "postal_code": "1011"}
    wrong = {"/email": "disposable_address", "/postal_address/postal_code": "malformed"}
    reply = club.enrol(email="ada@mailinator.com", postal_address=home)
    assert (reply.status, reply.pointers) == (422, wrong)
    assert club.sign_up(email="ada@mailinator.com", postal_address=home).pointers == wrong
    member_id = club.member()["member_id"]
    moved = club.patch(member_id, {"email": "ada@mailinator.com", "postal_address": home})
    assert (moved.status, moved.pointers) == (422, wrong)


def test_somebody_who_mistyped_a_well_known_domain_is_asked_about_it(club: Club) -> None:
    [error] = club.enrol(email="ada@gmail,com").json()["errors"]
    assert error["detail"].endswith("Did you mean gmail.com?")


def test_a_state_is_kept_with_the_address(club: Club) -> None:
    home = {"street": "1 Infinite Loop", "city": "Cupertino", "country": "US"}
    member_id = club.member(postal_address=home | {"postal_code": "95014", "region": "california"})[
        "member_id"
    ]
    kept = home | {"postal_code": "95014", "region": "CA"}
    assert club.profile(member_id).json()["postal_address"] == kept
    moved = club.patch(member_id, {"postal_address": {"region": "NY"}})
    assert moved.json()["postal_address"]["region"] == "NY"


def test_a_code_makes_a_tills_member_active_once(club: Club) -> None:
    email = club.address()
    member_id = club.enrol(email=email).json()["member_id"]
    code = club.code(email)
    first = club.verify(code, member_id=member_id)
    assert (first.status, first.json()["status"]) == (200, "active")
    account = club.client.get(f"/v1/members/{member_id}/account", bearer=club.till)
    assert account.json()["status"] == "active"
    again = club.verify(code, member_id=member_id)
    assert (again.status, again.code) == (422, "code_refused")


def test_the_sixth_try_is_refused_even_with_the_right_code(club: Club) -> None:
    email = club.address()
    member_id = club.enrol(email=email).json()["member_id"]
    right = club.code(email)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        assert club.verify(wrong, member_id=member_id).code == "code_refused"
    assert club.verify(right, member_id=member_id).code == "code_refused"


def test_the_fifth_try_is_good(club: Club) -> None:
    email = club.address()
    member_id = club.enrol(email=email).json()["member_id"]
    right = club.code(email)
    for _ in range(4):
        club.verify("x", member_id=member_id)
    assert club.verify(right, member_id=member_id).status == 200


def test_a_code_is_dead_after_ten_minutes(club: Club, clock: Clock) -> None:
    email = club.address()
    member_id = club.enrol(email=email).json()["member_id"]
    clock.forward(minutes=10)
    assert club.verify(club.code(email), member_id=member_id).code == "code_refused"


def test_a_code_is_dead_after_another_was_sent(club: Club) -> None:
    email = club.address()
    member_id = club.enrol(email=email).json()["member_id"]
    first = club.code(email)
    asked = {"member_id": member_id, "channel": "email"}
    reply = club.client.post("/v1/members/verify/resend", asked)
    assert reply.status == 202
    second = club.code(email)
    if first != second:
        assert club.verify(first, member_id=member_id).code == "code_refused"
    assert club.verify(second, member_id=member_id).status == 200


def test_resending_to_nobody_is_answered_alike(club: Club) -> None:
    known = club.enrol().json()["member_id"]
    sent = len(club.mailbox.sent)
    replies = [
        club.client.post("/v1/members/verify/resend", {"channel": "email", **subject})
        for subject in ({"member_id": known}, {"member_id": "mem_x"}, {"signup_id": "sgn_x"})
    ]
    assert {(reply.status, reply.body) for reply in replies} == {(202, replies[0].body)}
    assert len(club.mailbox.sent) == sent + 1


def test_a_sign_up_needs_a_captcha_that_is_good_once(club: Club) -> None:
    body = {"email": club.address(), "consents": [TERMS]}
    assert club.client.post("/v1/members", body).pointers == {"/captcha_token": "missing"}
    refused = club.client.post("/v1/members", body | {"captcha_token": "x"})
    assert (refused.status, refused.code) == (422, "captcha_refused")
    club.captcha.good.add("once")
    once = body | {"captcha_token": "once"}
    assert club.client.post("/v1/members", once).status == 202
    assert club.client.post("/v1/members", once).code == "captcha_refused"


def test_a_sign_up_is_no_member_and_blocks_no_address_before_its_code(club: Club) -> None:
    email = club.address()
    reply = club.sign_up(email=email)
    assert (reply.status, list(reply.json())) == (202, ["signup_id"])
    unknown = club.client.post("/v1/members/lookup", {"email": email}, bearer=club.till)
    assert unknown.code == "member_not_found"
    assert club.enrol(email=email).status == 201


def test_a_sign_up_becomes_a_member_by_its_code(club: Club) -> None:
    email, phone = club.address(), club.phone()
    signup_id = club.sign_up(
        email=email, phone=phone, name={"given": "Ada"}, preferences={"channels": ["mail"]}
    ).json()["signup_id"]
    joined = club.verify(club.code(email), signup_id=signup_id)
    assert (joined.status, joined.json()["status"]) == (200, "active")
    member_id = joined.json()["member_id"]
    profile = club.profile(member_id).json()
    assert profile["verified"] == ["email"]
    assert profile["pending"] == {"phone": phone}
    assert "phone" not in profile
    own = club.own(member_id)
    kept = club.client.get("/v1/members/me/preferences", bearer=own)
    assert kept.json()["channels"] == ["mail"]
    # The phone has a code of its own, by the same sign-up.
    asked = {"signup_id": signup_id, "channel": "sms"}
    assert club.client.post("/v1/members/verify/resend", asked).status == 202
    second = club.verify(club.code(phone), channel="phone", signup_id=signup_id)
    assert (second.status, second.json()["member_id"]) == (200, member_id)
    assert club.profile(member_id).json()["phone"] == phone


def test_a_sign_up_with_a_known_address_looks_like_any_other(club: Club) -> None:
    member = club.member()
    reply = club.sign_up(email=member["email"])
    fresh = club.sign_up()
    assert (reply.status, len(reply.body)) == (202, len(fresh.body))
    assert "already" in club.letters(member["email"])[-1]
    # Its owner, who reads the letter, is led to the membership there is.
    signup_id = reply.json()["signup_id"]
    led = club.verify(club.code(member["email"]), signup_id=signup_id)
    assert led.json()["member_id"] == member["member_id"]


def test_a_sign_up_is_worth_nothing_after_seven_days(club: Club, clock: Clock) -> None:
    email = club.address()
    signup_id = club.sign_up(email=email).json()["signup_id"]
    clock.forward(days=7)
    sent = len(club.mailbox.sent)
    club.client.post("/v1/members/verify/resend", {"signup_id": signup_id, "channel": "email"})
    assert len(club.mailbox.sent) == sent
    assert club.verify(club.code(email), signup_id=signup_id).code == "code_refused"


def test_nobody_signs_up_with_an_integrations_id(club: Club) -> None:
    assert club.sign_up(external_id="crm-1").pointers == {"/external_id": "not_allowed"}


def test_the_first_token_is_linked_and_no_later_one(club: Club) -> None:
    email = club.address()
    member_id = club.enrol(email=email).json()["member_id"]
    first, second = (f"sub-{token_hex(6)}" for _ in range(2))
    token = club.token_for(first)
    assert club.client.get("/v1/members/me", bearer=token).code == "member_not_found"
    assert club.verify(club.code(email), token=token, member_id=member_id).status == 200
    linked = club.client.get("/v1/members/me", bearer=token)
    assert linked.json()["member_id"] == member_id
    other = club.token_for(second)
    asked = {"member_id": member_id, "channel": "email"}
    club.client.post("/v1/members/verify/resend", asked)
    assert club.verify(club.code(email), token=other, member_id=member_id).status == 200
    assert club.client.get("/v1/members/me", bearer=other).code == "member_not_found"


def test_a_token_that_names_a_member_links_nothing_to_another(club: Club) -> None:
    mine, email = club.member(), club.address()
    theirs = club.enrol(email=email).json()["member_id"]
    verified = club.verify(club.code(email), token=club.own(mine["member_id"]), member_id=theirs)
    assert verified.json()["member_id"] == theirs
    me = club.client.get("/v1/members/me", bearer=club.own(mine["member_id"]))
    assert me.json()["member_id"] == mine["member_id"]


def test_ten_codes_a_day_are_enough_for_a_member(club: Club, clock: Clock) -> None:
    member_id = club.enrol().json()["member_id"]
    asked = {"member_id": member_id, "channel": "email"}
    for _ in range(10):
        clock.forward(seconds=10)
        assert club.client.post("/v1/members/verify/resend", asked).status == 202
    reply = club.client.post("/v1/members/verify/resend", asked)
    assert (reply.status, reply.code) == (429, "too_many_requests")
    assert 0 < int(reply.headers["retry-after"]) <= timedelta(days=1).total_seconds()


def test_of_many_sign_ups_at_once_a_network_gets_twenty(club: Club) -> None:
    def sign_up(_: int) -> int:
        return club.sign_up().status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(sign_up, range(30)))
    assert (statuses.count(202), statuses.count(429)) == (20, 10)


def test_whoever_has_a_whole_network_of_addresses_has_one_allowance(club: Club) -> None:
    network = ":".join(token_hex(2) for _ in range(4))
    statuses = []
    for host in range(21):
        club.client.address = f"{network}::{host:x}"
        statuses.append(club.sign_up().status)
    assert statuses == [202] * 20 + [429]


@pytest.mark.parametrize("field", ["signup_id", "member_id"])
def test_an_unknown_subject_is_refused_like_a_wrong_code(club: Club, field: str) -> None:
    known = club.verify("000000", member_id=club.enrol().json()["member_id"])
    unknown = club.verify("000000", **{field: "unknown"})
    assert (unknown.status, unknown.code) == (known.status, known.code)


def test_either_a_sign_up_or_a_member_is_verified(club: Club) -> None:
    for subject in ({}, {"signup_id": "a", "member_id": "b"}):
        assert club.verify("000000", **subject).pointers == {"": "one_of"}


@pytest.mark.parametrize("named", ["member_id", "signup_id"])
def test_an_id_that_no_key_could_hold_is_refused_before_anything_is_asked(
    club: Club, named: str
) -> None:
    too_long = {named: "\U0001f950" * 600, "channel": "email"}  # 2,400 bytes; a key takes 2,048
    for path, more in (("verify", {"code": "123456"}), ("verify/resend", {})):
        reply = club.client.post(f"/v1/members/{path}", too_long | more)
        assert (reply.status, reply.pointers) == (422, {f"/{named}": "wrong_length"})


def test_rules_are_told_beside_wrong_types(club: Club) -> None:
    reply = club.client.post("/v1/members", {"email": "bad", "phone": 1, "consents": []})

    assert reply.status == 422
    assert reply.pointers == {
        "/email": "malformed",
        "/phone": "wrong_type",
        "/consents": "loyalty_terms_required",
    }
