"""A member asks to be forgotten, and is, over the running service: within one drain."""

from tests.journey.running import Person, Service, purchase_of


def test_a_member_is_forgotten_and_keeps_the_receipt(service: Service, somebody: Person) -> None:
    bought = purchase_of(service, somebody.member_id)
    assert service.till("POST /v1/purchases", bought).status == 201
    asked = service.ask("DELETE /v1/members/me", token=somebody.token)
    assert (asked.status, asked.body["status"]) == (202, "requested"), asked.body
    service.ask("POST /_dev/drain")
    receipt = service.ask(f"GET /v1/erasures/{asked.body['erasure_id']}").body
    assert receipt["status"] == "erased", receipt
    assert receipt["what"]["purchases_redacted"] >= 1
    assert somebody.member_id not in str(receipt)
    gone = service.ask("GET /v1/members/me", token=somebody.token)
    assert (gone.status, gone.body["code"]) == (410, "member_erased")
    again = service.till("POST /v1/purchases", bought)
    assert (again.status, again.body["code"]) == (410, "member_erased")
    late = {**bought, "purchase_id": f"{bought['purchase_id']}-late", "member": None}
    assert service.till("POST /v1/purchases", late).status == 201
