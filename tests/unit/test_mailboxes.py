"""Which e-mail addresses are taken, and what somebody who mistyped one is told."""

import pytest

from chalicelib.domain.findings import Unacceptable
from chalicelib.usecases.mailboxes import guessed_domain, is_disposable, lasting_email


@pytest.mark.parametrize(
    "text", ["ada@gmail.com", "ada@example.com", "ada@firma.example", "ada@members.test"]
)
def test_an_address_of_a_service_that_lasts_is_taken(text: str) -> None:
    assert lasting_email(text) == text


@pytest.mark.parametrize(
    "text", ["a@mailinator.com", "a@MAILINATOR.com", "a@eu.mailinator.com", "a@10minutemail.com"]
)
def test_a_mailbox_that_is_thrown_away_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        lasting_email(text)
    assert refused.value.code == "disposable_address"
    assert "an address that you keep" in refused.value.detail


def test_a_name_that_only_ends_like_a_disposable_one_is_another() -> None:
    assert is_disposable("mailinator.com")
    assert not is_disposable("surelynotmailinator.com")
    assert not is_disposable("com")


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("ada@gmail,com", "gmail.com"),
        ("ada@gmailcom", "gmail.com"),
        ("ada@gmial,com", "gmail.com"),
        ("ada@gmx,de", "gmx.de"),
        ("ada.gmail.com", "gmail.com"),
        ("ada@@web.de", "web.de"),
        ("ada", None),
        ("ada@", None),
        ("a b@example.com", None),
        ("x" * 5_000 + "@" + "y" * 5_000, None),
    ],
)
def test_a_slip_near_a_well_known_domain_is_guessed(text: str, guess: str | None) -> None:
    assert guessed_domain(text) == guess
    with pytest.raises(Unacceptable) as refused:
        lasting_email(text)
    assert refused.value.code == "malformed"
    assert (f"Did you mean {guess}?" in refused.value.detail) == (guess is not None)
