"""Postal addresses by the format of their country, wrong fields told one by one."""

import pytest

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.findings import Findings
from chalicelib.domain.members import PostalAddress
from chalicelib.usecases.postal_formats import format_of, postal_address


def read(country: str, code: str | None, region: str | None = None) -> PostalAddress:
    """An address of a country that must be acceptable."""
    findings = Findings()
    raw = PostalAddress("Street 1", "Town", country, code, region)
    found = postal_address(raw, findings, "/postal_address")
    assert found is not None
    assert findings.errors == []
    return found


def wrong(country: str, code: str | None, region: str | None = None) -> dict[str, str]:
    """What is wrong, by field, with what would help."""
    findings = Findings()
    postal_address(PostalAddress("Street 1", "Town", country, code, region), findings, "")
    return {error.pointer: f"{error.code}: {error.detail}" for error in findings.errors}


@pytest.mark.parametrize(
    ("country", "code", "kept"),
    [
        ("DE", "10115", "10115"),
        ("AT", "8010", "8010"),
        ("GB", "ec1y 8sy", "EC1Y 8SY"),
        ("NL", "1234 ab", "1234 AB"),
        ("PL", "00-950", "00-950"),
        ("IE", None, None),  # has codes, and does not ask for them
        ("AO", None, None),  # has none
        ("AO", "any-7x", "any-7x"),
    ],
)
def test_an_address_of_its_countrys_format_is_taken(
    country: str, code: str | None, kept: str | None
) -> None:
    assert read(country, code).postal_code == kept


def test_a_code_that_does_not_fit_is_told_with_an_example() -> None:
    assert wrong("DE", "1011") == {
        "/postal_code": "malformed: Write a postal code of this country, such as 26133."
    }
    assert wrong("AT", "10115")["/postal_code"].startswith("malformed")
    assert wrong("DE", "10115\u0660")["/postal_code"].startswith("malformed")


def test_a_code_that_is_missing_is_told_where_the_country_needs_one() -> None:
    assert wrong("AT", None) == {"/postal_code": "missing: Write the postal code, such as 1010."}


def test_a_state_is_needed_where_the_country_needs_one_and_kept_in_one_spelling() -> None:
    assert wrong("US", "95014")["/region"].startswith("missing: Write the state or region, such")
    assert wrong("US", "95014", "Bavaria")["/region"].startswith("unknown_region")
    assert read("US", "95014", "California").region == "CA"
    assert read("US", "95014", "ca").region == "CA"
    assert read("DE", "10115", "Berlin").region == "Berlin"


def test_everything_wrong_with_an_address_is_told_at_once() -> None:
    assert set(wrong("US", "x", "y")) == {"/postal_code", "/region"}


def test_every_country_has_a_format_and_its_example_fits_it() -> None:
    for country in sorted(COUNTRIES):
        wanted = format_of(country)
        fits = all(pattern.fullmatch(wanted.example) for pattern in wanted.postal_codes)
        assert fits or not wanted.example, country
