"""What is held while somebody looks, by the plain rules.

It must import nothing that decides about points.
"""

from collections import Counter
from datetime import datetime

from tests.property.plain_book import Book, Refused
from tests.property.plain_purchases import Figures, figures_of


class Reviews:
    """Who is looked at. asked: by account, who has asked to take what is held."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.asked: dict[str, str] = {}

    def look(self, name: str, now: datetime) -> None:
        """What waits is held from now on, and so is what is earned."""
        member = self.book.look(name, now)
        if member.looked_at:
            return
        member.looked_at = True
        member.held, member.waiting = member.waiting, Counter()
        self.book.write(name, member, now)

    def judge(self, name: str, by: str, *, take: bool, now: datetime) -> Figures:
        """What is held is the member's or is taken; to take much needs two."""
        member, account = self.book.look(name, now), self.book.account_of(name)
        if not member.looked_at:
            raise Refused("conflict")
        held = member.held.total()
        if take and held > self.book.program.limits.adjustment_without_approval:
            if self.asked.setdefault(account, "") == by:
                raise Refused("second_person_required")
            if not self.asked[account]:
                self.asked[account] = by
                return {"status": "awaiting_approval", "points": held}
        self.asked.pop(account, None)
        parts, today = sorted(member.held.items()), self.book.today(name, now)
        member.looked_at, member.held = False, Counter()
        if take and held:
            member.forfeited, member.forfeited_on = member.forfeited + held, today
        elif not take:
            member.receive(parts, self.book.program, today)
        self.book.write(name, member, now)
        return figures_of(member, status="done", points=held)
