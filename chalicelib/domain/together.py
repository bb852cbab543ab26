"""What is bought together, and what that lets us recommend. Pure; knows no storage and no SQL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.offer_terms import told_in
from chalicelib.domain.rewards import Reward

MOST_COMPANIONS = 10
MOST_PRODUCTS = 5_000
"""Products of which it is known: those that are bought most."""

FEWEST_MEMBERS = 5
"""What fewer have bought together would say something of them rather than of the products."""

WINDOW_DAYS = 365
STALE_DAYS = 28
"""After that many days without a newer count nothing is recommended by it."""

MOST_RECOMMENDED = 10


@dataclass(frozen=True, slots=True)
class Companion:
    """What is bought with a product. members: how many have. lift_percent: how much more often than
    if it had nothing to do with the product, 100 for as often."""

    sku: str
    members: int
    lift_percent: int


@dataclass(frozen=True, slots=True)
class Together:
    """A product, what it is of, and what is bought with it, the strongest first. counted_on: the
    day of the count."""

    sku: str
    category: str | None
    companions: tuple[Companion, ...]
    counted_on: date


@dataclass(frozen=True, slots=True)
class Recommended:
    """A product. bought_with: what the member has bought that it is often bought with."""

    sku: str
    category: str | None
    bought_with: str
    lift_percent: int


_WHY = {"en": "Often bought together with {}", "de": "Oft zusammen gekauft mit {}"}


def why_product(bought_with: str, language: str | None) -> str:
    """Why a product is recommended, in the member's language."""
    return _WHY[told_in(language)].format(bought_with)


def recommended_products(
    behaviour: Behaviour, known: Mapping[str, Together]
) -> tuple[Recommended, ...]:
    """What goes best with what a member bought last, each product once, without what it has.

    known: of the products it bought, and of those that go with them.
    """
    best: dict[str, Recommended] = {}
    for bought in behaviour.skus:
        for companion in known[bought].companions if bought in known else ():
            found = best.get(companion.sku)
            if companion.sku in behaviour.skus or (
                found is not None and found.lift_percent >= companion.lift_percent
            ):
                continue
            of = known.get(companion.sku)
            category = of.category if of is not None else None
            best[companion.sku] = Recommended(
                companion.sku, category, bought, companion.lift_percent
            )
    ranked = sorted(best.values(), key=lambda one: (-one.lift_percent, one.sku))
    return tuple(ranked[:MOST_RECOMMENDED])


def recommended_rewards(
    rewards: Iterable[Reward], behaviour: Behaviour | None, known: Mapping[str, Together]
) -> tuple[Reward, ...]:
    """Rewards by how often the member has bought what they are of; among equals the dearer first,
    as that is what it has saved for."""
    counts = dict(behaviour.categories) if behaviour is not None else {}

    def liking(reward: Reward) -> int:
        of = known.get(reward.sku) if reward.sku is not None else None
        return counts.get(of.category, 0) if of is not None and of.category is not None else 0

    ranked = sorted(rewards, key=lambda one: (-liking(one), -one.points, one.reward_id))
    return tuple(ranked[:MOST_RECOMMENDED])
