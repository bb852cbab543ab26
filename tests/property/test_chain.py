"""The chain of an account: whoever changes anything in any entry is found out."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, AccountStatus, Lot, credit
from chalicelib.domain.entries import (
    Entry,
    EntryKind,
    Why,
    chained_hash,
    commitment_to,
    first_broken,
    next_entry,
    opening_entry,
)
from chalicelib.domain.packing import pack
from chalicelib.storage.ledger_items import EntryItem, entry_item
from tests.ledger_world import NOW

_texts = st.text(max_size=12)


@st.composite
def chains(draw: st.DrawFn) -> list[Entry]:
    """A true chain of 2 to 6 entries."""
    entries = [opening_entry("mem_1", AccountStatus.ACTIVE, NOW)]
    for _ in range(draw(st.integers(1, 5))):
        head = entries[-1]
        after, _ = credit(head.account(), (Lot(None, draw(st.integers(1, 500))),))
        entries.append(
            next_entry(
                head,
                after,
                kind=draw(st.sampled_from(EntryKind)),
                cause=draw(_texts),
                now=NOW + timedelta(milliseconds=draw(st.integers(-5_000, 5_000_000))),
                program_version=draw(st.integers(0, 9)),
                why=tuple(
                    draw(st.lists(st.builds(Why, _texts, st.integers(), st.integers()), max_size=2))
                ),
                commitment=draw(st.binary(max_size=32)),
            )
        )
    return entries


_OTHERS = {
    "account_id": "mem_2",
    "seq": 99,
    "cause": "another",
    "available": 10**6,
    "pending": 10**6,
    "debt": 10**6,
    "program_version": 77,
    "why": (Why("forged", 1, 1),),
    "state": pack(Account(debt=10**6)),
    "previous_hash": b"forged",
    "commitment": b"forged",
    "hash": b"forged",
}


def _forged(entry: Entry, field: str) -> Any:
    if field == "kind":
        return next(kind for kind in EntryKind if kind is not entry.kind)
    if field == "at":
        return entry.at + timedelta(milliseconds=1)
    return _OTHERS[field]


@given(chains())
def test_a_true_chain_holds(entries: list[Entry]) -> None:
    assert first_broken(entries, "mem_1") is None


@given(chains(), st.data())
def test_a_change_of_any_field_of_any_entry_is_found_at_that_entry(
    entries: list[Entry], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    for field in fields(Entry):
        if not field.compare:  # a hint, which no hash covers
            continue
        forged = replace(entries[place], **{field.name: _forged(entries[place], field.name)})
        chain = [*entries[:place], forged, *entries[place + 1 :]]
        assert first_broken(chain, "mem_1") == place + 1, field.name


@given(chains(), st.data())
def test_a_forger_who_mends_the_entrys_own_hash_is_found_at_the_next(
    entries: list[Entry], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 2))
    forged = replace(entries[place], available=10**6)
    forged = replace(forged, hash=chained_hash(forged))
    chain = [*entries[:place], forged, *entries[place + 1 :]]
    assert first_broken(chain, "mem_1") == place + 2


@given(chains(), st.data())
def test_a_missing_a_doubled_and_a_swapped_entry_are_found(
    entries: list[Entry], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 2))
    missing = entries[:place] + entries[place + 1 :]
    doubled = [*entries[: place + 1], *entries[place:]]
    swapped = [*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]]
    assert first_broken(missing, "mem_1") == place + 1
    assert first_broken(doubled, "mem_1") == place + 2
    assert first_broken(swapped, "mem_1") == place + 1


@given(chains())
def test_a_chain_of_another_account_does_not_hold(entries: list[Entry]) -> None:
    assert first_broken(entries, "mem_2") == 1


@given(chains())
def test_time_never_goes_back_in_an_account(entries: list[Entry]) -> None:
    instants = [entry.at for entry in entries]
    assert instants == sorted(instants)


@given(chains())
def test_an_entry_is_read_from_its_stored_form_exactly_as_it_was(entries: list[Entry]) -> None:
    for entry in entries:
        stored = entry_item(entry).serialize()
        assert EntryItem.from_raw_data(stored).entry() == entry


@given(st.binary(min_size=16, max_size=16), _texts, _texts)
def test_a_commitment_tells_its_details_apart(salt: bytes, first: str, second: str) -> None:
    same = commitment_to(salt, first) == commitment_to(salt, second)
    assert same == (first == second)
    assert commitment_to(salt, first) != commitment_to(salt + b"x", first)
