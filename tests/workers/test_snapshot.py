"""What a queue of stream records brings into the snapshot, and what of it comes again."""

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.snapshot_columns import Dataset
from chalicelib.storage import keys
from chalicelib.storage.reading import raw_partition
from chalicelib.storage.tables import LedgerItem
from chalicelib.workers import snapshot
from tests.api.club import Club
from tests.snapshot_world import Snapshot, in_folder


@dataclass(frozen=True, slots=True)
class Fed:
    """A club whose snapshot starts empty."""

    club: Club
    snapshot: Snapshot

    def member(self) -> tuple[str, dict[str, Any]]:
        """A new member and the record that tells of it."""
        member_id = str(self.club.member()["member_id"])
        [item] = [
            item
            for item in raw_partition(LedgerItem, keys.account(member_id))
            if item["sk"]["S"] != keys.TRAITS
        ][:1]
        image = {
            name: {"B": b64encode(typed["B"]).decode()} if "B" in typed else typed
            for name, typed in item.items()
        }
        at = {name: item[name] for name in ("pk", "sk")}
        change = {"SequenceNumber": member_id, "NewImage": image, "Keys": at}
        return member_id, {"eventName": "INSERT", "dynamodb": change}

    def objects(self) -> list[str]:
        found = self.snapshot.files.objects.find(f"changes/{Dataset.MEMBERS}/")
        return [one.name for one in found]


@pytest.fixture
def fed(club: Club, tmp_path: Path) -> Fed:
    made = in_folder(tmp_path)
    ports = replace(club.services.ports, snapshots=made.files, queries=made.queries)
    wiring.install(replace(club.services, ports=ports))
    return Fed(club, made)


def message(name: str, *records: Any) -> dict[str, Any]:
    return {"messageId": name, "body": json.dumps(records)}


def sent(*messages: dict[str, Any]) -> list[str]:
    """The names of the messages that come again."""
    answer = snapshot.handle({"Records": list(messages)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_messages_become_one_object_which_the_same_records_overwrite_in_any_order(
    fed: Fed,
) -> None:
    (mia, first), (lou, second) = fed.member(), fed.member()
    assert sent(message("m-1", first), message("m-2", second)) == []
    assert sorted(fed.snapshot.ids()) == sorted([mia, lou])
    [name] = fed.objects()
    assert sent(message("m-3", second, first)) == []
    assert fed.objects() == [name]


def test_what_cannot_be_read_comes_again_alone_and_what_stands_beside_it_is_brought_in(
    fed: Fed,
) -> None:
    (mia, first), (lou, second) = fed.member(), fed.member()
    poison = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "9", "NewImage": {}}}
    garbled = {"messageId": "m-2", "body": "no JSON"}
    assert sent(message("m-1", poison, first), garbled, message("m-3", second)) == ["m-1", "m-2"]
    assert sorted(fed.snapshot.ids()) == sorted([mia, lou])


class OneBroken:
    """Accounts, but for one that cannot be read."""

    def __init__(self, ledger: Any, broken: str) -> None:
        self._ledger, self._broken = ledger, broken

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._ledger, name)

        def asked(account_id: str, *others: Any) -> Any:
            if account_id == self._broken:
                raise RuntimeError("broken")
            return found(account_id, *others)

        return asked


def test_a_message_that_cannot_be_brought_in_holds_no_other_up(fed: Fed) -> None:
    (mia, first), (lou, second) = fed.member(), fed.member()
    services = wiring.services()
    broken: Any = OneBroken(services.ports.ledger, mia)
    wiring.install(replace(services, ports=replace(services.ports, ledger=broken)))
    assert sent(message("m-1", first), message("m-2", second)) == ["m-1"]
    assert fed.snapshot.ids() == [lou]
    wiring.install(services)
    assert sent(message("m-1", first)) == []
    assert sorted(fed.snapshot.ids()) == sorted([mia, lou])
