"""Letters and codes on their way to people."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import codes
from chalicelib.domain.allowances import Allowance
from chalicelib.domain.codes import Code
from chalicelib.domain.consent_letters import with_opt_ins
from chalicelib.domain.consents import ConsentRecord, asked_by_code
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.letters import Letter, code_letter
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import Program
from chalicelib.usecases.identify import identify
from chalicelib.usecases.ports import Message, Ports
from chalicelib.usecases.take_allowance import take_allowance

MEANS = {Channel.EMAIL: MessageChannel.MAIL, Channel.PHONE: MessageChannel.SMS}
"""How an address is written to."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code as it is kept, and its digits, which are only ever sent."""

    kept: Code
    digits: str


def new_code(
    ports: Ports, member_id: str, channel: Channel, address: str, now: datetime
) -> NewCode:
    """A code for an address; keeping and sending it is the caller's."""
    digits = codes.new_digits(ports.entropy(8))
    return NewCode(codes.issued(ports.namer, member_id, channel, address, digits, now), digits)


def letter_with_code(
    program: Program, digits: str, last: ConsentRecord | None, channel: Channel
) -> Letter:
    """The letter that a code of this channel comes with, whoever it goes to: it names what the code
    confirms beside the address. last: of the subject's consents, None where it has none."""
    asked = asked_by_code(last, MEANS[channel])
    purposes = program.asks_for
    words = [
        purposes[said.purpose].words if said.purpose in purposes else said.purpose for said in asked
    ]
    return with_opt_ins(code_letter(program.name, digits), words)


def send_letter(ports: Ports, channel: Channel, address: str, letter: Letter) -> None:
    """Send a letter by mail or text message. Raises StoreUnavailable."""
    ports.messages.send(Message(MEANS[channel], address, letter.subject, letter.text))


def take_code_of_address(
    ports: Ports, allowance: Allowance, channel: Channel, address: str, now: datetime
) -> None:
    """Count one code to an address, so that nobody's inbox is flooded. Raises TooManyRequests.

    allowance: SIGN_UP_CODES where anybody may ask, with any address; CODES for a member.
    """
    take_allowance(ports, allowance, f"{channel}:{identify(channel.kind, address).value}", now)
