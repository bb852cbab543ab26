"""Preferences: how, how often and about what a member wants to hear. Knows no storage."""

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from chalicelib.domain.findings import Findings, Unacceptable
from chalicelib.domain.person_fields import line, locale

MOST_CATEGORIES = 20
LONGEST_CATEGORY_BYTES = 40
"""So that all of them fit beside the other traits of an account."""

MOST_MESSAGES_PER_WEEK = 50

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class MessageChannel(StrEnum):
    """How messages may come."""

    MAIL = "mail"
    SMS = "sms"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No message from `start` to `until`, in the program's zone; may span midnight."""

    start: time
    until: time

    def hold(self, at: time) -> bool:
        """Whether a time of the day is a quiet one; none is when both ends are the same."""
        if self.start <= self.until:
            return self.start <= at < self.until
        return at >= self.start or at < self.until


@dataclass(frozen=True, slots=True)
class Preferences:
    """channels: those that may be used at all, as far as consents allow. categories: of interest,
    named as on purchase lines. language: BCP 47, None for the program's. max_messages_per_week:
    None for the program's own limit."""

    channels: tuple[MessageChannel, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    max_messages_per_week: int | None = None
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class QuietHoursDraft:
    """Times as somebody wrote them: `21:30`."""

    start: str
    until: str


@dataclass(frozen=True, slots=True)
class PreferencesDraft:
    """Preferences as somebody wrote them."""

    channels: tuple[MessageChannel, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    max_messages_per_week: int | None = None
    quiet_hours: QuietHoursDraft | None = None


def preferences(draft: PreferencesDraft, findings: Findings, pointer: str = "") -> Preferences:
    """The preferences as they are kept; what is wrong is noted."""
    if len(draft.categories) > MOST_CATEGORIES:
        findings.read(f"{pointer}/categories", _too_many)
    most = draft.max_messages_per_week
    if most is not None and not 0 <= most <= MOST_MESSAGES_PER_WEEK:
        findings.read(f"{pointer}/max_messages_per_week", _out_of_range)
    categories = [
        findings.read(f"{pointer}/categories/{place}", _category, category)
        for place, category in enumerate(draft.categories[:MOST_CATEGORIES])
    ]
    language = draft.language
    quiet = draft.quiet_hours
    return Preferences(
        channels=tuple(dict.fromkeys(draft.channels)),
        categories=tuple(dict.fromkeys(category for category in categories if category)),
        language=(
            findings.read(f"{pointer}/language", locale, language) if language is not None else None
        ),
        max_messages_per_week=most,
        quiet_hours=_quiet_hours(quiet, findings, f"{pointer}/quiet_hours") if quiet else None,
    )


def _quiet_hours(draft: QuietHoursDraft, findings: Findings, pointer: str) -> QuietHours | None:
    start = findings.read(f"{pointer}/from", _time, draft.start)
    until = findings.read(f"{pointer}/until", _time, draft.until)
    return QuietHours(start, until) if start is not None and until is not None else None


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unacceptable("malformed", "Write a time of the day, such as 21:30.")
    return time(int(match[1]), int(match[2]))


def _category(text: str) -> str:
    category = line(text, LONGEST_CATEGORY_BYTES)
    if '"' in category or "\\" in category:
        raise Unacceptable("not_allowed", "Leave out quotes and backslashes.")
    if len(category.encode()) > LONGEST_CATEGORY_BYTES:
        raise Unacceptable("wrong_length", f"Write at most {LONGEST_CATEGORY_BYTES} bytes.")
    return category


def _too_many() -> None:
    raise Unacceptable("too_many", f"Name at most {MOST_CATEGORIES} categories.")


def _out_of_range() -> None:
    raise Unacceptable("out_of_range", f"Write 0 to {MOST_MESSAGES_PER_WEEK}.")
