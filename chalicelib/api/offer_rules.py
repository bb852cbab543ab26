"""What is wrong with an offer's document when some of its fields are not even of the right type.

Fields of the right type are judged by the rules of a whole document, beside fields that are in
nobody's way; so whoever writes one learns of everything in one answer.
"""

from collections.abc import Mapping

import msgspec

from chalicelib.api.offer_documents import draft_of
from chalicelib.api.offer_models import OfferBody
from chalicelib.domain.offer_checks import problems_of
from chalicelib.domain.program import EarningRate, Program
from chalicelib.domain.refusals import FieldError

_HARMLESS: Mapping[str, object] = {
    "name": "An offer",
    "effect": {"kind": "bonus_points", "points": 1},
}
"""What must be there, with which nothing is wrong."""

_ANY_PROGRAM = Program(1, "A program", "UTC", "EUR", EarningRate(1, 100))

_OF_THE_SHOP = frozenset({"unknown_reward", "not_a_setting"})
"""Errors that depend on the shop's own rewards and program: they are told with a whole document."""


def offer_rules(raw: Mapping[str, object]) -> list[FieldError]:
    """What the fields of the right types do not keep to."""
    fit = {field.encode_name: raw[field.encode_name] for field in _fields() if _fits(field, raw)}
    draft = draft_of(msgspec.convert({**_HARMLESS, **fit}, OfferBody))
    found = [*draft.errors, *problems_of(draft.offer, _ANY_PROGRAM)]
    return [
        error
        for error in found
        if error.pointer.split("/")[1] in fit and error.code not in _OF_THE_SHOP
    ]


def _fields() -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(OfferBody)


def _fits(field: msgspec.structs.FieldInfo, raw: Mapping[str, object]) -> bool:
    try:
        msgspec.convert(raw[field.encode_name], field.type)
    except (KeyError, msgspec.ValidationError):
        return False
    return True
