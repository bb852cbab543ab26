"""What is saved and checked here comes from one run of the real application a file of tests."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_bytes

import pytest

from chalicelib import wiring
from chalicelib.domain.api_keys import ApiKey, new_secret, secret_hash
from chalicelib.domain.callers import CHECKOUT_SCOPES
from chalicelib.domain.names import new_id
from chalicelib.providers.jwks import KeySet
from chalicelib.providers.oidc import OidcVerifier
from chalicelib.settings import Settings
from infrastructure.local.issuer import Issuer
from tests.api.client import Client
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.conftest import AUDIENCE, ISSUER
from tests.offline.roastery import PROGRAM, Roastery, Saved, live
from tests.own_stage import own_stage


@pytest.fixture(scope="module")
def roastery(bound: Settings) -> Iterator[Roastery]:
    """A shop in which everything has happened that a statement can show, and three days' roots.

    Its tables are its own: a root is over all accounts of a ledger.
    """
    clock = Clock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    issuer = Issuer(ISSUER, AUDIENCE, clock)
    keys = KeySet(ISSUER, fetch=lambda _: issuer.jwks())
    with own_stage(bound) as settings:
        services = replace(
            wiring.build(settings), clock=clock, tokens=OidcVerifier(ISSUER, AUDIENCE, keys)
        )
        wiring.install(services)
        from app import app

        def token_for(sub: str, groups: tuple[str, ...] = ()) -> str:
            return issuer.token(sub, groups)

        secret = new_secret(token_bytes(32))
        key = ApiKey(new_id("key", token_bytes(16)), "till-1", CHECKOUT_SCOPES, False, clock())
        assert services.ports.keys.add(key, secret_hash(secret)) == "added"
        assert services.ports.programs.add(PROGRAM, clock())
        shop = Shop(Client(app), services, secret, token_for)
        found = Roastery(shop, clock, shop.member(), shop.member(), shop.member())
        try:
            live(found)
            yield found
        finally:
            wiring.install(None)


@pytest.fixture
def saved(roastery: Roastery) -> Saved:
    return roastery.saved(roastery.mia)
