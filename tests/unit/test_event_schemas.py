"""Every event that others are told of is named with its schema in docs/webhooks.md, and is as that
schema says.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import EntryKind, Why, next_entry, opening_entry
from chalicelib.domain.merging import Move
from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.redemptions import EndedAs, RedemptionEnd
from chalicelib.domain.webhooks import EVENT_TYPES, TEST_TYPE
from chalicelib.usecases.adjust_points import ADJUSTMENT, ADJUSTMENT_END
from chalicelib.usecases.freshen_member import REMOVAL_WARNED
from chalicelib.usecases.ports import Cause, Event, OperationRecord
from chalicelib.usecases.publish_events import event_of
from chalicelib.usecases.tell_expiring import EXPIRING
from tests.ledger_world import NOW, line, purchase

ROOT = Path(__file__).parents[2]
BY_WORKERS = {EXPIRING, REMOVAL_WARNED}
"""Held against their schemas in tests/workers, where they are published."""


def named() -> dict[str, str]:
    """The schema of each type, by the page for integrators."""
    rows = re.findall(r"^\| `(stampbook\S+)` \|.*\(\.\./events/schemas/(\w+)\.json\)", page(), re.M)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def page() -> str:
    return (ROOT / "docs/webhooks.md").read_text()


def of_the_ledger() -> Iterator[Event]:
    """An event of each kind of entry, and of each record that stands for an operation."""
    opened = opening_entry("mem_a", AccountStatus.ACTIVE, NOW)
    account = opened.account()
    plain = set(EntryKind) - {EntryKind.OPEN, EntryKind.MERGE}
    reasons: list[tuple[EntryKind, str]] = [
        *((kind, "base") for kind in plain),
        *((EntryKind.MERGE, move.value) for move in Move),
    ]
    causes: list[Cause] = [
        PurchaseRecord("n", None, NOW, purchase("p", line("1", 5)), 1, NOTHING_EARNED, {}, b"s"),
        ReturnRecord("n", 1, "r", NOW, ((0, 1, 5),), Taken(0, 0, 0, 0, 0, 0, 0, 0), (), {}, b"s"),
        *(RedemptionEnd("red_a", how, NOW, "x") for how in (EndedAs.USED, EndedAs.ERASED)),
        _adjustment(ADJUSTMENT, "awaiting_approval"),
        _adjustment(ADJUSTMENT_END, "rejected"),
    ]
    records = [
        opened,
        *(
            next_entry(opened, account, kind=kind, cause="c", now=NOW, why=(Why(why, 1, 1),))
            for kind, why in reasons
        ),
        *causes,
    ]
    for record in records:
        event = event_of(record, "key")
        assert event is not None
        yield event


def _adjustment(kind: str, status: str) -> OperationRecord:
    at, number = "2026-11-22T09:30:00.000Z", 5
    answer: dict[str, int | str | None] = {"member_id": "mem_a", "points": number, "at": at}
    return OperationRecord(kind, "adj_a", {}, answer | {"status": status})


def test_every_type_has_its_schema_on_the_page_and_no_schema_is_of_nothing() -> None:
    schemas = {path.stem for path in (ROOT / "events/schemas").glob("*.json")}
    assert set(named()) == {*EVENT_TYPES, TEST_TYPE}
    assert set(named().values()) == schemas


def test_whatever_the_ledger_tells_is_a_type_that_can_be_asked_for_as_its_schema_says() -> None:
    events = list(of_the_ledger())
    for event in events:
        schema = json.loads((ROOT / f"events/schemas/{named()[event.type]}.json").read_text())
        jsonschema.validate(json.loads(event.printed())["data"], schema)
    assert {event.type for event in events} == set(EVENT_TYPES) - BY_WORKERS
