"""A new code in place of the one that was sent; the old one is dead from then on.

The answer is the same for somebody nobody knows.
"""

from datetime import datetime

from chalicelib.domain.allowances import CODES, SIGN_UP_CODES, VERIFICATIONS
from chalicelib.domain.identifiers import Channel
from chalicelib.usecases.find_subject import (
    SubjectRef,
    address_of,
    find_subject,
    said_on_joining,
)
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.send_letter import (
    letter_with_code,
    new_code,
    send_letter,
    take_code_of_address,
)
from chalicelib.usecases.take_allowance import take_allowance, take_allowance_of_network


def resend_code(
    ports: Ports, ref: SubjectRef, channel: Channel, address: str, now: datetime
) -> None:
    """Send a code to the subject's address on a channel, if there is one.

    address: the caller's on the network. Raises TooManyRequests, StoreUnavailable.
    """
    take_allowance_of_network(ports, VERIFICATIONS, address, now)
    take_allowance(ports, CODES, ref.signup_id or ref.member_id or "", now)
    subject = find_subject(ports, ref, now)
    to = address_of(subject, channel) if subject is not None else None
    if subject is None or to is None:
        return
    # A sign-up is anybody's, with anybody's address: its letters leave the owner's own untouched.
    of_address = CODES if ref.signup_id is None else SIGN_UP_CODES
    take_code_of_address(ports, of_address, channel, to, now)
    code = new_code(ports, subject.member_id, channel, to, now)
    ports.people.keep_code(code.kept)
    last = said_on_joining(ports, subject)
    letter = letter_with_code(ports.programs.active(), code.digits, last, channel)
    send_letter(ports, channel, to, letter)
