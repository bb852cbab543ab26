"""Segments are made, changed and archived by staff; each change is a version, recorded first."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.condition_reading import read_condition
from chalicelib.domain.conditions import InSegment
from chalicelib.domain.facts import facts_declared
from chalicelib.domain.offers import shown_status
from chalicelib.domain.refusals import (
    Conflict,
    FieldError,
    InvalidContent,
    NotFound,
    VersionStale,
)
from chalicelib.domain.segments import (
    Segment,
    SegmentStatus,
    inlined,
    named_in,
    problems_of,
    users_of,
)
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.read_audience import segments_by_id
from chalicelib.usecases.versions import create_once, step_on, write_version

_OVER = ("ended", "archived")
"""The statuses, by the clock, of offers that need no segment any more."""


def create_segment(
    ports: Ports, caller: Caller, draft: Segment, raw: object, key: str, now: datetime
) -> Outcome[Segment]:
    """Create a segment from a draft, whose id and version are given here, once for each key.

    raw: its condition as parsed JSON, None without one. A repeated key answers the segment as it
    was created. Raises InvalidContent with all that is wrong, ConflictingReplay, Conflict without
    a program, TryAgain.
    """
    segment_id = ports.namer.id("seg", caller.source, "create_segment", key)
    segment, errors = _read(ports, replace(draft, segment_id=segment_id, version=1), raw)
    if errors:  # refused even where its key led to a segment before
        _checked(segment, errors, segments_by_id(ports))

    def save() -> Segment:
        _checked(segment, [], segments_by_id(ports))
        _save(ports, caller, "segment.created", segment, now)
        return segment

    return create_once(segment, lambda: ports.segments.as_created(segment_id), save)


def replace_segment(
    ports: Ports, caller: Caller, draft: Segment, raw: object, now: datetime
) -> Segment:
    """Replace a segment by a draft of the same id, whose `version` is what it was drawn up from.
    Segments that name it mean what it means from now on; offers keep what they were written with.

    Raises NotFound, VersionStale, Conflict (`segment_archived`), InvalidContent, TryAgain.
    """
    before = known_segment(ports, draft.segment_id)
    if before.version != draft.version:
        raise VersionStale
    if before.status is SegmentStatus.ARCHIVED:
        raise Conflict(reason="segment_archived")
    if draft.kind is not before.kind:
        detail = f"This segment is {before.kind} for good."
        raise InvalidContent(errors=[FieldError("/kind", "not_changeable", detail)])
    known = segments_by_id(ports)
    after, errors = _read(ports, replace(draft, version=before.version + 1), raw)
    _checked(after, [*errors, *_broken_by(after, known)], known)
    _save(ports, caller, "segment.replaced", after, now)
    return after


def archive_segment(ports: Ports, caller: Caller, segment_id: str, now: datetime) -> Segment:
    """Archive a segment for good, whatever its version. Raises NotFound, Conflict
    (`segment_in_use`, while segments or offers that are not over name it), TryAgain."""

    def archived(segment: Segment) -> Segment:
        if segment.status is SegmentStatus.ARCHIVED:
            return segment
        if _is_in_use(ports, segment_id, now):
            raise Conflict(reason="segment_in_use")
        return replace(segment, version=segment.version + 1, status=SegmentStatus.ARCHIVED)

    return step_on(
        ports.patience,
        lambda: known_segment(ports, segment_id),
        archived,
        save=lambda after: _save(ports, caller, "segment.archived", after, now),
    )


def known_segment(ports: Ports, segment_id: str) -> Segment:
    """A segment as it is. Raises NotFound."""
    segment = ports.segments.get(segment_id)
    if segment is None:
        raise NotFound(what="segment")
    return segment


def _read(ports: Ports, draft: Segment, raw: object | None) -> tuple[Segment, list[FieldError]]:
    """The draft with its condition, and what is wrong with either, what it names aside."""
    errors = list(problems_of(draft, has_condition=raw is not None))
    if raw is None:
        return draft, errors
    try:
        condition = read_condition(raw, facts_declared(ports.programs.active()), "/condition")
    except InvalidContent as refusal:
        return draft, errors + refusal.errors
    return replace(draft, condition=condition), errors


def _checked(segment: Segment, errors: list[FieldError], known: Mapping[str, Segment]) -> None:
    """Refuse what is wrong with it. known: all segments, among which it is looked at in its place.
    Raises InvalidContent."""
    if segment.condition is not None:
        try:
            inlined(segment.condition, {**known, segment.segment_id: segment}, "/condition")
        except InvalidContent as refusal:
            errors = errors + refusal.errors
    if errors:
        raise InvalidContent(errors=errors)


def _broken_by(segment: Segment, known: Mapping[str, Segment]) -> Iterator[FieldError]:
    """Segments that name this one, and that would be too large or lead back to themselves."""
    new = {**known, segment.segment_id: segment}
    for user in users_of(segment.segment_id, new):
        if user.status is SegmentStatus.ARCHIVED:
            continue
        try:
            inlined(InSegment(user.segment_id), new)
        except InvalidContent as refusal:
            for error in refusal.errors:
                detail = f"The segment {user.name} names this one. {error.detail}"
                yield FieldError("/condition", error.code, detail)


def _is_in_use(ports: Ports, segment_id: str, now: datetime) -> bool:
    segments = (one for one in ports.segments.all() if one.status is SegmentStatus.ACTIVE)
    offers = (one for one in ports.offers.all() if shown_status(one, now) not in _OVER)
    conditions = [one.condition for one in segments] + [offer.audience for offer in offers]
    return any(condition and segment_id in named_in(condition) for condition in conditions)


def _save(ports: Ports, caller: Caller, action: str, segment: Segment, now: datetime) -> None:
    note(ports, caller, action, now, subject=segment.segment_id)
    write_version(
        ports.patience,
        put=lambda: "written" if ports.segments.put(segment, now) else "stale",
        landed=lambda: ports.segments.get(segment.segment_id) == segment,
    )
