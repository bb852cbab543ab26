"""Finds payment card numbers in text, however they are written. Pure; keeps nothing.

Blanks, dots, dashes and invisible characters between the digits do not count, and digits of any
script do. A number begins and ends where a group of digits does, so that the middle of a longer
number is not taken for one.
"""

import re
import unicodedata

_LONG_ENOUGH = re.compile(r"\d(?:\D{0,4}\d){13}")
_RUNS = re.compile(r"[0-9]+(?:[ .-]+[0-9]+)*")
_LENGTHS = (14, 15, 16, 19)

_ISSUERS: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4, 4, (16, 19)),  # Visa
    (51, 55, (16,)),  # Mastercard
    (2221, 2720, (16,)),  # Mastercard
    (34, 34, (15,)),  # American Express
    (37, 37, (15,)),  # American Express
    (300, 305, (14, 16, 19)),  # Diners Club
    (3095, 3095, (14, 16, 19)),  # Diners Club
    (36, 36, (14, 16, 19)),  # Diners Club
    (38, 39, (14, 16, 19)),  # Diners Club
    (6011, 6011, (16, 19)),  # Discover
    (644, 649, (16, 19)),  # Discover
    (65, 65, (16, 19)),  # Discover, RuPay, Troy
    (3528, 3589, (16, 19)),  # JCB
    (1800, 1800, (15,)),  # JCB
    (2131, 2131, (15,)),  # JCB
    (62, 62, (16, 19)),  # UnionPay
    (81, 82, (16, 19)),  # UnionPay, RuPay
    (60, 60, (16, 19)),  # RuPay, Hipercard
    (508, 508, (16,)),  # RuPay
    (2200, 2204, (16, 19)),  # Mir
    (9792, 9792, (16,)),  # Troy
    (50, 50, (14, 15, 16, 19)),  # Maestro, Elo, Verve
    (56, 58, (14, 15, 16, 19)),  # Maestro
    (63, 63, (14, 15, 16, 19)),  # Maestro, InstaPayment
    (67, 67, (14, 15, 16, 19)),  # Maestro
)
"""First and last prefix of a range, and the lengths that its numbers have."""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def holds_card_number(text: str) -> bool:
    """Whether a text is or holds what can be a payment card's number."""
    if len(text) < _LENGTHS[0] or sum(map(str.isdecimal, text)) < _LENGTHS[0]:
        return False
    return any(_in_run(run[0]) for run in _RUNS.finditer(_plain(text)))


def looks_like_card_number(digits: str) -> bool:
    """Whether ASCII digits have a card number's length, an issuer's prefix and a right check."""
    return (
        len(digits) in _LENGTHS
        and any(
            len(digits) in lengths and _begins(digits, first, last)
            for first, last, lengths in _ISSUERS
        )
        and _luhn(digits)
    )


def _plain(text: str) -> str:
    """The text with ASCII digits, and a blank for everything that only separates."""
    if text.isascii():
        return "".join(" " if letter.isspace() else letter for letter in text)
    return "".join(_plain_letter(letter) for letter in text)


def _plain_letter(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    category = unicodedata.category(letter)
    return " " if category in ("Zs", "Zl", "Zp", "Cc", "Cf", "Pd") or letter in "·․‧∙•" else letter


def _in_run(run: str) -> bool:
    """Whether some neighbouring groups of digits are a card number together."""
    groups = re.split(r"[ .-]+", run)
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _LENGTHS[-1]:
                break
            if looks_like_card_number(digits):
                return True
    return False


def _begins(digits: str, first: int, last: int) -> bool:
    return first <= int(digits[: len(str(first))]) <= last


def _luhn(digits: str) -> bool:
    total = sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return total % 10 == 0
