"""Plain words for what a field takes. Never repeats what the caller sent."""

from typing import Any

from msgspec import inspect

from chalicelib.domain.refusals import FieldError


def error(pointer: str, kind: Any, said: str) -> FieldError:
    """The error of a value that `kind` refuses; `said` is how msgspec put it."""
    message = said.partition(" - at `$")[0]
    if not message.startswith(("Expected", "Invalid", "Object")):
        return FieldError(pointer, "invalid", message)  # a model's own rule, in its own words
    return FieldError(pointer, _code(message), f"Write {described(inspect.type_info(kind))}.")


def missing(pointer: str, kind: Any) -> FieldError:
    """The error of a required field that is not there."""
    words = described(inspect.type_info(kind))
    return FieldError(pointer, "missing", f"This field is required: write {words}.")


def unknown(pointer: str, known: list[str]) -> FieldError:
    """The error of a field that nobody knows."""
    names = ", ".join(known) or "none"
    return FieldError(pointer, "unknown_field", f"Leave this out; the fields here are: {names}.")


def tag(pointer: str, is_there: bool, known: list[str]) -> FieldError:
    """The error of a field that says which of several objects this is, and says none of them."""
    detail = f"Write one of {', '.join(known)}."
    return FieldError(pointer, "not_allowed" if is_there else "missing", detail)


def described(kind: inspect.Type) -> str:
    """What a type takes, to stand after "Write"."""
    match kind:
        case inspect.Metadata(type=inner):
            return described(inner)
        case inspect.IntType():
            return f"a whole number{_range(kind)}, without quotes, point or exponent"
        case inspect.FloatType():
            return f"a number{_range(kind)}, without quotes"
        case inspect.StrType():
            pattern = f" that matches {kind.pattern}" if kind.pattern else ""
            return f"text{_size(kind, 'characters')}{pattern}"
        case inspect.EnumType() | inspect.LiteralType():
            return "one of " + ", ".join(_choices(kind))
        case inspect.UnionType(types=kinds):
            return " or ".join(described(member) for member in kinds)
        case inspect.CollectionType():
            return f"a list{_size(kind, 'items')}"
        case _:
            return _PLAIN.get(type(kind), "another value")


_PLAIN: dict[type[inspect.Type], str] = {
    inspect.BoolType: "true or false, without quotes",
    inspect.NoneType: "null",
    inspect.DateTimeType: "an instant with its offset, such as 2026-01-31T09:30:00Z",
    inspect.DateType: "a date, such as 2026-01-31",
    inspect.StructType: "an object",
    inspect.DictType: "an object",
}


def _choices(kind: inspect.EnumType | inspect.LiteralType) -> list[str]:
    if isinstance(kind, inspect.EnumType):
        return [str(member.value) for member in kind.cls]
    return [str(choice) for choice in kind.values]


def _code(message: str) -> str:
    if ", got " in message:
        return "wrong_type"
    if "of length" in message:
        return "wrong_length"
    if any(sign in message for sign in (">", "<", "multiple of")):
        return "out_of_range"
    if "matching regex" in message or "RFC3339" in message or "timezone" in message:
        return "wrong_format"
    return "not_allowed"


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    parts = [
        f" {words} {bound}"
        for words, bound in (
            ("of at least", kind.ge),
            ("above", kind.gt),
            ("of at most", kind.le),
            ("below", kind.lt),
        )
        if bound is not None
    ]
    return " and".join(parts)


def _size(kind: inspect.StrType | inspect.CollectionType, unit: str) -> str:
    match kind.min_length, kind.max_length:
        case None, None:
            return ""
        case least, None:
            return f" of at least {least} {unit}"
        case None, most:
            return f" of at most {most} {unit}"
        case least, most:
            return f" of {least} to {most} {unit}"
