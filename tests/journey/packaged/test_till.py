"""What happens at the till, through API Gateway, Lambda, the stream and the bus."""

from tests.journey.deployment import Deployment
from tests.journey.listening import Event, Listener
from tests.journey.packaged.steps import available, bought, logged, purchase
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON

TOLD = {
    "stampbook.account.opened",
    "stampbook.account.status_changed",
    "stampbook.points.earned",
    "stampbook.points.redeemed",
    "stampbook.redemption.used",
}


def test_a_member_earns_redeems_and_uses_a_voucher_and_the_world_hears_of_it(
    service: Deployment, published: Listener, till: str, somebody: str, reward_id: str
) -> None:
    wanted = purchase(somebody)
    first = service.call("POST", "/v1/purchases", wanted, token=till)
    assert (first.status, first.body["points"]["earned"]) == (201, 50), first.body
    again = service.call("POST", "/v1/purchases", wanted, token=till)
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.body == first.body
    assert available(service, somebody) == 50

    path = f"/v1/members/{somebody}/redemptions"
    issued = service.call(
        "POST", path, {"reward_id": reward_id}, token=till, Idempotency_Key=f"one-{somebody}"
    )
    assert (issued.status, issued.body["available_after"]) == (201, 20), issued.body
    code = {"voucher_code": issued.body["voucher_code"]}
    used = service.call(
        "POST", "/v1/vouchers/use", code, token=till, Idempotency_Key=f"use-{somebody}"
    )
    assert (used.status, used.body["status"]) == (200, "used"), used.body

    def told(events: list[Event]) -> set[str]:
        about = {somebody, issued.body["redemption_id"]}
        return {event["type"] for event in events if about & set(map(str, event["data"].values()))}

    assert told(published.until(lambda events: told(events) >= TOLD)) == TOLD
    assert logged(service, "Relay") != []  # where failures would be found


def test_a_till_asks_beforehand_and_takes_a_purchase_and_a_redemption_back(
    service: Deployment, till: str, somebody: str, reward_id: str
) -> None:
    quoted = service.call("POST", "/v1/purchases/quote", purchase(somebody), token=till)
    assert (quoted.status, quoted.body["points"]["earned"]) == (200, 50), quoted.body
    assert available(service, somebody) == 0
    posted = bought(service, till, somebody)

    path = f"/v1/members/{somebody}/redemptions"
    issued = service.call(
        "POST", path, {"reward_id": reward_id}, token=till, Idempotency_Key=f"one-{somebody}"
    )
    assert (issued.status, available(service, somebody)) == (201, 20), issued.body
    herself = service.issuer.token(somebody)
    back = service.call(
        "POST",
        f"/v1/redemptions/{issued.body['redemption_id']}/cancel",
        token=herself,
        Idempotency_Key=f"back-{somebody}",
    )
    assert (back.status, back.body["status"]) == (200, "cancelled"), back.body
    assert available(service, somebody) == 50

    line = {"line_id": "line-1", "quantity": 1, "amount_minor": 2550}
    path = f"/v1/purchases/{posted['purchase_id']}/returns"
    returned = service.call("POST", path, {"return_id": "r-1", "lines": [line]}, token=till)
    assert (returned.status, returned.body["points"]["taken"]) == (201, 50), returned.body
    assert available(service, somebody) == 0
    mine = service.call("GET", "/v1/members/me/entries", token=herself)
    kinds = [entry["kind"] for entry in mine.body["items"]]
    assert kinds[:4] == ["return", "cancel", "redeem", "earn"], kinds
    proof = service.call("GET", "/v1/members/me/entries/proof", token=herself)
    assert (proof.status, proof.body["valid"]) == (200, True), proof.body
    assert proof.body["head"] == mine.body["items"][0]["hash"]
