"""Reads for an export for what and how the member may be written to."""

from collections.abc import Iterator

from chalicelib.usecases.export_reading import Reading, Rows, plain
from chalicelib.usecases.reach_of import reach_of


def contact(reading: Reading) -> Iterator[Rows]:
    """What decides it, as of now."""
    reach = reach_of(reading.ports, reading.member_id)
    yield {"member_id": reading.member_id, **plain(reach, "version")}
