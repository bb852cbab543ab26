"""What the journeys through the deployed package have in common: a shop, its members, and waiting.

Works with any deployment, so that a test may have one of its own. Knows nothing of fixtures.
"""

import json
import re
import threading
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chalicelib.domain.instants import printed
from infrastructure.local import outbox
from tests.journey.deployment import Answer, Deployment
from tests.packaged import ROOT

Body = dict[str, Any]

PROGRAM: Body = {
    "name": "Coffee",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "base": {"points": 1, "per_minor": 100},
    "purposes": ["loyalty_terms", "marketing_mail"],
    "rules": [
        {
            "rule_id": "beans",
            "name": "Beans count double",
            "rate": {"points": 1, "per_minor": 100},
            "categories": ["beans"],
        }
    ],
}
TERMS = {"purpose": "loyalty_terms", "granted": True, "policy_version": "1"}


def staff(service: Deployment, group: str) -> str:
    """A token of somebody of that group; each group has one person."""
    return service.issuer.token(f"staff-{group}", [group])


def set_up(service: Deployment) -> str:
    """From nothing: staff writes the program and makes a key for a till, which is returned."""
    written = service.call(
        "PUT", "/v1/program", PROGRAM, token=staff(service, "marketer"), If_Match='"0"'
    )
    assert written.status in (200, 201), written.body
    key = service.call("POST", "/v1/keys", {"source": "till-1"}, token=staff(service, "admin"))
    assert key.status == 201, key.body
    return str(key.body["secret"])


def enrolled(service: Deployment, till: str, email: str) -> str:
    """The id of somebody enrolled at the till, with the code from the mail."""
    wanted = {"email": email, "name": {"given": "Ada"}, "consents": [TERMS]}
    made = service.call("POST", "/v1/members", wanted, token=till)
    assert made.status == 201, made.body
    mail = next(one for one in outbox.captured(service.endpoint) if one["to"] == email)
    code = re.search(r"\b\d{6}\b", mail["text"])
    assert code, mail
    proof = {"member_id": made.body["member_id"], "channel": "email", "code": code[0]}
    verified = service.call("POST", "/v1/members/verify", proof)
    assert (verified.status, verified.body["status"]) == (200, "active"), verified.body
    return str(made.body["member_id"])


def purchase(member_id: str) -> Body:
    """25.50 of coffee beans, just now, which earn 50 points."""
    line = {"line_id": "line-1", "sku": "beans-1", "category": "beans", "quantity": 1}
    return {
        "purchase_id": f"purchase-{uuid4()}",
        "member": {"member_id": member_id},
        "occurred_at": printed(datetime.now(UTC)),
        "currency": "EUR",
        "lines": [line | {"amount_minor": 2550}],
    }


def bought(service: Deployment, till: str, member_id: str) -> Body:
    """What a purchase was answered with."""
    posted = service.call("POST", "/v1/purchases", purchase(member_id), token=till)
    assert posted.status == 201, posted.body
    return dict(posted.body)


def available(service: Deployment, member_id: str) -> int:
    """The points that a member may spend, as it sees them itself."""
    herself = service.issuer.token(member_id)
    account = service.call("GET", "/v1/members/me/account", token=herself)
    assert account.status == 200, account.body
    return int(account.body["available"])


def an_hour_later(service: Deployment, worker: str) -> Body:
    """What a worker answers to its schedule."""
    hour = (ROOT / "events" / "schedule.json").read_bytes()
    answer = service.client("lambda").invoke(FunctionName=service.resources[worker], Payload=hour)
    said = answer["Payload"].read()
    assert "FunctionError" not in answer, said
    return dict(json.loads(said))


def logged(service: Deployment, function: str) -> list[str]:
    """The lines that a function has written, Lambda's own among them."""
    name = service.resources[function]
    known = service.client("lambda").get_function_configuration(FunctionName=name)
    group = known["LoggingConfig"]["LogGroup"]
    pages = service.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [row["message"] for page in pages for row in page["events"]]


def uploaded(address: str, content: str) -> None:
    """Put a file where the service has said that it may be put."""
    upload = urllib.request.Request(address, content.encode(), method="PUT")
    with urllib.request.urlopen(upload) as answer:
        assert answer.status == 200


def imported(service: Deployment, made: Body) -> Body:
    """The import whose file is there, started and waited for."""
    admin, path = staff(service, "admin"), f"/v1/imports/{made['import_id']}"
    started = service.call("POST", f"{path}/start", token=admin)
    assert started.status == 202, started.body
    ended = asked_until(
        lambda: service.call("GET", path, token=admin), lambda job: job["status"] != "running"
    )
    return dict(ended.body)


def asked_until(
    ask: Callable[[], Answer], enough: Callable[[Any], bool], seconds: float = 60
) -> Answer:
    """The first answer whose body is enough; the last one where none was in time."""
    answers: list[Answer] = []

    def asked() -> bool:
        answers.append(ask())
        assert answers[-1].status == 200, answers[-1].body
        return enough(answers[-1].body)

    waited_until(asked, seconds)
    return answers[-1]


def waited_until(enough: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it was enough within a time."""
    patience = threading.Event()  # nobody sets it: an interval, not an end
    for _ in range(round(seconds * 2)):
        if enough():
            return True
        patience.wait(0.5)
    return enough()
