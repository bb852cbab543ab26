"""What the fields of a profile take. Each reader gives the value as it is kept, or Unacceptable.

Knows nothing of e-mail addresses and phones: `usecases/identify.py` reads those.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.findings import Findings, Unacceptable
from chalicelib.domain.identifiers import is_card_number
from chalicelib.domain.members import AttributeValue, Name, PostalAddress

_OLDEST_BIRTH = date(1900, 1, 1)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?", re.ASCII)
_MEMBER_ID = re.compile(r"mem_[0-9a-z]{26}", re.ASCII)
_MOST_STREET_LINES = 3
_MOST_ATTRIBUTES = 30
_LARGEST_INTEGER = 2**53 - 1


def line(text: str, most: int) -> str:
    """One line of text for people, NFC, without blanks around it."""
    kept = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(kept) <= most:
        raise Unacceptable("wrong_length", f"Write 1 to {most} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") for character in kept):
        raise Unacceptable("not_printable", "Leave out control characters.")
    return kept


def birth_date(text: str, today: date) -> date:
    """A real day, not before 1900 and not in the future."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise Unacceptable("malformed", "Write a date, such as 1990-01-31.")
    if not _OLDEST_BIRTH <= day <= today:
        raise Unacceptable("out_of_range", "Write a day from 1900-01-01 until today.")
    return day


def locale(text: str) -> str:
    """A language tag (BCP 47) of language, script and region, in its usual case."""
    match = _LOCALE.fullmatch(text)
    if match is None:
        raise Unacceptable("malformed", "Write a language tag, such as de or de-AT.")
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def country(text: str) -> str:
    """A country code of ISO 3166-1 alpha-2."""
    if text.upper() not in COUNTRIES:
        raise Unacceptable("unknown_country", "Write a country code of two letters, such as DE.")
    return text.upper()


def external_id(text: str) -> str:
    """An integration's own id of the person."""
    if not (0 < len(text) <= 128 and text.isascii() and text.isprintable()) or text != text.strip():
        raise Unacceptable("malformed", "Write 1 to 128 printable ASCII characters.")
    return text


def referrer(text: str) -> str:
    """A member's card number or id. Whether there is such a member is not said."""
    if not is_card_number(text) and not _MEMBER_ID.fullmatch(text):
        raise Unacceptable("malformed", "Write a member's card number or member id.")
    return text


def name(raw: Name, findings: Findings, pointer: str) -> Name:
    """A name's parts; each may be missing."""

    def part(place: str, text: str | None) -> str | None:
        return None if text is None else findings.read(place, line, text, 100)

    return Name(part(f"{pointer}/given", raw.given), part(f"{pointer}/family", raw.family))


def postal_address(raw: PostalAddress, findings: Findings, pointer: str) -> PostalAddress | None:
    """An address of a known country; None when something is wrong with it."""
    code = raw.postal_code
    street = findings.read(f"{pointer}/street", _street, raw.street)
    city = findings.read(f"{pointer}/city", line, raw.city, 100)
    code = findings.read(f"{pointer}/postal_code", line, code, 12) if code else None
    region = findings.read(f"{pointer}/region", line, raw.region, 100) if raw.region else None
    land = findings.read(f"{pointer}/country", country, raw.country)
    if street is None or city is None or land is None:
        return None
    return PostalAddress(street=street, city=city, country=land, postal_code=code, region=region)


def _street(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > _MOST_STREET_LINES:
        raise Unacceptable("too_many_lines", f"Write at most {_MOST_STREET_LINES} lines.")
    return "\n".join(line(part, 100) for part in lines)


def attributes(
    raw: Mapping[str, AttributeValue], declared: Collection[str], findings: Findings, pointer: str
) -> dict[str, AttributeValue]:
    """Values of attributes that the program declares."""
    if len(raw) > _MOST_ATTRIBUTES:
        findings.read(pointer, _too_many_attributes)
        return {}
    kept: dict[str, AttributeValue] = {}
    for key, value in raw.items():
        place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        read = findings.read(place, _attribute, key, value, declared)
        if read is not None:
            kept[key] = read
    return kept


def _too_many_attributes() -> None:
    raise Unacceptable("too_many", f"Write at most {_MOST_ATTRIBUTES} attributes.")


def _attribute(key: str, value: AttributeValue, declared: Collection[str]) -> AttributeValue:
    if key not in declared:
        known = ", ".join(sorted(declared)) or "none"
        raise Unacceptable("unknown_attribute", f"The program declares these attributes: {known}.")
    if isinstance(value, str):
        return line(value, 200)
    if abs(value) > _LARGEST_INTEGER:
        raise Unacceptable("out_of_range", "Write a smaller number.")
    return value
