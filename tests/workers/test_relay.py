"""The relay, fed with records that the real stream gave, publishing to a bus that is watched."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chalicelib import wiring
from chalicelib.domain.purchases import NOTHING_EARNED, PurchaseRecord
from chalicelib.domain.redaction import redacted_purchase
from chalicelib.storage.ledger_puts import cause_item
from chalicelib.usecases.ports import Event
from chalicelib.workers import relay
from tests.ledger_world import NOW, line, purchase

ROOT = Path(__file__).parents[2]
BATCH: dict[str, Any] = json.loads((ROOT / "events/ledger_stream.json").read_text())
SCHEMAS = {
    "stampbook.account.": "entry",
    "stampbook.points.": "entry",
    "stampbook.member.": "entry",
    "stampbook.purchase.kept_for_claim": "purchase_kept_for_claim",
    "stampbook.purchase.returned_unclaimed": "purchase_returned_unclaimed",
    "stampbook.redemption.": "redemption_ended",
    "stampbook.adjustment.": "adjustment",
}


class Bus:
    """A bus that keeps what it takes; it refuses the events whose types are in `refused`."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.refused: set[str] = set()

    def publish(self, events: Sequence[Event]) -> list[int]:
        self.taken += [event for event in events if event.type not in self.refused]
        return [index for index, event in enumerate(events) if event.type in self.refused]


@pytest.fixture
def bus() -> Iterator[Bus]:
    kept = Bus()
    wiring.publish_to(kept)
    yield kept
    wiring.publish_to(None)


def feed(batch: dict[str, Any]) -> list[str]:
    """The sequence numbers that the relay reports as not done."""
    answer = relay.handle(batch, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def number_of(record: dict[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def test_each_operation_is_one_event(bus: Bus) -> None:
    assert feed(BATCH) == []

    assert [event.type for event in bus.taken] == [
        "stampbook.account.opened",
        "stampbook.points.earned",
        "stampbook.purchase.kept_for_claim",
        "stampbook.points.redeemed",
        "stampbook.redemption.used",
        "stampbook.account.opened",
        "stampbook.points.transferred_in",
        "stampbook.points.transferred_out",
        "stampbook.points.expired",
        "stampbook.points.earned",
    ]
    assert [event.data.get("points") for event in bus.taken] == [
        *(0, 24, None, -5, None),
        *(0, 4, -4, -15, 3),
    ]
    assert len({event.id for event in bus.taken}) == len(bus.taken)


def test_every_event_is_what_its_schema_says(bus: Bus) -> None:
    feed(BATCH)

    for event in bus.taken:
        name = next(name for prefix, name in SCHEMAS.items() if event.type.startswith(prefix))
        schema = json.loads((ROOT / f"events/schemas/{name}.json").read_text())
        jsonschema.validate(event.data, schema)


def test_no_event_says_what_the_caller_called_things(bus: Bus) -> None:
    feed(BATCH)

    assert not any("till-berlin" in repr(event) for event in bus.taken)


def test_the_same_record_twice_is_the_same_event(bus: Bus) -> None:
    feed(BATCH)
    feed(BATCH)

    half = len(bus.taken) // 2
    assert bus.taken[:half] == bus.taken[half:]


def test_what_the_bus_does_not_take_is_reported_and_the_rest_is_not(bus: Bus) -> None:
    bus.refused = {"stampbook.points.earned"}

    failed = feed(BATCH)

    assert failed == [number_of(BATCH["Records"][index]) for index in (2, -1)]
    assert len(bus.taken) == 8


def test_poison_holds_nothing_up(bus: Bus) -> None:
    batch = deepcopy(BATCH)
    batch["Records"][2]["dynamodb"]["NewImage"]["s"]["S"] = "no account"

    failed = feed(batch)

    assert failed == [number_of(BATCH["Records"][2])]
    assert len(bus.taken) == 9


def test_a_change_of_the_ledger_raises_an_alarm_and_is_no_event(
    bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = {"Records": deepcopy(BATCH["Records"][:1])}
    batch["Records"][0]["eventName"] = "MODIFY"

    assert feed(batch) == []

    assert bus.taken == []
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["ledger_tampered"]) == ("ledger_tampered", 1)


def redaction_of(record: PurchaseRecord) -> dict[str, Any]:
    """The stream's record of a purchase that was written over by this one."""
    image = cause_item(record, is_event=False).serialize()
    in_json = {
        name: {"B": b64encode(value["B"]).decode()} if "B" in value else value
        for name, value in image.items()
    }
    changed = deepcopy(BATCH["Records"][0])
    changed["eventName"] = "MODIFY"
    changed["dynamodb"]["Keys"] = {name: image[name] for name in ("pk", "sk")}
    changed["dynamodb"]["NewImage"] = in_json
    return {"Records": [changed]}


def bought() -> PurchaseRecord:
    what = purchase("p-1", line("1", 1_000))
    return PurchaseRecord("n", "mem_a", NOW, what, 1, NOTHING_EARNED, {"lines": "x"}, b"s" * 16)


def test_a_redaction_is_no_tampering_and_no_event(
    bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feed(redaction_of(redacted_purchase(bought(), "Europe/Berlin"))) == []
    assert (bus.taken, capsys.readouterr().out) == ([], "")


@pytest.mark.parametrize(
    "changed",
    [
        bought(),
        replace(redacted_purchase(bought(), "Europe/Berlin"), fingerprint={"lines": "x"}),
        replace(redacted_purchase(bought(), "Europe/Berlin"), salt=b"s" * 16),
        replace(redacted_purchase(bought(), "Europe/Berlin"), purchase=bought().purchase),
    ],
    ids=["nothing", "with a fingerprint", "with its salt", "with its details"],
)
def test_what_calls_itself_a_redaction_and_tells_more_is_tampering(
    bus: Bus, capsys: pytest.CaptureFixture[str], changed: PurchaseRecord
) -> None:
    batch = redaction_of(changed)
    batch["Records"][0]["dynamodb"]["NewImage"]["rd"] = {"N": "1"}
    assert feed(batch) == []
    assert bus.taken == []
    assert json.loads(capsys.readouterr().out)["event"] == "ledger_tampered"


def test_a_change_of_traits_is_nothing_to_speak_of(
    bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = {"Records": deepcopy(BATCH["Records"][:1])}
    batch["Records"][0]["eventName"] = "MODIFY"
    batch["Records"][0]["dynamodb"]["Keys"]["sk"]["S"] = "T"

    assert feed(batch) == []

    assert (bus.taken, capsys.readouterr().out) == ([], "")


@pytest.mark.parametrize(
    "module", ["relay", "expire_redemptions", "expire_points", "tell_expiring", "remind"]
)
def test_a_worker_needs_neither_the_app_nor_stripe(module: str) -> None:
    script = (
        f"import chalicelib.workers.{module}, sys;"
        "sys.exit(bool({'app', 'stripe', 'chalicelib.api'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0
