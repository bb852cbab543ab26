"""An installation to measure: the tables of the template on a MiniStack of our own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.storage import tables
from chalicelib.wiring import Services
from infrastructure.local import ministack, resources

SECRET = {
    "naming_secret": "0f" * 32,
    "stripe_api_key": "sk_test_bench",
    "stripe_webhook_secret": "whsec_bench",
    "turnstile_secret": "turnstile-bench",
}
IDENTITY = {
    "OIDC_ISSUER": "https://issuer.stampbook.example",
    "OIDC_AUDIENCE": "bench",
    "OIDC_JWKS_URL": "http://127.0.0.1:9/jwks.json",
    "PUBLIC_URL": "https://api.stampbook.example",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """The services as they are wired for it, the connection that all tables share, and what the
    environment of a function of it holds."""

    services: Services
    connection: Connection
    environment: Mapping[str, str]


@contextmanager
def installation() -> Iterator[Installation]:
    """An installation while it lasts; clients and the application of this process find it."""
    with ministack.running() as cloud:
        os.environ.update(cloud.environment())
        stack = resources.create("bench", SECRET)
        settings = Settings.read(stack.environment() | IDENTITY)
        services = wiring.build(settings)
        connection = tables.bind(settings)
        wiring.install(services)
        environment = cloud.environment() | stack.environment() | IDENTITY
        yield Installation(services, connection, environment)
        wiring.install(None)
