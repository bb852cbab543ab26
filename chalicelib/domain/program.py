"""The program: one versioned document that says how points are earned. Knows no storage.

A version, once written, never changes: purchases keep the version they were priced with.
"""

from dataclasses import dataclass
from enum import StrEnum


class Rounding(StrEnum):
    """How a rule's points are rounded, once, on the purchase. Half goes up."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class EarningRate:
    """`points` for every `per_minor` of money (minor units of the program's currency)."""

    points: int
    per_minor: int


@dataclass(frozen=True, slots=True)
class EarningRule:
    """Extra points on the lines it matches, on top of the base rate.

    A line matches when each non-empty list names it: its category, its brand, its sku.
    """

    rule_id: str
    name: str
    rate: EarningRate
    categories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What earns nothing: categories and skus of lines, kinds of tenders (gift cards, points)."""

    categories: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    tenders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """adjustment_without_approval in points; late_purchase_days in whole days before now."""

    adjustment_without_approval: int = 500
    late_purchase_days: int = 30


@dataclass(frozen=True, slots=True)
class Program:
    """One version of the program.

    zone: IANA name, the zone of every date. currency: ISO 4217, the one that earns.
    purposes: the consent purposes a member may be asked for; `loyalty_terms` is always one.
    attributes: names of the custom member attributes that the program declares.
    """

    version: int
    name: str
    zone: str
    currency: str
    base: EarningRate
    rounding: Rounding = Rounding.FLOOR
    rules: tuple[EarningRule, ...] = ()
    excluded: Exclusions = Exclusions()
    limits: Limits = Limits()
    purposes: tuple[str, ...] = ("loyalty_terms",)
    attributes: tuple[str, ...] = ()


BASE_RULE = "base"
"""The rule id under which the base rate explains itself."""
