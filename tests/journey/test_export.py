"""A member asks for a copy of its data, downloads it and opens it."""

import io
import json
import urllib.request
import zipfile
from uuid import uuid4

from tests.journey.running import Person, Service, purchase_of


def test_a_member_gets_a_copy_of_its_data_and_finds_in_it_what_it_did(
    service: Service, somebody: Person
) -> None:
    bought = purchase_of(service, somebody.member_id)
    assert service.till("POST /v1/purchases", bought).status == 201
    asked = service.ask(
        "POST /v1/members/me/export", token=somebody.token, Idempotency_Key=str(uuid4())
    )
    assert asked.status == 202, asked.body
    service.ask("POST /_dev/drain")
    path = f"/v1/members/me/export/{asked.body['export_id']}"
    ready = service.ask(f"GET {path}", token=somebody.token).body
    assert ready["status"] == "ready"
    with urllib.request.urlopen(ready["download_url"]) as answer:
        assert "my-data-" in answer.headers["Content-Disposition"]
        held = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert held.testzip() is None
    assert "WHAT IS IN IT" in held.read("README.txt").decode()
    [profile] = json.loads(held.read("profile.json"))
    assert profile["member_id"] == somebody.member_id
    [purchase] = json.loads(held.read("purchases.json"))
    assert purchase["purchase_id"] == bought["purchase_id"]
    lines = held.read("purchase_lines.csv").decode().splitlines()
    assert len(lines) == 1 + len(bought["lines"])
    kinds = [entry["kind"] for entry in json.loads(held.read("statement.json"))]
    assert kinds[-1] == "open"
    assert "earn" in kinds


def test_everybody_reads_in_the_notice_what_is_held_and_officers_every_field(
    service: Service,
) -> None:
    notice = service.ask("GET /v1/privacy/notice?language=de").body
    assert notice["language"] == "de"
    assert any("Ihr Profil" in held["what"] for held in notice["held"])
    record = service.ask("GET /v1/privacy/record", token=service.token("pia", "privacy"))
    assert record.status == 200
    assert {"people/profile", "ledger/purchase"} <= {
        f"{row['place']}/{row['item']}" for row in record.body["rows"]
    }
