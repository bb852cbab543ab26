"""Every order of the first DynamoDB calls of every pair of operations, with and without a lost
reply, gives what one of the two after the other gives."""

import pytest
from pynamodb.connection import Connection

from tests.simulation.neighbour_pairs import NEIGHBOUR_PAIRS
from tests.simulation.offer_pairs import OFFER_PAIRS
from tests.simulation.pairs import PAIRS
from tests.simulation.schedules import Pair, Trial
from tests.simulation.survey_pairs import SURVEY_PAIRS


@pytest.mark.timeout(600)  # hundreds of scenes, on a machine that may be doing other things
@pytest.mark.parametrize("pair", [*PAIRS, *NEIGHBOUR_PAIRS, *SURVEY_PAIRS, *OFFER_PAIRS], ids=str)
def test_every_order_of_calls_gives_what_some_order_of_the_two_gives(
    connection: Connection, pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    count, complaints = Trial(connection, pair).everything()
    with capsys.disabled():
        print(f"  {pair}: {count} schedules")
    assert count >= 12
    assert not complaints, f"{len(complaints)} of {count}, such as\n{complaints[0]}"
