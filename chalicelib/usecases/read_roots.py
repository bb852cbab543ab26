"""The roots of the days, for whoever wants to hold us to one of them."""

from datetime import date

from chalicelib.domain.refusals import NotFound
from chalicelib.domain.roots import SignedRoot
from chalicelib.usecases.ports import Ports


def list_roots(ports: Ports, before: date | None, limit: int) -> list[SignedRoot]:
    """Roots, newest first, those of days before `before`."""
    return ports.roots.roots(before, limit)


def read_root(ports: Ports, day: date | None) -> SignedRoot:
    """The root of a day, None for the newest. Raises NotFound."""
    if day is not None:
        signed = ports.roots.root(day)
    else:
        signed = next(iter(ports.roots.roots(None, 1)), None)
    if signed is None:
        raise NotFound("root")
    return signed
