"""What is wrong with a program's document when some of its fields are not even of the right type.

Fields of the right type are judged by the rules of a whole document, beside fields that are in
nobody's way; so whoever writes one learns of everything in one answer.
"""

from collections.abc import Mapping

import msgspec

from chalicelib.api.program_models import ProgramBody
from chalicelib.domain.program import Program
from chalicelib.domain.program_checks import problems_of
from chalicelib.domain.refusals import FieldError

_HARMLESS: Mapping[str, object] = {
    "name": "A program",
    "zone": "UTC",
    "currency": "EUR",
    "base": {"points": 1, "per_minor": 100},
}
"""What must be there, with which nothing is wrong."""


def program_rules(raw: Mapping[str, object]) -> list[FieldError]:
    """What the fields of the right types do not keep to."""
    fit = {field.encode_name: raw[field.encode_name] for field in _fields() if _fits(field, raw)}
    body = msgspec.convert({**_HARMLESS, **fit}, ProgramBody)
    program = msgspec.convert({**msgspec.to_builtins(body), "version": 1}, Program)
    return [error for error in problems_of(program) if error.pointer.split("/")[1] in fit]


def _fields() -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(ProgramBody)


def _fits(field: msgspec.structs.FieldInfo, raw: Mapping[str, object]) -> bool:
    try:
        msgspec.convert(raw[field.encode_name], field.type)
    except (KeyError, msgspec.ValidationError):
        return False
    return True
