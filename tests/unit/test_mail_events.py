"""What SES tells of mails: read from its own words, and kept of members alone."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.consents import Statement
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import parsed
from chalicelib.domain.mail_events import MailEvent, MailTrouble
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.providers.mail_events import mail_events
from chalicelib.usecases.contact import SERVICE, Address, Withheld, may_write
from chalicelib.usecases.note_mail_event import note_mail_event
from chalicelib.usecases.set_consents import set_consents
from tests.fakes.programs import FakePrograms
from tests.people_world import CLUB, NOW, PeopleWorld, fake_people_world

EVENTS = Path(__file__).parents[2] / "events"
BOUNCED: dict[str, Any] = json.loads((EVENTS / "ses_bounced.json").read_text())
COMPLAINED: dict[str, Any] = json.loads((EVENTS / "ses_complained.json").read_text())
SENT = parsed("2026-11-22T09:30:00.000Z")
MINUTE = timedelta(minutes=1)
OFFERS = Purpose("offers", PurposeKind.MARKETING, MessageChannel.MAIL)
TEXTS = Purpose("texts", PurposeKind.MARKETING, MessageChannel.SMS)


def changed(event: dict[str, Any], **bounce: object) -> str:
    """A bounce that differs."""
    other = deepcopy(event)
    other["detail"]["bounce"].update(bounce)
    return json.dumps(other)


def test_a_mail_that_came_back_for_good_is_told_with_when_it_was_sent() -> None:
    expected = MailEvent(MailTrouble.BOUNCED, "mia@example.com", SENT)
    assert mail_events(json.dumps(BOUNCED)) == (expected,)


def test_each_address_of_a_bounce_is_told_without_its_name() -> None:
    recipients = [{"emailAddress": "Mia <mia@example.com>"}, {"emailAddress": "leo@example.com"}]
    found = mail_events(changed(BOUNCED, bouncedRecipients=recipients))
    assert [event.address for event in found] == ["mia@example.com", "leo@example.com"]


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_a_mailbox_that_may_work_tomorrow_is_not_told_of(kind: str) -> None:
    assert mail_events(changed(BOUNCED, bounceType=kind)) == ()


def test_a_complaint_is_told_and_a_delivery_is_not() -> None:
    assert mail_events(json.dumps(COMPLAINED)) == (
        MailEvent(MailTrouble.COMPLAINED, "mia@example.com", SENT),
    )
    delivered = {"detail": {"eventType": "Delivery", "mail": {"timestamp": "2026-11-22T09:30:00Z"}}}
    assert mail_events(json.dumps(delivered)) == ()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"detail": 1}', '{"detail": {"mail": {"timestamp": "mia@example.com"}}}'],
)
def test_what_ses_never_wrote_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an event of SES$") as refused:
        mail_events(text)
    assert refused.value.__context__ is None


# --- what is kept of it --------------------------------------------------------------------------


@pytest.fixture
def world() -> PeopleWorld:
    found, _ = fake_people_world()
    program = replace(CLUB, purposes=("loyalty_terms", OFFERS, TEXTS))
    found.ports = replace(found.ports, programs=FakePrograms(program))
    return found


def note(world: PeopleWorld, trouble: MailTrouble, label: str, after: timedelta = MINUTE) -> bool:
    """An event of a mail that was sent so long after joining."""
    event = MailEvent(trouble, world.email(label), NOW + after)
    return note_mail_event(world.ports, event, NOW + after)


def door(world: PeopleWorld, member_id: str) -> Address | Withheld:
    return may_write(world.ports, member_id, SERVICE, MessageChannel.MAIL, NOW)


def test_nobody_writes_where_mails_come_back_from(world: PeopleWorld) -> None:
    mia = world.member("mia")
    assert isinstance(door(world, mia), Address)
    assert note(world, MailTrouble.BOUNCED, "mia")
    assert door(world, mia) is Withheld.FOR_GOOD
    assert world.ports.roll.fresh(mia).bouncing == {Channel.EMAIL}


def test_a_bounce_that_is_told_again_or_before_an_older_one_changes_nothing(
    world: PeopleWorld,
) -> None:
    mia = world.member("mia")
    assert note(world, MailTrouble.BOUNCED, "mia", 5 * MINUTE)
    kept = world.ports.roll.fresh(mia)
    assert not note(world, MailTrouble.BOUNCED, "mia", 5 * MINUTE)
    assert not note(world, MailTrouble.BOUNCED, "mia", 3 * MINUTE)
    assert world.ports.roll.fresh(mia) == kept


def test_a_bounce_of_a_mail_from_before_the_address_was_proved_closes_nothing(
    world: PeopleWorld,
) -> None:
    mia = world.member("mia")
    assert not note(world, MailTrouble.BOUNCED, "mia", -MINUTE)
    assert isinstance(door(world, mia), Address)


def test_of_strangers_and_of_what_is_no_address_nothing_is_kept(world: PeopleWorld) -> None:
    assert not note(world, MailTrouble.BOUNCED, "nobody")
    event = MailEvent(MailTrouble.COMPLAINED, "no address", NOW)
    assert not note_mail_event(world.ports, event, NOW)


def test_a_complaint_withdraws_what_lets_advertisements_be_mailed_and_nothing_else(
    world: PeopleWorld,
) -> None:
    mia = world.member("mia")
    said = [Statement(name, granted=True, policy_version="1") for name in ("offers", "texts")]
    set_consents(world.ports, mia, said, NOW)
    assert note(world, MailTrouble.COMPLAINED, "mia")
    last = world.ports.people.last_consent(mia)
    assert last is not None
    assert {name: said.granted for name, said in last.standing.items()} == {
        "loyalty_terms": True,
        "offers": False,
        "texts": True,
    }
    assert (last.said.source, last.said.evidence and last.said.evidence.how) == (
        "complaint",
        "complaint",
    )
    assert isinstance(door(world, mia), Address)
    assert not note(world, MailTrouble.COMPLAINED, "mia")


@pytest.mark.parametrize("trouble", list(MailTrouble))
def test_what_is_kept_is_kept_though_replies_are_lost(trouble: MailTrouble) -> None:
    found, people = fake_people_world()
    mia = found.member("mia")
    people.lose_replies = 1
    note(found, trouble, "mia")
    note(found, trouble, "mia")
    bouncing = found.ports.roll.fresh(mia).bouncing
    assert bouncing == ({Channel.EMAIL} if trouble is MailTrouble.BOUNCED else frozenset())
