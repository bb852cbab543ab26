"""A local AWS with the service's resources, for contract tests of stores and providers."""

import os
from collections.abc import Iterator

import pytest
from pynamodb.connection import Connection

from chalicelib.settings import Settings
from chalicelib.storage import tables
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


@pytest.fixture(scope="session")
def connection(stack: resources.Stack) -> Connection:
    """The models, bound to the tables of the stack; the connection's `client` is botocore's."""
    tokens = {"OIDC_ISSUER": "test", "OIDC_AUDIENCE": "test", "OIDC_JWKS_URL": "http://127.0.0.1"}
    return tables.bind(Settings.read(stack.environment() | tokens))


@pytest.fixture
def empty_config(connection: Connection) -> Connection:
    """The table `config` without an item."""
    with tables.ConfigItem.batch_write() as batch:
        for item in tables.ConfigItem.scan():
            batch.delete(item)
    return connection
