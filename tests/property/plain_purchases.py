"""Purchases, claims and returns by the plain rules.

It must import nothing that decides about points.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import Program, Tier
from tests.property.plain_book import Book, Refused
from tests.property.plain_days import FOREVER, both_days, day_of, fades
from tests.property.plain_member import Given, Member, in_time, month_of
from tests.property.plain_prices import TIER, Rows, largest_remainder, rows_of
from tests.property.plain_tiers import gifts_lost, level_on, levels_on, stand

Figures = dict[str, Any]
"""What is answered, by its name in the contract."""

CLAIMED_WITHIN = timedelta(days=30)


@dataclass
class Bought:
    """A purchase and what is left of it: quantity and minor units of each line.

    program: the version of its own time. tier: the owner's, of its own time. came_on: when its
    points came.
    """

    at: datetime
    program: Program
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    owner: str | None
    posted_at: datetime
    left: list[list[int]]
    tier: Tier | None = None
    came_on: date = date.min

    @property
    def day(self) -> date:
        return day_of(self.at, self.program)

    def rows(self) -> Rows:
        """The points that what is left earns by the purchase's own rules."""
        left = [row[1] for row in self.left]
        return rows_of(self.program, self.lines, self.tenders, left, self.tier)

    def days(self, row: str) -> tuple[date, date]:
        """The first and the last day of the points of a row."""
        rule = next((rule for rule in self.program.rules if rule.rule_id == row), None)
        return both_days(self.program, rule, self.day)

    def is_gone(self) -> bool:
        """Whether nothing is left: no money, or no piece where all was free."""
        place = 1 if sum(line.amount_minor for line in self.lines) else 0
        return not any(row[place] for row in self.left)


class Purchases:
    """All purchases, by what a test calls them."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.all: dict[str, Bought] = {}

    def post(
        self,
        name: str,
        member: str | None,
        lines: tuple[Line, ...],
        tenders: tuple[Tender, ...],
        at: datetime,
        now: datetime,
    ) -> Figures:
        if at > now + timedelta(minutes=5):
            raise Refused("in_the_future")
        if at < now - timedelta(days=self.book.program.limits.late_purchase_days):
            raise Refused("too_far_back")
        left = [[line.quantity, line.amount_minor] for line in lines]
        bought = Bought(at, self.book.in_force(at), lines, tenders, member, now, left)
        self.all[name] = bought
        if member is None:
            return _figures(Member(active=True, last_at=now), earned=0, pending=0, debt_paid=0)
        return self._give(bought, member, now, bought.day)

    def claim(self, name: str, member: str, now: datetime) -> Figures:
        bought = self.all[name]
        if bought.owner is not None:
            raise Refused("purchase_already_claimed")
        bought.owner = member
        return self._give(bought, member, now, self.book.today(member, now))

    def claim_by_receipt(self, name: str, member: str, now: datetime) -> Figures:
        if now > self.all[name].posted_at + CLAIMED_WITHIN:
            raise Refused("claim_not_found")
        return self.claim(name, member, now)

    def _give(self, bought: Bought, name: str, now: datetime, active_on: date) -> Figures:
        member, today, program = self._all_about(name, now)
        bought.came_on = day_of(max(now, member.last_at), bought.program)
        bought.tier = level_on(member, bought.program.tiers, bought.day)
        rows = bought.rows()
        minor = sum(row[1] for row in bought.left)
        member.count(
            month_of(bought.day),
            0 if bought.is_gone() else 1,
            minor,
            _qualifying(rows),
            sum(rows.values()),
        )
        parts = [(bought.days(row), points) for row, points in rows.items()]
        parts += [(gift.days, gift.points) for gift in self._gifts(bought, member, today)]
        before = member.pending
        paid = member.receive(parts, program, today)
        pending = member.pending - before
        member.live_on(program, active_on)
        self.book.write(name, member, now)
        earned = sum(points for _, points in parts)
        tier = stand(member, program.tiers, today)
        return _figures(member, tier=tier, earned=earned, pending=pending, debt_paid=paid)

    def _gifts(self, bought: Bought, member: Member, today: date) -> list[Given]:
        """What reaching a tier gives, to who never got it."""
        given = []
        for level in levels_on(member, self.book.program.tiers, today):
            if level.gift_points and level.tier_id not in member.gifts:
                first, last = bought.days(TIER)
                days = first, in_time(last, self.book.program, today)
                gift = Given(level.gift_points, bought.day, days)
                member.gifts[level.tier_id] = gift
                member.earned += gift.points
                given.append(gift)
        return given

    # --- returns ---------------------------------------------------------------------------------

    def return_amount(self, name: str, minor: int, now: datetime) -> Figures:
        left = [row[1] for row in self.all[name].left]
        if minor > sum(left):
            raise Refused("return_exceeds_purchase")
        parts = largest_remainder(minor, left)
        return self._return(name, {n: (0, part) for n, part in enumerate(parts)}, now)

    def return_lines(self, name: str, rows: dict[int, tuple[int, int]], now: datetime) -> Figures:
        left = self.all[name].left
        if any(row[0] > left[n][0] or row[1] > left[n][1] for n, row in rows.items()):
            raise Refused("return_exceeds_purchase")
        return self._return(name, rows, now)

    def _return(self, name: str, lines: dict[int, tuple[int, int]], now: datetime) -> Figures:
        bought = self.all[name]
        before, was_gone = bought.rows(), bought.is_gone()
        for number, (quantity, minor) in lines.items():
            bought.left[number][0] -= quantity
            bought.left[number][1] -= minor
        if bought.owner is None:
            nobody = Member(active=True, last_at=now)
            return _figures(nobody, taken=0, from_pending=0, from_available=0, new_debt=0)
        after = bought.rows()
        owed = {row: points - after[row] for row, points in before.items()}
        member, today, _ = self._all_about(bought.owner, now)
        member.count(
            month_of(bought.day),
            -1 if bought.is_gone() and not was_gone else 0,
            -sum(minor for _, minor in lines.values()),
            -_qualifying(owed),
            -sum(owed.values()),
        )
        parts = [(bought.days(row), _lost_on(bought, row), points) for row, points in owed.items()]
        figures = _take(member, [*parts, *self._lost_gifts(bought.owner, member, now)], today)
        self.book.write(bought.owner, member, now)
        return _figures(member, **figures)

    def _lost_gifts(self, name: str, member: Member, now: datetime) -> list["Part"]:
        """The gifts of tiers that are no longer reached; they can be earned again."""
        before, today, program = self._all_about(name, now)
        parts: list[Part] = []
        for tier_id in gifts_lost(before, member, program.tiers, today):
            gift = member.gifts.pop(tier_id)
            member.earned -= gift.points
            last = gift.days[1]
            parts.append((gift.days, (last, FOREVER if fades(program) else last), gift.points))
        return parts

    def _all_about(self, name: str, now: datetime) -> tuple[Member, date, Program]:
        return self.book.look(name, now), self.book.today(name, now), self.book.program


Part = tuple[tuple[date, date], tuple[date, date], int]
"""First and last day of points, the days between which they can have been lost, how many."""


def _take(member: Member, parts: list[Part], today: date) -> Figures:
    """What waits goes first, then what was lost is let go, and the rest is taken."""
    from_pending = rest = 0
    for (first, last), lost_on, points in parts:
        waited = member.stop_waiting(first, last, points) if first > today else 0
        excused = member.excuse(*lost_on, points - waited) if last < FOREVER else 0
        from_pending += waited
        rest += points - waited - excused
    new_debt = member.lose(rest)
    return {
        "taken": from_pending + rest,
        "from_pending": from_pending,
        "from_available": rest - new_debt,
        "new_debt": new_debt,
    }


def _lost_on(bought: Bought, row: str) -> tuple[date, date]:
    """On which days points of a purchase can have been lost: on their last day, or on any later
    one where they fade, or came when it was over."""
    _, last = bought.days(row)
    if fades(bought.program) or last < bought.came_on:
        return max(last, bought.came_on), FOREVER
    return last, last


def _qualifying(rows: Rows) -> int:
    """What counts for a tier: all but what a tier gives more."""
    return sum(points for row, points in rows.items() if row != TIER)


def _figures(member: Member, **figures: Any) -> Figures:
    return {
        **figures,
        "available_after": member.available,
        "pending_after": member.pending,
        "debt_after": member.debt,
    }
