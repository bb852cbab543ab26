"""What lies inside of sealed and packed attributes, as the code that writes them says it.

Each shape is derived from the dataclass that is written, so a new field of one changes it.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from chalicelib.domain.account import Account
from chalicelib.domain.consents import Consent
from chalicelib.domain.members import Member, Person
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord, SpentOn
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import OperationRecord, VoucherRecord

_MEMBER_IN_CLEAR = {"member_id", "version", "person", "enrolled_at", "verified", "linked"}
"""What of a member stands beside its sealed fields, and `person`, whose fields stand for it."""


def parts_of(kind: type[Any], *, deep: bool = True) -> frozenset[str]:
    """The dotted names of a dataclass's fields, with those of dataclasses in them."""
    found: set[str] = set()
    hints = get_type_hints(kind)
    for one in fields(kind):
        found.add(one.name)
        inner = _dataclass_in(hints[one.name]) if deep else None
        if inner is not None:
            found |= {f"{one.name}.{name}" for name in parts_of(inner)}
    return frozenset(found)


def _dataclass_in(hint: Any) -> type[Any] | None:
    """The dataclass that a field holds one of, many of, or perhaps."""
    if isinstance(hint, type) and is_dataclass(hint):
        return hint
    if get_origin(hint) in (tuple, UnionType):
        return next((one for arg in get_args(hint) if (one := _dataclass_in(arg))), None)
    return None


def _sealed_member() -> frozenset[str]:
    return parts_of(Person) | (parts_of(Member, deep=False) - _MEMBER_IN_CLEAR)


_PREFERENCES = frozenset({"preferences"}) | {
    f"preferences.{name}" for name in parts_of(Preferences)
}

SHAPES: Mapping[str, frozenset[str]] = {
    "people/profile/f": _sealed_member(),
    "people/preferences/f": _PREFERENCES,
    "people/consent/d": parts_of(Consent),
    "people/sign_up/f": _sealed_member(),
    "people/sign_up/p": _PREFERENCES,
    "ledger/entry/s": parts_of(Account, deep=False),
    "ledger/traits/d": parts_of(Traits),
    "ledger/purchase/d": parts_of(Purchase),
    "ledger/return/d": frozenset({"return_id", "lines"}),
    "ledger/refused/d": frozenset({"return_id", "code"}),
    "ledger/redemption/d": parts_of(RedemptionRecord, deep=False),
    "ledger/end/d": parts_of(RedemptionEnd, deep=False),
    "ledger/spent/d": parts_of(SpentOn, deep=False),
    "ledger/voucher/d": parts_of(VoucherRecord, deep=False),
    "ledger/operation/d": parts_of(OperationRecord, deep=False),
}
"""By the attribute's address: the names of what is in it. Add yours here."""

OPEN = frozenset({"ledger/operation/d.answer"})
"""Parts that hold whatever names their operation needs: what is stored tells, not a type."""

WHOLE = frozenset(
    {
        "people/told/e",
        "people/told/l",
        "people/consent/s",
        "people/sign_up/d",
        "ledger/entry/w",
        "ledger/purchase/g",
        "ledger/purchase/w",
        "ledger/purchase/f",
        "ledger/return/g",
        "ledger/return/w",
        "ledger/return/f",
        "ledger/claim/g",
        "ledger/claim/w",
        "ledger/waiting/d",
        "ledger/waiting/f",
    }
)
"""Attributes whose text is one thing, told by one row: lists of figures, digests by field."""
