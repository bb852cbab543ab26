"""A local AWS with the service's resources, for contract tests of stores and providers."""

import os
from collections.abc import Iterator

import pytest

from infrastructure.local import ministack, resources

SECRET = {
    "naming_secret": "0f" * 32,
    "stripe_api_key": "sk_test_local",
    "stripe_webhook_secret": "whsec_local",
    "turnstile_secret": "turnstile-local",
}


@pytest.fixture(scope="session")
def stack() -> Iterator[resources.Stack]:
    """The resources of the template, on a MiniStack of this test process; clients find it."""
    with ministack.running() as local, pytest.MonkeyPatch.context() as patch:
        for name, value in local.environment().items():
            patch.setenv(name, value)
        yield resources.create("test", SECRET)


@pytest.fixture
def endpoint(stack: resources.Stack) -> str:
    """Where the local AWS listens."""
    assert stack.names
    return os.environ["AWS_ENDPOINT_URL"]
