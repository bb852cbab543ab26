"""Hundreds of decisions and returns under offers of every kind: each promise is kept in each."""

import pytest
from hypothesis import settings

from tests.property.test_offer_decision import (
    a_decision_keeps_what_offers_promise,
    an_offer_applies_exactly_when_all_is_true,
    any_parts_of_a_return_take_back_what_offers_gave,
    decisions,
    returns,
)
from tests.property.test_offer_returns import any_split_gives_offers_back_what_they_gave, splits

_many = settings(max_examples=300, deadline=None)

test_every_promise_is_kept_in_hundreds_of_decisions = pytest.mark.timeout(120)(
    _many(decisions(a_decision_keeps_what_offers_promise))
)
test_hundreds_of_purchases_get_exactly_the_offers_whose_terms_they_meet = pytest.mark.timeout(120)(
    _many(decisions(an_offer_applies_exactly_when_all_is_true))
)
test_hundreds_of_returns_take_back_what_offers_gave = pytest.mark.timeout(120)(
    _many(returns(any_parts_of_a_return_take_back_what_offers_gave))
)
test_hundreds_of_purchases_in_an_account_give_offers_back_what_they_gave = pytest.mark.timeout(120)(
    _many(splits(any_split_gives_offers_back_what_they_gave))
)
