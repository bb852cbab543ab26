"""What a reconciliation has found so far: the sums that it keeps after every page.

Small however large the ledger is. Must not know where it comes from.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass
from operator import add
from typing import Any

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.tally import Tally
from chalicelib.domain.liability import Holdings, Liability
from chalicelib.usecases.ledger_pass import Sums

BREACHES_KEPT = 50
"""Of a segment, the first of them; all are counted. One of a kind leads to the others."""


@dataclass(frozen=True, slots=True)
class Out:
    """Units of a limited reward, or of an offer's budget, that are out: by the instant that is
    compared, and since.

    moves: how often some went out or came back since. at_first: of those, about when the counters
    were read first, so that nobody can tell whether they count them.
    """

    settled: int = 0
    since: int = 0
    moves: int = 0
    at_first: int = 0

    def __add__(self, other: "Out") -> "Out":
        return Out(*map(add, astuple(self), astuple(other)))


class Found:
    """seen: partitions and items by kind. times: breaches by code. unread, accounts_unread: as in a
    report. stock: of limited rewards and budgets. tally: entries and records against each other.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.breaches: list[Breach] = []
        self.times: Counter[str] = Counter()
        self.unread = self.accounts_unread = 0
        self.stock: dict[str, Out] = {}
        self.tally = Tally()
        self.liability = Liability()

    def tell(self, breaches: Iterable[Breach]) -> None:
        """Note what is wrong."""
        for breach in breaches:
            self.times[breach.code] += 1
            if len(self.breaches) < BREACHES_KEPT:
                self.breaches.append(breach)

    def moved(self, reward_id: str, out: Out) -> None:
        """Note that units of a limited reward or of a budget went out or came back."""
        self.stock[reward_id] = self.out(reward_id) + out

    def out(self, reward_id: str) -> Out:
        """The units of a reward that are out."""
        return self.stock.get(reward_id, Out())

    def join(self, sums: Sums) -> None:
        """Add what was found in another segment."""
        self.seen.update(sums["seen"])
        self.breaches += [Breach(*row) for row in sums["breaches"]]
        self.times.update(sums["times"])
        self.unread += sums["unread"]
        self.accounts_unread += sums["accounts_unread"]
        for reward_id, figures in sums["stock"].items():
            self.moved(reward_id, Out(*figures))
        self.tally.join(sums["tally"])
        self.liability.add(_liability(sums["liability"]))

    def packed(self) -> Sums:
        """All of it, as JSON can say it."""
        return {
            "seen": dict(self.seen),
            "breaches": [[b.code, b.what, b.key, b.number] for b in self.breaches],
            "times": dict(self.times),
            "unread": self.unread,
            "accounts_unread": self.accounts_unread,
            "stock": {reward_id: astuple(out) for reward_id, out in self.stock.items()},
            "tally": self.tally.packed(),
            "liability": asdict(self.liability),
        }


def found_in(*segments: Sums) -> Found:
    """What was found in all of these segments."""
    found = Found()
    for sums in segments:
        found.join(sums)
    return found


def _liability(sums: dict[str, Any]) -> Liability:
    return Liability(
        held=Holdings(**sums["held"]),
        by_tier={tier_id: Holdings(**held) for tier_id, held in sums["by_tier"].items()},
        by_expiry=sums["by_expiry"],
        by_earned=sums["by_earned"],
        expired=sums["expired"],
        entered=sums["entered"],
    )
