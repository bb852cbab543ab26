"""The letter of a double opt-in: whoever reads the address says that it wants to be written to.

Its link is good for seven days, for this very statement and for the address that it was sent to.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.allowances import CODES
from chalicelib.domain.consent_letters import opt_in_letter
from chalicelib.domain.consents import Consent, ConsentRecord
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import parsed, printed, whole_milliseconds
from chalicelib.domain.links import opened_link, sealed_link
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import MessageChannel
from chalicelib.usecases.identify import identify
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.send_letter import send_letter, take_code_of_address
from chalicelib.usecases.take_allowance import take_allowance

GOOD_FOR = timedelta(days=7)
_LINK = "confirm"

PROVED_BY = {MessageChannel.MAIL: Channel.EMAIL, MessageChannel.SMS: Channel.PHONE}


@dataclass(frozen=True, slots=True)
class Ask:
    """What a link asks to confirm. said_at: of the statement. to: the name of the address."""

    member_id: str
    purpose: str
    said_at: datetime
    to: str
    good_until: datetime


@dataclass(frozen=True, slots=True)
class OptIn:
    """A letter that waits for its statement to be recorded."""

    member: Member
    purpose: str
    channel: Channel
    to: str
    language: str | None

    def send(self, ports: Ports, last: ConsentRecord, now: datetime) -> None:
        """Send it for the statement as it stands. Raises StoreUnavailable."""
        ask = Ask(
            self.member.member_id,
            self.purpose,
            last.standing[self.purpose].at,
            address_name(ports, self.channel, self.to),
            whole_milliseconds(now) + GOOD_FOR,
        )
        program = ports.programs.active()
        purpose = program.asks_for.get(self.purpose)
        words = purpose.words if purpose is not None else self.purpose
        page = f"{ports.public_url}/v1/consents/confirm/{_sealed(ports, ask)}"
        letter = opt_in_letter(program.name, words, page, self.language)
        send_letter(ports, self.channel, self.to, letter)


def opt_ins(last: ConsentRecord, said: Collection[str]) -> list[Consent]:
    """Of the purposes that somebody spoke of, those that wait for a double opt-in."""
    standing = (last.standing[purpose] for purpose in sorted(said) if purpose in last.standing)
    return [consent for consent in standing if consent.waits and consent.channel in PROVED_BY]


def take_and_address(
    ports: Ports, member_id: str, consents: Sequence[Consent], now: datetime
) -> list[OptIn]:
    """The letters for these consents, counted as codes are; none where there is no address yet.

    Raises TooManyRequests.
    """
    member = ports.people.member(member_id) if consents else None
    if member is None:
        return []
    language = ports.people.preferences(member_id).preferences.language or member.person.locale
    letters = []
    for consent in consents:
        assert consent.channel is not None  # noqa: S101  # a double opt-in has one
        channel = PROVED_BY[consent.channel]
        to = member.person.reached_by(channel)
        if to is not None:
            take_allowance(ports, CODES, member_id, now)
            take_code_of_address(ports, CODES, channel, to, now)
            letters.append(OptIn(member, consent.purpose, channel, to, language))
    return letters


def address_name(ports: Ports, channel: Channel, address: str) -> str:
    """What stands for an address in a link."""
    return ports.namer.name("opt-in", channel, identify(channel.kind, address).value)


def _sealed(ports: Ports, ask: Ask) -> str:
    said_at, until = printed(ask.said_at), printed(ask.good_until)
    return sealed_link(ports.namer, _LINK, ask.member_id, ask.purpose, said_at, ask.to, until)


def opened(ports: Ports, token: str) -> Ask | None:
    """What a link asks; None for one that is not ours."""
    parts = opened_link(ports.namer, _LINK, token)
    if parts is None:
        return None
    member_id, purpose, said_at, to, until = parts
    return Ask(member_id, purpose, parsed(said_at), to, parsed(until))
