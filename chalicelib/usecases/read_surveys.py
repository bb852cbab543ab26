"""The surveys there are: all of them for staff, those that can be answered for members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.surveys import FEWEST_ANSWERS, QuestionResults, Survey, results_of
from chalicelib.usecases.answer_survey import SURVEY, survey_name
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_survey import known_survey


@dataclass(frozen=True, slots=True)
class SurveyView:
    """answered: whether the member who reads has answered it; None for staff."""

    survey: Survey
    answered: bool | None


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """more: whether the list goes on after these."""

    views: Sequence[SurveyView]
    more: bool


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """answers: how many there are; None, and no results, while they are too few to be told."""

    survey: Survey
    answers: int | None
    questions: tuple[QuestionResults, ...]


def list_surveys(
    ports: Ports, caller: Caller, after: str | None, limit: int, now: datetime
) -> SurveyPage:
    """Surveys, newest first, from behind the survey `after`; for members those that are open.

    Costs one query, and for a member a read for each that it is shown.
    """
    surveys = ports.surveys.all()
    ids = [survey.survey_id for survey in surveys]
    start = ids.index(after) + 1 if after in ids else 0
    staff = caller.kind is CallerKind.STAFF
    rest = [survey for survey in surveys[start:] if staff or survey.is_open(now)]
    page = [_view(ports, caller, survey) for survey in rest[:limit]]
    return SurveyPage(page, more=len(rest) > limit)


def read_survey(ports: Ports, caller: Caller, survey_id: str, now: datetime) -> SurveyView:
    """One survey; for members one that has opened. Raises NotFound."""
    survey = known_survey(ports, survey_id)
    if caller.kind is not CallerKind.STAFF and not survey.has_opened(now):
        raise NotFound(what="survey")
    return _view(ports, caller, survey)


def read_results(ports: Ports, survey_id: str) -> SurveyResults:
    """What was answered, in sums over at least five members. Raises NotFound."""
    survey = known_survey(ports, survey_id)
    sums = ports.surveys.sums(survey_id)
    if sums.answers < FEWEST_ANSWERS:
        return SurveyResults(survey, None, ())
    return SurveyResults(survey, sums.answers, results_of(survey, sums.tally))


def _view(ports: Ports, caller: Caller, survey: Survey) -> SurveyView:
    if caller.member_id is None:
        return SurveyView(survey, None)
    name = survey_name(ports.namer, survey.survey_id, caller.member_id)
    return SurveyView(survey, ports.ledger.operation(SURVEY, name) is not None)
