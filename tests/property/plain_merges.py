"""Two accounts become one, and two again, by the plain rules.

It must import nothing that decides about points.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.property.plain_book import Book, Refused
from tests.property.plain_days import fades
from tests.property.plain_member import Member
from tests.property.plain_purchases import Figures, figures_of

INVITED_FOR = timedelta(days=7)


@dataclass
class Merged:
    """What moved, and into whose account, on a day. was: that one as it was before. entries: of it.
    lived_on: whether points faded, and so live on by what either has done."""

    source: str
    target: str
    what: Member
    was: Member
    on: date
    lived_on: bool
    entries: int = 0


class Merges:
    """All merges, by what a test calls them. homes: who shares whose account, since which one."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.all: dict[str, Merged] = {}
        self.homes: dict[str, str] = {}

    # --- support ---------------------------------------------------------------------------------

    def merge(self, name: str, source: str, target: str, now: datetime) -> Figures:
        self._must(source != target and not self._has_moved(source) and not self._has_moved(target))
        self._must(not self._shares_with(source))
        self._must(self._is_active(target) or not self._is_active(source))
        return self._move(name, source, target, now)

    def may_be_reversed(self, name: str) -> None:
        """Raises Refused where the target has moved on in turn."""
        self._must(not self._has_moved(self.all[name].target))

    def as_if_never(self, name: str, now: datetime) -> dict[str, Member] | None:
        """Both as if they had never met; None where something else has happened since, or where
        points of one have lived on, or paid, for the other."""
        merged, today = self.all[name], self.book.today(self.all[name].target, now)
        both = self.book.pages[merged.target][-1]
        owed = merged.what.debt or merged.was.debt
        lived_on = merged.lived_on or fades(self.book.program)
        if both.entries != merged.entries or lived_on or (owed and today > merged.on):
            return None
        return {merged.source: merged.what.on(today), merged.target: merged.was.on(today)}

    def figures_back(self, name: str, source: Member, target: Member) -> None:
        """Months, sums, uses and gifts, moved back as they had come: uses and gifts as many as
        there still are."""
        what = self.all[name].what
        _add(source, what, 1)
        _add(target, what, -1)
        for use, times in what.uses.items():
            source.uses[use] = min(times, target.uses[use])
            target.uses[use] -= source.uses[use]
        for gift in what.gifts:
            if gift in target.gifts:
                target.gifts.remove(gift)
                source.gifts.append(gift)

    # --- households ------------------------------------------------------------------------------

    def invite(self, owner: str, now: datetime) -> datetime:
        """Until when the invitation is good."""
        self._must(not self._has_moved(owner))
        self._must_be_open(owner)
        return max(now, self.book.pages[owner][-1].last_at) + INVITED_FOR

    def join(self, name: str, member: str, owner: str, until: datetime, now: datetime) -> Figures:
        if now > until:
            raise Refused("invitation_not_found")
        self._must(member != owner and not self._has_moved(member))
        self._must(not self._shares_with(member) and self._is_active(member))
        if self._has_moved(owner):
            raise Refused("invitation_not_found")
        self._must_be_open(owner)
        figures = self._move(name, member, owner, now)
        self.homes[member] = name
        return {**figures, "members": 1 + len(self._shares_with(owner))}

    def leave(self, member: str, now: datetime) -> None:
        """What it had stays; its limits and gifts it knows again."""
        self._must(not self._shares_with(member))
        if not self._has_moved(member):
            return
        self._must(member in self.homes)
        joined = self.all[self.homes.pop(member)]
        now = self.one_now(member, joined.target, now)
        home = self.book.own(member, now)
        home.moved_to = None
        shared = self.book.own(joined.target, now)
        home.uses, home.gifts = Counter(), list(joined.what.gifts)
        for use, times in joined.what.uses.items():
            home.uses[use] = min(times, shared.uses[use])
            shared.uses[use] -= home.uses[use]
        self.book.write_own(joined.target, shared, now)
        self.book.write_own(member, home, now)

    def _must_be_open(self, owner: str) -> None:
        most = self.book.program.household_members
        self._must(most > 1 and self._is_active(owner))
        self._must(len(self._shares_with(owner)) + 2 <= most)

    def _shares_with(self, owner: str) -> list[str]:
        """Who has joined its household."""
        return [one for one, name in self.homes.items() if self.all[name].target == owner]

    # --- both ------------------------------------------------------------------------------------

    def _move(self, name: str, source: str, target: str, now: datetime) -> Figures:
        now = self.one_now(source, target, now)
        what, both = self.book.look(source, now), self.book.look(target, now)
        self._must(not what.looked_at and not both.looked_at)
        today, program = self.book.today(target, now), self.book.program
        was = self.book.look(target, now)
        lost = Counter(what.lost)
        what.lost.clear()
        was.lost.clear()
        self.all[name] = merged = Merged(source, target, what, was, today, fades(program))
        lots, both.points = both.points + what.points, Counter()
        both.debt += what.debt
        both.gain(lots)
        both.tell_apart(what.expired)
        _add(both, what, 1)
        both.uses += what.uses
        both.gifts += what.gifts
        if what.forfeited:
            known = both.forfeited_on if both.forfeited else date.min
            both.forfeited_on = max(known, what.forfeited_on)
            both.forfeited += what.forfeited
        both.receive([(days, what.waiting[days]) for days in sorted(what.waiting)], program, today)
        active = [day for day in (what.active_on, both.active_on) if day is not None]
        if active:
            both.live_on(program, max(active))
        left = Member(active=what.active, last_at=what.last_at, entries=what.entries)
        left.moved_to, left.lost = target, lost
        self.book.write_own(target, both, now)
        self.book.write_own(source, left, now)
        merged.entries = both.entries
        return figures_of(both, points=what.net)

    def one_now(self, source: str, target: str, now: datetime) -> datetime:
        return max([now, *(self.book.pages[name][-1].last_at for name in (source, target))])

    def _has_moved(self, name: str) -> bool:
        return self.book.pages[name][-1].moved_to is not None

    def _is_active(self, name: str) -> bool:
        return self.book.pages[name][-1].active

    def _must(self, holds: bool) -> None:
        if not holds:
            raise Refused("conflict")


def _add(member: Member, other: Member, sign: int) -> None:
    """Its months and sums become those of both, or with -1 lose the other's."""
    for month, row in other.months.items():
        own = member.months.setdefault(month, [0, 0, 0])
        for place in range(3):
            own[place] += sign * row[place]
    member.earned += sign * other.earned
    member.redeemed += sign * other.redeemed
    member.purchases += sign * other.purchases
    member.spend_minor += sign * other.spend_minor
    member.qualifying += sign * other.qualifying
