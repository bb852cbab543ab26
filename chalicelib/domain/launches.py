"""Whom an offer was meant for when it was launched: fixed then, so that what it changes afterwards
does not change who is compared. Knows neither storage nor snapshot."""

from dataclasses import dataclass
from datetime import datetime

MOST_LISTED = 100_000
"""Members of an audience that are listed. Ids are random and listed in their order, so that those
are as good as drawn by lot; more of them make an interval hardly narrower."""


@dataclass(frozen=True, slots=True)
class LaunchAudience:
    """The audience of an offer as it was launched.

    at: the launch. members: all of it, by the snapshot; as_of: how fresh that was, None while it
    was empty. treated, held_out: of those that were listed, by whether the offer is kept from them;
    nobody is listed for an offer without a holdout.
    """

    offer_id: str
    at: datetime
    members: int
    as_of: datetime | None
    treated: int = 0
    held_out: int = 0

    @property
    def listed(self) -> int:
        """Members that are followed."""
        return self.treated + self.held_out
