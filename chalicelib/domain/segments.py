"""Segments: members under a name that conditions can use. Knows no store and no member.

A dynamic one is a condition, and whoever matches it is in it. A static one is a list that staff
keep: who is on it says its id among the member's fact `lists`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.conditions import (
    MOST_DEPTH,
    MOST_LEAVES,
    MOST_VALUES,
    All,
    Any,
    Condition,
    InSegment,
    Leaf,
    Not,
    Op,
    leaves_of,
    size_of,
)
from chalicelib.domain.field_checks import one_line
from chalicelib.domain.refusals import FieldError, InvalidContent

LONGEST_NAME = 100
MOST_LISTS = 30
"""That a member can be on."""


class SegmentKind(StrEnum):
    """By a condition, or as a list."""

    DYNAMIC = "dynamic"
    STATIC = "static"


class SegmentStatus(StrEnum):
    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Segment:
    """condition: of a dynamic one, as it was written: segments that it names are not inlined."""

    segment_id: str
    version: int
    name: str
    kind: SegmentKind
    condition: Condition | None = None
    status: SegmentStatus = SegmentStatus.ACTIVE


def problems_of(segment: Segment, *, has_condition: bool) -> Iterator[FieldError]:
    """What is wrong with a segment, what its condition says aside. has_condition: whether there is
    one, be it right or wrong."""
    yield from one_line(segment.name, "/name", LONGEST_NAME)
    if segment.kind is SegmentKind.DYNAMIC and not has_condition:
        yield FieldError("/condition", "missing", "A dynamic segment is a condition.")
    if segment.kind is SegmentKind.STATIC and has_condition:
        detail = "A static segment is a list; leave this out, and put members on it."
        yield FieldError("/condition", "not_expected", detail)


def inlined(condition: Condition, segments: Mapping[str, Segment], pointer: str = "") -> Condition:
    """The condition with what they ask in place of the segments it names, by their ids.

    pointer: where it stands in its document. Raises InvalidContent with all that is wrong: a
    segment that there is not or no more, one that leads back to itself, a list that is none, more
    leaves or levels in all than a condition has.
    """
    inlining = _Inlining(segments)
    whole = inlining.inline(condition, pointer, ())
    if not inlining.errors:
        inlining.errors.extend(_too_large(whole, pointer))
    if inlining.errors:
        raise InvalidContent(errors=inlining.errors)
    return whole


def _too_large(whole: Condition, pointer: str) -> Iterator[FieldError]:
    levels, leaves, values = size_of(whole)
    if leaves > MOST_LEAVES or values > MOST_VALUES:
        detail = f"With its segments it has at most {MOST_LEAVES} leaves and {MOST_VALUES} values."
        yield FieldError(pointer, "too_many", detail)
    if levels > MOST_DEPTH:
        detail = f"With its segments it is at most {MOST_DEPTH} levels deep."
        yield FieldError(pointer, "too_deep", detail)


def users_of(segment_id: str, segments: Mapping[str, Segment]) -> list[Segment]:
    """The segments whose conditions name this one, directly or through others."""
    found: dict[str, Segment] = {}
    sought = [segment_id]
    while sought:
        named = sought.pop()
        for segment in segments.values():
            condition = segment.condition
            if segment.segment_id not in found and condition and named in named_in(condition):
                found[segment.segment_id] = segment
                sought.append(segment.segment_id)
    return list(found.values())


def names_segments(condition: Condition) -> bool:
    """Whether segments have to be known to understand it."""
    return any(isinstance(leaf, InSegment) or leaf.fact == "lists" for leaf in leaves_of(condition))


def named_in(condition: Condition) -> frozenset[str]:
    """The ids of the segments that it names itself, as such or as lists."""
    return frozenset(name for leaf in leaves_of(condition) for name in _named_by(leaf))


def _named_by(leaf: Leaf | InSegment) -> tuple[str, ...]:
    if isinstance(leaf, InSegment):
        return (leaf.segment_id,)
    if leaf.fact != "lists" or leaf.op is Op.KNOWN:
        return ()
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return tuple(str(value) for value in values)


class _Inlining:
    """What is wrong with one condition, found on the way."""

    def __init__(self, segments: Mapping[str, Segment]) -> None:
        self.segments = segments
        self.errors: list[FieldError] = []

    def inline(self, condition: Condition, pointer: str, within: tuple[str, ...]) -> Condition:
        """within: the segments whose conditions are looked at, the outermost first. What is wrong
        inside them is said where the outermost is named: that is what can be changed here."""
        match condition:
            case All(parts):
                return All(self._parts(parts, pointer, "all", within))
            case Any(parts):
                return Any(self._parts(parts, pointer, "any", within))
            case Not(part):
                return Not(self.inline(part, _below(pointer, "not", within), within))
            case InSegment(segment_id):
                return self._segment(segment_id, _below(pointer, "segment", within), within)
            case Leaf():
                self._lists(condition, _below(pointer, "value", within))
                return condition

    def _parts(
        self, parts: tuple[Condition, ...], pointer: str, name: str, within: tuple[str, ...]
    ) -> tuple[Condition, ...]:
        return tuple(
            self.inline(part, _below(pointer, f"{name}/{index}", within), within)
            for index, part in enumerate(parts)
        )

    def _segment(self, segment_id: str, pointer: str, within: tuple[str, ...]) -> Condition:
        named = InSegment(segment_id)
        if segment_id in within:
            way = " -> ".join((*within, segment_id))
            self._wrong(pointer, "leads_back", f"A segment cannot be part of itself: {way}.")
            return named
        segment = self.segments.get(segment_id)
        if segment is None or segment.status is SegmentStatus.ARCHIVED:
            self._wrong(pointer, "unknown_segment", f"There is no segment {segment_id}.")
            return named
        if segment.condition is None:
            return Leaf("lists", Op.CONTAINS, segment_id)
        return self.inline(segment.condition, pointer, (*within, segment_id))

    def _lists(self, leaf: Leaf, pointer: str) -> None:
        for name in _named_by(leaf):
            segment = self.segments.get(name)
            if segment is None or segment.kind is not SegmentKind.STATIC:
                self._wrong(pointer, "unknown_segment", f"There is no static segment {name}.")

    def _wrong(self, pointer: str, code: str, detail: str) -> None:
        error = FieldError(pointer, code, detail)
        if error not in self.errors:
            self.errors.append(error)


def _below(pointer: str, step: str, within: tuple[str, ...]) -> str:
    return pointer if within else f"{pointer}/{step}"
