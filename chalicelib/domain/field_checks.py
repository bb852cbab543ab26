"""What single fields of staff's documents must keep to. Knows no document."""

import unicodedata
from collections.abc import Iterator

from chalicelib.domain.refusals import FieldError


def in_range(number: int, pointer: str, least: int, most: int) -> Iterator[FieldError]:
    """What is wrong with a whole number that has bounds, both allowed."""
    if not least <= number <= most:
        yield FieldError(pointer, "out_of_range", f"Write a whole number of {least} to {most}.")


def one_line(text: str, pointer: str, longest: int) -> Iterator[FieldError]:
    """What is wrong with a name: it is not blank, not too long and of one line."""
    # The program's name stands in the subject of mails, which a line break makes undeliverable.
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        yield FieldError(pointer, "not_printable", "Leave out line breaks and control characters.")
    if not text.strip() or len(text) > longest:
        detail = f"Write a text of 1 to {longest} characters, not all blank."
        yield FieldError(pointer, "wrong_length", detail)
