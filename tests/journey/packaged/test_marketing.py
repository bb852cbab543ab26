"""What marketers do with the deployed package: a plan, an audience, an offer and what it brought.

The snapshot lies in S3 and is asked by Athena's own words, in the workgroup of the template.
"""

from uuid import uuid4

from tests.journey.deployment import Deployment
from tests.journey.packaged.steps import (
    PROGRAM,
    Body,
    an_hour_later,
    asked_until,
    bought,
    enrolled,
    staff,
)
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON

GIVES = 25
MEMBERS = 4


def test_a_marketer_asks_what_a_version_of_the_program_would_change(
    service: Deployment, till: str, member_id: str
) -> None:
    marketer = staff(service, "marketer")
    bought(service, till, member_id)
    draft = PROGRAM | {"base": {"points": 2, "per_minor": 100}}
    stored = service.call("PUT", "/v1/program", draft, token=marketer, If_Match='"1"')
    assert stored.status == 200, stored.body
    planned = service.call("POST", "/v1/program/plan", {"version": 2}, token=marketer)
    assert (planned.status, planned.body["status"]) == (200, "complete"), planned.body
    points = planned.body["purchases"]["points"]
    assert points["planned"] > points["active"] >= 50, planned.body


def test_an_offer_goes_from_its_preview_to_its_results_and_is_kept_from_some(
    service: Deployment, till: str
) -> None:
    members = [enrolled(service, till, f"{uuid4()}@stampbook.example") for _ in range(MEMBERS)]
    for one in members:
        bought(service, till, one)
    marketer = Marketer(service)
    segment_id = marketer.listed(members)
    made = an_hour_later(service, "SnapshotBase")
    assert (made["complete"], made["unread"]) == (True, 0)
    previewed = marketer.previewed({"segment_id": segment_id})
    assert (previewed["members"], previewed["sample"]) == (MEMBERS, [])
    buyers = {"fact": "lifetime_purchases", "op": "gte", "value": 1}
    assert marketer.previewed({"condition": buyers})["members"] >= MEMBERS

    offer_id = marketer.offer(segment_id)
    [figures] = marketer.simulated(offer_id)["offers"]
    assert marketer.ask(f"POST /v1/offers/{offer_id}/launch")["status"] == "live"
    uses = sum(bought(service, till, one)["points"]["earned"] == 50 + GIVES for one in members)
    assert (figures["purchases"], figures["points"]) == (uses, uses * GIVES), figures
    assert marketer.ask(f"POST /v1/offers/{offer_id}/end")["status"] == "ended"

    path = f"/v1/offers/{offer_id}/results"
    results = asked_until(
        lambda: service.call("GET", path, token=marketer.token),
        lambda said: said["used"]["uses"] == uses,
    ).body
    used, reached = results["used"], results["reached"]
    assert (used["members"], used["uses"], used["points"]) == (uses, uses, uses * GIVES)
    sides = {"followed": MEMBERS, "treated": uses, "held_out": MEMBERS - uses}
    assert reached | sides == reached, reached


class Marketer:
    """Who may set, launch and read offers."""

    def __init__(self, service: Deployment) -> None:
        self._service = service
        self.token = staff(service, "marketer")

    def ask(self, line: str, body: object = None, **headers: str) -> Body:
        method, path = line.split(" ")
        answer = self._service.call(method, path, body, token=self.token, **headers)
        assert answer.status in (200, 201, 202), answer.body
        return dict(answer.body)

    def listed(self, members: list[str]) -> str:
        """A segment with these members on it."""
        body = {"name": "The journey's own", "kind": "static"}
        made = self.ask("POST /v1/segments", body, Idempotency_Key=f"list-{members[0]}")
        self.ask(f"POST /v1/segments/{made['segment_id']}/members", {"add": members})
        return str(made["segment_id"])

    def previewed(self, audience: Body) -> Body:
        """How many it is for, once the snapshot knows of all these members: it lags."""
        path = "/v1/segments/preview"
        return dict(
            asked_until(
                lambda: self._service.call("POST", path, audience, token=self.token),
                lambda said: said["members"] >= MEMBERS,
            ).body
        )

    def offer(self, segment_id: str) -> str:
        """25 points from 20 euros on, for half of a segment."""
        body = {
            "name": "Beans",
            "texts": {"en": {"name": "Beans"}},
            "audience": {"segment": segment_id},
            "basket": {"minimum_minor": 2_000},
            "effect": {"kind": "bonus_points", "points": GIVES},
            "budget": {"unit": "points", "amount": 1_000},
            "holdout_percent": 50,
        }
        made = self.ask("POST /v1/offers", body, Idempotency_Key=f"for-{segment_id}")
        return str(made["offer_id"])

    def simulated(self, offer_id: str) -> Body:
        """What it would have given over the last month, when all of the ledger was looked at."""
        said = self.ask(f"POST /v1/offers/{offer_id}/simulate", {"months": 1})
        path = f"GET /v1/offers/{offer_id}/simulations/"
        while said["status"] == "running":
            said = self.ask(path + said["simulation_id"])
        return said
