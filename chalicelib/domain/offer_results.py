"""What an offer has done: counts as they are, and what it brought only where enough is known.

By intention to treat: all it was launched for are compared, whether they noticed it or not, as
those who use an offer would have bought more than others anyway. Knows no storage and no SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.uplift import Sample, TooLittle, Uplift, too_little, uplift


@dataclass(frozen=True, slots=True)
class VersionUse:
    """How one version was used. members: who used it. points, cost_minor: less what returns took;
    taken_back: uses of which a return took something."""

    version: int
    uses: int
    taken_back: int
    points: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Used:
    """members: who used any version. versions: in their order."""

    members: int
    versions: Sequence[VersionUse]

    @property
    def uses(self) -> int:
        """Of all versions."""
        return sum(version.uses for version in self.versions)

    @property
    def points(self) -> int:
        """What they gave, less what returns took."""
        return sum(version.points for version in self.versions)

    @property
    def cost_minor(self) -> int:
        """What that costs."""
        return sum(version.cost_minor for version in self.versions)


@dataclass(frozen=True, slots=True)
class Side:
    """The members of one side: their visits (purchases) and what they spent, less returns (minor
    units), since the launch."""

    visits: Sample
    spend: Sample


@dataclass(frozen=True, slots=True)
class Effect:
    """What an offer brought to a member. treated, holdout: the means of either side."""

    treated: float
    holdout: float
    uplift: Uplift


@dataclass(frozen=True, slots=True)
class Comparison:
    """Those it was for beside those it was kept from. too_little: why nothing more is said; visits
    and spend are None then."""

    treated: int
    held_out: int
    too_little: TooLittle | None
    visits: Effect | None = None
    spend: Effect | None = None


def compared(treated: Side, holdout: Side) -> Comparison:
    """What the sides show of an offer, as far as they are enough to show anything."""
    members = treated.visits.members, holdout.visits.members
    why = too_little(*members, (treated.visits.total, holdout.visits.total))
    if why is not None:
        return Comparison(*members, why)
    visits = _effect(treated.visits, holdout.visits)
    return Comparison(*members, None, visits, _effect(treated.spend, holdout.spend))


def _effect(treated: Sample, holdout: Sample) -> Effect:
    return Effect(treated.mean, holdout.mean, uplift(treated, holdout))
