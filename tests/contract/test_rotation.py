"""Secrets are changed while the service runs: the new one is in use five minutes later at most,
without a restart, and nothing is refused in between where the provider lets two be good at once.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from chalicelib.domain.refusals import SignatureRefused
from chalicelib.providers import aws
from chalicelib.providers.captcha import Turnstile
from chalicelib.providers.secrets import Secrets, parsed_secret
from chalicelib.providers.stripe_cards import StripeCards
from chalicelib.usecases.ports import StoreUnavailable
from infrastructure.local.captcha_double import CaptchaDouble, serving
from infrastructure.local.resources import Stack
from infrastructure.local.stripe_double import signature
from tests.at_stripe import AtStripe
from tests.conftest import SECRET
from tests.fakes.seconds import Seconds

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
FIVE_MINUTES = 300
_numbers = count()


class Vault:
    """A secret in Secrets Manager, and a process that has read it."""

    def __init__(self) -> None:
        self.name = f"rotated-{next(_numbers)}"
        self.seconds = Seconds()
        aws.secretsmanager().create_secret(Name=self.name, SecretString=json.dumps(dict(SECRET)))
        self.secrets = Secrets(self.name, aws.secretsmanager, self.seconds)
        assert self.secrets.current()

    def change(self, **values: object) -> None:
        """Somebody changes values; the process has not looked yet."""
        text = json.dumps({**SECRET, **values})
        aws.secretsmanager().put_secret_value(SecretId=self.name, SecretString=text)

    def wait(self) -> None:
        self.seconds.now += FIVE_MINUTES


@pytest.fixture
def vault(stack: Stack) -> Vault:
    assert stack.names
    return Vault()


@pytest.fixture
def at_stripe() -> Iterator[AtStripe]:
    running = AtStripe(lambda: NOW)
    yield running
    running.double.close()


@pytest.fixture
def cards(vault: Vault, at_stripe: AtStripe) -> StripeCards:
    """One process's, which is never made anew."""
    kept = vault.secrets
    return StripeCards(
        at_stripe.double.url,
        lambda: kept.current().stripe_api_key,
        lambda: kept.current().stripe_webhook_secrets,
    )


def accepted(cards: StripeCards, secret: str) -> bool:
    body = b'{"id": "evt_1", "object": "event", "type": "customer.created", "data": {"object": {}}}'
    try:
        cards.event(body, signature(secret, int(NOW.timestamp()), body), NOW)
    except SignatureRefused:
        return False
    return True


def test_webhooks_signed_with_either_secret_are_accepted_while_it_is_changed(
    vault: Vault, cards: StripeCards
) -> None:
    old, new = SECRET["stripe_webhook_secret"], "whsec_new"
    assert (accepted(cards, old), accepted(cards, new)) == (True, False)
    vault.change(stripe_webhook_secret=new, stripe_webhook_secret_before=old)
    vault.wait()
    assert (accepted(cards, old), accepted(cards, new)) == (True, True)
    vault.change(stripe_webhook_secret=new)
    vault.wait()
    assert (accepted(cards, old), accepted(cards, new)) == (False, True)


def test_a_secret_that_is_in_no_list_is_never_accepted(vault: Vault, cards: StripeCards) -> None:
    vault.change(stripe_webhook_secret="whsec_new", stripe_webhook_secret_before="whsec_old")
    vault.wait()
    assert not accepted(cards, SECRET["stripe_webhook_secret"])
    assert not accepted(cards, "")


def test_a_new_key_for_stripe_is_used_without_a_restart(vault: Vault, cards: StripeCards) -> None:
    vault.change(stripe_api_key="sk_test_revoked")
    vault.wait()
    with pytest.raises(StoreUnavailable):
        cards.open_customer("mem_1", "k1")
    vault.change()
    vault.wait()
    assert cards.open_customer("mem_1", "k1")


def test_a_new_secret_for_captchas_is_used_without_a_restart(vault: Vault) -> None:
    kept = vault.secrets
    double = CaptchaDouble("turnstile-new", lambda: NOW)
    with serving(double) as url:
        captcha = Turnstile(url, lambda: kept.current().turnstile_secret)
        with pytest.raises(StoreUnavailable):
            captcha.solved(double.issue(), "192.0.2.1")
        vault.change(turnstile_secret="turnstile-new")
        vault.wait()
        assert captcha.solved(double.issue(), "192.0.2.1")


@pytest.mark.parametrize("before", [None, "", " "])
def test_an_empty_former_secret_is_none(before: object) -> None:
    text = json.dumps({**SECRET, "stripe_webhook_secret_before": before})
    assert parsed_secret(text).stripe_webhook_secrets == (SECRET["stripe_webhook_secret"],)


def test_a_former_secret_that_is_no_text_is_named() -> None:
    with pytest.raises(ValueError, match="stripe_webhook_secret_before is not a text"):
        parsed_secret(json.dumps({**SECRET, "stripe_webhook_secret_before": ["whsec_1"]}))
