"""The sentences of `docs/invariants.md` about what the calendar does to points (26 to 28)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.simulation.books import Books, EntryRow

DAY_ZERO = date(2020, 1, 1)

Complaints = Iterator[str]


def check_26_expired(books: Books) -> Complaints:
    for before, row in _pairs(books):
        today = _day(row, books.zone)
        over = _over(before, today)
        if row.expires:
            told = Counter({reason[0]: -reason[1] for reason in row.reasons})
            expected = Counter({str(DAY_ZERO + timedelta(day)): over[day] for day in over})
            if told != expected or not told:
                yield f"{row.account} {row.seq}: {dict(told)} expired, {dict(expected)} had"
        elif over:
            yield f"{row.account} {row.seq}: {dict(over)} had expired, and no entry says so"


def check_27_matured(books: Books) -> Complaints:
    for row in books.all_entries():
        today = _day(row, books.zone)
        for first, last, points in row.waiting:
            if first <= today or (last is not None and last < first):
                yield f"{row.account} {row.seq}: {points} points still wait until {first}, {last}"


def check_28_gifts(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        if not books.is_alone(account):
            continue
        given: Counter[str] = Counter()
        for row in rows:
            given.update({r[0]: r[1] for r in row.reasons if r[0].startswith("gift:")})
            held = {f"gift:{gift[0]}": gift[1] for gift in row.parts.get("g", ()) if gift[1]}
            if {name: points for name, points in given.items() if points} != held:
                yield f"{account} {row.seq}: was given {dict(given)}, remembers {held}"


def _pairs(books: Books) -> Iterator[tuple[EntryRow, EntryRow]]:
    for rows in books.entries.values():
        yield from pairwise(rows)


def _over(before: EntryRow, today: int) -> Counter[int]:
    """Points by their last day, of those that were over on a day: what had matured by then, less
    the debt that it paid when it did, and what was available."""
    debt = before.parts.get("d", 0)
    lots = Counter({day: points for day, points in before.lots if day is not None})
    for first, last, points in sorted(before.waiting, key=lambda lot: (lot[0], lot[1] or 10**9)):
        if first <= today:
            paid = min(debt, points)
            debt -= paid
            if last is not None:
                lots[last] += points - paid
    return Counter({day: points for day, points in lots.items() if day < today and points})


def _day(row: EntryRow, zone: str) -> int:
    at = datetime.fromisoformat(row.at).astimezone(ZoneInfo(zone))
    return (at.date() - DAY_ZERO).days
