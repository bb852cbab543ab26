"""Query parameters: texts that stand for integers and truth values, each named once."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import msgspec

from chalicelib.api.shell import expected
from chalicelib.api.shell.content import escaped
from chalicelib.domain.refusals import FieldError

_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_TRUTH = {"true": True, "false": False}


def values(
    parameters: Mapping[str, list[str]], model: type[msgspec.Struct]
) -> tuple[dict[str, object], list[FieldError]]:
    """The parameters as JSON values of their fields' types, and the unknown and repeated ones.

    A text that is none of its field's type stays a text, so that checking the model refuses it.
    """
    types = _types(model)
    read: dict[str, object] = {}
    errors: list[FieldError] = []
    for name, texts in parameters.items():
        pointer = f"/{escaped(name)}"
        if name not in types:
            errors.append(expected.unknown(pointer, sorted(types)))
        elif len(texts) > 1:
            errors.append(FieldError(pointer, "repeated", "Name this query parameter once."))
        read[name] = _value(texts[-1], types.get(name, str))
    return read, errors


@cache
def _types(model: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(model)}


def _value(text: str, kind: Any) -> object:
    wanted = _plain_types(kind)
    if int in wanted and _INTEGER.fullmatch(text):
        return int(text)
    if bool in wanted and text in _TRUTH:
        return _TRUTH[text]
    return text


def _plain_types(kind: Any) -> tuple[Any, ...]:
    """The types a field takes, out of Annotated and unions."""
    if get_origin(kind) is Annotated:
        return _plain_types(get_args(kind)[0])
    members = get_args(kind)
    return tuple(plain for member in members for plain in _plain_types(member)) or (kind,)
