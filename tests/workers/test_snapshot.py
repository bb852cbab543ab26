"""What happened reaches the snapshot by its queue, from what the stream of the ledger gives."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.storage import keys
from chalicelib.storage.reading import raw_partition
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import SnapshotQuery
from chalicelib.workers import snapshot as worker
from tests.api.club import TERMS, Club
from tests.api.shop import line
from tests.snapshot_world import Snapshot, in_folder

Record = dict[str, Any]


@dataclass(slots=True)
class Counted:
    """A club, and the snapshot that it is counted in."""

    club: Club
    snapshot: Snapshot

    def told(self, text: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.snapshot.queries.rows(SnapshotQuery(text))]


@pytest.fixture
def counted(club: Club, tmp_path: Path) -> Iterator[Counted]:
    snapshot = in_folder(tmp_path)
    ports = replace(club.services.ports, snapshots=snapshot.files, queries=snapshot.queries)
    wiring.install(replace(club.services, ports=ports))
    yield Counted(club, snapshot)
    wiring.install(club.services)


def stream(partition: str) -> list[Record]:
    """All that stands in a partition of the ledger, as stream records."""
    return [_record(item) for item in raw_partition(LedgerItem, partition)]


def _record(item: Record) -> Record:
    image = {
        name: {"B": b64encode(typed["B"]).decode()} if "B" in typed else typed
        for name, typed in item.items()
    }
    at = {name: item[name] for name in ("pk", "sk")}
    number = f"{item['pk']['S']}{item['sk']['S']}"
    event = "MODIFY" if item["sk"]["S"] == keys.TRAITS else "INSERT"
    change = {"SequenceNumber": number, "NewImage": image, "Keys": at}
    return {"eventName": event, "dynamodb": change}


def feed(**messages: list[Record] | str) -> list[str]:
    """The names of the messages that were not got done."""
    rows = [
        {"messageId": name, "body": body if isinstance(body, str) else json.dumps(body)}
        for name, body in messages.items()
    ]
    answer = worker.handle({"Records": rows}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def buy(club: Club, member_id: str) -> str:
    """The till posts a purchase; where the ledger keeps it."""
    body = {
        "purchase_id": f"p-{member_id}",
        "member": {"member_id": member_id},
        "occurred_at": club.services.clock().isoformat(),
        "currency": "EUR",
        "lines": [line("1", 1_000, "beans")],
    }
    assert club.client.post("/v1/purchases", body, bearer=club.till).status == 201
    [entry] = club.services.ports.ledger.entries(member_id, None, 1)
    return f"P#{entry.cause.split(':')[1]}"


def test_what_a_member_does_and_allows_is_counted_once_whatever_comes_twice_or_is_poison(
    counted: Counted,
) -> None:
    club = counted.club
    mia, lou = club.member()["member_id"], club.member()["member_id"]
    said = {"consents": [TERMS | {"purpose": "profiling", "granted": True}]}
    path = "/v1/members/me/consents"
    assert club.client.put(path, said, bearer=club.own(mia)).status == 200
    bought = [stream(buy(club, member_id)) for member_id in (mia, lou)]
    accounts = [stream(keys.account(member_id)) for member_id in (mia, lou)]
    poison = json.loads(json.dumps(accounts[1][0]))
    poison["dynamodb"]["NewImage"]["t"] = {"S": "of a newer release"}

    failed = feed(a=accounts[0] + bought[0], b=[poison, *bought[1]], c="no JSON")
    assert failed == ["b", "c"]
    assert feed(d=bought[0], e=accounts[1] + bought[1]) == []

    facts = "SELECT member_id, lifetime_purchases, profiling FROM {members} AS m"
    assert sorted(counted.told(facts)) == sorted([(mia, 1, True), (lou, 1, False)])
    purchases = "SELECT member_id, amount_minor FROM {purchases} AS p"
    assert sorted(counted.told(purchases)) == sorted([(mia, 1_000), (lou, 1_000)])
    assert counted.told("SELECT member_id, category FROM {lines} AS l") == [(mia, "beans")]
