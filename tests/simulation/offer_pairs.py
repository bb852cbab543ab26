"""Two operations side by side that want the last of an offer's budget, or bring some of it back:
points and budget are given together or not at all, and limits count once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.offers import BonusPoints, Budget, Offer
from chalicelib.domain.traits import Traits
from chalicelib.storage.ledger_items import traits_item
from chalicelib.storage.offers import DynamoOffers
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Outcome
from tests.ledger_world import World, dynamo_world, line, new_name, unhurried
from tests.offer_world import Shop
from tests.simulation.pairs import account_rows, answer_row, text_of

WORTH, BUDGET = 60, 170


@dataclass(frozen=True, slots=True)
class Till:
    """Of a budget for two and some, Mia has had one by a purchase; she can have one more."""

    shop: Shop
    mia: str
    tom: str
    offer: Offer

    def seen_by(self) -> "Till":
        """The same with ports of its own: two operations do not share their patience."""
        world = replace(self.shop.world, ports=replace(self.shop.world.ports, patience=unhurried()))
        return replace(self, shop=replace(self.shop, world=world))


Operation = Callable[[Till, str], Outcome[Any]]
"""(the till, a label that makes its ids) -> its outcome."""

OPERATIONS: dict[str, Operation] = {
    "purchase": lambda t, label: t.shop.post(f"p-{label}", t.mia, line()),
    "another's purchase": lambda t, label: t.shop.post(f"p-{label}", t.tom, line()),
    "small return": lambda t, label: t.shop.world.give_back("start", f"r-{label}", 300),
    "return": lambda t, label: t.shop.world.give_back("start", f"r-{label}", 600),
    "early return": lambda t, label: t.shop.world.send_back("p-b", f"r-{label}", 1_000),
}


@dataclass(frozen=True, slots=True)
class OfferPair:
    """Two operations; `same`: the second is the first again."""

    first: str
    second: str
    same: bool = False
    chosen_calls: int = 4
    free: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.first} of offers + {'the same again' if self.same else self.second}"

    def set_scene(self) -> Till:
        """A new scene, which shares nothing with any other."""
        name = new_name("last")
        shop = Shop(dynamo_world(name, patience=unhurried(), offers=DynamoOffers()), name)
        mia, tom = (_on_list(shop.world, label, name) for label in ("mia", "tom"))
        offer = shop.launch(
            "few",
            BonusPoints(WORTH),
            number=7,
            audience=Leaf("lists", Op.CONTAINS, name),
            member_limit=2,
            budget=Budget("points", BUDGET),
        )
        shop.post("start", mia, line(amount_minor=600))
        return Till(shop, mia, tom, offer)

    def acts(self, scene: Till) -> Sequence[Callable[[], object]]:
        """The two, ready to run."""
        labels = ("a", "a") if self.same else ("a", "b")
        return [
            partial(OPERATIONS[name], scene.seen_by(), label)
            for name, label in zip((self.first, self.second), labels, strict=True)
        ]

    def seen(self, scene: Till, results: list[object], *, replays: bool) -> str:
        """Both accounts, what is left of the budget, and the answers."""
        world = scene.shop.world
        entries = {
            name: account_rows(world.ports.ledger.entries(member, None, 50))
            for name, member in (("mia", scene.mia), ("tom", scene.tom))
        }
        left = scene.shop.shards(scene.offer)
        answers = [answer_row(result, replays) for result in results]
        return text_of(entries | {"left": left, "answers": answers}, world)


def _on_list(world: World, label: str, name: str) -> str:
    """A member on a list of its scene: of offers of other scenes it is told nothing."""
    member_id = world.member(label)
    transact([Put(traits_item(member_id, Traits(lists=(name,))))])
    return member_id


OFFER_PAIRS = [
    OfferPair("purchase", "purchase"),
    OfferPair("purchase", "purchase", same=True),
    OfferPair("purchase", "another's purchase"),
    OfferPair("another's purchase", "return"),
    OfferPair("small return", "small return"),
    OfferPair("return", "return", same=True),
    OfferPair("early return", "purchase"),
]
