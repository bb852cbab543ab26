"""How a wallet follows what the provider holds."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.payment_methods import CardReference, Wallet, in_line_with

AT = datetime(2026, 11, 22, tzinfo=UTC)
CARDS = st.builds(
    CardReference,
    payment_method_id=st.sampled_from([f"pm_{number}" for number in range(8)]),
    brand=st.just("visa"),
    last4=st.just("4242"),
    exp_month=st.just(1),
    exp_year=st.integers(2027, 2029),
    fingerprint_name=st.sampled_from(["a", "b", None]),
    created_at=st.just(AT),
)
HELD = st.lists(CARDS, unique_by=lambda card: card.payment_method_id)


def wallet_of(cards: list[CardReference]) -> Wallet:
    return Wallet("mem_1", version=3, customer_id="cus_1", customers=1, references=tuple(cards))


@given(before=HELD, held=HELD)
def test_a_wallet_in_line_holds_exactly_what_the_provider_holds_and_knows_what_it_lost(
    before: list[CardReference], held: list[CardReference]
) -> None:
    after, complete = in_line_with(wallet_of(before), held, at_most=100)
    assert complete
    assert set(after.references) == set(held)
    assert after.customer_id == "cus_1"
    kept = {card.payment_method_id for card in held}
    assert after.removed == {card.payment_method_id for card in before} - kept


@given(before=HELD, held=HELD, at_most=st.integers(1, 3))
def test_few_changes_at_a_time_come_to_the_same(
    before: list[CardReference], held: list[CardReference], at_most: int
) -> None:
    at_once, _ = in_line_with(wallet_of(before), held, at_most=100)
    wallet, complete = wallet_of(before), False
    for _ in range(20):
        after, complete = in_line_with(wallet, held, at_most)
        changed = set(wallet.references) ^ set(after.references)
        assert len({card.payment_method_id for card in changed}) <= at_most
        wallet = after
        if complete:
            break
    assert complete
    assert wallet == at_once


@given(before=HELD)
def test_a_customer_that_is_lost_takes_its_cards_along(before: list[CardReference]) -> None:
    after, _ = in_line_with(wallet_of(before), None, at_most=100)
    assert (after.customer_id, after.customers, after.references) == (None, 1, ())


def test_two_cards_of_one_number_are_found_by_one_name() -> None:
    card = CardReference("pm_1", "visa", "4242", 1, 2030, "a", AT)
    both = wallet_of([card, replace(card, payment_method_id="pm_2")])
    assert both.fingerprint_names == {"a"}
    one, _ = in_line_with(both, [card], at_most=100)
    assert one.fingerprint_names == {"a"}


def test_the_newest_card_is_listed_first() -> None:
    old = CardReference("pm_9", "visa", "4242", 1, 2030, None, AT)
    new = replace(old, payment_method_id="pm_1", created_at=AT.replace(day=23))
    assert wallet_of([old, new]).newest_first() == [new, old]
