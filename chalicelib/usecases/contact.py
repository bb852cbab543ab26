"""The one door for every letter that nobody asked for, by mail or text message.

A letter rests on the consent to its purpose; what belongs to the membership itself rests on
`loyalty_terms` (SERVICE). The member's preferences say on which channel, when and how often, in one
count for all that write. Codes and answers to what somebody has just done do not come this way.

    address = may_write(ports, member_id, SERVICE, MessageChannel.MAIL, now)
    if isinstance(address, Address):
        ...record that the member is told...
        sent = send_to(ports, address, letter)
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from chalicelib.domain.allowances import messages_a_week
from chalicelib.domain.instants import local_time
from chalicelib.domain.letters import Letter, with_way_out
from chalicelib.domain.links import sealed_link
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import MessageChannel, Preferences
from chalicelib.domain.purposes import LOYALTY_TERMS
from chalicelib.domain.reach import Reach
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.ports import Message, Ports
from chalicelib.usecases.reach_of import reach_of

SERVICE = LOYALTY_TERMS
"""The purpose of letters that belong to the membership: no advertisement."""

UNSUBSCRIBE = "unsubscribe"
"""The kind of the links that end letters."""


class Withheld(Enum):
    """Why there is no letter now."""

    FOR_GOOD = "for good"  # no consent, no verified address, or the channel is not wanted
    FOR_HOURS = "for hours"  # the member's quiet hours
    FOR_DAYS = "for days"  # the member has had its messages of this week, or its account is frozen


@dataclass(frozen=True, slots=True)
class Address:
    """Where one letter may go. to: a mail address or an E.164 number. language: BCP 47, None where
    the member said none. way_out: a page that ends letters of this kind."""

    member_id: str
    purpose: str
    channel: MessageChannel
    to: str
    language: str | None
    way_out: str


def may_write(
    ports: Ports, member_id: str, purpose: str, channel: MessageChannel, now: datetime
) -> Address | Withheld:
    """Where a letter for this purpose may go now, counted among the member's messages of the week;
    or why none may. Raises StoreUnavailable, StoreNewer."""
    try:
        return _may_write(ports, member_id, purpose, channel, now)
    except MemberErased:
        return Withheld.FOR_GOOD


def _may_write(
    ports: Ports, member_id: str, purpose: str, channel: MessageChannel, now: datetime
) -> Address | Withheld:
    reach = reach_of(ports, member_id)
    if not reach.heard:
        return Withheld.FOR_DAYS
    member = ports.people.member(member_id)
    if member is None or not _open(reach, purpose, channel):
        return Withheld.FOR_GOOD
    to = _address(member, channel)
    if to is None:
        return Withheld.FOR_GOOD
    wishes = ports.people.preferences(member_id).preferences
    zone = ports.programs.active().zone
    if wishes.quiet_hours and wishes.quiet_hours.hold(local_time(now, zone)):
        return Withheld.FOR_HOURS
    if _had_enough(ports, member_id, wishes, now):
        return Withheld.FOR_DAYS
    return Address(
        member_id=member_id,
        purpose=purpose,
        channel=channel,
        to=to,
        language=wishes.language or member.person.locale,
        way_out=_way_out(ports, member_id, purpose, channel),
    )


def send_to(ports: Ports, address: Address, letter: Letter) -> bool:
    """Send a letter where it may go, unless the member has withdrawn since; whether it was sent.

    The last look is right before the letter is handed over: a withdrawal that was answered by then
    holds it back. Raises NotTaken, StoreUnavailable.
    """
    try:
        allowed = _still_allowed(ports, address)
    except MemberErased:
        allowed = False
    if allowed:
        ports.messages.send(message_to(address, letter))
    return allowed


def _still_allowed(ports: Ports, address: Address) -> bool:
    member = ports.people.member(address.member_id)
    if member is None or _address(member, address.channel) != address.to:
        return False
    return _open(reach_of(ports, address.member_id), address.purpose, address.channel)


def message_to(address: Address, letter: Letter) -> Message:
    """The letter as it is sent: with the way out in its last line, and in its headers (RFC 8058)
    where mail programs look for it."""
    headers = {}
    if address.channel is MessageChannel.MAIL:
        headers = {
            "List-Unsubscribe": f"<{address.way_out}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    ending = with_way_out(letter, address.language, address.way_out)
    return Message(address.channel, address.to, ending.subject, ending.text, headers)


def _open(reach: Reach, purpose: str, channel: MessageChannel) -> bool:
    if not reach.open_on(channel) or purpose not in reach.consents:
        return False
    return purpose == SERVICE or channel in reach.consents[purpose]


def _address(member: Member, channel: MessageChannel) -> str | None:
    match channel:
        case MessageChannel.MAIL:
            return member.person.email
        case MessageChannel.SMS:
            return member.person.phone
        case MessageChannel.PUSH:
            return None


def _had_enough(ports: Ports, member_id: str, wishes: Preferences, now: datetime) -> bool:
    if wishes.max_messages_per_week is None:
        return False
    week = messages_a_week(wishes.max_messages_per_week)
    return ports.allowances.take(week.kind, member_id, week.at_most, week.window_seconds, now) > 0


def _way_out(ports: Ports, member_id: str, purpose: str, channel: MessageChannel) -> str:
    token = sealed_link(ports.namer, UNSUBSCRIBE, member_id, purpose, channel)
    return f"{ports.public_url}/v1/unsubscribe/{token}"
