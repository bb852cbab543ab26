"""The register's tests look into the tables that the API's tests write to."""

from tests.api.conftest import (  # noqa: F401  # fixtures, found by their names
    captcha,
    client,
    clock,
    club,
    issuer,
    issuer_clock,
    key_for,
    mailbox,
    real,
    services,
    shop,
    token_for,
)
