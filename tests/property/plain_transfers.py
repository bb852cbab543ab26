"""Transfers by the plain rules.

It must import nothing that decides about points.
"""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.program import Transfers as Rules
from tests.property.plain_book import Book, Refused
from tests.property.plain_days import ONE_DAY

SENT = "transfer"


@dataclass
class Sent:
    """A transfer. sender, receiver: whose accounts. lots: points by their last day, as the sender
    had them. first: the first day on which the receiver can spend them."""

    sender: str
    receiver: str
    lots: dict[date, int]
    month: str
    first: date


class Transfers:
    """All transfers, by what a test calls them."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.all: dict[str, Sent] = {}

    def send(
        self, name: str, sender: str, receiver: str, points: int, now: datetime
    ) -> dict[str, int]:
        now = self.book.both_now(sender, receiver, now)
        giver, today, rules = (
            self.book.look(sender, now),
            self.book.today(sender, now),
            self._rules(),
        )
        month = today.strftime("%Y-%m")
        if not giver.active:
            raise Refused("transfer_not_allowed")
        sent = giver.uses[SENT, month] + points
        if points > rules.most_points or sent > rules.most_points_a_month:
            raise Refused("transfer_limit_reached")
        if points > giver.available:
            raise Refused("insufficient_points")
        if self.book.account_of(sender) == self.book.account_of(receiver):
            raise Refused("transfer_not_allowed")
        taker = self.book.look(receiver, now)
        if not taker.active:
            raise Refused("receiver_not_found")
        giver.uses[SENT, month] = sent
        first = today + rules.cooling_off_days * ONE_DAY
        whose = self.book.account_of(sender), self.book.account_of(receiver)
        transfer = Sent(*whose, giver.spend(points), month, first)
        parts = [((first, max(first, last)), part) for last, part in transfer.lots.items()]
        taker.receive(parts, self.book.program, today)
        self.book.write(sender, giver, now)
        self.book.write(receiver, taker, now)
        self.all[name] = transfer
        return {"points": points, "available_after": giver.available}

    def _rules(self) -> Rules:
        if self.book.program.transfers is None:
            raise Refused("transfer_not_allowed")
        return self.book.program.transfers

    def call_back(self, name: str, now: datetime) -> dict[str, int]:
        transfer = self.all[name]
        now = self.book.both_now(transfer.sender, transfer.receiver, now)
        today = self.book.today(transfer.sender, now)
        if today >= transfer.first:
            raise Refused("transfer_final")
        if self.book.account_of(transfer.sender) == self.book.account_of(transfer.receiver):
            raise Refused("conflict")
        giver = self.book.look(transfer.sender, now)
        taker = self.book.look(transfer.receiver, now)
        for last, points in transfer.lots.items():
            taken = taker.stop_waiting(transfer.first, max(transfer.first, last), points)
            taker.lose(points - taken)
        giver.get_back(transfer.lots, self.book.program, today)
        points = sum(transfer.lots.values())
        giver.uses[SENT, transfer.month] -= min(points, giver.uses[SENT, transfer.month])
        self.book.write(transfer.receiver, taker, now)
        self.book.write(transfer.sender, giver, now)
        return {"points": points, "available_after": giver.available}
