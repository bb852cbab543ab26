"""What a member has, as plainly as it can be counted: points by their days, in dictionaries.

It must import nothing that decides about points.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from chalicelib.domain.program import Program
from tests.property.plain_days import ONE_DAY, fades, last_day

TOLD_APART = 13
"""Days of expiry that are remembered one by one; older ones join the oldest of them."""
MOST_WAITING = 64
"""Pairs of days that points can wait for; those of further ones join the latest."""
MONTHS = 27
"""Months that are remembered, up to the newest in which something was bought."""


@dataclass
class Given:
    """A tier's gift. reached_on: the day of what brought it. days: the first and the last one of
    its points."""

    tier_id: str
    points: int
    reached_on: date
    days: tuple[date, date]


@dataclass
class Member:
    """What a member has.

    points: last day -> what can be spent. waiting: (first day, last day) -> what cannot yet.
    expired: last day -> what was lost, less what returns have excused. lost: what has expired by
    the day this was looked at and no entry tells yet. months: number of the month -> purchases,
    spend_minor, points. uses: (reward, period) -> times. tier: the one of its last entry, and
    since when. held: what waits for somebody who looks at it, as in `waiting`. forfeited: what was
    taken then and no return has asked for, until forfeited_on.
    """

    active: bool
    last_at: datetime
    points: Counter[date] = field(default_factory=Counter)
    waiting: Counter[tuple[date, date]] = field(default_factory=Counter)
    debt: int = 0
    expired: Counter[date] = field(default_factory=Counter)
    lost: Counter[date] = field(default_factory=Counter)
    earned: int = 0
    redeemed: int = 0
    purchases: int = 0
    spend_minor: int = 0
    qualifying: int = 0
    entries: int = 1
    months: dict[int, list[int]] = field(default_factory=dict)
    uses: Counter[tuple[str, str]] = field(default_factory=Counter)
    gifts: list[Given] = field(default_factory=list)
    tier: tuple[str, date] | None = None
    active_on: date | None = None
    looked_at: bool = False
    held: Counter[tuple[date, date]] = field(default_factory=Counter)
    forfeited: int = 0
    forfeited_on: date = date.min
    moved_to: str | None = None

    @property
    def available(self) -> int:
        return self.points.total()

    @property
    def pending(self) -> int:
        return self.waiting.total() + self.held.total()

    @property
    def net(self) -> int:
        return self.available + self.pending - self.debt

    def on(self, today: date) -> Self:
        """The same member on a day: what is due can be spent, what is over is lost."""
        member = deepcopy(self)
        for first, last in sorted(member.waiting):
            if first <= today:
                member.gain({last: member.waiting.pop((first, last))})
        for day in sorted(member.points):
            if day < today:
                member.lost[day] = member.points.pop(day)
        member.tell_apart(member.lost)
        return member

    def tell_apart(self, lost: Counter[date]) -> None:
        """Remember what was lost; there are only so many days that it is remembered of."""
        self.expired += lost
        while len(self.expired) > TOLD_APART:
            oldest, second = sorted(self.expired)[:2]
            self.expired[second] += self.expired.pop(oldest)

    # --- points ----------------------------------------------------------------------------------

    def gain(self, points: dict[date, int]) -> int:
        """Points can be spent from now on; debt is paid first. The points that paid."""
        paid = 0
        for last in sorted(points):
            part = min(self.debt, points[last])
            self.debt -= part
            paid += part
            self.points += Counter({last: points[last] - part})
        return paid

    def spend(self, points: int) -> dict[date, int]:
        """Those that end first. What was spent, by last day."""
        spent: dict[date, int] = {}
        for last in sorted(self.points):
            part = min(points, self.points[last])
            points -= part
            if part:
                spent[last] = part
        self.points -= Counter(spent)
        return spent

    def lose(self, points: int) -> int:
        """Those that end last go, and then those that are no longer there. The new debt."""
        for last in sorted(self.points, reverse=True):
            part = min(points, self.points[last])
            points -= part
            self.points -= Counter({last: part})
        self.debt += points
        return points

    def stop_waiting(self, first: date, last: date, points: int) -> int:
        """Take points that would come on a day, those of the same last day first. How many."""
        taken = 0
        for lots in (self.held, self.waiting):
            there = sorted(day for day in lots if day[0] == first)
            for day in sorted(there, key=lambda day: day[1] != last):
                part = min(points - taken, lots[day])
                taken += part
                lots[day] -= part
        self.held, self.waiting = +self.held, +self.waiting
        return taken

    def let_go(self, came_on: date, points: int) -> int:
        """Points that somebody who looked has taken are not taken again. How many."""
        part = min(points, self.forfeited) if came_on <= self.forfeited_on else 0
        self.forfeited -= part
        return part

    def excuse(self, earliest: date, latest: date, points: int) -> int:
        """Let points go that were lost between two days, rather than take others. How many."""
        excused = 0
        for place, day in enumerate(sorted(self.expired)):
            stands_for_older = place == 0 and len(self.expired) == TOLD_APART
            if earliest <= day <= latest or (stands_for_older and earliest < day):
                part = min(points - excused, self.expired[day])
                excused += part
                self.expired -= Counter({day: part})
        return excused

    # --- points that come, or come back ----------------------------------------------------------

    def receive(
        self, parts: list[tuple[tuple[date, date], int]], program: Program, today: date
    ) -> int:
        """Points with their first and last day. Those that paid debt."""
        ready: Counter[date] = Counter()
        for (first, last), points in parts:
            if points and first > today:
                self._wait(first, last, points)
            elif points:
                ready[in_time(last, program, today)] += points
        return self.gain(ready)

    def earn(
        self, parts: list[tuple[tuple[date, date], int]], program: Program, today: date
    ) -> int:
        """Points that were earned: held where somebody looks. Those that paid debt."""
        if not self.looked_at:
            return self.receive(parts, program, today)
        for days, points in parts:
            if points:
                self.hold(days, points)
        return 0

    def hold(self, days: tuple[date, date], points: int) -> None:
        """Keep points for somebody who looks."""
        known = days in self.held or len(self.held) < MOST_WAITING
        self.held[days if known else max(self.held)] += points

    def get_back(self, spent: dict[date, int], program: Program, today: date) -> int:
        """Points that were spent, by their last day. Those that paid debt."""
        ready: Counter[date] = Counter()
        for last, points in spent.items():
            ready[in_time(max(last, self.alive_until(program)), program, today)] += points
        return self.gain(ready)

    def _wait(self, first: date, last: date, points: int) -> None:
        known = (first, last) in self.waiting or len(self.waiting) < MOST_WAITING
        self.waiting[(first, last) if known else max(self.waiting)] += points

    def live_on(self, program: Program, day: date) -> None:
        """It was active on a day, which keeps all its points alive where they fade."""
        self.active_on = max(self.active_on or day, day)
        if fades(program):
            points, until = self.points, self.alive_until(program)
            self.points = Counter()
            for last in points:
                self.points[max(last, until)] += points[last]
            self.waiting = _living(self.waiting, until)
            self.held = _living(self.held, until)

    def alive_until(self, program: Program) -> date:
        """Where points fade: the day until which what it did last keeps them alive."""
        if not fades(program) or self.active_on is None:
            return date.min
        return last_day(program.expiry, self.active_on)

    # --- sums ------------------------------------------------------------------------------------

    def count(self, month: int, purchases: int, minor: int, qualifying: int, points: int) -> None:
        """Add a purchase's figures, or take them away."""
        row = self.months.setdefault(month, [0, 0, 0])
        for place, figure in enumerate((purchases, minor, qualifying)):
            row[place] += figure
        self.purchases += purchases
        self.spend_minor += minor
        self.qualifying += qualifying
        self.earned += points

    def last_months(self) -> dict[int, tuple[int, int, int]]:
        """The months up to the newest in which something was ever bought, without empty ones."""
        newest = max(self.months, default=0)
        return {
            month: (row[0], row[1], row[2])
            for month, row in self.months.items()
            if month > newest - MONTHS and any(row)
        }


def _living(waiting: Counter[tuple[date, date]], until: date) -> Counter[tuple[date, date]]:
    """The same points, none of which ends before a day."""
    living: Counter[tuple[date, date]] = Counter()
    for first, last in waiting:
        living[first, max(last, until)] += waiting[first, last]
    return living


def month_of(day: date) -> int:
    """Months are numbered from the year zero on."""
    return day.year * 12 + day.month - 1


def in_time(last: date, program: Program, today: date) -> date:
    """The last day of points that come when it is over: they get days of grace."""
    return last if last >= today else today + program.grace_days * ONE_DAY
