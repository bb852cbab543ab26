"""Somebody follows the way out of a letter: letters like it end, without a token and at once.

For a purpose the consent is withdrawn; of letters that belong to the membership the channel is
taken out of the preferences. The link is good for ever, and for this alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.consents import Evidence, How, Statement, recorded
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.links import opened_link
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import Purpose
from chalicelib.domain.refusals import LinkRefused
from chalicelib.usecases.contact import SERVICE, UNSUBSCRIBE
from chalicelib.usecases.ports import KeptPreferences, PeopleWrite, Ports
from chalicelib.usecases.read_consents import last_record
from chalicelib.usecases.read_preferences import read_preferences
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.set_consents import write_of
from chalicelib.usecases.set_preferences import write_of as preferences_write_of
from chalicelib.usecases.settle import Waiting

_SOURCE = "unsubscribe_link"


@dataclass(frozen=True, slots=True)
class WayOut:
    """What a link ends, as its page shows it. words: of the purpose, None for letters that belong
    to the membership."""

    program: str
    channel: MessageChannel
    words: str | None


@dataclass(frozen=True, slots=True)
class _Link:
    member_id: str
    purpose: str
    channel: MessageChannel


def read_way_out(ports: Ports, token: str) -> WayOut:
    """What a link would end; nothing changes by it. Raises LinkRefused."""
    return _shown(ports, _opened(ports, token))


def unsubscribe(ports: Ports, token: str, request_id: str, now: datetime) -> WayOut:
    """End what a link is for; again, the same answer.

    Raises LinkRefused, MemberNotFound, MemberErased, TryAgain.
    """
    link = _opened(ports, token)
    waiting = Waiting(ports.patience)
    while True:
        if link.purpose == SERVICE:
            write = _without_channel(ports, link, now)
        else:
            write = _withdrawn(ports, link, Evidence(How.UNSUBSCRIBE_LINK, request_id), now)
        if write is None or save_people(ports, write) == "saved":
            return _shown(ports, link)
        waiting.once_more()


def _withdrawn(ports: Ports, link: _Link, evidence: Evidence, now: datetime) -> PeopleWrite | None:
    """The end of the consent, under the policy that it was given under; None when it is over."""
    last = last_record(ports, link.member_id)
    said = last.standing.get(link.purpose)
    if said is None or not said.granted:
        return None
    withdrawn = Statement(link.purpose, granted=False, policy_version=said.policy_version)
    asked = {link.purpose: Purpose(link.purpose, said.kind, said.channel)}
    at = whole_milliseconds(now)
    records = recorded(last, [withdrawn], _SOURCE, at, asked=asked, evidence=evidence)
    return write_of(ports, link.member_id, records)


def _without_channel(ports: Ports, link: _Link, now: datetime) -> PeopleWrite | None:
    """Preferences without the channel; who never said any had all of them."""
    kept = read_preferences(ports, link.member_id)
    before = kept.preferences.channels if kept.version else tuple(MessageChannel)
    if link.channel not in before:
        return None
    channels = tuple(channel for channel in before if channel is not link.channel)
    after = replace(kept.preferences, channels=channels)
    change = KeptPreferences(after, kept.version + 1)
    return preferences_write_of(ports, link.member_id, change, now)


def _opened(ports: Ports, token: str) -> _Link:
    parts = opened_link(ports.namer, UNSUBSCRIBE, token)
    if parts is None:
        raise LinkRefused
    member_id, purpose, channel = parts
    return _Link(member_id, purpose, MessageChannel(channel))


def _shown(ports: Ports, link: _Link) -> WayOut:
    program = ports.programs.active()
    if link.purpose == SERVICE:
        return WayOut(program.name, link.channel, None)
    asked = program.asks_for.get(link.purpose)
    return WayOut(program.name, link.channel, asked.words if asked is not None else link.purpose)
