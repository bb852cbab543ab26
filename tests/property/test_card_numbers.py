"""What is taken for a payment card's number, and what is not."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.shell.content import card_numbers, worth_a_look
from chalicelib.domain.card_numbers import holds_card_number
from chalicelib.domain.identifiers import card_number

PUBLISHED = {
    "Visa": "4111111111111111",
    "Visa of 19 digits": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard, 2 series": "2223003122003222",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "Diners Club": "30569309025904",
    "Diners Club, 36": "36227206271667",
    "JCB": "3566002020360505",
    "UnionPay": "6200000000000005",
    "UnionPay of 19 digits": "6205500000000000004",
    "Maestro": "6759649826438453",
    "Mir": "2200000000000004",
}


@pytest.mark.parametrize("number", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_the_issuers_published_test_numbers_are_found(number: str) -> None:
    assert holds_card_number(number)
    assert not holds_card_number(number[:-1] + str((int(number[-1]) + 1) % 10))


WRITTEN = [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "4111  -  1111\t1111\n1111",
    "4111\u00a01111\u20091111\u30001111",
    "4111\u200b1111\u200d1111\ufeff1111",
    "4111\u20131111\u20141111\u22121111",
    "４１１１１１１１１１１１１１１１",
    "card 4111111111111111, thanks",
    "4111111111111111 12/27 123",
    "order 17 4111 1111 1111 1111",
    "2026-11-22 4111111111111111",
    "x4111111111111111y",
    "(4111111111111111)",
    "no. 12.4111111111111111",
    "56365476-7065-447",
    "56365476-7065-447d-a546-31491601ab9d 4111-1111-1111-1111",
    "41111111-1111-1111-1111-111111111111",  # grouped as a UUID, and none
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)


INNOCENT = [
    "",
    "4111",
    "411111111111111",
    "4111111111111112",
    "1234567890123452",  # a right check digit, and no issuer's prefix
    "0000000000000000",
    "4006381333931",  # an article's EAN-13
    "+49 30 901820 1234",
    "2026-11-22T09:30:00.000Z",
    "DE89 3704 0044 0532 0130 00",
    "41111111111111110000000",  # the middle of a longer number
    "mem_06f4111aaaa1111aaaa1111aaaa1111",
    "4111/1111/1111/1111",
    "9f86d081884c7d659a2feaa0c55ad015",
    "identity-56365476-7065-447d-a546-31491601ab9d",  # a random UUID, 5636... as it happened
    "56365476-7065-447D-A546-31491601AB9D",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_other_numbers_are_let_alone(text: str) -> None:
    assert not holds_card_number(text)


@given(st.binary(min_size=10, max_size=10))
def test_a_card_that_we_issue_never_looks_like_a_payment_card(random: bytes) -> None:
    assert not holds_card_number(card_number(random))


@given(
    st.sampled_from(sorted(PUBLISHED.values())),
    st.text(alphabet=" .-", max_size=3),
    st.text(alphabet="abc ,;:/", max_size=20),
    st.text(alphabet="abc ,;:/", max_size=20),
)
def test_separators_and_what_stands_around_never_hide_a_number(
    number: str, separator: str, before: str, after: str
) -> None:
    text = before + separator.join(number) + after
    assert holds_card_number(text)
    for said in (text, f"{text} für Ä", f'{text} "'):
        assert worth_a_look(json.dumps(said, ensure_ascii=False).encode(), said)
        assert worth_a_look(json.dumps(said).encode(), said)


@given(st.text())
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    holds_card_number(text)


@pytest.mark.parametrize("text", WRITTEN)
def test_whatever_holds_a_number_is_looked_at(text: str) -> None:
    for ensure_ascii in (True, False):
        body = json.dumps({"name": text}, ensure_ascii=ensure_ascii).encode()
        assert worth_a_look(body, {"name": text})


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("category", ["coffee", "café"])
def test_a_purchase_of_twenty_lines_is_looked_at_in_a_moment(
    category: str, ensure_ascii: bool
) -> None:
    line = {"sku": "4006381333931", "category": category, "quantity": 2, "amount_minor": 1250}
    value = {"occurred_at": "2026-11-22T09:30:00Z", "lines": [line] * 20}
    body = json.dumps(value, ensure_ascii=ensure_ascii).encode()
    began = time.process_time()
    for _ in range(100):
        assert not worth_a_look(body, value)
    assert (time.process_time() - began) / 100 < 0.001


def test_a_text_made_to_take_long_does_not() -> None:
    for text in ("4 " * 120_000, "4111 1111 1111 111 " * 13_000, "4" * 250_000, "5 4 " * 60_000):
        began = time.process_time()
        card_numbers({"name": text}, numeric_ids=False)
        assert time.process_time() - began < 0.5
