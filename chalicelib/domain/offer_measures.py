"""What an offer counts of a purchase, and the points that it gives on it: of the whole when it is
bought, of what remains when some of it comes back. Pure; knows no member.
"""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.domain.earning import Line, points_for, rows_of_rules
from chalicelib.domain.offers import (
    BonusPoints,
    LineMatch,
    Multiplier,
    Offer,
    PointsPerUnit,
)
from chalicelib.domain.program import EarningRate, Program

Measured = tuple[int, int]
"""Money that earns, in minor units, and units of the lines that some offer matches."""


class Measures:
    """The lines of one purchase that earn, sorted so that each offer finds its own at once.

    program: the version that prices it. nets: the money of each line that earns, in minor units.
    quantities: the units left of each line. A line that earns nothing counts for no offer.
    """

    def __init__(
        self,
        program: Program,
        lines: Sequence[Line],
        nets: Sequence[int],
        quantities: Sequence[int],
    ) -> None:
        self._program, self._lines, self._nets = program, lines, nets
        self._quantities = quantities
        earning = [index for index, net in enumerate(nets) if net > 0]
        self._earning = earning
        self.skus = _places((lines[index].sku, index) for index in earning)
        self.categories = _places((lines[index].category, index) for index in earning)
        self.brands = _places((lines[index].brand, index) for index in earning)
        # By the very object, as hashing it takes longer than looking it up: live offers share those
        # that are equal. Kept, so that no later object can be taken for it.
        self._kept: list[LineMatch] = []
        self._found: dict[int, Measured] = {}
        self._more: dict[tuple[int, int], int] = {}

    def of(self, match: LineMatch) -> Measured:
        """What matches, in minor units and in units."""
        found = self._found.get(id(match))
        if found is None:
            self._kept.append(match)
            found = self._found[id(match)] = self._sum(self.indices(match))
        return found

    def more(self, match: LineMatch, percent: int) -> int:
        """The points that base rate and rules give on what matches, each rounded as always, times
        percent/100 less themselves, rounded once."""
        points = self._more.get((id(match), percent))
        if points is None:
            rate = EarningRate(percent - 100, 100)
            points = points_for(rate, self._given(match), self._program.rounding)
            self._kept.append(match)
            self._more[id(match), percent] = points
        return points

    def indices(self, match: LineMatch) -> list[int]:
        """The lines that earn and match."""
        if match.skus:
            found = _named(self.skus, match.skus)
        elif match.categories:
            found = _named(self.categories, match.categories)
        elif match.brands:
            found = _named(self.brands, match.brands)
        else:
            return self._earning
        return [index for index in found if matches(match, self._lines[index])]

    def _given(self, match: LineMatch) -> int:
        kept = set(self.indices(match))
        nets = [net if index in kept else 0 for index, net in enumerate(self._nets)]
        return sum(row.points for row in rows_of_rules(self._program, self._lines, nets))

    def _sum(self, indices: Iterable[int]) -> Measured:
        minor = units = 0
        for index in indices:
            minor += self._nets[index]
            units += self._quantities[index]
        return minor, units


def points_of(
    offer: Offer,
    program: Program,
    lines: Sequence[Line],
    nets: Sequence[int],
    quantities: Sequence[int],
) -> Measured:
    """The points that an offer gives on what is left of a purchase, and the money, in minor units,
    that they are counted on; both 0 where that is not enough for it.

    program: the version that prices it. nets: the money of each line that earns
    (`eligible_minor`). quantities: the units left of each line.
    """
    return points_on(offer, Measures(program, lines, nets, quantities))


def points_on(offer: Offer, measures: Measures) -> Measured:
    """As `points_of`, of a purchase that several offers look at."""
    minor, units = measures.of(offer.basket.matches)
    if not minor or minor < offer.basket.minimum_minor or units < offer.basket.quantity:
        return 0, 0
    points = _points(offer, measures, units)
    return points if offer.most_points is None else min(points, offer.most_points), minor


def places_on(offer: Offer, measures: Measures) -> tuple[int, ...]:
    """The places of the lines that an offer counts of what is left of a purchase; none where that
    is not enough for it."""
    minor, units = measures.of(offer.basket.matches)
    if not minor or minor < offer.basket.minimum_minor or units < offer.basket.quantity:
        return ()
    return tuple(sorted(measures.indices(offer.basket.matches)))


def cost_of(offer: Offer, points: int, thousand_points_minor: int) -> int:
    """What points cost an offer's budget, in its unit, money rounded up; 0 without a budget."""
    if offer.budget is None:
        return 0
    return points if offer.budget.unit == "points" else -(-points * thousand_points_minor // 1_000)


def matches(match: LineMatch, line: Line) -> bool:
    """Whether an offer means a line."""
    return (
        (not match.skus or line.sku in match.skus)
        and (not match.categories or line.category in match.categories)
        and (not match.brands or line.brand in match.brands)
    )


def _points(offer: Offer, measures: Measures, units: int) -> int:
    effect = offer.effect
    if isinstance(effect, BonusPoints):
        return effect.points
    if isinstance(effect, Multiplier):
        return measures.more(offer.basket.matches, effect.percent)
    return effect.points * units if isinstance(effect, PointsPerUnit) else 0


def _places(named: Iterable[tuple[str | None, int]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for name, index in named:
        if name is not None:
            places.setdefault(name, []).append(index)
    return places


def _named(places: Mapping[str, list[int]], names: frozenset[str]) -> list[int]:
    return [index for name in places.keys() & names for index in places[name]]
