"""A member's profile: whole for the member, masked for staff unless they say why they look."""

from dataclasses import dataclass, replace

from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.identifiers import (
    Channel,
    masked_card_number,
    masked_email,
    masked_phone,
)
from chalicelib.domain.members import Member, Name, Person, PostalAddress
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class MaskedMember:
    """What staff see of a member without a stated reason: initial and domain of an e-mail, the
    last two digits of a phone, the given name, the town, the year of birth."""

    member: Member
    year_of_birth: int | None


def known_member(ports: Ports, member_id: str) -> Member:
    """A member's profile. Raises MemberNotFound."""
    member = ports.people.member(member_id)
    if member is None:
        raise MemberNotFound
    return member


def read_member(
    ports: Ports, caller: Caller, member_id: str, reason: str | None
) -> Member | MaskedMember:
    """A member's profile, as this caller may see it. reason: why staff want to see all of it, which
    is recorded before anything is answered. Raises MemberNotFound."""
    member = known_member(ports, member_id)
    return member if sees_all(caller, reason) else masked(member)


def sees_all(caller: Caller, reason: str | None) -> bool:
    """Whether a caller sees what is personal in clear: the member its own, staff who say why."""
    return caller.kind is CallerKind.MEMBER or reason is not None


def masked(member: Member) -> MaskedMember:
    """A member without what tells who it is."""
    person = member.person
    born = person.birth_date
    shown = replace(
        member,
        card_number=masked_card_number(member.card_number),
        person=Person(
            email=masked_email(person.email) if person.email else None,
            phone=masked_phone(person.phone) if person.phone else None,
            name=Name(given=person.name.given),
            postal_address=_town(person.postal_address),
            locale=person.locale,
        ),
        pending={channel: _masked(channel, to) for channel, to in member.pending.items()},
    )
    return MaskedMember(shown, born.year if born else None)


def _masked(channel: Channel, address: str) -> str:
    return masked_email(address) if channel is Channel.EMAIL else masked_phone(address)


def _town(address: PostalAddress | None) -> PostalAddress | None:
    return address and PostalAddress(street="", city=address.city, country=address.country)
