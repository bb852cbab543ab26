"""The bodies and answers of interactions, and how they become the domain's and back."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.points import Identity
from chalicelib.api.shell import Instant
from chalicelib.domain import interactions as bounds
from chalicelib.domain.callers import CallerKind
from chalicelib.domain.instants import printed
from chalicelib.domain.interactions import (
    Answers,
    Complaint,
    ComplaintState,
    Content,
    Enquiry,
    Feedback,
    Interaction,
    InteractionKind,
    StateChange,
    Warranty,
)
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.surveys import BEST_RATING, LONGEST_ANSWER, MOST_QUESTIONS

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_TEXT)]
Months = Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_MONTHS)]
Given = Annotated[str, msgspec.Meta(max_length=LONGEST_ANSWER)] | int
GivenAnswers = Annotated[
    dict[Annotated[str, msgspec.Meta(max_length=40)], Given],
    msgspec.Meta(max_length=MOST_QUESTIONS),
]


class InteractionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """enquiry, complaint: text. feedback: rating, and a text or the purchase it is about. survey,
    competition: survey_id and answers, an option's or other text or a number by question_id.
    warranty: product, purchased_on and months, and serial or service_every_months."""

    kind: InteractionKind
    text: Text | None = None
    rating: Annotated[int, msgspec.Meta(ge=1, le=BEST_RATING)] | None = None
    purchase_id: Identity | None = None
    survey_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    answers: GivenAnswers | None = None
    product: (
        Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_PRODUCT)] | None
    ) = None
    serial: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_SERIAL)] | None = (
        None
    )
    purchased_on: date | None = None
    months: Months | None = None
    service_every_months: Months | None = None


class ComplaintBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """note: written to the member."""

    state: ComplaintState
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_NOTE)] | None = None


class StateAnswer(msgspec.Struct, frozen=True):
    """by: for members, `member` or `staff`; for staff, who it was."""

    state: ComplaintState
    at: Instant
    by: str
    note: str | UnsetType = UNSET


class InteractionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """by: as in a state. points: what answering gave. remind_on: the next day of service that the
    member is reminded of; reminded: those that it was reminded of."""

    interaction_id: str
    kind: InteractionKind
    at: Instant
    by: str
    text: str | UnsetType = UNSET
    state: ComplaintState | UnsetType = UNSET
    history: list[StateAnswer] | UnsetType = UNSET
    rating: int | UnsetType = UNSET
    purchase_id: str | UnsetType = UNSET
    survey_id: str | UnsetType = UNSET
    answers: dict[str, str | int] | UnsetType = UNSET
    points: int | UnsetType = UNSET
    product: str | UnsetType = UNSET
    serial: str | UnsetType = UNSET
    purchased_on: str | UnsetType = UNSET
    months: int | UnsetType = UNSET
    service_every_months: int | UnsetType = UNSET
    remind_on: str | UnsetType = UNSET
    reminded: list[str] | UnsetType = UNSET


class InteractionList(msgspec.Struct, frozen=True):
    items: list[InteractionAnswer]
    next_cursor: str | None


_ANSWERING = (frozenset({"survey_id", "answers"}), frozenset[str]())

_FIELDS: Mapping[InteractionKind, tuple[frozenset[str], frozenset[str]]] = {
    InteractionKind.ENQUIRY: (frozenset({"text"}), frozenset()),
    InteractionKind.COMPLAINT: (frozenset({"text"}), frozenset()),
    InteractionKind.FEEDBACK: (frozenset({"rating"}), frozenset({"text", "purchase_id"})),
    InteractionKind.SURVEY: _ANSWERING,
    InteractionKind.COMPETITION: _ANSWERING,
    InteractionKind.WARRANTY: (
        frozenset({"product", "purchased_on", "months"}),
        frozenset({"serial", "service_every_months"}),
    ),
}
"""What each kind needs, and what it may have beside that."""


def content_of(body: InteractionBody) -> Content:
    """What a body tells. Raises InvalidContent where a field is missing, out of place or blank."""
    if errors := _errors(body):
        raise InvalidContent(errors=errors)
    values = {name: value for name, value in _given(body).items() if value is not None}
    content: Content = _TYPES[body.kind](**values)
    return content


_TYPES: Mapping[InteractionKind, Any] = {
    InteractionKind.ENQUIRY: Enquiry,
    InteractionKind.COMPLAINT: Complaint,
    InteractionKind.FEEDBACK: Feedback,
    InteractionKind.SURVEY: Answers,
    InteractionKind.COMPETITION: Answers,
    InteractionKind.WARRANTY: Warranty,
}


def _given(body: InteractionBody) -> dict[str, Any]:
    values = msgspec.structs.asdict(body)
    del values["kind"]
    return values


def _errors(body: InteractionBody) -> list[FieldError]:
    needed, allowed = _FIELDS[body.kind]
    errors: list[FieldError] = []
    for name, value in _given(body).items():
        if value is None and name in needed:
            detail = f"An interaction of kind {body.kind} needs this."
            errors.append(FieldError(f"/{name}", "missing", detail))
        elif value is not None and name not in needed | allowed:
            detail = f"An interaction of kind {body.kind} has none; leave it out."
            errors.append(FieldError(f"/{name}", "not_expected", detail))
        elif isinstance(value, str) and not value.strip():
            detail = "Write something that is not all blank."
            errors.append(FieldError(f"/{name}", "wrong_length", detail))
    return errors


def interaction_answer(interaction: Interaction, reader: CallerKind) -> InteractionAnswer:
    """An interaction as somebody of this kind reads it."""
    by_role = reader is CallerKind.MEMBER
    return InteractionAnswer(
        interaction_id=interaction.interaction_id,
        kind=interaction.kind,
        at=printed(interaction.at),
        by=_by(interaction.by, by_role),
        **_shown(interaction.content, by_role),
    )


def _shown(content: Content, by_role: bool) -> dict[str, Any]:
    match content:
        case Complaint(text=text):
            history = [_state(change, by_role) for change in content.history]
            return {"text": text, "state": content.state, "history": history}
        case _:
            values = msgspec.to_builtins(content)
            hidden = {"told_by"}  # says nothing of the member
            return {
                name: value
                for name, value in values.items()
                if value is not None and name not in hidden
            }


def _state(change: StateChange, by_role: bool) -> StateAnswer:
    note = UNSET if change.note is None else change.note
    return StateAnswer(change.state, printed(change.at), _by(change.by, by_role), note)


def _by(source: str, by_role: bool) -> str:
    """Members are told the role, never the person."""
    return source.partition(":")[0] if by_role else source
