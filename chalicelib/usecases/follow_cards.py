"""Bring a member's references in line with the cards that the payment provider holds.

Our wallet is read first, then the provider, then ours is written if nobody changed it meanwhile.
So whatever is written was true later than what it replaces: duplicates, reordering and slow
answers can neither bring a detached card back nor lose one.
"""

from datetime import datetime

from chalicelib.domain.identifiers import Identifier, Kind, name_of
from chalicelib.domain.payment_methods import CardReference, HeldCard, Wallet, in_line_with
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.settle import Waiting

MOST_CHANGES = 30
"""In one transaction, of at most a hundred items: each change writes up to three."""


def follow_cards(ports: Ports, member_id: str, now: datetime, event_id: str | None = None) -> None:
    """Bring the member's wallet in line with the provider. The provider's event that asked for it
    is remembered by the write that completes the work.

    Raises TryAgain when others keep changing the wallet, StoreUnavailable.
    """
    waiting = Waiting(ports.patience)
    while True:
        before = ports.payment_methods.wallet(member_id)
        after, complete = in_line_with(before, _held(ports, before), MOST_CHANGES)
        if after == before and event_id is None:
            return
        saved = ports.payment_methods.save(before, after, event_id if complete else None, now)
        if saved == "event_seen" or (saved == "saved" and complete):
            return
        if saved == "stale":
            waiting.once_more()


def _held(ports: Ports, wallet: Wallet) -> list[CardReference] | None:
    if wallet.customer_id is None:
        return None
    cards = ports.cards.held(wallet.customer_id)
    return None if cards is None else [_reference(ports, card) for card in cards]


def _reference(ports: Ports, card: HeldCard) -> CardReference:
    named = card.fingerprint and Identifier(Kind.PAYMENT_FINGERPRINT, card.fingerprint)
    return CardReference(
        payment_method_id=card.payment_method_id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        fingerprint_name=name_of(ports.namer, named) if named else None,
        created_at=card.created_at,
    )
