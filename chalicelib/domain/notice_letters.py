"""How a member is told of points that expire: in words, in the member's language.

It says what expires, when, and where to change what one hears; it praises nothing. Words alone: no
address, no way of sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.letters import Letter
from chalicelib.domain.notices import Notice


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's words for it. row: a line for each last day; separator: of thousands."""

    subject: str
    opening: str
    row: str
    point: str
    points: str
    separator: str
    today: str
    tomorrow: str
    in_days: str
    day: str
    months: tuple[str, ...]
    closing: str


_ENGLISH = _Words(
    subject="Points at {program} expire soon",
    opening="These points of yours at {program} expire unless you spend them:",
    row="- {points}: the last day is {day} ({when})",
    point="1 point",
    points="{number} points",
    separator=",",
    today="today",
    tomorrow="tomorrow",
    in_days="in {days} days",
    day="{day} {month} {year}",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    closing=(
        "You get this because you are a member. Whether you get mails is yours to say, in your "
        "preferences."
    ),
)
_GERMAN = _Words(
    subject="Punkte bei {program} verfallen bald",
    opening="Diese Punkte bei {program} verfallen, wenn Sie sie nicht einlösen:",
    row="- {points}: der letzte Tag ist der {day} ({when})",
    point="1 Punkt",
    points="{number} Punkte",
    separator=".",
    today="heute",
    tomorrow="morgen",
    in_days="in {days} Tagen",
    day="{day}. {month} {year}",
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    closing=(
        "Sie erhalten dies, weil Sie Mitglied sind. Ob Sie Mails bekommen, bestimmen Sie in Ihren "
        "Einstellungen."
    ),
)
_SPOKEN = {"de": _GERMAN}


def expiring_letter(program: str, language: str | None, notices: Sequence[Notice]) -> Letter:
    """The letter about points that expire, a row for each last day.

    language: BCP 47; English for one that is not spoken here, and for None.
    """
    words = _words(language)
    opening = words.opening.format(program=program)
    rows = "\n".join(_row(words, notice) for notice in notices)
    return Letter(words.subject.format(program=program), f"{opening}\n\n{rows}\n\n{words.closing}")


def _row(words: _Words, notice: Notice) -> str:
    points, day = _points(words, notice.points), _day(words, notice.expires_on)
    match notice.days_left:
        case 0:
            when = words.today
        case 1:
            when = words.tomorrow
        case days:
            when = words.in_days.format(days=days)
    return words.row.format(points=points, day=day, when=when)


def spoken_points(language: str | None, points: int) -> str:
    """Points in words, such as `1,250 points`."""
    return _points(_words(language), points)


def spoken_day(language: str | None, day: date) -> str:
    """A day in words, such as `31 December 2026`."""
    return _day(_words(language), day)


def _words(language: str | None) -> _Words:
    return _SPOKEN.get((language or "").partition("-")[0].lower(), _ENGLISH)


def _points(words: _Words, points: int) -> str:
    number = f"{points:,}".replace(",", words.separator)
    return words.point if points == 1 else words.points.format(number=number)


def _day(words: _Words, day: date) -> str:
    return words.day.format(day=day.day, month=words.months[day.month - 1], year=day.year)
