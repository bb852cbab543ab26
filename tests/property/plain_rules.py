"""The rules of points, written down a second time, as plainly as they can be read in the contract.

No entries, no retries, no storage: numbers in dictionaries. What the program does is compared with
this. It must import nothing that decides about points.
"""

from datetime import datetime

from chalicelib.domain.program import Program
from tests.property.plain_book import Book, Refused
from tests.property.plain_days import last_day
from tests.property.plain_member import Member
from tests.property.plain_merges import Merges
from tests.property.plain_purchases import Purchases
from tests.property.plain_redemptions import Redemptions
from tests.property.plain_returns import Returns
from tests.property.plain_reviews import Reviews
from tests.property.plain_transfers import Transfers


class Rules:
    """Everything that happens to points. book: who has what; the others: what it came from."""

    def __init__(self, program: Program) -> None:
        self.book = Book(program)
        self.redemptions = Redemptions(self.book)
        self.purchases = Purchases(self.book, self.redemptions)
        self.returns = Returns(self.book, self.purchases, self.redemptions)
        self.transfers = Transfers(self.book)
        self.merges = Merges(self.book)
        self.reviews = Reviews(self.book)

    def join(self, name: str, active: bool, now: datetime) -> None:
        self.book.pages[name].append(Member(active=active, last_at=now))

    def verify(self, name: str, now: datetime) -> None:
        """Also whoever has what was its."""
        member = self.book.own(name, now)
        if not member.active:
            member.active = True
            self.book.write_own(name, member, now)
        if member.moved_to is not None:
            self.verify(member.moved_to, now)

    def adjust(self, name: str, points: int, allow_debt: bool, now: datetime) -> dict[str, int]:
        """Staff give or take points; more than the limit waits for a second person, but what
        could not be done is refused at once."""
        member = self._adjusted(name, points, allow_debt, now)
        if abs(points) > self.book.program.limits.adjustment_without_approval:
            return {"waiting": 1}
        return self._write(name, member, now)

    def approve(self, name: str, points: int, allow_debt: bool, now: datetime) -> dict[str, int]:
        return self._write(name, self._adjusted(name, points, allow_debt, now), now)

    def _adjusted(self, name: str, points: int, allow_debt: bool, now: datetime) -> Member:
        """Given points last as if they were earned today; taken ones go as if they were spent, or
        where debt is allowed as if they were returned."""
        member, today = self.book.look(name, now), self.book.today(name, now)
        if points >= 0:
            member.gain({last_day(self.book.program.expiry, today): points})
        elif allow_debt:
            member.lose(-points)
        elif -points > member.available:
            raise Refused("insufficient_points")
        else:
            member.spend(-points)
        return member

    def _write(self, name: str, member: Member, now: datetime) -> dict[str, int]:
        self.book.write(name, member, now)
        return {
            "available_after": member.available,
            "pending_after": member.pending,
            "debt_after": member.debt,
        }
