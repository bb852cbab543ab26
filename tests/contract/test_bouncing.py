"""Nobody writes where mails come back from: the audiences obey in the same transaction."""

from datetime import timedelta

import pytest

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.mail_events import MailEvent, MailTrouble
from chalicelib.domain.reach import Audience
from chalicelib.settings import Settings
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.note_mail_event import note_mail_event
from chalicelib.usecases.resend_code import resend_code
from tests.ledger_world import new_name
from tests.people_world import ADDRESS, NOW, PeopleWorld, dynamo_people_world, fake_people_world
from tests.reachable import EVERY, MAIL, SMS, Reachable, reachable

MINUTE = timedelta(minutes=1)
BY_MAIL = {audience for audience in EVERY if audience.channel is MAIL}
BY_TEXT = {audience for audience in EVERY if audience.channel is SMS}


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> PeopleWorld:
    if request.param == "memory":
        return fake_people_world()[0]
    assert isinstance(request.getfixturevalue("bound"), Settings)
    return dynamo_people_world(new_name("bounce"))


@pytest.fixture
def ada(world: PeopleWorld) -> Reachable:
    """A member in every audience there is."""
    found = reachable(world)
    for name in ("grant news", "confirm", "grant offers", "prove a phone"):
        found.acts()[name]()
    assert found.audiences == set(EVERY)
    return found


def told(ada: Reachable, trouble: MailTrouble) -> bool:
    """SES tells of a mail that was sent a minute after joining."""
    member = ada.world.ports.people.member(ada.member_id)
    assert member is not None
    event = MailEvent(trouble, member.person.email or "", NOW + MINUTE)
    return note_mail_event(ada.world.ports, event, NOW + MINUTE)


def test_a_bounce_takes_a_member_out_of_all_mail_and_of_nothing_else(ada: Reachable) -> None:
    assert told(ada, MailTrouble.BOUNCED)
    assert ada.audiences == BY_TEXT
    assert not told(ada, MailTrouble.BOUNCED)


def test_no_consent_and_no_wish_brings_back_who_bounces(ada: Reachable) -> None:
    told(ada, MailTrouble.BOUNCED)
    ada.says("offers", granted=False)
    ada.says("offers", granted=True)
    ada.wants(MAIL, SMS)
    assert ada.audiences == BY_TEXT


def test_a_code_brings_it_back_where_it_was(ada: Reachable) -> None:
    told(ada, MailTrouble.BOUNCED)
    ref, now = SubjectRef(member_id=ada.member_id), NOW + 2 * MINUTE
    resend_code(ada.world.ports, ref, Channel.EMAIL, ADDRESS, now)
    member = ada.world.ports.people.member(ada.member_id)
    assert member is not None
    code = ada.world.code(member.person.email or "")
    ada.world.verify(ref, code, after=2 * MINUTE)
    assert ada.audiences == set(EVERY)
    assert ada.world.ports.roll.fresh(ada.member_id).bouncing == frozenset()


def test_a_complaint_takes_it_out_of_all_that_is_mailed(ada: Reachable) -> None:
    assert told(ada, MailTrouble.COMPLAINED)
    assert ada.audiences & BY_MAIL == set[Audience]()
