"""What all operations on points share by the plain rules: time, the program in force, members.

It must import nothing that decides about points.
"""

from collections import defaultdict
from datetime import date, datetime

from chalicelib.domain.program import Program
from tests.property.plain_days import day_of
from tests.property.plain_member import Member
from tests.property.plain_tiers import level_on, stand


class Refused(Exception):
    """The rules say no; `code` as in the contract."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Book:
    """Everybody, as they were after each of their entries, and every turn of the program."""

    def __init__(self, program: Program) -> None:
        self.turns: list[tuple[datetime, Program]] = []
        self.first = program
        self.pages: dict[str, list[Member]] = defaultdict(list)

    @property
    def program(self) -> Program:
        """The version that is active."""
        return self.turns[-1][1] if self.turns else self.first

    def change_program(self, program: Program, now: datetime) -> None:
        since = max([now, *(since for since, _ in self.turns)])
        self.turns.append((since, program))

    def in_force(self, at: datetime) -> Program:
        """The version that was active at an instant."""
        turns = [program for since, program in self.turns if since <= at]
        return turns[-1] if turns else self.first

    def account_of(self, name: str) -> str:
        """Who has what is a member's: itself, or whom it has moved to."""
        moved_to = self.pages[name][-1].moved_to
        return name if moved_to is None else self.account_of(moved_to)

    def today(self, name: str, now: datetime) -> date:
        """The day for a member: its time does not go back, whatever the clock does."""
        return day_of(max(now, self.pages[self.account_of(name)][-1].last_at), self.program)

    def look(self, name: str, now: datetime) -> Member:
        """What is a member's as of now, to do with as one likes."""
        return self.pages[self.account_of(name)][-1].on(self.today(name, now))

    def both_now(self, one: str, other: str, now: datetime) -> datetime:
        """One now for two members."""
        pages = (self.pages[self.account_of(name)][-1] for name in (one, other))
        return max([now, *(page.last_at for page in pages)])

    def as_of(self, name: str, at: datetime) -> Member:
        """A member as of an instant, gone by or to come; with nothing before it joined."""
        until = [member for member in self.pages[name] if member.last_at <= at]
        page = until[-1] if until else Member(active=True, last_at=at)
        if page.moved_to is not None:
            return self.as_of(page.moved_to, at)
        return page.on(day_of(at, self.program))

    def own(self, name: str, now: datetime) -> Member:
        """A member's own page, whoever has what was its."""
        page = self.pages[name][-1]
        return page.on(day_of(max(now, page.last_at), self.program))

    def write(self, name: str, member: Member, now: datetime) -> None:
        """Something happened to what is a member's."""
        self.write_own(self.account_of(name), member, now)

    def write_own(self, name: str, member: Member, now: datetime) -> None:
        """Something happened to it, and before that it lost what had expired."""
        today = day_of(max(now, self.pages[name][-1].last_at), self.program)
        before = stand(self.own(name, now), self.program.tiers, today)
        after = level_on(member, self.program.tiers, today)
        member.tier = None
        if after is not None:
            stays = after.tier_id == before.tier and before.since is not None
            member.tier = (after.tier_id, before.since if stays and before.since else today)
        member.entries += 2 if member.lost else 1
        member.lost.clear()
        member.last_at = max(member.last_at, now)
        self.pages[name].append(member)
