"""The service's own secrets, from a Secrets Manager that answers."""

import json
from datetime import UTC, datetime
from itertools import count

import pytest

from chalicelib.providers import aws
from chalicelib.providers.secrets import Secrets, given, parsed_secret
from chalicelib.settings import Settings
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.wiring import outside
from infrastructure.local.resources import Stack
from tests.fakes.seconds import Seconds

GOOD = {
    "naming_secret": "ab" * 32,
    "stripe_api_key": "sk_test_1",
    "stripe_webhook_secret": "whsec_1",
    "turnstile_secret": "turnstile_1",
}
_numbers = count()


@pytest.fixture
def secret_id(stack: Stack) -> str:
    assert stack.names
    name = f"secret-{next(_numbers)}"
    aws.secretsmanager().create_secret(Name=name, SecretString=json.dumps(GOOD))
    return name


def change(secret_id: str, text: str) -> None:
    aws.secretsmanager().put_secret_value(SecretId=secret_id, SecretString=text)


def test_the_secret_of_the_template_is_read(stack: Stack) -> None:
    values = Secrets(stack.names["Secret"], aws.secretsmanager).current()
    assert len(values.naming_secret) >= 32
    assert len(values.stripe_webhook_secrets) == 1


def test_a_rotated_secret_is_used_five_minutes_later(secret_id: str) -> None:
    seconds = Seconds()
    secrets = Secrets(secret_id, aws.secretsmanager, seconds)
    assert secrets.current().stripe_api_key == "sk_test_1"
    change(secret_id, json.dumps(GOOD | {"stripe_api_key": "sk_test_2"}))
    seconds.now += 299
    assert secrets.current().stripe_api_key == "sk_test_1"
    seconds.now += 1
    assert secrets.current().stripe_api_key == "sk_test_2"


@pytest.mark.parametrize(
    "text",
    ["not json", json.dumps(GOOD | {"naming_secret": "cd" * 32}), json.dumps({})],
    ids=["malformed", "another naming secret", "empty"],
)
def test_a_bad_rotation_changes_nothing(secret_id: str, text: str) -> None:
    seconds = Seconds()
    secrets = Secrets(secret_id, aws.secretsmanager, seconds)
    before = secrets.current()
    change(secret_id, text)
    seconds.now += 300
    assert secrets.current() == before


def test_a_secret_that_cannot_be_read_again_stays_in_use(secret_id: str) -> None:
    seconds = Seconds()
    secrets = Secrets(secret_id, aws.secretsmanager, seconds)
    before = secrets.current()
    aws.secretsmanager().delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
    seconds.now += 300
    assert secrets.current() == before


def test_a_secret_that_is_not_there_is_an_outage(stack: Stack) -> None:
    assert stack.names
    with pytest.raises(StoreUnavailable, match="ResourceNotFoundException"):
        Secrets("no-such-secret", aws.secretsmanager).current()


def test_whatever_is_wrong_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="malformed") as caught:
        parsed_secret(json.dumps(dict.fromkeys(GOOD, 7)))
    assert all(name in str(caught.value) for name in GOOD)


@pytest.mark.parametrize("value", ["", "  ", None])
def test_without_a_providers_key_the_rest_is_there_and_who_needs_it_is_told_to_try_again(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    values = parsed_secret(json.dumps({"naming_secret": GOOD["naming_secret"]}))
    assert values == parsed_secret(
        json.dumps(dict.fromkeys(GOOD, value) | {"naming_secret": GOOD["naming_secret"]})
    )
    with pytest.raises(StoreUnavailable, match="stripe_api_key is not set up"):
        given(values.stripe_api_key, "stripe_api_key")
    with pytest.raises(StoreUnavailable):
        given(values.stripe_webhook_secrets, "stripe_webhook_secret")
    assert caplog.messages[0].startswith("stripe_api_key is not in the secret")


def test_who_is_not_set_up_says_so_and_believes_nobody(settings: Settings, secret_id: str) -> None:
    change(secret_id, json.dumps({"naming_secret": GOOD["naming_secret"]}))
    secrets = Secrets(secret_id, aws.secretsmanager)
    cards, captcha = outside.cards(settings, secrets), outside.captcha(settings, secrets)
    with pytest.raises(StoreUnavailable, match="stripe_api_key is not set up"):
        cards.open_customer("mem_1", "k1")
    with pytest.raises(StoreUnavailable, match="stripe_webhook_secret is not set up"):
        cards.event(b"{}", "t=1,v1=0", datetime(2026, 11, 22, tzinfo=UTC))
    with pytest.raises(StoreUnavailable, match="turnstile_secret is not set up"):
        captcha.solved("a token", "192.0.2.1")


@pytest.mark.parametrize("naming", ["ab" * 31, "xy" * 32, "a" * 65, "", None, 7])
def test_a_naming_secret_is_64_or_more_hex_digits(naming: object) -> None:
    with pytest.raises(ValueError, match="naming_secret is not 64 or more hex digits"):
        parsed_secret(json.dumps(GOOD | {"naming_secret": naming}))


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 100_000, "{"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        parsed_secret(text)


def test_no_value_is_ever_printed_or_named_in_an_error() -> None:
    values = parsed_secret(json.dumps(GOOD))
    assert repr(values) == "SecretValues()"
    with pytest.raises(ValueError, match="malformed") as caught:
        parsed_secret(json.dumps(GOOD | {"turnstile_secret": 7}))
    assert not any(value in str(caught.value) for value in GOOD.values())
