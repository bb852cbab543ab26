"""Goes through an offer's audience, page by page, and asks for a letter to each of it.

Pages and letters may be asked for more than once: who was written to is kept beside each member, so
that nobody gets two. A round ends where the audience does; as long as somebody waits for the end of
quiet hours, or for another week, there is a next one.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.announcements import ROUND_EVERY, Course, counts_of
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offers import Offer, shown_status
from chalicelib.usecases.ports import Ports, Where
from chalicelib.usecases.preview_audience import where_of

PAGE = 500
A_MESSAGE = 10
_A_READ = 100

OVER = ("ended", "archived")


def list_page(ports: Ports, announcement_id: str, now: datetime) -> None:
    """Ask for the letters of the audience's next page, and for the page after it.

    Raises StoreUnavailable: the same again does what is left.
    """
    course = ports.announcements.course(announcement_id)
    if course is None or course.is_over or course.is_listed:
        return
    offer = ports.offers.get(course.offer_id)
    if offer is None or shown_status(offer, now) in OVER:
        _over(ports, course)
        return
    page = ports.queries.members(_reachable(ports, offer), course.after, PAGE)
    chosen = [member_id for member_id in page.members if not in_holdout(offer, member_id)]
    undecided = _ask_for_letters(ports, announcement_id, chosen, now)
    after = replace(
        course,
        version=course.version + 1,
        after=page.after,
        is_listed=page.after is None,
        queued=course.queued + undecided,
    )
    # Whoever moves it asks for the next page: of two that came this far one goes on.
    if ports.announcements.move(after) and page.after is not None:
        ports.letter_queue.list_on(announcement_id)


def go_on(ports: Ports, now: datetime) -> int:
    """Begin what is due: another round where somebody waits, the next page where one was lost. How
    many announcements go on. Raises StoreUnavailable."""
    return sum(_goes_on(ports, course, now) for course in ports.announcements.courses())


def _goes_on(ports: Ports, course: Course, now: datetime) -> bool:
    if course.is_over:
        return False
    offer = ports.offers.get(course.offer_id)
    if offer is None or shown_status(offer, now) in OVER:
        _over(ports, course)
        return False
    if now - course.began_at < ROUND_EVERY:
        return False
    if course.is_listed and not _next_round(ports, course, now):
        return False
    ports.letter_queue.list_on(course.announcement_id)
    return True


def _next_round(ports: Ports, course: Course, now: datetime) -> bool:
    """Whether somebody is left to be written to, and this begins the round that looks for them."""
    decided = ports.announcements.decided(course.announcement_id)
    if not counts_of(course, decided).queued:
        return False
    after = Course(
        announcement_id=course.announcement_id,
        offer_id=course.offer_id,
        started_at=course.started_at,
        began_at=now,
        version=course.version + 1,
        round=course.round + 1,
        before=sum(decided.values()),
    )
    return ports.announcements.move(after)


def _over(ports: Ports, course: Course) -> None:
    ports.announcements.move(replace(course, version=course.version + 1, is_over=True, after=None))


def _reachable(ports: Ports, offer: Offer) -> Where:
    """The audience, of whom may be written to by mail for anything at all: who may be for this very
    purpose is looked up with each letter."""
    where = where_of(ports, offer.audience)
    return Where(f"({where.text}) AND reach_mail", where.parameters)


def _ask_for_letters(ports: Ports, announcement_id: str, members: list[str], now: datetime) -> int:
    """Ask for the letters that may be written now; how many members are not decided."""
    undecided = 0
    for first in range(0, len(members), _A_READ):
        some = members[first : first + _A_READ]
        kept = ports.announcements.sendings(announcement_id, some)
        left = [one for one in some if one not in kept or not kept[one].is_decided]
        undecided += len(left)
        due = [one for one in left if one not in kept or kept[one].is_due(now)]
        for start in range(0, len(due), A_MESSAGE):
            ports.letter_queue.write_to(announcement_id, due[start : start + A_MESSAGE])
    return undecided
