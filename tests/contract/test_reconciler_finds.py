"""Whatever is wrong with the real tables, the reconciler names it. Each thing is spoiled once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from chalicelib.domain.account import Lot
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.packing import WIDEST_BYTES
from chalicelib.domain.reconciliations import Report
from chalicelib.settings import Settings
from chalicelib.storage.ledger_items import EntryItem, entry_item
from chalicelib.storage.rewards import give_stock_back, take_stock
from chalicelib.storage.tables import LedgerItem
from chalicelib.storage.writing import transact
from chalicelib.usecases.reconcile import reconcile_now
from tests.contract.shelf import LATER, Shelf, fill, in_dynamodb
from tests.contract.spoiled import RawLedger

Spoil = Callable[[RawLedger], None]


@dataclass(frozen=True, slots=True)
class Filled:
    shelf: Shelf
    raw: RawLedger

    def reconciled(self) -> Report:
        state = reconcile_now(self.shelf.ports(7), lambda: LATER, lambda: True)
        assert state.reconciliation.finished_at is not None
        return state.report


@pytest.fixture(scope="module")
def filled(bound: Settings) -> Iterator[Filled]:
    assert bound
    with in_dynamodb(LedgerItem._get_connection().connection) as shelf:
        fill(shelf)
        yield Filled(shelf, RawLedger(boto3.client("dynamodb"), shelf.table))


def test_nothing_is_found_where_nothing_is_wrong(filled: Filled) -> None:
    report = filled.reconciled()
    assert report.clean
    assert report.breaches == ()
    assert report.unsettled == {}
    assert report.seen == {
        "accounts": 3,
        "entries": 20,
        "purchases": 8,
        "purchase_events": 5,
        "redemptions": 2,
        "other_records": 10,
    }


# --- accounts ------------------------------------------------------------------------------------


def account(raw: RawLedger, who: str) -> str:
    """The key of an account's partition."""
    keys = (str(item["pk"]["S"]) for item in raw.items())
    return next(key for key in keys if key.endswith(f"_{who}"))


def entry(raw: RawLedger, who: str, kind: str) -> Any:
    """The first entry of a kind."""
    return raw.find(account(raw, who), k=kind)


def newest(raw: RawLedger, who: str) -> Any:
    key = account(raw, who)
    return [item for item in raw.items() if item["pk"]["S"] == key][-1]


def at_entry(who: str, kind: str, **fields: Any) -> Spoil:
    return lambda raw: raw.change(entry(raw, who, kind), **fields)


def with_state(who: str, kind: str, **parts: Any) -> Spoil:
    return lambda raw: raw.change_json(entry(raw, who, kind), "s", lambda state: state | parts)


def moved_to_nowhere(raw: RawLedger) -> None:
    raw.change_json(newest(raw, "zoe"), "s", lambda state: state | {"o": "mem_ghost"})


def entered_twice(raw: RawLedger) -> None:
    """A second entry for one record, properly chained."""
    item = LedgerItem.from_raw_data(newest(raw, "zoe"))
    assert isinstance(item, EntryItem)
    head = item.entry()
    richer = replace(head.account(), lots=(*head.account().lots, Lot(None, 10)))
    twice = next_entry(
        head, richer, kind=EntryKind.EARN, cause=head.cause, now=head.at, why=head.why
    )
    raw.put(entry_item(twice).serialize())


ACCOUNTS: dict[str, Spoil] = {
    "number_missing": lambda raw: raw.delete(entry(raw, "mia", "return")),
    "not_opened_once": at_entry("tom", "earn", k="open"),
    "time_went_back": at_entry("mia", "return", at="2026-03-14T11:59:59.999Z"),
    "hash_wrong": at_entry("mia", "adjust", c="adjustment:other"),
    "chain_broken": at_entry("mia", "adjust", p=b"0" * 32),
    "changes_wrong": at_entry("mia", "redeem", x="-61,0,0"),
    "liability_differs": at_entry("tom", "earn", x="11,0,0"),
    "unreadable": with_state("tom", "earn", d=5, l=[1, 5]),
    "state_too_large": with_state("mia", "adjust", o="m" * WIDEST_BYTES),
    "figure_negative": with_state("mia", "adjust", t=[-1, 0, 0, 0, 0]),
    "lots_wrong": with_state("mia", "adjust", l=[9, 1, 9, 1]),
    "not_foldable": with_state("mia", "adjust", l=[None, 1, 9, 5]),
    "expiry_wrong": at_entry("zoe", "expire", w='[["2026-04-30",-39,0],["2026-04-29",-1,0]]'),
    "reasons_differ": at_entry("mia", "earn", w='[["base",299,30000]]'),
    "event_missing": at_entry("mia", "adjust", ev=None),
    "moved_to_nowhere": moved_to_nowhere,
    "entry_doubled": entered_twice,
}


@pytest.mark.parametrize("code", ACCOUNTS)
def test_what_is_wrong_with_an_account_is_named(filled: Filled, code: str) -> None:
    with filled.raw.spoiled(ACCOUNTS[code]):
        report = filled.reconciled()
    assert code in report.times
    keys = {breach.key for breach in report.breaches if breach.code == code}
    assert all(key == "" or key.startswith("A#mem_") for key in keys)


def test_an_account_without_entries_is_named(filled: Filled) -> None:
    item = {"pk": {"S": "A#mem_empty"}, "sk": {"S": "T"}, "t": {"S": "T"}, "d": {"S": "{}"}}
    with filled.raw.spoiled(lambda raw: raw.put(item)):
        report = filled.reconciled()
    assert [(b.code, b.key) for b in report.breaches] == [("entries_missing", "A#mem_empty")]


def test_an_entry_that_is_missing_is_named_by_its_record(filled: Filled) -> None:
    purchase = f"P#{newest(filled.raw, 'zoe')['c']['S'].split(':')[1]}"
    with filled.raw.spoiled(lambda raw: raw.delete(newest(raw, "zoe"))):
        report = filled.reconciled()
    assert [(b.code, b.key) for b in report.breaches] == [("entry_missing", purchase)]


# --- records -------------------------------------------------------------------------------------


def at_item(pk: str, where: dict[str, str], **fields: Any) -> Spoil:
    return lambda raw: raw.change(raw.find(pk, **where), **fields)


def in_json(pk: str, where: dict[str, str], name: str, change: Callable[[Any], Any]) -> Spoil:
    return lambda raw: raw.change_json(raw.find(pk, **where), name, change)


def without(pk: str, **where: str) -> Spoil:
    return lambda raw: raw.delete(raw.find(pk, **where))


GUEST = {"t": "P", "d": "-guest"}


def guest_key(raw: RawLedger) -> str:
    return str(raw.find("P#", **GUEST)["pk"]["S"])


def in_guest(spoil: Callable[[RawLedger, Any], None], sk: str) -> Spoil:
    """Spoil something that happened to the guest's purchase."""
    return lambda raw: spoil(raw, raw.find(guest_key(raw), sk=sk))


def put_at(row: list[Any], place: int, value: Any) -> list[Any]:
    return [*row[:place], value, *row[place + 1 :]]


def returned_again(raw: RawLedger) -> None:
    raw.change(raw.find(guest_key(raw), sk="0003"), sk="0004")


def more_than_bought(raw: RawLedger, item: Any) -> None:
    raw.change_json(item, "d", lambda details: [details[0], [[0, 0, 9_999]]])


PURCHASES: dict[str, Spoil] = {
    "number_missing": lambda raw: raw.delete(raw.find(guest_key(raw), sk="0001")),
    "purchase_missing": without("P#", **GUEST),
    "program_unknown": at_item("P#", GUEST, v=99),
    "claimed_twice": at_item("P#", GUEST, a="mem_other"),
    "record_figures": in_guest(
        lambda raw, item: raw.change_json(item, "g", lambda sums: put_at(sums, 2, 99)), "0003"
    ),
    "returned_too_much": in_guest(more_than_bought, "0003"),
    "returned_twice": returned_again,
    "taken_too_much": in_guest(lambda raw, item: raw.change(item, w='[["base",-99,-700]]'), "0003"),
    "taken_too_little": lambda raw: raw.change(
        raw.find(raw.find("P#", t="P", d="all-back")["pk"]["S"], sk="0001"),
        w='[["base",-9,-1000]]',
    ),
    "event_wrong": at_item("P#", {"t": "P", "d": "all-back"}, ev=1),
    "unreadable": at_item("P#", GUEST, d="{"),
    "claim_code_missing": without("C#claim_code#"),
}


@pytest.mark.parametrize("code", PURCHASES)
def test_what_is_wrong_with_a_purchase_is_named(filled: Filled, code: str) -> None:
    with filled.raw.spoiled(PURCHASES[code]):
        report = filled.reconciled()
    assert code in report.times
    keys = {breach.key for breach in report.breaches if breach.code == code}
    assert len(keys) == 1
    assert code == "claim_code_missing" or keys.pop().startswith("P#")


REDEMPTIONS: dict[str, Spoil] = {
    "redemption_missing": without("X#", t="X"),
    "lots_wrong": in_json("X#", {"t": "X"}, "d", lambda record: record | {"lots": []}),
    "given_back_wrong": in_json("X#", {"d": "cancelled"}, "d", lambda end: end | {"returned": 59}),
    "event_wrong": at_item("X#", {"t": "X"}, ev=1),
    "entry_differs": in_json("X#", {"t": "X"}, "d", lambda rec: rec | {"available_after": 1}),
    "voucher_missing": without("V#"),
    "voucher_leads_nowhere": in_json("V#", {}, "d", lambda d: d | {"redemption_id": "red_ghost"}),
    "unreadable": at_item("X#", {"d": "cancelled"}, d="{"),
}


@pytest.mark.parametrize("code", REDEMPTIONS)
def test_what_is_wrong_with_a_redemption_is_named(filled: Filled, code: str) -> None:
    with filled.raw.spoiled(REDEMPTIONS[code]):
        report = filled.reconciled()
    assert code in report.times


def test_a_use_that_gave_points_back_is_named(filled: Filled) -> None:
    spoil = in_json("X#", {"d": "cancelled"}, "d", lambda end: end | {"ended_as": "used"})
    with filled.raw.spoiled(spoil):
        report = filled.reconciled()
    assert report.times == {"given_back_wrong": 1}


OPERATIONS: dict[str, Spoil] = {
    "operation_unknown": lambda raw: raw.put(
        {
            "pk": {"S": "C#magic#1"},
            "sk": {"S": "0"},
            "t": {"S": "C"},
            "d": {"S": '{"kind":"magic","name":"1","fingerprint":{},"answer":{}}'},
        }
    ),
    "event_wrong": at_item("C#claim_code#", {}, ev=1),
    "not_asked_for": in_json(
        "C#adjustment#",
        {"d": "awaiting"},
        "d",
        lambda record: record | {"answer": record["answer"] | {"by": "staff:ben"}},
    ),
    "record_missing": without("C#status#"),
    "unreadable": at_item("C#status#", {}, t=None),
}


@pytest.mark.parametrize("code", OPERATIONS)
def test_what_is_wrong_with_another_operation_is_named(filled: Filled, code: str) -> None:
    with filled.raw.spoiled(OPERATIONS[code]):
        report = filled.reconciled()
    assert code in report.times


@pytest.mark.parametrize("kind", ["voucher", "claim_code"])
def test_a_second_lead_to_one_thing_is_named(filled: Filled, kind: str) -> None:
    def lead_again(raw: RawLedger) -> None:
        if kind == "voucher":
            raw.change_json(raw.find("V#"), "d", lambda d: d | {"name": "copy"})
            changed = raw.find("V#", d='"copy"')
            raw.change_json(changed, "d", lambda d: d | {"name": original_name})
            raw.put({**changed, "pk": {"S": "V#copy"}})
        else:
            lead = raw.find("C#claim_code#")
            old = lead["pk"]["S"].split("#")[2]
            raw.put({**lead, "pk": {"S": "C#claim_code#copy"}, "d": named(lead, old, "copy")})

    original_name = filled.raw.find("V#")["pk"]["S"].removeprefix("V#")
    with filled.raw.spoiled(lead_again):
        report = filled.reconciled()
    assert report.times == {f"{kind}_doubled": 1}


def named(item: Any, old: str, new: str) -> dict[str, str]:
    return {"S": item["d"]["S"].replace(old, new)}


# --- across --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("commitment", in_json("P#", {"t": "P", "d": "-p"}, "d", lambda d: put_at(d, 0, "q"))),
        ("why", at_item("P#", {"t": "P", "d": "-p"}, w='[["base",74,7499],["b",1,1]]')),
        ("version", at_item("P#", {"t": "P", "d": "-p"}, v=2)),
        ("at", at_item("P#", {"t": "P", "d": "-p"}, at="2026-03-14T12:00:00.001Z")),
        ("month", in_json("P#", {"t": "P", "d": "-p"}, "d", lambda d: put_at(d, 1, FEBRUARY))),
    ],
)
def test_where_an_entry_and_its_record_differ_is_told(
    filled: Filled, what: str, spoil: Spoil
) -> None:
    with filled.raw.spoiled(spoil):
        report = filled.reconciled()
    told = [b.what for b in report.breaches if b.code in ("entry_differs", "entry_missing")]
    assert any(what in text for text in told)


FEBRUARY = "2026-02-14T12:00:00.000Z"


def test_units_that_are_neither_out_nor_left_are_named(filled: Filled) -> None:
    (reward,) = filled.shelf.world.ports.rewards.all()
    transact(updates=[give_stock_back(reward.reward_id, 0)])
    report = filled.reconciled()
    transact(updates=[take_stock(reward.reward_id, 0)])
    assert [(b.code, b.key) for b in report.breaches] == [("stock_wrong", reward.reward_id)]


# --- what is nothing wrong -----------------------------------------------------------------------


def test_what_a_newer_release_wrote_is_left_aside_and_told(filled: Filled) -> None:
    with filled.raw.spoiled(with_state("tom", "return", v=99)):
        report = filled.reconciled()
    assert (report.unread, report.accounts_unread) == (1, 1)
    assert report.breaches == ()
