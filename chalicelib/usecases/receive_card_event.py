"""An event of the payment provider's arrives: perhaps again, perhaps late, perhaps not its own.

What it says is a hint that something changed; what is so is read from the provider.
"""

from datetime import datetime

from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.follow_cards import follow_cards
from chalicelib.usecases.ports import Ports


def receive_card_event(ports: Ports, raw: bytes, signature: str, now: datetime) -> None:
    """Deal with an event once. raw: the body as it came; signature: its header.

    Raises SignatureRefused, TryAgain, StoreUnavailable: the provider sends it again then.
    """
    event = ports.cards.event(raw, signature, now)
    if ports.payment_methods.event_seen(event.event_id):
        return
    member_id = event.customer_id and ports.payment_methods.owner(event.customer_id)
    try:
        if member_id:
            follow_cards(ports, member_id, now, event.event_id)
            return
    except MemberErased:
        pass  # whose cards they were is being forgotten, and the customer with it
    ports.payment_methods.keep_event(event.event_id, now)
