"""Surveys are made, changed and closed by staff; each change is a version, recorded first."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import Conflict, InvalidContent, NotFound, VersionStale
from chalicelib.domain.surveys import Survey, SurveyStatus, problems_of
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.versions import create_once, step_on, write_version

_FIXED = ("kind", "questions", "points", "opens_at")
"""What stays once it can be answered: all are asked the same and given the same."""


def create_survey(
    ports: Ports, caller: Caller, draft: Survey, key: str, now: datetime
) -> Outcome[Survey]:
    """Create a survey from a draft, whose id and version are given here, once for each key.

    A repeated key answers it as it was created. Raises InvalidContent, ConflictingReplay, TryAgain.
    """
    survey_id = ports.namer.id("srv", caller.source, "create_survey", key)
    survey = replace(draft, survey_id=survey_id, version=1)

    def save() -> Survey:
        if errors := problems_of(survey):
            raise InvalidContent(errors=errors)
        _save(ports, caller, "survey.created", survey, now)
        return survey

    return create_once(survey, lambda: ports.surveys.as_created(survey_id), save)


def replace_survey(ports: Ports, caller: Caller, draft: Survey, now: datetime) -> Survey:
    """Replace a survey by a draft of the same id, whose `version` is what it was drawn up from.

    Raises NotFound, VersionStale, Conflict (`survey_closed`, `survey_has_opened`: then its name
    and its end alone can change), InvalidContent, TryAgain.
    """
    before = known_survey(ports, draft.survey_id)
    if before.version != draft.version:
        raise VersionStale
    if before.status is SurveyStatus.CLOSED:
        raise Conflict(reason="survey_closed")
    if errors := problems_of(draft):
        raise InvalidContent(errors=errors)
    changed = any(getattr(before, name) != getattr(draft, name) for name in _FIXED)
    if changed and before.has_opened(now):
        raise Conflict(reason="survey_has_opened")
    after = replace(draft, version=before.version + 1)
    _save(ports, caller, "survey.replaced", after, now)
    return after


def close_survey(ports: Ports, caller: Caller, survey_id: str, now: datetime) -> Survey:
    """Close a survey for good, whatever its version. Raises NotFound, TryAgain."""
    return step_on(
        ports.patience,
        lambda: known_survey(ports, survey_id),
        _closed,
        save=lambda after: _save(ports, caller, "survey.closed", after, now),
    )


def known_survey(ports: Ports, survey_id: str) -> Survey:
    """A survey as it is. Raises NotFound."""
    survey = ports.surveys.get(survey_id)
    if survey is None:
        raise NotFound(what="survey")
    return survey


def _closed(survey: Survey) -> Survey:
    if survey.status is SurveyStatus.CLOSED:
        return survey
    return replace(survey, version=survey.version + 1, status=SurveyStatus.CLOSED)


def _save(ports: Ports, caller: Caller, action: str, survey: Survey, now: datetime) -> None:
    note(ports, caller, action, now, subject=survey.survey_id)
    write_version(
        ports.patience,
        put=lambda: "written" if ports.surveys.put(survey, now) else "stale",
        landed=lambda: ports.surveys.get(survey.survey_id) == survey,
    )
