"""Reads the condition that somebody wrote for a segment, an offer or a preview."""

from collections.abc import Mapping

from chalicelib.domain.condition_reading import read_condition
from chalicelib.domain.conditions import Condition
from chalicelib.domain.facts import facts_declared
from chalicelib.domain.segments import Segment, inlined, names_segments
from chalicelib.usecases.ports import Ports


def read_audience(ports: Ports, raw: object, pointer: str = "") -> Condition:
    """A condition from parsed JSON with its segments inlined: what it means as of now.

    pointer: where it stands in its document. Raises InvalidContent with all that is wrong, Conflict
    without a program.
    """
    condition = read_condition(raw, facts_declared(ports.programs.active()), pointer)
    return with_segments(ports, condition, pointer)


def with_segments(ports: Ports, condition: Condition, pointer: str = "") -> Condition:
    """A condition that was read with its segments inlined. Raises InvalidContent."""
    # Segments are read only where one is named: most conditions name none.
    known = segments_by_id(ports) if names_segments(condition) else {}
    return inlined(condition, known, pointer)


def segments_by_id(ports: Ports) -> Mapping[str, Segment]:
    """Every segment there is, archived ones too."""
    return {segment.segment_id: segment for segment in ports.segments.all()}
