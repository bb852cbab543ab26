"""Two operations on the accounts of neighbours, side by side: what moves points between accounts,
and what happens to either of them meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from chalicelib.domain.program import Program
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.ports import Outcome
from tests.ledger_world import dynamo_world, new_name, unhurried
from tests.neighbours import SHARING, Neighbours
from tests.simulation.pairs import account_rows, answer_row, text_of

ROOM_FOR_TWO = replace(SHARING, household_members=2)
IMMUTABLE_READS = frozenset({"GetItem"})
"""Of what these operations read by GetItem, nothing is ever changed: a record is there or it is
not, and whoever did not see it meets it when it writes."""


@dataclass(slots=True)
class Street:
    """Mia has 100 points, Tom 50, Kim and Leo 10 each. Where a pair asks for it, Mia has sent 20 of
    them to Tom, Tom's account was merged into Mia's, or Tom and Kim share Mia's."""

    near: Neighbours
    mia: str
    tom: str
    kim: str
    leo: str
    mug: Reward
    transfer_id: str = ""
    merge_id: str = ""
    codes: list[str] = field(default_factory=list)

    def seen_by(self) -> "Street":
        """The same street with ports of its own: two operations do not share their patience."""
        near = self.near
        world = replace(near.world, ports=replace(near.world.ports, patience=unhurried()))
        return replace(self, near=Neighbours(world, near.program, near.now))


def set_street(names: set[str]) -> Street:
    """A new street for operations of these names."""
    program: Program = ROOM_FOR_TWO if "join too" in names else SHARING
    near = Neighbours(dynamo_world(new_name("street"), patience=unhurried()), program)
    street = Street(
        near,
        mia=near.member("mia", 100),
        tom=near.member("tom", 50),
        kim=near.member("kim", 10),
        leo=near.member("leo", 10),
        mug=near.world.reward(points=60),
    )
    if "call back" in names:
        street.transfer_id = near.send(street.mia, street.tom, 20, "sent").answer.transfer_id
    if "part" in names:
        street.merge_id = near.merge(street.tom, street.mia, "merged").answer.merge_id
    if {"join", "join too", "join by the same"} & names:
        street.codes = [near.invite(street.mia, f"code {number}") for number in range(2)]
    if {"leave", "remove"} & names:
        for number, member in enumerate((street.tom, street.kim)):
            near.join(member, near.invite(street.mia, f"joined {number}"))
    return street


Operation = Callable[[Street, str], Outcome[Any]]
"""(the street, a label that makes its ids) -> its outcome."""


def _done(act: Callable[[], None]) -> Outcome[Any]:
    act()
    return Outcome("done")


OPERATIONS: dict[str, Operation] = {
    "send": lambda s, label: s.near.send(s.mia, s.tom, 60, f"s-{label}"),
    "send back": lambda s, label: s.near.send(s.tom, s.mia, 30, f"b-{label}"),
    "call back": lambda s, _: s.near.call_back(s.mia, s.transfer_id),
    "merge": lambda s, label: s.near.merge(s.tom, s.mia, f"m-{label}"),
    "merge the other way": lambda s, label: s.near.merge(s.mia, s.tom, f"w-{label}"),
    "merge away": lambda s, label: s.near.merge(s.mia, s.leo, f"a-{label}"),
    "part": lambda s, _: s.near.part(s.merge_id),
    "join": lambda s, _: s.near.join(s.kim, s.codes[0]),
    "join too": lambda s, _: s.near.join(s.leo, s.codes[1]),
    "join by the same": lambda s, _: s.near.join(s.leo, s.codes[0]),
    "leave": lambda s, _: _done(lambda: s.near.leave(s.tom)),
    "remove": lambda s, _: _done(lambda: s.near.remove(s.mia, s.tom)),
    "purchase of Mia's": lambda s, label: s.near.buy(f"pm-{label}", s.mia, 7),
    "purchase of Tom's": lambda s, label: s.near.buy(f"pt-{label}", s.tom, 7),
    "purchase of Kim's": lambda s, label: s.near.buy(f"pk-{label}", s.kim, 7),
    "return of Tom's": lambda s, label: s.near.give_back("first-tom", f"r-{label}", 30),
    "redeem": lambda s, label: s.near.redeem(s.mia, s.mug, f"x-{label}"),
    "redeem of Tom's": lambda s, label: s.near.redeem(s.tom, s.mug, f"y-{label}"),
}


@dataclass(frozen=True, slots=True)
class NeighbourPair:
    """Two operations; `same`: the second is the first again."""

    first: str
    second: str
    same: bool = False
    chosen_calls: int = 6
    free: frozenset[str] = IMMUTABLE_READS

    def __str__(self) -> str:
        return f"{self.first} + {'the same again' if self.same else self.second}"

    def set_scene(self) -> Street:
        """A new street, which shares nothing with any other."""
        return set_street({self.first, self.second})

    def acts(self, scene: Street) -> Sequence[Callable[[], object]]:
        """The two, ready to run."""
        labels = ("a", "a") if self.same else ("a", "b")
        return [
            partial(OPERATIONS[name], scene.seen_by(), label)
            for name, label in zip((self.first, self.second), labels, strict=True)
        ]

    def seen(self, scene: Street, results: list[object], *, replays: bool) -> str:
        """All accounts and the answers, the same text for the same street."""
        people = {"mia": scene.mia, "tom": scene.tom, "kim": scene.kim, "leo": scene.leo}
        everything: dict[str, Any] = {
            name: account_rows(scene.near.ports.ledger.entries(member, None, 50))
            for name, member in people.items()
        }
        everything["answers"] = [answer_row(result, replays) for result in results]
        return text_of(everything, scene.near.world)


NEIGHBOUR_PAIRS = [
    NeighbourPair("send", "send"),
    NeighbourPair("send", "send", same=True),
    NeighbourPair("send", "send back"),
    NeighbourPair("send", "redeem"),
    NeighbourPair("send", "call back"),
    NeighbourPair("send", "merge"),
    NeighbourPair("call back", "call back", same=True),
    NeighbourPair("call back", "redeem"),
    NeighbourPair("call back", "merge"),
    NeighbourPair("merge", "merge", same=True),
    NeighbourPair("merge", "merge the other way"),
    NeighbourPair("merge", "merge away"),
    NeighbourPair("merge", "purchase of Tom's"),
    NeighbourPair("merge", "purchase of Mia's"),
    NeighbourPair("merge", "return of Tom's"),
    NeighbourPair("merge", "redeem of Tom's"),
    NeighbourPair("part", "part", same=True),
    NeighbourPair("part", "redeem"),
    NeighbourPair("part", "purchase of Tom's"),
    NeighbourPair("part", "return of Tom's"),
    NeighbourPair("part", "merge away"),
    NeighbourPair("join", "join too"),
    NeighbourPair("join", "join by the same"),
    NeighbourPair("join", "join", same=True),
    NeighbourPair("join", "purchase of Kim's"),
    NeighbourPair("join", "merge away"),
    NeighbourPair("leave", "purchase of Tom's", chosen_calls=7),
    NeighbourPair("leave", "redeem of Tom's", chosen_calls=7),
    NeighbourPair("leave", "remove", chosen_calls=7),
]
