"""What a purchase earns, written down a second time in exact fractions.

It must import nothing that decides about points.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import EarningRate, EarningRule, Program, Rounding, Tier

Rows = dict[str, int]
"""Points by what gave them: `base`, the id of a rule, `tier` for what a tier gives more."""

TIER = "tier"


def rows_of(
    program: Program,
    lines: tuple[Line, ...],
    tenders: tuple[Tender, ...],
    left: list[int],
    tier: Tier | None,
) -> Rows:
    """The points of what is left of a purchase, in minor units by line, of a member of a tier."""
    money = _eligible(program, lines, tenders, left)
    rows = {"base": _at(program, program.base, sum(money))}
    for rule in program.rules:
        matched = [m for line, m in zip(lines, money, strict=True) if _fits(rule, line)]
        rows[rule.rule_id] = _at(program, rule.rate, sum(matched))
    if tier is not None:
        more = Fraction((tier.earn_percent - 100) * sum(rows.values()), 100)
        rows[TIER] = rounded(program, more)
    return rows


def _eligible(
    program: Program, lines: tuple[Line, ...], tenders: tuple[Tender, ...], left: list[int]
) -> list[int]:
    """The money of each line that earns: what is left of it, less what was paid otherwise."""
    unearning = sum(t.amount_minor for t in tenders if t.kind in program.excluded.tenders)
    amounts = [line.amount_minor for line in lines]
    shares = largest_remainder(min(unearning, sum(amounts)), amounts)
    return [
        ceil(Fraction(rest * (line.amount_minor - share), line.amount_minor))
        if line.amount_minor and _counts(program, line)
        else 0
        for line, share, rest in zip(lines, shares, left, strict=True)
    ]


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split in proportion; the units that are over go to the largest remainders, earlier first."""
    if not sum(weights):
        return [0] * len(weights)
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [floor(part) for part in exact]
    while sum(parts) < total:
        missing = [part - given for part, given in zip(exact, parts, strict=True)]
        parts[missing.index(max(missing))] += 1
    return parts


def _at(program: Program, rate: EarningRate, minor: int) -> int:
    return rounded(program, Fraction(minor * rate.points, rate.per_minor))


def rounded(program: Program, exact: Fraction) -> int:
    rounders: dict[Rounding, Callable[[Fraction], int]] = {
        Rounding.FLOOR: floor,
        Rounding.CEILING: ceil,
        Rounding.HALF_UP: lambda value: floor(value + Fraction(1, 2)),
    }
    return rounders[program.rounding](exact)


def _counts(program: Program, line: Line) -> bool:
    out = program.excluded
    return line.eligible and line.category not in out.categories and line.sku not in out.skus


def _fits(rule: EarningRule, line: Line) -> bool:
    named = ((rule.categories, line.category), (rule.brands, line.brand), (rule.skus, line.sku))
    return all(not names or value in names for names, value in named)
