"""A member agrees to news by mail, confirms by the mailed link, and ends them in one click."""

import re
from typing import Any

from tests.journey.running import Person, Service

MARKETING = {"purpose": "marketing_mail", "granted": True, "policy_version": "2026-01"}
MINE = "/v1/members/me/consents"


def newest_mail(service: Service) -> dict[str, Any]:
    mail: dict[str, Any] = service.ask("GET /_dev/mail").body["items"][0]
    return mail


def counted(service: Service) -> int:
    """How many may be written to for marketing by mail, as a marketer sees it."""
    token = service.local_json["tokens"]["marketer"]
    (row,) = service.ask("GET /v1/analytics/reach", token=token).body["reach"]
    assert (row["purpose"], row["channel"]) == ("marketing_mail", "mail")
    return int(row["members"])


def standing(service: Service, person: Person) -> tuple[bool, bool]:
    said = service.ask(f"GET {MINE}", token=person.token).body["consents"]
    found = next(one for one in said if one["purpose"] == "marketing_mail")
    return found["granted"], found["confirmed"]


def test_a_member_grants_marketing_confirms_it_by_the_mailed_link_and_unsubscribes_in_one_click(
    service: Service, somebody: Person
) -> None:
    before = counted(service)
    assert before > 50  # of the demo's members, those who said yes and proved their address
    service.ask(f"PUT {MINE}", {"consents": [MARKETING]}, token=somebody.token)
    assert (standing(service, somebody), counted(service)) == ((True, False), before)

    asked = newest_mail(service)
    assert "News and offers by mail" in asked["text"]
    found = re.search(rf"{re.escape(service.url)}(/v1/consents/confirm/(\S+))", asked["text"])
    assert found is not None
    confirmed = service.ask("POST /v1/consents/confirm", {"token": found[2]})
    assert (confirmed.status, confirmed.body["confirmed"]) == (200, True)
    assert (standing(service, somebody), counted(service)) == ((True, True), before + 1)

    withdrawn = {"consents": [MARKETING | {"granted": False}]}
    service.ask(f"PUT {MINE}", withdrawn, token=somebody.token)
    assert (standing(service, somebody), counted(service)) == ((False, True), before)
