"""What the worker does that erases, over DynamoDB. Only its role may do all of this."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.due import shard_of
from chalicelib.domain.erasures import Erasure
from chalicelib.domain.identifiers import Identifier, Kind, name_of
from chalicelib.domain.instants import printed
from chalicelib.domain.names import Namer
from chalicelib.storage import keys
from chalicelib.storage.audiences import kept_reach, reach_writes
from chalicelib.storage.erasures import HoldItem, changed, due_item
from chalicelib.storage.faults import store_errors
from chalicelib.storage.gone import GoneItem
from chalicelib.storage.payment_methods import (
    CardItem,
    WalletItem,
    customer_key,
    wallet_items,
)
from chalicelib.storage.people_items import IdentifierItem, KeyItem
from chalicelib.storage.reading import partition_keys
from chalicelib.storage.redaction import empty_traits, redact
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.tombstones import bury
from chalicelib.storage.writing import Absent, Cancelled, Delete, Put, transact
from chalicelib.usecases.ports import Cause, ReachChange, Vault
from chalicelib.usecases.ports.erasures import Begun

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()
_MOST = 90
"""Items of one transaction, of at most a hundred."""

_STAY = frozenset({keys.GONE, keys.ERASURE})


class DynamoEraser:
    """The `Eraser` port over the bound tables."""

    def __init__(self, vault: Vault, namer: Namer) -> None:
        self._vault = vault
        self._namer = namer

    def begin(self, after: Erasure, now: datetime) -> Begun:
        gone = [
            Put(GoneItem(keys.member(member_id), keys.GONE, at=printed(now)), _ANYWAY)
            for member_id in after.members
        ]
        held = [Absent(HoldItem, keys.member(one), keys.HOLD) for one in after.members]
        try:
            transact([changed(after), *gone], absent=held)
        except Cancelled as cancelled:
            return "held" if any(cancelled.absent) else "stale"
        return "begun"

    def save(self, after: Erasure) -> bool:
        try:
            # Open until it is at its end: whoever is killed on the way is found again.
            done = [] if after.is_open else [Delete(due_item(after))]
            transact([changed(after)], deletes=done)
        except Cancelled:
            return False
        return True

    def redact(self, records: Sequence[Cause]) -> None:
        if records:
            redact(records)

    def empty_traits(self, account_id: str) -> None:
        empty_traits(account_id)

    def silence(self, member_id: str) -> None:
        reach = kept_reach(member_id)
        if reach is None:
            return
        silent = ReachChange(reach, replace(reach, heard=False).following(reach))
        told, left = reach_writes(member_id, silent)
        try:
            # The door of all letters asks for it: who is being erased gets none any more.
            transact(told, deletes=left)
        except Cancelled:
            return  # another worker was here: nobody else may write this any more

    def bury(self, member_id: str, identifiers: Sequence[Identifier], now: datetime) -> int:
        names = {(held.kind, name_of(self._namer, held)) for held in identifiers}
        names |= set(_subjects(member_id))
        for item in wallet_items(member_id):
            if isinstance(item, WalletItem) and item.c is not None:
                self._drop_customer(member_id, item.c)
            if isinstance(item, CardItem) and item.f is not None:
                names.add((Kind.PAYMENT_FINGERPRINT, item.f))
        return sum(bury(member_id, kind, name, now) for kind, name in sorted(names))

    def _drop_customer(self, member_id: str, customer_id: str) -> None:
        lead = IdentifierItem(customer_key(self._namer, customer_id), keys.ONLY)
        try:
            transact(deletes=[Delete(lead, IdentifierItem.m == member_id)])
        except Cancelled:
            return

    def shred(self, member_id: str) -> None:
        with store_errors():
            KeyItem(keys.member(member_id), keys.ONLY).delete()
        self._vault.forget(member_id)

    def clear(self, member_id: str) -> int:
        pk = keys.member(member_id)
        left = [sk for sk in partition_keys(PeopleItem, pk, None) if sk not in _STAY]
        places = [place for sk in left for place in ((pk, sk), *_elsewhere(member_id, sk))]
        for start in range(0, len(places), _MOST):
            transact(deletes=[Delete(PeopleItem(*one)) for one in places[start : start + _MOST]])
        return len(left)


def _elsewhere(member_id: str, sort_key: str) -> Iterator[tuple[str, str]]:
    """Where else somebody is told of an item, in a list of them."""
    if sort_key == keys.HOLD:
        yield keys.HELD, member_id
    if sort_key.startswith(keys.EXPORT):
        export_id = sort_key.removeprefix(keys.EXPORT)
        yield keys.OPEN_EXPORTS, keys.open_export(member_id, export_id)
    if sort_key.startswith(keys.REMIND):
        yield keys.reminders(shard_of(member_id)), keys.reminder_of(member_id, sort_key)


def _subjects(member_id: str) -> Iterator[tuple[Kind, str]]:
    for sk in partition_keys(PeopleItem, keys.member(member_id), None):
        if sk.startswith(keys.SUBJECT):
            yield Kind.SUBJECT, sk.removeprefix(keys.SUBJECT)
