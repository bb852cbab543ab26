"""How many members may be written to, by purpose and channel. Numbers alone."""

from dataclasses import dataclass

from chalicelib.domain.purposes import Purpose
from chalicelib.domain.reach import SHARDS, Audience
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Reached:
    """How many members an audience has now. purpose: as the program asks for it."""

    audience: Audience
    purpose: Purpose
    members: int


def read_reach(ports: Ports) -> list[Reached]:
    """Every purpose that lets members be written to, on each of its channels, in the program's
    order. Reads each audience to its end. Raises StoreUnavailable."""
    return [
        Reached(audience, purpose, _size(ports, audience))
        for purpose in ports.programs.active().asks_for.values()
        for audience in (Audience(purpose.purpose, channel) for channel in purpose.channels)
    ]


def _size(ports: Ports, audience: Audience) -> int:
    return sum(ports.audiences.size(audience, shard) for shard in range(SHARDS))
