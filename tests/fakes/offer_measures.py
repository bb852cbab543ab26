"""Simulations and launches in memory."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.simulations import Given, Simulation


class FakeOfferMeasures:
    """The `OfferMeasures` port."""

    def __init__(self) -> None:
        self._simulations: dict[str, Simulation] = {}
        self._given: dict[tuple[str, int], dict[str, tuple[Given, ...]]] = {}
        self._launches: dict[str, LaunchAudience] = {}

    def keep_simulation(self, simulation: Simulation) -> None:
        self._simulations[simulation.simulation_id] = simulation

    def simulation(self, simulation_id: str) -> Simulation | None:
        return self._simulations.get(simulation_id)

    def keep_given(
        self, simulation: Simulation, offer: int, page: str, given: Iterable[Given]
    ) -> None:
        pages = self._given.setdefault((simulation.simulation_id, offer), {})
        pages[page] = tuple(given)

    def given(self, simulation: Simulation, offer: int) -> Iterator[Given]:
        pages = self._given.get((simulation.simulation_id, offer), {})
        for page in sorted(pages):
            yield from pages[page]

    def keep_launch(self, audience: LaunchAudience) -> None:
        self._launches[audience.offer_id] = audience

    def launch(self, offer_id: str) -> LaunchAudience | None:
        return self._launches.get(offer_id)
