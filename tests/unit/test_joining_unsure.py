"""Joining when stores do not answer, and what a person is told meanwhile."""

import traceback
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.allowances import SIGN_UP_CODES, SIGN_UPS, VERIFICATIONS
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.profile_patch import ProfilePatch
from chalicelib.domain.refusals import (
    AlreadyMember,
    CodeRefused,
    Conflict,
    ConflictingReplay,
    Refusal,
    TryAgain,
)
from chalicelib.usecases.change_member import change_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.resend_code import resend_code
from chalicelib.usecases.set_consents import set_consents
from tests.people_world import ADDRESS, NOW, TERMS, TILL, Unlimited, fake_people_world, token


def test_an_enrolment_whose_reply_was_lost_is_no_conflict_with_itself() -> None:
    world, people = fake_people_world()
    people.lose_replies = 1
    outcome = world.enrol("ada")
    assert not outcome.replayed
    assert people.find(Identifier(Kind.EMAIL, world.email("ada"))) == outcome.answer.member_id
    assert len(world.mailbox.sent) == 1


def test_an_enrolment_that_does_not_get_through_changes_nothing() -> None:
    world, people = fake_people_world()
    people.refuse_writes = 10**6
    with pytest.raises(TryAgain):
        world.enrol("ada")
    assert people.find(Identifier(Kind.EMAIL, world.email("ada"))) is None
    assert world.mailbox.sent == []


def test_the_same_key_gives_the_first_answer_and_the_same_member() -> None:
    world, people = fake_people_world()
    first = world.enrol("ada", key="k")
    again = world.enrol("ada", key="k", now=NOW + timedelta(days=1))
    assert (again.answer, again.replayed) == (first.answer, True)
    with pytest.raises(ConflictingReplay) as refused:
        world.enrol("ada", key="k", locale="de", phone="+4915112345678")
    assert refused.value.differing == ["locale", "phone"]
    other = replace(TILL, source="till-bonn")
    assert other.source != TILL.source
    assert people.member(first.answer.member_id) is not None


def test_the_first_answer_is_repeated_even_after_the_member_became_active() -> None:
    world, _ = fake_people_world()
    first = world.enrol("ada", key="k").answer
    world.verify(SubjectRef(member_id=first.member_id), world.code(world.email("ada")))
    assert world.enrol("ada", key="k").answer == first


def test_a_refusal_does_not_use_up_a_key() -> None:
    world, _ = fake_people_world()
    world.enrol("ada")
    with pytest.raises(AlreadyMember):
        world.enrol("ada", key="k", locale="de")
    assert not world.enrol("ben", key="k").replayed


def test_a_member_can_be_enrolled_in_the_past() -> None:
    world, people = fake_people_world()
    year_ago = NOW - timedelta(days=365)
    member_id = world.enrol("ada", now=year_ago).answer.member_id
    head = world.ports.ledger.head(member_id)
    member = people.member(member_id)
    assert head is not None
    assert member is not None
    assert head.entry.at == member.enrolled_at == year_ago


@pytest.mark.parametrize("linked", [True, False])
def test_a_verification_whose_reply_was_lost_is_no_refusal(linked: bool) -> None:
    world, people = fake_people_world()
    ref = world.sign_up("ada")
    people.lose_replies = 1
    caller = token("sub-1") if linked else token("sub-1", member_id="mem_other")
    joined = world.verify(ref, world.code(world.email("ada")), caller)
    assert joined.status is AccountStatus.ACTIVE
    found = people.find(Identifier(Kind.SUBJECT, "sub-1"))
    assert found == (joined.member_id if linked else None)


def test_a_tills_member_is_active_in_profile_and_account() -> None:
    world, people = fake_people_world()
    people.lose_replies = 0
    member_id = world.member("ada")
    head = world.ports.ledger.head(member_id)
    member = people.member(member_id)
    assert head is not None
    assert member is not None
    assert head.entry.account().status == member.status == AccountStatus.ACTIVE
    assert [head.entry.seq, head.entry.kind] == [2, "status"]


def test_a_verification_that_stops_half_way_can_be_repeated() -> None:
    world, people = fake_people_world()
    ref = SubjectRef(member_id=world.enrol("ada").answer.member_id)
    code = world.code(world.email("ada"))
    people.refuse_writes = 10**6
    with pytest.raises(TryAgain):
        world.verify(ref, code)
    people.refuse_writes = 0
    assert world.verify(ref, code).status is AccountStatus.ACTIVE


def test_of_two_sign_ups_of_one_address_the_second_leads_to_the_first_ones_member() -> None:
    world, people = fake_people_world()
    first, second = world.sign_up("ada"), world.sign_up("ada", locale="de")
    # Each letter has the code of its own sign-up: the first was sent before the second.
    codes = [message.text for message in world.mailbox.sent]
    assert len(codes) == 2
    joined = world.verify(second, world.code(world.email("ada")))
    resend_code(world.ports, first, Channel.EMAIL, ADDRESS, NOW)
    led = world.verify(first, world.code(world.email("ada")))
    assert led.member_id == joined.member_id
    member = people.member(joined.member_id)
    assert member is not None
    assert member.person.locale == "de"


def test_a_sign_up_makes_the_same_calls_for_known_and_unknown_addresses() -> None:
    world, _ = fake_people_world()
    world.enrol("known")
    sent = []
    taken = []
    for label in ("known", "unknown"):
        before = len(world.mailbox.sent)
        allowances = world.ports.allowances
        assert isinstance(allowances, Unlimited)
        allowances.taken.clear()
        world.sign_up(label)
        sent.append([(m.channel, len(m.to) > 0) for m in world.mailbox.sent[before:]])
        taken.append([kind for kind, _ in allowances.taken])
    assert sent[0] == sent[1] == [("mail", True)]
    assert taken[0] == taken[1] == [SIGN_UPS.kind, SIGN_UP_CODES.kind]


def test_a_try_is_counted_against_the_network_address_and_the_code() -> None:
    world, _ = fake_people_world()
    ref = SubjectRef(member_id=world.enrol("ada").answer.member_id)
    allowances = world.ports.allowances
    assert isinstance(allowances, Unlimited)
    allowances.taken.clear()
    with pytest.raises(CodeRefused):
        world.verify(ref, "not a code")
    assert allowances.taken == [(VERIFICATIONS.kind, ADDRESS)]


def test_a_phone_alone_is_enough_and_gets_a_text_message() -> None:
    world, _ = fake_people_world()
    joined = world.enrol("x", email=None, phone="+49 151 12345678").answer
    assert [(m.channel, m.to) for m in world.mailbox.sent] == [("sms", "+4915112345678")]
    ref = SubjectRef(member_id=joined.member_id)
    verified = world.verify(ref, world.code("+4915112345678"), channel=Channel.PHONE)
    assert verified.status is AccountStatus.ACTIVE


def test_a_change_whose_reply_was_lost_is_not_stale_to_itself() -> None:
    world, people = fake_people_world()
    member_id = world.member("ada")
    people.lose_replies = 1
    patch = ProfilePatch(locale="de")
    changed = change_member(world.ports, token("s", member_id), member_id, patch, "2", NOW)
    assert people.member(member_id) == changed
    people.lose_replies = 1
    after = set_consents(world.ports, member_id, [replace(TERMS, policy_version="2")], NOW)
    assert [consent.policy_version for consent in after] == ["2"]
    assert len(people.consents(member_id, None, 10)) == 2


@pytest.mark.parametrize(
    "person", [{"email": "canary@"}, {"phone": "+canary"}, {"birth_date": "canary"}, {}]
)
def test_no_refusal_repeats_what_a_person_said(person: dict[str, Any]) -> None:
    world, _ = fake_people_world("canary")
    world.enrol("ada")
    with pytest.raises(Refusal) as refused:
        world.enrol("ada", **person)
    told = "".join(traceback.format_exception(refused.value, limit=0))
    assert "canary" not in told


def test_an_address_that_is_anothers_makes_nobody_active() -> None:
    world, _ = fake_people_world()
    world.member("ada")
    ben = world.enrol("ben", email=None, phone="+49 151 12345678").answer.member_id
    patch, tag = ProfilePatch(email=world.email("ada")), "1"
    change_member(world.ports, token("ben", ben), ben, patch, tag, NOW)
    ref = SubjectRef(member_id=ben)
    resend_code(world.ports, ref, Channel.EMAIL, ADDRESS, NOW)

    with pytest.raises(Conflict):
        world.verify(ref, world.code(world.email("ada")))

    head, member = world.ports.ledger.head(ben), world.ports.people.member(ben)
    assert head is not None
    assert member is not None
    assert head.entry.account().status is member.status is AccountStatus.PENDING_VERIFICATION
