"""Whom a till means: a member named by its id or by anything else that leads to it."""

from dataclasses import dataclass

from chalicelib.domain.identifiers import Identifier
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class MemberId:
    """A member named by its own id; whether there is one, the ledger tells."""

    value: str


MemberRef = MemberId | Identifier
"""An identifier is in its normal form here."""


def resolve_member(ports: Ports, member: MemberRef) -> str:
    """The id of the member that is meant. Raises MemberNotFound, MemberErased."""
    return member.value if isinstance(member, MemberId) else led_to(ports, member)


def led_to(ports: Ports, identifier: Identifier) -> str:
    """The id of the member that an identifier leads to. Raises MemberNotFound; MemberErased where
    it led to somebody who is gone and to nobody since."""
    member_id = ports.people.find(identifier)
    if member_id is None:
        raise MemberErased if ports.people.is_buried(identifier) else MemberNotFound
    return member_id
