"""Whether a member's details still hold: shown, confirmed, and what comes back, over HTTP."""

from datetime import timedelta

from chalicelib.domain.instants import printed
from chalicelib.domain.mail_events import MailEvent, MailTrouble
from chalicelib.usecases.note_mail_event import note_mail_event
from tests.api.club import Club
from tests.api.conftest import Clock

CONFIRM = "/v1/members/me/details/confirm"


def bounce(club: Club, email: str, clock: Clock) -> bool:
    """A mail that was sent now comes back."""
    event = MailEvent(MailTrouble.BOUNCED, email, clock.now)
    return note_mail_event(club.services.ports, event, clock.now)


def test_details_count_as_confirmed_by_joining_confirming_changing_and_a_code(
    club: Club, clock: Clock
) -> None:
    mia = club.member()["member_id"]
    joined = club.profile(mia).json()
    assert joined["details_confirmed_at"] == joined["enrolled_at"]
    clock.forward(days=1)
    confirmed = club.client.post(CONFIRM, bearer=club.own(mia))
    assert (confirmed.status, confirmed.json()) == (200, {"details_confirmed_at": at(clock)})
    assert club.profile(mia).json()["details_confirmed_at"] == at(clock)
    clock.forward(days=1)
    changed = club.patch(mia, {"locale": "de"})
    assert changed.json()["details_confirmed_at"] == at(clock)
    clock.forward(days=1)
    club.patch(mia, {"phone": (phone := club.phone())})
    clock.forward(minutes=5)
    proved = club.verify(club.code(phone), channel="phone", member_id=mia)
    assert proved.status == 200
    assert club.profile(mia).json()["details_confirmed_at"] == at(clock)


def at(clock: Clock) -> str:
    return printed(clock.now)


def test_to_confirm_changes_nothing_else_of_a_profile(club: Club, clock: Clock) -> None:
    mia = club.member(name={"given": "Mia"})["member_id"]
    before = club.profile(mia)
    clock.forward(days=1)
    for _ in range(2):
        assert club.client.post(CONFIRM, bearer=club.own(mia)).status == 200
    after = club.profile(mia)
    assert after.headers["etag"] == before.headers["etag"]
    assert after.json() == before.json() | {"details_confirmed_at": at(clock)}


def test_nobody_confirms_the_details_of_another_or_of_nobody(club: Club) -> None:
    mia, leo = (club.member()["member_id"] for _ in range(2))
    for foreign in (leo, "mem_00000000000000000000000000"):
        path = f"/v1/members/{foreign}/details/confirm"
        assert club.client.post(path, bearer=club.own(mia)).status == 404
    assert club.client.post(CONFIRM, bearer=club.till).status in (403, 404)


def test_an_address_that_bounces_is_shown_until_it_is_proved_again(
    club: Club, clock: Clock
) -> None:
    mia = club.member()
    clock.forward(minutes=1)
    assert "contact_bounced" not in club.profile(mia["member_id"]).json()
    assert bounce(club, mia["email"], clock)
    assert club.profile(mia["member_id"]).json()["contact_bounced"] == ["email"]
    clock.forward(minutes=1)
    again = {"channel": "email", "member_id": mia["member_id"]}
    assert club.client.post("/v1/members/verify/resend", again).status == 202
    assert club.verify(club.code(mia["email"]), member_id=mia["member_id"]).status == 200
    assert "contact_bounced" not in club.profile(mia["member_id"]).json()


def test_an_address_that_bounces_is_shown_until_another_one_is_proved(
    club: Club, clock: Clock
) -> None:
    mia = club.member()
    clock.forward(minutes=1)
    assert bounce(club, mia["email"], clock)
    moved = club.address()
    assert club.patch(mia["member_id"], {"email": moved}).status == 200
    assert club.profile(mia["member_id"]).json()["contact_bounced"] == ["email"]
    clock.forward(minutes=1)
    assert club.verify(club.code(moved), member_id=mia["member_id"]).status == 200
    assert "contact_bounced" not in club.profile(mia["member_id"]).json()
    assert not bounce(club, mia["email"], clock)  # the old one is nobody's any more


def test_who_gives_an_address_up_has_nothing_that_bounces(club: Club, clock: Clock) -> None:
    mia = club.member(phone=(phone := club.phone()))
    again = {"channel": "phone", "member_id": mia["member_id"]}
    assert club.client.post("/v1/members/verify/resend", again).status == 202
    proved = club.verify(club.code(phone), channel="phone", member_id=mia["member_id"])
    assert proved.status == 200
    clock.now += timedelta(minutes=1)
    assert bounce(club, mia["email"], clock)
    assert "contact_bounced" not in club.patch(mia["member_id"], {"email": None}).json()


def test_a_new_phone_and_one_that_is_given_up_are_told_to_the_old_one(club: Club) -> None:
    mia = club.member(phone=(old := club.phone()))
    again = {"channel": "phone", "member_id": mia["member_id"]}
    assert club.client.post("/v1/members/verify/resend", again).status == 202
    assert club.verify(club.code(old), channel="phone", member_id=mia["member_id"]).status == 200
    new = club.phone()
    assert club.patch(mia["member_id"], {"phone": new}).status == 200
    assert "phone of your membership" in club.letters(old)[-1]
    assert "about to change" in club.letters(old)[-1]
    assert club.found(phone=old) == mia["member_id"]  # until its code comes back
    assert club.verify(club.code(new), channel="phone", member_id=mia["member_id"]).status == 200
    assert (club.found(phone=old), club.found(phone=new)) == (None, mia["member_id"])
    told = len(club.letters(new))
    assert club.patch(mia["member_id"], {"phone": None}).status == 200
    assert "about to change" in club.letters(new)[told:][-1]
