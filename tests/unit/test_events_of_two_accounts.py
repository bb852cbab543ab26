"""What moves points between accounts is told to others of each of them."""

import json
from pathlib import Path

import jsonschema
import pytest

from chalicelib.usecases.ports import Event
from chalicelib.usecases.publish_events import event_of
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import fake_world
from tests.neighbours import Neighbours

SCHEMA = json.loads((Path(__file__).parents[2] / "events/schemas/entry.json").read_text())


def told(ledger: FakeLedger, member: str) -> list[Event]:
    """The events of an account's entries, oldest first, as their schema has them."""
    found = []
    for seq, entry in sorted(ledger.accounts[member].items()):
        if ("entry", member, seq) in ledger.events:
            event = event_of(entry, "")
            assert event is not None
            jsonschema.validate(event.data, SCHEMA)
            found.append(event)
    return found


@pytest.fixture
def ledger() -> FakeLedger:
    """Mia sends points to Tom; old is merged into Mia and parted again; Tom joins and leaves."""
    world, ledger = fake_world()
    near = Neighbours(world)
    mia, tom, old = near.member("mia", 100), near.member("tom"), near.member("old", 10)
    near.send(mia, tom, 60, "k")
    near.part(near.merge(old, mia, "m").answer.merge_id)
    near.join(tom, near.invite(mia, "i"))
    near.leave(tom)
    return ledger


def test_each_of_two_accounts_has_an_event_of_what_happened(ledger: FakeLedger) -> None:
    types = {
        label: [event.type.removeprefix("stampbook.") for event in told(ledger, f"mem_w_{label}")]
        for label in ("mia", "tom", "old")
    }
    household = ["account.household_joined", "account.household_left"]
    assert types == {
        "mia": [
            "account.opened",
            "points.earned",
            "points.transferred_out",
            "account.merged",
            "account.separated",
            *household,
        ],
        "tom": ["account.opened", "points.transferred_in", *household],
        "old": ["account.opened", "points.earned", "account.merged", "account.separated"],
    }


def test_an_event_says_whose_account_stands_in_from_now_on(ledger: FakeLedger) -> None:
    moved = [event.data.get("moved_to") for event in told(ledger, "mem_w_old")]
    assert moved == [None, None, "mem_w_mia", None]
