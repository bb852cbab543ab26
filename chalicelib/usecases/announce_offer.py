"""An offer is announced: what the letter says is kept, and the audience is gone through."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from chalicelib.domain.announcements import (
    Announcement,
    Counts,
    Course,
    counts_of,
    problems_of,
)
from chalicelib.domain.callers import Caller
from chalicelib.domain.offers import Offer, shown_status
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    FieldError,
    InvalidContent,
    NotFound,
)
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Outcome, Ports, StoreUnavailable
from chalicelib.usecases.save_offer import known_offer
from chalicelib.usecases.settle import Waiting

ANNOUNCED = ("scheduled", "live")
"""The statuses, by the clock, in which an offer can be announced."""


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """An announcement and what it has come to."""

    announcement: Announcement
    course: Course
    counts: Counts


def announce_offer(
    ports: Ports, caller: Caller, draft: Announcement, key: str, now: datetime
) -> Outcome[AnnouncementView]:
    """Tell those of an offer whom it is for, from a draft whose id is given here, once for each
    key. A repeated key goes on with it, should it have stopped.

    Raises NotFound, Conflict (`offer_not_launched`), InvalidContent with all that is wrong,
    ConflictingReplay, TryAgain.
    """
    announcement_id = ports.namer.id("ann", caller.source, "announce_offer", key)
    announcement = replace(draft, announcement_id=announcement_id)
    offer = known_offer(ports, draft.offer_id)
    earlier = ports.announcements.get(announcement_id)
    if earlier is None:
        _check(ports, announcement, offer, now)
        note(ports, caller, "offer.announced", now, subject=announcement_id)
        earlier = _kept(ports, announcement, Course(announcement_id, draft.offer_id, now, now))
    if differs := _differing(earlier or announcement, announcement):
        raise ConflictingReplay(differing=differs)
    ports.letter_queue.list_on(announcement_id)
    return Outcome(_view(ports, announcement), replayed=earlier is not None)


def read_announcement(ports: Ports, offer_id: str, announcement_id: str) -> AnnouncementView:
    """An announcement of an offer, in figures. Raises NotFound."""
    announcement = ports.announcements.get(announcement_id)
    if announcement is None or announcement.offer_id != offer_id:
        raise NotFound(what="announcement")
    return _view(ports, announcement)


def list_announcements(ports: Ports, offer_id: str) -> list[AnnouncementView]:
    """The announcements of an offer, newest first. Raises NotFound."""
    known_offer(ports, offer_id)
    courses = [course for course in ports.announcements.courses() if course.offer_id == offer_id]
    newest_first = sorted(courses, key=lambda one: (one.started_at, one.announcement_id))[::-1]
    return [read_announcement(ports, offer_id, one.announcement_id) for one in newest_first]


def _check(ports: Ports, announcement: Announcement, offer: Offer, now: datetime) -> None:
    if shown_status(offer, now) not in ANNOUNCED:
        raise Conflict(reason="offer_not_launched")
    errors: list[FieldError] = list(problems_of(announcement, ports.programs.active()))
    if errors:
        raise InvalidContent(errors=errors)


def _kept(ports: Ports, announcement: Announcement, course: Course) -> Announcement | None:
    """Keep it, however often the reply is lost; the one that was kept before, if any."""
    waiting = Waiting(ports.patience)
    may_have_landed = False
    while True:
        try:
            if ports.announcements.add(announcement, course):
                return None
            earlier = ports.announcements.get(announcement.announcement_id)
            return None if may_have_landed and earlier == announcement else earlier
        except StoreUnavailable:
            may_have_landed = True
            waiting.once_more()


def _differing(first: Announcement, second: Announcement) -> list[str]:
    names = [field.name for field in fields(Announcement)]
    return sorted(name for name in names if getattr(first, name) != getattr(second, name))


def _view(ports: Ports, announcement: Announcement) -> AnnouncementView:
    course = ports.announcements.course(announcement.announcement_id)
    assert course is not None  # noqa: S101  # written in one transaction with it
    decided = ports.announcements.decided(announcement.announcement_id)
    return AnnouncementView(announcement, course, counts_of(course, decided))
