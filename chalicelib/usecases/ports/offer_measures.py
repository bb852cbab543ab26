"""What is kept to measure offers by: simulations before a launch, audiences as of it."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.simulations import Given, Simulation


class OfferMeasures(Protocol):
    """Simulations, and whom offers were launched for. Every method may raise StoreUnavailable."""

    def keep_simulation(self, simulation: Simulation) -> None:
        """Keep what was asked, under its own new id."""
        ...

    def simulation(self, simulation_id: str) -> Simulation | None:
        """What was asked; for some weeks."""
        ...

    def keep_given(
        self, simulation: Simulation, offer: int, page: str, given: Iterable[Given]
    ) -> None:
        """Keep what an offer of a simulation (by its place) would have given on a page of the pass,
        over what was kept of that page before; as long as the simulation."""
        ...

    def given(self, simulation: Simulation, offer: int) -> Iterator[Given]:
        """All of it, page by page."""
        ...

    def keep_launch(self, audience: LaunchAudience) -> None:
        """Keep whom an offer was launched for, over what an earlier try kept."""
        ...

    def launch(self, offer_id: str) -> LaunchAudience | None:
        """Whom an offer was launched for; None before that."""
        ...
