"""Notices: members are told of points that expire, 30 and 7 days before the last day.

Pure: the day is an argument, and so is what was told before. Knows no way of telling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.domain.account import Account, Lot
from chalicelib.domain.lots import fold

STAGES = (30, 7)
"""Whole days before the last day from which on a member is told, the first time and the second."""

_REMEMBERED_DAYS = 7
"""What was told of a day is kept a little beyond it: clocks can step back."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Points that expire after the day `expires_on` unless they are spent. stage: 30 or 7;
    days_left: from today to the last day, at most that many."""

    expires_on: date
    stage: int
    points: int
    days_left: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a member was told, by last day: the stage that was told last.

    events: to whoever listens to events. letters: to the member; a letter that could not be is
    told, too. version: counts the changes, 0 before the first. by: who made the newest one.
    """

    member_id: str
    version: int
    events: Mapping[date, int]
    letters: Mapping[date, int]
    by: str = ""


def expiring(account: Account, last: date) -> tuple[Lot, ...]:
    """What is gone when the day `last` is over and nothing happens until then, by last day.

    Pending points count that mature until their last day.
    """
    return fold(account, last + timedelta(days=1)).expired


def due_notices(lots: Iterable[Lot], told: Mapping[date, int], today: date) -> tuple[Notice, ...]:
    """The notices that have to be given on a day: of each last day at most one, of the stage that
    the days left have reached, unless this stage or a later one was told."""
    notices: list[Notice] = []
    for lot in lots:
        if lot.expires_on is None or lot.expires_on < today:
            continue
        days_left = (lot.expires_on - today).days
        stage = min((stage for stage in STAGES if days_left <= stage), default=None)
        if stage is not None and told.get(lot.expires_on, stage + 1) > stage:
            notices.append(Notice(lot.expires_on, stage, lot.points, days_left))
    return tuple(notices)


def after_telling(
    told: Told,
    *,
    events: Iterable[Notice] = (),
    letters: Iterable[Notice] = (),
    today: date,
    by: str,
) -> Told:
    """What a member has been told when these are told, too; days long gone are forgotten."""
    return replace(
        told,
        version=told.version + 1,
        events=_with(told.events, events, today),
        letters=_with(told.letters, letters, today),
        by=by,
    )


def _with(told: Mapping[date, int], notices: Iterable[Notice], today: date) -> dict[date, int]:
    after = {**told, **{notice.expires_on: notice.stage for notice in notices}}
    oldest = today - timedelta(days=_REMEMBERED_DAYS)
    return {day: stage for day, stage in sorted(after.items()) if day >= oldest}
