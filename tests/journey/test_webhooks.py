"""A webhook as an admin tries it out: `make run`, a receiver on this machine, plain HTTP.

What goes wrong on the way is in tests/simulation/test_webhooks_out.py.
"""

from typing import Any

from tests.journey.running import Service, new_member, purchase_of
from tests.simulation.receiver import Receiver, receiving


def test_an_admin_makes_a_webhook_sees_what_arrives_changes_its_secret_and_replays(
    service: Service,
) -> None:
    admin, member_id = service.local_json["tokens"]["admin"], new_member(service).member_id
    receiver = Receiver(seed=1, failing=0.0)

    def buy() -> None:
        bought = service.till("POST /v1/purchases", purchase_of(service, member_id))
        assert bought.status == 201, bought.body
        service.ask("POST /_dev/drain")

    with receiving(receiver):
        service.ask("POST /_dev/drain")  # so that nothing of before is on its way
        wanted: dict[str, Any] = {"url": receiver.url, "events": ["stampbook.points.*"]}
        elsewhere = wanted | {"url": "http://10.0.0.1/hook"}
        refused = service.ask("POST /v1/webhooks", elsewhere, token=admin)
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, "address_refused")
        made = service.ask("POST /v1/webhooks", wanted, token=admin)
        assert made.status == 201, made.body
        receiver.secret, path = made.body["secret"], f"/v1/webhooks/{made.body['hook_id']}"
        tried = service.ask(f"POST {path}/test", token=admin).body
        assert (tried["delivered"], receiver.events.pop()["id"]) == (True, tried["event_id"])

        buy()
        rotated = service.ask(f"POST {path}/secret", token=admin).body["secret"]
        buy()  # the receiver knows the former secret alone
        receiver.secret = rotated
        buy()
        assert [event["data"]["member_id"] for event in receiver.events] == [member_id] * 3
        seqs = [event["data"]["seq"] for event in receiver.events]
        assert seqs == sorted(set(seqs))
        rows = service.ask(f"GET {path}/deliveries", token=admin).body["items"]
        assert [(row["outcome"], row["status"]) for row in rows] == [("delivered", 204)] * 4

        since = {"from": receiver.events[0]["time"]}
        assert service.ask(f"POST {path}/replay", since, token=admin).status == 202
        service.ask("POST /_dev/drain")
        assert (receiver.tries, len(receiver.events), receiver.forged) == (7, 3, 0)
        assert service.ask(f"DELETE {path}", token=admin).status == 204
