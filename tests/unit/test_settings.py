"""The environment: read as a whole, and all that is wrong with it named at once."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.settings import Settings

OPTIONAL = {
    "STRIPE_API_BASE",
    "TURNSTILE_URL",
    "ALLOWANCE_FACTOR",
    "OUTGOING_LOOPBACK",
    "MAIL_CONFIGURATION",
    "SNAPSHOT_DATABASE",
    "SNAPSHOT_WORKGROUP",
    "SNAPSHOT_FOLDER",
}
REQUIRED = {field.name.upper() for field in fields(Settings)} - OPTIONAL
COMPLETE = {name: f"the-{name.lower()}" for name in REQUIRED}


def test_a_complete_environment_is_read_as_it_is() -> None:
    settings = Settings.read(COMPLETE | {"HOME": "/root"})
    assert all(getattr(settings, name.lower()) == value for name, value in COMPLETE.items())


def test_what_is_optional_has_the_real_providers_addresses() -> None:
    settings = Settings.read(COMPLETE)
    assert settings.stripe_api_base == "https://api.stripe.com"
    assert settings.turnstile_url.startswith("https://challenges.cloudflare.com/")
    assert settings.allowance_factor == 1


def test_an_empty_optional_variable_counts_as_not_set() -> None:
    empty = dict.fromkeys(OPTIONAL, "")
    assert Settings.read(COMPLETE | empty) == Settings.read(COMPLETE)


def test_a_number_is_read_as_a_number() -> None:
    assert Settings.read(COMPLETE | {"ALLOWANCE_FACTOR": "30"}).allowance_factor == 30


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("value", ["", None])
def test_each_missing_variable_is_named(name: str, value: str | None) -> None:
    environment = {key: text for key, text in COMPLETE.items() if key != name}
    if value is not None:
        environment[name] = value
    with pytest.raises(ValueError, match=f"{name} is not set"):
        Settings.read(environment)


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="incomplete") as caught:
        Settings.read({"ALLOWANCE_FACTOR": "many"})
    message = str(caught.value)
    assert all(f"{name} is not set" in message for name in REQUIRED)
    assert "ALLOWANCE_FACTOR must be a positive whole number, not 'many'" in message


@given(st.text(min_size=1, max_size=12).filter(lambda text: not text.isdecimal()))
def test_no_text_is_taken_for_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="ALLOWANCE_FACTOR must be"):
        Settings.read(COMPLETE | {"ALLOWANCE_FACTOR": text})


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "1e3", " 1", "1_000", "٣", "²", "9" * 5000])
def test_a_factor_is_a_positive_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match="ALLOWANCE_FACTOR must be"):
        Settings.read(COMPLETE | {"ALLOWANCE_FACTOR": text})
