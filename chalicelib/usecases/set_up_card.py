"""A member begins to put a card on file: the provider's form takes the card, never this service.

The member becomes a customer of the provider's at its first setup, once.
"""

from datetime import datetime

from chalicelib.domain.allowances import SETUP_INTENTS
from chalicelib.domain.callers import Caller
from chalicelib.domain.payment_methods import with_customer
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.follow_cards import follow_cards
from chalicelib.usecases.list_cards import known_member
from chalicelib.usecases.ports import CardSetup, CustomerLost, Outcome, Ports, StoreUnavailable
from chalicelib.usecases.take_allowance import take_allowance


def set_up_card(
    ports: Ports, caller: Caller, member_id: str, idempotency_key: str, now: datetime
) -> Outcome[CardSetup]:
    """A SetupIntent for the member; the same one for the same key.

    Raises MemberNotFound, TooManyRequests beyond five a day, CardRefused, StoreUnavailable.
    """
    name = ports.namer.name("card setup", caller.source, member_id, idempotency_key)
    earlier = _earlier(ports, member_id, name)
    if earlier is not None:
        return Outcome(earlier, replayed=True)
    known_member(ports, member_id)
    take_allowance(ports, SETUP_INTENTS, member_id, now)
    setup = _begun(ports, member_id, name, now)
    if not ports.payment_methods.keep_setup(member_id, name, setup.setup_intent_id, now):
        # The same request ran twice at once, and the other one was kept.
        setup = _earlier(ports, member_id, name) or setup
    return Outcome(setup)


def _earlier(ports: Ports, member_id: str, name: str) -> CardSetup | None:
    kept = ports.payment_methods.setup(member_id, name)
    return ports.cards.setup(kept) if kept is not None else None


def _begun(ports: Ports, member_id: str, name: str, now: datetime) -> CardSetup:
    customer_id = _customer(ports, member_id, now)
    try:
        return ports.cards.begin_setup(customer_id, _key(ports, name, customer_id))
    except CustomerLost:
        follow_cards(ports, member_id, now)
    customer_id = _customer(ports, member_id, now)
    try:
        return ports.cards.begin_setup(customer_id, _key(ports, name, customer_id))
    except CustomerLost as error:
        raise StoreUnavailable("the provider loses customers as soon as they are made") from error


def _key(ports: Ports, name: str, customer_id: str) -> str:
    """The provider's Idempotency-Key: with another customer it is another request."""
    return ports.namer.name("card setup at provider", name, customer_id)


def _customer(ports: Ports, member_id: str, now: datetime) -> str:
    wallet = ports.payment_methods.wallet(member_id)
    if wallet.customer_id is not None:
        return wallet.customer_id
    key = ports.namer.name("customer at provider", member_id, str(wallet.customers))
    customer_id = ports.cards.open_customer(member_id, key)
    opened = with_customer(wallet, customer_id)
    try:
        if ports.payment_methods.save(wallet, opened, None, now) != "saved":
            # Somebody else was faster, with the very same customer: the key saw to that.
            opened = ports.payment_methods.wallet(member_id)
    except MemberErased:
        ports.cards.delete_customer(customer_id)
        raise
    if opened.customer_id is None:
        raise StoreUnavailable("the wallet was changed at the same time")
    return opened.customer_id
