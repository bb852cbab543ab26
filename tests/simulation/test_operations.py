"""The same comparison with the plain rules that the tests make, many times longer."""

import pytest
from hypothesis import HealthCheck, settings

from tests.property.operations import Operations

TestManyOperations = pytest.mark.timeout(900)(Operations.TestCase)
TestManyOperations.settings = settings(
    max_examples=1_000,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a story of fifty steps takes its time
)
