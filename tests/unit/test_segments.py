"""Segments: what they mean where they are named, who may be on a list, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.condition_reading import as_document
from chalicelib.domain.conditions import All, Any, Condition, InSegment, Leaf, Not, Op
from chalicelib.domain.offers import BonusPoints, Offer, OfferStatus, Schedule
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    NotFound,
    VersionStale,
)
from chalicelib.domain.segments import (
    MOST_LISTS,
    Segment,
    SegmentKind,
    SegmentStatus,
    inlined,
)
from chalicelib.usecases.change_list import Fate, change_list
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_audience import read_audience
from chalicelib.usecases.read_segments import list_segments, read_segment
from chalicelib.usecases.save_segment import archive_segment, create_segment, replace_segment
from tests.people_world import NOW, PeopleWorld, fake_people_world

MONA = Caller(CallerKind.STAFF, "staff:mona", GROUP_SCOPES["marketer"], "mona")
AUSTRIAN = Leaf("country", Op.EQ, "AT")
RICH = Leaf("available_points", Op.GTE, 100)
LIKES_TEA = Leaf("interests", Op.CONTAINS, "tea")


def dynamic(segment_id: str, condition: Condition) -> Segment:
    return Segment(segment_id, 1, segment_id.title(), SegmentKind.DYNAMIC, condition)


def listed(segment_id: str) -> Segment:
    return Segment(segment_id, 1, segment_id.title(), SegmentKind.STATIC)


def errors_of(condition: Condition, *segments: Segment) -> list[tuple[str, str]]:
    """Where and why it cannot be inlined."""
    with pytest.raises(InvalidContent) as refused:
        inlined(condition, {one.segment_id: one for one in segments}, "/audience")
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_a_named_segment_stands_for_what_it_asks_and_a_list_for_its_members() -> None:
    condition = All((InSegment("rich austrians"), Not(InSegment("regulars"))))
    segments = (
        dynamic("rich austrians", All((InSegment("austrians"), RICH))),
        dynamic("austrians", AUSTRIAN),
        listed("regulars"),
    )
    on_list = Leaf("lists", Op.CONTAINS, "regulars")
    assert inlined(condition, {one.segment_id: one for one in segments}) == All(
        (All((AUSTRIAN, RICH)), Not(on_list))
    )


def test_what_cannot_be_inlined_is_said_where_the_segment_is_named() -> None:
    gone = replace(dynamic("gone", RICH), status=SegmentStatus.ARCHIVED)
    left, right = dynamic("left", Not(InSegment("right"))), dynamic("right", InSegment("left"))
    condition = Any(
        (
            InSegment("nobody"),
            InSegment("gone"),
            Not(InSegment("left")),
            Leaf("lists", Op.CONTAINS_ANY, ("regulars", "left")),
            Leaf("lists", Op.KNOWN, True),
        )
    )
    assert errors_of(condition, gone, left, right, listed("regulars")) == [
        ("/audience/any/0/segment", "unknown_segment"),
        ("/audience/any/1/segment", "unknown_segment"),
        ("/audience/any/2/not/segment", "leads_back"),
        ("/audience/any/3/value", "unknown_segment"),
    ]


def test_segments_count_as_what_they_mean_towards_the_size_of_a_condition() -> None:
    wide = dynamic("wide", Any((RICH,) * 60))
    long = dynamic("long", Any((Leaf("country", Op.IN, ("AT",) * 100),) * 3))
    deep: Condition = AUSTRIAN
    for _ in range(7):
        deep = Not(deep)
    assert errors_of(Any((InSegment("wide"),) * 2), wide) == [("/audience", "too_many")]
    assert errors_of(Any((InSegment("long"),) * 2), long) == [("/audience", "too_many")]
    assert errors_of(Not(InSegment("deep")), dynamic("deep", deep)) == [("/audience", "too_deep")]


def make(ports: Ports, name: str, condition: object = None, key: str | None = None) -> str:
    """A segment, a list without a condition; its id."""
    kind = SegmentKind.STATIC if condition is None else SegmentKind.DYNAMIC
    draft = Segment("", 0, name, kind)
    return create_segment(ports, MONA, draft, condition, key or name, NOW).answer.segment_id


@pytest.fixture
def world() -> PeopleWorld:
    return fake_people_world()[0]


def test_a_creation_is_answered_again_and_another_content_is_refused(world: PeopleWorld) -> None:
    raw = as_document(AUSTRIAN)
    first = make(world.ports, "Austrians", raw, "key")
    assert make(world.ports, "Austrians", raw, "key") == first
    with pytest.raises(ConflictingReplay) as refused:
        make(world.ports, "Rich", as_document(RICH), "key")
    assert refused.value.differing == ["condition", "name"]


def test_all_that_is_wrong_with_a_segment_is_said_at_once(world: PeopleWorld) -> None:
    draft = Segment("", 0, "a\nb", SegmentKind.STATIC)
    with pytest.raises(InvalidContent) as refused:
        create_segment(world.ports, MONA, draft, {"fact": "x", "op": "eq", "value": 1}, "k", NOW)
    found = [(error.pointer, error.code) for error in refused.value.errors]
    assert found == [
        ("/name", "not_printable"),
        ("/condition", "not_expected"),
        ("/condition/fact", "unknown_fact"),
    ]
    draft = Segment("", 0, "Nobody", SegmentKind.DYNAMIC)
    with pytest.raises(InvalidContent) as refused:
        create_segment(world.ports, MONA, draft, None, "k", NOW)
    assert [error.pointer for error in refused.value.errors] == ["/condition"]


def test_a_change_counts_wherever_the_segment_is_named_unless_it_breaks_that(
    world: PeopleWorld,
) -> None:
    ports = world.ports
    inner = make(ports, "Inner", as_document(AUSTRIAN))
    outer = make(ports, "Outer", {"all": [{"segment": inner}, as_document(RICH)]})
    change = Segment(inner, 1, "Inner", SegmentKind.DYNAMIC)
    for raw, code in (
        ({"segment": inner}, "leads_back"),
        ({"segment": outer}, "leads_back"),
        ({"any": [as_document(RICH)] * 100}, "too_many"),
    ):
        with pytest.raises(InvalidContent) as refused:
            replace_segment(ports, MONA, change, raw, NOW)
        assert code in {error.code for error in refused.value.errors}
    assert not read_segment(ports, outer).needs_profiling
    assert replace_segment(ports, MONA, change, as_document(LIKES_TEA), NOW).version == 2
    assert read_audience(ports, {"segment": outer}) == All((LIKES_TEA, RICH))
    view = read_segment(ports, outer)
    assert (view.words["de"], view.needs_profiling) == (
        "im Segment Inner und verfügbare Punkte: mindestens 100",
        True,
    )
    with pytest.raises(VersionStale):
        replace_segment(ports, MONA, change, as_document(RICH), NOW)
    static = Segment(inner, 2, "Inner", SegmentKind.STATIC)
    with pytest.raises(InvalidContent):
        replace_segment(ports, MONA, static, None, NOW)


def test_a_segment_is_archived_when_nothing_names_it_any_more(world: PeopleWorld) -> None:
    ports = world.ports
    inner = make(ports, "Inner")
    outer = make(ports, "Outer", {"fact": "lists", "op": "contains", "value": inner})
    with pytest.raises(Conflict) as refused:
        archive_segment(ports, MONA, inner, NOW)
    assert refused.value.reason == "segment_in_use"
    archive_segment(ports, MONA, outer, NOW)
    assert archive_segment(ports, MONA, inner, NOW).status is SegmentStatus.ARCHIVED
    assert archive_segment(ports, MONA, inner, NOW).version == 2
    assert [view.segment.segment_id for view in list_segments(ports, None, 9).views] == [
        *sorted((inner, outer), reverse=True)
    ]
    with pytest.raises(Conflict):
        replace_segment(ports, MONA, Segment(inner, 2, "Inner", SegmentKind.STATIC), None, NOW)
    with pytest.raises(InvalidContent):
        read_audience(ports, {"segment": inner})
    with pytest.raises(NotFound):
        archive_segment(ports, MONA, "seg_unknown", NOW)


def test_a_list_can_be_archived_once_the_offers_that_name_it_are_over(world: PeopleWorld) -> None:
    regulars = make(world.ports, "Regulars")
    offer = Offer(
        offer_id="off_1",
        number=1,
        version=1,
        name="For regulars",
        effect=BonusPoints(10),
        texts={},
        status=OfferStatus.LAUNCHED,
        audience=Leaf("lists", Op.CONTAINS, regulars),
        launched_at=NOW,
        schedule=Schedule(ends_at=NOW + timedelta(days=1)),
    )
    assert world.ports.offers.put(offer, NOW) == "written"
    with pytest.raises(Conflict):
        archive_segment(world.ports, MONA, regulars, NOW)
    later = NOW + timedelta(days=1)
    assert archive_segment(world.ports, MONA, regulars, later).status is SegmentStatus.ARCHIVED


def test_members_go_on_a_list_and_off_it_however_often_it_is_asked(world: PeopleWorld) -> None:
    ports = world.ports
    mia, tom = world.member("mia"), world.member("tom")
    regulars = make(ports, "Regulars")
    first = change_list(ports, MONA, regulars, [mia, "mem_nobody", tom], [], NOW)
    again = change_list(ports, MONA, regulars, [mia], [tom], NOW)
    assert first.fates == ((mia, Fate.ADDED), ("mem_nobody", Fate.UNKNOWN), (tom, Fate.ADDED))
    assert again.fates == ((mia, Fate.UNCHANGED), (tom, Fate.REMOVED))
    assert lists_of(ports, mia) == (regulars,)
    assert lists_of(ports, tom) == ()


def test_a_member_is_on_thirty_lists_at_most_and_archived_ones_do_not_count(
    world: PeopleWorld,
) -> None:
    ports = world.ports
    mia = world.member("mia")
    lists = [make(ports, f"List {number}") for number in range(MOST_LISTS + 1)]
    change_traits(ports, mia, lambda traits: replace(traits, lists=tuple(lists[1:])))
    assert change_list(ports, MONA, lists[0], [mia], [], NOW).fates == ((mia, Fate.FULL),)
    archive_segment(ports, MONA, lists[5], NOW)
    assert change_list(ports, MONA, lists[0], [mia], [], NOW).fates == ((mia, Fate.ADDED),)
    assert lists_of(ports, mia) == tuple(sorted({*lists} - {lists[5]}))


def test_a_condition_has_no_list_of_members(world: PeopleWorld) -> None:
    austrians = make(world.ports, "Austrians", as_document(AUSTRIAN))
    with pytest.raises(Conflict) as refused:
        change_list(world.ports, MONA, austrians, [], [], NOW)
    assert refused.value.reason == "segment_not_static"


def lists_of(ports: Ports, member_id: str) -> tuple[str, ...]:
    traits = ports.people.traits(member_id)
    return traits.lists if traits is not None else ()
