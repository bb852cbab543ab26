"""Cards on file: references to what the payment provider keeps, and how ours follow it. Pure.

There is no card number here and no place for one. The provider's word is the truth; a wallet is
our copy of it, and every change of a wallet is counted, so that an older copy never wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card as the provider holds it. fingerprint: the same for every use of one card number,
    None where the provider gives none."""

    payment_method_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CardReference:
    """What we keep of a card. fingerprint_name: the HMAC that stands for its fingerprint."""

    payment_method_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint_name: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wallet:
    """A member's cards on file.

    version counts the changes, 0 before the first. customer_id: the member at the provider, None
    before its first setup and after the provider lost it; customers: how many there have been.
    removed: payment methods that were here once.
    """

    member_id: str
    version: int = 0
    customer_id: str | None = None
    customers: int = 0
    references: tuple[CardReference, ...] = ()
    removed: frozenset[str] = frozenset()

    def newest_first(self) -> list[CardReference]:
        """The references in the order in which they are listed."""
        return sorted(self.references, key=_listed_by, reverse=True)

    @property
    def fingerprint_names(self) -> frozenset[str]:
        """What the member can be found by; two references may share one."""
        names = (reference.fingerprint_name for reference in self.references)
        return frozenset(name for name in names if name is not None)

    def knows(self, payment_method_id: str) -> bool:
        """Whether a payment method is the member's, or was."""
        kept = {reference.payment_method_id for reference in self.references}
        return payment_method_id in kept | self.removed


def with_customer(wallet: Wallet, customer_id: str) -> Wallet:
    """The provider has opened a customer for the member."""
    return replace(wallet, customer_id=customer_id, customers=wallet.customers + 1)


def in_line_with(
    wallet: Wallet, held: Iterable[CardReference] | None, at_most: int
) -> tuple[Wallet, bool]:
    """The wallet after at most so many changes towards what the provider holds, and whether that
    was all of them. None: the provider has lost the customer, and its cards with it."""
    wanted = {reference.payment_method_id: reference for reference in held or ()}
    kept = {reference.payment_method_id: reference for reference in wallet.references}
    changing = sorted(id_ for id_ in wanted | kept if wanted.get(id_) != kept.get(id_))
    now = set(changing[:at_most])
    after = {id_: (wanted if id_ in now else kept).get(id_) for id_ in wanted | kept}
    references = tuple(reference for _, reference in sorted(after.items()) if reference is not None)
    gone = (wallet.removed | kept.keys()) - {entry.payment_method_id for entry in references}
    all_done = len(changing) <= at_most
    customer_id = None if held is None and all_done else wallet.customer_id
    return (
        replace(wallet, customer_id=customer_id, references=references, removed=gone),
        all_done,
    )


def _listed_by(reference: CardReference) -> tuple[datetime, str]:
    return reference.created_at, reference.payment_method_id
