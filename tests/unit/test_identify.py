"""When two spellings are one person's identifier, and what is no identifier at all."""

import pytest

from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.usecases.identify import email, identify, phone


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.com", "ada@example.COM"),
        (" ada@example.com ", "ada@example.com"),
        ("ÄDA@example.com", "äda@example.com"),
        ("a\u0308da@example.com", "äda@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
        ("Σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com"),
    ],
)
def test_these_spellings_are_one_address(one: str, other: str) -> None:
    assert identify(Kind.EMAIL, one) == identify(Kind.EMAIL, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.da@example.com", "ada@example.com"),
        ("ada+shop@example.com", "ada@example.com"),
        ("аda@example.com", "ada@example.com"),  # the first letter is Cyrillic
        ("ada@example.com", "ada@example.org"),
        ("ada@googlemail.com", "ada@gmail.com"),
    ],
)
def test_these_are_two_addresses(one: str, other: str) -> None:
    assert identify(Kind.EMAIL, one) != identify(Kind.EMAIL, other)


def test_an_address_is_written_to_as_its_owner_writes_it() -> None:
    assert email(" Ada.L@EXAMPLE.com") == "Ada.L@example.com"


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "@example.com", "ada@localhost", "a b@example.com", "a@b@c.de"]
)
def test_this_is_no_address(text: str) -> None:
    with pytest.raises(Unacceptable):
        identify(Kind.EMAIL, text)


@pytest.mark.parametrize(
    "text", ["+4915112345678", "+49 151 12345678", "+49 (0)151 / 1234-5678", " +49.151.12345678"]
)
def test_these_spellings_are_one_phone(text: str) -> None:
    assert phone(text) == "+4915112345678"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0151 12345678", "not_international"),
        ("0049 151 12345678", "not_international"),
        ("", "not_international"),
        ("+1 800 FLOWERS", "not_international"),
        ("+9991234567", "malformed"),
        ("+49 1", "malformed"),
        ("+33 6 12 34 56 78 90", "impossible_number"),
        ("+1 555 0100", "impossible_number"),
    ],
)
def test_this_is_no_phone(text: str, code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        phone(text)
    assert refused.value.code == code


def test_a_card_number_is_read_with_its_blanks_and_its_check_digit() -> None:
    expected = Identifier(Kind.CARD_NUMBER, "2900000000001")
    assert identify(Kind.CARD_NUMBER, "2900 0000 0000-1") == expected
    for wrong in ("2900000000002", "4006381333931", "290000000000", "29000000000a1"):
        with pytest.raises(Unacceptable):
            identify(Kind.CARD_NUMBER, wrong)


def test_an_external_id_is_taken_as_it_is() -> None:
    assert identify(Kind.EXTERNAL_ID, "CRM 7") != identify(Kind.EXTERNAL_ID, "crm 7")
    for wrong in ("", " x", "x\n", "ä", "x" * 129):
        with pytest.raises(Unacceptable):
            identify(Kind.EXTERNAL_ID, wrong)
