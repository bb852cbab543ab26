"""An offer from the list of whom it is for to what it brought; and commands as pages show them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journey.running import ROOT, Person, Service, purchase_of

MARKETER = "journey-marketer"


class Marketer:
    """Staff who sets an offer for one member alone."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def ask(self, line: str, body: object = None, status: int = 200, **headers: str) -> Any:
        token = self._service.token(MARKETER, "marketer")
        answer = self._service.ask(line, body, token=token, **headers)
        assert answer.status == status, answer.body
        return answer.body

    def listed(self, member_id: str) -> str:
        """A segment with this member on it."""
        body = {"name": "The journey's own", "kind": "static"}
        made = self.ask("POST /v1/segments", body, 201, Idempotency_Key=f"list-{member_id}")
        segment_id = str(made["segment_id"])
        self.ask(f"POST /v1/segments/{segment_id}/members", {"add": [member_id]})
        return segment_id

    def offer(self, segment_id: str) -> str:
        """Opt in, then 25 points from 8 euros of flat white on, twice."""
        body = {
            "name": "Flat whites",
            "texts": {"en": {"name": "Flat whites"}, "de": {"name": "Kaffeewochen"}},
            "audience": {"segment": segment_id},
            "basket": {"minimum_minor": 800, "products": {"skus": ["flat-white"]}},
            "effect": {"kind": "bonus_points", "points": 25},
            "activation": "opt_in",
            "member_limit": 2,
            "budget": {"unit": "points", "amount": 100},
        }
        made = self.ask("POST /v1/offers", body, 201, Idempotency_Key=f"for-{segment_id}")
        return str(made["offer_id"])

    def simulated(self, offer_id: str) -> Any:
        """What it would have given over the last month, when all of the ledger was looked at."""
        token = self._service.token(MARKETER, "marketer")
        line = f"POST /v1/offers/{offer_id}/simulate"
        answer = self._service.ask(line, {"months": 1}, token=token)
        while answer.status == 202:
            kept = f"/v1/offers/{offer_id}/simulations/{answer.body['simulation_id']}"
            answer = self._service.ask(f"GET {kept}", token=token)
        assert answer.status == 200, answer.body
        return answer.body


def bought(service: Service, somebody: Person, coffees: int) -> Any:
    answer = service.till(
        "POST /v1/purchases", purchase_of(service, somebody.member_id, coffees=coffees)
    )
    assert answer.status == 201, answer.body
    return answer.body


def seen(service: Service, somebody: Person, offer_id: str) -> Any:
    """The offer as its member sees it; None where it does not."""
    listed = service.ask("GET /v1/members/me/offers", token=somebody.token).body["items"]
    return next((item for item in listed if item["offer_id"] == offer_id), None)


def about(rows: list[Any], offer_id: str, name: str) -> list[Any]:
    return [row for row in rows if row[name].removeprefix("offer:") == offer_id]


def speak_german(service: Service, somebody: Person) -> None:
    path = "/v1/members/me/preferences"
    kept = service.ask(f"GET {path}", token=somebody.token)
    wish = kept.body | {"language": "de"}
    said = service.ask(f"PUT {path}", wish, token=somebody.token, If_Match=kept.headers["ETag"])
    assert said.status == 200, said.body


def test_an_offer_goes_from_its_segment_to_its_results(service: Service, somebody: Person) -> None:
    marketer = Marketer(service)
    speak_german(service, somebody)
    bought(service, somebody, coffees=2)
    segment_id = marketer.listed(somebody.member_id)
    service.ask("POST /_dev/drain")
    preview = marketer.ask("POST /v1/segments/preview", {"segment_id": segment_id})
    assert preview["members"] == 1

    offer_id = marketer.offer(segment_id)
    assert seen(service, somebody, offer_id) is None
    [figures] = marketer.simulated(offer_id)["offers"]
    assert (figures["purchases"], figures["points"]) == (1, 25)

    assert marketer.ask(f"POST /v1/offers/{offer_id}/launch")["status"] == "live"
    shown = seen(service, somebody, offer_id)
    assert (shown["name"], shown["gives"], shown["uses_left"]) == ("Kaffeewochen", "25 Punkte", 2)
    assert shown["needs"] == ["Für mindestens 8,00 EUR flat-white kaufen"]
    [missed] = about(bought(service, somebody, 2)["not_applied"], offer_id, "offer_id")
    assert missed["reason"] == "not_activated"
    activated = service.ask(f"POST /v1/members/me/offers/{offer_id}/activate", token=somebody.token)
    assert activated.body["activated"] is True

    [missed] = about(bought(service, somebody, 1)["not_applied"], offer_id, "offer_id")
    assert (missed["missing"], missed["unit"]) == (380, "minor")
    assert missed["text"] == "Kaffeewochen: noch 3,80 EUR für flat-white"
    posted = bought(service, somebody, 2)
    [why] = about(posted["explanation"], offer_id, "rule_or_offer")
    assert (why["points"], why["text"]) == (25, "Kaffeewochen: 25 Punkte")
    assert posted["points"]["earned"] == 8 + 25
    assert seen(service, somebody, offer_id)["uses_left"] == 1

    letter = {"de": {"subject": "Kaffeewochen", "text": "25 Punkte ab 8 Euro."}}
    body = {"purpose": "marketing_mail", "texts": letter}
    line = f"POST /v1/offers/{offer_id}/announcements"
    told = marketer.ask(line, body, 202, Idempotency_Key=f"tell-{offer_id}")
    service.ask("POST /_dev/drain")
    line = f"GET /v1/offers/{offer_id}/announcements/{told['announcement_id']}"
    counts = marketer.ask(line)["counts"]
    assert (counts["sent"], counts["failed"]) == (0, 0), "the member has agreed to no mails"

    assert marketer.ask(f"POST /v1/offers/{offer_id}/pause")["status"] == "paused"
    assert about(bought(service, somebody, 2)["explanation"], offer_id, "rule_or_offer") == []
    assert seen(service, somebody, offer_id) is None

    assert marketer.ask(f"GET /v1/offers/{offer_id}")["budget_left"] == 75
    service.ask("POST /_dev/drain")
    used = marketer.ask(f"GET /v1/offers/{offer_id}/results")["used"]
    assert (used["members"], used["uses"], used["points"]) == (1, 1, 25)

    officer = service.token("journey-officer", "privacy")
    audit = service.ask("GET /v1/audit?limit=100", token=officer).body["items"]
    done = {row["action"] for row in audit if row["subject"] == offer_id}
    assert {"offer.created", "offer.launched", "offer.paused"} <= done


def commands(page: Path, heading: str, end: str) -> str:
    """What a part of a page says to paste."""
    text = page.read_text(encoding="utf-8")
    part = text[text.index(heading) : text.index(end)]
    return "".join(re.findall(r"```sh\n(.+?)```", part, re.DOTALL))


PAGES = {
    "README": (ROOT / "README.md", "## Offers", "## What happens when a purchase is posted"),
    "docs": (ROOT / "docs" / "offers.md", "## From the shell", "## Its life"),
}


@pytest.mark.parametrize("page", PAGES)
def test_what_the_pages_say_of_offers_works_when_pasted(service: Service, page: str) -> None:
    script = commands(*PAGES[page]).replace("http://127.0.0.1:8000", service.url)
    # Each answer on a line of its own.
    pasted = re.sub(r"^(ask|curl) ", r"echo; \1 ", script, flags=re.MULTILINE)
    done = subprocess.run(["sh", "-c", pasted], capture_output=True, text=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert done.stderr == ""
    assert len(answers) >= 4
    assert [answer for answer in answers if "request_id" in answer] == []
    assert answers[-1]["used"]["uses"] == 0
