"""Baskets, what is bought together in them as counting by hand gives it, and a check that an engine
comes to the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from random import Random

from chalicelib.domain.snapshot_columns import Dataset, Row
from chalicelib.domain.together import Companion
from chalicelib.usecases.count_together import count_together
from tests.ledger_world import fake_world
from tests.snapshot_world import NOW, TODAY, Snapshot, member

CATEGORIES = {"beans": "coffee", "filter": "coffee", "mug": "cups", "tea": None, "honey": "sweet"}
Basket = tuple[str, str, tuple[str, ...]]
"""(name, member, skus)."""


def lines(baskets: Sequence[Basket], day: date = TODAY) -> list[Row]:
    """The rows of baskets; who buys two of a thing has two lines of it."""
    return [
        {
            "event": f"{name}/line/{index}",
            "member_id": member_id,
            "name": name,
            "day": day.isoformat(),
            "sku": sku,
            "category": CATEGORIES[sku],
        }
        for name, member_id, skus in baskets
        for index, sku in enumerate((*skus, skus[0]))
    ]


def by_hand(baskets: Sequence[Basket]) -> dict[tuple[str, str], Companion]:
    """Companions by the rule as it is written down."""
    times = Counter(sku for _, _, skus in baskets for sku in set(skus))
    pairs: dict[tuple[str, str], list[str]] = {}
    for _, member_id, skus in baskets:
        for pair in permutations(sorted(set(skus)), 2):
            pairs.setdefault(pair, []).append(member_id)
    found = {}
    for (one, other), members in pairs.items():
        lift = len(members) * len(baskets) / (times[one] * times[other])
        if len(set(members)) >= 5 and lift > 1:
            found[one, other] = Companion(other, len(set(members)), int(lift * 100))
    return found


def check_counting(snapshot: Snapshot) -> None:
    """Count what is put into an empty snapshot, and by hand."""
    draw = Random(7)
    people = [f"m{number}" for number in range(12)]
    likes: list[tuple[str, ...]] = [
        ("beans", "filter"),
        ("tea", "honey"),
        ("beans", "mug", "filter"),
        ("tea",),
        ("mug",),
    ]
    baskets = [(f"p{number}", draw.choice(people), draw.choice(likes)) for number in range(120)]
    rare = [(f"r{number}", "m1", ("honey", "beans")) for number in range(20)]
    secret = [(f"s{number}", f"x{number % 6}", ("mug", "honey")) for number in range(30)]
    long_ago = [(f"o{number}", person, ("mug", "tea")) for number, person in enumerate(people)]
    snapshot.change(*map(member, people), *(member(f"x{n}", profiling=False) for n in range(6)))
    snapshot.change(*lines(baskets), *lines(rare), *lines(secret), dataset=Dataset.LINES)
    too_old = TODAY - timedelta(days=366)
    snapshot.change(*lines(long_ago, too_old), dataset=Dataset.LINES)

    world, _ = fake_world("together")
    ports = replace(world.ports, queries=snapshot.queries)
    assert count_together(ports, NOW) == len(CATEGORIES)

    kept = ports.products.together(CATEGORIES)
    assert {sku: one.category for sku, one in kept.items()} == CATEGORIES
    counted = {
        (sku, companion.sku): companion for sku, one in kept.items() for companion in one.companions
    }
    assert counted == by_hand([*baskets, *rare])
    assert ("honey", "beans") not in counted  # one member alone
    assert ("mug", "honey") not in counted  # of members who do not let us look
    best = [one.lift_percent for one in kept["beans"].companions]
    assert best == sorted(best, reverse=True)
