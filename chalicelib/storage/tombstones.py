"""Tombstones: that an identifier led to somebody who was erased, and not to whom.

| class | `t` | attributes |
|---|---|---|
| TombstoneItem | tombstone | `at`, `ttl` |
"""

from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.identifiers import Kind
from chalicelib.domain.instants import printed
from chalicelib.storage import keys
from chalicelib.storage.people_items import IdentifierItem
from chalicelib.storage.reading import get
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put, transact

TOMBSTONE_STAYS = timedelta(days=3 * 365)
"""As long as files of before and tills that were offline can still bring somebody back."""

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()


class TombstoneItem(PeopleItem, discriminator="tombstone"):
    at = UnicodeAttribute()
    ttl = IntAttribute()


def bury(member_id: str, kind: Kind, name: str, now: datetime) -> bool:
    """Put a tombstone in the place of what led to a member, if it did; whether one stands."""
    # Of a card that several have, each has a lead of its own.
    sk = member_id if kind is Kind.PAYMENT_FINGERPRINT else keys.ONLY
    lead = IdentifierItem(keys.identifier(kind, name), sk)
    stone = TombstoneItem(keys.tombstone(kind, name), keys.ONLY, at=printed(now))
    stone.ttl = int((now + TOMBSTONE_STAYS).timestamp())
    try:
        transact([Put(stone, _ANYWAY)], deletes=[Delete(lead, IdentifierItem.m == member_id)])
    except Cancelled:
        return is_buried(kind, name)
    return True


def is_buried(kind: Kind, name: str) -> bool:
    """Whether an identifier led to somebody who was erased."""
    return get(TombstoneItem, keys.tombstone(kind, name), keys.ONLY) is not None
