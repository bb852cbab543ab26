"""Every field error of a refused value, with its JSON pointer and words that say what to do.

The same msgspec types that refused the whole are asked about its parts, so nothing that is
refused goes unexplained and nothing is judged by a second set of rules.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from chalicelib.api.shell import expected
from chalicelib.api.shell.content import escaped
from chalicelib.domain.refusals import FieldError

MOST_ERRORS = 100
"""More would not help a reader, and a hostile body could ask for a million."""


def found(value: object, model: type[msgspec.Struct]) -> list[FieldError]:
    """What is wrong with a value that `model` refuses: at least one error, at most MOST_ERRORS."""
    errors: list[FieldError] = []
    for error in _errors(value, model, ""):
        errors.append(error)
        if len(errors) == MOST_ERRORS:
            break
    return errors


def _errors(value: object, kind: Any, pointer: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, kind)
        return
    except msgspec.ValidationError as refusal:
        said = str(refusal)
    explained = False
    for error in _errors_inside(value, kind, pointer):
        explained = True
        yield error
    if not explained:
        yield expected.error(pointer, kind, said)


def _errors_inside(value: object, kind: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, dict) and (tags := _unmet_tags(value, kind)):
        yield expected.tag(f"{pointer}/{tags[0]}", tags[0] in value, tags[1])
        return
    kind = _alternative(value, kind)
    origin = get_origin(kind)
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _errors_of_struct(value, kind, pointer)
    elif isinstance(value, dict) and origin is dict:
        for key, member in value.items():
            yield from _errors(key, get_args(kind)[0], f"{pointer}/{escaped(key)}")
            yield from _errors(member, get_args(kind)[1], f"{pointer}/{escaped(key)}")
    elif isinstance(value, list) and origin in (list, tuple, set, frozenset):
        for index, item in enumerate(value):
            yield from _errors(item, get_args(kind)[0], f"{pointer}/{index}")


def _errors_of_struct(
    value: Mapping[str, object], kind: type[msgspec.Struct], pointer: str
) -> Iterator[FieldError]:
    fields = _fields(kind)
    known = fields.keys() | {kind.__struct_config__.tag_field}
    for name in value:
        if name not in known and kind.__struct_config__.forbid_unknown_fields:
            yield expected.unknown(f"{pointer}/{escaped(name)}", sorted(fields))
    for name, field in fields.items():
        inside = f"{pointer}/{escaped(name)}"
        if name in value:
            yield from _errors(value[name], field.type, inside)
        elif field.required:
            yield expected.missing(inside, field.type)


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _alternative(value: object, kind: Any) -> Any:
    """The alternative of a union that the value means to be; `kind` itself when it is no union."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, UnionType):
        return kind
    kinds = [_alternative(value, member) for member in get_args(kind)]
    if isinstance(value, dict):
        structs = [k for k in kinds if isinstance(k, type) and issubclass(k, msgspec.Struct)]
        tagged = [k for k in structs if _tag_fits(value, k)]
        kinds = tagged or [k for k in kinds if get_origin(k) is dict]
    elif isinstance(value, list):
        kinds = [k for k in kinds if get_origin(k) in (list, tuple, set, frozenset)]
    return kinds[0] if len(kinds) == 1 else None


def _unmet_tags(value: Mapping[str, object], kind: Any) -> tuple[str, list[str]] | None:
    """The field that tells the alternatives of a union apart, and what it can be, where the value
    says none of them."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, UnionType):
        return None
    structs = [k for k in get_args(kind) if isinstance(k, type) and issubclass(k, msgspec.Struct)]
    tags = {str(k.__struct_config__.tag): k.__struct_config__.tag_field for k in structs}
    field = next(iter(tags.values()), None)
    # A list, because what the value says can be anything, also what no dictionary takes as a key.
    return (field, list(tags)) if field is not None and value.get(field) not in list(tags) else None


def _tag_fits(value: Mapping[str, object], kind: type[msgspec.Struct]) -> bool:
    config = kind.__struct_config__
    return config.tag_field is None or value.get(config.tag_field) == config.tag
