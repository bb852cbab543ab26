"""Surveys and competitions: what is asked, what was answered, and what an answer gives once.

Staff set them, members answer them. Pure: knows no storage, no clock and no member.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.refusals import FieldError

MOST_QUESTIONS = 20
MOST_OPTIONS = 20
MOST_POINTS = 100_000
LONGEST_NAME = 100
LONGEST_QUESTION = 500
LONGEST_OPTION = 100
LONGEST_ANSWER = 1_000
QUESTION_ID_PATTERN = "^[a-z0-9][a-z0-9_-]{0,39}$"

BEST_RATING = 5
RATINGS = range(1, BEST_RATING + 1)


class SurveyKind(StrEnum):
    """What it is; an answer to it is an interaction of the same kind."""

    SURVEY = "survey"
    COMPETITION = "competition"


class QuestionKind(StrEnum):
    """What answers a question: one of its options, some words, or 1 to 5."""

    CHOICE = "choice"
    TEXT = "text"
    RATING = "rating"


class SurveyStatus(StrEnum):
    """Whether staff have closed it; it can be over or not have begun all the same."""

    ACTIVE = "active"
    CLOSED = "closed"


Given = str | int
"""An answer to a question: an option or words, a number for a rating."""


@dataclass(frozen=True, slots=True)
class Question:
    """options: of a choice, none for the others."""

    question_id: str
    text: str
    kind: QuestionKind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """version: counts the changes, from 1. points: what an answer gives, once for each member.
    opens_at, closes_at: inclusive and exclusive, None for always."""

    survey_id: str
    version: int
    name: str
    kind: SurveyKind
    questions: tuple[Question, ...]
    points: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    status: SurveyStatus = SurveyStatus.ACTIVE

    def has_opened(self, now: datetime) -> bool:
        """Whether it could have been answered by now."""
        return self.opens_at is None or now >= self.opens_at

    def is_open(self, now: datetime) -> bool:
        """Whether it can be answered."""
        over = self.closes_at is not None and now >= self.closes_at
        return self.status is SurveyStatus.ACTIVE and self.has_opened(now) and not over


def problems_of(survey: Survey) -> list[FieldError]:
    """Everything wrong with a survey beyond the sizes of its fields, by pointers."""
    return [
        *_blank("/name", survey.name),
        *_doubles(survey.questions),
        *(
            wrong
            for place, question in enumerate(survey.questions)
            for wrong in _question(f"/questions/{place}", question)
        ),
        *_window(survey),
    ]


def _doubles(questions: tuple[Question, ...]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, question in enumerate(questions):
        if question.question_id in seen:
            pointer = f"/questions/{place}/question_id"
            yield FieldError(pointer, "duplicate", "Each question has an id of its own.")
        seen.add(question.question_id)


def _question(pointer: str, question: Question) -> Iterator[FieldError]:
    yield from _blank(f"{pointer}/text", question.text)
    options, here = question.options, f"{pointer}/options"
    if question.kind is not QuestionKind.CHOICE:
        if options:
            yield FieldError(here, "not_expected", f"A {question.kind} has none; leave it out.")
    elif len(options) < 2:
        yield FieldError(here, "wrong_length", "A choice needs at least two options.")
    elif len(set(options)) < len(options):
        yield FieldError(here, "duplicate", "Each option is there once.")
    for place, option in enumerate(options):
        yield from _blank(f"{here}/{place}", option)


def _blank(pointer: str, text: str) -> Iterator[FieldError]:
    if not text.strip():
        yield FieldError(pointer, "wrong_length", "Write something that is not all blank.")


def _window(survey: Survey) -> Iterator[FieldError]:
    opens_at, closes_at = survey.opens_at, survey.closes_at
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        yield FieldError("/closes_at", "before_start", "A survey closes after it opens.")


# --- answers -------------------------------------------------------------------------------------


def answer_errors(survey: Survey, answers: Mapping[str, Given]) -> list[FieldError]:
    """Everything wrong with answers to a survey. Words may be left out, all else is needed."""
    known = {question.question_id: question for question in survey.questions}
    errors = [
        FieldError(f"/answers/{_escaped(name)}", "unknown_question", "Nobody asked this.")
        for name in answers
        if name not in known
    ]
    for name, question in known.items():
        if name in answers:
            errors += _answer(f"/answers/{name}", question, answers[name])
        elif question.kind is not QuestionKind.TEXT:
            errors.append(FieldError(f"/answers/{name}", "missing", "Answer this question, too."))
    return errors


def _escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _answer(pointer: str, question: Question, given: Given) -> Iterator[FieldError]:
    match question.kind:
        case QuestionKind.CHOICE if given not in question.options:
            yield FieldError(pointer, "not_allowed", "Write one of the options of the question.")
        case QuestionKind.RATING if given not in RATINGS:
            yield FieldError(pointer, "out_of_range", f"Write a number of 1 to {BEST_RATING}.")
        case QuestionKind.TEXT if not isinstance(given, str):
            yield FieldError(pointer, "wrong_type", "Write a text.")
        case _:
            return


# --- results -------------------------------------------------------------------------------------

Tally = Mapping[str, int]
"""How often each answer was given, by what `counted` calls it."""

FEWEST_ANSWERS = 5
"""Results of fewer could tell of one of those who answered."""


@dataclass(frozen=True, slots=True)
class Count:
    """value: an option, or a rating."""

    value: Given
    count: int


@dataclass(frozen=True, slots=True)
class QuestionResults:
    """counts: by option or rating, in their order; none for words, which nobody counts."""

    question: Question
    counts: tuple[Count, ...]


def counted(survey: Survey, answers: Mapping[str, Given]) -> tuple[str, ...]:
    """What answers count as: `2_0` is the first option of the third question. No words."""
    return tuple(
        _name(place, values.index(answers[question.question_id]))
        for place, question in enumerate(survey.questions)
        if (values := values_of(question)) and question.question_id in answers
    )


def results_of(survey: Survey, tally: Tally) -> tuple[QuestionResults, ...]:
    """How often each answer was given, question by question."""
    return tuple(
        QuestionResults(
            question,
            tuple(
                Count(value, tally.get(_name(place, number), 0))
                for number, value in enumerate(values_of(question))
            ),
        )
        for place, question in enumerate(survey.questions)
    )


def values_of(question: Question) -> tuple[Given, ...]:
    """All answers that a question can be given, as far as they can be counted."""
    match question.kind:
        case QuestionKind.CHOICE:
            return question.options
        case QuestionKind.RATING:
            return tuple(RATINGS)
        case QuestionKind.TEXT:
            return ()


def _name(question: int, value: int) -> str:
    return f"{question}_{value}"
