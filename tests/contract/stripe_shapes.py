"""Compares an object that stripe-python made with what its class declares: names and types."""

from collections.abc import Iterator
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject


def faults(found: StripeObject, path: str = "") -> Iterator[str]:
    """What in an object does not fit its class, inner objects too; nothing when all does."""
    declared: dict[str, Any] = {}
    for kind in reversed(type(found).__mro__):
        declared |= vars(kind).get("__annotations__", {})
    declared = {
        name: type_
        for name, type_ in declared.items()
        if not name.startswith("_") and get_origin(type_) is not ClassVar
    }
    held = found.to_dict(recursive=False)
    for name in sorted(held.keys() - declared.keys()):
        yield f"{path}.{name} is not declared"
    for name, type_ in declared.items():
        if name in held:
            yield from _misfits(getattr(found, name), type_, f"{path}.{name}")
        elif not _fits(None, type_):
            yield f"{path}.{name} is missing"


def _misfits(value: object, type_: Any, path: str) -> Iterator[str]:
    if not _fits(value, type_):
        yield f"{path} is {value!r}, not {type_}"
    elif isinstance(value, ListObject):
        for number, row in enumerate(value.data):
            yield from faults(row, f"{path}[{number}]")
    elif isinstance(value, StripeObject) and type(value) is not StripeObject:
        yield from faults(value, path)


def _fits(value: object, type_: Any) -> bool:
    origin = get_origin(type_)
    if isinstance(type_, ForwardRef | str):  # another resource: expanded, or named by its id
        return isinstance(value, str | StripeObject)
    if origin is Union:
        return any(_fits(value, choice) for choice in get_args(type_))
    if origin is Literal:
        return value in get_args(type_)
    if origin is list:
        (member,) = get_args(type_)
        return isinstance(value, list) and all(_fits(row, member) for row in value)
    if type_ is type(None) or type_ is None:
        return value is None
    if type_ in (int, str, bool, float):
        return type(value) is type_
    if type_ is Any:
        return True
    if origin is UntypedStripeObject:  # a type checker's name for any object
        return isinstance(value, StripeObject)
    return isinstance(value, origin or type_)


def assert_fits(found: object, kind: type[StripeObject]) -> None:
    """The object is of that class of stripe-python's and nothing in it is amiss."""
    assert type(found) is kind
    assert isinstance(found, stripe.StripeObject)
    found_faults = list(faults(found, kind.__name__))
    assert not found_faults, "\n".join(found_faults)
