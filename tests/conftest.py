"""One local AWS for a test process, with the resources of the template, started on first use.

Its tables can be elsewhere: tests/second_opinion.py.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import hypothesis
import pytest
from pynamodb.connection import Connection
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

from chalicelib.domain.offers import OfferStatus
from chalicelib.settings import Settings
from chalicelib.storage import keys, tables
from chalicelib.storage.live_offers import GenerationItem
from chalicelib.storage.offers import DynamoOffers
from chalicelib.storage.reading import get
from infrastructure.local import ministack, resources
from tests import second_opinion

# How long an example takes says more of the machine than of us; each test has a limit anyway. The
# same sources are tried with the same examples, so that what was green stays green; `make soak`
# names its seeds, and tries ever new ones.
hypothesis.settings.register_profile(
    "unhurried",
    deadline=None,
    derandomize="SEEDS" not in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")


class SharedByFile(LoadScopeScheduling):  # type: ignore[misc]  # see above
    """Side by side, the tests of a file stay in one process, and so do all journeys of a folder:
    they share a running service or a deployed one, each of which takes half a minute to start."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(file.parent if file.is_relative_to("tests/journey") else file)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which need not be there
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedByFile | None:
    """Ours for `--dist loadgroup`, whose own marks pytest 9.2 does not let it put on tests."""
    return SharedByFile(config, log) if config.getvalue("dist") == "loadgroup" else None


SECRET: Mapping[str, str] = {
    "naming_secret": "0f" * 32,
    "stripe_api_key": "sk_test_local",
    "stripe_webhook_secret": "whsec_local",
    "turnstile_secret": "turnstile-local",
}
ISSUER = "https://issuer.stampbook.test"
AUDIENCE = "stampbook-test"
IDENTITY = {
    "OIDC_ISSUER": ISSUER,
    "OIDC_AUDIENCE": AUDIENCE,
    "OIDC_JWKS_URL": "http://127.0.0.1:9/jwks.json",
    "PUBLIC_URL": "https://api.stampbook.test",
}


@pytest.fixture(scope="session")
def stack() -> Iterator[resources.Stack]:
    """The resources of the template, on a MiniStack of this test process; clients find it."""
    with ministack.running() as local, pytest.MonkeyPatch.context() as patch:
        for name, value in (local.environment() | second_opinion.credentials()).items():
            patch.setenv(name, value)
        with second_opinion.created("test", SECRET) as made:
            yield made


@pytest.fixture(scope="session")
def settings(stack: resources.Stack, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a service on the local AWS, which asks its snapshot in this process."""
    snapshot = {"SNAPSHOT_FOLDER": str(tmp_path_factory.mktemp("snapshot"))}
    return Settings.read(stack.environment() | IDENTITY | snapshot)


@pytest.fixture(scope="session")
def bound(settings: Settings) -> Settings:
    """The settings, with the models bound to the tables they name."""
    tables.bind(settings)
    return settings


@pytest.fixture
def connection(bound: Settings) -> Connection:
    """The connection that the models use by now: wiring an application binds them anew."""
    assert bound
    shared: Connection = tables.LedgerItem._get_connection().connection
    return shared


@pytest.fixture(autouse=True)
def offers_end_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test has launched gives nothing to the tests after it, which share its tables."""
    yield
    if not {"bound", "network"} & set(request.fixturenames):
        return
    changed = get(GenerationItem, keys.OFFERS_LIVE, keys.GENERATION)
    if changed is None or changed.generation == _known.get("generation"):
        return
    offers = DynamoOffers()
    for offer in offers.all():
        launched_at = offer.launched_at
        if launched_at is not None and offer.ended_at != launched_at:
            ended = replace(offer, status=OfferStatus.ENDED, ended_at=launched_at)
            ended = replace(ended, version=offer.version + 1)
            offers.put(ended, launched_at, late_since=datetime.max.replace(tzinfo=UTC))
    last = get(GenerationItem, keys.OFFERS_LIVE, keys.GENERATION)
    _known["generation"] = last.generation if last is not None else 0


_known: dict[str, int] = {}
"""The generation of the process's own tables that has been ended."""
