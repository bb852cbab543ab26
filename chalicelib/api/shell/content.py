"""What no body, query or address may hold, wherever it stands: card numbers, and integers that
JSON readers elsewhere would round. Knows no routes.
"""

import re
from collections.abc import Iterator

import msgspec

from chalicelib.domain.card_numbers import holds_card_number
from chalicelib.domain.refusals import FieldError

LARGEST_INTEGER = 2**53 - 1

_PHONES = frozenset({"phone"})
_CALLERS_IDS = frozenset({"purchase_id", "return_id", "line_id", "sku", "external_id"})

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_FOURTEEN_DIGITS = b"0" * 14
_ESCAPES = re.compile(rb"\\(?:u[0-9a-f]{4}|.)")


def worth_a_look(raw: bytes, value: object) -> bool:
    """Whether a JSON text and its value can hold a long run of digits; cheap, and never wrong about
    a no."""
    if b"\\" in raw:  # digits may be written as escapes: write it anew, with the fewest
        raw = _ESCAPES.sub(b" ", msgspec.json.encode(value))
    if not raw.isascii():
        text = raw.decode()
        if not all(letter.isascii() or letter.isalpha() for letter in set(text)):
            return True  # it may be a digit of another script, or separate digits
        raw = text.encode("ascii", "replace")
    return _FOURTEEN_DIGITS in raw.translate(_DIGITS, b" .-")


def card_numbers(value: object, numeric_ids: bool) -> list[FieldError]:
    """Every text (and key, and integer) that holds a card number, by its JSON pointer."""
    found: list[FieldError] = []
    for pointer, field, leaf in _leaves(value, "", ""):
        if _is_looked_at_elsewhere(pointer, field, numeric_ids):
            continue
        if isinstance(leaf, bool) or not isinstance(leaf, str | int):
            continue
        if holds_card_number(str(leaf)):
            found.append(FieldError(pointer, "card_number_refused", _advice(field)))
    return found


def _is_looked_at_elsewhere(pointer: str, field: str, numeric_ids: bool) -> bool:
    """Phones are checked as phones, ids of a source as it was agreed; but what a program calls its
    members' attributes says nothing of what is in them."""
    if pointer.startswith("/attributes/"):
        return False
    return field in _PHONES or (numeric_ids and field in _CALLERS_IDS)


def large_integers(value: object) -> list[FieldError]:
    """Every integer beyond 2^53 - 1 in size, by its JSON pointer."""
    return [
        FieldError(pointer, "out_of_range", "Write a whole number of at most 2^53 - 1 in size.")
        for pointer, _, leaf in _leaves(value, "", "")
        if isinstance(leaf, int) and abs(leaf) > LARGEST_INTEGER
    ]


def escaped(name: str) -> str:
    """A field's name as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _advice(field: str) -> str:
    if field in _CALLERS_IDS:
        return "This looks like a card number; put letters before it, such as `no-`."
    return "This looks like a card number; we never take one. Leave it out."


def _leaves(value: object, pointer: str, field: str) -> Iterator[tuple[str, str, object]]:
    """Each leaf with its pointer and the name of the field it stands in; keys are leaves too."""
    if isinstance(value, dict):
        for key, member in value.items():
            inside = f"{pointer}/{escaped(key)}"
            yield inside, "", key
            yield from _leaves(member, inside, key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}", field)
    else:
        yield pointer, field, value
