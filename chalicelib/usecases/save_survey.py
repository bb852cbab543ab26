"""Surveys are made, changed and closed by staff; each change is a version, recorded first."""

from dataclasses import fields, replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    NotFound,
    VersionStale,
)
from chalicelib.domain.surveys import Survey, SurveyStatus, problems_of
from chalicelib.usecases.ports import Outcome, Ports, StoreUnavailable
from chalicelib.usecases.settle import Waiting

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
    earlier = _earlier(ports, survey)
    if earlier is not None:
        return earlier
    if errors := problems_of(survey):
        raise InvalidContent(errors=errors)
    try:
        _save(ports, caller, "survey.created", survey, now)
    except VersionStale:
        # The same key at the same moment, or changed since: as created it is.
        earlier = _earlier(ports, survey)
        if earlier is None:
            raise
        return earlier
    return Outcome(survey)


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
    waiting = Waiting(ports.patience)
    while True:
        before = known_survey(ports, survey_id)
        if before.status is SurveyStatus.CLOSED:
            return before
        after = replace(before, version=before.version + 1, status=SurveyStatus.CLOSED)
        try:
            _save(ports, caller, "survey.closed", after, now)
        except VersionStale:  # somebody changed it meanwhile: close what it is now
            waiting.once_more()
            continue
        return after


def known_survey(ports: Ports, survey_id: str) -> Survey:
    """A survey as it is. Raises NotFound."""
    survey = ports.surveys.get(survey_id)
    if survey is None:
        raise NotFound(what="survey")
    return survey


def _earlier(ports: Ports, survey: Survey) -> Outcome[Survey] | None:
    first = ports.surveys.as_created(survey.survey_id)
    if first is None:
        return None
    names = [field.name for field in fields(Survey)]
    differs = sorted(n for n in names if getattr(first, n) != getattr(survey, n))
    if differs:
        raise ConflictingReplay(differing=differs)
    return Outcome(first, replayed=True)


def _save(ports: Ports, caller: Caller, action: str, survey: Survey, now: datetime) -> None:
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action=action,
        member_id=None,
        reason=None,
        at=now,
        subject=survey.survey_id,
    )
    waiting = Waiting(ports.patience)
    may_have_landed = False
    while True:
        try:
            saved = ports.surveys.put(survey, now)
            if not saved and may_have_landed:
                saved = ports.surveys.get(survey.survey_id) == survey
            break
        except StoreUnavailable:
            may_have_landed = True
            waiting.once_more()
    if not saved:
        raise VersionStale
