"""Any few thousand operations in any order do what the plain rules say."""

import pytest
from hypothesis import HealthCheck, settings

from tests.property.operations import Operations

TestOperations = pytest.mark.timeout(600)(Operations.TestCase)  # shrinking a story takes minutes
TestOperations.settings = settings(
    max_examples=75,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a story of forty steps takes its time
)
