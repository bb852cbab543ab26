"""A purchase from the till to the event, over HTTP, through the six files that carry its name."""

from tests.journey.running import Person, Service, purchase_of


def test_a_purchase_is_answered_kept_counted_once_proved_and_told(
    service: Service, somebody: Person
) -> None:
    # api/purchases.py reads it, usecases/post_purchase.py decides it by domain/purchases.py
    purchase = purchase_of(service, somebody.member_id)
    posted = service.till("POST /v1/purchases", purchase)
    assert posted.status == 201
    points = posted.body["points"]
    assert (points["earned"], points["pending_after"], points["available_after"]) == (42, 42, 0)
    assert [row["points"] for row in posted.body["explanation"]] == [42]

    # storage/ledger.py keeps it: the same again is the same, other content is refused
    again = service.till("POST /v1/purchases", purchase)
    assert (again.status, again.body) == (201, posted.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = service.till("POST /v1/purchases", purchase | {"currency": "USD"})
    assert (other.status, other.body["differing"]) == (409, ["currency"])
    kept = service.till(f"GET /v1/purchases/{purchase['purchase_id']}")
    assert kept.body["points"] == posted.body["points"]

    # the account and its statement say the same, and the chain holds
    mine = f"/v1/members/{somebody.member_id}"
    account = service.ask(f"GET {mine}/account", token=somebody.token).body
    assert (account["available"], account["lifetime"]["purchases"]) == (0, 1)
    assert [row["points"] for row in account["pending"]] == [42]
    entries = service.ask(f"GET {mine}/entries", token=somebody.token).body["items"]
    earned = next(entry for entry in entries if entry["kind"] == "earn")
    assert (earned["points"], earned["available_after"]) == (42, 0)
    proof = service.ask(f"GET {mine}/entries/proof", token=somebody.token).body
    assert proof["valid"]
    assert proof["head"] == entries[0]["hash"]

    # workers/relay.py tells others: one event, seen on the real bus
    service.ask("POST /_dev/drain")
    line = service.read_until(f"{somebody.member_id}, entry {earned['seq']}")
    assert "stampbook.points.earned" in line
    assert "+42 points, 0 available" in line


def test_what_was_bought_and_comes_back_takes_its_points_back(
    service: Service, somebody: Person
) -> None:
    purchase = purchase_of(service, somebody.member_id)
    service.till("POST /v1/purchases", purchase)
    path = f"POST /v1/purchases/{purchase['purchase_id']}/returns"
    for number, taken in ((1, 21), (2, 21)):
        line = {"line_id": "1", "quantity": 5, "amount_minor": 2100}
        answer = service.till(path, {"return_id": f"return-{number}", "lines": [line]})
        assert (answer.status, answer.body["points"]["taken"]) == (201, taken)
    third = {"return_id": "return-3", "amount_minor": 1}
    assert service.till(path, third).body["code"] == "return_exceeds_purchase"
    account = service.ask("GET /v1/members/me/account", token=somebody.token).body
    assert (account["available"], account["pending"], account["debt"]) == (0, [], 0)
