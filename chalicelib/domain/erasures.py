"""Erasures: that a member asked to be forgotten, how far that is, and what is told of it.

Knows no storage. What is done to an account is an entry like everything else (`forgotten`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.entries import Why

FORFEITED, FORGIVEN = "forfeited", "forgiven"
"""The reasons of an erasure's entry: points that are gone, debt that is."""


class ErasureStatus(StrEnum):
    REQUESTED = "requested"
    ERASING = "erasing"
    ERASED = "erased"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Place:
    """How far the records of those who are erased are gone through, and then those of what they
    shared: `member` of these accounts are done; of the next one, all entries from `below` on (None:
    none yet)."""

    member: int = 0
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. by: who asked, as a source. members: who is erased by it: who asked, and those
    whose accounts were merged with that one; empty until it begins. shared: the accounts of others
    that they have shared, as far as their own say it, where what they did is redacted after theirs.

    version: counts its changes, from 1. what: how many of which kind are gone.
    """

    erasure_id: str
    member_id: str
    status: ErasureStatus
    requested_at: datetime
    erase_after: datetime
    by: str
    version: int = 1
    members: tuple[str, ...] = ()
    place: Place = Place()
    what: Mapping[str, int] = field(default_factory=dict)
    erased_at: datetime | None = None
    shared: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it."""
        return self.status in (ErasureStatus.REQUESTED, ErasureStatus.ERASING)


def requested(
    erasure_id: str, member_id: str, by: str, now: datetime, cool_off_days: int
) -> Erasure:
    """A new erasure, which begins when the days to think it over are past."""
    after = now + timedelta(days=cool_off_days)
    return Erasure(erasure_id, member_id, ErasureStatus.REQUESTED, now, after, by)


def cancelled(erasure: Erasure) -> Erasure:
    """It will not come to it."""
    return replace(erasure, status=ErasureStatus.CANCELLED, version=erasure.version + 1)


def begun(erasure: Erasure, members: tuple[str, ...]) -> Erasure:
    """From here on it goes to its end. members: as in `Erasure`; perhaps more than before."""
    return replace(
        erasure, status=ErasureStatus.ERASING, members=members, version=erasure.version + 1
    )


def gone_on(
    erasure: Erasure, place: Place, counts: Mapping[str, int], shared: Iterable[str] = ()
) -> Erasure:
    """Some more is gone. shared: accounts of others that were met on the way."""
    what = {
        name: erasure.what.get(name, 0) + counts.get(name, 0)
        for name in erasure.what.keys() | counts.keys()
    }
    met = dict.fromkeys((*erasure.shared, *shared))
    others = tuple(one for one in met if one not in erasure.members)
    return replace(erasure, place=place, what=what, shared=others, version=erasure.version + 1)


def erased(erasure: Erasure, now: datetime) -> Erasure:
    """All is gone. Whose accounts they shared is forgotten here, too."""
    return replace(
        erasure,
        status=ErasureStatus.ERASED,
        erased_at=now,
        shared=(),
        version=erasure.version + 1,
    )


def forgotten(account: Account) -> tuple[Account, tuple[Why, ...]]:
    """An account after its member's erasure, and what made its points change."""
    gone = account.available + account.pending_points
    rows = (Why(FORFEITED, -gone, 0), Why(FORGIVEN, account.debt, 0))
    return Account(status=AccountStatus.ERASED), tuple(row for row in rows if row.points)
