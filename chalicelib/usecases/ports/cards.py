"""Cards on file: the provider that holds them, and the references that are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.domain.payment_methods import HeldCard, Wallet


@dataclass(frozen=True, slots=True)
class CardSetup:
    """A SetupIntent. client_secret: opens the provider's own form, for its member alone; it is
    never stored or logged."""

    setup_intent_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class CardEvent:
    """A verified event of the provider's. customer_id: whose cards it may be about, None when it
    is about no card."""

    event_id: str
    customer_id: str | None


class CustomerLost(Exception):
    """The provider knows this customer no more (somebody deleted it there)."""


class Cards(Protocol):
    """The payment provider. It holds the cards; nothing here takes or gives a card number. Every
    method but `event` may raise StoreUnavailable; a key makes a repeated call one call."""

    def open_customer(self, member_id: str, key: str) -> str:
        """A customer for a member; the provider is told the member's id and nothing else."""
        ...

    def begin_setup(self, customer_id: str, key: str) -> CardSetup:
        """A SetupIntent for a customer. Raises CustomerLost, CardRefused."""
        ...

    def setup(self, setup_intent_id: str) -> CardSetup | None:
        """A SetupIntent again; None when the provider has it no more."""
        ...

    def held(self, customer_id: str) -> list[HeldCard] | None:
        """The cards of a customer as of now; None when the customer is lost."""
        ...

    def detach(self, payment_method_id: str) -> None:
        """Take a card from its customer, for ever; nothing happens when it has none."""
        ...

    def delete_customer(self, customer_id: str) -> None:
        """Delete a customer and all that the provider holds of it, for ever; nothing where it is
        lost already."""
        ...

    def event(self, raw: bytes, signature: str, now: datetime) -> CardEvent:
        """The event in a webhook's body. SignatureRefused when it is not the provider's own or not
        of these minutes."""
        ...


WalletSaved = Literal["saved", "stale", "event_seen"]
"""`stale` when somebody changed the wallet since it was read, `event_seen` when its event had been
dealt with before; nothing is written then."""


class PaymentMethods(Protocol):
    """Members' references to their cards. Every read is consistent; every method may raise
    StoreUnavailable."""

    def wallet(self, member_id: str) -> Wallet:
        """A member's wallet; empty, of version 0, before its first setup."""
        ...

    def owner(self, customer_id: str) -> str | None:
        """The member that a customer of the provider's stands for."""
        ...

    def save(
        self, before: Wallet, after: Wallet, event_id: str | None, now: datetime
    ) -> WalletSaved:
        """Write a wallet over the one that was read, what the member can be found by, and that an
        event was dealt with, in one transaction. `version` is counted by the store."""
        ...

    def setup(self, member_id: str, name: str) -> str | None:
        """The SetupIntent of an earlier request of that name."""
        ...

    def keep_setup(self, member_id: str, name: str, setup_intent_id: str, now: datetime) -> bool:
        """Keep which SetupIntent a request led to; False when another one is kept already."""
        ...

    def event_seen(self, event_id: str) -> bool:
        """Whether an event was dealt with."""
        ...

    def keep_event(self, event_id: str, now: datetime) -> None:
        """Keep that an event was dealt with."""
        ...
