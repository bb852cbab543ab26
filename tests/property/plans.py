"""Programs to choose from: what waits, what expires, who has which tier. Few of each, so that a
story that fails is told in a few words."""

from dataclasses import asdict, dataclass, replace
from datetime import date

from hypothesis import strategies as st

from chalicelib.domain.program import (
    EarningRate,
    Expiry,
    ExpiryAlignment,
    ExpiryKind,
    Pending,
    Program,
    Rounding,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
    Transfers,
)
from tests.ledger_world import PROGRAM

PENDING = {
    "at once": Pending(),
    "two weeks": Pending(14),
    "until 20 April": Pending(1, date(2026, 4, 20)),
}
BEANS_PENDING = {"like all": None, "at once": Pending(), "forty days": Pending(40)}
EXPIRY = {
    "never": None,
    "month": Expiry(ExpiryKind.AFTER_EARNING, 1),
    "year": Expiry(ExpiryKind.AFTER_EARNING, 12),
    "year end": Expiry(ExpiryKind.AFTER_EARNING, 2, ExpiryAlignment.YEAR_END),
    "idle month": Expiry(ExpiryKind.AFTER_INACTIVITY, 1),
    "idle year": Expiry(ExpiryKind.AFTER_INACTIVITY, 12),
}
SILVER, GOLD = "silver", "gold"


def _ladder(
    basis: TierBasis, window: TierWindow, thresholds: tuple[int, int], grace_days: int
) -> Tiers:
    silver = Tier(SILVER, "Silver", thresholds[0], earn_percent=110, gift_points=20)
    gold = Tier(GOLD, "Gold", thresholds[1], earn_percent=150, gift_points=50)
    return Tiers(basis, window, (silver, gold), grace_days)


TIERS = {
    "none": None,
    "points": _ladder(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (30, 80), 0),
    "spend": _ladder(TierBasis.SPEND, TierWindow.CALENDAR_YEAR, (2_000, 9_000), 30),
    "visits": _ladder(TierBasis.VISITS, TierWindow.ROLLING_12_MONTHS, (1, 3), 62),
    "for ever": _ladder(TierBasis.POINTS, TierWindow.SINCE_JOINING, (30, 80), 0),
}


TRANSFERS = {
    "off": None,
    "at once": Transfers(most_points=100, most_points_a_month=150, cooling_off_days=0),
    "three days": Transfers(most_points=100, most_points_a_month=150, cooling_off_days=3),
}


@dataclass(frozen=True)
class Plan:
    """What a version of the program says, by the words above; printed as what is unusual in it."""

    pending: str = "at once"
    beans: str = "like all"
    expiry: str = "never"
    tiers: str = "none"
    rounding: Rounding = Rounding.FLOOR
    points: int = 1
    grace_days: int = 30
    transfers: str = "off"
    household: int = 1
    zone: str = PROGRAM.zone

    def __repr__(self) -> str:
        usual, said = asdict(Plan()), asdict(self)
        words = [f"{name}={word!r}" for name, word in said.items() if word != usual[name]]
        return f"Plan({', '.join(words)})"

    def program(self, version: int) -> Program:
        """The version of the program that says so."""
        first, *others = PROGRAM.rules
        return replace(
            PROGRAM,
            version=version,
            base=EarningRate(self.points, 150),
            rounding=self.rounding,
            rules=(replace(first, pending=BEANS_PENDING[self.beans]), *others),
            pending=PENDING[self.pending],
            expiry=EXPIRY[self.expiry],
            tiers=TIERS[self.tiers],
            grace_days=self.grace_days,
            transfers=TRANSFERS[self.transfers],
            household_members=self.household,
            zone=self.zone,
        )


plans = st.builds(
    Plan,
    pending=st.sampled_from(list(PENDING)),
    beans=st.sampled_from(list(BEANS_PENDING)),
    expiry=st.sampled_from(list(EXPIRY)),
    tiers=st.sampled_from(list(TIERS)),
    rounding=st.sampled_from(Rounding),
    points=st.integers(1, 3),
    grace_days=st.sampled_from([30, 5, 0]),
    transfers=st.sampled_from(list(TRANSFERS)),
    household=st.sampled_from([1, 2, 3]),
    zone=st.sampled_from([*[PROGRAM.zone] * 6, "Pacific/Kiritimati", "Pacific/Niue"]),
)
