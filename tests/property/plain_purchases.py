"""Purchases and claims by the plain rules.

It must import nothing that decides about points.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import Program, Tier
from tests.property.plain_book import Book, Refused
from tests.property.plain_days import both_days, day_of
from tests.property.plain_member import Given, Member, in_time, month_of
from tests.property.plain_prices import TIER, Rows, rows_of
from tests.property.plain_redemptions import Redemptions
from tests.property.plain_tiers import level_on, levels_on, stand

Figures = dict[str, Any]
"""What is answered, by its name in the contract."""

CLAIMED_WITHIN = timedelta(days=30)


@dataclass
class Bought:
    """A purchase and what is left of it: quantity and minor units of each line.

    program: the version of its own time. owner: whose account its points went to. claimer: who
    claimed it. tier: the owner's, of its own time. came_on: when its points came. waited: whether
    any of them could not be spent then.
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
    claimer: str | None = None
    waited: bool = False

    @property
    def day(self) -> date:
        return day_of(self.at, self.program)

    @property
    def minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def paid_with(self) -> list[str]:
        """The redemptions that paid for it."""
        return [tender.redemption_id for tender in self.tenders if tender.redemption_id]

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
        place = 1 if self.minor else 0
        return not any(row[place] for row in self.left)


class Purchases:
    """All purchases, by what a test calls them."""

    def __init__(self, book: Book, redemptions: Redemptions) -> None:
        self.book = book
        self.redemptions = redemptions
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
        bought = Bought(at, self.book.in_force(at), lines, tenders, None, now, left)
        if member is not None:
            bought.owner = self.book.account_of(member)
            self.redemptions.pay(bought.paid_with, bought.owner, now)
        self.all[name] = bought
        if member is None:
            nobody = Member(active=True, last_at=now)
            return figures_of(nobody, earned=0, pending=0, debt_paid=0)
        return self._give(bought, member, now, bought.day)

    def claim(self, name: str, member: str, now: datetime) -> Figures:
        bought = self.all[name]
        if bought.owner is not None:
            raise Refused("purchase_already_claimed")
        bought.owner, bought.claimer = self.book.account_of(member), member
        return self._give(bought, member, now, self.book.today(member, now))

    def claim_by_receipt(self, name: str, member: str, now: datetime) -> Figures:
        if now > self.all[name].posted_at + CLAIMED_WITHIN:
            raise Refused("claim_not_found")
        return self.claim(name, member, now)

    def _give(self, bought: Bought, name: str, now: datetime, active_on: date) -> Figures:
        book, program = self.book, self.book.program
        member, today = book.look(name, now), book.today(name, now)
        bought.came_on = day_of(max(now, member.last_at), bought.program)
        bought.tier = level_on(member, bought.program.tiers, bought.day)
        rows = bought.rows()
        minor = sum(row[1] for row in bought.left)
        purchases = 0 if bought.is_gone() else 1
        points = sum(rows.values())
        member.count(month_of(bought.day), purchases, minor, points - rows.get(TIER, 0), points)
        parts = [(bought.days(row), points) for row, points in rows.items()]
        parts += [(gift.days, gift.points) for gift in self._gifts(bought, member, today)]
        before = member.pending
        paid = member.earn(parts, program, today)
        pending = member.pending - before
        bought.waited = pending > 0
        member.live_on(program, active_on)
        book.write(name, member, now)
        earned = sum(points for _, points in parts)
        tier = stand(member, program.tiers, today)
        return figures_of(member, tier=tier, earned=earned, pending=pending, debt_paid=paid)

    def _gifts(self, bought: Bought, member: Member, today: date) -> list[Given]:
        """What reaching a tier gives, to who never got it."""
        given = []
        for level in levels_on(member, self.book.program.tiers, today):
            if level.gift_points and level.tier_id not in {gift.tier_id for gift in member.gifts}:
                first, last = bought.days(TIER)
                days = first, in_time(last, self.book.program, today)
                gift = Given(level.tier_id, level.gift_points, bought.day, days)
                member.gifts.append(gift)
                member.earned += gift.points
                given.append(gift)
        return given


def figures_of(member: Member, **figures: Any) -> Figures:
    return {
        **figures,
        "available_after": member.available,
        "pending_after": member.pending,
        "debt_after": member.debt,
    }
