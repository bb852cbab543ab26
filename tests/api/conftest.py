"""The real application on the local AWS, with people and tills that may call it.

Only what lies outside AWS is stood in for: the captcha, the token issuer's address, the clock.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from secrets import token_bytes, token_hex

import pytest

from chalicelib import wiring
from chalicelib.domain.api_keys import ApiKey, new_secret, secret_hash
from chalicelib.domain.callers import CHECKOUT_SCOPES, Scope
from chalicelib.domain.names import new_id
from chalicelib.providers.jwks import KeySet
from chalicelib.providers.oidc import OidcVerifier
from chalicelib.settings import Settings
from chalicelib.storage.offers import DynamoOffers
from chalicelib.wiring import Services
from infrastructure.local.issuer import Issuer
from tests.api.client import Client
from tests.api.club import CLUB, Club
from tests.api.shop import COFFEE, Shop
from tests.conftest import AUDIENCE, ISSUER
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.fakes.programs import FROM_THE_BEGINNING


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Move on; the keywords of timedelta."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """The service's clock."""
    return Clock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


@pytest.fixture
def mailbox() -> FakeMessages:
    """Every mail and text message that was sent."""
    return FakeMessages()


@pytest.fixture
def captcha() -> FakeCaptcha:
    """Believes the tokens in its `good`, each once."""
    return FakeCaptcha()


@pytest.fixture(scope="session")
def issuer_clock() -> Clock:
    """The clock of the token issuer; tests' clocks set it."""
    return Clock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


@pytest.fixture(scope="session")
def issuer(issuer_clock: Clock) -> Issuer:
    """Who signs tokens; one a process, because making its key takes a while."""
    return Issuer(ISSUER, AUDIENCE, issuer_clock)


@pytest.fixture(scope="session")
def real(bound: Settings) -> Services:
    """The services as they are wired for the local AWS."""
    return wiring.build(bound)


@pytest.fixture
def services(
    real: Services,
    clock: Clock,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    issuer: Issuer,
) -> Iterator[Services]:
    """The services that the application uses during one test, over the real tables."""
    keys = KeySet(real.settings.oidc_jwks_url, fetch=lambda _: issuer.jwks())
    built = replace(
        real,
        # What is live is remembered for some seconds: not those of the test before.
        ports=replace(real.ports, captcha=captcha, messages=mailbox, offers=DynamoOffers()),
        clock=clock,
        tokens=OidcVerifier(ISSUER, AUDIENCE, keys),
    )
    wiring.install(built)
    yield built
    wiring.install(None)


@pytest.fixture
def client(services: Services) -> Client:
    """Calls the real application, as nobody unless a call says otherwise."""
    assert services
    from app import app

    return Client(app)


@pytest.fixture
def key_for(services: Services, clock: Clock) -> Callable[..., str]:
    """`key_for(scopes?, source?, numeric_ids?)` makes an API key and gives its secret."""

    def make(
        scopes: Iterable[Scope] = CHECKOUT_SCOPES,
        source: str | None = None,
        numeric_ids: bool = False,
    ) -> str:
        secret = new_secret(token_bytes(32))
        key = ApiKey(
            new_id("key", token_bytes(16)),
            source or f"till-{token_hex(4)}",
            frozenset(scopes),
            numeric_ids,
            clock(),
        )
        assert services.ports.keys.add(key, secret_hash(secret)) == "added"
        return secret

    return make


@pytest.fixture
def token_for(issuer: Issuer, issuer_clock: Clock, clock: Clock) -> Callable[..., str]:
    """`token_for(sub, groups?, claims?)` gives a token, made by the service's clock."""

    def make(sub: str, groups: Iterable[str] = (), **claims: object) -> str:
        issuer_clock.now = clock.now
        return issuer.token(sub, tuple(groups), claims=claims)

    return make


@pytest.fixture
def shop(
    client: Client,
    services: Services,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Shop:
    """A coffee shop: 1 point a euro, beans double, gift cards earn nothing."""
    programs = services.ports.programs
    latest = programs.latest()
    number = latest.version + 1 if latest is not None else 1
    assert programs.add(replace(COFFEE, version=number), FROM_THE_BEGINNING)
    programs.activate(number, FROM_THE_BEGINNING)
    return Shop(client, services, key_for(), token_for)


@pytest.fixture
def club(
    client: Client,
    services: Services,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Club:
    """A program that people join, with two purposes and two attributes of its own."""
    programs = services.ports.programs
    latest = programs.latest()
    number = latest.version + 1 if latest is not None else 1
    assert programs.add(replace(CLUB, version=number), FROM_THE_BEGINNING)
    programs.activate(number, FROM_THE_BEGINNING)
    client.address = ".".join(str(byte) for byte in token_bytes(4))  # with allowances of its own
    return Club(client, services, mailbox, captcha, key_for(), token_for)
