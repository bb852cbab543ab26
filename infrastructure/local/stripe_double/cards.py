"""The test cards that a confirmation can name, as Stripe documents them, and what each one does.

No card number is written here: last four digits are all that ever leaves Stripe.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decline:
    """What the issuer answers: Stripe's error code, decline code and message."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class TestCard:
    """One magic card. `authenticates`: the customer is asked for 3-D Secure first."""

    brand: str
    last4: str
    country: str = "US"
    funding: str = "credit"
    decline: Decline | None = None
    authenticates: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for every use of this card, as Stripe's is for one card number."""
        return hashlib.sha256(f"{self.brand} {self.last4}".encode()).hexdigest()[:16]


def _declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    return Decline("card_declined", decline_code, message)


_GENERIC = _declined("generic_decline")
_FUNDS = _declined("insufficient_funds", "Your card has insufficient funds.")
_EXPIRED = Decline("expired_card", None, "Your card has expired.")
_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.")
_PROCESSING = Decline(
    "processing_error", None, "An error occurred while processing your card. Try again later."
)

CARDS: dict[str, TestCard] = {
    "pm_card_visa": TestCard("visa", "4242"),
    "pm_card_visa_debit": TestCard("visa", "5556", funding="debit"),
    "pm_card_mastercard": TestCard("mastercard", "4444"),
    "pm_card_amex": TestCard("amex", "0005"),
    "pm_card_discover": TestCard("discover", "1117"),
    "pm_card_de": TestCard("visa", "0016", country="DE"),
    "pm_card_chargeDeclined": TestCard("visa", "0002", decline=_GENERIC),
    "pm_card_visa_chargeDeclined": TestCard("visa", "0002", decline=_GENERIC),
    "pm_card_chargeDeclinedInsufficientFunds": TestCard("visa", "9995", decline=_FUNDS),
    "pm_card_visa_chargeDeclinedInsufficientFunds": TestCard("visa", "9995", decline=_FUNDS),
    "pm_card_visa_chargeDeclinedLostCard": TestCard("visa", "9987", decline=_declined("lost_card")),
    "pm_card_visa_chargeDeclinedStolenCard": TestCard(
        "visa", "9979", decline=_declined("stolen_card")
    ),
    "pm_card_chargeDeclinedExpiredCard": TestCard("visa", "0069", decline=_EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": TestCard("visa", "0127", decline=_CVC),
    "pm_card_chargeDeclinedProcessingError": TestCard("visa", "0119", decline=_PROCESSING),
    "pm_card_authenticationRequired": TestCard("visa", "3184", authenticates=True),
    "pm_card_authenticationRequiredOnSetup": TestCard("visa", "3155", authenticates=True),
    "pm_card_threeDSecureRequired": TestCard("visa", "3063", authenticates=True),
    "pm_card_threeDSecure2Required": TestCard("visa", "3220", authenticates=True),
    "pm_card_threeDSecureRequiredChargeDeclined": TestCard(
        "visa", "1629", decline=_GENERIC, authenticates=True
    ),
}
