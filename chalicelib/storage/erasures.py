"""Erasures, holds and restrictions over DynamoDB, as requests need them; `eraser.py` erases.

| class | `t` | attributes |
|---|---|---|
| ErasureItem | erasure | `n` version, `d` the erasure |
| NewestErasureItem | newest_erasure | `e` its id |
| DueErasureItem | due_erasure | none: its key says which, and when |
| HoldItem | hold | `at`, `by`, `f` the sealed reason |
| HeldItem | held | none: its key says who |
| RestrictionItem | restriction | `i` its id, `at`, `by`, `f` the sealed reason |
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.erasures import Erasure
from chalicelib.domain.instants import parsed, printed
from chalicelib.storage import keys
from chalicelib.storage.gone import transact_for
from chalicelib.storage.members_keys import seal_of
from chalicelib.storage.people_items import SealedAttribute
from chalicelib.storage.reading import get, partition_keys
from chalicelib.storage.sealed_fields import Seal
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put, transact
from chalicelib.usecases.ports import Hold, Restriction, StoreNewer, Vault

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()
_REASON = "reason"


class ErasureItem(PeopleItem, discriminator="erasure"):
    n = IntAttribute()
    d = UnicodeAttribute()

    def erasure(self) -> Erasure:
        try:
            return msgspec.json.decode(self.d, type=Erasure)
        except msgspec.ValidationError as error:
            raise StoreNewer(f"Erasure: {error}") from error


class NewestErasureItem(PeopleItem, discriminator="newest_erasure"):
    e = UnicodeAttribute()


class DueErasureItem(PeopleItem, discriminator="due_erasure"):
    pass


class HoldItem(PeopleItem, discriminator="hold"):
    at = UnicodeAttribute()
    by = UnicodeAttribute()
    f = SealedAttribute()


class HeldItem(PeopleItem, discriminator="held"):
    pass


class RestrictionItem(PeopleItem, discriminator="restriction"):
    i = UnicodeAttribute()
    at = UnicodeAttribute()
    by = UnicodeAttribute()
    f = SealedAttribute()


class DynamoErasures:
    """The `Erasures` port over the bound tables."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    # --- erasures ---

    def get(self, erasure_id: str) -> Erasure | None:
        item = get(ErasureItem, keys.erasure(erasure_id), keys.ONLY)
        return item.erasure() if item is not None else None

    def newest(self, member_id: str) -> Erasure | None:
        lead = get(NewestErasureItem, keys.member(member_id), keys.ERASURE)
        return self.get(lead.e) if lead is not None else None

    def request(self, erasure: Erasure, after: Erasure | None) -> bool:
        lead = NewestErasureItem(keys.member(erasure.member_id), keys.ERASURE, e=erasure.erasure_id)
        follows = NewestErasureItem.e == after.erasure_id if after is not None else None
        puts = [Put(lead, follows), Put(erasure_item(erasure)), Put(due_item(erasure))]
        try:
            transact_for(erasure.member_id, puts)
        except Cancelled:
            return False
        return True

    def cancel(self, after: Erasure) -> bool:
        try:
            transact([changed(after)], deletes=[Delete(due_item(after))])
        except Cancelled:
            return False
        return True

    def due(self, now: datetime) -> Iterator[str]:
        until = keys.due_erasure(printed(now), "~")
        return self._due_ids(until)

    def open(self) -> Iterator[str]:
        return self._due_ids(None)

    def _due_ids(self, until: str | None) -> Iterator[str]:
        for sort_key in partition_keys(PeopleItem, keys.DUE_ERASURES, until):
            yield sort_key.partition("#")[2]

    # --- holds ---

    def hold(self, member_id: str) -> Hold | None:
        item = get(HoldItem, keys.member(member_id), keys.HOLD)
        if item is None:
            return None
        reason = self._seal(member_id).opened(item.f)[_REASON]
        return Hold(member_id, parsed(item.at), item.by, reason)

    def is_held(self, member_id: str) -> bool:
        return get(HoldItem, keys.member(member_id), keys.HOLD) is not None

    def held(self) -> Iterator[str]:
        return partition_keys(PeopleItem, keys.HELD, None)

    def put_hold(self, hold: Hold) -> None:
        sealed = self._seal(hold.member_id).closed({_REASON: hold.reason})
        item = HoldItem(keys.member(hold.member_id), keys.HOLD)
        item.at, item.by, item.f = printed(hold.at), hold.by, sealed
        listed = HeldItem(keys.HELD, hold.member_id)
        transact_for(hold.member_id, [Put(item, _ANYWAY), Put(listed, _ANYWAY)])

    def lift_hold(self, member_id: str) -> None:
        item = HoldItem(keys.member(member_id), keys.HOLD)
        transact(deletes=[Delete(item), Delete(HeldItem(keys.HELD, member_id))])

    # --- restrictions ---

    def restriction(self, member_id: str) -> Restriction | None:
        item = get(RestrictionItem, keys.member(member_id), keys.RESTRICTION)
        if item is None:
            return None
        reason = self._seal(member_id).opened(item.f)[_REASON]
        return Restriction(item.i, member_id, parsed(item.at), item.by, reason)

    def put_restriction(self, restriction: Restriction, after: str | None) -> bool:
        sealed = self._seal(restriction.member_id).closed({_REASON: restriction.reason})
        item = RestrictionItem(keys.member(restriction.member_id), keys.RESTRICTION)
        item.i, item.at = restriction.restriction_id, printed(restriction.at)
        item.by, item.f = restriction.by, sealed
        follows = RestrictionItem.i == after if after is not None else None
        try:
            transact_for(restriction.member_id, [Put(item, follows)])
        except Cancelled:
            return False
        return True

    def lift_restriction(self, member_id: str, restriction_id: str) -> None:
        item = RestrictionItem(keys.member(member_id), keys.RESTRICTION)
        try:
            transact(deletes=[Delete(item, RestrictionItem.i == restriction_id)])
        except Cancelled:
            return

    def _seal(self, member_id: str) -> Seal:
        return seal_of(self._vault, member_id)


def changed(after: Erasure) -> Put:
    """The put of an erasure over its predecessor."""
    return Put(erasure_item(after), ErasureItem.n == after.version - 1)


def erasure_item(erasure: Erasure) -> ErasureItem:
    """An erasure as it is stored."""
    text = msgspec.json.encode(erasure).decode()
    return ErasureItem(keys.erasure(erasure.erasure_id), keys.ONLY, n=erasure.version, d=text)


def due_item(erasure: Erasure) -> DueErasureItem:
    """What says when an erasure is due, as long as it is open."""
    at = keys.due_erasure(printed(erasure.erase_after), erasure.erasure_id)
    return DueErasureItem(keys.DUE_ERASURES, at)
