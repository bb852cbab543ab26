"""What single values in conditions must keep to. Knows no condition."""

import unicodedata
from collections.abc import Callable
from typing import TypeAlias

from chalicelib.domain.fact_list import Fact, FactKind

LONGEST_TEXT = 100
LARGEST_NUMBER = 2**53 - 1

Check: TypeAlias = Callable[[object], tuple[str, str] | None]
"""The code and the sentence for what is wrong with a value; None where nothing is."""


def check_of(fact: Fact) -> Check:
    """What a value of this fact must keep to."""
    if fact.values is not None:
        return lambda value: _one_of(value, fact.values or ())
    if fact.kind is FactKind.INTEGER:
        return _number
    return boolean if fact.kind is FactKind.BOOLEAN else _text


def _one_of(value: object, values: tuple[object, ...]) -> tuple[str, str] | None:
    # True equals 1 in Python and is another value all the same.
    if any(type(value) is type(one) and value == one for one in values):
        return None
    return "one_of", f"Write one of: {', '.join(str(one) for one in values)}."


def boolean(value: object) -> tuple[str, str] | None:
    """What is wrong with a value that is to be true or false."""
    return None if isinstance(value, bool) else ("wrong_type", "Write true or false.")


def _number(value: object) -> tuple[str, str] | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "wrong_type", "Write a whole number."
    if abs(value) > LARGEST_NUMBER:
        return "out_of_range", "Write a whole number of at most 2^53 - 1 in size."
    return None


def _text(value: object) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "wrong_type", "Write a text."
    if not 1 <= len(value) <= LONGEST_TEXT:
        return "wrong_length", f"Write a text of 1 to {LONGEST_TEXT} characters."
    if any(unicodedata.category(letter) == "Cc" for letter in value):
        return "not_printable", "Leave out line breaks and control characters."
    return None
