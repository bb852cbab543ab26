"""How each record of the ledger lies in DynamoDB: short attribute names, packed texts.

| class | `t` | attributes |
|---|---|---|
| EntryItem | E | `k` kind, `at`, `c` cause, `x` changes, `v` program version, `w` reasons, `s` state, `p` previous hash, `m` commitment, `h` hash; where the next last day changes also `due_bucket`, `due_at` |
| TraitsItem | T | `d` facts; `b` digest of what the member buys |
| RedemptionItem, EndItem, SpentItem, VoucherItem, OperationItem | X Z S V C | `d` the record; RedemptionItem also `due_bucket`, `due_at` |

Purchases and what happened to them are in `purchase_items.py`.
`rd` is 1 where a record was redacted: its member was erased (`storage/redaction.py`).
`ev` is 1 on what is told to others of an operation: its last entry in each account, or else its first
record.
"""  # noqa: E501  # a table reads better unbroken

from typing import TypeVar

import msgspec
from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.behaviour import Behaviour, unpacked_behaviour
from chalicelib.domain.due import shard_of
from chalicelib.domain.entries import Entry, EntryKind, packed_why, unpacked_why
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.packing import UnknownSchema
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord, SpentOn
from chalicelib.domain.traits import Traits, packed_traits, unpacked_traits
from chalicelib.storage import keys
from chalicelib.storage.tables import IntAttribute, LedgerItem
from chalicelib.usecases.ports import OperationRecord, StoreNewer, VoucherRecord

Record = TypeVar("Record")


class EntryItem(LedgerItem, discriminator="E"):
    k = UnicodeAttribute()
    at = UnicodeAttribute()
    c = UnicodeAttribute()
    x = UnicodeAttribute()
    v = IntAttribute()
    w = UnicodeAttribute(null=True)
    s = UnicodeAttribute()
    p = BinaryAttribute(legacy_encoding=False)
    m = BinaryAttribute(legacy_encoding=False, null=True)
    h = BinaryAttribute(legacy_encoding=False)
    ev = IntAttribute(null=True)

    def entry(self) -> Entry:
        """The entry, its texts exactly as stored. StoreNewer when a newer release wrote it."""
        available, pending, debt = (int(part) for part in self.x.split(","))
        entry = Entry(
            account_id=self.pk.removeprefix(keys.account("")),
            seq=int(self.sk.removeprefix("E#")),
            kind=_kind(self.k),
            at=parsed(self.at),
            cause=self.c,
            available=available,
            pending=pending,
            debt=debt,
            program_version=self.v,
            why=unpacked_why(self.w or ""),
            state=self.s,
            previous_hash=self.p,
            commitment=self.m or b"",
            hash=self.h,
        )
        try:
            entry.account()
        except UnknownSchema as error:
            raise StoreNewer(str(error)) from error
        return entry


def _kind(text: str) -> EntryKind:
    try:
        return EntryKind(text)
    except ValueError as error:
        raise StoreNewer(f"an entry of kind {text!r}, which this release does not know") from error


def entry_item(entry: Entry, *, is_event: bool = True) -> EntryItem:
    """An entry as it is stored. `is_event`: whether it stands for its operation in the stream."""
    item = EntryItem(
        keys.account(entry.account_id),
        keys.entry(entry.seq),
        k=str(entry.kind),
        at=printed(entry.at),
        c=entry.cause,
        x=f"{entry.available},{entry.pending},{entry.debt}",
        v=entry.program_version,
        w=packed_why(entry.why) or None,
        s=entry.state,
        p=entry.previous_hash,
        m=entry.commitment or None,
        h=entry.hash,
        ev=1 if is_event else None,
    )
    if entry.due_on is not None:
        item.due_bucket = keys.last_days(shard_of(entry.account_id))
        item.due_at = keys.last_day(entry.due_on, entry.account_id)
    return item


class TraitsItem(LedgerItem, discriminator="T"):
    d = UnicodeAttribute()
    b = UnicodeAttribute(null=True)

    def traits(self) -> Traits:
        return unpacked_traits(self.d)

    def behaviour(self) -> Behaviour | None:
        return unpacked_behaviour(self.b) if self.b is not None else None


def traits_item(account_id: str, traits: Traits) -> TraitsItem:
    """A member's pseudonymous facts as they are stored beside its account."""
    return TraitsItem(keys.account(account_id), keys.TRAITS, d=packed_traits(traits))


def _decoded(kind: type[Record], text: str) -> Record:
    """The record that a text holds. StoreNewer for what this release does not know, such as
    another end of a redemption."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise StoreNewer(f"{kind.__name__}: {error}") from error


class RedemptionItem(LedgerItem, discriminator="X"):
    d = UnicodeAttribute()
    rd = IntAttribute(null=True)
    ev = IntAttribute(null=True)

    def record(self) -> RedemptionRecord:
        return _decoded(RedemptionRecord, self.d)


class EndItem(LedgerItem, discriminator="Z"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> RedemptionEnd:
        return _decoded(RedemptionEnd, self.d)


class SpentItem(LedgerItem, discriminator="S"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> SpentOn:
        return _decoded(SpentOn, self.d)


class VoucherItem(LedgerItem, discriminator="V"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> VoucherRecord:
        return _decoded(VoucherRecord, self.d)


class OperationItem(LedgerItem, discriminator="C"):
    d = UnicodeAttribute()
    rd = IntAttribute(null=True)
    ev = IntAttribute(null=True)

    def record(self) -> OperationRecord:
        return _decoded(OperationRecord, self.d)
