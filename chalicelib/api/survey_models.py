"""The bodies and answers of surveys, and how they become the domain's and back."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.points import Moment, moment
from chalicelib.api.shell import Instant
from chalicelib.domain import surveys as bounds
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.surveys import Question, QuestionKind, Survey, SurveyKind, SurveyStatus
from chalicelib.usecases.read_surveys import SurveyResults, SurveyView

Option = Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_OPTION)]


class QuestionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """options: of a choice, two at least. A rating is answered by 1 to 5, a text by words, which
    may be left out."""

    question_id: Annotated[str, msgspec.Meta(pattern=bounds.QUESTION_ID_PATTERN)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_QUESTION)]
    kind: QuestionKind
    options: Annotated[list[Option], msgspec.Meta(max_length=bounds.MOST_OPTIONS)] = []


class SurveyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """points: what an answer gives, once for each member. opens_at, closes_at: inclusive and
    exclusive, null for always."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_NAME)]
    kind: SurveyKind
    questions: Annotated[
        list[QuestionBody], msgspec.Meta(min_length=1, max_length=bounds.MOST_QUESTIONS)
    ]
    points: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_POINTS)] = 0
    opens_at: Moment | None = None
    closes_at: Moment | None = None


class SurveyAnswer(msgspec.Struct, frozen=True):
    """answered: for members, whether they have."""

    survey_id: str
    version: int
    name: str
    kind: SurveyKind
    questions: list[QuestionBody]
    points: int
    opens_at: Instant | None
    closes_at: Instant | None
    status: SurveyStatus
    answered: bool | UnsetType = UNSET


class SurveyList(msgspec.Struct, frozen=True):
    items: list[SurveyAnswer]
    next_cursor: str | None


class CountAnswer(msgspec.Struct, frozen=True):
    """value: an option, or a rating."""

    value: str | int
    count: int


class QuestionResultsAnswer(msgspec.Struct, frozen=True):
    """counts: empty for words, which are not counted."""

    question_id: str
    text: str
    kind: QuestionKind
    counts: list[CountAnswer]


class ResultsAnswer(msgspec.Struct, frozen=True):
    """answers: null, and no questions, until there are at least five."""

    survey_id: str
    answers: int | None
    questions: list[QuestionResultsAnswer]


def draft_of(body: SurveyBody, survey_id: str = "", version: int = 0) -> Survey:
    """The survey a body describes: of an id and the version that it changes, or of neither yet.

    Raises InvalidContent for instants at the ends of time.
    """
    errors: list[FieldError] = []
    draft = Survey(
        survey_id=survey_id,
        version=version,
        name=body.name,
        kind=body.kind,
        questions=tuple(
            Question(asked.question_id, asked.text, asked.kind, tuple(asked.options))
            for asked in body.questions
        ),
        points=body.points,
        opens_at=moment(body.opens_at, "/opens_at", errors),
        closes_at=moment(body.closes_at, "/closes_at", errors),
    )
    if errors:
        raise InvalidContent(errors=errors)
    return draft


def survey_answer(survey: Survey) -> SurveyAnswer:
    """A survey as staff see it."""
    return SurveyAnswer(
        survey_id=survey.survey_id,
        version=survey.version,
        name=survey.name,
        kind=survey.kind,
        questions=[
            QuestionBody(asked.question_id, asked.text, asked.kind, list(asked.options))
            for asked in survey.questions
        ],
        points=survey.points,
        opens_at=printed(survey.opens_at) if survey.opens_at else None,
        closes_at=printed(survey.closes_at) if survey.closes_at else None,
        status=survey.status,
    )


def view_answer(view: SurveyView) -> SurveyAnswer:
    """A survey as who reads it sees it."""
    answered = UNSET if view.answered is None else view.answered
    return msgspec.structs.replace(survey_answer(view.survey), answered=answered)


def results_answer(results: SurveyResults) -> ResultsAnswer:
    """The sums of a survey."""
    questions = [
        QuestionResultsAnswer(
            of.question.question_id,
            of.question.text,
            of.question.kind,
            [CountAnswer(count.value, count.count) for count in of.counts],
        )
        for of in results.questions
    ]
    return ResultsAnswer(results.survey.survey_id, results.answers, questions)
