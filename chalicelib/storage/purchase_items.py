"""How purchases and what happened to them lie in DynamoDB.

| class | `t` | attributes |
|---|---|---|
| PurchaseItem | P | `a` account, `at`, `v` program version, `d` details, `g` what it gave, `w` reasons, `f` fingerprint, `z` salt, `o` offers, `la` language |
| ReturnItem | R | `at`, `d` details, `g` what it took, `w` reasons, `f` fingerprint, `z` salt, `o` what flowed back to budgets |
| ClaimItem | K | `a` account, `at`, `g` what it gave, `w` reasons |
| WaitingItem | W | `at`, `d` details, `f` fingerprint |
| RefusedItem | F | `at`, `d` details |

Of those whose member was erased, `rd` is 1; then `z` is gone, `m` is what it committed to, and `d` and
`f` hold no more than figures (`storage/redaction.py`).

They are numbered together, by their sort key. The purchase is the first of them unless returns came
before it. `ev` as in `ledger_items.py`.
"""  # noqa: E501  # a table reads better unbroken

from datetime import date

import msgspec
from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.applied_texts import unpack_budgets, unpack_offers
from chalicelib.domain.entries import unpacked_why
from chalicelib.domain.instants import parsed
from chalicelib.domain.purchase_texts import (
    unpack_purchase,
    unpack_refused,
    unpack_return,
    unpack_waiting,
)
from chalicelib.domain.purchases import (
    ClaimRecord,
    Earned,
    PurchaseEvent,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.returned import RefusedReturn, WaitingReturn
from chalicelib.domain.tiers import Standing
from chalicelib.storage import keys
from chalicelib.storage.tables import IntAttribute, LedgerItem


class PurchaseItem(LedgerItem, discriminator="P"):
    a = UnicodeAttribute(null=True)
    at = UnicodeAttribute()
    v = IntAttribute()
    d = UnicodeAttribute()
    g = UnicodeAttribute()
    w = UnicodeAttribute(null=True)
    f = UnicodeAttribute()
    z = BinaryAttribute(legacy_encoding=False, null=True)
    m = BinaryAttribute(legacy_encoding=False, null=True)
    n = UnicodeAttribute(null=True)
    o = UnicodeAttribute(null=True)
    la = UnicodeAttribute(null=True)
    rd = IntAttribute(null=True)
    ev = IntAttribute(null=True)

    def record(self) -> PurchaseRecord:
        offers, not_applied = unpack_offers(self.o)
        return PurchaseRecord(
            name=self.pk.removeprefix(keys.purchase("")),
            account_id=self.a,
            at=parsed(self.at),
            purchase=unpack_purchase(self.d),
            program_version=self.v,
            earned=_earned(self.g, self.w),
            fingerprint=msgspec.json.decode(self.f),
            salt=self.z or b"",
            number=int(self.sk),
            committed=self.m or b"",
            named=self.n,
            offers=offers,
            not_applied=not_applied,
            language=self.la,
        )


def _earned(given: str, why: str | None) -> Earned:
    sums, tier, ladder, place = msgspec.json.decode(given, type=_Given)
    earned, pending, debt_paid, available_after, pending_after, debt_after, *held = sums
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
        held=held[0] if held else 0,
    )


_Place = tuple[
    str | None, date | None, date | None, str | None, int | None, int | None, date | None
]
_Given = tuple[tuple[int, ...], str | None, int, _Place | None]
"""The sums of `Earned`, the seventh where points are held; the tier it was priced with, and where
the member stood on which ladder."""


class PurchaseEventItem(LedgerItem):
    """What happened to a purchase: its subclasses are numbered together."""

    at = UnicodeAttribute()
    rd = IntAttribute(null=True)
    ev = IntAttribute(null=True)

    def record(self) -> PurchaseEvent:
        raise NotImplementedError  # each of them reads its own


class ReturnItem(PurchaseEventItem, discriminator="R"):
    d = UnicodeAttribute()
    g = UnicodeAttribute()
    w = UnicodeAttribute(null=True)
    f = UnicodeAttribute()
    z = BinaryAttribute(legacy_encoding=False, null=True)
    m = BinaryAttribute(legacy_encoding=False, null=True)
    o = UnicodeAttribute(null=True)

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
            salt=self.z or b"",
            committed=self.m or b"",
            budgets=unpack_budgets(self.o),
        )


class ClaimItem(PurchaseEventItem, discriminator="K"):
    a = UnicodeAttribute()
    g = UnicodeAttribute()
    w = UnicodeAttribute(null=True)
    n = UnicodeAttribute(null=True)

    def record(self) -> ClaimRecord:
        return ClaimRecord(
            name=self.pk.removeprefix(keys.purchase("")),
            number=int(self.sk),
            account_id=self.a,
            at=parsed(self.at),
            earned=_earned(self.g, self.w),
            named=self.n,
        )


class WaitingItem(PurchaseEventItem, discriminator="W"):
    d = UnicodeAttribute()
    f = UnicodeAttribute()

    def record(self) -> WaitingReturn:
        return_id, returned = unpack_waiting(self.d)
        return WaitingReturn(
            name=self.pk.removeprefix(keys.purchase("")),
            number=int(self.sk),
            return_id=return_id,
            at=parsed(self.at),
            returned=returned,
            fingerprint=msgspec.json.decode(self.f),
        )


class RefusedItem(PurchaseEventItem, discriminator="F"):
    d = UnicodeAttribute()

    def record(self) -> RefusedReturn:
        return_id, code = unpack_refused(self.d)
        return RefusedReturn(
            name=self.pk.removeprefix(keys.purchase("")),
            number=int(self.sk),
            return_id=return_id,
            at=parsed(self.at),
            code=code,
            is_redacted=self.rd == 1,
        )
