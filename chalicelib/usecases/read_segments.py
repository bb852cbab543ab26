"""The segments there are, each with its condition in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.condition_texts import in_words
from chalicelib.domain.conditions import needs_profiling
from chalicelib.domain.program import Program
from chalicelib.domain.segments import Segment, named_in
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_audience import segments_by_id
from chalicelib.usecases.save_segment import known_segment

LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment as staff see it. words: by language, empty for a list. needs_profiling: whether
    only members who allow profiling can be in it."""

    segment: Segment
    words: Mapping[str, str]
    needs_profiling: bool


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """more: whether the list goes on after these."""

    views: Sequence[SegmentView]
    more: bool


def list_segments(ports: Ports, after: str | None, limit: int) -> SegmentPage:
    """Segments, archived ones too, newest first, from behind the segment `after`."""
    known, program = segments_by_id(ports), ports.programs.active()
    ids = list(known)
    start = ids.index(after) + 1 if after is not None and after in known else 0
    page = [_view(known[name], known, program) for name in ids[start : start + limit]]
    return SegmentPage(page, more=len(ids) > start + limit)


def read_segment(ports: Ports, segment_id: str) -> SegmentView:
    """One segment, archived or not. Raises NotFound."""
    return view_of(ports, known_segment(ports, segment_id))


def view_of(ports: Ports, segment: Segment) -> SegmentView:
    """A segment with what is told of it."""
    return _view(segment, segments_by_id(ports), ports.programs.active())


def _view(segment: Segment, known: Mapping[str, Segment], program: Program) -> SegmentView:
    if segment.condition is None:
        return SegmentView(segment, {}, needs_profiling=False)
    names = {one.segment_id: one.name for one in known.values()}
    words = {
        language: in_words(segment.condition, language, program, names) for language in LANGUAGES
    }
    return SegmentView(segment, words, _asks_profiling(segment, known))


def _asks_profiling(segment: Segment, known: Mapping[str, Segment]) -> bool:
    """Whether its condition needs profiling, or that of a segment which it names."""
    looked_at, sought = set[str](), [segment]
    while sought:
        condition = sought.pop().condition
        if condition is None:
            continue
        if needs_profiling(condition):
            return True
        names = named_in(condition) - looked_at
        looked_at |= names
        sought.extend(known[name] for name in names if name in known)
    return False
