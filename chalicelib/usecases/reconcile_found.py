"""What a reconciliation has found so far: the sums that it keeps after every page.

Small however large the ledger is. Must not know where it comes from.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.tally import Tally
from chalicelib.domain.liability import Holdings, Liability
from chalicelib.usecases.ledger_pass import Sums

BREACHES_KEPT = 50
"""Of a segment, the first of them; all are counted. One of a kind leads to the others."""


class Found:
    """seen: partitions and items by kind. times: breaches by code. unread, accounts_unread: as in a
    report. stock: of limited rewards. tally: entries and records against each other.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.breaches: list[Breach] = []
        self.times: Counter[str] = Counter()
        self.unread = self.accounts_unread = 0
        self.stock: dict[str, list[int]] = {}  # units out, of younger ones, and how many of those
        self.tally = Tally()
        self.liability = Liability()

    def tell(self, breaches: Iterable[Breach]) -> None:
        """Note what is wrong."""
        for breach in breaches:
            self.times[breach.code] += 1
            if len(self.breaches) < BREACHES_KEPT:
                self.breaches.append(breach)

    def moved(self, reward_id: str, units: int, *, settled: bool) -> None:
        """Note units of a limited reward that went out (or, negative, came back). settled: whether
        by the instant that is compared; what is younger is counted apart, and how often it was."""
        figures = [units, 0, 0] if settled else [0, units, 1]
        _add(self.stock.setdefault(reward_id, [0, 0, 0]), figures)

    def join(self, sums: Sums) -> None:
        """Add what was found in another segment."""
        self.seen.update(sums["seen"])
        self.breaches += [Breach(*row) for row in sums["breaches"]]
        self.times.update(sums["times"])
        self.unread += sums["unread"]
        self.accounts_unread += sums["accounts_unread"]
        for reward_id, figures in sums["stock"].items():
            _add(self.stock.setdefault(reward_id, [0, 0, 0]), figures)
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
            "stock": self.stock,
            "tally": self.tally.packed(),
            "liability": asdict(self.liability),
        }


def _add(figures: list[int], more: list[int]) -> None:
    for place, figure in enumerate(more):
        figures[place] += figure


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
