"""Redemptions that expired unused and whose reward gives the points back, end. The clock decides
what is expired; this only writes it down, however long nobody has looked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.domain.refusals import MemberErased, TryAgain
from chalicelib.usecases.end_redemption import expire_redemption
from chalicelib.usecases.ports import OperationRecord, Ports, StoreNewer, Write

SWEPT = "swept"
"""The kind of record that says of a day (UTC) that nothing of it or before it is left."""

_FARTHEST_DAYS = 400
_INDEX_LAG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Expired:
    """ended: by this run. left: for the next run, because the store was busy."""

    ended: int
    left: int


def expire_redemptions(ports: Ports, now: datetime) -> Expired:
    """End what is due since the newest day that was swept. Safe to stop and to run twice at once.

    Raises StoreUnavailable.
    """
    ended = left = 0
    finished: date | None = None
    for day in _open_days(ports, now.astimezone(UTC).date()):
        for redemption_id in ports.ledger.due_redemptions(day, now):
            try:
                ended += expire_redemption(ports, redemption_id, now)
            except (TryAgain, StoreNewer, MemberErased):
                # Busy, written by a newer release, or about to end as erased: in no other's way.
                left += 1
        if now >= _end_of(day) + _INDEX_LAG:
            finished = day
    if finished is not None and not left:
        ports.ledger.commit(Write((OperationRecord(SWEPT, finished.isoformat(), {}, {}),)))
    return Expired(ended, left)


def _open_days(ports: Ports, today: date) -> Iterator[date]:
    """The days after the newest swept one up to today, oldest first."""
    back = 0
    while back < _FARTHEST_DAYS:
        if ports.ledger.operation(SWEPT, (today - timedelta(days=back)).isoformat()) is not None:
            break
        back += 1
    return (today - timedelta(days=days) for days in reversed(range(back)))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)
