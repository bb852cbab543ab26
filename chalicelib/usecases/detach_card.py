"""A member takes a card off file: at the provider first, then here."""

from datetime import datetime

from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.follow_cards import follow_cards
from chalicelib.usecases.list_cards import known_member
from chalicelib.usecases.ports import Ports


def detach_card(ports: Ports, member_id: str, payment_method_id: str, now: datetime) -> None:
    """Detach a card at the provider and drop its reference; nothing for one that is gone already.

    Raises MemberNotFound, NotFound for cards that are unknown or another's, TryAgain,
    StoreUnavailable.
    """
    known_member(ports, member_id)
    wallet = ports.payment_methods.wallet(member_id)
    if not wallet.knows(payment_method_id):
        raise NotFound("payment_method")
    if payment_method_id in wallet.removed:
        return
    ports.cards.detach(payment_method_id)
    follow_cards(ports, member_id, now)
