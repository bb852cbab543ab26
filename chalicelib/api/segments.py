"""Segments over HTTP: members under names, by a condition or as lists."""

from typing import Any

from chalicelib.api.etags import version_in
from chalicelib.api.segment_models import (
    MembersAnswer,
    MembersBody,
    PreviewAnswer,
    PreviewBody,
    SegmentAnswer,
    SegmentBody,
    SegmentList,
    draft_of,
    members_answer,
    preview_answer,
    segment_answer,
)
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_behind, id_after
from chalicelib.domain.callers import Scope
from chalicelib.domain.conditions import Condition, InSegment
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    FieldError,
    InvalidContent,
    NotFound,
    VersionStale,
)
from chalicelib.domain.segments import Segment
from chalicelib.usecases.change_list import MOST_MEMBERS, change_list
from chalicelib.usecases.preview_audience import preview_audience
from chalicelib.usecases.read_audience import read_audience, with_segments
from chalicelib.usecases.read_segments import list_segments, read_segment, view_of
from chalicelib.usecases.save_segment import (
    archive_segment,
    create_segment,
    known_segment,
    replace_segment,
)

routes = Routes(__name__)


def segment_exists(call: Call[Any, Any], segment_id: str) -> str:
    """The segment's ETag. Raises NotFound."""
    return str(known_segment(call.ports, segment_id).version)


@routes.post(
    "/v1/segments",
    opens=(Scope.SEGMENTS,),
    summary="Create a segment",
    body=SegmentBody,
    answers={201: SegmentAnswer},
    refuses=(InvalidContent, ConflictingReplay, Conflict),
    idempotency_key=True,
)
def post_segment(call: Call[SegmentBody, None]) -> Answer:
    """Conditions can name it: a dynamic one as {"segment": id}, a list as {"fact": "lists", "op":
    "contains", "value": id}, too."""
    draft, key = draft_of(call.body), call.idempotency_key
    outcome = create_segment(call.ports, call.caller, draft, call.body.condition, key, call.now)
    return _shown(call, outcome.answer, 201, replayed=outcome.replayed)


@routes.get(
    "/v1/segments",
    opens=(Scope.SEGMENTS,),
    summary="List the segments",
    query=Page,
    answers={200: SegmentList},
    refuses=(Conflict,),
)
def get_segments(call: Call[None, Page]) -> Answer:
    """Newest first, archived ones too."""
    page = list_segments(call.ports, id_after(call), call.query.limit)
    last = page.views[-1].segment.segment_id if page.more else None
    cursor = cursor_behind(call, last)
    return Answer(200, SegmentList([segment_answer(view) for view in page.views], cursor))


@routes.post(
    "/v1/segments/preview",
    opens=(Scope.SEGMENTS,),
    summary="Count the members that a condition or a segment means",
    body=PreviewBody,
    answers={200: PreviewAnswer},
    refuses=(InvalidContent, NotFound, Conflict),
)
def post_segment_preview(call: Call[PreviewBody, None]) -> Answer:
    """Figures alone: how many there are, how many may be written to on which channel, which live
    offers are for them, too. They come from a snapshot, which lags; `as_of` says by how much."""
    condition = _previewed(call)
    return Answer(200, preview_answer(preview_audience(call.ports, condition, call.now)))


@routes.get(
    "/v1/segments/{segment_id}",
    opens=(Scope.SEGMENTS,),
    summary="Read a segment",
    answers={200: SegmentAnswer},
    refuses=(NotFound, Conflict),
)
def get_segment(call: Call[None, None], segment_id: str) -> Answer:
    view = read_segment(call.ports, segment_id)
    return Answer(200, segment_answer(view), etag=str(view.segment.version))


@routes.put(
    "/v1/segments/{segment_id}",
    opens=(Scope.SEGMENTS,),
    summary="Replace a segment",
    body=SegmentBody,
    answers={200: SegmentAnswer},
    refuses=(InvalidContent, NotFound, Conflict, VersionStale),
    if_match=True,
    exists=segment_exists,
)
def put_segment(call: Call[SegmentBody, None], segment_id: str) -> Answer:
    """Segments that name it mean the new condition at once; offers keep the one they were written
    with until they are written again. An archived one is 409 `conflict` with reason
    `segment_archived`."""
    draft = draft_of(call.body, segment_id, version_in(call.if_match))
    segment = replace_segment(call.ports, call.caller, draft, call.body.condition, call.now)
    return _shown(call, segment, 200)


@routes.post(
    "/v1/segments/{segment_id}/archive",
    opens=(Scope.SEGMENTS,),
    summary="Archive a segment",
    answers={200: SegmentAnswer},
    refuses=(NotFound, Conflict),
    exists=segment_exists,
)
def post_segment_archive(call: Call[None, None], segment_id: str) -> Answer:
    """For good. 409 `conflict` with reason `segment_in_use` while a segment or an offer that is not
    over names it."""
    return _shown(call, archive_segment(call.ports, call.caller, segment_id, call.now), 200)


@routes.post(
    "/v1/segments/{segment_id}/members",
    opens=(Scope.SEGMENTS,),
    summary="Put members on a list and take others off it",
    body=MembersBody,
    answers={200: MembersAnswer},
    refuses=(InvalidContent, NotFound, Conflict),
    exists=segment_exists,
)
def post_segment_members(call: Call[MembersBody, None], segment_id: str) -> Answer:
    """By their ids, up to 1,000 in a call; longer lists in several. Safe to repeat. Of a dynamic
    segment it is 409 `conflict` with reason `segment_not_static`."""
    add, remove = call.body.add, call.body.remove
    _refuse_too_many(add, remove)
    change = change_list(call.ports, call.caller, segment_id, add, remove, call.now)
    return Answer(200, members_answer(change))


def _previewed(call: Call[PreviewBody, None]) -> Condition | None:
    raw, segment_id = call.body.condition, call.body.segment_id
    if segment_id is None:
        return read_audience(call.ports, raw, "/condition") if raw is not None else None
    if raw is not None:
        detail = "Say a condition or a segment, not both."
        raise InvalidContent(errors=[FieldError("/segment_id", "not_expected", detail)])
    known_segment(call.ports, segment_id)
    return with_segments(call.ports, InSegment(segment_id))


def _refuse_too_many(add: list[str], remove: list[str]) -> None:
    if len(add) + len(remove) > MOST_MEMBERS:
        detail = f"Name at most {MOST_MEMBERS} members together; call again for more."
        raise InvalidContent(errors=[FieldError("/remove", "too_many", detail)])
    for pointer, named in (("/add", add), ("/remove", remove)):
        if len(set(named)) < len(named):
            detail = "Name each member once."
            raise InvalidContent(errors=[FieldError(pointer, "duplicate", detail)])
    if both := set(add) & set(remove):
        detail = f"Leave out of one of the two: {', '.join(sorted(both)[:3])}."
        raise InvalidContent(errors=[FieldError("/remove", "duplicate", detail)])


def _shown(
    call: Call[Any, Any], segment: Segment, status: int, *, replayed: bool = False
) -> Answer:
    answer = segment_answer(view_of(call.ports, segment))
    return Answer(status, answer, etag=str(segment.version), replayed=replayed)
