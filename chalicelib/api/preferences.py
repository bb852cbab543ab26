"""A member's preferences over HTTP."""

from typing import Any

from chalicelib.api.member_models import (
    PreferencesBody,
    preferences_answer,
    preferences_draft,
)
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import MemberNotFound, VersionStale
from chalicelib.usecases.ports import KeptPreferences
from chalicelib.usecases.read_preferences import read_preferences
from chalicelib.usecases.set_preferences import set_preferences

routes = Routes(__name__)


def preferences_exist(call: Call[Any, Any], member_id: str) -> str:
    """The preferences' ETag. Raises MemberNotFound."""
    return str(read_preferences(call.ports, member_id).version)


@routes.get(
    "/v1/members/{member_id}/preferences",
    opens=(Scope.SELF, Scope.MEMBERS_READ),
    summary="Read what a member wants to hear, how and how often",
    audited="member.preferences.read",
    answers={200: PreferencesBody},
    refuses=(MemberNotFound,),
    exists=preferences_exist,
)
def get_preferences(call: Call[None, None], member_id: str) -> Answer:
    return _answer(read_preferences(call.ports, member_id))


@routes.put(
    "/v1/members/{member_id}/preferences",
    opens=(Scope.SELF,),
    summary="Set the preferences as a whole",
    body=PreferencesBody,
    answers={200: PreferencesBody},
    refuses=(MemberNotFound, VersionStale),
    if_match=True,
    exists=preferences_exist,
)
def put_preferences(call: Call[PreferencesBody, None], member_id: str) -> Answer:
    draft = preferences_draft(call.body)
    return _answer(set_preferences(call.ports, member_id, draft, call.if_match, call.now))


def _answer(kept: KeptPreferences) -> Answer:
    return Answer(200, preferences_answer(kept.preferences), etag=str(kept.version))
