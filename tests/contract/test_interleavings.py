"""A sample of what the simulation tries in full: orders of calls of pairs of operations."""

import random

import pytest
from pynamodb.connection import Connection

from tests.simulation.neighbour_pairs import NEIGHBOUR_PAIRS
from tests.simulation.pairs import PAIRS
from tests.simulation.schedules import LOSSES, Pair, Trial
from tests.simulation.survey_pairs import SURVEY_PAIRS
from tests.simulation.turnstile import Order

_LIKELIEST: Order = (0, 1, 0, 1, 0, 1)
"""Both read, then both write: the race that most often hurts."""


def _some_orders(pair: Pair) -> list[tuple[Order, int | None]]:
    chance = random.Random(str(pair))
    drawn = tuple(chance.randrange(2) for _ in range(pair.chosen_calls))
    return [(_LIKELIEST, None), (_LIKELIEST, 1), (drawn, chance.choice(LOSSES))]


@pytest.mark.parametrize("pair", [*PAIRS, *NEIGHBOUR_PAIRS, *SURVEY_PAIRS], ids=str)
def test_some_orders_of_calls_give_what_one_of_the_two_after_the_other_gives(
    connection: Connection, pair: Pair
) -> None:
    trial = Trial(connection, pair)
    for order, lost in _some_orders(pair):
        _, complaint = trial.attempt(order, lost)
        assert complaint is None, complaint
