"""What lies inside of sealed and packed attributes, as the code that writes them says it.

Each shape is derived from the dataclass that is written, so a new field of one changes it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from chalicelib.domain.account import Account
from chalicelib.domain.applied_texts import unpack_offers
from chalicelib.domain.behaviour import Behaviour, unpacked_behaviour
from chalicelib.domain.consents import Consent
from chalicelib.domain.entries import unpacked_why
from chalicelib.domain.erasures import Erasure
from chalicelib.domain.interactions import Answers, Complaint, Enquiry, Feedback, Warranty
from chalicelib.domain.members import Member, Person
from chalicelib.domain.packing import unpack
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.purchase_texts import unpack_purchase, unpack_refused, unpack_return
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.reach import Reach
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord, SpentOn
from chalicelib.domain.traits import Traits, unpacked_traits
from chalicelib.storage.audit import RecordItem
from chalicelib.storage.sealed_fields import Seal
from chalicelib.usecases.export_people import behaviour_row
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

_TOLD = (Enquiry, Complaint, Feedback, Answers, Warranty)
_INTERACTION = frozenset({"kind", "by", "content"}) | {
    f"content.{name}" for kind in _TOLD for name in parts_of(kind)
}

SHAPES: Mapping[str, frozenset[str]] = {
    "people/profile/f": _sealed_member(),
    "people/preferences/f": _PREFERENCES,
    "people/consent/d": parts_of(Consent),
    "people/reach/d": parts_of(Reach) - {"version"},
    "people/sign_up/f": _sealed_member(),
    "people/interaction/f": _INTERACTION,
    "people/sign_up/p": _PREFERENCES,
    "people/erasure/d": parts_of(Erasure, deep=False),
    "people/hold/f": frozenset({"reason"}),
    "people/restriction/f": frozenset({"reason"}),
    "ledger/entry/s": parts_of(Account, deep=False),
    "ledger/traits/b": parts_of(Behaviour),
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
        "ledger/purchase/o",
        "ledger/return/o",
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


def _why(text: str) -> object:
    return msgspec.to_builtins(unpacked_why(text))


def _offers(text: str) -> object:
    """But for the counters of budgets, which are about nobody."""
    applied, not_applied = unpack_offers(text)
    without_counters = [replace(one, shards=()) for one in applied]
    return msgspec.to_builtins([without_counters, not_applied])


def _as_json(text: str) -> object:
    return json.loads(text)


def _by_day(text: str) -> object:
    """Days are names in it, and as much worth as what stands beside them."""
    return [[day, stage] for day, stage in json.loads(text).items()]


READ: Mapping[str, Callable[[Any], object]] = {
    "people/consent/d": _as_json,
    "people/reach/d": _as_json,
    "people/told/e": _by_day,
    "people/told/l": _by_day,
    "people/erasure/d": _as_json,
    "people/profile/c": lambda text: text.split(),
    "ledger/entry/x": lambda text: [int(part) for part in text.split(",")],
    "ledger/entry/w": _why,
    "ledger/entry/s": lambda text: msgspec.to_builtins(unpack(text)),
    "ledger/traits/b": lambda text: behaviour_row(unpacked_behaviour(text)),
    "ledger/traits/d": lambda text: msgspec.to_builtins(unpacked_traits(text)),
    "ledger/purchase/d": lambda text: msgspec.to_builtins(unpack_purchase(text)),
    "ledger/purchase/g": _as_json,
    "ledger/purchase/w": _why,
    "ledger/purchase/o": _offers,
    "ledger/return/d": lambda text: dict(
        zip(("return_id", "lines"), unpack_return(text), strict=True)
    ),
    "ledger/return/g": _as_json,
    "ledger/return/w": _why,
    "ledger/claim/g": _as_json,
    "ledger/claim/w": _why,
    "ledger/refused/d": lambda text: dict(
        zip(("return_id", "code"), unpack_refused(text), strict=True)
    ),
    "ledger/redemption/d": _as_json,
    "ledger/end/d": _as_json,
    "ledger/spent/d": _as_json,
    "ledger/operation/d": _as_json,
}
"""How what is in a packed attribute is read. What is sealed is opened, and needs nothing here."""


def _reason(seal: Seal, record: RecordItem) -> object:
    bound_to = f"audit#{record.sk}"
    return seal.vault.open(seal.member_id, seal.wrapped_key, bound_to, record.sealed).decode()


SEALED: Mapping[str, Callable[[Seal, Any], object]] = {"audit/record/sealed": _reason}
"""How a sealed attribute is opened that is no map of fields."""
