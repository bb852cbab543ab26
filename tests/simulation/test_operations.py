"""The same comparison with the plain rules that the tests make, many times longer."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.operations import Operations

AT_LEAST = 25_000
STEPS = int(os.environ.get("STORY_STEPS", "50"))
"""Of a story, at most."""


@pytest.mark.timeout(900)  # shrinking a story takes minutes
def test_tens_of_thousands_of_operations_do_what_the_plain_rules_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = Operations.steps
    run_state_machine_as_test(
        Operations,
        settings=settings(
            max_examples=36_000 // STEPS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],  # a long story takes its time
        ),
    )
    steps = Operations.steps - before
    with capsys.disabled():
        print(f"\n{steps:,} steps compared with the plain rules")
    assert steps >= AT_LEAST
