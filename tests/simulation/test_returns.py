"""A thousand purchases, each returned in parts: taken back equals given, to the point."""

import pytest
from hypothesis import settings

from tests.property.test_returns import any_split_takes_back_what_was_given, split_purchases

PURCHASES = 1_000

test_a_thousand_purchases_come_back_to_the_point = pytest.mark.timeout(300)(
    settings(max_examples=PURCHASES, deadline=None)(
        split_purchases(any_split_takes_back_what_was_given)
    )
)
