"""Whom a till means: a member named by its id or by anything else that leads to it."""

from dataclasses import dataclass

from chalicelib.domain.identifiers import Identifier
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class MemberId:
    """A member named by its own id; whether there is one, the ledger tells."""

    value: str


MemberRef = MemberId | Identifier
"""An identifier is in its normal form here."""


def resolve_member(ports: Ports, member: MemberRef) -> str:
    """The id of the member that is meant. Raises MemberNotFound."""
    if isinstance(member, MemberId):
        return member.value
    member_id = ports.people.find(member)
    if member_id is None:
        raise MemberNotFound()
    return member_id
