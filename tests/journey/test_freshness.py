"""Members are asked whether their details hold, and who never was anybody is removed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from chalicelib.domain.instants import printed
from tests.journey.running import Person, Service, new_member, purchase_of

BERLIN = ZoneInfo("Europe/Berlin")
BOUNCED = json.loads((Path(__file__).parents[2] / "events" / "ses_bounced.json").read_text())


def move(service: Service, now: datetime) -> None:
    """Put the clock somewhere; whatever is due then has run."""
    assert service.ask("PUT /_dev/clock", {"now": printed(now)}).status == 200


def own(service: Service, somebody: Person, line: str = "GET /v1/members/me") -> Any:
    """What a member reads or says of itself, with a token of now."""
    return service.ask(line, token=service.token(somebody.member_id)).body


def subjects(service: Service, email: str) -> list[str]:
    """Of all mails to an address."""
    return [m["subject"] for m in service.ask("GET /_dev/mail").body["items"] if m["to"] == email]


def bounce(service: Service, email: str, sent_at: datetime) -> None:
    """SES tells, by the queue of the template, that a mail came back."""
    sqs = boto3.client(
        "sqs",
        endpoint_url=service.local_json["aws_endpoint"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    url = sqs.get_queue_url(QueueName="stampbook-local-MailEventQueue")["QueueUrl"]
    event = json.loads(json.dumps(BOUNCED).replace("mia@example.com", email))
    event["detail"]["mail"]["timestamp"] = printed(sent_at)
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    assert service.ask("POST /_dev/drain").status == 200


def officer(service: Service, line: str) -> Any:
    """What a privacy officer asks for."""
    return service.ask(line, token=service.token("officer", "privacy")).body


@pytest.mark.timeout(300)
def test_who_proved_nothing_is_removed_after_a_month_and_who_stays_is_asked_after_a_year(
    own_service: Service,
) -> None:
    service, mia = own_service, new_member(own_service)
    email = own(service, mia)["email"]
    terms = {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
    nobody = service.till(
        "POST /v1/members", {"email": "nobody-ever@example.com", "consents": [terms]}
    ).body
    joined = datetime.fromisoformat(service.now())
    planned = officer(service, "POST /v1/privacy/retention/plan")
    in_a_month = str((joined + timedelta(days=30)).astimezone(BERLIN).date())
    (day,) = [day for day in planned["days"] if day["removed"]]
    assert (day["day"], day["removed"]) == (in_a_month, 1)

    move(service, joined + timedelta(days=31))
    service.ask("POST /_dev/drain")
    newest = officer(service, "GET /v1/privacy/retention/runs")["items"][0]
    assert (newest["status"], newest["removed"], newest["failed"]) == ("complete", 1, 0)
    bought = purchase_of(service, nobody["member_id"])
    assert service.till("POST /v1/purchases", bought).status == 410

    move(service, joined + timedelta(days=367))
    assert "Do your details at Kaffeehaus Karte still hold?" in subjects(service, email)
    assert own(service, mia)["details_confirmed_at"] < service.now()[:10]
    confirmed = own(service, mia, "POST /v1/members/me/details/confirm")
    assert own(service, mia)["details_confirmed_at"] == confirmed["details_confirmed_at"]


def test_an_address_from_which_a_mail_comes_back_is_shown_to_the_member(
    service: Service, somebody: Person
) -> None:
    email = own(service, somebody)["email"]
    bounce(service, email, datetime.fromisoformat(service.now()).astimezone(UTC))
    assert own(service, somebody)["contact_bounced"] == ["email"]
