"""Somebody follows the link of a double opt-in: from then on the consent is in force."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.allowances import VERIFICATIONS
from chalicelib.domain.consents import Evidence, How, confirmed
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.refusals import LinkRefused
from chalicelib.usecases.ask_to_confirm import PROVED_BY, Ask, address_name, opened
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.set_consents import write_of
from chalicelib.usecases.settle import Waiting
from chalicelib.usecases.take_allowance import take_allowance_of_network

_SOURCE = "confirmation"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link is about, as its page shows it. words: what is consented to."""

    program: str
    purpose: str
    words: str


def read_ask(ports: Ports, token: str, now: datetime) -> Asked:
    """What a link asks to confirm; nothing changes by it. Raises LinkRefused."""
    return _shown(ports, _good(ports, token, now))


def confirm_consent(
    ports: Ports, token: str, address: str, request_id: str, now: datetime
) -> Asked:
    """Confirm what a link asks; again, the same answer. address: the caller's on the network.

    Raises LinkRefused, also for a statement that was withdrawn or said anew since; MemberErased,
    TooManyRequests, TryAgain.
    """
    take_allowance_of_network(ports, VERIFICATIONS, address, now)
    ask = _good(ports, token, now)
    evidence = Evidence(How.CONFIRMATION, request_id)
    waiting = Waiting(ports.patience)
    while True:
        last = ports.people.last_consent(ask.member_id)
        said = last.standing.get(ask.purpose) if last is not None else None
        if last is None or said is None or not said.granted:
            raise LinkRefused
        if said.confirmed:
            return _shown(ports, ask)
        if said.at != ask.said_at or not _still_read_there(ports, ask):
            raise LinkRefused
        at = whole_milliseconds(now)
        records = confirmed(last, [ask.purpose], _SOURCE, at, evidence)
        if save_people(ports, write_of(ports, ask.member_id, records)) == "saved":
            return _shown(ports, ask)
        waiting.once_more()


def _good(ports: Ports, token: str, now: datetime) -> Ask:
    ask = opened(ports, token)
    if ask is None or now >= ask.good_until:
        raise LinkRefused
    return ask


def _still_read_there(ports: Ports, ask: Ask) -> bool:
    """Whether the link went to an address that is the member's still."""
    member = ports.people.member(ask.member_id)
    addresses = [
        (channel, member.person.reached_by(channel))
        for channel in PROVED_BY.values()
        if member is not None
    ]
    return any(
        address_name(ports, channel, address) == ask.to
        for channel, address in addresses
        if address is not None
    )


def _shown(ports: Ports, ask: Ask) -> Asked:
    program = ports.programs.active()
    purpose = program.asks_for.get(ask.purpose)
    return Asked(program.name, ask.purpose, purpose.words if purpose is not None else ask.purpose)
