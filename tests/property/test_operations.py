"""Any few thousand operations in any order do what the plain rules say."""

from hypothesis import HealthCheck, settings

from tests.property.operations import Operations

TestOperations = Operations.TestCase
TestOperations.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a story of forty steps takes its time
)
