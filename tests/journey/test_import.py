"""A shop that moves here brings its members' points with it, in a file."""

import urllib.request
from uuid import uuid4

from tests.journey.running import Service, new_member


def test_a_file_of_balances_is_uploaded_applied_and_reported_and_counts_once(
    service: Service,
) -> None:
    somebody, admin = new_member(service), service.token("ada", "admin")
    content = (
        "row_id,member_id,points,expires_on\r\n"
        f"{uuid4()},{somebody.member_id},300,2099-12-31\r\n"
        f"{uuid4()},mem_nobody,10,\r\n"
    ).encode()
    for label, counts in (("first", [1, 0, 1]), ("again", [0, 1, 1])):
        asked = {"import_id": f"{label}-{uuid4()}", "kind": "balances", "source": "old-shop"}
        made = service.ask("POST /v1/imports", asked, token=admin)
        assert made.status == 201, made.body
        request = urllib.request.Request(made.body["upload"]["url"], content, method="PUT")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        path = f"/v1/imports/{asked['import_id']}"
        started = service.ask(f"POST {path}/start", token=admin)
        assert started.status == 202, started.body
        service.ask("POST /_dev/drain")
        job = service.ask(f"GET {path}", token=admin).body
        assert (job["status"], job["progress_percent"]) == ("done", 100)
        assert [job["rows"][what] for what in ("applied", "replayed", "refused")] == counts
        with urllib.request.urlopen(job["report"]["url"]) as report:
            lines = report.read().decode().splitlines()
        assert [line.split(",")[2] for line in lines] == ['"code"', '"member_not_found"']
    account = service.ask("GET /v1/members/me/account", token=somebody.token).body
    assert account["expiring"] == [{"points": 300, "expires_on": "2099-12-31"}]
    entries = service.ask("GET /v1/members/me/entries?limit=1", token=somebody.token).body
    [entry] = entries["items"]
    assert [row["text"] for row in entry["explanation"]] == [
        "Brought over from the program before this one"
    ]
