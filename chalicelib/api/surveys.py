"""Surveys and competitions over HTTP: staff set them, members look for what they can answer. An
answer is an interaction of the member: `api/interactions.py`.
"""

from typing import Any

from chalicelib.api.etags import version_in
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_behind, id_after
from chalicelib.api.survey_models import (
    ResultsAnswer,
    SurveyAnswer,
    SurveyBody,
    SurveyList,
    draft_of,
    results_answer,
    survey_answer,
    view_answer,
)
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    NotFound,
    VersionStale,
)
from chalicelib.domain.surveys import Survey
from chalicelib.usecases.read_surveys import list_surveys, read_results, read_survey
from chalicelib.usecases.save_survey import (
    close_survey,
    create_survey,
    known_survey,
    replace_survey,
)

routes = Routes(__name__)


def survey_exists(call: Call[Any, Any], survey_id: str) -> str:
    """The survey's ETag. Raises NotFound."""
    return str(known_survey(call.ports, survey_id).version)


@routes.post(
    "/v1/surveys",
    opens=(Scope.SURVEYS_WRITE,),
    summary="Create a survey or a competition",
    body=SurveyBody,
    answers={201: SurveyAnswer},
    refuses=(InvalidContent, ConflictingReplay),
    idempotency_key=True,
)
def post_survey(call: Call[SurveyBody, None]) -> Answer:
    draft = draft_of(call.body)
    outcome = create_survey(call.ports, call.caller, draft, call.idempotency_key, call.now)
    answer = survey_answer(outcome.answer)
    return Answer(201, answer, etag=str(outcome.answer.version), replayed=outcome.replayed)


@routes.get(
    "/v1/surveys",
    opens=(Scope.SURVEYS_READ,),
    summary="List surveys: all of them for staff, those that are open for members",
    query=Page,
    answers={200: SurveyList},
)
def get_surveys(call: Call[None, Page]) -> Answer:
    page = list_surveys(call.ports, call.caller, id_after(call), call.query.limit, call.now)
    last = page.views[-1].survey.survey_id if page.more else None
    cursor = cursor_behind(call, last)
    return Answer(200, SurveyList([view_answer(view) for view in page.views], cursor))


@routes.get(
    "/v1/surveys/{survey_id}",
    opens=(Scope.SURVEYS_READ,),
    summary="Read a survey",
    answers={200: SurveyAnswer},
    refuses=(NotFound,),
)
def get_survey(call: Call[None, None], survey_id: str) -> Answer:
    view = read_survey(call.ports, call.caller, survey_id, call.now)
    return Answer(200, view_answer(view), etag=str(view.survey.version))


@routes.put(
    "/v1/surveys/{survey_id}",
    opens=(Scope.SURVEYS_WRITE,),
    summary="Replace a survey; once it has opened, only its name and its end",
    body=SurveyBody,
    answers={200: SurveyAnswer},
    refuses=(InvalidContent, NotFound, Conflict, VersionStale),
    if_match=True,
    exists=survey_exists,
)
def put_survey(call: Call[SurveyBody, None], survey_id: str) -> Answer:
    """What has opened can have been answered: all are asked the same and given the same. Else it is
    409 `conflict` with reason `survey_has_opened`, of a closed one `survey_closed`."""
    draft = draft_of(call.body, survey_id, version_in(call.if_match))
    return _changed(replace_survey(call.ports, call.caller, draft, call.now))


@routes.post(
    "/v1/surveys/{survey_id}/close",
    opens=(Scope.SURVEYS_WRITE,),
    summary="Close a survey for good",
    answers={200: SurveyAnswer},
    refuses=(NotFound,),
    exists=survey_exists,
)
def post_survey_close(call: Call[None, None], survey_id: str) -> Answer:
    return _changed(close_survey(call.ports, call.caller, survey_id, call.now))


@routes.get(
    "/v1/surveys/{survey_id}/results",
    opens=(Scope.SURVEYS_WRITE,),
    summary="Read what was answered, in sums over at least five members",
    answers={200: ResultsAnswer},
    refuses=(NotFound,),
)
def get_survey_results(call: Call[None, None], survey_id: str) -> Answer:
    """Words are not counted: they stand with who wrote them alone."""
    return Answer(200, results_answer(read_results(call.ports, survey_id)))


def _changed(survey: Survey) -> Answer:
    return Answer(200, survey_answer(survey), etag=str(survey.version))
