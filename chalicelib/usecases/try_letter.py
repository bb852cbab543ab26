"""A letter that is to announce an offer, sent first to whoever wrote it."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.allowances import TEST_LETTERS
from chalicelib.domain.announcements import Announcement, Words, letter_of, problems_of_texts
from chalicelib.domain.callers import Caller
from chalicelib.domain.findings import Findings
from chalicelib.domain.letters import Letter
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.refusals import InvalidContent
from chalicelib.usecases.contact import SERVICE, Address, message_to
from chalicelib.usecases.identify import email
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_offer import known_offer
from chalicelib.usecases.take_allowance import take_allowance


def try_letter(
    ports: Ports,
    caller: Caller,
    offer_id: str,
    texts: Mapping[str, Words],
    to: str,
    language: str | None,
    now: datetime,
) -> None:
    """Send a letter to one address, as members would get it; the way out in it leads nowhere.

    Raises NotFound, InvalidContent, TooManyRequests, StoreUnavailable.
    """
    known_offer(ports, offer_id)
    findings = Findings()
    address = findings.read("/to", email, to)
    errors = [*problems_of_texts(texts), *findings.errors]
    if errors or address is None:
        raise InvalidContent(errors=errors)
    take_allowance(ports, TEST_LETTERS, caller.source, now)
    note(ports, caller, "offer.announcement_tested", now, subject=offer_id)
    announcement = Announcement("", offer_id, SERVICE, MessageChannel.MAIL, texts)
    letter = letter_of(announcement, language)
    tried = Letter(f"[Test] {letter.subject}", letter.text)
    page = f"{ports.public_url}/v1/unsubscribe/test"
    destination = Address("", SERVICE, MessageChannel.MAIL, address, language, page)
    ports.messages.send(message_to(destination, tried))
