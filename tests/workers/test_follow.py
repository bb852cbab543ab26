"""The second reader of the stream: each of its three does all it can, whatever another fails at."""

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.program import Abuse
from chalicelib.storage import keys
from chalicelib.storage.reading import raw_partition
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.workers import follow
from tests.api.club import TERMS, Club
from tests.api.shop import line
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.fakes.snapshot_queue import FakeSnapshotQueue
from tests.ruin import Ruin

POISON: dict[str, Any] = {"eventName": "INSERT", "dynamodb": {"NewImage": {}}}


def down() -> Any:
    """A port that answers nobody."""
    return Ruin(StoreUnavailable("down"), "")


@pytest.fixture
def queue(club: Club) -> FakeSnapshotQueue:
    """What was handed on to the snapshot."""
    handed_on = FakeSnapshotQueue()
    wiring.install(with_ports(club, snapshot_queue=handed_on))
    return handed_on


def with_ports(club: Club, **others: Any) -> wiring.Services:
    return replace(club.services, ports=replace(wiring.services().ports, **others))


def bought_and_returned(club: Club) -> tuple[str, list[dict[str, Any]]]:
    """A member who lets us look and gives back too much, and its account as the stream told it."""
    programs = club.services.ports.programs
    latest = programs.latest()
    assert latest is not None
    terms = replace(latest, version=latest.version + 1, abuse=Abuse(returns=1, percent=50))
    assert programs.add(terms, FROM_THE_BEGINNING)
    programs.activate(terms.version, FROM_THE_BEGINNING)
    said = [TERMS, TERMS | {"purpose": "profiling"}]
    member_id = str(club.member(consents=said)["member_id"])
    body = {
        "purchase_id": f"p-{member_id}",
        "member": {"member_id": member_id},
        "occurred_at": club.services.clock().isoformat(),
        "currency": "EUR",
        "lines": [line("1", 1_000)],
    }
    assert club.client.post("/v1/purchases", body, bearer=club.till).status == 201
    back = {"return_id": "r-1", "amount_minor": 900}
    path = f"/v1/purchases/{body['purchase_id']}/returns"
    assert club.client.post(path, back, bearer=club.till).status == 201
    items = raw_partition(LedgerItem, keys.account(member_id))
    return member_id, [_record(f"{number:03}", item) for number, item in enumerate(items)]


def _record(number: str, item: dict[str, Any]) -> dict[str, Any]:
    image = {
        name: {"B": b64encode(typed["B"]).decode()} if "B" in typed else typed
        for name, typed in item.items()
    }
    at = {name: item[name] for name in ("pk", "sk")}
    change = {"SequenceNumber": number, "NewImage": image, "Keys": at}
    name = "MODIFY" if item["sk"]["S"] == keys.TRAITS else "INSERT"
    return {"eventName": name, "dynamodb": change}


def shown(records: list[dict[str, Any]]) -> list[str]:
    """The numbers of the records that are to be shown again."""
    answer = follow.handle({"Records": records}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def looked_at(member_id: str) -> bool:
    """Whether a review was opened."""
    head = wiring.services().ports.ledger.head(member_id)
    assert head is not None
    return head.entry.account().under_review is not None


def counted(member_id: str) -> int:
    """How many purchases are."""
    head = wiring.services().ports.ledger.head(member_id)
    assert head is not None
    return sum(day[1] for day in head.behaviour.days) if head.behaviour else 0


def test_a_batch_is_handed_on_counted_and_looked_at_and_nothing_happens_twice(
    club: Club, queue: FakeSnapshotQueue
) -> None:
    member_id, records = bought_and_returned(club)
    assert shown(records) == []
    assert queue.taken == records
    assert (counted(member_id), looked_at(member_id)) == (1, True)
    length = len(raw_partition(LedgerItem, keys.account(member_id)))
    assert shown(records[::-1]) == []
    assert (counted(member_id), looked_at(member_id)) == (1, True)
    assert len(raw_partition(LedgerItem, keys.account(member_id))) == length


def test_what_one_of_them_fails_at_is_done_by_the_others_and_told_once(
    club: Club, queue: FakeSnapshotQueue
) -> None:
    member_id, records = bought_and_returned(club)
    numbers = [row["dynamodb"]["SequenceNumber"] for row in records]
    spoiled = {**POISON, "dynamodb": {**POISON["dynamodb"], "SequenceNumber": "999"}}

    wiring.install(with_ports(club, behaviours=down()))  # nobody counts
    uncounted = shown([spoiled, *records])
    assert "999" in uncounted
    assert len(uncounted) == len(set(uncounted)) < len(records)
    assert queue.taken == [spoiled, *records]  # as it is: who can read it may
    assert (counted(member_id), looked_at(member_id)) == (0, True)

    queue.full = True  # nobody hands on
    wiring.install(with_ports(club, behaviours=club.services.ports.behaviours))
    assert shown(records) == numbers
    assert counted(member_id) == 1

    wiring.install(with_ports(club, snapshot_queue=down()))
    assert shown(records) == numbers


def test_what_nobody_can_look_at_now_is_counted_and_handed_on(
    club: Club, queue: FakeSnapshotQueue
) -> None:
    member_id, records = bought_and_returned(club)
    wiring.install(with_ports(club, reviews=down()))
    missed = shown(records)
    assert len(missed) == len(set(missed)) > 0
    assert len(queue.taken) == len(records)
    assert counted(member_id) == 1
    wiring.install(with_ports(club, reviews=club.services.ports.reviews))
    assert shown(records) == []
    assert looked_at(member_id)


def test_what_was_done_is_summed_up_for_the_metrics_up_to_the_first_record_that_failed(
    club: Club, queue: FakeSnapshotQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert queue
    _, records = bought_and_returned(club)
    capsys.readouterr()

    def summed(batch: list[dict[str, Any]]) -> dict[str, Any]:
        assert shown(batch) == [row["dynamodb"]["SequenceNumber"] for row in batch if "x" in row]
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        business = [line for line in lines if line["event"] == "business"]
        return business[0] if business else {}

    points = summed(records)
    assert (points["members_joined"], points["points_earned"]) == (1, 10)
    assert points["points_taken_back"] == 9
    series = points["_aws"]["CloudWatchMetrics"]
    assert [(one["Dimensions"], len(one["Metrics"])) for one in series] == [([["stage"]], 3)]

    spoiled = {**POISON, "x": 1, "dynamodb": {**POISON["dynamodb"], "SequenceNumber": "999"}}
    assert "points_earned" not in summed([records[0], spoiled, *records[1:]])
    assert summed([spoiled, *records]) == {}
