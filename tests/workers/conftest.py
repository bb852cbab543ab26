"""Workers that write to the ledger run over the same services as the API's tests."""

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
