"""What a purchase earns: a pure function of the program's version and of what remains of it.

Rounding happens once a rule, on the purchase. Because every figure is computed from what remains,
taking back a purchase in any number of parts takes back exactly what the whole gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.entries import Why
from chalicelib.domain.lots import Days, days_of
from chalicelib.domain.program import BASE_RULE, EarningRate, EarningRule, Program, Rounding, Tier

TIER, GIFT = "tier:", "gift:"
"""Begin the names of what a tier gives: more points on each purchase, and a gift on reaching it."""

EXCUSED = "expired"
EXCUSED_BY_REVIEW = "expired_by_review"  # a reason that begins like EXCUSED counts like it
"""Names what a return does not take, because it had expired unused."""

REWARD = "reward:"
"""Begins the name of a reward whose points were spent on a purchase and come back with it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a purchase. amount_minor: the whole line after discounts, never negative."""

    line_id: str
    sku: str
    quantity: int
    amount_minor: int
    category: str | None = None
    brand: str | None = None
    eligible: bool = True


@dataclass(frozen=True, slots=True)
class Tender:
    """A part of what was paid, by kind (`card`, `cash`, `gift_card`, `points`).

    redemption_id: of the member's redemption that paid it, None for money.
    """

    kind: str
    amount_minor: int
    redemption_id: str | None = None


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a line after returns."""

    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Priced:
    """Points, and which rule gave how many of them on how much eligible money.

    qualifying_points: those that count for a tier: what a tier itself gives more does not.
    """

    points: int
    qualifying_points: int
    why: tuple[Why, ...]


def price(
    program: Program,
    lines: Sequence[Line],
    tenders: Sequence[Tender],
    remaining: Sequence[Remaining] | None = None,
    tier: Tier | None = None,
) -> Priced:
    """Points for what remains of a purchase (all of it when `remaining` is None), of a member of
    a tier.

    A tender that earns nothing lowers every line in proportion to its amount, so that it does not
    matter which line a returning customer picks first.
    """
    nets = eligible_minor(program, lines, tenders, remaining)
    rows = rows_of_rules(program, lines, nets)
    qualifying = sum(row.points for row in rows)
    if tier is not None and tier.earn_percent > 100:
        more = EarningRate(tier.earn_percent - 100, 100)
        points = points_for(more, qualifying, program.rounding)
        rows.append(Why(TIER + tier.tier_id, points, sum(nets)))
    why = tuple(row for row in rows if row.minor)
    return Priced(sum(row.points for row in rows), qualifying, why)


def rows_of_rules(program: Program, lines: Sequence[Line], nets: Sequence[int]) -> list[Why]:
    """What the base rate and each rule give. nets: the money of each line that earns."""
    rows = [Why(BASE_RULE, points_for(program.base, sum(nets), program.rounding), sum(nets))]
    for rule in program.rules:
        matched = sum(
            net for line, net in zip(lines, nets, strict=True) if net and _matches(rule, line)
        )
        if matched:
            points = points_for(rule.rate, matched, program.rounding)
            rows.append(Why(rule.rule_id, points, matched))
    return rows


def days_of_row(program: Program, row: Why, occurred_on: date) -> Days:
    """The days of the points that a row of a purchase's reasons gave."""
    rule = next((rule for rule in program.rules if rule.rule_id == row.rule), None)
    return days_of(program, rule.pending if rule else None, occurred_on)


def eligible_minor(
    program: Program,
    lines: Sequence[Line],
    tenders: Sequence[Tender],
    remaining: Sequence[Remaining] | None = None,
) -> list[int]:
    """The money of each line that earns, in minor units, never negative."""
    amounts = [line.amount_minor for line in lines]
    excluded = sum(t.amount_minor for t in tenders if t.kind in program.excluded.tenders)
    shares = spread(min(excluded, sum(amounts)), amounts)
    left = amounts if remaining is None else [part.amount_minor for part in remaining]
    return [
        # Floor of the share: non-decreasing in what is left, exact for nothing and for all.
        rest - share * rest // whole if whole and _earns(program, line) else 0
        for line, whole, share, rest in zip(lines, amounts, shares, left, strict=True)
    ]


def points_for(rate: EarningRate, minor: int, rounding: Rounding) -> int:
    """Points of a rate on an amount (of money, or of points), rounded once; integers only."""
    numerator = minor * rate.points
    match rounding:
        case Rounding.FLOOR:
            return numerator // rate.per_minor
        case Rounding.CEILING:
            return -(-numerator // rate.per_minor)
        case Rounding.HALF_UP:
            return (2 * numerator + rate.per_minor) // (2 * rate.per_minor)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to the weights, largest remainder first, earlier first on a tie.

    The parts sum to `total` and none is above its weight when `total` is at most their sum.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def _earns(program: Program, line: Line) -> bool:
    return (
        line.eligible
        and line.category not in program.excluded.categories
        and line.sku not in program.excluded.skus
    )


def _matches(rule: EarningRule, line: Line) -> bool:
    return (
        (not rule.categories or line.category in rule.categories)
        and (not rule.brands or line.brand in rule.brands)
        and (not rule.skus or line.sku in rule.skus)
    )
