"""Returns by the plain rules: of purchases that are there, and of those that are yet to come.

It must import nothing that decides about points.
"""

from collections import Counter, defaultdict
from datetime import date, datetime

from tests.property.plain_book import Book, Refused
from tests.property.plain_days import FOREVER, fades
from tests.property.plain_member import Member, month_of
from tests.property.plain_prices import TIER, largest_remainder
from tests.property.plain_purchases import Bought, Figures, Purchases, figures_of
from tests.property.plain_redemptions import Redemptions
from tests.property.plain_tiers import gifts_lost, stand

Lines = dict[int, tuple[int, int]]
"""By the number of the line: quantity and minor units that come back."""

MOST_WAITING = 10

Part = tuple[tuple[date, date], tuple[date, date], int, date | None]
"""First and last day of points, the days between which they can have been lost, how many; when they
came, where they can have been held."""


class Returns:
    """What comes back. waiting: by purchase, the returns that came before it."""

    def __init__(self, book: Book, purchases: Purchases, redemptions: Redemptions) -> None:
        self.book = book
        self.purchases = purchases
        self.redemptions = redemptions
        self.waiting: dict[str, list[tuple[str, int | Lines]]] = defaultdict(list)

    def back(self, name: str, return_id: str, returned: int | Lines, now: datetime) -> Figures:
        """An amount, or lines; where the purchase is not there yet, it waits."""
        if name in self.purchases.all:
            return self._back(name, returned, now)
        if len(self.waiting[name]) == MOST_WAITING:
            raise Refused("too_many_returns_waiting")
        self.waiting[name].append((return_id, returned))
        return {"kept": True}

    def apply_waiting(self, name: str, posted: Figures, now: datetime) -> Figures:
        """What is answered for a purchase once the returns have been applied that came before."""
        became: dict[str, int | str] = {}
        for return_id, returned in self.waiting.pop(name, []):
            try:
                figures = self._back(name, returned, now)
            except Refused as refused:
                became[return_id] = refused.code
                continue
            became[return_id] = figures["taken"]
            posted = self._as_it_stands(name, posted, figures, now)
        return {**posted, "returns": became}

    def _as_it_stands(self, name: str, posted: Figures, back: Figures, now: datetime) -> Figures:
        """The answer of a purchase of somebody's, with what it left after a return."""
        owner = self.purchases.all[name].owner
        if owner is None:
            return posted
        today, tiers = self.book.today(owner, now), self.book.program.tiers
        after = {key: back[key] for key in ("available_after", "pending_after", "debt_after")}
        return {**posted, **after, "tier": stand(self.book.look(owner, now), tiers, today)}

    def _back(self, name: str, returned: int | Lines, now: datetime) -> Figures:
        bought = self.purchases.all[name]
        left = [row[1] for row in bought.left]
        if isinstance(returned, int):
            if returned > sum(left):
                raise Refused("return_exceeds_purchase")
            parts = largest_remainder(returned, left)
            return self._return(bought, {n: (0, part) for n, part in enumerate(parts)}, now)
        if any(number >= len(left) for number in returned):
            raise Refused("unknown_line")
        for number, (quantity, minor) in returned.items():
            if quantity > bought.left[number][0] or minor > left[number]:
                raise Refused("return_exceeds_purchase")
        return self._return(bought, returned, now)

    def _return(self, bought: Bought, lines: Lines, now: datetime) -> Figures:
        before, was_gone, was_back = bought.rows(), bought.is_gone(), self._points_back(bought)
        for number, (quantity, minor) in lines.items():
            bought.left[number][0] -= quantity
            bought.left[number][1] -= minor
        if bought.owner is None:
            nobody = Member(active=True, last_at=now)
            return figures_of(nobody, taken=0, from_pending=0, from_available=0, new_debt=0)
        after = bought.rows()
        owed = {row: points - after[row] for row, points in before.items()}
        book, program = self.book, self.book.program
        member, today = book.look(bought.owner, now), book.today(bought.owner, now)
        back = self._points_back(bought) - was_back
        member.get_back(back, program, today)
        member.redeemed -= back.total()
        purchases = -1 if bought.is_gone() and not was_gone else 0
        minor = sum(minor for _, minor in lines.values())
        points = sum(owed.values())
        member.count(month_of(bought.day), purchases, -minor, owed.get(TIER, 0) - points, -points)
        came_on = bought.came_on if bought.waited else None
        parts: list[Part] = [
            (bought.days(row), _lost_on(bought, row), owed[row], came_on) for row in owed
        ]
        figures = _take(member, [*parts, *self._lost_gifts(bought.owner, member, now)], today)
        book.write(bought.owner, member, now)
        return figures_of(member, **figures, returned_to_member=back.total())

    def _points_back(self, bought: Bought) -> Counter[date]:
        """The points spent on a purchase that are back by now, those that lived longest first."""
        back: Counter[date] = Counter()
        place = 1 if bought.minor else 0
        whole = bought.minor or sum(line.quantity for line in bought.lines)
        gone = whole - sum(row[place] for row in bought.left)
        for redemption_id in bought.paid_with:
            redeemed = self.redemptions.all[redemption_id]
            points = redeemed.points * gone // whole
            for last in sorted(redeemed.spent, reverse=True):
                part = min(points, redeemed.spent[last])
                points -= part
                back[last] += part
        return back

    def _lost_gifts(self, name: str, member: Member, now: datetime) -> list[Part]:
        """The gifts of tiers that are no longer reached; they can be earned again."""
        before, today = self.book.look(name, now), self.book.today(name, now)
        parts: list[Part] = []
        for gift in gifts_lost(before, member, self.book.program.tiers, today):
            member.gifts.remove(gift)
            member.earned -= gift.points
            last = gift.days[1]
            until = FOREVER if fades(self.book.program) else last
            parts.append((gift.days, (last, until), gift.points, gift.reached_on))
        return parts


def _take(member: Member, parts: list[Part], today: date) -> dict[str, int]:
    """What waits goes first, then what was lost is let go, and the rest is taken."""
    from_pending = rest = 0
    for (first, last), lost_on, points, came_on in parts:
        waits = first > today or came_on is not None
        waited = member.stop_waiting(first, last, points) if waits else 0
        excused = member.let_go(came_on, points - waited) if came_on is not None else 0
        if last < FOREVER:
            excused += member.excuse(*lost_on, points - waited - excused)
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
