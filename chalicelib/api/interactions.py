"""What members tell us, over HTTP: enquiries, complaints with their state, feedback, answers to
surveys, warranties, competition entries.
"""

from typing import Any

from chalicelib.api.etags import version_in
from chalicelib.api.interaction_models import (
    ComplaintBody,
    InteractionAnswer,
    InteractionBody,
    InteractionList,
    content_of,
    interaction_answer,
)
from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_after, position_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.interactions import Answers, Interaction
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    MemberErased,
    MemberNotFound,
    NotFound,
    TooManyRequests,
    VersionStale,
)
from chalicelib.usecases.add_interaction import AddInteraction, add_interaction
from chalicelib.usecases.answer_survey import answer_survey
from chalicelib.usecases.change_complaint import change_complaint
from chalicelib.usecases.read_interactions import (
    known_interaction,
    read_interactions,
)

routes = Routes(__name__)


def interaction_exists(call: Call[Any, Any], member_id: str, interaction_id: str) -> str:
    """The interaction's ETag. Raises MemberNotFound, NotFound."""
    return str(known_interaction(call.ports, member_id, interaction_id).version)


@routes.post(
    "/v1/members/{member_id}/interactions",
    opens=(Scope.SELF, Scope.INTERACTIONS),
    summary="Tell us something: an enquiry, a complaint, feedback, answers, a warranty",
    body=InteractionBody,
    answers={201: InteractionAnswer},
    refuses=(
        MemberNotFound,
        MemberErased,
        NotFound,
        Conflict,
        ConflictingReplay,
        InvalidContent,
        TooManyRequests,
    ),
    idempotency_key=True,
    exists=member_exists,
)
def post_interaction(call: Call[InteractionBody, None], member_id: str) -> Answer:
    """Answers to a survey or a competition give its points, once for ever: a second answer is 409
    `conflict` with reason `already_answered`, one at another time `survey_not_open`."""
    member_exists(call, member_id)
    content = content_of(call.body)
    command = AddInteraction(member_id, call.body.kind, content, call.idempotency_key)
    keep = answer_survey if isinstance(content, Answers) else add_interaction
    outcome = keep(call.ports, call.caller, command, call.now)
    return _answer(call, 201, outcome.answer, replayed=outcome.replayed)


@routes.get(
    "/v1/members/{member_id}/interactions",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="List what a member has told us, newest first",
    audited="member.interactions.read",
    query=Page,
    answers={200: InteractionList},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def get_interactions(call: Call[None, Page], member_id: str) -> Answer:
    after = None
    if call.query.cursor is not None:
        at, interaction_id = position_of(call, member_id, call.query.cursor)
        after = (parsed(str(at)), str(interaction_id))
    limit = call.query.limit
    page = read_interactions(call.ports, member_id, after, limit)
    cursor = None
    if page.more:
        last = page.interactions[-1]
        cursor = cursor_after(call, member_id, [printed(last.at), last.interaction_id])
    items = [interaction_answer(one, call.caller.kind) for one in page.interactions]
    return Answer(200, InteractionList(items, cursor))


@routes.get(
    "/v1/members/{member_id}/interactions/{interaction_id}",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Read one thing that a member has told us",
    audited="member.interactions.read",
    answers={200: InteractionAnswer},
    refuses=(MemberNotFound, NotFound),
)
def get_interaction(call: Call[None, None], member_id: str, interaction_id: str) -> Answer:
    return _answer(call, 200, known_interaction(call.ports, member_id, interaction_id))


@routes.patch(
    "/v1/members/{member_id}/interactions/{interaction_id}",
    opens=(Scope.INTERACTIONS,),
    summary="Move a complaint into another state, with a note to the member",
    body=ComplaintBody,
    answers={200: InteractionAnswer},
    refuses=(MemberNotFound, MemberErased, NotFound, Conflict, InvalidContent, VersionStale),
    if_match=True,
    exists=interaction_exists,
)
def patch_interaction(
    call: Call[ComplaintBody, None], member_id: str, interaction_id: str
) -> Answer:
    """From `open` to any other, from `in_progress` to `resolved` or `rejected`, and from those back
    to `in_progress`; else 409 `conflict` with reason `state_not_reachable`."""
    to = (call.body.state, call.body.note)
    place, version = (member_id, interaction_id), version_in(call.if_match)
    after = change_complaint(call.ports, call.caller, place, version, to, call.now)
    return _answer(call, 200, after)


def _answer(
    call: Call[Any, Any], status: int, interaction: Interaction, *, replayed: bool = False
) -> Answer:
    body = interaction_answer(interaction, call.caller.kind)
    return Answer(status, body, etag=str(interaction.version), replayed=replayed)
