"""Identifiers in their normal form: two texts are equal here exactly when they mean one person.

E-mail addresses and phones are read by their field's own libraries, loaded when first needed.
"""

import unicodedata
from typing import assert_never

from chalicelib.domain.findings import Findings, Unacceptable
from chalicelib.domain.identifiers import Identifier, Kind, is_card_number
from chalicelib.domain.person_fields import external_id


def identify(kind: Kind, text: str) -> Identifier:
    """The identifier that a text means. Raises Unacceptable, whose text never repeats it."""
    match kind:
        case Kind.EMAIL:
            return Identifier(kind, _same_mailbox(text))
        case Kind.PHONE:
            return Identifier(kind, phone(text))
        case Kind.CARD_NUMBER:
            return Identifier(kind, _card_number(text))
        case Kind.EXTERNAL_ID:
            return Identifier(kind, external_id(text))
        case Kind.PAYMENT_FINGERPRINT | Kind.SUBJECT:
            return Identifier(kind, _token(text))
    assert_never(kind)


def identified(kind: Kind, text: str, pointer: str) -> Identifier:
    """The same for one field of a request: raises InvalidContent at its pointer."""
    findings = Findings()
    found = findings.read(pointer, identify, kind, text)
    findings.settle()
    assert found is not None  # noqa: S101  # what was not read was found wrong
    return found


def email(text: str) -> str:
    """An e-mail address as it is written to: NFC, its domain in lower case."""
    return _read_email(text)[0]


def _same_mailbox(text: str) -> str:
    """What two spellings of one address have in common: case folded, NFC, the domain in IDNA.

    Dots, plus tags and look-alike letters make another address.
    """
    written, ascii_domain = _read_email(text)
    local = written.rpartition("@")[0]
    folded = unicodedata.normalize("NFC", local).casefold()
    return f"{unicodedata.normalize('NFC', folded)}@{ascii_domain.lower()}"


def _read_email(text: str) -> tuple[str, str]:
    from email_validator import EmailNotValidError, validate_email  # 40 ms that few requests need

    try:
        # Whether it can be delivered to, the code shows. `test_environment` lets the reserved
        # domain .test pass, which nobody can own.
        read = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Unacceptable(
            "malformed", "Write an e-mail address, such as a@example.com."
        ) from error
    return read.normalized, read.ascii_domain or read.domain


def phone(text: str) -> str:
    """A phone number in E.164. It must be written with its country's code."""
    import phonenumbers  # 25 ms that few requests need

    hint = "Write the number with + and the country's code, such as +4915112345678."
    if not text.strip().startswith("+") or any(letter.isalpha() for letter in text):
        raise Unacceptable("not_international", hint)
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise Unacceptable("malformed", hint) from None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Unacceptable("impossible_number", "No number of this country has this length.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _card_number(text: str) -> str:
    digits = text.replace(" ", "").replace("-", "")
    if not is_card_number(digits):
        raise Unacceptable("malformed", "Write the 13 digits of a member's card.")
    return digits


def _token(text: str) -> str:
    if not 0 < len(text) <= 255 or not text.isprintable():
        raise Unacceptable("malformed", "Write 1 to 255 printable characters.")
    return text
