"""Names, ids and codes: nothing leads back, no two lists of parts share one, codes read back."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.names import (
    Namer,
    canonical_code,
    crockford,
    length_prefixed,
    new_id,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NAMER = Namer(b"s" * 32)
PARTS = st.lists(st.binary(max_size=6), max_size=5)
CODES = st.binary(min_size=1, max_size=8).map(lambda part: NAMER.code("voucher", part))


def read_back(joined: bytes) -> list[bytes]:
    """The parts that `length_prefixed` joined: it can be undone, so nothing was lost."""
    parts = []
    while joined:
        length, rest = int.from_bytes(joined[:4], "big"), joined[4:]
        parts.append(rest[:length])
        joined = rest[length:]
    return parts


# --- joining -------------------------------------------------------------------------------------


@given(PARTS)
def test_joined_parts_can_be_told_apart_again(parts: list[bytes]) -> None:
    assert read_back(length_prefixed(*parts)) == parts


@given(PARTS, PARTS)
def test_different_lists_of_parts_never_join_alike(one: list[bytes], other: list[bytes]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


@given(st.lists(st.text(max_size=6), max_size=5))
def test_a_text_counts_as_its_utf8_bytes(parts: list[str]) -> None:
    assert length_prefixed(*parts) == length_prefixed(*(part.encode() for part in parts))


def test_moving_a_letter_over_a_border_makes_another_name() -> None:
    assert NAMER.name("till-1", "23") != NAMER.name("till-12", "3")
    assert NAMER.name("a", "") != NAMER.name("a")
    assert NAMER.name() != NAMER.name("")


@given(st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), min_size=1))
def test_a_lone_surrogate_has_no_name(part: str) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        NAMER.name(part)


# --- base 32 -------------------------------------------------------------------------------------


@given(st.binary(max_size=40))
def test_base_32_loses_no_bit(data: bytes) -> None:
    text = crockford(data)
    assert len(text) == (len(data) * 8 + 4) // 5
    number = 0
    for letter in text:
        number = number * 32 + ALPHABET.index(letter)
    assert (number >> (-len(data) * 8 % 5)).to_bytes(len(data), "big") == data


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_base_32_sorts_as_the_bytes_do(one: bytes, other: bytes) -> None:
    assert (crockford(one) < crockford(other)) == (one < other)


@pytest.mark.parametrize(
    ("data", "text"), [(b"", ""), (b"\x00", "00"), (b"\xff", "ZW"), (b"\x00\x01", "000G")]
)
def test_base_32_of_known_bytes(data: bytes, text: str) -> None:
    assert crockford(data) == text


# --- names and ids -------------------------------------------------------------------------------


def test_a_name_is_the_start_of_an_hmac_over_the_joined_parts() -> None:
    expected = hmac.digest(b"s" * 32, b"\x00\x00\x00\x01a\x00\x00\x00\x02bc", hashlib.sha256)
    assert NAMER.digest("a", b"bc") == expected


def test_names_never_change_over_releases() -> None:
    assert NAMER.name("till-berlin", "purchase-1") == "PWPuPhKqdCDoNdLPalJwpA"
    assert NAMER.id("red", "a") == "red_wk9znkjc0tv64ewctpsjwqcapc"
    assert NAMER.code("voucher", "a") == "8YRC-E11X-YVRT-5HEX"


@given(PARTS)
def test_a_name_fits_into_a_key_and_shows_nothing(parts: list[bytes]) -> None:
    name = NAMER.name(*parts)
    assert len(name) == 22
    assert name.replace("-", "a").replace("_", "a").isalnum()
    assert name.isascii()


@given(PARTS)
def test_another_secret_makes_other_names(parts: list[bytes]) -> None:
    assert NAMER.name(*parts) != Namer(b"t" * 32).name(*parts)


@given(PARTS)
def test_an_id_and_a_code_of_the_same_parts_share_nothing(parts: list[bytes]) -> None:
    spelled = NAMER.id("red", *parts).removeprefix("red_").upper()
    assert not spelled.startswith(NAMER.code("red", *parts).replace("-", "")[:8])
    assert NAMER.id("red", *parts) != NAMER.id("rwd", *parts).replace("rwd", "red")


@given(st.binary(min_size=16, max_size=16))
def test_a_new_id_is_its_prefix_and_26_lower_case_letters(random_bytes: bytes) -> None:
    prefix, _, rest = new_id("mem", random_bytes).partition("_")
    assert prefix == "mem"
    assert len(rest) == 26
    assert set(rest) <= set(ALPHABET.lower())


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_short_secret_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Namer(b"s" * length)


# --- codes that people type ----------------------------------------------------------------------


@given(CODES)
def test_a_code_is_four_groups_of_four_letters_that_cannot_be_mistaken(code: str) -> None:
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set(code) <= set(ALPHABET) | {"-"}


@given(CODES, st.data())
def test_a_code_reads_back_however_it_is_typed(code: str, data: st.DataObject) -> None:
    typed = []
    for letter in code.replace("-", ""):
        alike = {"0": "0Oo", "1": "1IiLl"}.get(letter, letter + letter.lower())
        typed.append(data.draw(st.sampled_from(alike)))
        typed.append(data.draw(st.sampled_from(["", "", " ", "-", "  -  ", "–", "\r\n"])))
    assert canonical_code("".join(typed)) == code


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_a_value_error(typed: str) -> None:
    try:
        code = canonical_code(typed)
    except ValueError:
        return
    assert canonical_code(code) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ABCD",
        "ABCD-EFGH-JKMN-PQRU",  # there is no U
        "ABCD-EFGH-JKMN-PQR",
        "ABCD-EFGH-JKMN-PQRST",
        "ABCD_EFGH_JKMN_PQRS",
        "-" * 16,
        "\ud800" * 16,
        "١" * 16,
        "ß" * 8,  # SS in capitals
        "ﬀ" * 8,  # FF in capitals
    ],
)
def test_what_is_no_code_of_ours_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not a code of ours"):
        canonical_code(typed)
