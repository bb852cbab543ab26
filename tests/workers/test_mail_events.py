"""The worker that keeps what SES tells of mails, over the real application's tables."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.instants import printed
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.workers import mail_events
from chalicelib.workers.failures import WorkerFailed
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.fakes.programs import FROM_THE_BEGINNING

EVENTS = Path(__file__).parents[2] / "events"


def told(name: str, address: str, clock: Clock) -> dict[str, Any]:
    """What the queue hands over: an event of a mail to this address that was sent now."""
    event = deepcopy(json.loads((EVENTS / f"ses_{name}.json").read_text()))
    event["detail"]["mail"]["timestamp"] = printed(clock.now)
    body = json.dumps(event).replace("mia@example.com", address)
    return {"Records": [{"messageId": "1", "receiptHandle": "1", "body": body, "attributes": {}}]}


def test_what_came_back_is_shown_to_the_member_once_however_often_it_is_told(
    club: Club, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    mia = club.member()
    clock.forward(minutes=1)
    for _ in range(2):
        mail_events.handle(told("bounced", mia["email"], clock), None)
    mail_events.handle(told("bounced", club.address(), clock), None)  # nobody's
    assert club.profile(mia["member_id"]).json()["contact_bounced"] == ["email"]
    assert mia["email"] not in capsys.readouterr().out


def test_a_complaint_withdraws_the_consent_to_mailed_offers(club: Club, clock: Clock) -> None:
    programs = club.services.ports.programs
    newest = programs.latest()
    assert newest is not None
    offers = Purpose("offers", PurposeKind.MARKETING)
    number = newest.version + 1
    wanted = replace(CLUB, version=number, purposes=("loyalty_terms", offers))
    assert programs.add(wanted, FROM_THE_BEGINNING)
    programs.activate(number, FROM_THE_BEGINNING)
    mia = club.member()
    said = {"consents": [{"purpose": "offers", "granted": True, "policy_version": "1"}]}
    own = club.own(mia["member_id"])
    assert club.client.put("/v1/members/me/consents", said, bearer=own).status == 200
    clock.forward(minutes=1)
    mail_events.handle(told("complained", mia["email"], clock), None)
    own = club.own(mia["member_id"])
    shown = club.client.get("/v1/members/me/consents", bearer=own).json()["consents"]
    assert {one["purpose"]: one["granted"] for one in shown} == {
        "loyalty_terms": True,
        "offers": False,
    }


def test_what_cannot_be_read_comes_again_and_no_line_repeats_it(
    club: Club, capsys: pytest.CaptureFixture[str]
) -> None:
    assert club
    event = {"Records": [{"messageId": "1", "body": '{"detail": {"mia@example.com": 1}}'}]}
    with pytest.raises(WorkerFailed):
        mail_events.handle(event, None)
    written = capsys.readouterr()
    assert "mia@example.com" not in written.out + written.err
