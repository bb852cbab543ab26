"""The references to a member's cards. Reads what is kept here; the provider is not asked."""

from chalicelib.domain.payment_methods import CardReference
from chalicelib.usecases.current import own_head
from chalicelib.usecases.ports import Ports


def list_cards(ports: Ports, member_id: str) -> list[CardReference]:
    """A member's cards, newest first. Raises MemberNotFound."""
    known_member(ports, member_id)
    return ports.payment_methods.wallet(member_id).newest_first()


def known_member(ports: Ports, member_id: str) -> None:
    """Raise MemberNotFound for an id that no account was opened under, MemberErased."""
    own_head(ports, member_id)
