"""Whom a verification is about: a member, or a sign-up that may become one."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import Member
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """As a request names it: one of the two."""

    signup_id: str | None = None
    member_id: str | None = None


def find_subject(ports: Ports, ref: SubjectRef, now: datetime) -> SignUp | Member | None:
    """The sign-up that still waits, or the member; None for unknown and outdated ones."""
    member_id = ref.member_id
    if ref.signup_id is not None:
        kept = ports.people.sign_up(ref.signup_id)
        if isinstance(kept, SignUp):
            return kept if now < kept.good_until else None
        member_id = kept.member_id if isinstance(kept, Joined) else None
    return ports.people.member(member_id) if member_id is not None else None


def said_on_joining(ports: Ports, subject: SignUp | Member) -> ConsentRecord | None:
    """The newest record of what the subject consents to."""
    if isinstance(subject, SignUp):
        return subject.consents[-1]
    return ports.people.last_consent(subject.member_id)


def address_of(subject: SignUp | Member, channel: Channel) -> str | None:
    """Where a code of this channel goes."""
    member = subject.member if isinstance(subject, SignUp) else subject
    return member.code_goes_to(channel)
