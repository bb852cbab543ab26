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

from datetime import datetime

import msgspec
from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.entries import Entry, EntryKind, packed_why, unpacked_why
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.purchase_texts import (
    pack_purchase,
    pack_return,
    unpack_purchase,
    unpack_return,
)
from chalicelib.domain.purchases import (
    ClaimRecord,
    Earned,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord
from chalicelib.domain.rewards import OnExpiry
from chalicelib.domain.traits import Traits, packed_traits, unpacked_traits
from chalicelib.storage import keys
from chalicelib.storage.tables import IntAttribute, LedgerItem
from chalicelib.usecases.ports import Cause, OperationRecord, VoucherRecord

_encode = msgspec.json.encode


def _json(value: object) -> str:
    return _encode(value).decode()


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
        """The entry, its texts exactly as stored."""
        available, pending, debt = (int(part) for part in self.x.split(","))
        return Entry(
            account_id=self.pk.removeprefix(keys.account("")),
            seq=int(self.sk.removeprefix("E#")),
            kind=EntryKind(self.k),
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


def _given(earned: Earned) -> str:
    return _json(
        [
            earned.earned,
            earned.pending,
            earned.debt_paid,
            earned.available_after,
            earned.pending_after,
            earned.debt_after,
        ]
    )


def _earned(given: str, why: str | None) -> Earned:
    sums = msgspec.json.decode(given, type=tuple[int, int, int, int, int, int])
    return Earned(*sums, unpacked_why(why or ""))


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


class RedemptionItem(LedgerItem, discriminator="X"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> RedemptionRecord:
        return msgspec.json.decode(self.d, type=RedemptionRecord)


class EndItem(LedgerItem, discriminator="Z"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> RedemptionEnd:
        return msgspec.json.decode(self.d, type=RedemptionEnd)


class VoucherItem(LedgerItem, discriminator="V"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> VoucherRecord:
        return msgspec.json.decode(self.d, type=VoucherRecord)


class OperationItem(LedgerItem, discriminator="C"):
    d = UnicodeAttribute()
    ev = IntAttribute(null=True)

    def record(self) -> OperationRecord:
        return msgspec.json.decode(self.d, type=OperationRecord)


def due_bucket(day: datetime) -> str:
    """The partition of the due index that holds what falls due on a day (UTC)."""
    return f"D#{printed(day)[:10]}"


def cause_item(cause: Cause, *, is_event: bool) -> LedgerItem:
    """Any record as it is stored."""
    ev = 1 if is_event else None
    match cause:
        case PurchaseRecord():
            return PurchaseItem(
                keys.purchase(cause.name),
                keys.purchase_event(0),
                a=cause.account_id,
                at=printed(cause.at),
                v=cause.program_version,
                d=pack_purchase(cause.purchase),
                g=_given(cause.earned),
                w=packed_why(cause.earned.why) or None,
                f=_json(cause.fingerprint),
                z=cause.salt,
                ev=ev,
            )
        case ReturnRecord():
            return ReturnItem(
                keys.purchase(cause.name),
                keys.purchase_event(cause.number),
                at=printed(cause.at),
                d=pack_return(cause.return_id, cause.lines),
                g=_taken(cause.taken),
                w=packed_why(cause.why) or None,
                f=_json(cause.fingerprint),
                z=cause.salt,
                ev=ev,
            )
        case ClaimRecord():
            return ClaimItem(
                keys.purchase(cause.name),
                keys.purchase_event(cause.number),
                a=cause.account_id,
                at=printed(cause.at),
                g=_given(cause.earned),
                w=packed_why(cause.earned.why) or None,
                ev=ev,
            )
        case RedemptionRecord():
            item = RedemptionItem(
                keys.redemption(cause.redemption_id), keys.ONLY, d=_json(cause), ev=ev
            )
            if cause.reward.on_expiry is OnExpiry.RETURN:
                item.due_bucket = due_bucket(cause.expires_at)
                item.due_at = printed(cause.expires_at)
            return item
        case RedemptionEnd():
            pk = keys.redemption(cause.redemption_id)
            return EndItem(pk, keys.REDEMPTION_END, d=_json(cause), ev=ev)
        case VoucherRecord():
            return VoucherItem(keys.voucher(cause.name), keys.ONLY, d=_json(cause), ev=ev)
        case OperationRecord():
            pk = keys.claim(cause.kind, cause.name)
            return OperationItem(pk, keys.ONLY, d=_json(cause), ev=ev)


def _taken(taken: Taken) -> str:
    return _json(
        [
            taken.taken,
            taken.from_pending,
            taken.from_available,
            taken.new_debt,
            taken.returned_to_member,
            taken.available_after,
            taken.pending_after,
            taken.debt_after,
        ]
    )
