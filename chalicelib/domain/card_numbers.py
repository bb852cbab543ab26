"""Finds payment card numbers in text, however they are written. Pure; keeps nothing.

Blanks, dots, dashes and invisible characters between the digits do not count, and digits of any
script do. A number begins and ends where a group of digits does, so that the middle of a longer
number is not taken for one. Random UUIDs are left out: one in some ten thousand would be taken for
a card, and tills name purchases by them.
"""

import re
import unicodedata
from itertools import accumulate

_LENGTHS = (14, 15, 16, 19)
_SEPARATING = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Pd"))
"""Unicode's categories of blanks, controls, invisible characters and dashes."""
_SEPARATORS = frozenset(".·․‧∙•−")

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

_UUID = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"(?![0-9a-f])",
    re.IGNORECASE | re.ASCII,
)
"""RFC 9562, with its version and variant, as nothing but a UUID is written."""

_FIRST_DIGITS = frozenset(str(first)[0] for first, _, _ in _ISSUERS)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def holds_card_number(text: str) -> bool:
    """Whether a text is or holds what can be a payment card's number."""
    if len(text) < _LENGTHS[0] or sum(map(str.isdecimal, text)) < _LENGTHS[0]:
        return False
    return any(_among(groups) for groups in _runs(_plain(_UUID.sub("x", text))))


def _plain(text: str) -> str:
    """The text with ASCII digits, a blank for all that only separates, `x` for all else."""
    return "".join(map(_plain_letter, text))


def _plain_letter(letter: str) -> str:
    if letter.isdecimal():
        return letter if letter.isascii() else str(unicodedata.decimal(letter))
    separates = letter in _SEPARATORS or unicodedata.category(letter) in _SEPARATING
    return " " if separates else "x"


def _runs(plain: str) -> list[list[str]]:
    """Runs of digits that nothing but separators interrupts, each as its groups of digits."""
    runs = (run.split() for run in plain.split("x"))
    return [groups for groups in runs if sum(map(len, groups)) >= _LENGTHS[0]]


def _among(groups: list[str]) -> bool:
    """Whether some neighbouring groups of digits are a card number together.

    One pass, with running sums for both parities of Luhn's check: a text can be made of nothing but
    places where a number could begin.
    """
    digits = "".join(groups)
    ends = set(accumulate(map(len, groups)))
    sums = _running_sums(digits)
    for begin in sorted({0, *ends} - {len(digits)}):
        if digits[begin] not in _FIRST_DIGITS:
            continue
        for length in _LENGTHS:
            end = begin + length
            if end in ends and _luhn(sums, begin, end) and _issued(digits[begin:end]):
                return True
    return False


def _issued(digits: str) -> bool:
    return any(
        first <= int(digits[: len(str(first))]) <= last
        for first, last, lengths in _ISSUERS
        if len(digits) in lengths
    )


def _running_sums(digits: str) -> tuple[list[int], list[int]]:
    """Sums up to each place: the first doubles the digits of even places, the second of odd."""
    plain = [int(digit) for digit in digits]
    mixed = [_DOUBLED[digit] if place % 2 == 0 else digit for place, digit in enumerate(plain)]
    other = [digit if place % 2 == 0 else _DOUBLED[digit] for place, digit in enumerate(plain)]
    return [0, *accumulate(mixed)], [0, *accumulate(other)]


def _luhn(sums: tuple[list[int], list[int]], begin: int, end: int) -> bool:
    """Whether Luhn's check of the digits from `begin` to before `end` is right."""
    # The last digit is not doubled: where it stands on an odd place, even places are.
    running = sums[end % 2]
    return (running[end] - running[begin]) % 10 == 0
