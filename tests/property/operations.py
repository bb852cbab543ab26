"""All operations on points in any order, each compared with the plain rules.

Hypothesis plays the till, the members, the staff, the clock and the bad network; when program and
rules part ways it shrinks what led there to a story of a few calls.
"""

from tests.property.buying import Buying
from tests.property.moving import Moving
from tests.property.reviewing import Reviewing
from tests.property.spending import Spending


class Operations(Buying, Spending, Moving, Reviewing):
    """The whole of it."""
