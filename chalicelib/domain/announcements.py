"""Announcements: that an offer is told of by mail to those whom it is for, to each of them once.

Knows no letter's way, no store and no queue.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.field_checks import one_line
from chalicelib.domain.letters import Letter
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import Program
from chalicelib.domain.purposes import PurposeKind
from chalicelib.domain.refusals import FieldError

LONGEST_SUBJECT = 150
LONGEST_TEXT = 10_000
MOST_LANGUAGES = 10
LONGEST_CATEGORY = 50

ROUND_EVERY = timedelta(hours=1)
"""How often those are looked for who could not be written to before."""


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's subject and text in one language."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """purpose: of the consents that its letters rest on. category: of interest; who named some and
    not this one gets none. texts: by language (`en`, `de`)."""

    announcement_id: str
    offer_id: str
    purpose: str
    channel: MessageChannel
    texts: Mapping[str, Words]
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How far an announcement is. version: counts its moves. started_at: when it was asked for.
    round: of going through the audience, the first is 1. began_at: when that round began. after:
    the last member that was looked at. is_listed: whether the round has come to the audience's end.
    before: how many were decided when it began. queued: how many it has found that are not decided.
    is_over: that nobody is written to any more."""

    announcement_id: str
    offer_id: str
    started_at: datetime
    began_at: datetime
    version: int = 1
    round: int = 1
    after: str | None = None
    is_listed: bool = False
    before: int = 0
    queued: int = 0
    is_over: bool = False


class Fate(StrEnum):
    """What became of one member's letter. All but `waiting` is for good."""

    SENT = "sent"
    WAITING = "waiting"  # for the end of quiet hours, or for another week
    FAILED = "failed"  # nobody knows whether it was sent, so it is not sent again
    NO_CONSENT = "no_consent"  # or no address, or not on this channel
    NOT_INTERESTED = "not_interested"
    NOT_IN_AUDIENCE = "not_in_audience"  # any more: what is listed from lags


WITHHELD = (Fate.NO_CONSENT, Fate.NOT_INTERESTED, Fate.NOT_IN_AUDIENCE)


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the letter of one announcement to one member. version: counts its changes.
    again_at: when one that waits is tried again. by: which try has written it."""

    member_id: str
    announcement_id: str
    version: int
    fate: Fate
    at: datetime
    by: str
    offer_id: str
    purpose: str
    channel: MessageChannel
    again_at: datetime | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it stays so."""
        return self.fate is not Fate.WAITING

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be tried again by now."""
        return not self.is_decided and (self.again_at is None or self.again_at <= now)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many members. queued: found and not decided. too_late: of those, once it is over."""

    queued: int
    sent: int
    failed: int
    withheld: Mapping[str, int]


def counts_of(course: Course, decided: Mapping[Fate, int]) -> Counts:
    """What an announcement has come to. decided: how often each fate was that stays."""
    in_all = sum(decided.values())
    left = max(0, course.before + course.queued - in_all)
    withheld = {str(fate): decided.get(fate, 0) for fate in WITHHELD}
    return Counts(
        queued=0 if course.is_over else left,
        sent=decided.get(Fate.SENT, 0),
        failed=decided.get(Fate.FAILED, 0),
        withheld={**withheld, "offer_over": left if course.is_over else 0},
    )


def letter_of(announcement: Announcement, language: str | None) -> Letter:
    """The letter in a member's language (BCP 47), else in English, else in the first there is."""
    texts = announcement.texts
    spoken = (language or "").partition("-")[0].lower()
    words = texts.get(spoken) or texts.get("en") or texts[min(texts)]
    return Letter(words.subject, words.text)


def problems_of(announcement: Announcement, program: Program) -> Iterator[FieldError]:
    """Everything that is wrong with an announcement, by the pointers of its document."""
    purpose = program.asks_for.get(announcement.purpose)
    if purpose is None or purpose.kind is not PurposeKind.MARKETING:
        detail = "Name a purpose of the kind marketing that the program asks for."
        yield FieldError("/purpose", "unknown_purpose", detail)
    elif announcement.channel not in purpose.channels:
        detail = f"This purpose is not for {announcement.channel}."
        yield FieldError("/channel", "no_channel", detail)
    if announcement.category is not None:
        yield from one_line(announcement.category, "/category", LONGEST_CATEGORY)
    yield from problems_of_texts(announcement.texts)


def problems_of_texts(texts: Mapping[str, Words]) -> Iterator[FieldError]:
    """What is wrong with a letter's words."""
    if not 1 <= len(texts) <= MOST_LANGUAGES:
        yield FieldError("/texts", "wrong_length", f"Write it in 1 to {MOST_LANGUAGES} languages.")
    for language, words in texts.items():
        if not re.fullmatch("[a-z]{2}", language):
            detail = "Name languages by two letters, such as en and de."
            yield FieldError("/texts", "wrong_format", detail)
            continue
        yield from one_line(words.subject, f"/texts/{language}/subject", LONGEST_SUBJECT)
        if not words.text.strip() or len(words.text) > LONGEST_TEXT:
            detail = f"Write a text of 1 to {LONGEST_TEXT} characters, not all blank."
            yield FieldError(f"/texts/{language}/text", "wrong_length", detail)
