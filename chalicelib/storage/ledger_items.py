"""How each record of the ledger lies in DynamoDB: short attribute names, packed texts.

| class | `t` | attributes |
|---|---|---|
| EntryItem | E | `k` kind, `at`, `c` cause, `x` changes, `v` program version, `w` reasons, `s` state, `p` previous hash, `m` commitment, `h` hash |
| TraitsItem | T | `d` facts |
| PurchaseItem | P | `a` account, `at`, `v` program version, `d` details, `g` what it gave, `w` reasons, `f` fingerprint, `z` salt |
| ReturnItem | R | `at`, `d` details, `g` what it took, `w` reasons, `f` fingerprint, `z` salt |
| ClaimItem, RedemptionItem, EndItem, VoucherItem, OperationItem | K X Z V C | `d` the record; RedemptionItem also `due_bucket`, `due_at` |

`ev` is 1 on exactly one item of an operation: the one that is its event.
"""  # noqa: E501  # a table reads better unbroken

from datetime import date
from typing import TypeVar

import msgspec
from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.entries import Entry, EntryKind, packed_why, unpacked_why
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.packing import UnknownSchema
from chalicelib.domain.purchase_texts import unpack_purchase, unpack_return
from chalicelib.domain.purchases import (
    ClaimRecord,
    Earned,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord
from chalicelib.domain.tiers import Standing
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
    return EntryItem(
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


class TraitsItem(LedgerItem, discriminator="T"):
    d = UnicodeAttribute()

    def traits(self) -> Traits:
        return unpacked_traits(self.d)


def traits_item(account_id: str, traits: Traits) -> TraitsItem:
    """A member's pseudonymous facts as they are stored beside its account."""
    return TraitsItem(keys.account(account_id), keys.TRAITS, d=packed_traits(traits))


class PurchaseItem(LedgerItem, discriminator="P"):
    a = UnicodeAttribute(null=True)
    at = UnicodeAttribute()
    v = IntAttribute()
    d = UnicodeAttribute()
    g = UnicodeAttribute()
    w = UnicodeAttribute(null=True)
    f = UnicodeAttribute()
    z = BinaryAttribute(legacy_encoding=False)
    ev = IntAttribute(null=True)

    def record(self) -> PurchaseRecord:
        return PurchaseRecord(
            name=self.pk.removeprefix(keys.purchase("")),
            account_id=self.a,
            at=parsed(self.at),
            purchase=unpack_purchase(self.d),
            program_version=self.v,
            earned=_earned(self.g, self.w),
            fingerprint=msgspec.json.decode(self.f),
            salt=self.z,
        )


def _earned(given: str, why: str | None) -> Earned:
    sums, tier, ladder, place = msgspec.json.decode(given, type=_Given)
    earned, pending, debt_paid, available_after, pending_after, debt_after = sums
    return Earned(
        earned=earned,
        pending=pending,
        debt_paid=debt_paid,
        available_after=available_after,
        pending_after=pending_after,
        debt_after=debt_after,
        why=unpacked_why(why or ""),
        tier=tier,
        standing=Standing(*place) if place else None,
        ladder=ladder,
    )


_Place = tuple[
    str | None, date | None, date | None, str | None, int | None, int | None, date | None
]
_Given = tuple[tuple[int, int, int, int, int, int], str | None, int, _Place | None]
"""The sums of `Earned`, the tier it was priced with, and where the member stood on which ladder."""


class PurchaseEventItem(LedgerItem):
    """What happened to a purchase: its subclasses are numbered together."""

    at = UnicodeAttribute()
    ev = IntAttribute(null=True)


class ReturnItem(PurchaseEventItem, discriminator="R"):
    d = UnicodeAttribute()
    g = UnicodeAttribute()
    w = UnicodeAttribute(null=True)
    f = UnicodeAttribute()
    z = BinaryAttribute(legacy_encoding=False)

    def record(self) -> ReturnRecord:
        return_id, lines = unpack_return(self.d)
        return ReturnRecord(
            name=self.pk.removeprefix(keys.purchase("")),
            number=int(self.sk),
            return_id=return_id,
            at=parsed(self.at),
            lines=lines,
            taken=Taken(*msgspec.json.decode(self.g)),
            why=unpacked_why(self.w or ""),
            fingerprint=msgspec.json.decode(self.f),
            salt=self.z,
        )


class ClaimItem(PurchaseEventItem, discriminator="K"):
    a = UnicodeAttribute()
    g = UnicodeAttribute()
    w = UnicodeAttribute(null=True)

    def record(self) -> ClaimRecord:
        return ClaimRecord(
            name=self.pk.removeprefix(keys.purchase("")),
            number=int(self.sk),
            account_id=self.a,
            at=parsed(self.at),
            earned=_earned(self.g, self.w),
        )


def _decoded(kind: type[Record], text: str) -> Record:
    """The record that a text holds. StoreNewer for what this release does not know, such as
    another end of a redemption."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise StoreNewer(f"{kind.__name__}: {error}") from error


class RedemptionItem(LedgerItem, discriminator="X"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> RedemptionRecord:
        return _decoded(RedemptionRecord, self.d)


class EndItem(LedgerItem, discriminator="Z"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> RedemptionEnd:
        return _decoded(RedemptionEnd, self.d)


class VoucherItem(LedgerItem, discriminator="V"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> VoucherRecord:
        return _decoded(VoucherRecord, self.d)


class OperationItem(LedgerItem, discriminator="C"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> OperationRecord:
        return _decoded(OperationRecord, self.d)
