"""What offers did with a purchase: those that gave something, and those that did not, and why.

Knows nothing of what an offer says. How it is decided is in `offer_decision.py`, how it is stored
in `applied_texts.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

OFFER = "offer:"
"""Begins the name, among a purchase's reasons, of an offer that gave points."""

AWARD = "award:"
"""The same of a challenge: its award is of several purchases, and goes with any of them."""


def offer_of(rule: str) -> str | None:
    """The id of the offer that a reason names; None for any other reason."""
    known = next((prefix for prefix in (OFFER, AWARD) if rule.startswith(prefix)), None)
    return rule.removeprefix(known) if known is not None else None


class NotAppliedReason(StrEnum):
    """Why an offer that a member could have had gave nothing to a purchase."""

    MINIMUM = "minimum"
    QUANTITY = "quantity"
    PRODUCTS = "products"
    STORE = "store"
    CHANNEL = "channel"
    PAUSED = "paused"
    SCHEDULE = "schedule"
    FIRST_PURCHASE = "first_purchase"
    WITH_REWARD = "with_reward"
    NOT_ACTIVATED = "not_activated"
    MEMBER_LIMIT = "member_limit"
    BUDGET = "budget"
    BEATEN = "beaten"


@dataclass(frozen=True, slots=True)
class AppliedOffer:
    """What an offer gave to a purchase.

    minor: the money it was counted on. cost: in the unit of its budget, 0 without one. period: the
    one its use counts in, None without a limit a member. shards: (shard, part of the cost) that
    the budget was taken from.
    """

    offer_id: str
    number: int
    version: int
    points: int
    minor: int
    cost: int = 0
    period: str | None = None
    shards: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NotApplied:
    """missing: how much more would do, in `unit`; None where nothing can be counted. of: the id of
    the offer that beat it."""

    offer_id: str
    version: int
    reason: NotAppliedReason
    missing: int | None = None
    unit: Literal["minor", "units", "points"] | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class OfferDecision:
    """applied: in the order in which they were decided. not_applied: the ten that matter most."""

    applied: tuple[AppliedOffer, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()


NO_OFFERS = OfferDecision()
