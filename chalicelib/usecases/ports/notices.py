"""What members were told of points that expire."""

from typing import Protocol

from chalicelib.domain.notices import Told


class Notices(Protocol):
    """One record a member. Every method may raise StoreUnavailable."""

    def told(self, member_id: str) -> Told:
        """What the member was told; version 0 and nothing where that is so. Consistent."""
        ...

    def keep(self, told: Told) -> bool:
        """Put it over its predecessor by version; False when somebody else was faster."""
        ...
