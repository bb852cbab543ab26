"""What another version of the program would change, for one account and for one purchase.

Pure figures, to be added up by whoever goes through the ledger; none of them says whose they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from chalicelib.domain.account import Account
from chalicelib.domain.earning import price
from chalicelib.domain.entries import Why
from chalicelib.domain.instants import local_date
from chalicelib.domain.program import Program, Tier, Tiers
from chalicelib.domain.purchase_points import tier_of
from chalicelib.domain.purchases import Earned, Purchase, PurchaseFile
from chalicelib.domain.tiers import gifts_due, tier_on

LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Plan:
    """The question, as it is kept: what `version` would change of `active_version`, as of `at`."""

    plan_id: str
    version: int
    active_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Switch:
    """From the active version to a planned one, as of an instant."""

    active: Program
    planned: Program
    at: datetime

    @property
    def since(self) -> datetime:
        """Purchases after it, until `at`, are looked at."""
        return self.at - LOOKED_BACK

    def covers(self, purchase: Purchase) -> bool:
        """Whether a purchase is one of those that are looked at."""
        return self.since < purchase.occurred_at <= self.at


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure by the active version, and by the planned one."""

    active: int
    planned: int


def differing_fields(switch: Switch) -> list[str]:
    """The fields of the document in which the versions differ, in its order."""
    names = [field.name for field in fields(Program) if field.name != "version"]
    return [name for name in names if getattr(switch.active, name) != getattr(switch.planned, name)]


def cost_minor(program: Program, points: int) -> int:
    """What points cost the shop, in minor units of the program's currency; half goes up."""
    return (2 * points * program.thousand_points_minor + 1_000) // 2_000


# --- for an account ------------------------------------------------------------------------------


def tiers_of(account: Account, switch: Switch) -> tuple[str | None, str | None]:
    """The tier of an account by the active version, and by the planned one."""
    active, planned = (
        tier_on(account, program.tiers, local_date(switch.at, program.zone))
        for program in (switch.active, switch.planned)
    )
    return active.tier_id if active else None, planned.tier_id if planned else None


def gifts_waiting(account: Account, switch: Switch) -> Compared:
    """The points of the one-time gifts that an account's next purchase brings: of tiers that it has
    reached already."""
    active, planned = (
        sum(
            tier.gift_points
            for tier in gifts_due(account, program.tiers, local_date(switch.at, program.zone))
        )
        for program in (switch.active, switch.planned)
    )
    return Compared(active, planned)


# --- for a purchase ------------------------------------------------------------------------------


def repriced(
    program: Program, rules: Program, file: PurchaseFile, account: Callable[[], Account]
) -> tuple[Why, ...]:
    """What is left of a purchase, by the rules of a version; nothing in a currency that earns none.

    rules: the version that priced it, which knows the tier that it was priced with. account: asked
    only where the version's ladder is another one: its months then say the tier, that of the
    purchase as a whole.
    """
    purchase = file.record.purchase
    if purchase.currency != program.currency:
        return ()
    tier = _tier(program, rules, file.earned, purchase, account)
    return price(program, purchase.lines, purchase.tenders, file.remaining(), tier).why


def _tier(
    program: Program,
    rules: Program,
    earned: Earned,
    purchase: Purchase,
    account: Callable[[], Account],
) -> Tier | None:
    if program.tiers is None or all(level.earn_percent == 100 for level in program.tiers.levels):
        return None
    if _climbed(program.tiers) == _climbed(rules.tiers):
        return tier_of(program, earned)
    return tier_on(account(), program.tiers, local_date(purchase.occurred_at, program.zone))


def _climbed(tiers: Tiers | None) -> Tiers | None:
    """A ladder without what its tiers are called and bring: equal ones give the same tiers."""
    if tiers is None:
        return None
    bare = (Tier(level.tier_id, "", level.threshold) for level in tiers.levels)
    return replace(tiers, levels=tuple(bare))
