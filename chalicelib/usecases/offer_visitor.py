"""Adds up what offers would have given, page by page of the ledger.

Sums alone: whose points they are does not leave this place. What is kept for a budget says neither.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict

from chalicelib.domain.conditions import Condition, InSegment, compiled
from chalicelib.domain.fact_list import FACTS, Freshness
from chalicelib.domain.offer_rehearsal import Rehearsal, Run, facts_asked
from chalicelib.domain.offers import Offer
from chalicelib.domain.refusals import InvalidContent
from chalicelib.domain.segments import inlined
from chalicelib.domain.simulations import Given, Simulation, Tally, as_if_live
from chalicelib.usecases.ledger_pass import Place, Sums
from chalicelib.usecases.past_purchases import PastPurchases, Window
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.books import AccountBook, Book
from chalicelib.usecases.read_audience import segments_by_id

PURCHASES, ACCOUNTS, UNREADABLE, OFFERS = "purchases", "accounts", "unreadable", "offers"
"""What is kept: how much was looked at, and of each offer its tally."""


class OfferVisitor:
    """The visitor of a simulation's pass: every account with a purchase of the months looked at."""

    def __init__(self, ports: Ports, simulation: Simulation) -> None:
        self._ports = ports
        self._simulation = simulation
        offers = [offer_of(ports, simulation, place) for place in range(len(simulation.offers))]
        others = [ports.offers.version(one.offer_id, one.version) for one in simulation.others]
        segments = conditions_of(ports, simulation.segments)
        predicates = {segment_id: compiled(asked) for segment_id, asked in segments.items()}
        self._rehearsals = [Rehearsal(offer, others, predicates) for offer in offers]
        self._window = Window(simulation.since, simulation.at)
        self._zone = ports.programs.active().zone
        audiences = [offer.audience for offer in (*offers, *others)]
        self._follows_behaviour = _ask_for_behaviour([*audiences, *segments.values()])

    def start(self) -> Sums:
        tallies = [asdict(Tally()) for _ in self._rehearsals]
        return {PURCHASES: 0, ACCOUNTS: 0, UNREADABLE: 0, OFFERS: tallies}

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:
        tallies = [Tally(**tally) for tally in sums[OFFERS]]
        kept: list[list[Given]] = [[] for _ in tallies]
        counts = {name: sums[name] for name in (PURCHASES, ACCOUNTS, UNREADABLE)}
        past = PastPurchases(self._ports, self._window, follows_behaviour=self._follows_behaviour)
        for number, book in enumerate(books):
            counts[UNREADABLE] += 1 if book.unreadable else 0
            if isinstance(book, AccountBook) and not book.unreadable:
                name = f"{place.segment:02d}-{place.page:06d}-{number}"
                purchases = self._account(past, book, name, tallies, kept)
                counts[PURCHASES] += purchases
                counts[ACCOUNTS] += 1 if purchases else 0
        self._keep(place, kept)
        return {**counts, OFFERS: [asdict(tally) for tally in tallies]}

    def _account(
        self,
        past: PastPurchases,
        book: AccountBook,
        name: str,
        tallies: Sequence[Tally],
        kept: Sequence[list[Given]],
    ) -> int:
        """Count an account's purchases for every offer; how many there were."""
        runs = [Run(rehearsal, name) for rehearsal in self._rehearsals]
        purchases = 0
        for case in past.of(book):
            purchases += 1
            for run, tally in zip(runs, tallies, strict=True):
                run.take(case, tally)
        for run, tally, pages in zip(runs, tallies, kept, strict=True):
            tally.add_member(run.given, self._zone)
            pages += [*run.given, *run.beyond]
        return purchases

    def _keep(self, place: Place, kept: Iterable[list[Given]]) -> None:
        """What a budget has to pay for, it pays one after the other, whoever's page comes first."""
        page = f"{place.segment:02d}-{place.page:06d}"
        for number, (rehearsal, given) in enumerate(zip(self._rehearsals, kept, strict=True)):
            if rehearsal.offer.budget is not None and given:
                self._ports.measures.keep_given(self._simulation, number, page, given)


def offer_of(ports: Ports, simulation: Simulation, place: int) -> Offer:
    """An offer of a simulation, by its place, as if it had been live."""
    asked = simulation.offers[place]
    return as_if_live(ports.offers.version(asked.offer_id, asked.version), simulation)


def conditions_of(ports: Ports, segment_ids: Iterable[str]) -> dict[str, Condition]:
    """What segments ask, by id, as of now; those that are archived or wrong by now left out."""
    known = segments_by_id(ports)
    found = {}
    for segment_id in segment_ids:
        with suppress(InvalidContent):
            found[segment_id] = inlined(InSegment(segment_id), known)
    return found


def _ask_for_behaviour(conditions: Iterable[Condition | None]) -> bool:
    """Whether one of them asks for what is followed behind the ledger."""
    asked = frozenset[str]().union(*(facts_asked(condition) for condition in conditions))
    return any(FACTS[name].freshness is Freshness.MINUTES for name in asked if name in FACTS)
