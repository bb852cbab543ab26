"""The bodies and answers of segments, and how they become the domain's and back."""

from datetime import date
from typing import Annotated, Any

import msgspec

from chalicelib.api.shell import Instant
from chalicelib.domain.condition_reading import LONGEST_ID, as_document
from chalicelib.domain.instants import printed
from chalicelib.domain.segments import LONGEST_NAME, Segment, SegmentKind, SegmentStatus
from chalicelib.usecases.change_list import MOST_MEMBERS, Fate, ListChange
from chalicelib.usecases.preview_audience import AudiencePreview
from chalicelib.usecases.read_segments import SegmentView

MemberIds = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=64)]],
    msgspec.Meta(max_length=MOST_MEMBERS),
]
ConditionBody = dict[str, Any]
"""A tree of {"all": [...]}, {"any": [...]}, {"not": ...}, {"segment": "..."} and leaves."""


class SegmentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kind: dynamic, whoever matches `condition`; or static, a list without one. condition: a tree
    of {"all": [...]}, {"any": [...]}, {"not": ...}, {"segment": "seg_..."} and leaves {"fact",
    "op", "value"}; `GET /v1/facts` lists the facts."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    kind: SegmentKind = SegmentKind.DYNAMIC
    condition: ConditionBody | None = None


class SegmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A segment. in_words: its condition by language. needs_profiling: only members who allow
    profiling can be in it."""

    segment_id: str
    version: int
    name: str
    kind: SegmentKind
    status: SegmentStatus
    condition: ConditionBody | None
    in_words: dict[str, str]
    needs_profiling: bool


class SegmentList(msgspec.Struct, frozen=True):
    """A page of segments. next: the cursor of the following one, null at the end."""

    items: list[SegmentAnswer]
    next: str | None


class MembersBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of members to put on the list and to take off it, up to 1,000 together, each once."""

    add: MemberIds = []
    remove: MemberIds = []


class MembersAnswer(msgspec.Struct, frozen=True):
    """How many were added, removed, or were as asked before. unknown: who is no member. full: who
    is on 30 lists, and was not added."""

    added: int
    removed: int
    unchanged: int
    unknown: list[str]
    full: list[str]


class PreviewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition, or the segment that it is about; neither for all members."""

    condition: ConditionBody | None = None
    segment_id: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)] | None = None


class ReachableBody(msgspec.Struct, frozen=True):
    """How many of them may be written to for marketing, by channel."""

    mail: int
    sms: int
    push: int


class SampledBody(msgspec.Struct, frozen=True):
    """One of them. member: the end of its id. lifetime_class: roughly, by its points so far."""

    member: str
    tier: str | None
    lifetime_class: str


class OverlapBody(msgspec.Struct, frozen=True):
    """How many of them an offer that is live is for, too."""

    offer_id: str
    members: int


class AsOfBody(msgspec.Struct, frozen=True):
    """How fresh the figures are. day: of the snapshot that they come from; at: the newest change
    that is in them. null before there is one."""

    day: date | None
    at: Instant | None


class PreviewAnswer(msgspec.Struct, frozen=True):
    """sample: five of them, none where there are fewer than ten. overlap: live offers, those with
    the most of them first."""

    members: int
    reachable: ReachableBody
    sample: list[SampledBody]
    overlap: list[OverlapBody]
    as_of: AsOfBody


def draft_of(body: SegmentBody, segment_id: str = "", version: int = 0) -> Segment:
    """What a body describes, its condition aside."""
    return Segment(segment_id, version, body.name, body.kind)


def segment_answer(view: SegmentView) -> SegmentAnswer:
    """A segment as staff read it."""
    segment = view.segment
    return SegmentAnswer(
        segment_id=segment.segment_id,
        version=segment.version,
        name=segment.name,
        kind=segment.kind,
        status=segment.status,
        condition=as_document(segment.condition) if segment.condition is not None else None,
        in_words=dict(view.words),
        needs_profiling=view.needs_profiling,
    )


def preview_answer(preview: AudiencePreview) -> PreviewAnswer:
    """What a condition means, in figures."""
    reachable, as_of = preview.reachable, preview.as_of
    return PreviewAnswer(
        members=preview.members,
        reachable=ReachableBody(reachable.mail, reachable.sms, reachable.push),
        sample=[SampledBody(one.member, one.tier, one.lifetime_class) for one in preview.sample],
        overlap=[OverlapBody(one.offer_id, one.members) for one in preview.overlap],
        as_of=AsOfBody(as_of.day, printed(as_of.at) if as_of.at is not None else None),
    )


def members_answer(change: ListChange) -> MembersAnswer:
    """What became of the members that were named."""
    fates = [fate for _, fate in change.fates]

    def of(wanted: Fate) -> list[str]:
        return [member_id for member_id, fate in change.fates if fate is wanted]

    return MembersAnswer(
        added=fates.count(Fate.ADDED),
        removed=fates.count(Fate.REMOVED),
        unchanged=fates.count(Fate.UNCHANGED),
        unknown=of(Fate.UNKNOWN),
        full=of(Fate.FULL),
    )
