"""Results as Athena reads them off a snapshot: the same promises as in `tests/contract`."""

from itertools import count

import pytest

from chalicelib.settings import Settings
from tests.contract.test_offer_results import (  # noqa: F401  # run here over the snapshot below
    test_reached_activated_and_used_are_counted_by_version,
    test_those_it_was_launched_for_are_compared_by_what_they_did_since,
)
from tests.snapshot_world import Snapshot, in_athena

_numbers = count(1)


@pytest.fixture
def snapshot(settings: Settings) -> Snapshot:
    """An empty one."""
    return in_athena(f"{settings.snapshot_bucket}-results-{next(_numbers)}")
