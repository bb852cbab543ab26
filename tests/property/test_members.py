"""Properties of card numbers, codes, masks, consents and traits."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import codes
from chalicelib.domain.card_numbers import holds_card_number
from chalicelib.domain.consents import ConsentRecord, Statement, recorded
from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.identifiers import (
    Channel,
    Kind,
    card_number,
    is_card_number,
    masked_card_number,
    masked_email,
    masked_phone,
)
from chalicelib.domain.names import Namer, new_id
from chalicelib.domain.preferences import LONGEST_CATEGORY_BYTES, MOST_CATEGORIES
from chalicelib.domain.program_checks import MOST_PURPOSES
from chalicelib.domain.purposes import LOYALTY_TERMS
from chalicelib.domain.traits import (
    LONGEST_ATTRIBUTE_BYTES,
    MOST_ACTIVATED,
    MOST_ATTRIBUTES,
    MOST_BYTES,
    MOST_LISTS,
    Traits,
    packed_traits,
    unpacked_traits,
)
from chalicelib.usecases.identify import email, identify

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
NAMER = Namer(b"n" * 32)
digits = st.from_regex(r"[0-9]{6}", fullmatch=True)


@given(st.binary(min_size=8, max_size=8))
def test_a_card_number_is_ours_and_no_payment_card(random_bytes: bytes) -> None:
    number = card_number(random_bytes)
    assert is_card_number(number)
    assert not holds_card_number(number)
    assert masked_card_number(number) == "*" * 9 + number[-4:]


@given(st.binary(min_size=8, max_size=8), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_found(random_bytes: bytes, place: int, by: int) -> None:
    number = card_number(random_bytes)
    wrong = str((int(number[place]) + by) % 10)
    assert not is_card_number(number[:place] + wrong + number[place + 1 :])


@given(st.emails())
def test_an_address_has_one_normal_form(text: str) -> None:
    try:
        once = identify(Kind.EMAIL, text)
    except Unacceptable:
        return  # hypothesis knows stranger ones than the library takes
    assert identify(Kind.EMAIL, once.value) == once
    assert identify(Kind.EMAIL, email(text)) == once
    assert identify(Kind.EMAIL, text.swapcase()) == once


@given(st.emails(), st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_a_mask_shows_what_it_may(address: str, phone: str) -> None:
    local, _, domain = address.rpartition("@")
    assert masked_email(address) == f"{local[0]}***@{domain}"
    assert masked_phone(phone) == "*" * (len(phone) - 2) + phone[-2:]


@given(digits, digits, st.sampled_from(Channel))
def test_a_code_fits_its_own_digits_address_member_and_channel_alone(
    right: str, other: str, channel: Channel
) -> None:
    code = codes.issued(NAMER, "mem_1", channel, "a@example.com", right, NOW)
    assert codes.matches(NAMER, code, "a@example.com", right)
    assert codes.matches(NAMER, code, "a@example.com", other) == (right == other)
    assert not codes.matches(NAMER, code, "b@example.com", right)
    foreign = codes.issued(NAMER, "mem_2", channel, "a@example.com", right, NOW)
    assert foreign.digest != code.digest
    assert right not in code.digest
    assert code.good_until - NOW == timedelta(minutes=10)


@given(st.binary(min_size=8, max_size=8))
def test_a_code_has_six_digits(random_bytes: bytes) -> None:
    made = codes.new_digits(random_bytes)
    assert len(made) == 6
    assert made.isdigit()


said = st.builds(
    Statement,
    st.sampled_from([LOYALTY_TERMS, "mail", "profiling"]),
    st.just(True),
    st.sampled_from(["1", "2"]),
) | st.builds(
    Statement, st.sampled_from(["mail", "profiling"]), st.booleans(), st.sampled_from(["1", "2"])
)


@given(st.lists(st.lists(said, max_size=3), max_size=8))
def test_the_newest_record_says_what_was_said_last(rounds: list[list[Statement]]) -> None:
    last: ConsentRecord | None = None
    expected: dict[str, Statement] = {}
    seqs: list[int] = []
    for statements in rounds:
        records = recorded(last, statements, "member", NOW)
        seqs += [record.seq for record in records]
        last = records[-1] if records else last
        expected |= {statement.purpose: statement for statement in statements}
    assert seqs == list(range(1, len(seqs) + 1))
    standing = last.standing if last else {}
    assert {
        purpose: Statement(purpose, consent.granted, consent.policy_version)
        for purpose, consent in standing.items()
    } == expected


def test_consents_never_go_back_in_time_although_requests_overtake_each_other() -> None:
    earlier = NOW - timedelta(milliseconds=20)
    (granted,) = recorded(None, [Statement("mail", True, "1")], "member", NOW)
    (withdrawn,) = recorded(granted, [Statement("mail", False, "1")], "member", earlier)
    assert withdrawn.said.at == granted.said.at == NOW


printable = st.text(st.characters(categories=["L", "N", "P"], exclude_characters='"\\'), min_size=1)
category = printable.map(
    lambda text: text.encode()[:LONGEST_CATEGORY_BYTES].decode("utf-8", "ignore")
)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001  # made UTC below
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
traits = st.builds(
    Traits,
    contact_changed_at=st.none() | instants,
    country=st.sampled_from([None, "DE", "AT"]),
    birth_month=st.none() | st.integers(1, 12),
    interests=st.lists(category.filter(bool), max_size=MOST_CATEGORIES).map(tuple),
    purposes=st.lists(st.from_regex(r"[a-z_]{1,40}", fullmatch=True), max_size=MOST_PURPOSES).map(
        tuple
    ),
    profiling=st.booleans(),
    language=st.none() | st.just("de"),
    joined_on=st.none() | st.dates(),
    attributes=st.dictionaries(category, category, max_size=3).map(lambda d: tuple(d.items())),
    lists=st.lists(st.just("seg_1"), max_size=2).map(tuple),
    activated=st.lists(st.just("off_1"), max_size=2).map(tuple),
)


@given(traits)
def test_traits_are_read_as_they_were_packed_and_stay_small(facts: Traits) -> None:
    packed = packed_traits(facts)
    assert unpacked_traits(packed) == facts
    assert len(packed.encode()) <= MOST_BYTES


def test_the_largest_traits_fit_their_item() -> None:
    largest = Traits(
        contact_changed_at=NOW,
        country="DE",
        birth_month=12,
        interests=("x" * LONGEST_CATEGORY_BYTES,) * MOST_CATEGORIES,
        purposes=("p" * 40,) * MOST_PURPOSES,
        profiling=True,
        language="de",
        joined_on=NOW.date(),
        attributes=tuple(
            (f"{number}".rjust(40, "a"), "v" * LONGEST_ATTRIBUTE_BYTES)
            for number in range(MOST_ATTRIBUTES)
        ),
        lists=(new_id("seg", bytes(16)),) * MOST_LISTS,
        activated=(new_id("off", bytes(16)),) * MOST_ACTIVATED,
    )
    assert len(packed_traits(largest).encode()) <= MOST_BYTES
