"""A few short stories of many operations: what only shows when operations follow each other. The
long ones are in tests/property and tests/simulation.
"""

from hypothesis import settings

from tests.property.operations import Operations
from tests.property.test_neighbours import Moves
from tests.property.test_returns import any_split_takes_back_what_was_given, split_purchases

_short = settings.get_profile("mutants")

TestStories = Operations.TestCase
TestStories.settings = settings(_short, stateful_step_count=25)

TestMoves = Moves.TestCase
TestMoves.settings = settings(_short, max_examples=15, stateful_step_count=25)

test_splits = split_purchases(any_split_takes_back_what_was_given)
