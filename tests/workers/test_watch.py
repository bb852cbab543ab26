"""The watcher, fed with what the ledger holds as the stream gives it."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.program import Abuse
from chalicelib.storage import keys
from chalicelib.storage.reading import raw_partition
from chalicelib.storage.tables import LedgerItem
from chalicelib.workers import follow
from tests.api.shop import Shop, line

BATCH: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "events/ledger_stream.json").read_text()
)


def batch(member_id: str) -> dict[str, Any]:
    """All entries of an account as stream records."""
    return {
        "Records": [_record(item) for item in raw_partition(LedgerItem, keys.account(member_id))]
    }


def _record(item: dict[str, Any]) -> dict[str, Any]:
    image = {
        name: {"B": b64encode(typed["B"]).decode()} if "B" in typed else typed
        for name, typed in item.items()
    }
    change = {"SequenceNumber": item["sk"]["S"], "NewImage": image, "Keys": {}}
    return {"eventName": "INSERT", "dynamodb": change}


def feed(records: dict[str, Any]) -> list[str]:
    """The numbers of the records that were not got done."""
    answer = follow.handle(records, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def watched(shop: Shop) -> Shop:
    shop.promise(abuse=Abuse(returns=2, percent=50))
    return shop


def test_returns_lead_to_a_review_that_support_is_shown_and_ends(watched: Shop) -> None:
    shop = watched
    member_id = shop.with_key(shop.member())
    body = shop.purchase(member_id, line("1", 10_000))
    assert shop.post("/v1/purchases", body).status == 201
    for number in (1, 2):
        back = {"return_id": f"r-{number}", "amount_minor": 3_000}
        sent = shop.post(f"/v1/purchases/{body['purchase_id']}/returns", back)
        assert sent.status == 201, sent.body
    assert feed(batch(member_id)) == []
    assert feed(batch(member_id)) == []  # the stream may show all of it again
    shop.earn(member_id, 30)
    held = {"points": 30, "since": shop.account(member_id)["as_of"][:10]}
    assert shop.account(member_id)["held"] == held

    staff = shop.staff("support")
    [listed] = [one for one in reviews(shop, staff) if one["member_id"] == member_id]
    assert (listed["suspicion"], listed["held"]) == ("refunds", 30)
    path, headers = f"/v1/members/{member_id}/review", {"Idempotency-Key": "v-1"}
    said = {"outcome": "release", "reason": "a wedding was called off"}
    decided = shop.client.post(path, said, bearer=staff, headers=headers)
    assert (decided.status, decided.json()["available_after"]) == (200, 70)
    assert shop.account(member_id)["held"] is None
    assert feed(batch(member_id)) == []
    assert member_id not in [one["member_id"] for one in reviews(shop, staff)]
    told = [row.action for row in shop.recorded(member_id)]
    assert told.count("review.release") == 1


def reviews(shop: Shop, staff: str) -> list[dict[str, Any]]:
    """All accounts under review, page by page."""
    found: list[dict[str, Any]] = []
    path = "/v1/reviews?limit=50"
    while True:
        page = shop.client.get(path, bearer=staff).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        path = f"/v1/reviews?limit=50&cursor={page['next_cursor']}"


def test_support_holds_what_a_member_earns_and_takes_it(shop: Shop) -> None:
    member_id, staff = shop.with_key(shop.member()), shop.staff("support")
    shop.earn(member_id, 10)
    path = f"/v1/members/{member_id}/review"
    why, headers = {"reason": "odd receipts"}, {"Idempotency-Key": "o-1"}
    opened = shop.client.post(f"{path}/open", why, bearer=staff, headers=headers)
    assert (opened.status, opened.json()["suspicion"], opened.json()["held"]) == (200, "staff", 0)
    bought = shop.post("/v1/purchases", shop.purchase(member_id, line("1", 5_000))).json()
    assert (bought["points"]["earned"], bought["points"]["held"]) == (50, 50)
    body, headers = {"outcome": "forfeit", "reason": "odd"}, {"Idempotency-Key": "v-1"}
    decided = shop.client.post(path, body, bearer=staff, headers=headers)
    assert (decided.json()["status"], shop.account(member_id)["available"]) == ("done", 10)
    again = shop.client.post(path, body, bearer=staff, headers={"Idempotency-Key": "v-2"})
    assert (again.status, again.json()["reason"]) == (409, "not_under_review")


def test_nobody_but_support_looks_at_accounts(shop: Shop) -> None:
    member_id = shop.member()
    own = shop.token_for(member_id)
    path = f"/v1/members/{member_id}/review"
    for token in (own, shop.till, shop.staff("marketer")):
        assert shop.client.get("/v1/reviews", bearer=token).status == 403
        assert shop.client.post(f"{path}/open", {"reason": "odd"}, bearer=token).status == 403


def test_poison_is_told_and_in_nobodys_way(shop: Shop) -> None:
    records = batch(shop.member())
    spoiled = json.loads(json.dumps(records["Records"][0]))
    spoiled["dynamodb"]["NewImage"]["t"] = {"S": "of a newer release"}
    spoiled["dynamodb"]["SequenceNumber"] = "9"
    records["Records"].insert(0, spoiled)
    assert feed(records) == ["9"]


def test_the_records_of_a_real_stream_are_looked_at(shop: Shop) -> None:
    shop.promise(abuse=None)
    changed = [row for row in BATCH["Records"] if row["eventName"] != "INSERT"]
    assert feed({"Records": changed}) == []
