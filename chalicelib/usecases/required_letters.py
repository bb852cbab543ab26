"""Letters that a member gets whatever it wants to hear: what is about to be lost must be said.

They wait for the end of its quiet hours and go where something arrives. Every other letter that
nobody asked for goes through `contact`. Knows no words.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.instants import local_time
from chalicelib.domain.letters import Letter
from chalicelib.domain.preferences import MessageChannel
from chalicelib.usecases.contact import Withheld
from chalicelib.usecases.ports import Message, Ports
from chalicelib.usecases.reach_of import reach_of


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where a letter arrives. to: a mail address or an E.164 number. language: BCP 47, None where
    the member said none."""

    channel: MessageChannel
    to: str
    language: str | None

    def message(self, letter: Letter) -> Message:
        """The letter as it is sent."""
        return Message(self.channel, self.to, letter.subject, letter.text)


def mailbox_of(ports: Ports, member_id: str, now: datetime) -> Mailbox | Withheld:
    """Where a member is told what it must hear: by mail, else by text; or why it is not now
    (FOR_HOURS, or FOR_GOOD where nothing arrives). Raises StoreUnavailable, StoreNewer."""
    reach, member = reach_of(ports, member_id), ports.people.member(member_id)
    if member is None:
        return Withheld.FOR_GOOD
    wishes = ports.people.preferences(member_id).preferences
    zone = ports.programs.active().zone
    if wishes.quiet_hours and wishes.quiet_hours.hold(local_time(now, zone)):
        return Withheld.FOR_HOURS
    language = wishes.language or member.person.locale
    person = member.person
    for channel, to in ((MessageChannel.MAIL, person.email), (MessageChannel.SMS, person.phone)):
        if to is not None and reach.reached_on(channel):
            return Mailbox(channel, to, language)
    return Withheld.FOR_GOOD
