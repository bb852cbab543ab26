"""Whether a member gets a letter about its points now, and which.

Such a letter is no advertisement: it belongs to what the member joined for and rests on the consent
`loyalty_terms`. The member's preferences say whether, when and how often.
"""

from collections.abc import Sequence
from enum import Enum

from chalicelib.domain.allowances import messages_a_week
from chalicelib.domain.consents import LOYALTY_TERMS
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import local_time
from chalicelib.domain.notice_letters import expiring_letter
from chalicelib.domain.notices import Notice
from chalicelib.domain.preferences import MessageChannel
from chalicelib.usecases.current import Current
from chalicelib.usecases.ports import KeptPreferences, Message, Ports


class Withheld(Enum):
    """Why there is no letter now."""

    FOR_GOOD = "for good"  # no consent, no verified address, or no mail wanted
    FOR_HOURS = "for hours"  # the member's quiet hours
    FOR_DAYS = "for days"  # the member has had its messages of this week


def write_notice(ports: Ports, at: Current, notices: Sequence[Notice]) -> Message | Withheld:
    """The letter about these notices, counted among the member's messages of the week, or why there
    is none. Raises StoreUnavailable, StoreNewer."""
    if LOYALTY_TERMS not in at.traits.purposes:
        return Withheld.FOR_GOOD
    member = ports.people.member(at.account_id)
    if member is None or Channel.EMAIL not in member.verified or member.person.email is None:
        return Withheld.FOR_GOOD
    kept = ports.people.preferences(at.account_id)
    if not _wants_mail(kept):
        return Withheld.FOR_GOOD
    wishes = kept.preferences
    if wishes.quiet_hours and wishes.quiet_hours.hold(local_time(at.now, at.program.zone)):
        return Withheld.FOR_HOURS
    if wishes.max_messages_per_week is not None:
        week = messages_a_week(wishes.max_messages_per_week)
        if ports.allowances.take(
            week.kind, at.account_id, week.at_most, week.window_seconds, at.now
        ):
            return Withheld.FOR_DAYS
    letter = expiring_letter(at.program.name, wishes.language or member.person.locale, notices)
    return Message("mail", member.person.email, letter.subject, letter.text)


def _wants_mail(kept: KeptPreferences) -> bool:
    """Who has never said anything gets what belongs to the membership by mail."""
    if kept.version == 0:
        return True
    wishes = kept.preferences
    return MessageChannel.MAIL in wishes.channels and wishes.max_messages_per_week != 0
