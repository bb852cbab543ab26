"""E-mail addresses that a member may be written to under: of no throw-away service, and with a hint
where one was mistyped. Who an address belongs to, `identify.py` says.
"""

from difflib import get_close_matches

from chalicelib.domain.findings import Unacceptable
from chalicelib.usecases.identify import email

WELL_KNOWN = (
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "yahoo.de",
    "icloud.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "web.de",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "mail.ru",
    "orange.fr",
    "laposte.net",
    "libero.it",
    "bluewin.ch",
    "wp.pl",
)
"""Where most people have their mail: what a mistyped domain is compared with."""

_LONGEST_COMPARED = 320
"""No address is longer; what is, is no slip of the finger."""

_CLOSE = 0.75
"""How alike a domain must be to be guessed: `gmailcom`, `gmx,de` are, `mail.com` is not."""


def lasting_email(text: str) -> str:
    """An e-mail address as it is written to, of a service that keeps its mailboxes. Raises
    Unacceptable: `malformed`, with a guess where there is one, or `disposable_address`."""
    try:
        written = email(text)
    except Unacceptable as wrong:
        guess = guessed_domain(text)
        if guess is None:
            raise
        raise Unacceptable(wrong.code, f"{wrong.detail} Did you mean {guess}?") from wrong
    if is_disposable(written.rpartition("@")[2]):
        hint = "This service throws its mailboxes away; write an address that you keep."
        raise Unacceptable("disposable_address", hint)
    return written


def is_disposable(domain: str) -> bool:
    """Whether a domain, or one above it, is of a service whose mailboxes last for minutes."""
    from disposable_email_domains import blocklist  # 10,000 names that few requests need

    labels = domain.lower().split(".")
    parents = (".".join(labels[first:]) for first in range(len(labels) - 1))
    return any(parent in blocklist for parent in parents)


def guessed_domain(text: str) -> str | None:
    """The well-known domain that a text which is no address seems to end in; None where it does
    not."""
    written = text.strip().lower()[-_LONGEST_COMPARED:]
    _, at, domain = written.rpartition("@")
    if not at:
        return next((known for known in WELL_KNOWN if written.endswith(known)), None)
    found = get_close_matches(domain, WELL_KNOWN, n=1, cutoff=_CLOSE)
    return found[0] if found else None
