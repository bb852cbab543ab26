"""What leads to a member: kinds of identifiers, card numbers, and how each is shown masked.

Knows no storage and no library: texts are brought into their normal form by
`usecases/normalise.py` before they come here.
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.names import Namer

CARD_PREFIX = "29"
"""Of the EAN-13 range kept for use within a store: no article and no payment card has it."""

CARD_DIGITS = 13
_CARD_SPACE = 10 ** (CARD_DIGITS - len(CARD_PREFIX) - 1)


class Kind(StrEnum):
    """The kinds of identifiers. A member has at most one of each, but for subjects and cards."""

    EMAIL = "email"
    PHONE = "phone"
    CARD_NUMBER = "card_number"
    EXTERNAL_ID = "external_id"
    PAYMENT_FINGERPRINT = "payment_fingerprint"
    SUBJECT = "sub"  # who an identity provider's token speaks of


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier in its normal form: equal exactly when it is the same person's."""

    kind: Kind
    value: str


def name_of(namer: Namer, identifier: Identifier) -> str:
    """What stands for an identifier in a key: it tells neither the identifier nor the member."""
    return namer.name("identifier", identifier.kind, identifier.value)


class Channel(StrEnum):
    """Where a verification code goes."""

    EMAIL = "email"
    PHONE = "phone"

    @property
    def kind(self) -> Kind:
        """The kind of identifier that this channel reaches."""
        return Kind.EMAIL if self is Channel.EMAIL else Kind.PHONE


def card_number(random_bytes: bytes) -> str:
    """A card number: 13 digits, EAN-13 with the in-store prefix, random in between."""
    middle = int.from_bytes(random_bytes, "big") % _CARD_SPACE
    digits = f"{CARD_PREFIX}{middle:0{CARD_DIGITS - len(CARD_PREFIX) - 1}d}"
    return digits + _check_digit(digits)


def is_card_number(text: str) -> bool:
    """Whether a text has the shape of a card number of ours, check digit included."""
    shaped = len(text) == CARD_DIGITS and text.isascii() and text.isdigit()
    return shaped and text.startswith(CARD_PREFIX) and _check_digit(text[:-1]) == text[-1]


def _check_digit(digits: str) -> str:
    """EAN-13's check digit for the first twelve digits."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-weighted % 10)


def masked_card_number(number: str) -> str:
    """The last four digits alone: `*********1234`."""
    return _masked(number, 4)


def masked_email(address: str) -> str:
    """First letter and domain: `a***@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def masked_phone(number: str) -> str:
    """The last two digits alone."""
    return _masked(number, 2)


def _masked(text: str, shown: int) -> str:
    return "*" * max(len(text) - shown, 0) + text[-shown:]
