"""The bodies and answers of announcements, and how they become the domain's and back."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.shell import Instant
from chalicelib.domain.announcements import (
    LONGEST_CATEGORY,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_LANGUAGES,
    Announcement,
    Words,
)
from chalicelib.domain.instants import printed
from chalicelib.domain.preferences import MessageChannel
from chalicelib.usecases.announce_offer import AnnouncementView
from chalicelib.usecases.read_letters import AnnouncedOffer


class WordsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A letter in one language. Its last line is added: how to get no more of these."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_SUBJECT)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]


Texts = Annotated[
    dict[Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")], WordsBody],
    msgspec.Meta(min_length=1, max_length=MOST_LANGUAGES),
]


class AnnouncementBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """purpose: of the kind marketing, whose consents the letters rest on. texts: by language; who
    speaks none of them gets English, or the first. category: of interest: who named some, and not
    this one, gets no letter."""

    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    texts: Texts
    channel: Literal["mail"] = "mail"
    category: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CATEGORY)] | None = None


class TestLetterBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """to: an address of your own. language: of the one who would read it."""

    texts: Texts
    to: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] | None = None


class CountsBody(msgspec.Struct, frozen=True):
    """How many members. queued: to be written to now, or later: quiet hours, enough letters in a
    week. failed: nobody knows whether it was sent. withheld: by why: no_consent, not_interested,
    not_in_audience (any more), offer_over."""

    queued: int
    sent: int
    failed: int
    withheld: dict[str, int]


class AnnouncementAnswer(msgspec.Struct, frozen=True):
    """An announcement. status: sending, or done. It is done when the offer is over, and before that
    when nobody is left to be written to."""

    announcement_id: str
    offer_id: str
    purpose: str
    channel: str
    category: str | None
    texts: dict[str, WordsBody]
    status: Literal["sending", "done"]
    started_at: Instant
    counts: CountsBody


class AnnouncementList(msgspec.Struct, frozen=True):
    """All announcements of an offer, newest first."""

    items: list[AnnouncementAnswer]


class LetterAnswer(msgspec.Struct, frozen=True):
    """A letter to one member that announces an offer. fate: sent, waiting, failed (nobody knows
    whether it was sent), no_consent, not_interested or not_in_audience."""

    announcement_id: str
    offer_id: str
    subject: str | None
    fate: str
    at: Instant
    purpose: str
    channel: str


def letter_answer(letter: AnnouncedOffer) -> LetterAnswer:
    """What became of one letter."""
    sending = letter.sending
    return LetterAnswer(
        announcement_id=sending.announcement_id,
        offer_id=sending.offer_id,
        subject=letter.subject,
        fate=sending.fate,
        at=printed(sending.at),
        purpose=sending.purpose,
        channel=sending.channel,
    )


def draft_of(offer_id: str, body: AnnouncementBody) -> Announcement:
    """What a body describes; its id is given when it is kept."""
    return Announcement(
        announcement_id="",
        offer_id=offer_id,
        purpose=body.purpose,
        channel=MessageChannel(body.channel),
        texts=words_of(body.texts),
        category=body.category,
    )


def words_of(texts: dict[str, WordsBody]) -> dict[str, Words]:
    """Letters by language."""
    return {language: Words(words.subject, words.text) for language, words in texts.items()}


def announcement_answer(view: AnnouncementView) -> AnnouncementAnswer:
    """An announcement in figures: nobody is named."""
    announcement, course, counts = view.announcement, view.course, view.counts
    done = course.is_over or (course.is_listed and not counts.queued)
    return AnnouncementAnswer(
        announcement_id=announcement.announcement_id,
        offer_id=announcement.offer_id,
        purpose=announcement.purpose,
        channel=announcement.channel,
        category=announcement.category,
        texts={
            language: WordsBody(words.subject, words.text)
            for language, words in announcement.texts.items()
        },
        status="done" if done else "sending",
        started_at=printed(course.started_at),
        counts=CountsBody(counts.queued, counts.sent, counts.failed, dict(counts.withheld)),
    )
