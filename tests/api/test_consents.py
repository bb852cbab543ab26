"""Consents that need a second yes, the links of mails, and who may be written to by them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.domain.reach import Audience, shard_of
from chalicelib.usecases.contact import SERVICE, Address, may_write
from tests.api.client import Reply
from tests.api.club import CLUB, TERMS, Club
from tests.api.conftest import Clock

MAIL = MessageChannel.MAIL
NEWS = Purpose("news", PurposeKind.MARKETING, MAIL, double_opt_in=True, text="News & offers <3")
OFFERS = Purpose("offers", PurposeKind.MARKETING)
TASTE = Purpose("taste", PurposeKind.PROFILING)
MINE = "/v1/members/me/consents"
FOREVER = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def asking(club: Club) -> Club:
    """A club that asks for news by mail with double opt-in, for offers on any channel, and to look
    at what members like."""
    programs = club.services.ports.programs
    latest = programs.latest()
    assert latest is not None
    purposes = ("loyalty_terms", NEWS, OFFERS, TASTE)
    program = replace(CLUB, version=latest.version + 1, purposes=purposes)
    assert programs.add(program, FOREVER)
    programs.activate(program.version, FOREVER)
    return club


def says(purpose: str, *, granted: bool = True) -> dict[str, object]:
    return {"purpose": purpose, "granted": granted, "policy_version": "7"}


def put(club: Club, member_id: str, *said: dict[str, object]) -> Reply:
    return club.client.put(MINE, {"consents": list(said)}, bearer=club.own(member_id))


def standing(club: Club, member_id: str) -> dict[str, tuple[bool, bool]]:
    """By purpose: granted, confirmed."""
    answer = club.client.get(MINE, bearer=club.own(member_id)).json()["consents"]
    return {said["purpose"]: (said["granted"], said["confirmed"]) for said in answer}


def history(club: Club, member_id: str) -> list[dict[str, Any]]:
    answer = club.client.get(f"{MINE}/history", bearer=club.own(member_id))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def link(club: Club, to: str) -> str:
    """The path of the link in the newest letter to an address that has one."""
    texts = [text for text in club.letters(to) if "http" in text]
    found = re.search(r"https://api\.stampbook\.test(/v1/\S+)", texts[-1])
    assert found is not None
    return found[1]


def audience(club: Club, member_id: str, purpose: str, channel: MessageChannel = MAIL) -> bool:
    """Whether a member is in the audience of a purpose."""
    shard, after = shard_of(member_id), None
    while True:
        page = club.services.ports.audiences.page(Audience(purpose, channel), shard, after)
        if member_id in page.members:
            return True
        if page.after is None:
            return False
        after = page.after


def form(club: Club, path: str, **how: Any) -> Reply:
    """What a mail program, or the page's button, sends."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return club.client.post(path, body=b"List-Unsubscribe=One-Click", headers=kind, **how)


# --- double opt-in -------------------------------------------------------------------------------


def test_what_needs_a_second_yes_counts_from_when_its_link_came_back(
    asking: Club, clock: Clock
) -> None:
    mia = asking.member()
    member_id = mia["member_id"]
    said = put(asking, member_id, says("news"))
    assert (said.status, standing(asking, member_id)["news"]) == (200, (True, False))
    assert not audience(asking, member_id, "news")
    token = link(asking, mia["email"]).rpartition("/")[2]
    clock.forward(hours=1)
    confirmed = asking.client.post("/v1/consents/confirm", {"token": token})
    assert (confirmed.status, confirmed.json()) == (
        200,
        {"purpose": "news", "granted": True, "confirmed": True},
    )
    assert standing(asking, member_id)["news"] == (True, True)
    assert audience(asking, member_id, "news")
    again = asking.client.post("/v1/consents/confirm", {"token": token})
    assert (again.status, len(history(asking, member_id))) == (200, 3)


def test_the_record_says_how_each_statement_came_and_by_which_request(asking: Club) -> None:
    mia = asking.member()
    put(asking, mia["member_id"], says("news"))
    token = link(asking, mia["email"]).rpartition("/")[2]
    answer = asking.client.post("/v1/consents/confirm", {"token": token})
    records = history(asking, mia["member_id"])
    assert [record["evidence"]["how"] for record in records] == ["confirmation", "app", "till"]
    assert [record["source"] for record in records][:2] == ["confirmation", "member"]
    assert records[0]["evidence"]["request_id"] == answer.headers["x-request-id"]
    assert all(record["evidence"]["request_id"] for record in records)


def test_the_page_of_the_link_confirms_only_when_its_button_is_pressed(asking: Club) -> None:
    mia = asking.member()
    put(asking, mia["member_id"], says("news"))
    path = link(asking, mia["email"])
    page = asking.client.get(path, headers={"Accept-Language": "de-AT"})
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "News &amp; offers &lt;3" in page.body.decode()
    assert "Ja, ich stimme zu" in page.body.decode()
    assert standing(asking, mia["member_id"])["news"] == (True, False)
    assert form(asking, path).status == 200
    assert standing(asking, mia["member_id"])["news"] == (True, True)


def test_a_link_is_good_for_seven_days_and_a_new_one_can_be_had(asking: Club, clock: Clock) -> None:
    mia = asking.member()
    put(asking, mia["member_id"], says("news"))
    old = link(asking, mia["email"])
    clock.forward(days=7)
    late = form(asking, old)
    assert (late.status, late.code) == (404, "link_refused")
    assert asking.client.get(old).status == 404
    put(asking, mia["member_id"], says("news"))
    assert len(history(asking, mia["member_id"])) == 2  # to say the same again adds nothing
    assert form(asking, link(asking, mia["email"])).status == 200


def test_a_link_confirms_nothing_that_was_withdrawn_or_said_anew_since(
    asking: Club, clock: Clock
) -> None:
    mia = asking.member()
    put(asking, mia["member_id"], says("news"))
    first = link(asking, mia["email"])
    put(asking, mia["member_id"], says("news", granted=False))
    assert form(asking, first).code == "link_refused"
    clock.forward(hours=1)
    put(asking, mia["member_id"], says("news"))
    assert form(asking, first).code == "link_refused"
    assert standing(asking, mia["member_id"])["news"] == (True, False)
    assert form(asking, link(asking, mia["email"])).status == 200


def test_a_link_that_went_to_a_former_address_confirms_nothing(asking: Club) -> None:
    mia = asking.member()
    put(asking, mia["member_id"], says("news"))
    former, new = link(asking, mia["email"]), asking.address()
    assert asking.patch(mia["member_id"], {"email": new}).status == 200
    assert asking.verify(asking.code(new), member_id=mia["member_id"]).status == 200
    assert form(asking, former).code == "link_refused"
    put(asking, mia["member_id"], says("news"))
    assert form(asking, link(asking, new)).status == 200


def test_a_token_that_is_not_ours_or_for_something_else_is_refused(asking: Club) -> None:
    mia = asking.member()
    put(asking, mia["member_id"], says("news"))
    token = link(asking, mia["email"]).rpartition("/")[2]
    other = ("x" if token[0] != "x" else "y") + token[1:]
    for wrong in (other, token[:-1], token + "A", "a", "ä", "=", "~"):
        answer = asking.client.post("/v1/consents/confirm", {"token": wrong})
        assert (answer.status, answer.code) == (404, "link_refused"), wrong
    assert asking.client.get(f"/v1/unsubscribe/{token}").status == 404
    assert form(asking, f"/v1/unsubscribe/{token}").status == 404


def test_letters_to_confirm_are_counted_like_codes(asking: Club) -> None:
    mia = asking.member()
    answers = [put(asking, mia["member_id"], says("news")) for _ in range(11)]
    assert [answer.status for answer in answers][-1] == 429
    assert put(asking, mia["member_id"], says("news", granted=False)).status == 200


def test_a_sign_ups_one_letter_asks_both_and_its_code_confirms_both(asking: Club) -> None:
    email = asking.address()
    signed = asking.sign_up(email=email, consents=[TERMS, says("news")])
    assert signed.status == 202
    (letter,) = asking.letters(email)
    assert "By using this code you also confirm that you agree to: News & offers <3" in letter
    joined = asking.verify(asking.code(email), signup_id=signed.json()["signup_id"])
    member_id = joined.json()["member_id"]
    assert standing(asking, member_id)["news"] == (True, True)
    assert audience(asking, member_id, "news")
    how = [(said["confirmed"], said["evidence"]["how"]) for said in history(asking, member_id)]
    assert how == [(True, "confirmation"), (False, "sign_up"), (True, "sign_up")]


def test_a_code_confirms_no_more_than_its_letter_said(asking: Club) -> None:
    email, phone = asking.address(), asking.phone()
    enrolled = asking.enrol(email=email, phone=phone, consents=[TERMS])
    member_id = enrolled.json()["member_id"]
    put(asking, member_id, says("news"))
    code = next(t for t in asking.letters(email) if "code" in t and "http" not in t)
    found = re.search(r"\b\d{6}\b", code)
    assert found is not None
    assert asking.verify(found[0], member_id=member_id).status == 200
    assert standing(asking, member_id)["news"] == (True, False)


def test_what_a_till_says_is_confirmed_by_the_code_of_its_channel_alone(asking: Club) -> None:
    email, phone = asking.address(), asking.phone()
    enrolled = asking.enrol(email=email, phone=phone, consents=[TERMS, says("news")])
    member_id = enrolled.json()["member_id"]
    resend = {"member_id": member_id, "channel": "phone"}
    assert asking.client.post("/v1/members/verify/resend", resend).status == 202
    assert "confirm that you agree" not in asking.letters(phone)[-1]
    asking.verify(asking.code(phone), member_id=member_id, channel="phone")
    assert standing(asking, member_id)["news"] == (True, False)
    asking.verify(asking.code(email), member_id=member_id)
    assert standing(asking, member_id)["news"] == (True, True)


# --- the way out ---------------------------------------------------------------------------------


def way_out(club: Club, member_id: str, purpose: str, clock: Clock) -> str:
    """The path of the link that ends letters for a purpose."""
    address = may_write(club.services.ports, member_id, purpose, MAIL, clock())
    assert isinstance(address, Address)
    return address.way_out.removeprefix("https://api.stampbook.test")


def test_one_click_ends_letters_for_a_purpose_without_any_other_proof(
    asking: Club, clock: Clock
) -> None:
    mia = asking.member(consents=[TERMS, says("offers")])
    member_id = mia["member_id"]
    path = way_out(asking, member_id, "offers", clock)
    assert asking.client.get(path).status == 200
    assert standing(asking, member_id)["offers"] == (True, True)
    assert audience(asking, member_id, "offers")
    assert form(asking, path).status == 200
    assert standing(asking, member_id)["offers"] == (False, True)
    assert not audience(asking, member_id, "offers")
    assert not isinstance(
        may_write(asking.services.ports, member_id, "offers", MAIL, clock()), Address
    )
    newest = history(asking, member_id)[0]
    assert (newest["source"], newest["evidence"]["how"]) == ("unsubscribe_link",) * 2
    again = form(asking, path)
    assert (again.status, len(history(asking, member_id))) == (200, 3)


def test_the_way_out_of_service_letters_takes_the_channel_out_of_the_preferences(
    asking: Club, clock: Clock
) -> None:
    mia = asking.member(consents=[TERMS, says("offers")], preferences={"channels": ["mail", "sms"]})
    member_id = mia["member_id"]
    path = way_out(asking, member_id, SERVICE, clock)
    page = asking.client.get(path).body.decode()
    assert "mails about your points" in page
    assert form(asking, path).status == 200
    kept = asking.client.get("/v1/members/me/preferences", bearer=asking.own(member_id))
    assert kept.json()["channels"] == ["sms"]
    assert standing(asking, member_id)["loyalty_terms"] == (True, True)
    assert not audience(asking, member_id, "offers")  # no mail is no mail
    assert form(asking, path).status == 200


def test_who_never_chose_channels_keeps_the_others(asking: Club, clock: Clock) -> None:
    member_id = asking.member()["member_id"]
    assert form(asking, way_out(asking, member_id, SERVICE, clock)).status == 200
    kept = asking.client.get("/v1/members/me/preferences", bearer=asking.own(member_id))
    assert kept.json()["channels"] == ["sms", "push"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
            b"--x--\r\n",
        ),
        ("text/plain", b""),
    ],
)
def test_every_shape_in_which_mail_programs_ask_is_taken(
    asking: Club, clock: Clock, kind: str, body: bytes
) -> None:
    member_id = asking.member(consents=[TERMS, says("offers")])["member_id"]
    path = way_out(asking, member_id, "offers", clock)
    answer = asking.client.post(path, body=body, headers={"Content-Type": kind})
    assert (answer.status, standing(asking, member_id)["offers"][0]) == (200, False)


def test_a_page_names_nobody_may_load_nothing_and_is_kept_nowhere(
    asking: Club, clock: Clock
) -> None:
    mia = asking.member(consents=[TERMS, says("offers")])
    page = asking.client.get(way_out(asking, mia["member_id"], "offers", clock))
    assert mia["email"] not in page.body.decode()
    assert mia["member_id"] not in page.body.decode()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )


# --- reach ---------------------------------------------------------------------------------------


def test_a_marketer_sees_how_many_may_be_written_to_and_no_names(asking: Club) -> None:
    marketer = asking.token_for("mara", ["marketer"])

    def counted() -> dict[tuple[str, str], int]:
        answer = asking.client.get("/v1/analytics/reach", bearer=marketer)
        assert answer.status == 200, answer.body
        return {(row["purpose"], row["channel"]): row["members"] for row in answer.json()["reach"]}

    before = counted()
    assert set(before) == {
        *(("news", "mail"), ("offers", "mail"), ("offers", "sms"), ("offers", "push")),
    }
    members = [asking.member(consents=[TERMS, says("offers")])["member_id"] for _ in range(3)]
    put(asking, members[0], says("offers", granted=False))
    after = counted()
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        ("offers", "mail"): 2
    }
    support = asking.token_for("ben", ["support"])
    assert asking.client.get("/v1/analytics/reach", bearer=support).status == 403


# --- profiling -----------------------------------------------------------------------------------


def test_what_a_member_likes_lies_beside_its_account_only_while_it_may_be_used(
    asking: Club,
) -> None:
    likes = {"channels": ["mail"], "categories": ["tea"]}
    member_id = asking.member(birth_date="1990-12-10", preferences=likes)["member_id"]

    def traits() -> tuple[bool, tuple[str, ...], int | None]:
        head = asking.services.ports.ledger.head(member_id)
        assert head is not None
        return head.traits.profiling, head.traits.interests, head.traits.birth_month

    assert traits() == (False, (), None)
    put(asking, member_id, says("taste"))
    assert traits() == (True, ("tea",), 12)
    own = asking.own(member_id)
    wishes = {"channels": ["mail"], "categories": ["tea", uuid4().hex[:8]]}
    asking.client.put("/v1/members/me/preferences", wishes, bearer=own, headers={"If-Match": '"1"'})
    assert traits() == (True, tuple(wishes["categories"]), 12)
    put(asking, member_id, says("taste", granted=False))
    assert traits() == (False, (), None)
    asking.patch(member_id, {"birth_date": "1991-11-10"})
    assert traits() == (False, (), None)
