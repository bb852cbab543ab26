"""What a member has told us beside buying: enquiries, complaints, feedback, answers to surveys,
warranties, competition entries. Pure: knows no storage and no survey's questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.refusals import Conflict
from chalicelib.domain.surveys import Given

LONGEST_TEXT = 4_000
LONGEST_NOTE = 1_000
LONGEST_PRODUCT = 200
LONGEST_SERIAL = 64
MOST_MONTHS = 240


class InteractionKind(StrEnum):
    """What it is about."""

    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"
    SURVEY = "survey"
    WARRANTY = "warranty"
    COMPETITION = "competition"


class ComplaintState(StrEnum):
    """How far a complaint is. Resolved and rejected ones can be taken up again."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    REJECTED = "rejected"


_ENDED = (ComplaintState.RESOLVED, ComplaintState.REJECTED)

_REACHED: Mapping[ComplaintState, tuple[ComplaintState, ...]] = {
    ComplaintState.OPEN: (ComplaintState.IN_PROGRESS, *_ENDED),
    ComplaintState.IN_PROGRESS: _ENDED,
    ComplaintState.RESOLVED: (ComplaintState.IN_PROGRESS,),
    ComplaintState.REJECTED: (ComplaintState.IN_PROGRESS,),
}


@dataclass(frozen=True, slots=True)
class Enquiry:
    text: str


@dataclass(frozen=True, slots=True)
class StateChange:
    """by: the source of who did it. note: what was written to the member with it."""

    state: ComplaintState
    at: datetime
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """history: every state it has been in, the first one `open`."""

    text: str
    history: tuple[StateChange, ...] = ()

    @property
    def state(self) -> ComplaintState:
        """How far it is."""
        return self.history[-1].state


@dataclass(frozen=True, slots=True)
class Feedback:
    """rating: 1 to 5. purchase_id: of the purchase that it is about, as on the receipt."""

    rating: int
    text: str | None = None
    purchase_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a member answered, by question. points: what it gave, in the account."""

    survey_id: str
    answers: Mapping[str, Given]
    points: int = 0


@dataclass(frozen=True, slots=True)
class Warranty:
    """A product that is registered. months: how long the warranty lasts. remind_on: the day of the
    service that the member is to be reminded of next; reminded: those of before. told_by: which run
    of the worker told the last one: of two that do it at once, one sends the letter."""

    product: str
    purchased_on: date
    months: int
    serial: str | None = None
    service_every_months: int | None = None
    remind_on: date | None = None
    reminded: tuple[date, ...] = ()
    told_by: str = ""


Content = Enquiry | Complaint | Feedback | Answers | Warranty


@dataclass(frozen=True, slots=True)
class Interaction:
    """version: counts the changes, from 1. by: the source of who wrote it down: the member, or
    staff for it."""

    member_id: str
    interaction_id: str
    version: int
    kind: InteractionKind
    at: datetime
    by: str
    content: Content

    def changed(self, content: Content) -> "Interaction":
        """Its next version, with another content."""
        return replace(self, version=self.version + 1, content=content)


def as_said(content: Content) -> Content:
    """Content as it was handed in, without what became of it since: two of the same request are
    the same."""
    match content:
        case Complaint():
            return Complaint(content.text)
        case Answers():
            return replace(content, points=0)
        case Warranty():
            return replace(content, remind_on=None, reminded=(), told_by="")
        case _:
            return content


def begun(content: Complaint, at: datetime, by: str) -> Complaint:
    """A complaint that has just come."""
    return replace(content, history=(StateChange(ComplaintState.OPEN, at, by),))


def moved(content: Content, change: StateChange) -> Complaint:
    """A complaint that is in another state from now on.

    Raises Conflict (`not_a_complaint`, `state_not_reachable`).
    """
    if not isinstance(content, Complaint):
        raise Conflict(reason="not_a_complaint")
    if change.state not in _REACHED[content.state]:
        raise Conflict(reason="state_not_reachable")
    return replace(content, history=(*content.history, change))
