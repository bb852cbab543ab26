"""Adds up what offers would have given, page by page of the ledger.

Sums alone: whose points they are does not leave this place. What is kept for a budget says neither.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass

from chalicelib.domain.conditions import Condition, InSegment, compiled
from chalicelib.domain.fact_list import FACTS, Freshness
from chalicelib.domain.offer_life import on_the_course_of
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


AT_ONCE = 16
"""Accounts that are read side by side."""


@dataclass(slots=True)
class _Found:
    """What an offer would have given to one account. given: also what its limit kept it from."""

    tally: Tally
    given: list[Given]


@dataclass(slots=True)
class _Account:
    """One account, by offer. purchases: those of the window."""

    purchases: int
    offers: list[_Found]


class OfferVisitor:
    """The visitor of a simulation's pass: every account with a purchase of the months looked at."""

    def __init__(self, ports: Ports, simulation: Simulation) -> None:
        self._ports = ports
        self._simulation = simulation
        offers = [offer_of(ports, simulation, place) for place in range(len(simulation.offers))]
        newest = {offer.offer_id: offer for offer in ports.offers.all()}
        others = [
            on_the_course_of(ports.offers.version(one.offer_id, one.version), newest[one.offer_id])
            for one in simulation.others
        ]
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
        counts = {name: sums[name] for name in (PURCHASES, ACCOUNTS, UNREADABLE)}
        past = PastPurchases(self._ports, self._window, follows_behaviour=self._follows_behaviour)
        accounts: list[tuple[str, AccountBook]] = []
        for number, book in enumerate(books):
            if book.unreadable or (isinstance(book, AccountBook) and past.is_too_long(book)):
                counts[UNREADABLE] += 1
            elif isinstance(book, AccountBook):
                accounts.append((f"{place.segment:02d}-{place.page:06d}-{number}", book))
        kept: list[list[Given]] = [[] for _ in tallies]
        for found in self._side_by_side(past, accounts):
            counts[PURCHASES] += found.purchases
            counts[ACCOUNTS] += 1 if found.purchases else 0
            for tally, rows, one in zip(tallies, kept, found.offers, strict=True):
                tally.add(one.tally)
                rows.extend(one.given)
        self._keep(place, kept)
        return {**counts, OFFERS: [asdict(tally) for tally in tallies]}

    def _side_by_side(
        self, past: PastPurchases, accounts: Sequence[tuple[str, AccountBook]]
    ) -> Iterator[_Account]:
        """What was found of each account, in order: most of the time is waiting for its reads."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(lambda one: self._account(past, *one), accounts)

    def _account(self, past: PastPurchases, name: str, book: AccountBook) -> _Account:
        found = _Account(0, [_Found(Tally(), []) for _ in self._rehearsals])
        runs = [Run(rehearsal, name) for rehearsal in self._rehearsals]
        for case in past.of(book):
            found.purchases += 1
            for run, one in zip(runs, found.offers, strict=True):
                run.take(case, one.tally)
        for run, one in zip(runs, found.offers, strict=True):
            one.tally.add_member(run.given, self._zone)
            one.given += [*run.given, *run.beyond]
        return found

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
