"""What a member tells the shop: a survey for points, a machine to be reminded of, a complaint that
support moves on.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.domain.instants import parsed, printed
from tests.journey.running import Answer, Person, Service, new_member


def tell(service: Service, somebody: Person, body: dict[str, Any], key: str) -> Answer:
    token = service.token(somebody.member_id)
    line = "POST /v1/members/me/interactions"
    return service.ask(line, body, token=token, Idempotency_Key=key)


def own(service: Service, somebody: Person, what: str) -> Any:
    return service.ask(f"GET /v1/members/me{what}", token=service.token(somebody.member_id)).body


def test_a_member_answers_the_demos_survey_and_gets_its_points_once(service: Service) -> None:
    somebody = new_member(service)
    [survey] = own_surveys(service, somebody)
    before = own(service, somebody, "/account")["available"]
    answers = {"drink": "Flat white", "service": 4}
    body = {"kind": "survey", "survey_id": survey["survey_id"], "answers": answers}

    first, again = (tell(service, somebody, body, "my-answer") for _ in range(2))
    other = tell(service, somebody, body, "another-key")

    assert (first.status, first.body["points"]) == (201, survey["points"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.body["reason"]) == (409, "already_answered")
    assert own(service, somebody, "/account")["available"] == before + survey["points"]
    newest = own(service, somebody, "/entries")["items"][0]
    assert (newest["kind"], newest["points"]) == ("bonus", survey["points"])
    marketer = service.token("demo-marketer", "marketer")
    told = service.ask(f"GET /v1/surveys/{survey['survey_id']}/results", token=marketer).body
    assert told["answers"] >= 5
    [answered] = own_surveys(service, somebody)
    assert answered["answered"] is True


def own_surveys(service: Service, somebody: Person) -> list[Any]:
    """What the member can answer."""
    token = service.token(somebody.member_id)
    found: list[Any] = service.ask("GET /v1/surveys", token=token).body["items"]
    return found


def test_support_moves_a_complaint_through_its_states(service: Service) -> None:
    somebody, support = new_member(service), service.token("demo-support", "support")
    said = {"kind": "complaint", "text": "My cup was cold."}
    told = tell(service, somebody, said, f"complaint-{uuid4()}")
    assert (told.status, told.body["state"]) == (201, "open")
    path = f"/v1/members/{somebody.member_id}/interactions/{told.body['interaction_id']}"
    for state, tag, note in (("in_progress", '"1"', "We ask."), ("resolved", '"2"', "Have one.")):
        moved = {"state": state, "note": note}
        answer = service.ask(f"PATCH {path}", moved, token=support, If_Match=tag)
        assert (answer.status, answer.body["state"]) == (200, state)
    [seen] = own(service, somebody, "/interactions")["items"]
    assert [row["state"] for row in seen["history"]] == ["open", "in_progress", "resolved"]
    assert {row["by"] for row in seen["history"]} == {"member", "staff"}


@pytest.mark.timeout(300)
def test_a_member_is_reminded_of_service_when_its_day_has_come(own_service: Service) -> None:
    service, somebody = own_service, new_member(own_service)
    email = own(service, somebody, "")["email"]
    today = parsed(service.now()) - timedelta(days=1)  # a day that is over in Berlin, too
    machine = {
        "kind": "warranty",
        "product": "Karte grinder",
        "purchased_on": f"{today:%Y-%m-%d}",
        "months": 24,
        "service_every_months": 1,
    }
    kept = tell(service, somebody, machine, "grinder").body
    assert kept["reminded"] == []

    day = parsed(f"{kept['remind_on']}T10:00:00.000Z")
    for later in (day - timedelta(days=1), day, day + timedelta(hours=3)):
        assert service.ask("PUT /_dev/clock", {"now": printed(later)}).status == 200

    mails = service.ask("GET /_dev/mail").body["items"]
    told = [mail for mail in mails if mail["to"] == email and "time for service" in mail["subject"]]
    assert len(told) == 1
    assert "Karte grinder is due for service" in told[0]["text"]
    assert "List-Unsubscribe" in told[0]["headers"]
    [seen] = own(service, somebody, "/interactions")["items"]
    assert seen["reminded"] == [kept["remind_on"]]
