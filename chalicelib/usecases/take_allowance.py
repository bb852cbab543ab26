"""How often somebody may ask, counted before anything is done for them."""

from datetime import datetime

from chalicelib.domain.allowances import Allowance, network_of
from chalicelib.domain.refusals import TooManyRequests
from chalicelib.usecases.ports import Ports


def take_allowance(ports: Ports, allowance: Allowance, whose: str, now: datetime) -> None:
    """Count one use. Raises TooManyRequests when there were enough in this window."""
    seconds = ports.allowances.take(
        allowance.kind, whose, allowance.at_most, allowance.window_seconds, now
    )
    if seconds:
        raise TooManyRequests(retry_after_seconds=seconds)


def take_allowance_of_network(
    ports: Ports, allowance: Allowance, address: str, now: datetime
) -> None:
    """Count one use by whoever has a network address. Raises TooManyRequests."""
    take_allowance(ports, allowance, network_of(address), now)
