"""The reconciler and what happens between accounts: what is right is clean, what is wrong named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib.domain.reconciliations import Report
from chalicelib.settings import Settings
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reconcile import reconcile_now
from tests.contract.shelf import LATER, in_dynamodb, in_memory
from tests.contract.shelf_together import fill_together
from tests.contract.spoiled import RawLedger

Spoil = Callable[[RawLedger], None]


@dataclass(frozen=True, slots=True)
class Filled:
    ports: Ports
    raw: RawLedger

    def reconciled(self) -> Report:
        return reconcile_now(self.ports, lambda: LATER, lambda: True).report


@pytest.fixture(scope="module")
def filled(bound: Settings) -> Iterator[Filled]:
    assert bound
    with in_dynamodb(LedgerItem._get_connection().connection) as shelf:
        ports = replace(fill_together(shelf), books=shelf.books(7))
        yield Filled(ports, RawLedger(boto3.client("dynamodb"), shelf.table))


def test_nothing_is_found_where_nothing_is_wrong(filled: Filled) -> None:
    report = filled.reconciled()
    assert report.breaches == ()
    assert report.clean


def test_nothing_is_found_in_memory_either() -> None:
    shelf = in_memory()
    ports = fill_together(shelf)
    report = reconcile_now(ports, lambda: LATER + timedelta(days=1), lambda: True).report
    assert report.breaches == ()


def changed(pk: str, where: dict[str, str], **fields: Any) -> Spoil:
    return lambda raw: raw.change(raw.find(pk, **where), **fields)


def in_json(pk: str, where: dict[str, str], name: str, change: Callable[[Any], Any]) -> Spoil:
    return lambda raw: raw.change_json(raw.find(pk, **where), name, change)


def without(pk: str, **where: str) -> Spoil:
    return lambda raw: raw.delete(raw.find(pk, **where))


def undoes_nothing(kind: str, end: str | None = None) -> Spoil:
    """The record of what another one undid is gone."""

    def spoil(raw: RawLedger) -> None:
        name = raw.find(f"C#{end or f'{kind}_end'}#")["pk"]["S"].split("#")[2]
        raw.delete(raw.find(f"C#{kind}#{name}"))

    return spoil


def in_answer(kind: str, **fields: Any) -> Spoil:
    """Another answer of the first record of a kind."""
    return in_json(f"C#{kind}#", {}, "d", lambda d: d | {"answer": d["answer"] | fields})


def with_state(who: str, kind: str, **parts: Any) -> Spoil:
    def spoil(raw: RawLedger) -> None:
        key = next(i["pk"]["S"] for i in raw.items() if i["pk"]["S"].endswith(f"_{who}"))
        raw.change_json(raw.find(key, k=kind), "s", lambda state: state | parts)

    return spoil


SPOILS: dict[str, tuple[str, Spoil]] = {
    "a transfer that nobody got": ("entry_missing", without("A#", k="transfer_in")),
    "another sum than was sent": ("entry_differs", in_answer("transfer", points=121)),
    "a transfer without a record": ("record_missing", without("C#transfer#")),
    "what was called back and never sent": ("nothing_to_undo", undoes_nothing("transfer")),
    "a merge of another account": ("entry_missing", in_answer("merge", to="mem_ghost")),
    "a parting of what was never merged": ("nothing_to_undo", undoes_nothing("merge")),
    "a household that nobody joined": (
        "nothing_to_undo",
        undoes_nothing("household_join", "household_leave"),
    ),
    "a balance of another sum": ("entry_differs", in_answer("import", points=71)),
    "an early return that was lost": ("return_lost", without("P#", t="F")),
    "a refusal of a return that never waited": ("return_lost", without("P#", t="W", d="too-much")),
    "points that paid for something else": (
        "payment_wrong",
        in_json("X#", {"sk": "2"}, "d", lambda d: d | {"purchase": "other"}),
    ),
    "more points back than were spent": (
        "spent_points_wrong",
        in_json("X#", {"d": '"points":40', "t": "X"}, "d", lambda d: d | {"points": 39}),
    ),
    "points that expired unnoticed": ("expiry_missing", with_state("eve", "open", l=[1, 5])),
    "points that wait for ever": ("waits_too_long", with_state("eve", "earn", p=[9, None, 5])),
    "points that end before they begin": (
        "lots_wrong",
        with_state("eve", "earn", p=[9_000, 8_999, 5]),
    ),
    "a gift that nobody gave": (
        "gifts_differ",
        with_state("eve", "earn", g=[["gold", 5, 2_000, 2_000, None]]),
    ),
}


@pytest.mark.parametrize("what", SPOILS)
def test_what_is_wrong_is_named(filled: Filled, what: str) -> None:
    code, spoil = SPOILS[what]
    with filled.raw.spoiled(spoil):
        report = filled.reconciled()
    assert code in report.times


def test_what_belongs_to_a_merged_account_is_missed_where_it_belongs(filled: Filled) -> None:
    """The redemption was the old account's, and its points came back to the new one."""
    with filled.raw.spoiled(without("A#", k="cancel")):
        report = filled.reconciled()
    assert any(b.code == "entry_missing" and b.key.startswith("X#") for b in report.breaches)


def test_an_entry_in_an_account_that_never_stood_in_is_named(filled: Filled) -> None:
    """The return of one member's purchase, entered to a neighbour who shares with others."""

    def move(raw: RawLedger) -> None:
        key = next(i["pk"]["S"] for i in raw.items() if i["pk"]["S"].endswith("_owner"))
        entry = raw.find(key, k="return")
        purchase = f"P#{entry['c']['S'].split(':')[1]}"
        raw.change(raw.find(purchase, t="P"), a=key.removeprefix("A#").replace("owner", "eve"))

    with filled.raw.spoiled(move):
        report = filled.reconciled()
    assert {"entry_missing", "record_missing"} & report.times.keys()
